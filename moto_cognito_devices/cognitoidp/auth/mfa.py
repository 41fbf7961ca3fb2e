"""What a user pool and its user have set for MFA: read and set here, and nowhere else.

moto keeps the pool's side in two places: ``mfa_config``, ``sms_mfa_config`` and ``token_mfa_config`` (of
SetUserPoolMfaConfig, and what moto's sign-in looks at), and members of ``extended_config`` (of CreateUserPool and
UpdateUserPool, and what DescribeUserPool shows). The first is the truth; UpdateUserPool is made to follow it. Of MFA by
e-mail moto keeps nothing: ``UserPoolState`` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser

from ... import sign_in_rules
from ...sign_in_rules import FirstFactor, MfaMethod, UserState, active_mfa_methods
from ..user_pools import CognitoIdpUserPool, is_verified

Settings = Mapping[str, Any]

# The attribute that a one-time password goes to.
_ADDRESSES = {FirstFactor.EMAIL_OTP: "email", FirstFactor.SMS_OTP: "phone_number"}


def mfa_required(user_pool: CognitoIdpUserPool) -> bool:
    """Whether the pool's MfaConfiguration is ON."""
    return bool(user_pool.mfa_config == "ON")


def offered(user_pool: CognitoIdpUserPool) -> frozenset[MfaMethod] | None:
    """The methods that the pool has on; None if SetUserPoolMfaConfig has named none."""
    by_email = user_pool.state.email_mfa_config is not None
    if user_pool.sms_mfa_config is None and user_pool.token_mfa_config is None and not by_email:
        return None
    methods = set()
    if user_pool.sms_mfa_config:
        methods.add(MfaMethod.SMS)
    if (user_pool.token_mfa_config or {}).get("Enabled"):
        methods.add(MfaMethod.TOTP)
    if by_email:
        methods.add(MfaMethod.EMAIL)
    return frozenset(methods)


def can_set_up(user_pool: CognitoIdpUserPool) -> list[MfaMethod]:
    """What MFA_SETUP names, in the order of AWS's lists: all that the pool has on.

    Where nobody has said what that is, SMS and TOTP: codes by e-mail need an EmailMfaConfiguration.
    """
    methods = offered(user_pool)
    if methods is None:
        methods = frozenset({MfaMethod.SMS, MfaMethod.TOTP})
    return [method for method in MfaMethod if method in methods]


def methods(
    user_pool: CognitoIdpUserPool, user: CognitoIdpUser, attributes: Mapping[str, str] | None = None
) -> frozenset[MfaMethod]:
    """The methods of MFA that count for a user.

    :param attributes: the user's, or as they will be after the step that is looked at
    """
    enabled, at_hand = set(), set()
    attributes = user.attribute_lookup if attributes is None else attributes
    if user.sms_mfa_enabled:
        enabled.add(MfaMethod.SMS)
    if user.id in user_pool.state.email_mfa:
        enabled.add(MfaMethod.EMAIL)
    if user.token_verified:
        at_hand.add(MfaMethod.TOTP)
        if user.software_token_mfa_enabled:
            enabled.add(MfaMethod.TOTP)
    pool_offers = offered(user_pool)
    sends_sms = (
        user_pool.extended_config.get("SmsConfiguration") if pool_offers is None else MfaMethod.SMS in pool_offers
    )
    if sends_sms and attributes.get("phone_number"):
        at_hand.add(MfaMethod.SMS)
    if pool_offers and attributes.get("email"):  # a pool of which nobody has said it sends none by e-mail
        at_hand.add(MfaMethod.EMAIL)
    return active_mfa_methods(mfa_required(user_pool), pool_offers, frozenset(enabled), frozenset(at_hand))


def preferred(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> MfaMethod | None:
    """The method that the user prefers."""
    if user_pool.state.email_mfa.get(user.id):
        return MfaMethod.EMAIL
    setting = user.preferred_mfa_setting
    return MfaMethod(setting) if setting in (MfaMethod.SMS.value, MfaMethod.TOTP.value) else None


def set_email(
    user_pool: CognitoIdpUserPool, user: CognitoIdpUser, email: Settings | None, others: Iterable[Settings | None]
) -> None:
    """(Admin)SetUserMFAPreference, once moto has done its part: of all methods one may be the preferred one.

    :param email: EmailMfaSettings; None changes nothing
    :param others: the settings of the other methods, in the same request
    """
    by_sub = user_pool.state.email_mfa
    if user.id in by_sub and any(settings and settings.get("PreferredMfa") for settings in others):
        by_sub[user.id] = False
    if email is None:
        return
    if not email.get("Enabled"):
        by_sub.pop(user.id, None)
        return
    by_sub[user.id] = bool(email.get("PreferredMfa"))
    if by_sub[user.id]:
        user.preferred_mfa_setting = ""


def shown(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> dict[str, Any]:
    """The members of (Admin)GetUser and GetUserAuthFactors that are about MFA."""
    methods = user.to_json(extended=True)["UserMFASettingList"]
    by_email = [MfaMethod.EMAIL.value] if user.id in user_pool.state.email_mfa else []
    choice = preferred(user_pool, user)
    return {"UserMFASettingList": [*methods, *by_email], "PreferredMfaSetting": choice.value if choice else ""}


def first_factors(user_pool: CognitoIdpUserPool, user: CognitoIdpUser | None) -> list[FirstFactor]:
    """What USER_AUTH lets a user choose from."""
    return sign_in_rules.first_factors(user_pool.allowed_first_factors, _reachable(user_pool, user))


def _reachable(user_pool: CognitoIdpUserPool, user: CognitoIdpUser | None) -> Collection[FirstFactor]:
    """The one-time passwords that a user can be sent.

    They go to a verified address, and not to a user with a temporary password, or who is asked for MFA. To an unknown
    user all are offered, so that nothing tells.
    """
    if user is None:
        return _ADDRESSES
    if mfa_required(user_pool) or methods(user_pool, user) or user_pool.user_state(user) is not UserState.CONFIRMED:
        return ()
    attributes = user.attribute_lookup
    return [factor for factor, name in _ADDRESSES.items() if attributes.get(name) and is_verified(name, attributes)]
