"""moto's Cognito backends, with devices: they find the user pool, and hand on.

The classes have the names of those that they extend: moto's dashboard then files their instances where they were.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp import models as moto_models
from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpUserPoolClient, UserStatus, cognitoidp_backends
from moto.core.utils import utcnow

from ..sign_in_rules import FIRST_FACTORS
from . import access_tokens, log, refresh
from .auth import flows, mfa
from .auth.challenges import mfa_setup
from .auth.engine import Result
from .devices import REMEMBERED, CognitoIdpDevice, parse_device_secret
from .exceptions import ClientNotFoundError, DeviceNotFoundError
from .parameters import Parameters
from .pool_state import lock
from .user_pools import CognitoIdpUserPool, user_pools


class CognitoIdpBackend(moto_models.CognitoIdpBackend):
    """The operations that a region's backend has."""

    def create_user_pool(self, name: str, extended_config: dict[str, Any]) -> CognitoIdpUserPool:
        user_pool = super().create_user_pool(name, extended_config)
        user_pool.__class__ = CognitoIdpUserPool
        made: CognitoIdpUserPool = user_pool  # type: ignore[assignment]
        made.complete_policies()
        return made

    def describe_user_pool(self, user_pool_id: str) -> CognitoIdpUserPool:
        return super().describe_user_pool(user_pool_id)  # type: ignore[return-value]

    def update_user_pool(self, user_pool_id: str, extended_config: dict[str, Any]) -> None:
        self.describe_user_pool(user_pool_id).update(extended_config)

    def set_user_pool_mfa_config(
        self,
        user_pool_id: str,
        sms_config: dict[str, Any] | None,
        token_config: dict[str, bool] | None,
        mfa_config: str,
        email_config: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """It replaces the whole: what is not given is off."""
        self.describe_user_pool(user_pool_id).state.email_mfa_config = email_config
        return super().set_user_pool_mfa_config(user_pool_id, sms_config, token_config, mfa_config)  # type: ignore[arg-type]

    def get_user_pool_mfa_config(self, user_pool_id: str) -> dict[str, Any]:
        config: dict[str, Any] = super().get_user_pool_mfa_config(user_pool_id)
        user_pool = self.describe_user_pool(user_pool_id)
        if user_pool.manages_sign_in and user_pool.state.email_mfa_config is not None:
            config["EmailMfaConfiguration"] = user_pool.state.email_mfa_config
        return config

    # Users
    def admin_set_user_mfa_preference(
        self,
        user_pool_id: str,
        username: str,
        software_token_mfa_settings: mfa.Settings | None,
        sms_mfa_settings: mfa.Settings | None,
        email_mfa_settings: mfa.Settings | None = None,
    ) -> None:
        others = software_token_mfa_settings, sms_mfa_settings
        super().admin_set_user_mfa_preference(user_pool_id, username, *others)  # type: ignore[arg-type]
        user = self.admin_get_user(user_pool_id, username)
        mfa.set_email(self.describe_user_pool(user_pool_id), user, email_mfa_settings, others)

    def admin_delete_user(self, user_pool_id: str, username: str) -> None:
        user = self.admin_get_user(user_pool_id, username)
        super().admin_delete_user(user_pool_id, username)
        with lock:
            self.describe_user_pool(user_pool_id).forget_user(user)

    def admin_set_user_password(self, user_pool_id: str, username: str, password: str, permanent: bool) -> None:
        super().admin_set_user_password(user_pool_id, username, password, permanent)
        user = self.admin_get_user(user_pool_id, username)
        self.describe_user_pool(user_pool_id).state.temporary_passwords[user.id] = utcnow()

    def confirm_forgot_password(self, client_id: str, username: str, *args: Any, **kwargs: Any) -> None:
        super().confirm_forgot_password(client_id, username, *args, **kwargs)
        user_pool = self._find_pool(client_id)
        user = user_pool.find_user(username) if user_pool is not None and user_pool.manages_sign_in else None
        # moto leaves the state that the user was to get out of.
        if user is not None and user.status == UserStatus.RESET_REQUIRED:
            user.status = UserStatus.CONFIRMED

    def confirm_sign_up(self, client_id: str, username: str) -> str:
        """
        :returns: the Session; "" where sign-in is moto's, or the user had been confirmed
        """
        user_pool = self._find_pool(client_id)
        user = user_pool.find_user(username) if user_pool is not None and user_pool.manages_sign_in else None
        was_unconfirmed = user is not None and user.status == UserStatus.UNCONFIRMED
        super().confirm_sign_up(client_id, username)
        if user_pool is None or user is None or not was_unconfirmed:
            return ""
        return flows.after_sign_up(user_pool, user_pool.clients[client_id], user)

    # Sign-in
    def initiate_auth(
        self,
        client_id: str,
        auth_flow: str,
        auth_parameters: Parameters,
        session: str | None = None,
        client_metadata: dict[str, str] | None = None,
    ) -> Result:
        user_pool = self._find_pool(client_id)
        if user_pool is None or not user_pool.manages_sign_in:
            if auth_flow == "CUSTOM_AUTH":
                log.warn("InitiateAuth", "moto answers null to CUSTOM_AUTH in a pool without a DeviceConfiguration.")
            elif user_pool is not None and isinstance(auth_parameters, dict) and auth_parameters.get("DEVICE_KEY"):
                log.warn(
                    "InitiateAuth",
                    f"The request's DEVICE_KEY counts for nothing. {user_pool.explain_device_tracking_disabled}",
                )
            return _with_canonical_name(super().initiate_auth(client_id, auth_flow, auth_parameters))
        client = user_pool.clients[client_id]
        return flows.initiate(user_pool, client, auth_flow, auth_parameters, False, session, client_metadata)

    def admin_initiate_auth(
        self,
        user_pool_id: str,
        client_id: str,
        auth_flow: str,
        auth_parameters: Parameters,
        session: str | None = None,
        client_metadata: dict[str, str] | None = None,
    ) -> Result:
        user_pool: CognitoIdpUserPool | None = self.user_pools.get(user_pool_id)  # type: ignore[assignment]
        if user_pool is None or not user_pool.manages_sign_in:
            return super().admin_initiate_auth(user_pool_id, client_id, auth_flow, auth_parameters)
        client = self.client_of(user_pool_id, client_id)
        return flows.initiate(user_pool, client, auth_flow, auth_parameters, True, session, client_metadata)

    def respond_to_auth_challenge(
        self,
        session: str,
        client_id: str,
        challenge_name: str,
        challenge_responses: Parameters,
        client_metadata: dict[str, str] | None = None,
    ) -> Result:
        user_pool = self._find_pool(client_id)
        responses = challenge_responses or {}  # without any, moto breaks; it looks at the session first of all
        if user_pool is None or not flows.is_ours(user_pool, challenge_name, session, responses):
            return super().respond_to_auth_challenge(session, client_id, challenge_name, responses)
        client = user_pool.clients[client_id]
        return flows.respond(user_pool, client, challenge_name, session, responses, client_metadata)

    def client_of(self, user_pool_id: str, client_id: str) -> CognitoIdpUserPoolClient:
        """
        :raises ResourceNotFoundError: if there is no such user pool, or it has no such app client
        """
        clients = self.describe_user_pool(user_pool_id).clients
        if client_id not in clients:
            raise ClientNotFoundError(client_id)
        return clients[client_id]

    def _find_pool(self, client_id: str) -> CognitoIdpUserPool | None:
        for user_pool in list(self.user_pools.values()):
            if client_id in user_pool.clients:
                return user_pool  # type: ignore[return-value]
        return None

    # Devices
    def admin_get_device(self, user_pool_id: str, username: str, device_key: str) -> CognitoIdpDevice:
        user_pool = self.describe_user_pool(user_pool_id)
        return user_pool.device_of(user_pool.find_user_as_admin(username), device_key)

    def admin_list_devices(
        self, user_pool_id: str, username: str, limit: int | None, pagination_token: str | None
    ) -> tuple[list[CognitoIdpDevice], str | None]:
        user_pool = self.describe_user_pool(user_pool_id)
        user = user_pool.find_user_as_admin(username)
        return user_pool.page_of_devices(user, True, limit, pagination_token)

    def admin_update_device_status(
        self, user_pool_id: str, username: str, device_key: str, device_remembered_status: str | None
    ) -> None:
        user_pool = self.describe_user_pool(user_pool_id)
        user = user_pool.find_user_as_admin(username)
        user_pool.remember_device(user, device_key, _remembered(device_remembered_status))

    def admin_forget_device(self, user_pool_id: str, username: str, device_key: str) -> None:
        user_pool = self.describe_user_pool(user_pool_id)
        user_pool.forget_device(user_pool.find_user_as_admin(username), device_key)


def _with_canonical_name(result: Result) -> Result:
    """moto sends the sub as ``USER_ID_FOR_SRP``, and then refuses it as USERNAME in a pool of usernames."""
    if result and result.get("ChallengeName") == "PASSWORD_VERIFIER":
        parameters = result["ChallengeParameters"]
        parameters["USER_ID_FOR_SRP"] = parameters["USERNAME"]
    return result


def _remembered(status: str | None) -> bool | None:
    return None if status is None else status == REMEMBERED


def backend_of(account_id: str, region: str) -> CognitoIdpBackend:
    """
    :raises ResourceNotFoundError: if moto knows no such region
    """
    try:
        return cognitoidp_backends[account_id][region]  # type: ignore[return-value]
    except KeyError:
        raise ResourceNotFoundError(f"Cognito is not in the region {region}.") from None


class RegionAgnosticBackend(moto_models.RegionAgnosticBackend):
    """The operations that a user calls with an access token, or unsigned."""

    # moto goes through its dictionaries while another request may add a region: these go through copies.
    def _find_backend_by_access_token(self, access_token: str) -> moto_models.CognitoIdpBackend:
        return self._backend_of(access_tokens.minted_by(access_token))

    def _find_backend_by_access_token_or_session(
        self, access_token: str, session: str
    ) -> moto_models.CognitoIdpBackend:
        for user_pool in user_pools():
            if session in user_pool.backend.sessions or access_token in user_pool.access_tokens:
                return user_pool.backend
        return backend_of(self.account_id, self.region_name)

    def _find_backend_for_clientid(self, client_id: str) -> moto_models.CognitoIdpBackend:
        return self._backend_of(self.find_user_pool(client_id))

    def find_user_pool(self, client_id: str) -> CognitoIdpUserPool | None:
        """The pool of an app client, in whichever region and account it is."""
        return next((pool for pool in user_pools() if client_id in pool.clients), None)

    def pool_of_answer(self, session: Any, responses: Any = None) -> CognitoIdpUserPool | None:
        """The pool that issued an answer's session or secret block."""
        return next((pool for pool in user_pools() if flows.began(pool, session, responses)), None)

    def _backend_of(self, user_pool: CognitoIdpUserPool | None) -> moto_models.CognitoIdpBackend:
        return user_pool.backend if user_pool else backend_of(self.account_id, self.region_name)

    def initiate_auth(
        self,
        client_id: str,
        auth_flow: str,
        auth_parameters: Parameters,
        session: str | None = None,
        client_metadata: dict[str, str] | None = None,
    ) -> Result:
        backend: CognitoIdpBackend = self._find_backend_for_clientid(client_id)  # type: ignore[assignment]
        return backend.initiate_auth(client_id, auth_flow, auth_parameters, session, client_metadata)

    def respond_to_auth_challenge(
        self,
        session: str,
        client_id: str,
        challenge_name: str,
        challenge_responses: Parameters,
        client_metadata: dict[str, str] | None = None,
    ) -> Result:
        backend: CognitoIdpBackend = self._find_backend_for_clientid(client_id)  # type: ignore[assignment]
        return backend.respond_to_auth_challenge(
            session, client_id, challenge_name, challenge_responses, client_metadata
        )

    # Not under the operations' names: a moto that has them calls its own backend by these.
    def refresh(
        self,
        client_id: str,
        refresh_token: str,
        client_secret: str | None,
        device_key: str | None,
        client_metadata: dict[str, str] | None,
    ) -> dict[str, Any]:
        """GetTokensFromRefreshToken."""
        pool_and_client = self._pool_and_client(client_id)
        return refresh.get_tokens_from_refresh_token(
            *pool_and_client, refresh_token, client_secret, device_key, client_metadata
        )

    def revoke(self, client_id: str, token: str, client_secret: str | None) -> None:
        """RevokeToken."""
        user_pool, client = self._pool_and_client(client_id)
        refresh.revoke_token(user_pool, client, token, client_secret)

    def _pool_and_client(self, client_id: str) -> tuple[CognitoIdpUserPool, CognitoIdpUserPoolClient]:
        """
        :raises ClientNotFoundError: if no user pool has such an app client
        """
        user_pool = self.find_user_pool(client_id)
        if user_pool is None:
            raise ClientNotFoundError(client_id)
        return user_pool, user_pool.clients[client_id]

    def checks_token(self, access_token: str | None) -> bool:
        """Whether an access token, good or not, is of a pool whose tokens are ours."""
        user_pool = access_tokens.pool_of(access_token) if access_token else None
        return user_pool is not None and user_pool.manages_sign_in

    def auth_factors(self, access_token: str) -> dict[str, Any]:
        """GetUserAuthFactors."""
        user_pool, user = access_tokens.authorize(access_token)
        factors = dict.fromkeys(FIRST_FACTORS[factor] for factor in mfa.first_factors(user_pool, user))
        answer = {
            "Username": user.username,
            **mfa.shown(user_pool, user),
            "ConfiguredUserAuthFactors": list(factors),
        }
        return {name: value for name, value in answer.items() if value}

    # An authenticator app
    def sets_up_totp(self, access_token: str | None, session: str | None) -> bool:
        """Whether AssociateSoftwareToken and VerifySoftwareToken are for a user whose sign-in is ours."""
        if session:
            return self.pool_of_answer(session) is not None
        return self.checks_token(access_token)

    def set_up_totp(self, access_token: str | None, session: str | None) -> dict[str, str]:
        """AssociateSoftwareToken, where :meth:`sets_up_totp`."""
        user_pool = self.pool_of_answer(session)
        if user_pool is not None and session:
            return mfa_setup.associate(user_pool, session)
        return mfa_setup.associate_signed_in(*access_tokens.authorize(access_token or ""))

    def finish_totp(
        self, access_token: str | None, session: str | None, user_code: str, friendly_device_name: str | None
    ) -> dict[str, str]:
        """VerifySoftwareToken, where :meth:`sets_up_totp`."""
        user_pool = self.pool_of_answer(session)
        if user_pool is not None and session:
            return mfa_setup.verify(user_pool, session, user_code, friendly_device_name)
        signed_in = access_tokens.authorize(access_token or "")
        return mfa_setup.verify_signed_in(*signed_in, user_code, friendly_device_name)

    # Devices
    def confirm_device(
        self,
        access_token: str,
        device_key: str,
        device_name: str | None,
        device_secret_verifier_config: dict[str, str] | None,
    ) -> bool:
        user_pool, user = access_tokens.authorize(access_token)
        secret = parse_device_secret(device_secret_verifier_config)
        return user_pool.confirm_device(user, device_key, device_name, secret)

    def get_device(self, access_token: str, device_key: str) -> CognitoIdpDevice:
        user_pool, user = access_tokens.authorize(access_token)
        device = user_pool.device_of(user, device_key)
        if not device.remembered:
            raise DeviceNotFoundError("It is not remembered: only administrators see it until UpdateDeviceStatus.")
        return device

    def list_devices(
        self, access_token: str, limit: int | None, pagination_token: str | None
    ) -> tuple[list[CognitoIdpDevice], str | None]:
        user_pool, user = access_tokens.authorize(access_token)
        return user_pool.page_of_devices(user, False, limit, pagination_token)

    def update_device_status(self, access_token: str, device_key: str, device_remembered_status: str | None) -> None:
        user_pool, user = access_tokens.authorize(access_token)
        user_pool.remember_device(user, device_key, _remembered(device_remembered_status))

    def forget_device(self, access_token: str, device_key: str) -> None:
        user_pool, user = access_tokens.authorize(access_token)
        user_pool.forget_device(user, device_key)
