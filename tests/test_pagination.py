"""``Limit`` and ``PaginationToken`` of ListDevices and AdminListDevices."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from .support import UserPool

Page = tuple[list[str], "str | None"]
ListPage = Callable[..., Page]


def _page(response: dict[str, Any]) -> Page:
    return [device["DeviceKey"] for device in response["Devices"]], response.get("PaginationToken")


def for_user(pool: UserPool, access_token: str) -> ListPage:
    return lambda **members: _page(pool.cognito.list_devices(AccessToken=access_token, **members))


def for_administrator(pool: UserPool, access_token: str) -> ListPage:
    return lambda **members: _page(pool.cognito.admin_list_devices(UserPoolId=pool.id, Username="ada", **members))


both = pytest.mark.parametrize("view", [for_user, for_administrator])
View = Callable[[UserPool, str], ListPage]


def make_devices(pool: UserPool, count: int) -> tuple[list[str], str]:
    tokens: dict[str, Any] = {}
    keys = []
    for _ in range(count):
        tokens = pool.tokens()
        keys.append(tokens["NewDeviceMetadata"]["DeviceKey"])
        pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=keys[-1])
    return keys, tokens["AccessToken"]


@pytest.mark.inferred("no source for the order; a stable one")
@both
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 60])
def test_pages_hold_every_device_once_in_a_stable_order(pool: UserPool, view: View, limit: int) -> None:
    keys, token = make_devices(pool, 7)
    list_page = view(pool, token)
    found: list[str] = []
    page, next_token = list_page(Limit=limit)
    while True:
        assert len(page) <= limit
        found += page
        if next_token is None:
            break
        assert page
        page, next_token = list_page(Limit=limit, PaginationToken=next_token)
    assert found == keys


@pytest.mark.inferred("no source for the default page; 60, the largest Limit, and the same for a Limit of 0")
@both
@pytest.mark.parametrize("limit", [{}, {"Limit": 0}, {"Limit": 60}])
def test_a_page_has_60_devices_by_default(pool: UserPool, view: View, limit: dict[str, int]) -> None:
    keys, token = make_devices(pool, 61)
    page, next_token = view(pool, token)(**limit)
    assert page == keys[:60]
    assert next_token is not None
    assert view(pool, token)(PaginationToken=next_token) == (keys[60:], None)


@pytest.mark.inferred("a PaginationToken comes only if there is more")
@both
def test_the_last_page_has_no_token(pool: UserPool, view: View) -> None:
    keys, token = make_devices(pool, 2)
    assert view(pool, token)(Limit=2) == (keys, None)


@pytest.mark.inferred("a token goes on behind where it was given")
@both
def test_a_token_outlives_the_device_that_it_was_given_at(pool: UserPool, view: View) -> None:
    keys, token = make_devices(pool, 4)
    list_page = view(pool, token)
    page, next_token = list_page(Limit=2)
    assert page == keys[:2]
    for key in keys[:3]:
        pool.cognito.forget_device(AccessToken=token, DeviceKey=key)
    assert list_page(Limit=2, PaginationToken=next_token) == (keys[3:], None)


@pytest.mark.inferred("a device that is remembered again keeps its place")
def test_a_users_list_keeps_its_order(pool: UserPool) -> None:
    keys, token = make_devices(pool, 3)
    for status in ("not_remembered", "remembered"):
        pool.cognito.update_device_status(AccessToken=token, DeviceKey=keys[1], DeviceRememberedStatus=status)
    assert pool.user_devices(token) == keys


def _encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.inferred("a token that Cognito did not give is an invalid parameter")
@both
@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "AAAA",
        "****",
        "é",
        _encoded({}),
        _encoded([]),
        _encoded(7),
        _encoded({"list": "x", "after": 1}),
        _encoded({"a": [], "boto_encoded_keys": [["a", 0]]}),
        _encoded({"a": {}, "boto_encoded_keys": [["a", "b"]]}),
        _encoded({"boto_encoded_keys": [[]]}),
        _encoded({"boto_encoded_keys": 1}),
        "A" * 5000,
    ],
)
def test_a_broken_token_is_refused(pool: UserPool, view: View, bad: str) -> None:
    _, token = make_devices(pool, 1)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        view(pool, token)(PaginationToken=bad)


@pytest.mark.inferred("a token that Cognito did not give is an invalid parameter, though it begin as one that it gave")
@pytest.mark.parametrize("after", ["x", "1", True, 1.5, None, [1]])
def test_a_token_that_was_changed_is_refused(pool: UserPool, after: object) -> None:
    _, token = make_devices(pool, 2)
    _, given = for_user(pool, token)(Limit=1)
    bad = _encoded({**json.loads(base64.b64decode(given or "")), "after": after})
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        for_user(pool, token)(PaginationToken=bad)


@pytest.mark.inferred("a token is good for the list that it came from")
def test_a_token_of_another_list_is_refused(pool: UserPool) -> None:
    pool.add_user("bob")
    _, adas = make_devices(pool, 2)
    bobs = pool.tokens("bob")["AccessToken"]
    _, users_token = for_user(pool, adas)(Limit=1)
    _, administrators_token = for_administrator(pool, adas)(Limit=1)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        for_user(pool, bobs)(PaginationToken=users_token)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        for_user(pool, adas)(PaginationToken=administrators_token)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        for_administrator(pool, adas)(PaginationToken=users_token)
