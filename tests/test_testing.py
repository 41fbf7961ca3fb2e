"""``moto_cognito_devices.testing``, the client's side for test authors (what it proves is in other files)."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import Any

import pytest

from moto_cognito_devices import srp
from moto_cognito_devices.testing import (
    ChallengeError,
    Device,
    LambdaUnavailable,
    SrpClient,
    lambda_arn,
    sign_in,
    totp,
    triggers,
)

from .conftest import MakePool
from .support import ALWAYS, CODE, PASSWORD, UserPool, refused

METADATA = {"DeviceKey": "eu-west-1_00000000-0000-4000-8000-000000000000", "DeviceGroupKey": "-Group000"}


@pytest.mark.slow
def test_it_imports_nothing_of_moto_and_boto() -> None:
    code = (
        "import sys, moto_cognito_devices.testing; "
        "print([m for m in sys.modules if m.split('.')[0] in ('moto', 'boto3', 'botocore')])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_each_device_has_a_secret_of_its_own() -> None:
    first, second = Device.from_metadata(METADATA), Device.from_metadata(METADATA)
    assert first.password != second.password
    assert first.salt != second.salt
    assert SrpClient().srp_a != SrpClient().srp_a


@pytest.mark.parametrize("metadata", [None, {}])
def test_a_sign_in_without_metadata_is_told_with_each_reason(metadata: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match=r"^The sign-in gave no NewDeviceMetadata") as caught:
        Device.from_metadata(metadata)
    for what_to_look_at in (
        "DeviceConfiguration",
        "DEVICE_KEY",
        "moto_cognito_devices.is_active()",
        "-p no:moto_cognito_devices",
        "MOTO_COGNITO_DEVICES=false",
        "moto-cognito-devices server",
    ):
        assert what_to_look_at in str(caught.value)


@pytest.mark.parametrize("configuration", [None, {}])
def test_a_pool_without_device_configuration_gets_there(
    make_moto_pool: MakePool, configuration: dict[str, bool] | None
) -> None:
    pool = make_moto_pool(configuration)
    pool.add_user()
    result = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD)
    with pytest.raises(ValueError, match="has no DeviceConfiguration, or an empty one"):
        Device.from_metadata(result.get("NewDeviceMetadata"))


def test_a_sign_in_with_a_known_device_gets_there(moto_pool: UserPool) -> None:
    device, _ = moto_pool.confirmed_device()
    result = sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, device=device)
    with pytest.raises(ValueError, match="named a known device by DEVICE_KEY"):
        Device.from_metadata(result.get("NewDeviceMetadata"))


def test_secrets_are_not_shown() -> None:
    device, client = Device.from_metadata(METADATA), SrpClient()
    for shown in (repr(device), repr(client), str(device)):
        assert device.password not in shown
        assert str(device.salt) not in shown
        assert str(client.a) not in shown


def test_a_server_key_that_is_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="B is a multiple of N"):
        SrpClient().answer({"SALT": "1", "SRP_B": f"{srp.N:x}", "SECRET_BLOCK": ""}, "-g", "d", "p")


@pytest.mark.parametrize("by_srp", [False, True])
def test_a_challenge_that_nothing_answers_is_told(moto_pool: UserPool, by_srp: bool) -> None:
    moto_pool.enable_sms_mfa()
    options: dict[str, Any] = {"user_pool_id": moto_pool.id} if by_srp else {}
    with pytest.raises(ChallengeError, match=r"SMS_MFA: give sign_in\(\) an mfa_code") as caught:
        sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, **options)
    assert caught.value.challenge_name == "SMS_MFA"
    # The response is there to go on with.
    assert "AuthenticationResult" in moto_pool.answer(dict(caught.value.response), SMS_MFA_CODE=CODE)


def test_a_new_password_that_was_not_given_is_told(moto_pool: UserPool) -> None:
    moto_pool.cognito.admin_set_user_password(
        UserPoolId=moto_pool.id, Username="ada", Password="Temporary-1", Permanent=False
    )
    with pytest.raises(ChallengeError, match="NEW_PASSWORD_REQUIRED: give sign_in\\(\\) a new_password"):
        sign_in(moto_pool.cognito, moto_pool.client_id, "ada", "Temporary-1")


def test_a_challenge_that_sign_in_can_not_answer_is_told(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(MfaConfiguration="ON")
    pool.add_user()
    with pytest.raises(ChallengeError, match="MFA_SETUP: the pool requires MFA, and the user has none"):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD)
    with pytest.raises(ChallengeError, match="WEB_AUTHN: sign_in\\(\\) was not given what answers it"):
        raise ChallengeError({"ChallengeName": "WEB_AUTHN"})


def test_the_whole_result_for_its_metadata_is_told(moto_pool: UserPool) -> None:
    with pytest.raises(ValueError, match=r"This has AccessToken, .*: give result"):
        Device.from_metadata(moto_pool.tokens())


@pytest.mark.parametrize("auth_flow", ["USER_SRP_AUTH", "USER_PASSWORD_AUTH", "PASSWORD"])
def test_a_flow_that_sign_in_does_not_take_is_told(moto_pool: UserPool, auth_flow: str) -> None:
    with pytest.raises(ValueError, match="Without it the flow is USER_SRP_AUTH if user_pool_id is given"):
        sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, auth_flow=auth_flow)


def test_a_code_is_asked_for_only_when_it_is_due(moto_pool: UserPool) -> None:
    asked: list[str] = []

    def code() -> str:
        asked.append("code")
        return CODE

    sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, mfa_code=code)
    assert asked == []
    moto_pool.enable_sms_mfa()
    sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, mfa_code=code)
    assert asked == ["code"]


def test_a_refusal_comes_as_it_is(moto_pool: UserPool) -> None:
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(moto_pool.cognito, moto_pool.client_id, "ada", "wrong", user_pool_id=moto_pool.id)


def test_the_name_that_counts_is_the_canonical_one(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(ALWAYS, UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    pool.enable_sms_mfa("ada@example.com")
    tokens = sign_in(pool.cognito, pool.client_id, "ada@example.com", PASSWORD, mfa_code=CODE)
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    assert device.confirm(pool.cognito, tokens["AccessToken"], name="laptop") is False


def test_a_new_devices_secret_is_long_and_random() -> None:
    metadata = {"DeviceKey": "eu-west-1_0", "DeviceGroupKey": "-group"}
    devices = [Device.from_metadata(metadata) for _ in range(50)]
    secrets = [base64.b64decode(device.password, validate=True) for device in devices]
    assert {len(secret) for secret in secrets} == {40}
    # Each byte of it: of 50, none repeats all of the others'.
    assert all(len({secret[place] for secret in secrets}) > 10 for place in range(40))
    assert len({device.salt for device in devices}) == 50
    assert max(device.salt for device in devices).bit_length() > 100


def test_sign_in_answers_each_mfa_challenge_with_the_code(moto_pool: UserPool) -> None:
    secret = moto_pool.enable_totp()
    asked = []

    def code() -> str:
        asked.append(totp(secret))
        return asked[-1]

    assert sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, mfa_code=code)["AccessToken"]
    assert len(asked) == 1
    moto_pool.enable_sms_mfa()
    assert sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, mfa_code="123456")["AccessToken"]


def test_a_function_that_cannot_be_invoked_says_why() -> None:
    registered = LambdaUnavailable("AccessDeniedException", "The pool has no permission.")
    with triggers({"PreAuthentication": registered}) as made, pytest.raises(LambdaUnavailable) as caught:
        made.call(registered, "PreAuthentication", lambda_arn("check"), {"triggerSource": "x"}, "1")
    assert (str(caught.value), caught.value.why) == ("AccessDeniedException", "The pool has no permission.")
    assert made.calls[0].error is caught.value
    assert LambdaUnavailable().why == ""
