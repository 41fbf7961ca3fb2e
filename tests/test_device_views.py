"""GetDevice, ListDevices, AdminGetDevice, AdminListDevices: who sees which devices, and what of them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timezone
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cognito_devices.cognitoidp.devices import arn_prefix

from .conftest import MakePool, pool_maker
from .support import DEVICE_UNKNOWN, OPT_IN, Target, UserPool, attributes, refused

EVERYTHING = [
    "device_status",
    "device_name",
    "dev:device_arn",
    "dev:device_owner",
    "last_ip_used",
    "dev:device_remembered_status",
    "dev:device_sdk",
]


def views(pool: UserPool, device_key: str, access_token: str) -> dict[str, dict[str, Any]]:
    """The device, as each of the four operations shows it."""
    cognito = pool.cognito
    return {
        "GetDevice": cognito.get_device(AccessToken=access_token, DeviceKey=device_key)["Device"],
        "ListDevices": cognito.list_devices(AccessToken=access_token)["Devices"][0],
        "AdminGetDevice": cognito.admin_get_device(UserPoolId=pool.id, Username="ada", DeviceKey=device_key)["Device"],
        "AdminListDevices": cognito.admin_list_devices(UserPoolId=pool.id, Username="ada")["Devices"][0],
    }


@pytest.mark.documented("examples of admin-list-devices and admin-get-device in the AWS CLI")
@pytest.mark.parametrize("operation", ["AdminGetDevice", "AdminListDevices"])
def test_administrators_see_every_attribute_in_order(pool: UserPool, operation: str) -> None:
    device, tokens = pool.confirmed_device(name="laptop")
    shown = views(pool, device.device_key, tokens["AccessToken"])[operation]
    assert shown["DeviceKey"] == device.device_key
    assert [attribute["Name"] for attribute in shown["DeviceAttributes"]] == EVERYTHING
    values = attributes(shown)
    account = pool.made["Arn"].split(":")[4]
    assert values == {
        "device_status": "valid",
        "device_name": "laptop",
        "dev:device_arn": (
            f"arn:aws:cognito-idp:{pool.target.region}:{account}:owner/ada.{pool.id}/device/{device.device_key}"
        ),
        "dev:device_owner": f"ada.{pool.id}",
        "last_ip_used": values["last_ip_used"],
        "dev:device_remembered_status": "remembered",
        "dev:device_sdk": values["dev:device_sdk"],
    }
    assert values["last_ip_used"].count(".") == 3 or ":" in values["last_ip_used"]


@pytest.mark.conflicting("CLI example of get-device: all seven; no capture of the real answer")
def test_a_user_sees_every_attribute_of_one_device(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device(name="laptop")
    shown = views(pool, device.device_key, tokens["AccessToken"])["GetDevice"]
    assert [attribute["Name"] for attribute in shown["DeviceAttributes"]] == EVERYTHING


@pytest.mark.observed("CLI example of list-devices; amplify-js PR #12171")
def test_a_user_sees_three_attributes_in_a_list(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device(name="laptop")
    shown = views(pool, device.device_key, tokens["AccessToken"])["ListDevices"]
    assert [attribute["Name"] for attribute in shown["DeviceAttributes"]] == [
        "device_status",
        "device_name",
        "last_ip_used",
    ]


@pytest.mark.observed("CLI examples and amplify-js PR #12171: JSON numbers with milliseconds")
def test_dates_are_numbers_of_seconds(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    body = {"AccessToken": tokens["AccessToken"], "DeviceKey": device.device_key}
    shown = pool.target.post("GetDevice", body).json()["Device"]
    created, authenticated = shown["DeviceCreateDate"], shown["DeviceLastAuthenticatedDate"]
    assert isinstance(created, float)
    assert round(created, 3) == created
    assert int(authenticated) == authenticated
    assert shown["DeviceLastModifiedDate"] == created


def test_dates_follow_a_frozen_clock(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    with freeze_time("2031-05-07 12:00:00.500") as clock:
        device, tokens = pool.confirmed_device()
        clock.tick(60)
        pool.cognito.update_device_status(
            AccessToken=tokens["AccessToken"], DeviceKey=device.device_key, DeviceRememberedStatus="remembered"
        )
        for shown in views(pool, device.device_key, tokens["AccessToken"]).values():
            created, modified, authenticated = (
                shown[f"Device{name}Date"].astimezone(timezone.utc).isoformat()
                for name in ("Create", "LastModified", "LastAuthenticated")
            )
            assert created == "2031-05-07T12:00:00.500000+00:00"
            assert modified == "2031-05-07T12:01:00.500000+00:00"
            assert authenticated == "2031-05-07T12:00:00+00:00"


@pytest.mark.observed("aws-sdk-android's tests on AWS: list and get show remembered devices only")
def test_a_user_sees_remembered_devices_only(make_pool: MakePool) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    token, key = tokens["AccessToken"], device.device_key

    def set_status(status: str) -> None:
        pool.cognito.update_device_status(AccessToken=token, DeviceKey=key, DeviceRememberedStatus=status)

    assert pool.user_devices(token) == []
    with refused(*DEVICE_UNKNOWN):
        pool.cognito.get_device(AccessToken=token, DeviceKey=key)
    assert pool.admin_devices()[key]["dev:device_remembered_status"] == "not_remembered"

    set_status("remembered")
    assert pool.user_devices(token) == [key]
    assert pool.cognito.get_device(AccessToken=token, DeviceKey=key)["Device"]["DeviceKey"] == key

    set_status("not_remembered")
    assert pool.user_devices(token) == []
    with refused(*DEVICE_UNKNOWN):
        pool.cognito.get_device(AccessToken=token, DeviceKey=key)
    shown = pool.cognito.admin_get_device(UserPoolId=pool.id, Username="ada", DeviceKey=key)["Device"]
    assert attributes(shown)["dev:device_remembered_status"] == "not_remembered"


@pytest.mark.observed("aws-sdk-net #578: administrators don't see unconfirmed devices either")
def test_nobody_sees_a_device_before_its_confirmation(pool: UserPool) -> None:
    tokens = pool.tokens()
    key = tokens["NewDeviceMetadata"]["DeviceKey"]
    assert pool.user_devices(tokens["AccessToken"]) == []
    assert pool.admin_devices() == {}
    with refused(*DEVICE_UNKNOWN):
        pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=key)
    with refused(*DEVICE_UNKNOWN):
        pool.cognito.admin_get_device(UserPoolId=pool.id, Username="ada", DeviceKey=key)


@pytest.mark.inferred("a device has one owner")
def test_another_users_device_does_not_exist(pool: UserPool) -> None:
    pool.add_user("bob")
    device, _ = pool.confirmed_device("ada")
    bobs = pool.tokens("bob")["AccessToken"]
    with refused(*DEVICE_UNKNOWN):
        pool.cognito.get_device(AccessToken=bobs, DeviceKey=device.device_key)
    with refused(*DEVICE_UNKNOWN):
        pool.cognito.admin_get_device(UserPoolId=pool.id, Username="bob", DeviceKey=device.device_key)
    assert pool.user_devices(bobs) == []


@pytest.mark.documented("Username in the service model: username, alias or sub")
@pytest.mark.parametrize("options", [{"UsernameAttributes": ["email"]}, {"AliasAttributes": ["email"]}, {}])
def test_administrators_name_the_user_by_username_alias_or_sub(make_pool: MakePool, options: dict[str, Any]) -> None:
    pool = make_pool(**options)
    username = "ada@example.com" if "UsernameAttributes" in options else "ada"
    canonical = pool.add_user(username, email="ada@example.com", email_verified="true")
    device, _ = pool.confirmed_device(username)
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username=canonical)
    sub = next(attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == "sub")
    names = {canonical, sub} | ({"ada@example.com"} if options else set())
    for name in names:
        assert list(pool.admin_devices(name)) == [device.device_key]
        shown = pool.cognito.admin_get_device(UserPoolId=pool.id, Username=name, DeviceKey=device.device_key)
        assert attributes(shown["Device"])["dev:device_owner"] == f"{canonical}.{pool.id}"


@pytest.mark.inferred(
    "the model lists no UserNotFoundException for two of the four; it is what Cognito answers elsewhere"
)
@pytest.mark.parametrize("operation", ["get_device", "list_devices", "update_device_status", "forget_device"])
def test_administrators_are_told_of_an_unknown_user_or_pool(pool: UserPool, operation: str) -> None:
    device_key = {} if operation == "list_devices" else {"DeviceKey": "eu-west-1_0"}
    call = getattr(pool.cognito, f"admin_{operation}")
    with refused("UserNotFoundException", "User does not exist."):
        call(UserPoolId=pool.id, Username="nobody", **device_key)
    unknown = f"{pool.target.region}_unknown"
    with refused("ResourceNotFoundException", f"User pool {unknown} does not exist."):
        call(UserPoolId=unknown, Username="ada", **device_key)


@pytest.mark.documented("the ARN of the partition for the United States' government")
@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")])
def test_the_arn_is_of_the_regions_partition(target: Target, region: str, partition: str) -> None:
    if not target.is_moto:
        pytest.skip("an account is of one partition")
    with ExitStack() as clean_up:
        pool = pool_maker(replace(target, region=region), clean_up)()
        pool.add_user()
        device, _ = pool.confirmed_device()
        arn = pool.admin_devices()[device.device_key]["dev:device_arn"]
        assert arn == (
            f"arn:{partition}:cognito-idp:{region}:123456789012:owner/ada.{pool.id}/device/{device.device_key}"
        )


def test_the_arn_of_a_region_where_moto_has_no_cognito() -> None:
    assert arn_prefix("cn-north-1", "123456789012") == "arn:aws-cn:cognito-idp:cn-north-1:123456789012"


@pytest.mark.inferred("mobile SDKs name themselves in User-Agent; Cognito's name for others is in the CLI examples")
@pytest.mark.parametrize(
    ("agent", "sdk"),
    [("aws-sdk-iOS/2.30.1 iOS/16.1 en_US", "aws-sdk-iOS-2.30.1"), ("curl/8.0", "aws-sdk-unknown-unknown")],
)
def test_the_device_keeps_the_sdks_name(pool: UserPool, agent: str, sdk: str) -> None:
    tokens = pool.tokens()
    key = tokens["NewDeviceMetadata"]["DeviceKey"]
    body = {"AccessToken": tokens["AccessToken"], "DeviceKey": key}
    headers: dict[str, Any] = {"User-Agent": agent}
    assert pool.target.post("ConfirmDevice", body, **headers).status_code == 200
    assert pool.admin_devices()[key]["dev:device_sdk"] == sdk
