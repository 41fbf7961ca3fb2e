"""Sign-in. moto checks the factors; what a device makes of the outcome is decided by the table in ``..sign_in``.

A pool without tracking is moto's own affair, but for the name that ``USER_ID_FOR_SRP`` carries, and for the user's
SRP proof where the switch says "always".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.cognitoidp import models as moto_models
from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient
from moto.moto_api._internal import mock_random

from .. import settings, srp
from ..sign_in import Step, due_next, next_step
from . import caller, proofs
from .challenges import Challenge, ServerKeys
from .devices import lock
from .exceptions import (
    DeviceNotFoundError,
    ExpiredSessionError,
    FirstFactorMissingError,
    InvalidRefreshTokenError,
    InvalidSessionError,
    MissingParameterError,
    RevokedRefreshTokenError,
    UserDisabledError,
    UserDoesNotExistError,
    WrongProofError,
)
from .parameters import Parameters, check_secret_hash, in_name_of, present, required, same_text

if TYPE_CHECKING:
    from .models import CognitoIdpUserPool

Result = dict[str, Any]

_REFRESH = ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH")


class Authentication(moto_models.CognitoIdpBackend):
    """The sign-in operations of the backend."""

    def initiate_auth(self, client_id: str, auth_flow: str, auth_parameters: Parameters) -> Result:
        user_pool, client = self._pool_and_client(client_id)

        def moto(parameters: Parameters) -> Result:
            return super(Authentication, self).initiate_auth(client_id, auth_flow, parameters)

        if user_pool is None or client is None or not user_pool.takes_part(auth_flow):
            return _with_canonical_name(moto(auth_parameters))
        with lock:
            return self._initiate(user_pool, client, auth_flow, auth_parameters, moto)

    def admin_initiate_auth(
        self, user_pool_id: str, client_id: str, auth_flow: str, auth_parameters: Parameters
    ) -> Result:
        user_pool: CognitoIdpUserPool | None = self.user_pools.get(user_pool_id)  # type: ignore[assignment]
        client = user_pool.clients.get(client_id) if user_pool else None

        def moto(parameters: Parameters) -> Result:
            return super(Authentication, self).admin_initiate_auth(user_pool_id, client_id, auth_flow, parameters)

        if user_pool is None or client is None or not user_pool.takes_part(auth_flow):
            return moto(auth_parameters)
        with lock:
            return self._initiate(user_pool, client, auth_flow, auth_parameters, moto)

    def _initiate(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        auth_flow: str,
        auth_parameters: Parameters,
        moto: Callable[[Parameters], Result],
    ) -> Result:
        self._drop_expired(user_pool)
        parameters = present(auth_parameters)
        if auth_flow in _REFRESH:
            self._check_refresh(user_pool, client, required(parameters, "REFRESH_TOKEN"), parameters)
            return moto(parameters)
        username = required(parameters, "USERNAME")
        check_secret_hash(client, parameters)
        if auth_flow == "USER_SRP_AUTH":
            return self._challenge_user(user_pool, client, username, parameters)
        user = self.admin_get_user(user_pool.id, username)
        if not user.enabled:
            raise UserDisabledError
        if "PASSWORD" in auth_flow or auth_flow == "ADMIN_NO_SRP_AUTH":
            password = required(parameters, "PASSWORD")
            if user.password is None or not same_text(password, user.password):
                raise WrongProofError
        result = moto(in_name_of(user.username, client, parameters))
        if result is None:  # CUSTOM_AUTH, which moto doesn't do
            return result
        if "AuthenticationResult" in result:
            self._drop_unused_session(user_pool)
        return self._after_factor(user_pool, client, user, parameters, result)

    # The user's own SRP
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
                return _with_canonical_name(result)
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
        challenge = user_pool.challenges.spend(answer.secret_block)
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

    # The device's SRP
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
        user_pool.challenges.spend(asked[0])
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
        challenge = user_pool.challenges.spend(answer.secret_block)
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

    # Answers
    def respond_to_auth_challenge(
        self, session: str, client_id: str, challenge_name: str, challenge_responses: Parameters
    ) -> Result:
        user_pool, client = self._pool_and_client(client_id)
        if user_pool is None or client is None or not user_pool.takes_part(challenge_name):
            return super().respond_to_auth_challenge(session, client_id, challenge_name, challenge_responses)
        with lock:
            self._drop_expired(user_pool)
            responses = present(challenge_responses)
            if challenge_name != "MFA_SETUP" or client.generate_secret:
                required(responses, "USERNAME")
            check_secret_hash(client, responses)
            if challenge_name == "DEVICE_SRP_AUTH":
                return self._challenge_device(user_pool, client, session, responses)
            if challenge_name == "DEVICE_PASSWORD_VERIFIER":
                return self._check_device_proof(user_pool, client, session, responses)
            handle = session
            if challenge_name == "PASSWORD_VERIFIER":
                handle = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
            if challenge_name == "PASSWORD_VERIFIER" and user_pool.verifies_user_srp:
                challenge, user = self._check_user_proof(user_pool, client, session, responses)
            else:
                challenge, user = self._open_challenge(user_pool, client, handle, challenge_name, responses)
            return self._pass_on(user_pool, client, handle, challenge, user, responses)

    def _pass_on(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        handle: str,
        challenge: Challenge,
        user: CognitoIdpUser,
        responses: Parameters,
    ) -> Result:
        """Hand an answer to moto, which checks what has not been checked yet, and knows what is due next."""
        answer = in_name_of(user.username, client, responses)
        session = challenge.moto_session or handle
        if challenge.name == "PASSWORD_VERIFIER":
            answer["PASSWORD_CLAIM_SECRET_BLOCK"] = session
        with self._undone_on_error(user_pool, handle, challenge, user):
            user_pool.challenges.spend(handle)
            result = super().respond_to_auth_challenge(session, client.id, challenge.name, answer)
            if "AuthenticationResult" in result:
                self.sessions.pop(session, None)  # moto leaves that of MFA_SETUP
            return self._after_factor(user_pool, client, user, responses, result, challenge)

    def _open_challenge(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        session: str,
        challenge_name: str,
        responses: Parameters,
    ) -> tuple[Challenge, CognitoIdpUser]:
        """The challenge that an answer is for: of this client and user, and of this kind.

        moto binds a session to nothing, so that one that awaits an MFA code could be answered with another user's
        name, or as if it awaited a new password.
        """
        if not session:
            raise MissingParameterError("Session")
        challenge = user_pool.challenges.get(session)
        user = user_pool.user_of(challenge) if challenge else None
        if challenge is None or user is None or not challenge.is_for(challenge_name, client.id, user.id):
            raise InvalidSessionError
        if challenge.expired:
            raise ExpiredSessionError
        if "USERNAME" in responses and user_pool._get_user(responses["USERNAME"]) is not user:
            raise InvalidSessionError
        set_up = user.token_verified or user.sms_mfa_enabled
        if challenge_name == "MFA_SETUP" and user_pool.token_mfa_config == {"Enabled": True} and not set_up:
            raise InvalidParameterException("User has not verified software token mfa")
        return challenge, user

    def _after_factor(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        user: CognitoIdpUser,
        parameters: Parameters,
        result: Result,
        answered: Challenge | None = None,
    ) -> Result:
        """What follows a factor that moto accepted with this result.

        :param answered: the challenge whose answer it was
        :raises DeviceNotFoundError: for the caller to undo what moto did
        """
        configuration = user_pool.device_configuration
        if configuration is None:
            return result
        device_key = parameters.get("DEVICE_KEY", "")
        due = due_next(result.get("ChallengeName"), configuration["ChallengeRequiredOnNewDevice"])
        step = next_step(user_pool.device_state(user, device_key), due)
        if step is Step.REFUSE:
            user_pool.discard_tokens(result)
            self.sessions.pop(result.get("Session", ""), None)
            raise DeviceNotFoundError
        if step is Step.PASS_ON:
            session = result["Session"]
            user_pool.challenges.add(session, self._challenge(result["ChallengeName"], client, user, session))
            result["ChallengeParameters"] = {**result.get("ChallengeParameters", {}), "USERNAME": user.username}
            return result
        if step is Step.PROVE:
            answered_session = answered.moto_session if answered else None
            return self._ask_for_device(user_pool, client, user, device_key, result, answered_session)
        if step is Step.NEW_DEVICE:
            # The trap of https://github.com/aws-amplify/amplify-js/issues/4047, which clients are to meet here too.
            by_alias = answered is not None and parameters.get("USERNAME", user.username) != user.username
            metadata = user_pool.new_device(user, confirmable=not (by_alias and settings.alias_breaks_confirm()))
            result["AuthenticationResult"]["NewDeviceMetadata"] = metadata
            device_key = metadata["DeviceKey"]
        return self._signed_in(user_pool, user, device_key, result)

    def _signed_in(
        self, user_pool: CognitoIdpUserPool, user: CognitoIdpUser, device_key: str, result: Result
    ) -> Result:
        result.setdefault("ChallengeParameters", {})
        user_pool.bind_tokens(result, user, device_key)
        return result

    # Refresh
    def _check_refresh(
        self, user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, token: str, parameters: Parameters
    ) -> None:
        """
        :raises InvalidRefreshTokenError: if the token is unknown, another client's or a deleted user's, or if the
            device that it is bound to is not the one given, confirmed and not forgotten
        :raises RevokedRefreshTokenError: if it was revoked
        """
        if token not in user_pool.refresh_tokens:
            raise InvalidRefreshTokenError
        entry = user_pool.refresh_tokens[token]
        if entry is None:
            raise RevokedRefreshTokenError
        client_id, username, _ = entry
        user: CognitoIdpUser | None = user_pool._get_user(username)
        if client_id != client.id or user is None:
            raise InvalidRefreshTokenError
        check_secret_hash(client, parameters, user.username, username)
        if client.generate_secret:
            parameters.update(in_name_of(username, client, parameters))
        if not user.enabled:
            raise UserDisabledError
        device_key, user_id = user_pool.bound_device(token) or (None, user.id)
        if user_id != user.id:
            raise InvalidRefreshTokenError
        # A sign-in from before tracking was switched on has no device.
        if device_key is None or not settings.require_device_to_refresh():
            return
        given = parameters.get("DEVICE_KEY")
        if given != device_key or user_pool.devices_of(user).get(given) is None:
            raise InvalidRefreshTokenError

    # Sessions
    def verify_software_token(self, access_token: str, session: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        result = super().verify_software_token(access_token, session, *args, **kwargs)
        # moto hands on the sign-in to a new session.
        _, user_pool = self.sessions.get(session, (None, None))
        challenge = user_pool.challenges.spend(session) if user_pool else None  # type: ignore[attr-defined]
        if user_pool and challenge and result.get("Session"):
            self.sessions.pop(session)
            challenge.moto_session = result["Session"]
            user_pool.challenges.add(result["Session"], challenge)  # type: ignore[attr-defined]
        return result

    def _pool_and_client(
        self, client_id: str
    ) -> tuple[CognitoIdpUserPool, CognitoIdpUserPoolClient] | tuple[None, None]:
        for user_pool in list(self.user_pools.values()):
            client = user_pool.clients.get(client_id)
            if client is not None:
                return user_pool, client  # type: ignore[return-value]
        return None, None

    def _challenge(
        self, name: str, client: CognitoIdpUserPoolClient, user: CognitoIdpUser | None, moto_session: str | None
    ) -> Challenge:
        minutes = client.extended_config.get("AuthSessionValidity") or 3
        username, user_id = (user.username, user.id) if user else ("", None)
        return Challenge(name, client.id, username, user_id, time.time() + 60 * minutes, moto_session)

    def _drop_expired(self, user_pool: CognitoIdpUserPool) -> None:
        for session in user_pool.challenges.drop_expired():
            self.sessions.pop(session, None)

    def _drop_unused_session(self, user_pool: CognitoIdpUserPool) -> None:
        """moto leaves a session behind when USER_PASSWORD_AUTH gives tokens; nobody can answer it, so it goes."""
        try:
            session, entry = next(reversed(self.sessions.items()))
        except (StopIteration, RuntimeError):  # there is none, or a pool without tracking adds one just now
            return
        if any(part is user_pool for part in entry) and user_pool.challenges.get(session) is None:
            self.sessions.pop(session, None)

    @contextmanager
    def _undone_on_error(
        self, user_pool: CognitoIdpUserPool, handle: str, challenge: Challenge, user: CognitoIdpUser
    ) -> Iterator[None]:
        """A refused answer changes nothing: the challenge can be answered again."""
        session = challenge.moto_session
        moto_session = self.sessions.get(session) if session else None
        password, status = user.password, user.status
        try:
            yield
        except BaseException:
            user.password, user.status = password, status
            if session and moto_session:
                self.sessions[session] = moto_session
            user_pool.challenges.add(handle, challenge)
            raise


def _with_canonical_name(result: Result) -> Result:
    """moto sends the sub as ``USER_ID_FOR_SRP``, and then refuses it as USERNAME in a pool of usernames."""
    if result and result.get("ChallengeName") == "PASSWORD_VERIFIER":
        parameters = result["ChallengeParameters"]
        parameters["USER_ID_FOR_SRP"] = parameters["USERNAME"]
    return result
