"""The first factors: the password, plain or by SRP, USER_AUTH's choice among them, and ConfirmSignUp's Session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from .... import srp
from ....credentials import constant_time_equal
from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import IncorrectCredentialsError, InvalidSessionError, PasswordNotSetError
from ...request import Call
from .. import mfa, password_claim
from ..password_claim import PasswordClaim, SrpExchange
from .base import (
    ChallengeHandler,
    ChallengeResult,
    FirstFactorHandler,
    IssuedChallenge,
    answering_user,
    session_user,
)


class Password(FirstFactorHandler):
    """The password itself: USER_PASSWORD_AUTH, the administrators' flows, and PASSWORD of USER_AUTH."""

    names = ("PASSWORD",)
    member = "PASSWORD"
    wrong_answer_uses_up = True

    def parse(self, call: Call) -> str:
        return call.required(self.member)

    def verify(self, call: Call, auth_session: AuthSession, answer: str) -> ChallengeResult:
        """
        :raises IncorrectCredentialsError: if it is not the user's password
        """
        user = session_user(call, auth_session)
        if user is None:
            raise IncorrectCredentialsError("There is no such user.")
        if user.password is None:
            raise PasswordNotSetError
        if not constant_time_equal(answer, user.password):
            raise IncorrectCredentialsError("It is not the user's password.")
        return ChallengeResult(Factor.FIRST)


class PasswordSrp(FirstFactorHandler):
    """SRP_A, by USER_SRP_AUTH or PASSWORD_SRP of USER_AUTH. PASSWORD_VERIFIER follows."""

    names = ("PASSWORD_SRP",)
    member = "SRP_A"

    def parse(self, call: Call) -> int:
        return password_claim.parse_srp_a(call.required("SRP_A"))

    def verify(self, call: Call, auth_session: AuthSession, answer: int) -> ChallengeResult:  # noqa: ARG002
        return ChallengeResult(next_challenge="PASSWORD_VERIFIER")


class PasswordVerifier(ChallengeHandler):
    """PASSWORD_VERIFIER: the user's SRP proof. It is answered by its SECRET_BLOCK; a Session is optional.

    If proof checking is off, SRP_B is random and the challenge has no correct answer: any is accepted.
    """

    names = ("PASSWORD_VERIFIER",)
    wrong_answer_uses_up = True

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:
        user_pool = call.user_pool
        # In CUSTOM_AUTH the triggers may require this challenge in a later request.
        srp_a = auth_session.custom.srp_a if auth_session.custom else call.required("SRP_A")
        public_key = password_claim.parse_srp_a(srp_a)
        salt = user_pool.srp_salt(user, auth_session.username)
        exchange = None
        if user_pool.verifies_user_srp:
            # An unknown user gets a challenge too, which no password answers.
            password = user.password if user and user.password is not None else password_claim.new_secret_block()
            x = srp.private_key(salt, user_pool.srp_realm, auth_session.username, password)
            exchange = SrpExchange.start(public_key, srp.verifier(x))
        B = exchange.B if exchange else mock_random.getrandbits(3071)  # noqa: N806 (RFC 5054's)
        name = auth_session.username
        parameters = password_claim.challenge_parameters(salt, B, name, USER_ID_FOR_SRP=name)
        return IssuedChallenge(parameters, parameters["SECRET_BLOCK"], data=exchange)

    def parse(self, call: Call) -> PasswordClaim:
        if call.user_pool.verifies_user_srp:
            return password_claim.parse_claim(call)
        for member in ("PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"):
            call.required(member)
        return PasswordClaim(call.required("PASSWORD_CLAIM_SECRET_BLOCK"), b"", "", True)

    def find_session(self, call: Call, answer: PasswordClaim) -> tuple[AuthSession, str]:
        """
        :raises IncorrectCredentialsError: if no challenge is open for this SECRET_BLOCK
        :raises InvalidSessionError: if a Session is given that does not belong to this sign-in
        """
        auth_session, secret_block = password_claim.find_session(call.user_pool, answer, self.names)
        if call.session and not call.user_pool.state.auth_sessions.belongs_to(call.session, auth_session):
            raise InvalidSessionError("It is not one of this sign-in; USER_SRP_AUTH gives none: leave it out.")
        return auth_session, secret_block

    def verify(self, call: Call, auth_session: AuthSession, answer: PasswordClaim) -> ChallengeResult:
        """
        :raises IncorrectCredentialsError: if the proof is wrong, whatever the reason
        """
        user_pool, user = call.user_pool, answering_user(call, auth_session)
        if not user_pool.verifies_user_srp:
            if user is None:
                raise InvalidSessionError
            return ChallengeResult(Factor.FIRST)
        # Computed for unknown users too, so that the response time does not reveal them.
        exchange: SrpExchange | None = auth_session.challenge_data
        proven = exchange is not None and exchange.verify(answer, user_pool.srp_realm, auth_session.username)
        if auth_session.user_id is None:
            raise IncorrectCredentialsError("There is no such user.")
        if user is None:
            raise IncorrectCredentialsError("The challenge was another user's, or another app client's.")
        if user.password is None:
            raise PasswordNotSetError
        if not proven:
            raise IncorrectCredentialsError(
                answer.timestamp_hint or "The proof is of another password, or of another name."
            )
        return ChallengeResult(Factor.FIRST)


class SelectChallenge(FirstFactorHandler):
    """SELECT_CHALLENGE of USER_AUTH: the user chooses the first factor, and may answer it at once.

    :param handlers: of the first factors, by the names that ANSWER may have
    """

    names = ("SELECT_CHALLENGE",)
    member = "ANSWER"
    wrong_answer_uses_up = True

    def __init__(self, handlers: Mapping[str, FirstFactorHandler]):
        self._handlers = handlers

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        return IssuedChallenge(available=_choices(call, user))

    def parse(self, call: Call) -> tuple[FirstFactorHandler, Any]:
        """
        :raises InvalidParameterException: if the choice is not available, or its answer is missing
        """
        user = call.user_pool.find_user(call.parameters.get("USERNAME", ""))
        choice, choices = call.required(self.member), _choices(call, user)
        if choice not in choices:
            raise InvalidParameterException(f"ANSWER is none of the AvailableChallenges: {', '.join(choices)}.")
        handler = self._handlers[choice]
        return handler, handler.parse(call) if handler.member else None

    def verify(self, call: Call, auth_session: AuthSession, answer: tuple[FirstFactorHandler, Any]) -> ChallengeResult:
        handler, chosen = answer
        if not handler.member:  # a code is sent first
            return ChallengeResult(next_challenge=handler.names[0])
        return handler.verify(call, auth_session, chosen)


class SignUpSession(ChallengeHandler):
    """ConfirmSignUp's Session, which replaces the first factor of the next sign-in by USER_AUTH."""

    names = ("ConfirmSignUp",)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:
        if user is not None:
            call.user_pool.state.sign_up_sessions[user.id] = auth_session
        return IssuedChallenge()

    def verify(self, call: Call, auth_session: AuthSession, answer: None) -> ChallengeResult:  # noqa: ARG002
        """
        :raises InvalidSessionError: if the user has signed in since ConfirmSignUp
        """
        if call.user_pool.state.sign_up_sessions.get(auth_session.user_id or "") is not auth_session:
            raise InvalidSessionError("It is for the first sign-in after ConfirmSignUp, and the user has signed in.")
        return ChallengeResult(Factor.FIRST)


def _choices(call: Call, user: CognitoIdpUser | None) -> list[str]:
    return [factor.value for factor in mfa.first_factors(call.user_pool, user)]
