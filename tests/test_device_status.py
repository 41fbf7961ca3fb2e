"""UpdateDeviceStatus, ForgetDevice and what administrators have of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .support import DEVICE_UNKNOWN, UserPool, refused

Call = Callable[..., dict[str, Any]]


def as_user(pool: UserPool, operation: str, access_token: str) -> Call:
    return lambda **members: getattr(pool.cognito, operation)(AccessToken=access_token, **members)


def as_administrator(pool: UserPool, operation: str, access_token: str) -> Call:
    return lambda **members: getattr(pool.cognito, f"admin_{operation}")(UserPoolId=pool.id, Username="ada", **members)


both = pytest.mark.parametrize("caller", [as_user, as_administrator])
Caller = Callable[[UserPool, str, str], Call]


@pytest.mark.documented("UpdateDeviceStatus, AdminUpdateDeviceStatus")
@both
def test_the_status_changes_and_the_answer_is_empty(pool: UserPool, caller: Caller) -> None:
    device, tokens = pool.confirmed_device()
    update = caller(pool, "update_device_status", tokens["AccessToken"])
    for status in ("not_remembered", "remembered", "remembered"):
        response = update(DeviceKey=device.device_key, DeviceRememberedStatus=status)
        assert set(response) == {"ResponseMetadata"}
        assert pool.admin_devices()[device.device_key]["dev:device_remembered_status"] == status
        assert pool.user_devices(tokens["AccessToken"]) == [device.device_key] * (status == "remembered")


@pytest.mark.inferred("the status is optional in the model: without one nothing changes")
@both
def test_without_a_status_nothing_changes(pool: UserPool, caller: Caller) -> None:
    device, tokens = pool.confirmed_device()
    before = pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)["Device"]
    caller(pool, "update_device_status", tokens["AccessToken"])(DeviceKey=device.device_key)
    after = pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)["Device"]
    assert before == after


@pytest.mark.documented("ForgetDevice, AdminForgetDevice")
@both
def test_a_forgotten_device_is_gone(pool: UserPool, caller: Caller) -> None:
    device, tokens = pool.confirmed_device()
    kept, _ = pool.confirmed_device()
    forget = caller(pool, "forget_device", tokens["AccessToken"])
    assert set(forget(DeviceKey=device.device_key)) == {"ResponseMetadata"}
    assert list(pool.admin_devices()) == pool.user_devices(tokens["AccessToken"]) == [kept.device_key]


@pytest.mark.inferred("a device that is not remembered is in no list of the user's, and takes nobody out of it")
@both
def test_to_forget_one_that_is_not_remembered_leaves_the_others(pool: UserPool, caller: Caller) -> None:
    device, tokens = pool.confirmed_device()
    kept, _ = pool.confirmed_device()
    update, forget = (caller(pool, name, tokens["AccessToken"]) for name in ("update_device_status", "forget_device"))
    update(DeviceKey=device.device_key, DeviceRememberedStatus="not_remembered")
    forget(DeviceKey=device.device_key)
    assert list(pool.admin_devices()) == pool.user_devices(tokens["AccessToken"]) == [kept.device_key]


@pytest.mark.inferred("the model gives ForgetDevice no output")
def test_to_forget_has_no_body(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    body = {"AccessToken": tokens["AccessToken"], "DeviceKey": device.device_key}
    response = pool.target.post("ForgetDevice", body)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.observed("aws-sdk-net #1055; aws-sdk-android's tests on AWS; for administrators a question on re:Post")
@both
@pytest.mark.parametrize("operation", ["update_device_status", "forget_device"])
@pytest.mark.parametrize("whose", ["nobody's", "pending", "another user's", "forgotten"])
def test_an_unknown_device_does_not_exist(pool: UserPool, caller: Caller, operation: str, whose: str) -> None:
    pool.add_user("bob")
    tokens = pool.tokens()
    key = "eu-west-1_00000000-0000-4000-8000-000000000000"
    if whose == "pending":
        key = tokens["NewDeviceMetadata"]["DeviceKey"]
    elif whose == "another user's":
        key = pool.confirmed_device("bob")[0].device_key
    elif whose == "forgotten":
        key = pool.confirmed_device()[0].device_key
        pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=key)
    bobs_devices = pool.admin_devices("bob")
    with refused(*DEVICE_UNKNOWN):
        caller(pool, operation, tokens["AccessToken"])(DeviceKey=key)
    assert pool.admin_devices("bob") == bobs_devices


@pytest.mark.observed("aws-sdk-android's tests on AWS update a device that is not remembered")
@both
def test_a_device_that_is_not_remembered_can_be_forgotten(pool: UserPool, caller: Caller) -> None:
    device, tokens = pool.confirmed_device()
    caller(pool, "update_device_status", tokens["AccessToken"])(
        DeviceKey=device.device_key, DeviceRememberedStatus="not_remembered"
    )
    caller(pool, "forget_device", tokens["AccessToken"])(DeviceKey=device.device_key)
    assert pool.admin_devices() == {}


@pytest.mark.inferred("access tokens stay good until they expire")
def test_the_access_token_of_a_forgotten_device_stays_good(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
    assert pool.user_devices(tokens["AccessToken"]) == []
