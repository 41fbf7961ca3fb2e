"""moto's Cognito backends, extended: only what moto itself calls. Our own operations do not pass through here.

The classes have the names of those that they extend, so that moto's dashboard lists their instances in the same place.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp import models as moto_models
from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import UserStatus, cognitoidp_backends
from moto.core.utils import utcnow

from . import log
from .auth import mfa
from .pool_state import lock
from .user_pools import CognitoIdpUserPool, find_by_client_id, find_issuer

__all__ = ["CognitoIdpBackend", "CognitoIdpUserPool", "RegionAgnosticBackend", "find_backend"]

Config = dict[str, Any]


class CognitoIdpBackend(moto_models.CognitoIdpBackend):
    """The backend of one region."""

    def create_user_pool(self, name: str, extended_config: Config) -> CognitoIdpUserPool:
        user_pool: Any = super().create_user_pool(name, extended_config)
        user_pool.__class__ = CognitoIdpUserPool
        user_pool.complete_policies()
        return user_pool  # type: ignore[no-any-return]

    def describe_user_pool(self, user_pool_id: str) -> CognitoIdpUserPool:
        return super().describe_user_pool(user_pool_id)  # type: ignore[return-value]

    def update_user_pool(self, user_pool_id: str, extended_config: Config) -> None:
        self.describe_user_pool(user_pool_id).update(extended_config)

    def set_user_pool_mfa_config(
        self, user_pool_id: str, sms_config: Config | None, token_config: dict[str, bool] | None, mfa_config: str
    ) -> Config:
        self.describe_user_pool(user_pool_id).state.mfa_configs = {}  # a call replaces the whole configuration
        return super().set_user_pool_mfa_config(user_pool_id, sms_config, token_config, mfa_config)  # type: ignore[arg-type]

    def get_user_pool_mfa_config(self, user_pool_id: str) -> Config:
        config: Config = super().get_user_pool_mfa_config(user_pool_id)
        user_pool = self.describe_user_pool(user_pool_id)
        return config | user_pool.state.mfa_configs if user_pool.manages_sign_in else config

    def admin_set_user_mfa_preference(
        self,
        user_pool_id: str,
        username: str,
        software_token_mfa_settings: Config | None,
        sms_mfa_settings: Config | None,
    ) -> None:
        given = (software_token_mfa_settings, sms_mfa_settings)
        super().admin_set_user_mfa_preference(user_pool_id, username, *given)  # type: ignore[arg-type]
        if any(settings and settings.get("PreferredMfa") for settings in given):
            user_pool = self.describe_user_pool(user_pool_id)
            mfa.clear_preferences(user_pool, self.admin_get_user(user_pool_id, username))

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
        user_pool = find_by_client_id(client_id)
        user = user_pool.find_user(username) if user_pool is not None and user_pool.manages_sign_in else None
        if user is not None and user.status == UserStatus.RESET_REQUIRED:  # moto leaves the user in this state
            user.status = UserStatus.CONFIRMED

    def initiate_auth(self, client_id: str, auth_flow: str, auth_parameters: dict[str, str]) -> Config:
        """Sign in to a pool without tracking, as moto does.

        moto sends the sub as USER_ID_FOR_SRP, which it does not accept as USERNAME in a pool of usernames.
        """
        if auth_flow == "CUSTOM_AUTH":
            log.warn("InitiateAuth", "moto answers null to CUSTOM_AUTH in a pool without a DeviceConfiguration.")
        elif isinstance(auth_parameters, dict) and auth_parameters.get("DEVICE_KEY"):
            user_pool = find_by_client_id(client_id)
            if user_pool is not None:
                hint = user_pool.explain_device_tracking_disabled
                log.warn("InitiateAuth", f"DEVICE_KEY is ignored: {hint}")
        result: Config = super().initiate_auth(client_id, auth_flow, auth_parameters)
        if result and result.get("ChallengeName") == "PASSWORD_VERIFIER":
            parameters = result["ChallengeParameters"]
            parameters["USER_ID_FOR_SRP"] = parameters["USERNAME"]
        return result

    def respond_to_auth_challenge(
        self, session: str, client_id: str, challenge_name: str, challenge_responses: dict[str, str]
    ) -> Config:
        """Without responses moto would break."""
        return super().respond_to_auth_challenge(session, client_id, challenge_name, challenge_responses or {})


def find_backend(account_id: str, region: str) -> CognitoIdpBackend:
    """
    :raises ResourceNotFoundError: if moto does not know the region
    """
    try:
        return cognitoidp_backends[account_id][region]  # type: ignore[return-value]
    except KeyError:
        raise ResourceNotFoundError(f"Cognito is not in the region {region}.") from None


class RegionAgnosticBackend(moto_models.RegionAgnosticBackend):
    """Finds the backend of an unsigned request.

    moto walks all pools of all regions for it, over dictionaries that another request may change meanwhile.
    """

    def _find_backend_by_access_token(self, access_token: str) -> moto_models.CognitoIdpBackend:
        return self._backend_of(find_issuer(access_token))

    def _find_backend_by_access_token_or_session(
        self, access_token: str, session: str
    ) -> moto_models.CognitoIdpBackend:
        for backend in [
            backend for account in list(cognitoidp_backends.values()) for backend in list(account.values())
        ]:
            if session in backend.sessions:
                return backend
        return self._backend_of(find_issuer(access_token))

    def _find_backend_for_clientid(self, client_id: str) -> moto_models.CognitoIdpBackend:
        return self._backend_of(find_by_client_id(client_id))

    def _backend_of(self, user_pool: CognitoIdpUserPool | None) -> moto_models.CognitoIdpBackend:
        return user_pool.backend if user_pool else find_backend(self.account_id, self.region_name)
