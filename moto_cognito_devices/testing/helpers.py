"""Helpers that change or read the state of moto: they call its own API, over a boto3 client's way to it."""

from __future__ import annotations

import base64
from typing import Any

from . import moto_api_client
from .client import Device


def add_device(
    cognito: Any,
    user_pool_id: str,
    username: str,
    *,
    name: str | None = None,
    remembered: bool = True,
    mfa_passed: bool = True,
) -> Device:
    """A confirmed device without a sign-in, which :func:`sign_in` takes at once. For moto only.

    :param cognito: a boto3 client for ``cognito-idp``, of the pool's region and account
    :param username: or an alias, or the sub
    :param name: its DeviceName, 1 to 1024 characters
    :param remembered: False for a device that the user was not asked about, or does not want to be remembered
    :param mfa_passed: False for a device that was remembered before MFA was switched on, and is asked for a code once
    :raises ValueError: if there is no such pool or user, or the pool tracks no devices
    :raises MotoNotReachedError: if the client does not lead to a moto with this plugin; nothing is sent to AWS
    """
    made = moto_api_client.call(
        cognito,
        "POST",
        "/moto-api/static/cognito-idp/devices",
        {
            "user_pool_id": user_pool_id,
            "username": username,
            "device_name": name,
            "remembered": remembered,
            "mfa_passed": mfa_passed,
            "region": cognito.meta.region_name,
        },
    )
    salt = int.from_bytes(base64.b64decode(made["DeviceSalt"]), "big")
    return Device(made["DeviceKey"], made["DeviceGroupKey"], made["DevicePassword"], salt)


def fail_next(cognito: Any, operation: str, error: str, *, message: str | None = None, times: int = 1) -> None:
    """Let the next calls of an operation fail, from whichever client they come. For moto only.

    Nothing of those calls takes effect. What is still pending is dropped by moto's reset, and so at the end of
    ``mock_aws``.

    :param cognito: a boto3 client for ``cognito-idp``
    :param operation: as in the API, "ConfirmDevice"
    :param error: one of those that AWS documents for it, "TooManyRequestsException"
    :param message: Cognito's own by default
    :param times: how many calls, from 1; a client's retries are calls, too
    :raises ValueError: naming the choices, if there is no such operation, or it has no such error
    :raises MotoNotReachedError: if the client does not lead to a moto with this plugin; nothing is sent to AWS
    """
    moto_api_client.call(
        cognito,
        "POST",
        "/moto-api/static/cognito-idp/errors",
        {"operation": operation, "error": error, "message": message, "times": times},
    )


def last_code(cognito: Any, user_pool_id: str, username: str) -> str:
    """The last code for a user that would have been sent by text message or e-mail. For moto only.

    Codes are made where ``MOTO_COGNITO_DEVICES_CODES`` is ``checked``, a new one for each challenge.

    :param cognito: a boto3 client for ``cognito-idp``, of the pool's region and account
    :param username: or an alias, or the sub
    :returns: six digits of a text message, eight of an e-mail
    :raises ValueError: if there is no such pool or user, or no code was made for the user
    :raises MotoNotReachedError: if the client does not lead to a moto with this plugin; nothing is sent to AWS
    """
    sent = moto_api_client.call(
        cognito,
        "GET",
        "/moto-api/static/cognito-idp/codes",
        {"user_pool_id": user_pool_id, "username": username, "region": cognito.meta.region_name},
    )
    code: str = sent["code"]
    return code
