"""SOFTWARE_TOKEN_MFA, and SELECT_MFA_TYPE, which asks for the method of MFA first."""

from __future__ import annotations

import json

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpUser

from ....sign_in_rules import Factor, MfaMethod
from ...auth_sessions import AuthSession
from ...exceptions import InvalidSessionError, TotpCodeMismatchError
from ...parameters import required
from .. import mfa, totp
from .base import Passed, Question, Request, Room


class TotpCode(Room):
    """The code of an authenticator app."""

    kinds = (MfaMethod.TOTP.value,)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        token = request.user_pool.state.totp_tokens.get(user.id) if user else None
        return Question({"FRIENDLY_DEVICE_NAME": token.name} if token and token.name else {})

    def read(self, request: Request) -> str:
        return required(request.parameters, "SOFTWARE_TOKEN_MFA_CODE")

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:
        user = request.user_of(sign_in)
        if user is None:
            raise InvalidSessionError
        token = totp.token_of(request.user_pool.state, user)
        step = totp.step_of(token.secret, answer)
        if step is None:
            raise TotpCodeMismatchError
        return Passed(Factor.MFA, effect=lambda: totp.use(token, step))


class SelectMfaType(Room):
    """The user chooses a method, and is then asked by it."""

    kinds = ("SELECT_MFA_TYPE",)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        return Question({"MFAS_CAN_CHOOSE": json.dumps(_choices(request, user))})

    def read(self, request: Request) -> str:
        return required(request.parameters, "ANSWER")

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:
        choices = _choices(request, request.user_of(sign_in))
        if answer not in choices:
            raise InvalidParameterException(f"ANSWER is none of the methods to choose from: {', '.join(choices)}.")
        return Passed(chosen=MfaMethod(answer))


def _choices(request: Request, user: CognitoIdpUser | None) -> list[str]:
    counting = mfa.methods(request.user_pool, user) if user else frozenset()
    return [method.value for method in MfaMethod if method in counting]
