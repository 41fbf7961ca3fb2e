"""The device's SRP: DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER, which a remembered device answers."""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import DeviceNotFoundError, FirstFactorRequiredError, IncorrectCredentialsError, InvalidSessionError
from ...parameters import required
from .. import password_claim
from .base import Passed, Question, Request, Room


class DeviceSrp(Room):
    """The device gives its public key. Answered with or without a Session, as clients do both."""

    kinds = ("DEVICE_SRP_AUTH",)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        return Question({"USERNAME": sign_in.username, "DEVICE_KEY": sign_in.device_key or ""})

    def read(self, request: Request) -> str:
        device_key = required(request.parameters, "DEVICE_KEY")
        password_claim.parse_srp_a(request.parameters)
        return device_key

    def find(self, request: Request, answer: str) -> tuple[AuthSession, str]:
        """
        :raises DeviceNotFoundError: if it is not one of the user's devices
        :raises NotAuthorizedError: if no sign-in of the user's awaits it
        """
        user_pool, session = request.user_pool, request.session
        user = user_pool.find_user(request.parameters["USERNAME"])
        sign_ins = user_pool.state.auth_sessions
        waiting = list(sign_ins.awaiting_device(request.client.id, user.id, session)) if user else []
        if user is None or not waiting or not user_pool.tracks_devices:
            hint = (
                "No sign-in of this user, by this app client, awaits the device: InitiateAuth first, with DEVICE_KEY."
            )
            if not session:
                raise FirstFactorRequiredError(hint)
            if session in sign_ins:
                super().find(request, answer)  # tells one that was answered, or ran out
            raise InvalidSessionError(hint)
        user_pool.device_of(user, answer)
        for sign_in in waiting:
            if sign_in.device_key == answer and sign_in.handle:
                return sign_in, sign_in.handle
        raise FirstFactorRequiredError(f"The sign-in awaits the proof of {waiting[0].device_key}.")

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:  # noqa: ARG002
        return Passed(asks="DEVICE_PASSWORD_VERIFIER")


class DeviceProof(Room):
    """The device proves its secret. Answered by the secret block; a Session that comes along is one of the sign-in."""

    kinds = ("DEVICE_PASSWORD_VERIFIER",)
    spent_when_wrong = True

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:
        device = request.user_pool.device_of(user, sign_in.device_key) if user else None
        # A device without a verifier gets a challenge that nobody can answer.
        salt, verifier = (device and device._secret) or (mock_random.getrandbits(127), mock_random.getrandbits(3071))
        sign_in.keys = password_claim.SrpExchange.generate(password_claim.parse_srp_a(request.parameters), verifier)
        parameters = password_claim.challenge(
            salt, sign_in.keys.B, sign_in.username, DEVICE_KEY=sign_in.device_key or ""
        )
        return Question(parameters, parameters["SECRET_BLOCK"])

    def read(self, request: Request) -> password_claim.Answer:
        required(request.parameters, "DEVICE_KEY")
        return password_claim.parse_answer(request.parameters)

    def find(self, request: Request, answer: password_claim.Answer) -> tuple[AuthSession, str]:
        if not request.user_pool.tracks_devices:
            raise InvalidSessionError("The user pool has stopped tracking devices: sign in again.")
        return password_claim.find(request.user_pool, answer, self.kinds)

    def check(self, request: Request, sign_in: AuthSession, answer: password_claim.Answer) -> Passed:
        """
        :raises IncorrectCredentialsError: whatever was wrong
        :raises DeviceNotFoundError: if the right device was forgotten a moment ago
        """
        user_pool = request.user_pool
        user = request.user_of(sign_in)
        device = user_pool.devices_of(user).get(sign_in.device_key) if user else None
        group_key = device.device_group_key if device else ""
        proven = sign_in.keys.proves(answer, group_key, sign_in.device_key)
        in_session = not request.session or user_pool.state.auth_sessions.leads_to(request.session, sign_in)
        if user is None or request.parameters["DEVICE_KEY"] != sign_in.device_key or not in_session:
            raise IncorrectCredentialsError("The challenge was another user's, app client's, device's or session's.")
        if device is None:
            raise DeviceNotFoundError("It was forgotten in the midst of the sign-in.")
        if not proven:
            if device._secret is None:
                raise IncorrectCredentialsError(
                    "ConfirmDevice was given no DeviceSecretVerifierConfig for this device: it can't prove itself."
                )
            raise IncorrectCredentialsError(
                answer.why_not
                or "The proof is of another secret than the one that ConfirmDevice was given the verifier of: each "
                "Device.from_metadata makes a secret of its own."
            )
        return Passed(Factor.DEVICE)
