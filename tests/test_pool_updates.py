"""UpdateUserPool leaves sign-in alone; and a pool has one MFA setting, whichever call set it."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MakePool
from .support import ALWAYS, OPT_IN, UserPool, refused
from .test_mfa import FLOWS, SMS, TOTP, asked
from .test_sign_in import claims, tokens_by

IDENTITY: dict[str, Any] = {
    "UsernameAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
}
NOT_ONCE_CREATED = (
    "InvalidParameterException",
    "Cannot turn MFA functionality ON, once the user pool has been created.",
)


def described(pool: UserPool) -> dict[str, Any]:
    found: dict[str, Any] = pool.cognito.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    return found


def mfa_of(pool: UserPool) -> tuple[str, str]:
    """By both calls that show it."""
    config = pool.cognito.get_user_pool_mfa_config(UserPoolId=pool.id)
    return described(pool)["MfaConfiguration"], config["MfaConfiguration"]


@pytest.mark.documented("UpdateUserPool has no UsernameAttributes: they are set at the pool's creation")
@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("updates", [1, 2])
def test_switching_tracking_on_leaves_sign_in_by_email_alone(make_pool: MakePool, flow: str, updates: int) -> None:
    pool = make_pool(None, **IDENTITY)
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    for _ in range(updates):
        pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=OPT_IN)
    assert claims(tokens_by(pool, flow, "ada@example.com")["AccessToken"])["username"] == canonical
    assert {name: described(pool)[name] for name in IDENTITY} == IDENTITY


@pytest.mark.documented("UpdateUserPool has no AliasAttributes: they are set at the pool's creation")
def test_an_update_leaves_aliases_alone(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, AliasAttributes=["email"])
    pool.add_user(email="ada@example.com", email_verified="true")
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=OPT_IN, UserPoolTags={"a": "b"})
    assert claims(tokens_by(pool, "USER_PASSWORD_AUTH", "ada@example.com")["AccessToken"])["username"] == "ada"
    assert described(pool)["AliasAttributes"] == ["email"]


@pytest.mark.documented("the same where the update switches tracking off")
def test_switching_tracking_off_leaves_sign_in_by_email_alone(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, **IDENTITY)
    pool.add_user("ada@example.com", email="ada@example.com")
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    assert "NewDeviceMetadata" not in tokens_by(pool, "USER_PASSWORD_AUTH", "ada@example.com")
    assert described(pool)["UsernameAttributes"] == ["email"]


@pytest.mark.documented("UpdateUserPool knows no such member")
def test_an_update_can_not_change_by_which_names_users_sign_in(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    body = {"UserPoolId": pool.id, "DeviceConfiguration": ALWAYS, "UsernameAttributes": ["phone_number"]}
    assert pool.target.post("UpdateUserPool", body, signed=True).status_code == 200
    assert described(pool)["UsernameAttributes"] == ["email"]
    plain = make_pool(ALWAYS)
    body = {"UserPoolId": plain.id, "DeviceConfiguration": ALWAYS, "AliasAttributes": ["email"]}
    assert plain.target.post("UpdateUserPool", body, signed=True).status_code == 200
    assert "AliasAttributes" not in described(plain)


def test_a_pool_that_was_updated_before_it_tracked_still_knows_its_names(make_moto_pool: MakePool) -> None:
    """moto forgets them at the first update; in a pool without tracking that is its own affair."""
    pool = make_moto_pool(None, UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    pool.cognito.update_user_pool(UserPoolId=pool.id, UserPoolTags={"a": "b"})
    with refused("UserNotFoundException", "User does not exist."):
        pool.tokens("ada@example.com")
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    assert "NewDeviceMetadata" in pool.tokens("ada@example.com")


@pytest.mark.observed("measured by go-to-k/cdkd (us-east-1, August 2026): kept where it is not given")
def test_an_update_keeps_the_policy_and_mfa(make_pool: MakePool) -> None:
    policy = {"PasswordPolicy": {"MinimumLength": 20, "RequireUppercase": False}}
    pool = make_pool(ALWAYS, Policies=policy, MfaConfiguration="OPTIONAL")
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=OPT_IN)
    kept = described(pool)["Policies"]["PasswordPolicy"]
    assert kept == {**kept, **policy["PasswordPolicy"]}
    assert mfa_of(pool) == ("OPTIONAL", "OPTIONAL")


@pytest.mark.observed("measured by go-to-k/cdkd: one setting with two views")
def test_the_pools_mfa_is_one_setting_whichever_call_set_it(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS)
    pool.add_user()
    assert mfa_of(pool) == ("OFF", "OFF")
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS, MfaConfiguration="OPTIONAL")
    assert mfa_of(pool) == ("OPTIONAL", "OPTIONAL")
    pool.cognito.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    assert mfa_of(pool) == ("ON", "ON")
    assert asked(pool, "USER_PASSWORD_AUTH") == "MFA_SETUP"
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    assert mfa_of(pool) == ("ON", "ON")
    assert asked(pool, "USER_PASSWORD_AUTH") == "MFA_SETUP"
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS, MfaConfiguration="OFF")
    assert mfa_of(pool) == ("OFF", "OFF")
    assert asked(pool, "USER_PASSWORD_AUTH") is None


@pytest.mark.observed("measured by go-to-k/cdkd: SetUserPoolMfaConfig replaces the whole; what is not given is off")
def test_an_mfa_configuration_that_is_not_given_is_off(pool: UserPool) -> None:
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, MfaConfiguration="ON", SmsMfaConfiguration=SMS, SoftwareTokenMfaConfiguration=TOTP
    )
    answer = pool.cognito.set_user_pool_mfa_config(UserPoolId=pool.id, SoftwareTokenMfaConfiguration=TOTP)
    assert answer["MfaConfiguration"] == "OFF"
    assert answer["SoftwareTokenMfaConfiguration"] == TOTP
    assert "SmsMfaConfiguration" not in answer
    assert mfa_of(pool) == ("OFF", "OFF")


@pytest.mark.observed("cfn-roadmap #1176, amplify-cli #3268 (2020 to 2022): the text")
def test_an_update_can_not_turn_mfa_on(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, UsernameAttributes=["email"])
    before = described(pool)
    with refused(*NOT_ONCE_CREATED):
        pool.cognito.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON", DeviceConfiguration=OPT_IN)
    assert described(pool) == before
    # Where it is on, an update that says so changes nothing.
    pool.cognito.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    pool.cognito.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON", DeviceConfiguration=OPT_IN)
    assert mfa_of(pool) == ("ON", "ON")


def test_a_pool_without_tracking_is_updated_as_moto_does_it(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(None)
    pool.cognito.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON")
    pool.add_user()
    assert asked(pool, "USER_PASSWORD_AUTH") is None
