"""Device operations beside moto's GetUser, pages of many devices, and what a device weighs."""

from __future__ import annotations

import base64
import gc
import secrets
import tracemalloc
from collections.abc import Callable, Iterator

from botocore.awsrequest import AWSRequest
from moto.cognitoidp.models import CognitoIdpUser

import moto_cognito_devices
from moto_cognito_devices import srp
from moto_cognito_devices.cognitoidp import device_operations
from moto_cognito_devices.cognitoidp.request import Call
from moto_cognito_devices.testing import Device

from .measuring import WARM_UP, Line, paired, seconds
from .pools import TRACKED, Pool, mocked_pool

_PAIRS = 100
_CALLS = 20
_FEW, _MANY = 100, 100_000
_PAGE = 60
_WEIGHED = 20_000
_WEIGHINGS = 3


def lines() -> Iterator[Line]:
    yield from _operations()
    yield from _pages()
    yield Line("memory per confirmed device", 1.5, list(_weights()), unit="KiB")


def _operations() -> Iterator[Line]:
    with mocked_pool(TRACKED) as pool:
        ada = pool.model.users["ada"]
        tokens = pool.initiate()["AuthenticationResult"]
        access_token = tokens["AccessToken"]
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(pool.cognito, access_token)
        secret = device.secret_verifier_config
        new_keys: list[str] = []

        def confirm_device() -> None:
            pool.cognito.confirm_device(
                AccessToken=access_token, DeviceKey=new_keys.pop(), DeviceSecretVerifierConfig=secret
            )

        def confirmations() -> float:
            moto_cognito_devices.activate()
            new_keys.extend(
                pool.model.issue_device_key(ada, mfa_passed=True).device_key for _ in range(_CALLS + WARM_UP)
            )
            return seconds(confirm_device, _CALLS, WARM_UP)

        def reads() -> float:
            moto_cognito_devices.activate()
            return seconds(
                lambda: pool.cognito.get_device(AccessToken=access_token, DeviceKey=device.device_key), _CALLS, WARM_UP
            )

        def reads_of_user() -> float:
            moto_cognito_devices.deactivate()
            return seconds(lambda: pool.cognito.get_user(AccessToken=access_token), _CALLS, WARM_UP)

        yield Line("ConfirmDevice / moto's GetUser", 1.05, paired(confirmations, reads_of_user, _PAIRS))
        yield Line("GetDevice / moto's GetUser", 1.05, paired(reads, reads_of_user, _PAIRS))


def _pages() -> Iterator[Line]:
    with mocked_pool(TRACKED) as pool:
        for username, number in (("few", _FEW), ("many", _MANY)):
            _add_devices(pool, pool.add_user(username), number)
        places: dict[str, Callable[[int], int]] = {
            "first": lambda _: 0,
            "middle": lambda number: (number - _PAGE) // 2,
            "last": lambda number: number - _PAGE,
        }
        for place, devices_before in places.items():
            of_many = _page(pool, "many", devices_before(_MANY))
            of_few = _page(pool, "few", devices_before(_FEW))
            yield Line(
                f"AdminListDevices, {place} page of {_PAGE}: user of {_MANY:,} / of {_FEW}",
                1.2,
                paired(of_many, of_few, _PAIRS),
            )


def _page(pool: Pool, username: str, devices_before: int) -> Callable[[], float]:
    """Reads a full page behind so many devices."""
    page = {"UserPoolId": pool.id, "Username": username, "Limit": _PAGE}
    if devices_before:
        # The records themselves have no upper limit, so that one step leads to the token of any page.
        user = pool.model.users[username]
        page["PaginationToken"] = pool.model.devices_of(user).page(f"{user.id} admin", False, devices_before, None)[1]
    if len(pool.cognito.admin_list_devices(**page)["Devices"]) != _PAGE:
        raise RuntimeError("The page is not full, and would be compared with one that is.")
    return lambda: seconds(lambda: pool.cognito.admin_list_devices(**page), 3, 1)


def _weights() -> Iterator[float]:
    """KiB per device: all that ``ConfirmDevice`` leaves behind, the key and the secret of its own included."""
    with mocked_pool(TRACKED) as pool:
        for weighing in range(_WEIGHINGS):
            user = pool.add_user(f"user {weighing}")
            gc.collect()
            tracemalloc.start()
            try:
                _add_devices(pool, user, _WEIGHED)
                gc.collect()
                taken, _ = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            yield taken / 1024 / _WEIGHED


def _add_devices(pool: Pool, user: CognitoIdpUser, number: int) -> None:
    for count in range(number):
        key = pool.model.issue_device_key(user, mfa_passed=True).device_key
        members = {"DeviceKey": key, "DeviceName": f"Ada's laptop {count}"}
        call = Call("ConfirmDevice", {**members, "DeviceSecretVerifierConfig": _random_secret()}, AWSRequest())
        call.device_key, call.user_pool, call.user = key, pool.model, user
        device_operations.confirm_device(call)


def _random_secret() -> dict[str, str]:
    """Of the sizes of real ones. To compute verifiers would take minutes, and show nothing more."""
    numbers = {"Salt": secrets.randbits(128) | 1, "PasswordVerifier": secrets.randbits(3072) % srp.N | 1}
    return {name: base64.b64encode(srp.pad(number)).decode() for name, number in numbers.items()}
