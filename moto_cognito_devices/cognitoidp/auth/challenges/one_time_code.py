"""Codes that are sent, by text message or e-mail. Here they are sent nowhere.

Any code that is not empty passes, as in moto. Where codes are ``checked`` one is made for each challenge, and only that
one passes; it is kept for the test author, who reads it by moto's own API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from .... import settings
from ....credentials import constant_time_equal
from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import CodeMismatchError, ExpiredCodeError, ExpiredSessionError
from ...parameters import required
from ...pool_state import SentCode
from .base import FirstFactorRoom, Passed, Question, Request


@dataclass(frozen=True)
class Medium:
    """
    :param name: ``CODE_DELIVERY_DELIVERY_MEDIUM``
    :param digits: how many a code has
    :param mask: makes ``CODE_DELIVERY_DESTINATION`` of a user's attributes. Clients refuse a challenge without one, so
        that there is one for users without an address, too
    """

    name: str
    digits: int
    mask: Callable[[Mapping[str, str]], str]


def _masked_number(attributes: Mapping[str, str]) -> str:
    return f"+*******{(attributes.get('phone_number') or '0000')[-4:]}"


def _masked_address(attributes: Mapping[str, str]) -> str:
    local, _, domain = (attributes.get("email") or "").rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def _new_code(digits: int) -> str:
    """Only where codes are checked: randomness that is used without need would change moto's ids."""
    return f"{mock_random.randrange(10**digits):0{digits}}"


SMS = Medium("SMS", 6, _masked_number)
EMAIL = Medium("EMAIL", 8, _masked_address)


class OneTimeCode(FirstFactorRoom):
    """The second factor, or, before there is one, the first.

    :param challenge_name: "SMS_MFA": the answer's member is "SMS_MFA_CODE" then
    """

    def __init__(self, challenge_name: str, medium: Medium):
        self.kinds = (challenge_name,)
        self._member = f"{challenge_name}_CODE"
        self._medium = medium

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:
        medium = self._medium
        # To an unknown user it goes where the name says, so that the answer tells nothing.
        destination = medium.mask(user.attribute_lookup if user else {"email": sign_in.username})
        sign_in.code = _new_code(medium.digits) if settings.codes() == "checked" else None
        if user and sign_in.code:
            request.user_pool.state.sent_codes[user.id] = SentCode(sign_in.code, medium.name, destination)
        parameters = {"CODE_DELIVERY_DELIVERY_MEDIUM": medium.name, "CODE_DELIVERY_DESTINATION": destination}
        return Question(parameters, available=None if Factor.FIRST in sign_in.passed else list(self.kinds))

    def read(self, request: Request) -> str:
        return required(request.parameters, self._member)

    def find(self, request: Request, answer: str) -> tuple[AuthSession, str]:
        """
        :raises ExpiredCodeError: if its time has passed, and codes are checked; else the session's error tells it
        """
        try:
            return super().find(request, answer)
        except ExpiredSessionError:
            if settings.codes() != "checked":
                raise
            raise ExpiredCodeError from None

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:  # noqa: ARG002
        """
        :raises CodeMismatchError: the challenge stays open, for as many answers as may come
        """
        right = settings.codes() != "checked" or constant_time_equal(answer, sign_in.code or "")
        if not right or sign_in.user_id is None:  # nobody has got the code of an unknown user
            raise CodeMismatchError
        return Passed(Factor.MFA if Factor.FIRST in sign_in.passed else Factor.FIRST)
