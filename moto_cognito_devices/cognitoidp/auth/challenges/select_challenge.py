"""SELECT_CHALLENGE of USER_AUTH: the user chooses the first factor, and answers it at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpUser

from ...auth_sessions import AuthSession
from ...parameters import required
from .. import mfa
from .base import FirstFactorRoom, Passed, Question, Request


class SelectChallenge(FirstFactorRoom):
    """
    :param rooms: of the first factors, by the names that ANSWER may have
    """

    kinds = ("SELECT_CHALLENGE",)
    member = "ANSWER"
    spent_when_wrong = True

    def __init__(self, rooms: Mapping[str, FirstFactorRoom]):
        self._rooms = rooms

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        return Question({}, available=_choices(request, user))

    def read(self, request: Request) -> tuple[FirstFactorRoom, Any]:
        """
        :raises InvalidParameterException: if the choice is not to be had, or comes without what answers it
        """
        user = request.user_pool.find_user(request.parameters.get("USERNAME", ""))
        choice, choices = required(request.parameters, self.member), _choices(request, user)
        if choice not in choices:
            raise InvalidParameterException(f"ANSWER is none of the AvailableChallenges: {', '.join(choices)}.")
        room = self._rooms[choice]
        return room, room.read(request) if room.member else None

    def check(self, request: Request, sign_in: AuthSession, answer: tuple[FirstFactorRoom, Any]) -> Passed:
        room, chosen = answer
        if not room.member:  # it is asked first: a code is sent
            return Passed(asks=room.kinds[0])
        return room.check(request, sign_in, chosen)


def _choices(request: Request, user: CognitoIdpUser | None) -> list[str]:
    return [factor.value for factor in mfa.first_factors(request.user_pool, user)]
