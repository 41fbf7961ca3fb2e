"""ConfirmDevice."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest

from moto_cognito_devices import srp
from moto_cognito_devices.testing import Device

from .conftest import MakePool
from .support import (
    ALWAYS,
    ALWAYS_WITHOUT_MFA_WAIVER,
    CODE,
    OPT_IN,
    PASSWORD,
    UserPool,
    attributes,
    refused,
)

INVALID_KEY = ("InvalidParameterException", "Invalid device key given.")
AWS_DOC = "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html"


def base64_of(number: int) -> str:
    return base64.b64encode(srp.pad(number)).decode()


@pytest.mark.documented("DeviceConfigurationType and ConfirmDeviceResponse in the service model")
@pytest.mark.parametrize(
    ("configuration", "necessary", "remembered"),
    [(ALWAYS, False, "remembered"), (ALWAYS_WITHOUT_MFA_WAIVER, False, "remembered"), (OPT_IN, True, "not_remembered")],
)
def test_remembers_at_once_unless_the_pool_asks_the_user(
    make_pool: MakePool, configuration: dict[str, bool], necessary: bool, remembered: str
) -> None:
    pool = make_pool(configuration)
    pool.add_user()
    tokens = pool.tokens()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])

    response = pool.cognito.confirm_device(
        AccessToken=tokens["AccessToken"],
        DeviceKey=device.device_key,
        DeviceSecretVerifierConfig=device.secret_verifier_config,
    )

    assert response["UserConfirmationNecessary"] is necessary
    assert pool.admin_devices()[device.device_key]["dev:device_remembered_status"] == remembered


@pytest.mark.documented("examples of confirm-device in the AWS CLI: DeviceSecretVerifierConfig is not required")
def test_needs_no_verifier(pool: UserPool) -> None:
    tokens = pool.tokens()
    key = tokens["NewDeviceMetadata"]["DeviceKey"]
    pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=key)
    assert pool.user_devices(tokens["AccessToken"]) == [key]


@pytest.mark.observed("amplify-flutter and amplify-js #12854: no device_name attribute without a name")
def test_keeps_the_name_if_there_is_one(pool: UserPool) -> None:
    named, _ = pool.confirmed_device(name="Ada's phone (Mozilla/5.0) — ✓")
    unnamed, _ = pool.confirmed_device()
    devices = pool.admin_devices()
    assert devices[named.device_key]["device_name"] == "Ada's phone (Mozilla/5.0) — ✓"
    assert "device_name" not in devices[unnamed.device_key]


@pytest.mark.observed("amplify-js #4047 and others: the text for a key that was never issued")
@pytest.mark.parametrize("key", [f"eu-west-1_{uuid.UUID(int=7)}", "us-east-1_0"])
def test_refuses_a_key_that_was_not_issued(pool: UserPool, key: str) -> None:
    token = pool.tokens()["AccessToken"]
    with refused(*INVALID_KEY):
        pool.cognito.confirm_device(AccessToken=token, DeviceKey=key)
    assert pool.admin_devices() == {}


@pytest.mark.inferred("a key is issued to a user")
def test_refuses_a_key_of_another_user(pool: UserPool) -> None:
    pool.add_user("bob")
    key = pool.tokens("ada")["NewDeviceMetadata"]["DeviceKey"]
    with refused(*INVALID_KEY):
        pool.cognito.confirm_device(AccessToken=pool.tokens("bob")["AccessToken"], DeviceKey=key)
    assert pool.admin_devices("ada") == pool.admin_devices("bob") == {}


@pytest.mark.observed("cognito-srp-helper's tests on AWS confirm the device of one sign-in with the token of another")
def test_takes_any_access_token_of_the_user(pool: UserPool) -> None:
    first, second = pool.tokens(), pool.tokens()
    key = second["NewDeviceMetadata"]["DeviceKey"]
    pool.cognito.confirm_device(AccessToken=first["AccessToken"], DeviceKey=key)
    assert list(pool.admin_devices()) == [key]


@pytest.mark.documented("DeviceKeyExistsException in the service model; its text is not known")
def test_refuses_to_confirm_a_device_twice(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device(name="first")
    with pytest.raises(pool.cognito.exceptions.DeviceKeyExistsException):
        pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key, DeviceName="second")
    assert pool.admin_devices()[device.device_key]["device_name"] == "first"


@pytest.mark.inferred(f"{AWS_DOC}: a forgotten key never comes back")
def test_refuses_a_forgotten_key(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    with refused(*INVALID_KEY):
        pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)


@pytest.mark.conflicting("no source for device operations without tracking")
def test_refuses_every_key_while_tracking_is_off(pool: UserPool) -> None:
    tokens = pool.tokens()
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    with refused(*INVALID_KEY):
        pool.cognito.confirm_device(
            AccessToken=tokens["AccessToken"], DeviceKey=tokens["NewDeviceMetadata"]["DeviceKey"]
        )


@pytest.mark.observed("amplify-js #4047: tokens and metadata come, and ConfirmDevice refuses the key")
@pytest.mark.parametrize(("canonical", "accepted"), [(False, False), (True, True)])
def test_refuses_the_key_if_the_last_challenge_was_answered_with_an_alias(
    make_pool: MakePool, canonical: bool, accepted: bool
) -> None:
    pool = make_pool(UsernameAttributes=["email"])
    username = pool.add_user("ada@example.com", email="ada@example.com")
    pool.cognito.admin_set_user_password(
        UserPoolId=pool.id, Username="ada@example.com", Password="Temporary-1", Permanent=False
    )
    challenge = pool.initiate("ada@example.com", password="Temporary-1")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    name = username if canonical else "ada@example.com"
    tokens = pool.answer(challenge, name, NEW_PASSWORD=PASSWORD)["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    if accepted:
        device.confirm(pool.cognito, tokens["AccessToken"])
        assert list(pool.admin_devices("ada@example.com")) == [device.device_key]
    else:
        with refused(*INVALID_KEY):
            device.confirm(pool.cognito, tokens["AccessToken"])


@pytest.mark.observed("newer Amplify clients sign in by alias with InitiateAuth alone and confirm their devices")
def test_takes_the_key_of_a_sign_in_by_alias_without_challenges(make_pool: MakePool) -> None:
    pool = make_pool(UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    device, _ = pool.confirmed_device("ada@example.com")
    assert list(pool.admin_devices("ada@example.com")) == [device.device_key]


def test_the_alias_trap_can_be_switched_off(make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM", "false")
    pool = make_moto_pool(UsernameAttributes=["phone_number"])
    pool.add_user("+15555550100", phone_number="+15555550100")
    pool.enable_sms_mfa("+15555550100")
    tokens = pool.answer(pool.initiate("+15555550100"), "+15555550100", SMS_MFA_CODE=CODE)["AuthenticationResult"]
    Device.from_metadata(tokens["NewDeviceMetadata"]).confirm(pool.cognito, tokens["AccessToken"])


def confirm_with(pool: UserPool, config: dict[str, Any]) -> None:
    tokens = pool.tokens()
    pool.cognito.confirm_device(
        AccessToken=tokens["AccessToken"],
        DeviceKey=tokens["NewDeviceMetadata"]["DeviceKey"],
        DeviceSecretVerifierConfig=config,
    )


@pytest.mark.observed(
    "the AWS CLI's example sends unpadded base64; .NET SDK #46 and SDK comments: negative is an error"
)
@pytest.mark.parametrize(
    ("salt", "verifier"),
    [
        (base64_of(1 << 126), base64_of(1 << 3070)),
        (base64_of(1 << 127), base64_of(1 << 3071)),
        (base64_of(12345).rstrip("="), base64_of(1 << 3071).rstrip("=")),
        ("TXlWZXJpZmllclN0cmluZw", "TXlWZXJpZmllclN0cmluZw"),
    ],
    ids=["positive", "with a zero byte first", "unpadded", "example of the CLI"],
)
def test_takes_base64_of_positive_numbers(pool: UserPool, salt: str, verifier: str) -> None:
    confirm_with(pool, {"Salt": salt, "PasswordVerifier": verifier})
    assert len(pool.admin_devices()) == 1


GOOD = base64_of(1 << 100)
NEGATIVE = "Found negative value for salt or password verifier"


@pytest.mark.observed("extendvcc 0.1.1: the text of a negative number; .NET SDK #46: the error; other texts are ours")
@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"Salt": base64.b64encode(b"\x80" + bytes(15)).decode(), "PasswordVerifier": GOOD}, NEGATIVE),
        ({"Salt": GOOD, "PasswordVerifier": base64.b64encode(b"\xff" * 384).decode()}, NEGATIVE),
        ({"Salt": "***", "PasswordVerifier": GOOD}, "Salt is not valid base64"),
        ({"Salt": GOOD, "PasswordVerifier": "A"}, "PasswordVerifier is not valid base64"),
        ({"Salt": "é", "PasswordVerifier": GOOD}, "Salt is not valid base64"),
        ({"Salt": GOOD}, "PasswordVerifier is missing"),
        ({"PasswordVerifier": GOOD}, "Salt is missing"),
        ({"Salt": "", "PasswordVerifier": GOOD}, "Salt is missing"),
        ({"Salt": GOOD, "PasswordVerifier": "AAAA"}, "PasswordVerifier is zero"),
        ({"Salt": GOOD, "PasswordVerifier": base64_of(srp.N)}, "PasswordVerifier is zero modulo N"),
        ({"Salt": GOOD, "PasswordVerifier": base64_of(3 * srp.N)}, "PasswordVerifier is zero modulo N"),
    ],
)
def test_refuses_a_verifier_that_is_no_positive_number(pool: UserPool, config: dict[str, str], text: str) -> None:
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException, match=text):
        confirm_with(pool, config)
    assert pool.admin_devices() == {}


@pytest.mark.documented("examples of admin-get-device in the AWS CLI")
def test_dates_the_device_from_its_confirmation(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    shown = pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)["Device"]
    assert attributes(shown)["device_status"] == "valid"
    created, modified = shown["DeviceCreateDate"], shown["DeviceLastModifiedDate"]
    assert created == modified
    assert 0 <= created.timestamp() - shown["DeviceLastAuthenticatedDate"].timestamp() < 1
