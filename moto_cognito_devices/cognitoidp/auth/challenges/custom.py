"""CUSTOM_CHALLENGE: issued by CreateAuthChallenge, verified by VerifyAuthChallengeResponse."""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUser

from ....sign_in_rules import DeviceState
from ...auth_sessions import AuthSession
from ...exceptions import DeviceNotFoundError
from ...request import Call
from ...triggers import TriggerInvoker
from ...triggers.events import Challenge
from .base import ChallengeHandler, ChallengeResult, IssuedChallenge, answering_user


class CustomChallenge(ChallengeHandler):
    """A wrong answer is not an error: DefineAuthChallenge decides whether there is another try."""

    names = ("CUSTOM_CHALLENGE",)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        """Return what CreateAuthChallenge gave, which the engine has put into the session."""
        challenge: Challenge = auth_session.challenge_data
        # InitiateAuth returns USERNAME as well; later the client has it
        # (https://github.com/aws-amplify/amplify-js/issues/12887, /issues/4888).
        name = {"USERNAME": auth_session.username} if call.initiating else {}
        return IssuedChallenge({**challenge.public, **name}, data=challenge)

    def parse(self, call: Call) -> str:
        return call.required("ANSWER")

    def verify(self, call: Call, auth_session: AuthSession, answer: str) -> ChallengeResult:
        """
        :raises DeviceNotFoundError: if DEVICE_KEY is not one of the user's devices; no trigger is called then, because
            clients repeat the answer without the key (https://github.com/aws-amplify/amplify-js/pull/12188)
        :raises LambdaError: if the trigger fails
        """
        user, user_pool = answering_user(call, auth_session), call.user_pool
        if user is not None and user_pool.device_state(user, call.device_key) is DeviceState.UNKNOWN:
            raise DeviceNotFoundError(user_pool.explain_unknown_device(user, call.device_key))
        challenge: Challenge = auth_session.challenge_data
        correct = TriggerInvoker(call).verify_auth_challenge_response(
            user, auth_session.username, challenge.private, answer
        )
        return ChallengeResult(correct=correct)
