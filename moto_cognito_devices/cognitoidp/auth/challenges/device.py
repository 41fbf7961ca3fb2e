"""DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER, by which a remembered device proves itself."""

from __future__ import annotations

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import (
    DeviceNotFoundError,
    FirstFactorRequiredError,
    IncorrectCredentialsError,
    InvalidSessionError,
)
from ...request import Call
from .. import password_claim
from ..password_claim import PasswordClaim, SrpExchange
from .base import ChallengeHandler, ChallengeResult, IssuedChallenge, answering_user


class DeviceSrpAuth(ChallengeHandler):
    """The device sends SRP_A. Answered with or without a Session: clients do both."""

    names = ("DEVICE_SRP_AUTH",)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        return IssuedChallenge({"USERNAME": auth_session.username, "DEVICE_KEY": auth_session.device_key})

    def parse(self, call: Call) -> None:
        call.required("DEVICE_KEY")
        password_claim.parse_srp_a(call.required("SRP_A"))

    def find_session(self, call: Call, answer: None) -> tuple[AuthSession, str]:
        """
        :raises DeviceNotFoundError: if DEVICE_KEY is not one of the user's devices
        :raises NotAuthorizedError: if no sign-in of the user awaits this device
        """
        user_pool, session, store = call.user_pool, call.session, call.user_pool.state.auth_sessions
        user = user_pool.find_user(call.parameters["USERNAME"])
        awaiting = list(store.awaiting_device(call.client.id, user.id, session)) if user else []
        if user is None or not awaiting or not user_pool.tracks_devices:
            hint = (
                "No sign-in of this user, by this app client, awaits the device: InitiateAuth first, with DEVICE_KEY."
            )
            if not session:
                raise FirstFactorRequiredError(hint)
            if session in store:
                super().find_session(call, answer)  # raises its own error if the Session is used or expired
            raise InvalidSessionError(hint)
        user_pool.find_device(user, call.device_key)
        for auth_session in awaiting:
            if auth_session.device_key == call.device_key and auth_session.challenge_id:
                return auth_session, auth_session.challenge_id
        raise FirstFactorRequiredError(f"The sign-in awaits the proof of {awaiting[0].device_key}.")

    def verify(self, call: Call, auth_session: AuthSession, answer: None) -> ChallengeResult:  # noqa: ARG002
        return ChallengeResult(next_challenge="DEVICE_PASSWORD_VERIFIER")


class DevicePasswordVerifier(ChallengeHandler):
    """The device's SRP proof. Answered by its SECRET_BLOCK; a Session is optional and must belong to the sign-in."""

    names = ("DEVICE_PASSWORD_VERIFIER",)
    wrong_answer_uses_up = True

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:
        device_key = auth_session.device_key
        device = call.user_pool.find_device(user, device_key) if user else None
        # A device without a verifier gets a challenge that has no correct answer.
        salt, verifier = (device and device._secret) or (mock_random.getrandbits(127), mock_random.getrandbits(3071))
        exchange = SrpExchange.start(password_claim.parse_srp_a(call.required("SRP_A")), verifier)
        parameters = password_claim.challenge_parameters(salt, exchange.B, auth_session.username, DEVICE_KEY=device_key)
        return IssuedChallenge(parameters, parameters["SECRET_BLOCK"], data=exchange)

    def parse(self, call: Call) -> PasswordClaim:
        call.required("DEVICE_KEY")
        return password_claim.parse_claim(call)

    def find_session(self, call: Call, answer: PasswordClaim) -> tuple[AuthSession, str]:
        if not call.user_pool.tracks_devices:
            raise InvalidSessionError("The user pool has stopped tracking devices: sign in again.")
        return password_claim.find_session(call.user_pool, answer, self.names)

    def verify(self, call: Call, auth_session: AuthSession, answer: PasswordClaim) -> ChallengeResult:
        """
        :raises IncorrectCredentialsError: if the proof is wrong, whatever the reason
        :raises DeviceNotFoundError: if the proof was for the right device, and it was forgotten meanwhile
        """
        user_pool, user = call.user_pool, answering_user(call, auth_session)
        device = user_pool.devices_of(user).get(auth_session.device_key) if user else None
        exchange: SrpExchange = auth_session.challenge_data
        proven = exchange.verify(answer, device.device_group_key if device else "", auth_session.device_key)
        in_session = not call.session or user_pool.state.auth_sessions.belongs_to(call.session, auth_session)
        if user is None or call.device_key != auth_session.device_key or not in_session:
            raise IncorrectCredentialsError("The challenge was another user's, app client's, device's or session's.")
        if device is None:
            raise DeviceNotFoundError("The device was forgotten during this sign-in.")
        if not proven and device._secret is None:
            raise IncorrectCredentialsError(
                "ConfirmDevice was given no DeviceSecretVerifierConfig for this device: it can't prove itself."
            )
        if not proven:
            raise IncorrectCredentialsError(
                answer.timestamp_hint
                or "The proof is of another secret than the one that ConfirmDevice was given the verifier of: each "
                "Device.from_metadata makes a secret of its own."
            )
        return ChallengeResult(Factor.DEVICE)
