"""The user's own SRP: SRP_A at first, by USER_SRP_AUTH, CUSTOM_AUTH or USER_AUTH's PASSWORD_SRP, then the proof."""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from .... import srp
from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import IncorrectCredentialsError, InvalidSessionError, PasswordNotSetError
from ...parameters import required
from .. import password_claim
from .base import FirstFactorRoom, Passed, Question, Request, Room


class PasswordSrp(FirstFactorRoom):
    kinds = ("PASSWORD_SRP",)
    member = "SRP_A"

    def read(self, request: Request) -> int:
        return password_claim.parse_srp_a(request.parameters)

    def check(self, request: Request, sign_in: AuthSession, answer: int) -> Passed:  # noqa: ARG002
        return Passed(asks="PASSWORD_VERIFIER")


class UserSrp(Room):
    """Answered by its secret block. A Session comes with it in USER_AUTH and CUSTOM_AUTH, and needn't be sent back.

    Where the switch says that no proof is checked, the challenge is one that nobody could prove anything with.
    """

    kinds = ("PASSWORD_VERIFIER",)
    spent_when_wrong = True

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:
        """For an unknown user too, where the app client is not to tell who exists."""
        user_pool = request.user_pool
        # In CUSTOM_AUTH the pool's functions may come to it later.
        public_key = password_claim.parse_srp_a(
            {"SRP_A": sign_in.custom.srp_a} if sign_in.is_custom else request.parameters
        )
        salt = user_pool.srp_salt(user, sign_in.username)
        if user_pool.verifies_user_srp:
            password = user.password if user and user.password is not None else password_claim.new_secret_block()
            x = srp.private_key(salt, user_pool.srp_realm, sign_in.username, password)
            sign_in.keys = password_claim.SrpExchange.generate(public_key, srp.verifier(x))
        B = sign_in.keys.B if sign_in.keys else mock_random.getrandbits(3071)  # noqa: N806 (RFC 5054's)
        parameters = password_claim.challenge(salt, B, sign_in.username, USER_ID_FOR_SRP=sign_in.username)
        return Question(parameters, parameters["SECRET_BLOCK"])

    def read(self, request: Request) -> password_claim.Answer:
        if request.user_pool.verifies_user_srp:
            answer = password_claim.parse_answer(request.parameters)
        else:
            for member in ("PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"):
                required(request.parameters, member)
            answer = password_claim.Answer(required(request.parameters, "PASSWORD_CLAIM_SECRET_BLOCK"), b"", "", True)
        return answer

    def find(self, request: Request, answer: password_claim.Answer) -> tuple[AuthSession, str]:
        """
        :raises IncorrectCredentialsError: if no challenge is open for this secret block
        :raises InvalidSessionError: if a Session comes along that is not one of the sign-in's
        """
        sign_in, handle = password_claim.find(request.user_pool, answer, self.kinds)
        if request.session and not request.user_pool.state.auth_sessions.leads_to(request.session, sign_in):
            raise InvalidSessionError("It is not one of this sign-in; USER_SRP_AUTH gives none: leave it out.")
        return sign_in, handle

    def check(self, request: Request, sign_in: AuthSession, answer: Any) -> Passed:
        user = request.user_of(sign_in)
        if not request.user_pool.verifies_user_srp:
            if user is None:
                raise InvalidSessionError
            return Passed(Factor.FIRST)
        # Computed for whoever it is, so that the time tells nothing.
        proven = sign_in.keys is not None and sign_in.keys.proves(answer, request.user_pool.srp_realm, sign_in.username)
        if sign_in.user_id is None:
            raise IncorrectCredentialsError("There is no such user.")
        if user is None:
            raise IncorrectCredentialsError("The challenge was another user's, or another app client's.")
        if user.password is None:
            raise PasswordNotSetError
        if not proven:
            raise IncorrectCredentialsError(answer.why_not or "The proof is of another password, or of another name.")
        return Passed(Factor.FIRST)
