"""What a factor's room has to do: ask for the factor, and check the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from ....sign_in_rules import Factor, MfaMethod
from ...auth_sessions import AuthSession
from ...exceptions import InvalidSessionError
from ...parameters import Parameters, required
from ...triggers import TriggerInvoker
from ...user_pools import CognitoIdpUserPool, explain_unknown_challenge


@dataclass(frozen=True)
class Request:
    """One step of a sign-in, as it was asked for.

    :param parameters: AuthParameters or ChallengeResponses, those that have a value
    :param session: the Session that came with an answer
    :param client_metadata: its ClientMetadata
    :param initiating: whether it begins the sign-in
    """

    user_pool: CognitoIdpUserPool
    client: CognitoIdpUserPoolClient
    parameters: Parameters
    session: str | None = None
    client_metadata: dict[str, str] | None = None
    initiating: bool = False

    @property
    def functions(self) -> TriggerInvoker:
        """The pool's Lambda functions, as this request calls them."""
        return TriggerInvoker(self.user_pool, self.client, self.client_metadata, self.initiating)

    def user_of(self, sign_in: AuthSession) -> CognitoIdpUser | None:
        """The user of a sign-in, if this request comes from the same app client and for the same user.

        Here, and nowhere else, it is looked at whether USERNAME is the user that the sign-in is of, and not a later
        one of that name.
        """
        user, name = self.user_again(sign_in), self.parameters.get("USERNAME")
        return user if name is None or self.user_pool.find_user(name) is user else None

    def user_again(self, sign_in: AuthSession) -> CognitoIdpUser | None:
        """The same, once that was looked at: a function may have given the user another address since then."""
        user: CognitoIdpUser | None = self.user_pool.users.get(sign_in.username)
        return user if user and user.id == sign_in.user_id and sign_in.client_id == self.client.id else None

    def is_of(self, sign_in: AuthSession) -> bool:
        """Whether this request comes from the sign-in's app client and for its user.

        That may be one who doesn't exist, where the app client is not to tell.
        """
        if sign_in.user_id is not None:
            return self.user_of(sign_in) is not None
        return sign_in.client_id == self.client.id and sign_in.username == self.parameters.get("USERNAME")


@dataclass(frozen=True)
class Question:
    """A challenge.

    :param handle: what it is answered by, a new Session if None
    :param available: the challenges that the user may choose from, ``AvailableChallenges``
    """

    parameters: Parameters
    handle: str | None = field(default=None, repr=False)
    available: list[str] | None = None


@dataclass(frozen=True)
class Passed:
    """An answer that is right.

    :param attributes: those that it gives the user
    :param effect: what it changes, to be done once it is known that the sign-in goes on
    :param asks: the challenge that follows in any case
    :param right: False for an answer of which the pool's own functions say what comes of it
    """

    factor: Factor | None = None
    chosen: MfaMethod | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    effect: Callable[[], None] | None = None
    asks: str | None = None
    right: bool = True


class Room(ABC):
    """
    ``kinds`` are the kinds of handles that an answer may come under, see ``AuthSessionStore``. A wrong answer spends
    the challenge where a secret is proven (``spent_when_wrong``), and leaves it open where a code is asked for.
    """

    kinds: tuple[str, ...] = ()
    spent_when_wrong = False

    @abstractmethod
    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:
        """The challenge."""

    def read(self, request: Request) -> Any:  # noqa: ARG002
        """What the answer consists of. Nothing has been looked at yet: a bad request changes nothing.

        :raises InvalidParameterException: if it can't be read
        """
        return None

    def find(self, request: Request, answer: Any) -> tuple[AuthSession, str]:  # noqa: ARG002
        """The sign-in that an answer is for, and its handle: of this client, user and kind, and open.

        :raises NotAuthorizedError: if there is none
        """
        session = required({"Session": request.session or ""}, "Session")
        sign_ins = request.user_pool.state.auth_sessions
        sign_in = sign_ins.find(session, *self.kinds)
        if sign_in is None:
            raise InvalidSessionError(explain_unknown_challenge(request.user_pool, session, *self.kinds))
        if not request.is_of(sign_in):
            raise InvalidSessionError
        sign_ins.check_open(sign_in, session)
        return sign_in, session

    @abstractmethod
    def check(self, request: Request, sign_in: AuthSession, answer: Any) -> Passed:
        """
        :raises NotAuthorizedError, CodeMismatchException: if the answer is wrong
        """


class FirstFactorRoom(Room):
    """A first factor. ``member`` is what answers it: in the challenge of its own, or at once in InitiateAuth.

    It is asked of unknown users too, where the app client is not to tell who exists.
    """

    member = ""

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        return Question({})
