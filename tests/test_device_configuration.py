"""``DeviceConfiguration`` of a user pool."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MakePool
from .support import ALWAYS, OPT_IN, UserPool

BOTH_FALSE = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}


def described(pool: UserPool) -> dict[str, bool] | None:
    configuration: dict[str, bool] | None = pool.cognito.describe_user_pool(UserPoolId=pool.id)["UserPool"].get(
        "DeviceConfiguration"
    )
    return configuration


def tracks(pool: UserPool) -> bool:
    pool.add_user()
    return "NewDeviceMetadata" in pool.tokens()


@pytest.mark.observed("amplify-js #8469 shows both booleans; .NET SDK extensions #139 has devices with false/false")
@pytest.mark.parametrize("configuration", [ALWAYS, OPT_IN, BOTH_FALSE])
def test_both_booleans_are_shown_and_even_both_false_track(make_pool: MakePool, configuration: dict[str, bool]) -> None:
    pool = make_pool(configuration)
    assert pool.made["DeviceConfiguration"] == configuration
    assert described(pool) == configuration
    assert tracks(pool)


@pytest.mark.inferred("a missing property is false, as other booleans of the API are")
@pytest.mark.parametrize("name", ["ChallengeRequiredOnNewDevice", "DeviceOnlyRememberedOnUserPrompt"])
@pytest.mark.parametrize("value", [True, False])
def test_a_missing_property_is_false(make_pool: MakePool, name: str, value: bool) -> None:
    pool = make_pool({name: value})
    assert described(pool) == {**BOTH_FALSE, name: value}
    assert tracks(pool)


@pytest.mark.documented("UserPoolType.DeviceConfiguration: null without device remembering")
def test_without_a_configuration_nothing_is_tracked(make_pool: MakePool) -> None:
    pool = make_pool(None)
    assert "DeviceConfiguration" not in pool.made
    assert described(pool) is None
    assert not tracks(pool)


@pytest.mark.conflicting("the model: any property activates; terraform-provider-aws #16799: no property switches off")
def test_an_empty_configuration_is_none(make_pool: MakePool) -> None:
    pool = make_pool({})
    assert "DeviceConfiguration" not in pool.made
    assert described(pool) is None
    assert not tracks(pool)


@pytest.mark.inferred("null is absent")
def test_a_configuration_of_nulls_is_none(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS)
    nulls = dict.fromkeys(ALWAYS)
    response = pool.target.post("UpdateUserPool", {"UserPoolId": pool.id, "DeviceConfiguration": nulls}, signed=True)
    assert response.status_code == 200
    assert described(pool) is None
    assert not tracks(pool)


@pytest.mark.documented("UpdateUserPool sets an attribute without a value to its default")
@pytest.mark.parametrize("options", [{}, {"DeviceConfiguration": {}}])
def test_an_update_without_it_switches_tracking_off(make_pool: MakePool, options: dict[str, Any]) -> None:
    pool = make_pool(ALWAYS)
    pool.cognito.update_user_pool(UserPoolId=pool.id, **options)
    assert described(pool) is None
    assert not tracks(pool)


@pytest.mark.documented("UpdateUserPool")
def test_an_update_switches_tracking_on(make_pool: MakePool) -> None:
    pool = make_pool(None)
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=OPT_IN)
    assert described(pool) == OPT_IN
    assert tracks(pool)


@pytest.mark.documented("ListUserPools gives no DeviceConfiguration (UserPoolDescriptionType)")
def test_a_list_of_pools_does_not_show_it(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS)
    listed = [made for made in pool.cognito.list_user_pools(MaxResults=60)["UserPools"] if made["Id"] == pool.id]
    assert all("DeviceConfiguration" not in made for made in listed)


@pytest.mark.inferred("no source for stored devices while tracking is off; they are kept")
def test_devices_come_back_with_tracking(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()

    pool.cognito.update_user_pool(UserPoolId=pool.id)
    assert pool.user_devices(tokens["AccessToken"]) == []
    assert pool.admin_devices() == {}
    with pytest.raises(pool.cognito.exceptions.ResourceNotFoundException):
        pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)

    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    assert pool.user_devices(tokens["AccessToken"]) == [device.device_key]
    assert list(pool.admin_devices()) == [device.device_key]


@pytest.mark.inferred("botocore's model: both are booleans")
@pytest.mark.parametrize("configuration", ["true", {"ChallengeRequiredOnNewDevice": "yes"}, [], 1])
@pytest.mark.parametrize("operation", ["CreateUserPool", "UpdateUserPool"])
def test_another_type_is_refused(pool: UserPool, operation: str, configuration: object) -> None:
    body = {"PoolName": "p", "UserPoolId": pool.id, "DeviceConfiguration": configuration}
    response = pool.target.post(operation, body, signed=True)
    assert response.status_code == 400
    assert response.json()["__type"] == "SerializationException"
    assert described(pool) == ALWAYS
