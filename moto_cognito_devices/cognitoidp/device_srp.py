"""The device's SRP: DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER, which a remembered device answers for its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient
from moto.moto_api._internal import mock_random

from . import caller, proofs
from .challenges import ServerKeys
from .exceptions import (
    DeviceNotFoundError,
    FirstFactorMissingError,
    InvalidSessionError,
    UserDisabledError,
    WrongProofError,
)
from .parameters import Parameters, required
from .sessions import Result, Sessions

if TYPE_CHECKING:
    from .models import CognitoIdpUserPool


class DeviceSrp(Sessions):
    """The steps that prove a device's secret."""

    def _ask_for_device(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        user: CognitoIdpUser,
        device_key: str,
        result: Result,
        answered_session: str | None,
    ) -> Result:
        """DEVICE_SRP_AUTH in place of tokens, or of an MFA code. The tokens wait for the proof, known to nobody."""
        if "AuthenticationResult" not in result:
            self.sessions.pop(result["Session"], None)
            result = self._log_user_in(user_pool, client, user.username)
        self._signed_in(user_pool, user, device_key, result)
        session = str(mock_random.uuid4())
        sessions = {session, *([answered_session] if answered_session else [])}
        challenge = self._challenge("DEVICE_SRP_AUTH", client, user, None)
        challenge.withheld = user_pool.withhold_tokens(result, device_key, sessions)
        user_pool.challenges.add(session, challenge)
        return {
            "ChallengeName": "DEVICE_SRP_AUTH",
            "Session": session,
            "ChallengeParameters": {"USERNAME": user.username, "DEVICE_KEY": device_key},
        }

    def _challenge_device(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        session: str | None,
        responses: Parameters,
    ) -> Result:
        """DEVICE_PASSWORD_VERIFIER, for a device that the user's first factor has made due."""
        device_key = required(responses, "DEVICE_KEY")
        public_key = proofs.parse_srp_a(responses)
        user: CognitoIdpUser | None = user_pool._get_user(responses["USERNAME"])
        waiting = list(user_pool.challenges.awaiting_device(client.id, user.id, session)) if user else []
        if user is None or not waiting:
            raise InvalidSessionError if session else FirstFactorMissingError
        device = user_pool.device_of(user, device_key)
        asked = next(((handle, withheld) for handle, withheld in waiting if withheld.device_key == device_key), None)
        if asked is None:
            raise FirstFactorMissingError
        user_pool.challenges.spend(asked[0], "DEVICE_SRP_AUTH")
        # A device without a verifier gets a challenge that nobody can answer.
        salt, verifier = device._secret or (mock_random.getrandbits(127), mock_random.getrandbits(3071))
        challenge = self._challenge("DEVICE_PASSWORD_VERIFIER", client, user, None)
        challenge.keys = ServerKeys.generate(public_key, verifier)
        challenge.withheld = asked[1]
        new_session, secret_block = str(mock_random.uuid4()), proofs.new_secret_block()
        challenge.withheld.sessions.add(new_session)
        user_pool.challenges.add(secret_block, challenge)
        return {
            "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
            "Session": new_session,
            "ChallengeParameters": {
                "SALT": f"{salt:x}",
                "SRP_B": f"{challenge.keys.B:x}",
                "SECRET_BLOCK": secret_block,
                "USERNAME": user.username,
                "DEVICE_KEY": device_key,
            },
        }

    def _check_device_proof(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        session: str | None,
        responses: Parameters,
    ) -> Result:
        """The tokens that were withheld.

        :raises WrongProofError: whatever was wrong
        :raises DeviceNotFoundError: if the right device was forgotten a moment ago
        """
        device_key = required(responses, "DEVICE_KEY")
        answer = proofs.parse_answer(responses)
        challenge = user_pool.challenges.spend(answer.secret_block, "DEVICE_PASSWORD_VERIFIER")
        if challenge is None or challenge.keys is None or challenge.withheld is None or challenge.expired:
            raise WrongProofError
        withheld = challenge.withheld
        user = user_pool.user_of(challenge)
        device = user_pool.devices_of(user).get(withheld.device_key) if user else None
        group_key = device.device_group_key if device else ""
        proven = answer.in_form and challenge.keys.proves(answer, group_key, withheld.device_key)
        if (
            user is None
            or not challenge.is_for("DEVICE_PASSWORD_VERIFIER", client.id, user.id)
            or user_pool._get_user(responses["USERNAME"]) is not user
            or device_key != withheld.device_key
            or (session and session not in withheld.sessions)
        ):
            raise WrongProofError
        if device is None:
            raise DeviceNotFoundError
        if not proven:
            raise WrongProofError
        if not user.enabled:
            raise UserDisabledError
        device.authenticated(caller.current())
        return user_pool.release_tokens(withheld)
