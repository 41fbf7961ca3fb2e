"""The MFA settings of a user pool and of its users: read and changed only here.

moto keeps a pool's settings in two places: ``mfa_config``, ``sms_mfa_config`` and ``token_mfa_config`` (set by
SetUserPoolMfaConfig, used by moto's sign-in), and members of ``extended_config`` (set by CreateUserPool and
UpdateUserPool, shown by DescribeUserPool). The first is authoritative; UpdateUserPool follows it. What moto does not
know, such as MFA by e-mail, is in ``UserPoolState``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.core.exceptions import JsonRESTError
from moto.core.utils import get_service_model, unix_time

from ... import sign_in_rules
from ...sign_in_rules import (
    FIRST_FACTORS,
    MFA_METHODS,
    SMS,
    TOTP,
    FirstFactor,
    MfaMethod,
    UserState,
    active_mfa_methods,
)
from ..exceptions import AdminSoftwareTokenNotSetUpError, SoftwareTokenNotSetUpError
from ..request import LEAVE_TO_MOTO, Call
from ..user_pools import CognitoIdpUserPool, is_verified

# What moto calls whether a user has enabled a method.
_MOTO_FLAGS = {SMS: "sms_mfa_enabled", TOTP: "software_token_mfa_enabled"}
#: The methods that moto does not know.
OWN_METHODS = [method for method in MFA_METHODS.values() if method not in _MOTO_FLAGS]
# The attribute that a one-time password is sent to.
_ADDRESSES = {FirstFactor.EMAIL_OTP: "email", FirstFactor.SMS_OTP: "phone_number"}


# The pool's side
def mfa_required(user_pool: CognitoIdpUserPool) -> bool:
    """Whether the pool's MfaConfiguration is ON."""
    return bool(user_pool.mfa_config == "ON")


def pool_enabled(user_pool: CognitoIdpUserPool) -> frozenset[MfaMethod] | None:
    """Return the methods that the pool has enabled; None if SetUserPoolMfaConfig has named none."""
    configs = user_pool.state.mfa_configs
    if user_pool.sms_mfa_config is None and user_pool.token_mfa_config is None and not configs:
        return None
    methods = {method for method in OWN_METHODS if method.config in configs}
    if user_pool.sms_mfa_config:
        methods.add(SMS)
    if (user_pool.token_mfa_config or {}).get("Enabled"):
        methods.add(TOTP)
    return frozenset(methods)


def can_set_up(user_pool: CognitoIdpUserPool) -> list[MfaMethod]:
    """Return what MFA_SETUP offers: all that the pool has enabled.

    Without SetUserPoolMfaConfig that is SMS and TOTP: codes by e-mail need an EmailMfaConfiguration.
    """
    methods = pool_enabled(user_pool)
    return [method for method in MFA_METHODS.values() if method in ((SMS, TOTP) if methods is None else methods)]


def set_user_pool_mfa_config(call: Call) -> Any:
    """Answer SetUserPoolMfaConfig if moto cannot.

    moto rejects a request without MfaConfiguration, which means OFF, and drops EmailMfaConfiguration.
    """
    user_pool, given = call.user_pool, call.members
    own = {method.config: given[method.config] for method in OWN_METHODS if given.get(method.config) is not None}
    if given.get("MfaConfiguration") is not None and not own:
        return LEAVE_TO_MOTO
    call.validate()
    given = call.members
    backend: Any = user_pool.backend
    backend.set_user_pool_mfa_config(
        user_pool.id, given.get(SMS.config), given.get(TOTP.config), given.get("MfaConfiguration", "OFF")
    )
    user_pool.state.mfa_configs = {name: given[name] for name in own}
    result = backend.get_user_pool_mfa_config(user_pool.id)
    return {name: value for name, value in result.items() if value is not None}


# The user's side
def active_methods(
    user_pool: CognitoIdpUserPool, user: CognitoIdpUser, attributes: Mapping[str, str] | None = None
) -> frozenset[MfaMethod]:
    """Return the methods that the user may be asked for.

    :param attributes: the user's; or as they will be after the current step
    """
    enabled, required = _user_enabled(user_pool, user), mfa_required(user_pool)
    if not enabled and not required:
        return enabled
    attributes = user.attribute_lookup if attributes is None else attributes
    by_pool = pool_enabled(user_pool)
    available = set()
    for method in MFA_METHODS.values() if by_pool is None else by_pool:
        if method is TOTP:
            is_available = user.token_verified
        elif by_pool is None:  # of the others, only SMS can be configured without SetUserPoolMfaConfig
            is_available = method is SMS and bool(user_pool.extended_config.get("SmsConfiguration"))
        else:
            is_available = True
        if is_available and (method.attribute is None or attributes.get(method.attribute)):
            available.add(method)
    return active_mfa_methods(required, by_pool, enabled, frozenset(available))


def _user_enabled(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> frozenset[MfaMethod]:
    enabled = set()
    for method in OWN_METHODS:
        if user.id in user_pool.state.mfa_preferences.get(method.settings, ()):
            enabled.add(method)
    if user.sms_mfa_enabled:
        enabled.add(SMS)
    if user.software_token_mfa_enabled and user.token_verified:
        enabled.add(TOTP)
    return frozenset(enabled)


def preferred(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> MfaMethod | None:
    """Return the method that the user prefers."""
    for method in OWN_METHODS:
        if user_pool.state.mfa_preferences.get(method.settings, {}).get(user.id):
            return method
    return MFA_METHODS.get(user.preferred_mfa_setting or "")


def set_user_mfa_preference(call: Call) -> Any:
    """Answer (Admin)SetUserMFAPreference if it has settings that moto drops.

    :raises SoftwareTokenNotSetUpError, AdminSoftwareTokenNotSetUpError: if TOTP is to be enabled, and is not set up
    """
    user_pool = call.user_pool
    own = any(call.members.get(method.settings) is not None for method in OWN_METHODS)
    if own:
        call.validate()
    username = str(call.members.get("Username")) if call.as_admin else call.user.username
    user = user_pool.find_user(username)
    wanted = call.members.get(TOTP.settings)
    if user is not None and isinstance(wanted, dict) and wanted.get("Enabled") and not user.token_verified:
        error: type[JsonRESTError] = AdminSoftwareTokenNotSetUpError if call.as_admin else SoftwareTokenNotSetUpError
        raise error
    if not own:
        return LEAVE_TO_MOTO
    backend: Any = user_pool.backend
    backend.admin_set_user_mfa_preference(
        user_pool.id, username, call.members.get(TOTP.settings), call.members.get(SMS.settings)
    )
    user = backend.admin_get_user(user_pool.id, username)
    for method in OWN_METHODS:
        _set_preference(user_pool, user, method, call.members.get(method.settings))
    return {}


def _set_preference(
    user_pool: CognitoIdpUserPool, user: CognitoIdpUser, method: MfaMethod, settings: Mapping[str, Any] | None
) -> None:
    if settings is None:
        return
    if not settings.get("Enabled"):
        user_pool.state.mfa_preferences.get(method.settings, {}).pop(user.id, None)
        return
    is_preferred = bool(settings.get("PreferredMfa"))
    if is_preferred:
        clear_preferences(user_pool, user)
        user.preferred_mfa_setting = ""
    user_pool.state.mfa_preferences.setdefault(method.settings, {})[user.id] = is_preferred


def clear_preferences(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> None:
    """Another method is preferred now: there is at most one."""
    for preferences in user_pool.state.mfa_preferences.values():
        if user.id in preferences:
            preferences[user.id] = False


# What is shown
def get_user(call: Call) -> dict[str, Any]:
    """Answer GetUser. moto walks all pools for it, rejects temporary passwords, and shows no method that it lacks."""
    return _shown(call, call.user)


def admin_get_user(call: Call) -> Any:
    """Answer AdminGetUser if moto's answer would lack a method of MFA."""
    user_pool = call.user_pool
    if not any(user_pool.state.mfa_preferences.values()):
        return LEAVE_TO_MOTO
    user = user_pool.backend.admin_get_user(user_pool.id, str(call.members.get("Username")))
    return _shown(call, user) if _has_own_method(user_pool, user) else LEAVE_TO_MOTO


def _has_own_method(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> bool:
    return any(user.id in preferences for preferences in user_pool.state.mfa_preferences.values())


def _shown(call: Call, user: CognitoIdpUser) -> dict[str, Any]:
    shown = user.to_json(extended=True, attributes_key="UserAttributes") | _mfa_members(call.user_pool, user)
    members = get_service_model("cognito-idp").operation_model(call.operation).output_shape.members
    return {
        name: round(unix_time(value), 3) if isinstance(value, datetime) else value  # a number before moto 5.1.12
        for name, value in shown.items()
        if name in members
    }


def _mfa_members(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> dict[str, Any]:
    """Return the members of (Admin)GetUser and GetUserAuthFactors that are about MFA."""
    listed = user.to_json(extended=True)["UserMFASettingList"]
    preferences = user_pool.state.mfa_preferences
    own = [method.challenge for method in OWN_METHODS if user.id in preferences.get(method.settings, ())]
    choice = preferred(user_pool, user)
    return {"UserMFASettingList": [*listed, *own], "PreferredMfaSetting": choice.challenge if choice else ""}


# First factors
def get_user_auth_factors(call: Call) -> dict[str, Any]:
    factors = dict.fromkeys(FIRST_FACTORS[factor] for factor in first_factors(call.user_pool, call.user))
    answer = {
        "Username": call.user.username,
        **_mfa_members(call.user_pool, call.user),
        "ConfiguredUserAuthFactors": list(factors),
    }
    return {name: value for name, value in answer.items() if value}


def first_factors(user_pool: CognitoIdpUserPool, user: CognitoIdpUser | None) -> list[FirstFactor]:
    """Return what USER_AUTH lets a user choose from."""
    return sign_in_rules.first_factors(user_pool.allowed_first_factors, _reachable(user_pool, user))


def _reachable(user_pool: CognitoIdpUserPool, user: CognitoIdpUser | None) -> Collection[FirstFactor]:
    """Return the one-time passwords that can be sent to a user.

    They need a verified address, and are not for users with a temporary password or MFA. For an unknown user all are
    offered, so that the answer does not reveal that the user is unknown.
    """
    if user is None:
        return _ADDRESSES
    if user_pool.user_state(user) is not UserState.CONFIRMED:
        return ()
    if mfa_required(user_pool) or active_methods(user_pool, user):
        return ()
    attributes = user.attribute_lookup
    return [factor for factor, name in _ADDRESSES.items() if attributes.get(name) and is_verified(name, attributes)]
