"""Helpers that change or read moto's state, through its own API."""

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
    """Add a confirmed device without a sign-in, for :func:`sign_in`. Moto only.

    :param cognito: a boto3 client for ``cognito-idp``, of the pool's region and account
    :param username: or an alias, or the sub
    :param name: DeviceName, 1 to 1024 characters
    :param remembered: False for DeviceRememberedStatus ``not_remembered``
    :param mfa_passed: False for a device that was remembered before MFA was enabled: it waives MFA only after one code
    :raises ValueError: if there is no such pool or user, or the pool does not track devices
    :raises MotoNotReachedError: if the client does not call a moto with this plugin; nothing is sent to AWS
    """
    made = moto_api_client.call(
        cognito,
        "POST",
        "devices",
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
    """Make the next calls of an operation fail, from any client. Moto only.

    Those calls have no effect. Moto's reset drops the errors that are pending, and so does the end of ``mock_aws``.

    :param cognito: a boto3 client for ``cognito-idp``
    :param operation: as in the API, for instance "ConfirmDevice"
    :param error: one that AWS documents for it, for instance "TooManyRequestsException"
    :param message: Cognito's by default
    :param times: how many calls, at least 1; a client's retries count
    :raises ValueError: naming the choices, if there is no such operation, or it has no such error
    :raises MotoNotReachedError: if the client does not call a moto with this plugin; nothing is sent to AWS
    """
    injected = {"operation": operation, "error": error, "message": message, "times": times}
    moto_api_client.call(cognito, "POST", "errors", injected)


def last_code(cognito: Any, user_pool_id: str, username: str) -> str:
    """Return the last code that AWS would have sent to a user by text message or e-mail. Moto only.

    If ``MOTO_COGNITO_DEVICES_CODES`` is ``checked``, there is a new code for each challenge.

    :param cognito: a boto3 client for ``cognito-idp``, of the pool's region and account
    :param username: or an alias, or the sub
    :returns: six digits of a text message, eight of an e-mail
    :raises ValueError: if there is no such pool or user, or there was no code for the user
    :raises MotoNotReachedError: if the client does not call a moto with this plugin; nothing is sent to AWS
    """
    user = {"user_pool_id": user_pool_id, "username": username, "region": cognito.meta.region_name}
    code: str = moto_api_client.call(cognito, "GET", "codes", user)["code"]
    return code
