"""What a challenge handler does: issue the challenge, and parse and verify its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser

from ....sign_in_rules import Factor, MfaMethod
from ...auth_sessions import AuthSession
from ...exceptions import InvalidSessionError, MissingParameterError
from ...request import Call
from ...user_pools import explain_unknown_challenge


def session_user(call: Call, auth_session: AuthSession) -> CognitoIdpUser | None:
    """Return the session's user, without checking USERNAME again: a trigger may have changed an alias meanwhile."""
    user: CognitoIdpUser | None = call.user_pool.users.get(auth_session.username)
    if user is None or user.id != auth_session.user_id or auth_session.client_id != call.client.id:
        return None
    return user


def answering_user(call: Call, auth_session: AuthSession) -> CognitoIdpUser | None:
    """Return the session's user if the request is from the same app client and for the same user.

    The only check that USERNAME still names the user who started this session, and not a new user with the same name.
    """
    user, name = session_user(call, auth_session), call.parameters.get("USERNAME")
    return user if name is None or call.user_pool.find_user(name) is user else None


def is_answer_for(call: Call, auth_session: AuthSession) -> bool:
    """Whether the request is from the session's app client and for its user.

    The user may not exist if PreventUserExistenceErrors is enabled.
    """
    if auth_session.user_id is not None:
        return answering_user(call, auth_session) is not None
    return auth_session.client_id == call.client.id and auth_session.username == call.parameters.get("USERNAME")


@dataclass(frozen=True)
class IssuedChallenge:
    """A challenge as the client gets it.

    :param parameters: ChallengeParameters
    :param secret_block: what answers the challenge in place of a Session
    :param available: AvailableChallenges
    :param data: what the handler needs to verify the answer
    """

    parameters: dict[str, str] = field(default_factory=dict)
    secret_block: str | None = field(default=None, repr=False)
    available: list[str] | None = None
    data: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class ChallengeResult:
    """A verified answer.

    :param factor: the factor that it passes
    :param chosen_mfa: the MFA method that it chooses
    :param attributes: the user attributes that it sets
    :param on_commit: applies its changes, once it is clear that the sign-in continues
    :param next_challenge: the challenge that follows in any case
    :param correct: False for a wrong answer to CUSTOM_CHALLENGE, for which the triggers decide what follows
    """

    factor: Factor | None = None
    chosen_mfa: MfaMethod | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    on_commit: Callable[[], None] | None = None
    next_challenge: str | None = None
    correct: bool = True


class ChallengeHandler(ABC):
    """Handles one challenge.

    A wrong answer uses up a challenge that asks for the proof of a secret, and leaves one open that asks for a code.

    :cvar names: the challenges, or operations, whose Session an answer may carry
    """

    names: tuple[str, ...] = ()
    wrong_answer_uses_up = False

    @abstractmethod
    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:
        """Make the challenge. The user may not exist if PreventUserExistenceErrors is enabled."""

    def parse(self, call: Call) -> Any:  # noqa: ARG002
        """Return what the answer consists of, before anything is looked up: a bad request changes nothing.

        :raises InvalidParameterException: if it cannot be parsed
        """
        return None

    def find_session(self, call: Call, answer: Any) -> tuple[AuthSession, str]:  # noqa: ARG002
        """Find the open sign-in that an answer is for: of this app client, user and challenge.

        :returns: the sign-in, and the Session or SECRET_BLOCK that the answer carries
        :raises NotAuthorizedError: if there is none
        """
        session = call.session
        if not session:
            raise MissingParameterError("Session")
        store = call.user_pool.state.auth_sessions
        auth_session = store.find(session, *self.names)
        if auth_session is None:
            raise InvalidSessionError(explain_unknown_challenge(call.user_pool, session, *self.names))
        if not is_answer_for(call, auth_session):
            raise InvalidSessionError
        store.check_open(auth_session, session)
        return auth_session, session

    @abstractmethod
    def verify(self, call: Call, auth_session: AuthSession, answer: Any) -> ChallengeResult:
        """
        :raises NotAuthorizedError, CodeMismatchException: if the answer is wrong
        """


class FirstFactorHandler(ChallengeHandler):
    """Handles a first factor.

    It is asked of unknown users too, if PreventUserExistenceErrors is enabled.

    :cvar member: the parameter that answers it, in its own challenge or at once in InitiateAuth; "" if it needs a
        challenge
    """

    member = ""

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        return IssuedChallenge()
