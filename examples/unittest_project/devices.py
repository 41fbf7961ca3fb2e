"""The app: "sign in without a code on this device only". It takes an endpoint, and has no word of moto."""

from __future__ import annotations

from typing import Any

import boto3


def remembered_devices(cognito: Any, access_token: str) -> list[str]:
    """
    :returns: the keys of the user's remembered devices, of all pages
    """
    keys: list[str] = []
    page = {"Limit": 60}  # the most that there is
    while True:
        response = cognito.list_devices(AccessToken=access_token, **page)
        keys += [device["DeviceKey"] for device in response["Devices"]]
        if "PaginationToken" not in response:
            return keys
        page["PaginationToken"] = response["PaginationToken"]


def forget_others(access_token: str, device_key: str, region: str, endpoint_url: str | None = None) -> int:
    """Forget all of a user's devices but one.

    :param device_key: of the one that is kept, which the app has in its storage
    :param endpoint_url: AWS's by default
    :returns: how many were forgotten
    """
    cognito = boto3.client("cognito-idp", region_name=region, endpoint_url=endpoint_url)
    others = [key for key in remembered_devices(cognito, access_token) if key != device_key]
    for key in others:
        cognito.forget_device(AccessToken=access_token, DeviceKey=key)
    return len(others)
