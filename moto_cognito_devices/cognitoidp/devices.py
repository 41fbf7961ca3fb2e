"""The records of devices, per user and in an order that pagination can rely on."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.paginate import TokenDecoder, TokenEncoder
from moto.cognitoidp.exceptions import InvalidParameterException
from moto.core.common_models import BaseModel
from moto.core.utils import unix_time
from moto.utilities.utils import get_partition

from .. import srp
from .exceptions import InvalidPaginationTokenError

REMEMBERED = "remembered"
NOT_REMEMBERED = "not_remembered"

_DEFAULT_LIMIT = 60
# What a user is shown in a list (CLI example of list-devices). GetDevice and administrators get everything.
_LISTED_TO_USER = frozenset({"device_status", "device_name", "last_ip_used"})


class ClientInfo(NamedTuple):
    """What a device record keeps of a request: ``last_ip_used`` and ``dev:device_sdk``."""

    ip: str = "127.0.0.1"
    sdk: str = "aws-sdk-unknown-unknown"


@dataclass(frozen=True)
class PendingDevice:
    """A device key that was issued and not confirmed yet.

    :param mfa_passed: whether the sign-in that issued the key included MFA
    """

    device_key: str
    device_group_key: str
    mfa_passed: bool


class CognitoIdpDevice(BaseModel):
    """A confirmed device.

    :param arn_prefix: the device's ARN up to region and account
    :param owner: ``USERNAME.POOLID``
    :param secret: salt and verifier; None if ConfirmDevice was called without DeviceSecretVerifierConfig
    """

    def __init__(
        self,
        pending: PendingDevice,
        name: str | None,
        owner: str,
        arn_prefix: str,
        secret: tuple[int, int] | None,
        remembered: bool,
        client_info: ClientInfo,
    ):
        self.device_key = pending.device_key
        self.device_group_key = pending.device_group_key
        self.name = name
        self.owner = owner
        self.arn = f"{arn_prefix}:owner/{owner}/device/{self.device_key}"
        self.remembered = remembered
        self.mfa_passed = pending.mfa_passed
        self.created = self.last_modified = now()
        # Underscored, so that moto's dashboard doesn't show them.
        self._secret = secret
        self._number = 0
        self.record_authentication(client_info)

    def record_authentication(self, client_info: ClientInfo) -> None:
        self.last_authenticated = float(int(now()))
        self.last_ip_used = client_info.ip
        self.sdk = client_info.sdk

    def to_json(self, listed_to_user: bool = False) -> dict[str, Any]:
        """``DeviceType``: attributes in the order of AWS's examples, dates in seconds since 1970."""
        attributes = {
            "device_status": "valid",
            "device_name": self.name,
            "dev:device_arn": self.arn,
            "dev:device_owner": self.owner,
            "last_ip_used": self.last_ip_used,
            "dev:device_remembered_status": REMEMBERED if self.remembered else NOT_REMEMBERED,
            "dev:device_sdk": self.sdk,
        }
        return {
            "DeviceKey": self.device_key,
            "DeviceAttributes": [
                {"Name": name, "Value": value}
                for name, value in attributes.items()
                if value is not None and (not listed_to_user or name in _LISTED_TO_USER)
            ],
            "DeviceCreateDate": self.created,
            "DeviceLastModifiedDate": self.last_modified,
            "DeviceLastAuthenticatedDate": self.last_authenticated,
        }


def parse_device_secret(config: dict[str, str] | None) -> tuple[int, int] | None:
    """Parse ``DeviceSecretVerifierConfig``.

    :returns: salt and verifier; None if ConfirmDevice was called without them
    :raises InvalidParameterException: if one of the two is missing, not base64, zero, or negative as Java's BigInteger,
        or if the verifier is a multiple of N: S would then be zero for any client
    """
    if not config:
        return None
    salt, verifier = _java_integer(config, "Salt"), _java_integer(config, "PasswordVerifier")
    if not srp.is_public_key(verifier):
        raise InvalidParameterException("PasswordVerifier is zero modulo N.")
    return salt, verifier


def _java_integer(config: dict[str, str], member: str) -> int:
    text = config.get(member)
    if not text:
        raise InvalidParameterException(f"{member} is missing from DeviceSecretVerifierConfig.")
    try:
        unpadded = text.rstrip("=")
        value = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameterException(f"{member} is not valid base64.") from None
    number = int.from_bytes(value, "big", signed=True)
    if number < 0:
        raise InvalidParameterException("Found negative value for salt or password verifier")
    if number == 0:
        raise InvalidParameterException(f"{member} is zero.")
    return number


def arn_prefix(region: str, account_id: str) -> str:
    return f"arn:{get_partition(region)}:cognito-idp:{region}:{account_id}"


def now() -> float:
    """Seconds since 1970 by moto's clock, rounded to milliseconds like Cognito's dates."""
    return round(unix_time(), 3)


class UserDevices:
    """The devices of one user.

    Confirmed devices are numbered in ascending order, and the lists are sorted by number: a page costs the same at any
    offset, and a pagination token stays valid if its device is deleted.
    """

    def __init__(self) -> None:
        self.pending: dict[str, PendingDevice] = {}  # by device key
        self.unconfirmable: dict[str, str] = {}  # device key to the alias that was sent as USERNAME
        self._by_key: dict[str, CognitoIdpDevice] = {}
        self._all: list[CognitoIdpDevice] = []
        self._remembered: list[CognitoIdpDevice] = []
        self._last_number = 0

    def get(self, device_key: str | None) -> CognitoIdpDevice | None:
        return self._by_key.get(device_key) if device_key else None

    def __contains__(self, device_key: str) -> bool:
        """Whether a key was issued to this user and was not forgotten."""
        return any(device_key in devices for devices in (self.pending, self.unconfirmable, self._by_key))

    def confirm(self, device: CognitoIdpDevice) -> None:
        """Add a device; its key is no longer pending."""
        if known := self.get(device.device_key):  # moto was seeded again, and issued the same key
            self.forget(known)
        del self.pending[device.device_key]
        self._last_number += 1
        device._number = self._last_number
        self._by_key[device.device_key] = device
        self._all.append(device)
        if device.remembered:
            self._remembered.append(device)

    def remember(self, device: CognitoIdpDevice, remembered: bool) -> None:
        device.last_modified = now()
        if device.remembered is remembered:
            return
        device.remembered = remembered
        place = bisect_left(self._remembered, device._number, key=_number)
        if remembered:
            self._remembered.insert(place, device)
        else:
            del self._remembered[place]

    def forget(self, device: CognitoIdpDevice) -> None:
        del self._by_key[device.device_key]
        for devices in (self._all, self._remembered):
            place = bisect_left(devices, device._number, key=_number)
            if place < len(devices) and devices[place] is device:
                del devices[place]

    def page(
        self, bound_to: str, only_remembered: bool, limit: int | None, pagination_token: str | None
    ) -> tuple[list[CognitoIdpDevice], str | None]:
        """Return one page and the token of the next page.

        :param bound_to: names the list; a token is only valid for the list that it came from
        :raises InvalidPaginationTokenError: if the token is malformed or belongs to another list
        """
        devices = self._remembered if only_remembered else self._all
        start = 0
        if pagination_token is not None:
            start = bisect_right(devices, _read_token(pagination_token, bound_to), key=_number)
        end = start + (limit or _DEFAULT_LIMIT)
        found = devices[start:end]
        if end >= len(devices):
            return found, None
        return found, TokenEncoder().encode({"list": bound_to, "after": found[-1]._number})


def _number(device: CognitoIdpDevice) -> int:
    return device._number


def _read_token(token: str, bound_to: str) -> int:
    try:
        decoded = TokenDecoder().decode(token)
        after = decoded["after"]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise InvalidPaginationTokenError from None
    if decoded.get("list") != bound_to or type(after) is not int:
        raise InvalidPaginationTokenError
    return after
