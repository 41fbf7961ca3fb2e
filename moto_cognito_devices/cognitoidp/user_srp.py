"""The user's own SRP: USER_SRP_AUTH and PASSWORD_VERIFIER. moto sends a challenge and checks no proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from .. import srp
from . import proofs
from .challenges import Challenge, ServerKeys
from .exceptions import InvalidSessionError, UserDoesNotExistError, WrongProofError
from .parameters import Parameters, in_name_of
from .sessions import Result, Sessions

if TYPE_CHECKING:
    from .models import CognitoIdpUserPool


class UserSrp(Sessions):
    """The steps that prove a user's password."""

    def _challenge_user(
        self, user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, username: str, parameters: Parameters
    ) -> Result:
        """PASSWORD_VERIFIER, for an unknown user too where the app client is not to tell who exists."""
        public_key = proofs.parse_srp_a(parameters)
        user: CognitoIdpUser | None = user_pool._get_user(username)
        if user is None and client.extended_config.get("PreventUserExistenceErrors") != "ENABLED":
            raise UserDoesNotExistError
        challenge = self._challenge("PASSWORD_VERIFIER", client, user, None)
        if user is not None:
            # moto looks at the user's state, and keeps what it wants to find again when the challenge is answered.
            result = super().initiate_auth(client.id, "USER_SRP_AUTH", in_name_of(user.username, client, parameters))
            challenge.moto_session = result["ChallengeParameters"]["SECRET_BLOCK"]
            if not user_pool.verifies_user_srp:
                user_pool.challenges.add(challenge.moto_session, challenge)
                return with_canonical_name(result)
        name = user.username if user else username
        password = user.password if user and user.password is not None else proofs.new_secret_block()
        salt = user_pool.srp_salt(user, username)
        x = srp.private_key(salt, user_pool.srp_realm, name, password)
        challenge.keys = ServerKeys.generate(public_key, srp.verifier(x))
        secret_block = proofs.new_secret_block()
        user_pool.challenges.add(secret_block, challenge)
        return {
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "SALT": f"{salt:x}",
                "SRP_B": f"{challenge.keys.B:x}",
                "SECRET_BLOCK": secret_block,
                "USERNAME": name,
                "USER_ID_FOR_SRP": name,
            },
        }

    def _check_user_proof(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        session: str | None,
        responses: Parameters,
    ) -> tuple[Challenge, CognitoIdpUser]:
        """The challenge that was answered, spent, and its user.

        :raises WrongProofError: whatever was wrong, and whether or not there is such a user
        """
        answer = proofs.parse_answer(responses)
        if session:  # PASSWORD_VERIFIER has none
            raise InvalidSessionError
        challenge = user_pool.challenges.spend(answer.secret_block, "PASSWORD_VERIFIER")
        if challenge is None or challenge.keys is None or challenge.expired:
            raise WrongProofError
        user = user_pool.user_of(challenge)
        name = user.username if user else ""
        proven = answer.in_form and challenge.keys.proves(answer, user_pool.srp_realm, name)
        if (
            user is None
            or not challenge.is_for("PASSWORD_VERIFIER", client.id, user.id)
            or user_pool._get_user(responses["USERNAME"]) is not user
            or not proven
        ):
            raise WrongProofError
        return challenge, user


def with_canonical_name(result: Result) -> Result:
    """moto sends the sub as ``USER_ID_FOR_SRP``, and then refuses it as USERNAME in a pool of usernames."""
    if result and result.get("ChallengeName") == "PASSWORD_VERIFIER":
        parameters = result["ChallengeParameters"]
        parameters["USER_ID_FOR_SRP"] = parameters["USERNAME"]
    return result
