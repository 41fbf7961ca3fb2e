"""CUSTOM_CHALLENGE: what the pool's own functions ask for, and say of the answer."""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUser

from ....sign_in_rules import DeviceState
from ...auth_sessions import AuthSession
from ...exceptions import DeviceNotFoundError
from ...parameters import required
from .base import Passed, Question, Request, Room


class CustomChallenge(Room):
    """Asked by CreateAuthChallenge, and checked by VerifyAuthChallengeResponse; DefineAuthChallenge says what follows.

    A wrong answer is an answer, too: whether there is another try is for the functions to say.
    """

    kinds = ("CUSTOM_CHALLENGE",)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        # To begin with they have the name to go on with; later the client has it
        # (https://github.com/aws-amplify/amplify-js/issues/12887, /issues/4888).
        name = {"USERNAME": sign_in.username} if request.initiating else {}
        return Question({**sign_in.custom.public, **name})

    def read(self, request: Request) -> str:
        return required(request.parameters, "ANSWER")

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:
        """
        :raises DeviceNotFoundError: if a key is named that is none of the user's devices': no function is called then,
            as clients repeat the answer without the key (https://github.com/aws-amplify/amplify-js/pull/12188)
        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if the
            function fails
        """
        user, user_pool = request.user_of(sign_in), request.user_pool
        device_key = request.parameters.get("DEVICE_KEY")
        if user is not None and user_pool.device_state(user, device_key) is DeviceState.UNKNOWN:
            raise DeviceNotFoundError(user_pool.explain_unknown_device(user, device_key))
        functions, private = request.functions, sign_in.custom.private
        return Passed(right=functions.verify_auth_challenge_response(user, sign_in.username, private, answer))
