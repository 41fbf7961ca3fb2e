"""Codes that are sent by text message or e-mail: SMS_MFA, SMS_OTP and EMAIL_OTP. Here nothing is sent.

Any code that is not empty passes, as in moto. If codes are checked (``MOTO_COGNITO_DEVICES_CODES``), one is made for
each challenge and only that one passes; test authors read it by moto's own API.
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
from ...pool_state import SentCode
from ...request import Call
from .base import ChallengeResult, FirstFactorHandler, IssuedChallenge


@dataclass(frozen=True)
class _Medium:
    """
    :param digits: of a code
    :param mask: makes ``CODE_DELIVERY_DESTINATION`` of a user's attributes. Clients reject a challenge without one, so
        there is one for users without an address, too
    """

    digits: int
    mask: Callable[[Mapping[str, str]], str]


def _masked_number(attributes: Mapping[str, str]) -> str:
    return f"+*******{(attributes.get('phone_number') or '0000')[-4:]}"


def _masked_address(attributes: Mapping[str, str]) -> str:
    local, _, domain = (attributes.get("email") or "").rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


_MEDIA = {"SMS": _Medium(6, _masked_number), "EMAIL": _Medium(8, _masked_address)}


class OneTimeCode(FirstFactorHandler):
    """The second factor, or the first one if there is none yet.

    :param challenge_name: "SMS_MFA", for instance: the answer is in SMS_MFA_CODE then
    :param medium: ``CODE_DELIVERY_DELIVERY_MEDIUM``, "SMS" or "EMAIL"
    """

    def __init__(self, challenge_name: str, medium: str):
        self.names = (challenge_name,)
        self._medium = medium

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:
        medium = _MEDIA[self._medium]
        # For an unknown user the destination is made from the username, so that the response does not reveal that the
        # user is unknown.
        destination = medium.mask(user.attribute_lookup if user else {"email": auth_session.username})
        code = None
        if settings.codes() == "checked":  # else drawing random numbers would change moto's ids
            code = f"{mock_random.randrange(10**medium.digits):0{medium.digits}}"
        if user and code:
            call.user_pool.state.sent_codes[user.id] = SentCode(code, self._medium, destination)
        return IssuedChallenge(
            {"CODE_DELIVERY_DELIVERY_MEDIUM": self._medium, "CODE_DELIVERY_DESTINATION": destination},
            available=None if Factor.FIRST in auth_session.passed else list(self.names),
            data=code,
        )

    def parse(self, call: Call) -> str:
        return call.required(f"{self.names[0]}_CODE")

    def find_session(self, call: Call, answer: str) -> tuple[AuthSession, str]:
        """
        :raises ExpiredCodeError: if the challenge has expired, and codes are checked
        """
        try:
            return super().find_session(call, answer)
        except ExpiredSessionError:
            if settings.codes() != "checked":
                raise
            raise ExpiredCodeError from None

    def verify(self, call: Call, auth_session: AuthSession, answer: str) -> ChallengeResult:  # noqa: ARG002
        """
        :raises CodeMismatchError: if the code is wrong; the challenge stays open, for any number of answers
        """
        correct = settings.codes() != "checked" or constant_time_equal(answer, auth_session.challenge_data or "")
        if not correct or auth_session.user_id is None:  # an unknown user was sent nothing
            raise CodeMismatchError
        return ChallengeResult(Factor.MFA if Factor.FIRST in auth_session.passed else Factor.FIRST)
