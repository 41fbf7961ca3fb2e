"""``NewDeviceMetadata`` and the claim ``device_key``: which sign-ins bring them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from moto_cognito_devices.testing import sign_in

from .conftest import MakePool
from .support import ALWAYS, CODE, DEVICE_UNKNOWN, OPT_IN, PASSWORD, UserPool, refused

KEY = re.compile(r"[\w-]+_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
GROUP_KEY = re.compile(r"-[0-9A-Za-z]{8}")

Parameters = dict[str, str | None]


def claims(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


# Each path ends a sign-in with this request: it takes what to put into it, and gives the response.
LastStep = Callable[..., dict[str, Any]]


def user_password_auth(pool: UserPool) -> LastStep:
    return lambda **extra: pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters=pool.parameters("ada", PASSWORD=PASSWORD, **extra),
    )


def _admin(pool: UserPool, flow: str) -> LastStep:
    return lambda **extra: pool.cognito.admin_initiate_auth(
        UserPoolId=pool.id,
        ClientId=pool.client_id,
        AuthFlow=flow,
        AuthParameters=pool.parameters("ada", PASSWORD=PASSWORD, **extra),
    )


def admin_user_password_auth(pool: UserPool) -> LastStep:
    return _admin(pool, "ADMIN_USER_PASSWORD_AUTH")


def admin_no_srp_auth(pool: UserPool) -> LastStep:
    return _admin(pool, "ADMIN_NO_SRP_AUTH")


def password_verifier(pool: UserPool) -> LastStep:
    from moto_cognito_devices.testing import SrpClient

    srp_client = SrpClient()
    challenge = pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters=pool.parameters("ada", SRP_A=srp_client.srp_a, DEVICE_KEY="eu-west-1_not-looked-at-here"),
    )
    proof = srp_client.answer(challenge["ChallengeParameters"], pool.id.split("_", 1)[1], "ada", PASSWORD)
    return lambda **extra: pool.answer(challenge, **proof, **extra)


def new_password_required(pool: UserPool) -> LastStep:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    return lambda **extra: pool.answer(challenge, NEW_PASSWORD=PASSWORD, **extra)


def sms_mfa(pool: UserPool) -> LastStep:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    assert challenge["ChallengeName"] == "SMS_MFA"
    return lambda **extra: pool.answer(challenge, SMS_MFA_CODE=CODE, **extra)


def software_token_mfa(pool: UserPool) -> LastStep:
    token = pool.tokens()["AccessToken"]
    pool.cognito.associate_software_token(AccessToken=token)
    pool.cognito.verify_software_token(AccessToken=token, UserCode=CODE)
    pool.cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    challenge = pool.initiate()
    assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    return lambda **extra: pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=CODE, **extra)


def mfa_setup(pool: UserPool) -> LastStep:
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.answer(pool.initiate(password="Temporary-1"), NEW_PASSWORD=PASSWORD)
    assert challenge["ChallengeName"] == "MFA_SETUP"
    session = pool.cognito.associate_software_token(Session=challenge["Session"])["Session"]
    verified = pool.cognito.verify_software_token(Session=session, UserCode=CODE)
    return lambda **extra: pool.answer({**challenge, "Session": verified["Session"]}, **extra)


def admin_sms_mfa(pool: UserPool) -> LastStep:
    pool.enable_sms_mfa()
    challenge = admin_user_password_auth(pool)()
    return lambda **extra: pool.cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool.id,
        ClientId=pool.client_id,
        ChallengeName=challenge["ChallengeName"],
        Session=challenge["Session"],
        ChallengeResponses=pool.parameters("ada", SMS_MFA_CODE=CODE, **extra),
    )


PATHS = [
    user_password_auth,
    admin_user_password_auth,
    admin_no_srp_auth,
    password_verifier,
    new_password_required,
    sms_mfa,
    software_token_mfa,
    mfa_setup,
    admin_sms_mfa,
]
every_path = pytest.mark.parametrize("path", PATHS, ids=[path.__name__ for path in PATHS])


@pytest.mark.documented("the developer guide: any sign-in that doesn't already include device information")
@every_path
def test_every_path_to_tokens_brings_a_new_device(pool: UserPool, path: Callable[[UserPool], LastStep]) -> None:
    result = path(pool)()["AuthenticationResult"]

    metadata = result["NewDeviceMetadata"]
    assert KEY.fullmatch(metadata["DeviceKey"])
    assert metadata["DeviceKey"].startswith(pool.target.region)
    assert GROUP_KEY.fullmatch(metadata["DeviceGroupKey"])
    assert claims(result["AccessToken"])["device_key"] == metadata["DeviceKey"]
    pool.cognito.confirm_device(AccessToken=result["AccessToken"], DeviceKey=metadata["DeviceKey"])
    assert list(pool.admin_devices()) == [metadata["DeviceKey"]]


@pytest.mark.observed("amplify-flutter's device tests: a confirmed device keeps its key over sign-ins")
@every_path
def test_a_confirmed_device_is_not_new(make_pool: MakePool, path: Callable[[UserPool], LastStep]) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    device, _ = pool.confirmed_device()

    result = path(pool)(DEVICE_KEY=device.device_key)["AuthenticationResult"]

    assert "NewDeviceMetadata" not in result
    assert claims(result["AccessToken"])["device_key"] == device.device_key


@pytest.mark.observed("amplify-android #2605 and others: this text, at the step that would give tokens")
@every_path
def test_an_unknown_key_is_refused_and_spends_nothing(
    make_pool: MakePool, path: Callable[[UserPool], LastStep]
) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    pool.add_user("bob")
    forgotten, tokens = pool.confirmed_device()
    pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=forgotten.device_key)
    keys = [
        "eu-west-1_00000000-0000-4000-8000-000000000000",  # nobody's
        pool.tokens()["NewDeviceMetadata"]["DeviceKey"],  # pending
        pool.confirmed_device("bob")[0].device_key,  # another user's
        forgotten.device_key,
    ]

    last_step = path(pool)
    for key in keys:
        with refused(*DEVICE_UNKNOWN):
            last_step(DEVICE_KEY=key)

    # The very same answer without the key.
    assert "NewDeviceMetadata" in last_step()["AuthenticationResult"]


@pytest.mark.observed("amplify-android sends an empty key, amazon-cognito-identity-js a null one, for none")
@pytest.mark.parametrize("key", ["", None])
def test_an_empty_key_is_none(pool: UserPool, key: str | None) -> None:
    body = {
        "ClientId": pool.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD, "DEVICE_KEY": key},
    }
    response = pool.target.post("InitiateAuth", body)
    assert "NewDeviceMetadata" in response.json()["AuthenticationResult"]


@pytest.mark.observed("amplify-swift PR #4254: a key in InitiateAuth alone gives a new device each time")
def test_a_key_that_was_given_earlier_does_not_count(make_pool: MakePool) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    device, _ = pool.confirmed_device()
    pool.enable_sms_mfa()
    challenge = pool.initiate(device_key=device.device_key)
    result = pool.answer(challenge, SMS_MFA_CODE=CODE)["AuthenticationResult"]
    assert result["NewDeviceMetadata"]["DeviceKey"] != device.device_key


@pytest.mark.inferred("without tracking there is nothing to look at")
def test_without_tracking_a_key_is_ignored(make_pool: MakePool) -> None:
    pool = make_pool(None)
    pool.add_user()
    result = pool.tokens(device_key="eu-west-1_00000000-0000-4000-8000-000000000000")
    assert "NewDeviceMetadata" not in result
    assert "device_key" not in claims(result["AccessToken"])


@pytest.mark.observed("decoded access tokens of AWS: device_key comes second, after sub; ID tokens have none")
def test_the_claim_is_in_access_tokens_only_and_right_after_sub(pool: UserPool) -> None:
    result = pool.tokens()
    names = list(claims(result["AccessToken"]))
    assert names[names.index("sub") + 1] == "device_key"
    assert "device_key" not in claims(result["IdToken"])


@pytest.mark.observed("an HTTP capture of USER_PASSWORD_AUTH with a confirmed key")
def test_the_answer_has_the_members_of_awss(make_pool: MakePool) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    device, _ = pool.confirmed_device()
    response = pool.initiate(device_key=device.device_key)
    assert response["ChallengeParameters"] == {}
    result = response["AuthenticationResult"]
    assert set(result) == {"AccessToken", "ExpiresIn", "IdToken", "RefreshToken", "TokenType"}


@pytest.mark.inferred("a wrong password is told before the device is looked at")
def test_the_password_is_checked_before_the_device(pool: UserPool) -> None:
    with refused("NotAuthorizedException", "Incorrect username or password."):
        pool.initiate(device_key="eu-west-1_00000000-0000-4000-8000-000000000000", password="wrong")


@pytest.mark.observed("measured on AWS (ministack PR #1758): USER_ID_FOR_SRP is the username")
@pytest.mark.parametrize("configuration", [ALWAYS, None], ids=["tracked", "not tracked"])
def test_the_name_for_srp_is_the_username_in_every_pool(
    make_pool: MakePool, configuration: dict[str, bool] | None
) -> None:
    pool = make_pool(configuration)
    pool.add_user()
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, user_pool_id=pool.id)
    assert claims(tokens["AccessToken"])["username"] == "ada"


@pytest.mark.inferred("an ID token's e-mail is the user's attribute, whatever name the user signed in with")
def test_id_tokens_keep_the_email_of_a_user_who_signs_in_by_it(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    for name in ("ada@example.com", canonical):
        id_token = claims(pool.tokens(name)["IdToken"])
        assert id_token["email"] == "ada@example.com"
        assert id_token["cognito:username"] == canonical


def test_seeding_makes_keys_repeat(make_moto_pool: MakePool) -> None:
    from moto.moto_api._internal import mock_random

    pool = make_moto_pool()
    pool.add_user()
    keys = []
    for _ in range(2):
        mock_random.seed(42)
        keys.append(pool.tokens()["NewDeviceMetadata"])
    assert keys[0] == keys[1]
