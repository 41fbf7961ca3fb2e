"""The password itself: USER_PASSWORD_AUTH, the administrator's flows, and USER_AUTH's challenge PASSWORD."""

from __future__ import annotations

from ....sign_in_rules import Factor
from ...auth_sessions import SignIn
from ...exceptions import NoPasswordError, WrongProofError
from ...parameters import required, same_text
from .base import FirstFactorRoom, Passed, Request


class Password(FirstFactorRoom):
    kinds = ("PASSWORD",)
    member = "PASSWORD"
    spent_when_wrong = True

    def read(self, request: Request) -> str:
        return required(request.parameters, self.member)

    def check(self, request: Request, sign_in: SignIn, answer: str) -> Passed:
        """
        :raises WrongProofError: if it is not the user's
        """
        user = request.user_again(sign_in)
        if user is None:
            raise WrongProofError("There is no such user.")
        if user.password is None:
            raise NoPasswordError
        if not same_text(answer, user.password):
            raise WrongProofError("It is not the user's password.")
        return Passed(Factor.FIRST)
