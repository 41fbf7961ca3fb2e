"""The device operations of users and administrators, and adding a device from a test.

Users name themselves by an access token, administrators name a user: ``call.user`` has been found either way.
"""

from __future__ import annotations

import base64
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from .. import srp
from .devices import (
    REMEMBERED,
    ClientInfo,
    CognitoIdpDevice,
    PendingDevice,
    arn_prefix,
    parse_device_secret,
)
from .exceptions import (
    DeviceKeyExistsException,
    DeviceNotFoundError,
    DeviceTrackingDisabledError,
    InvalidDeviceKeyError,
    UserDoesNotExistError,
)
from .pool_state import lock
from .request import Call
from .user_pools import CognitoIdpUserPool

Result = dict[str, Any]


def confirm_device(call: Call) -> Result:
    """
    :raises InvalidParameterException: if the salt or verifier is malformed
    :raises DeviceKeyExistsException: if the device is confirmed already
    :raises InvalidDeviceKeyError: if the key was not issued to this user, or was forgotten
    """
    user_pool, user = call.user_pool, call.user
    secret = parse_device_secret(call.members.get("DeviceSecretVerifierConfig"))
    with lock:
        devices = user_pool.devices_of(user)
        if devices.get(call.device_key):
            raise DeviceKeyExistsException
        configuration = user_pool.device_configuration
        if configuration is None or call.device_key not in devices.pending:
            raise InvalidDeviceKeyError(user_pool.explain_unknown_device(user, call.device_key))
        ask_user = configuration["DeviceOnlyRememberedOnUserPrompt"]
        pending, name = devices.pending[call.device_key], call.members.get("DeviceName")
        devices.confirm(_confirmed(user_pool, user, pending, name, secret, not ask_user, call.client_info))
    return {"UserConfirmationNecessary": ask_user}


def get_device(call: Call) -> Result:
    """
    :raises DeviceNotFoundError: if it is not a confirmed device of the user; users only see remembered ones
    """
    device = call.user_pool.find_device(call.user, call.device_key)
    if not device.remembered and not call.as_admin:
        raise DeviceNotFoundError("It is not remembered: only administrators see it until UpdateDeviceStatus.")
    return {"Device": device.to_json()}


def list_devices(call: Call) -> Result:
    """Administrators see every confirmed device, users those that are remembered.

    :raises InvalidPaginationTokenError: if the token is malformed or belongs to another list
    """
    bound_to = f"{call.user.id} {'admin' if call.as_admin else 'user'}"
    with lock:
        page, pagination_token = call.user_pool.devices_of(call.user).page(
            bound_to, not call.as_admin, call.members.get("Limit"), call.members.get("PaginationToken")
        )
    result: Result = {"Devices": [device.to_json(listed_to_user=not call.as_admin) for device in page]}
    return result if pagination_token is None else {**result, "PaginationToken": pagination_token}


def update_device_status(call: Call) -> Result:
    """
    :raises DeviceNotFoundError: if it is not a confirmed device of the user
    """
    with lock:
        device = call.user_pool.find_device(call.user, call.device_key)
        status = call.members.get("DeviceRememberedStatus")
        if status is not None:
            call.user_pool.devices_of(call.user).remember(device, status == REMEMBERED)
    return {}


def forget_device(call: Call) -> None:
    """
    :raises DeviceNotFoundError: if it is not a confirmed device of the user
    """
    with lock:
        call.user_pool.devices_of(call.user).forget(call.user_pool.find_device(call.user, call.device_key))


def add_device(
    user_pool: CognitoIdpUserPool,
    user: CognitoIdpUser,
    name: str | None,
    remembered: bool,
    mfa_passed: bool,
    client_info: ClientInfo,
) -> tuple[PendingDevice, str, int]:
    """Add a confirmed device without a sign-in. Only for ``testing.add_device``: AWS has no such operation.

    :returns: the device's keys, its password and its salt
    :raises DeviceTrackingDisabledError: if the pool tracks no devices
    :raises UserDoesNotExistError: if the user is deleted meanwhile
    """
    if not user_pool.tracks_devices:
        raise DeviceTrackingDisabledError(user_pool.id)
    with lock:
        pending = user_pool.issue_device_key(user, mfa_passed)
    password = base64.b64encode(mock_random.getrandbits(320).to_bytes(40, "big")).decode()
    salt = mock_random.getrandbits(128) or 1
    x = srp.private_key(salt, pending.device_group_key, pending.device_key, password)
    secret = salt, srp.verifier(x)
    with lock:
        if user_pool.users.get(user.username) is not user:
            raise UserDoesNotExistError("It was deleted while the device was being added.")
        device = _confirmed(user_pool, user, pending, name, secret, remembered, client_info)
        user_pool.state.devices[user.id].confirm(device)
    return pending, password, salt


def _confirmed(
    user_pool: CognitoIdpUserPool,
    user: CognitoIdpUser,
    pending: PendingDevice,
    name: str | None,
    secret: tuple[int, int] | None,
    remembered: bool,
    client_info: ClientInfo,
) -> CognitoIdpDevice:
    return CognitoIdpDevice(
        pending,
        name,
        owner=f"{user.username}.{user_pool.id}",
        arn_prefix=arn_prefix(user_pool.region, user_pool.account_id),
        secret=secret,
        remembered=remembered,
        client_info=client_info,
    )
