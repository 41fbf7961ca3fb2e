"""The password itself: USER_PASSWORD_AUTH, the administrator's flows, and USER_AUTH's challenge PASSWORD."""

from __future__ import annotations

from ....credentials import constant_time_equal
from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import IncorrectCredentialsError, PasswordNotSetError
from ...parameters import required
from .base import FirstFactorRoom, Passed, Request


class Password(FirstFactorRoom):
    kinds = ("PASSWORD",)
    member = "PASSWORD"
    spent_when_wrong = True

    def read(self, request: Request) -> str:
        return required(request.parameters, self.member)

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:
        """
        :raises IncorrectCredentialsError: if it is not the user's
        """
        user = request.user_again(sign_in)
        if user is None:
            raise IncorrectCredentialsError("There is no such user.")
        if user.password is None:
            raise PasswordNotSetError
        if not constant_time_equal(answer, user.password):
            raise IncorrectCredentialsError("It is not the user's password.")
        return Passed(Factor.FIRST)
