"""moto's user pool and backends, with devices.

The classes have the names of those that they extend: moto's dashboard then files their instances where they were.
State is made when it is first asked for, because an instance may have been moto's before the plugin was activated;
it is plain, so that the backends can be pickled, and lives on the pool, so that a reset or the pool's deletion
drops it without further code.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from joserfc import jwt as jose
from moto.cognitoidp import models as moto_models
from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends
from moto.moto_api._internal import mock_random

from .. import settings
from ..sign_in import Device
from . import access_tokens, caller
from .authentication import Authentication
from .challenges import Challenge, Challenges, WithheldTokens
from .devices import REMEMBERED, CognitoIdpDevice, UserDevices, arn_prefix, lock, parse_device_secret
from .exceptions import (
    DeviceKeyExistsException,
    DeviceNotFoundError,
    InvalidDeviceKeyError,
    InvalidRefreshTokenError,
    UserDoesNotExistError,
)

T = TypeVar("T")

_DEVICE_CONFIGURATION = ("ChallengeRequiredOnNewDevice", "DeviceOnlyRememberedOnUserPrompt")
_USER_SRP = ("USER_SRP_AUTH", "PASSWORD_VERIFIER")
# moto's attributes that hold issued tokens, and the members of AuthenticationResult that the tokens are.
_TOKENS = {"access_tokens": "AccessToken", "id_tokens": "IdToken", "refresh_tokens": "RefreshToken"}


def _new_key() -> bytes:
    return mock_random.getrandbits(256).to_bytes(32, "big")


class CognitoIdpUserPool(moto_models.CognitoIdpUserPool):
    """A user pool that remembers devices if it has a ``DeviceConfiguration``."""

    def _state(self, name: str, make: Callable[[], T]) -> T:
        if name not in self.__dict__:
            self.__dict__.setdefault(name, make())  # in one step, as two requests may come here at once
        state: T = self.__dict__[name]
        return state

    @property
    def device_configuration(self) -> dict[str, bool] | None:
        """Both booleans; None if the pool tracks no devices, as where no property has a value."""
        given = self.extended_config.get("DeviceConfiguration")
        if not given or all(given.get(name) is None for name in _DEVICE_CONFIGURATION):
            return None
        return {name: bool(given.get(name)) for name in _DEVICE_CONFIGURATION}

    @property
    def verifies_user_srp(self) -> bool:
        """Whether PASSWORD_VERIFIER checks the user's SRP proof in this pool."""
        where = settings.verify_user_srp()
        return where == "always" or (where == "tracked" and self.device_configuration is not None)

    def takes_part(self, step: str) -> bool:
        """Whether a sign-in step of this pool is more than moto's affair.

        :param step: the AuthFlow or the ChallengeName
        """
        return self.device_configuration is not None or (step in _USER_SRP and self.verifies_user_srp)

    @property
    def srp_realm(self) -> str:
        """What a user's SRP identity begins with: the pool's id behind the underscore."""
        return self.id.partition("_")[2]

    def srp_salt(self, user: CognitoIdpUser | None, username: str) -> int:
        """The same for the same user and password; for an unknown user, the same for the same name."""
        key = self._state("_srp_salt_key", _new_key)
        known = f"user {user.id} {user.password}" if user else f"name {username}"
        digest = hmac.digest(key, known.encode(errors="surrogatepass"), "sha256")
        return int.from_bytes(digest[:16], "big") >> 1 | 1 << 126

    @property
    def challenges(self) -> Challenges:
        return self._state("_challenges", Challenges)

    @property
    def _devices(self) -> dict[str, UserDevices]:
        """By the user's sub, which is new for each created user."""
        return self._state("_devices_by_sub", dict)

    @property
    def _device_keys(self) -> dict[str, tuple[str, str]]:
        """Device key and sub of each sign-in, by the origin_jti that all of its tokens have."""
        return self._state("_device_keys_by_origin", dict)

    @property
    def _rotated_tokens(self) -> dict[str, float]:
        """Refresh tokens that another one has replaced, with the end of their grace period."""
        return self._state("_rotated_refresh_tokens", dict)

    def to_json(self, extended: bool = False) -> dict[str, Any]:
        description = super().to_json(extended)
        if extended:
            description.pop("DeviceConfiguration", None)
            if self.device_configuration is not None:
                description["DeviceConfiguration"] = self.device_configuration
        return description

    # Users
    def user_by_id(self, user_id: str | None) -> CognitoIdpUser | None:
        """By sub, which is the username too where users sign in by e-mail or phone."""
        user = self.users.get(user_id) if user_id else None
        if user is not None and user.id == user_id:
            return user
        return next((user for user in list(self.users.values()) if user.id == user_id), None)

    def user_of(self, challenge: Challenge) -> CognitoIdpUser | None:
        """The user that a challenge was made for, not a later one of that name."""
        user = self.users.get(challenge.username)
        return user if user is not None and user.id == challenge.user_id else None

    def find_user(self, name: str) -> CognitoIdpUser:
        """By username, alias or sub, as administrators may name a user.

        :raises UserDoesNotExistError: if there is none
        """
        user: CognitoIdpUser | None = self._get_user(name) or self.user_by_id(name)
        if user is None:
            aliases = self.extended_config.get("AliasAttributes") or []
            known = ((user, user.attribute_lookup) for user in list(self.users.values()))
            user = next((user for user, values in known if name in map(values.get, aliases)), None)
        if user is None:
            raise UserDoesNotExistError
        return user

    def sign_out(self, username: str) -> None:
        super().sign_out(username)
        user = self._get_user(username) if self.device_configuration else None
        # In a pool with tracking, tokens are issued to the canonical username, whatever the user signed in with.
        if user is not None and user.username != username:
            super().sign_out(user.username)

    def forget_user(self, user: CognitoIdpUser) -> None:
        """Drop what a deleted user leaves behind, so that nothing of it goes to the next one of that name."""
        self._devices.pop(user.id, None)
        for token, entry in list(self.refresh_tokens.items()):
            if entry is not None and self._device_keys.get(entry[2], ("", ""))[1] == user.id:
                self.refresh_tokens[token] = None

    # Devices
    def devices_of(self, user: CognitoIdpUser) -> UserDevices:
        """Nobody has devices while tracking is off; they come back with it."""
        if self.device_configuration is None:
            return UserDevices()
        return self._devices.get(user.id) or UserDevices()

    def device_of(self, user: CognitoIdpUser, device_key: str | None) -> CognitoIdpDevice:
        """
        :raises DeviceNotFoundError: if it is not one of the user's confirmed devices
        """
        device = self.devices_of(user).get(device_key)
        if device is None:
            raise DeviceNotFoundError
        return device

    def device_state(self, user: CognitoIdpUser, device_key: str | None) -> Device:
        """What a DEVICE_KEY is worth in a sign-in of this user."""
        if not device_key:
            return Device.NONE
        device = self.devices_of(user).get(device_key)
        if device is None:
            return Device.UNKNOWN
        return Device.REMEMBERED if device.remembered else Device.CONFIRMED

    def new_device(self, user: CognitoIdpUser, confirmable: bool) -> dict[str, str]:
        """``NewDeviceMetadata``: a key for a device that the pool doesn't know yet."""
        device_key = f"{self.region}_{mock_random.uuid4()}"
        device_group_key = f"-{mock_random.get_random_string(8)}"
        if confirmable:
            self._devices.setdefault(user.id, UserDevices()).pending[device_key] = device_group_key
        return {"DeviceKey": device_key, "DeviceGroupKey": device_group_key}

    def confirm_device(
        self, user: CognitoIdpUser, device_key: str, name: str | None, secret: tuple[int, int] | None
    ) -> bool:
        """
        :returns: whether the user must be asked before the device is remembered
        :raises DeviceKeyExistsException: if the device is confirmed already
        :raises InvalidDeviceKeyError: if the key was not issued to this user, or was forgotten
        """
        devices = self.devices_of(user)
        if devices.get(device_key):
            raise DeviceKeyExistsException
        configuration = self.device_configuration
        if configuration is None or device_key not in devices.pending:
            raise InvalidDeviceKeyError
        ask_user = configuration["DeviceOnlyRememberedOnUserPrompt"]
        device = CognitoIdpDevice(
            device_key,
            devices.pending[device_key],
            name,
            owner=f"{user.username}.{self.id}",
            arn_prefix=arn_prefix(self.region, self.account_id),
            secret=secret,
            remembered=not ask_user,
            caller=caller.current(),
        )
        devices.confirm(device)
        return ask_user

    # Tokens
    def create_jwt(
        self,
        client_id: str,
        username: str,
        token_use: str,
        expires_in: int = 60 * 60,
        extra_data: dict[str, Any] | None = None,
    ) -> tuple[str, int]:
        if token_use == "id" and self.device_configuration:
            # Where users sign in by e-mail, moto takes the name that tokens are issued to for the address.
            user: CognitoIdpUser = self._get_user(username)
            if user.attribute_lookup.get("email"):
                extra_data = {"email": user.attribute_lookup["email"], **(extra_data or {})}
        if self.device_configuration:
            # Left out by moto before 5.1.22; without it the JavaScript clients hold no session for valid.
            extra_data = {"iat": int(time.time()), **(extra_data or {})}
        return super().create_jwt(client_id, username, token_use, expires_in, extra_data)

    def create_access_token(self, client_id: str, username: str, origin_jti: str) -> tuple[str, int]:
        token, expires_in = super().create_access_token(client_id, username, origin_jti)
        device_key, _ = self._device_keys.get(origin_jti, (None, None))
        if device_key and self.device_configuration:
            token = self._with_device_key(token, device_key)
        return token, expires_in

    def bind_tokens(self, result: dict[str, Any], user: CognitoIdpUser, device_key: str) -> None:
        """Bind a sign-in to a device: its access tokens carry the key from now on, its refresh token needs it."""
        tokens = result["AuthenticationResult"]
        entry = self.refresh_tokens[tokens["RefreshToken"]]
        if entry is None:  # issued a moment ago, it can't be revoked yet
            raise InvalidRefreshTokenError
        self._device_keys[entry[2]] = (device_key, user.id)
        tokens["AccessToken"] = self._with_device_key(tokens["AccessToken"], device_key)

    def bound_device(self, refresh_token: str) -> tuple[str, str] | None:
        """Device key and sub of the sign-in that a refresh token is of; None if it was not bound to a device."""
        entry = self.refresh_tokens.get(refresh_token)
        return self._device_keys.get(entry[2]) if entry else None

    def rotate_refresh_token(self, token: str, grace: int) -> str:
        """Another refresh token for the same sign-in: it has the same origin_jti, and with it the same device.

        :param grace: seconds for which the old one stays good
        """
        new_token = str(mock_random.uuid4())
        self.refresh_tokens[new_token] = self.refresh_tokens[token]
        self._rotated_tokens.setdefault(token, time.time() + grace)
        return new_token

    def was_rotated(self, token: str) -> bool:
        """Whether another refresh token has replaced this one, and its grace period is over."""
        return self._rotated_tokens.get(token, float("inf")) <= time.time()

    def revoke_sign_in(self, entry: tuple[str, str, str]) -> None:
        """Revoke the tokens of one sign-in, which is what a refresh token's entry names."""
        for token, other in list(self.refresh_tokens.items()):
            if other == entry:
                self.refresh_tokens[token] = None
        for token, issued_to in list(self.access_tokens.items()):
            claims = access_tokens.read(token)[1] if issued_to == entry[:2] else {}
            if claims.get("origin_jti") == entry[2]:
                del self.access_tokens[token]

    def withhold_tokens(self, result: dict[str, Any], device_key: str, sessions: set[str]) -> WithheldTokens:
        """Make issued tokens unknown to the pool, until :meth:`release_tokens`."""
        return WithheldTokens(device_key, result, list(self._take_tokens(result)), sessions)

    def release_tokens(self, withheld: WithheldTokens) -> dict[str, Any]:
        for registry, token, entry in withheld.entries:
            getattr(self, registry)[token] = entry
        return withheld.result

    def discard_tokens(self, result: dict[str, Any]) -> None:
        for _ in self._take_tokens(result):
            pass

    def _take_tokens(self, result: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
        for registry, member in _TOKENS.items():
            token = result.get("AuthenticationResult", {}).get(member)
            if token is not None:
                yield registry, token, getattr(self, registry).pop(token)

    def _with_device_key(self, access_token: str, device_key: str) -> str:
        """The same token, signed anew, with the claim in its place: right after ``sub``."""
        header, claims = access_tokens.read(access_token)
        payload: dict[str, Any] = {}
        for claim, value in claims.items():
            payload[claim] = value
            if claim == "sub":
                payload["device_key"] = device_key
        token = jose.encode(header, payload, self.json_web_key)
        self.access_tokens[token] = self.access_tokens.pop(access_token)
        return token


class CognitoIdpBackend(Authentication):
    """Pools, users and devices; what a sign-in does is in ``authentication``."""

    def create_user_pool(self, name: str, extended_config: dict[str, Any]) -> CognitoIdpUserPool:
        user_pool = super().create_user_pool(name, extended_config)
        user_pool.__class__ = CognitoIdpUserPool
        return user_pool  # type: ignore[return-value]

    def describe_user_pool(self, user_pool_id: str) -> CognitoIdpUserPool:
        return super().describe_user_pool(user_pool_id)  # type: ignore[return-value]

    def admin_delete_user(self, user_pool_id: str, username: str) -> None:
        user_pool = self.describe_user_pool(user_pool_id)
        user = user_pool._get_user(username)
        super().admin_delete_user(user_pool_id, username)
        with lock:
            user_pool.forget_user(user)

    def admin_get_device(self, user_pool_id: str, username: str, device_key: str) -> CognitoIdpDevice:
        user_pool = self.describe_user_pool(user_pool_id)
        return user_pool.device_of(user_pool.find_user(username), device_key)

    def admin_list_devices(
        self, user_pool_id: str, username: str, limit: int | None, pagination_token: str | None
    ) -> tuple[list[CognitoIdpDevice], str | None]:
        user_pool = self.describe_user_pool(user_pool_id)
        user = user_pool.find_user(username)
        with lock:
            return user_pool.devices_of(user).page(f"{user.id} admin", False, limit, pagination_token)

    def admin_update_device_status(
        self, user_pool_id: str, username: str, device_key: str, device_remembered_status: str | None
    ) -> None:
        user_pool = self.describe_user_pool(user_pool_id)
        _update_status(user_pool, user_pool.find_user(username), device_key, device_remembered_status)

    def admin_forget_device(self, user_pool_id: str, username: str, device_key: str) -> None:
        user_pool = self.describe_user_pool(user_pool_id)
        _forget(user_pool, user_pool.find_user(username), device_key)


def _update_status(user_pool: CognitoIdpUserPool, user: CognitoIdpUser, device_key: str, status: str | None) -> None:
    with lock:
        device = user_pool.device_of(user, device_key)
        if status is not None:
            user_pool.devices_of(user).remember(device, status == REMEMBERED)


def _forget(user_pool: CognitoIdpUserPool, user: CognitoIdpUser, device_key: str) -> None:
    with lock:
        user_pool.devices_of(user).forget(user_pool.device_of(user, device_key))


def backend_of(account_id: str, region: str) -> CognitoIdpBackend:
    """
    :raises ResourceNotFoundError: if moto knows no such region
    """
    try:
        return cognitoidp_backends[account_id][region]  # type: ignore[return-value]
    except KeyError:
        raise ResourceNotFoundError(f"Cognito is not in the region {region}.") from None


class RegionAgnosticBackend(moto_models.RegionAgnosticBackend):
    """The operations that a user calls with an access token, or unsigned."""

    # moto goes through its dictionaries while another request may add a region: these go through copies.
    def _find_backend_by_access_token(self, access_token: str) -> moto_models.CognitoIdpBackend:
        return self._backend_of(self.find_user_pool_of_token(access_token))

    def _find_backend_for_clientid(self, client_id: str) -> moto_models.CognitoIdpBackend:
        return self._backend_of(self.find_user_pool(client_id))

    def find_user_pool(self, client_id: str) -> CognitoIdpUserPool | None:
        """The pool of an app client, in whichever region and account it is."""
        return self._find_user_pool("clients", client_id)

    def find_user_pool_of_token(self, access_token: str) -> CognitoIdpUserPool | None:
        """The pool of an access token, in whichever region and account it is."""
        return self._find_user_pool("access_tokens", access_token)

    def _find_user_pool(self, registry: str, key: str) -> CognitoIdpUserPool | None:
        for account in list(cognitoidp_backends.values()):
            for backend in list(account.values()):
                for user_pool in list(backend.user_pools.values()):
                    if key in getattr(user_pool, registry):
                        return user_pool  # type: ignore[return-value]
        return None

    def _backend_of(self, user_pool: CognitoIdpUserPool | None) -> moto_models.CognitoIdpBackend:
        return user_pool.backend if user_pool else backend_of(self.account_id, self.region_name)

    def get_tokens_from_refresh_token(
        self, client_id: str, refresh_token: str, client_secret: str | None, device_key: str | None
    ) -> dict[str, Any]:
        backend: Any = self._find_backend_for_clientid(client_id)
        result: dict[str, Any] = backend.get_tokens_from_refresh_token(
            client_id, refresh_token, client_secret, device_key
        )
        return result

    def revoke_token(self, client_id: str, token: str, client_secret: str | None) -> None:
        backend: Any = self._find_backend_for_clientid(client_id)
        backend.revoke_token(client_id, token, client_secret)

    def confirm_device(
        self,
        access_token: str,
        device_key: str,
        device_name: str | None,
        device_secret_verifier_config: dict[str, str] | None,
    ) -> bool:
        user_pool, user = access_tokens.authorize(access_token)
        secret = parse_device_secret(device_secret_verifier_config)
        with lock:
            return user_pool.confirm_device(user, device_key, device_name, secret)

    def get_device(self, access_token: str, device_key: str) -> CognitoIdpDevice:
        user_pool, user = access_tokens.authorize(access_token)
        device = user_pool.device_of(user, device_key)
        if not device.remembered:
            raise DeviceNotFoundError
        return device

    def list_devices(
        self, access_token: str, limit: int | None, pagination_token: str | None
    ) -> tuple[list[CognitoIdpDevice], str | None]:
        user_pool, user = access_tokens.authorize(access_token)
        with lock:
            return user_pool.devices_of(user).page(f"{user.id} user", True, limit, pagination_token)

    def update_device_status(self, access_token: str, device_key: str, device_remembered_status: str | None) -> None:
        user_pool, user = access_tokens.authorize(access_token)
        _update_status(user_pool, user, device_key, device_remembered_status)

    def forget_device(self, access_token: str | None, device_key: str) -> None:
        user_pool, user = access_tokens.authorize(access_token or "")
        _forget(user_pool, user, device_key)
