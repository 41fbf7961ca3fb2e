"""ConfirmSignUp's Session: with USER_AUTH it takes the place of the first factor, once."""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUser

from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import InvalidSessionError
from .base import Passed, Question, Request, Room


class SignUp(Room):
    """Asked by ConfirmSignUp, and answered by InitiateAuth or AdminInitiateAuth."""

    kinds = ("ConfirmSignUp",)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:
        if user is not None:
            request.user_pool.state.signed_up[user.id] = sign_in
        return Question({})

    def check(self, request: Request, sign_in: AuthSession, answer: None) -> Passed:  # noqa: ARG002
        if request.user_pool.state.signed_up.get(sign_in.user_id or "") is not sign_in:
            raise InvalidSessionError("It is for the first sign-in after ConfirmSignUp, and the user has signed in.")
        return Passed(Factor.FIRST)
