"""The password itself, as USER_PASSWORD_AUTH and the administrator's flows send it."""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUser

from ...sign_in import Factor
from ..exceptions import WrongProofError
from ..parameters import same_text
from .room import Passed


def check(user: CognitoIdpUser | None, password: str) -> Passed:
    """
    :param user: None if there is no such user and the client is not to know
    :raises WrongProofError: if it is not the user's
    """
    known = user.password if user else None
    if known is None or not same_text(password, known):
        raise WrongProofError("It is not the user's password." if user else "There is no such user.")
    return Passed(Factor.FIRST)
