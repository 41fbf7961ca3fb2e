"""What a user pool and its user have set for MFA: read here, and nowhere else.

moto keeps the pool's side in two places: ``mfa_config``, ``sms_mfa_config`` and ``token_mfa_config`` (of
SetUserPoolMfaConfig, and what moto's sign-in looks at), and members of ``extended_config`` (of CreateUserPool and
UpdateUserPool, and what DescribeUserPool shows). The first is the truth; UpdateUserPool is made to follow it.
"""

from __future__ import annotations

from collections.abc import Mapping

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPool

from ..sign_in import Method, methods_that_count


def mfa_required(user_pool: CognitoIdpUserPool) -> bool:
    """Whether the pool's MfaConfiguration is ON."""
    return bool(user_pool.mfa_config == "ON")


def offered(user_pool: CognitoIdpUserPool) -> frozenset[Method] | None:
    """The methods that the pool has on; None if SetUserPoolMfaConfig has named none."""
    if user_pool.sms_mfa_config is None and user_pool.token_mfa_config is None:
        return None
    methods = set()
    if user_pool.sms_mfa_config:
        methods.add(Method.SMS)
    if (user_pool.token_mfa_config or {}).get("Enabled"):
        methods.add(Method.TOTP)
    return frozenset(methods)


def can_set_up(user_pool: CognitoIdpUserPool) -> list[Method]:
    """What MFA_SETUP names, in the order of AWS's lists: all that the pool has on, or that the mock knows."""
    methods = offered(user_pool)
    return [method for method in (Method.SMS, Method.TOTP) if methods is None or method in methods]


def methods(
    user_pool: CognitoIdpUserPool, user: CognitoIdpUser, attributes: Mapping[str, str] | None = None
) -> frozenset[Method]:
    """The methods of MFA that count for a user.

    :param attributes: the user's, or as they will be after the step that is looked at
    """
    enabled, at_hand = set(), set()
    if user.sms_mfa_enabled:
        enabled.add(Method.SMS)
    if user.token_verified:
        at_hand.add(Method.TOTP)
        if user.software_token_mfa_enabled:
            enabled.add(Method.TOTP)
    pool_offers = offered(user_pool)
    sends_sms = user_pool.extended_config.get("SmsConfiguration") if pool_offers is None else Method.SMS in pool_offers
    if sends_sms and (attributes or user.attribute_lookup).get("phone_number"):
        at_hand.add(Method.SMS)
    return methods_that_count(mfa_required(user_pool), pool_offers, frozenset(enabled), frozenset(at_hand))


def preferred(user: CognitoIdpUser) -> Method | None:
    """The method that the user prefers."""
    setting = user.preferred_mfa_setting
    return Method(setting) if setting in (Method.SMS.value, Method.TOTP.value) else None
