"""moto's user pool, with devices: its configuration, who a name is, whose a device is.

The class has the name of the one that it extends: moto's dashboard then files its instances where they were. Its state
is made when it is first asked for, because a pool may have been moto's before the plugin was activated, and lives on
the pool, so that a reset or the pool's deletion drops it without further code.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from moto.cognitoidp import models as moto_models
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient, UserStatus
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from .. import settings, srp
from ..sign_in_rules import DeviceState, UserState
from . import caller, tokens
from .claims import Overrides, overridden
from .devices import CognitoIdpDevice, PendingDevice, UserDevices, arn_prefix
from .exceptions import (
    DeviceKeyExistsException,
    DeviceNotFoundError,
    DeviceTrackingDisabledError,
    InvalidDeviceKeyError,
    MfaCannotBeTurnedOnError,
    UserDoesNotExistError,
)
from .pool_state import UserPoolState, lock
from .tokens import TokenFamily

_DEVICE_CONFIGURATION = ("ChallengeRequiredOnNewDevice", "DeviceOnlyRememberedOnUserPrompt")
# Set at the pool's creation, and no members of UpdateUserPool.
_IDENTITY = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")
# What UpdateUserPool leaves as it is where it is not given.
_KEPT = ("MfaConfiguration", "Policies")


class CognitoIdpUserPool(moto_models.CognitoIdpUserPool):
    """A user pool that remembers devices if it has a ``DeviceConfiguration``."""

    @property
    def state(self) -> UserPoolState:
        """All that the plugin keeps of this pool."""
        found: UserPoolState | None = self.__dict__.get("_state")
        # In one step, as two requests may come here at once.
        return self.__dict__.setdefault("_state", UserPoolState()) if found is None else found

    # Configuration
    @property
    def device_configuration(self) -> dict[str, bool] | None:
        """Both booleans; None if the pool tracks no devices, as where no property has a value."""
        given = self.extended_config.get("DeviceConfiguration")
        return {name: bool(given.get(name)) for name in _DEVICE_CONFIGURATION} if given and _tracks(given) else None

    @property
    def challenge_required_on_new_device(self) -> bool:
        """The pool's ChallengeRequiredOnNewDevice."""
        return bool((self.extended_config.get("DeviceConfiguration") or {}).get("ChallengeRequiredOnNewDevice"))

    @property
    def tracks_devices(self) -> bool:
        return _tracks(self.extended_config.get("DeviceConfiguration"))

    @property
    def verifies_user_srp(self) -> bool:
        """Whether PASSWORD_VERIFIER checks the user's SRP proof in this pool."""
        where = settings.verify_user_srp()
        return where == "always" or (where == "tracked" and self.tracks_devices)

    @property
    def manages_sign_in(self) -> bool:
        """Whether sign-in in this pool is ours, from the first factor to the tokens. In the others it is moto's."""
        return self.tracks_devices or settings.verify_user_srp() == "always"

    @property
    def allowed_first_factors(self) -> list[str] | None:
        """AllowedFirstAuthFactors of the pool's SignInPolicy; None if it has none."""
        policies = self.extended_config.get("Policies") or {}
        allowed: list[str] | None = (policies.get("SignInPolicy") or {}).get("AllowedFirstAuthFactors")
        return allowed

    def complete_policies(self, before: dict[str, Any] | None = None) -> None:
        """In a pool that tracks devices: a policy that was not given is as it was, or AWS's default.

        moto takes the passwords' policy away from a pool that is given one for sign-in.

        :param before: the pool's policies before this change
        """
        if self.tracks_devices:
            given = {name: policy for name, policy in (self.extended_config.get("Policies") or {}).items() if policy}
            default = moto_models.DEFAULT_USER_POOL_CONFIG["Policies"]
            self.extended_config["Policies"] = {**default, **(before or {}), **given}

    def update(self, extended_config: dict[str, Any]) -> None:
        """UpdateUserPool, as on AWS in a pool that tracks devices or is about to; in the others as moto does it.

        :raises MfaCannotBeTurnedOnError: nothing is changed then
        """
        before = self.extended_config
        if self.state.identity is None:
            self.state.identity = {name: before[name] for name in _IDENTITY if name in before}
        if not any(_tracks(config.get("DeviceConfiguration")) for config in (before, extended_config)):
            self.update_extended_config(extended_config)
            return
        mfa_configuration = extended_config.get("MfaConfiguration")
        if mfa_configuration == "ON" and self.mfa_config != "ON":
            raise MfaCannotBeTurnedOnError
        given = {name: value for name, value in extended_config.items() if name not in _IDENTITY}
        kept = {name: before[name] for name in _KEPT if name in before and given.get(name) is None}
        self.update_extended_config({**given, **kept, **self.state.identity})
        self.complete_policies(before.get("Policies"))
        self.mfa_config = mfa_configuration or self.mfa_config

    def to_json(self, extended: bool = False) -> dict[str, Any]:
        description = super().to_json(extended)
        if extended:
            description.pop("DeviceConfiguration", None)
            if self.device_configuration is not None:
                description["DeviceConfiguration"] = self.device_configuration
                description["MfaConfiguration"] = self.mfa_config
        return description

    # Users
    def find_user(self, name: str) -> CognitoIdpUser | None:
        """Whom a name signs in: the username, or an alias.

        Where users sign in by an address (UsernameAttributes), that address; where addresses are aliases
        (AliasAttributes), a verified one, and the preferred_username.
        """
        user: CognitoIdpUser | None = self.users.get(name)
        if user is not None:
            return user
        addresses = self.extended_config.get("UsernameAttributes") or []
        aliases = self.extended_config.get("AliasAttributes") or []
        if not addresses and not aliases:
            return None
        for user in list(self.users.values()):
            attributes = user.attribute_lookup
            if any(attributes.get(address) == name for address in addresses):
                return user
            if any(attributes.get(alias) == name and is_verified(alias, attributes) for alias in aliases):
                return user
        return None

    def find_user_as_admin(self, name: str) -> CognitoIdpUser:
        """Whom an administrator names: by username, alias or sub.

        :raises UserDoesNotExistError: if there is none
        """
        user = self.find_user(name) or self.user_by_id(name)
        if user is None:
            raise UserDoesNotExistError(f"The user pool {self.id} has no user {name}, by name, alias or sub.")
        return user

    def user_by_id(self, user_id: str | None) -> CognitoIdpUser | None:
        """By sub, which is the username too where users sign in by e-mail or phone."""
        user = self.users.get(user_id) if user_id else None
        if user is not None and user.id == user_id:
            return user
        return next((user for user in list(self.users.values()) if user.id == user_id), None)

    def user_state(self, user: CognitoIdpUser) -> UserState:
        if not user.enabled:
            return UserState.DISABLED
        if user.status != UserStatus.FORCE_CHANGE_PASSWORD:
            return UserState(user.status)
        policy = (self.extended_config.get("Policies") or {}).get("PasswordPolicy") or {}
        days = policy.get("TemporaryPasswordValidityDays") or 7
        since = self.state.temporary_passwords.get(user.id) or user.create_date
        expired = utcnow() >= since + timedelta(days=days)
        return UserState.EXPIRED_PASSWORD if expired else UserState.TEMPORARY_PASSWORD

    def sign_out(self, username: str) -> None:
        super().sign_out(username)
        user = self.find_user(username) if self.manages_sign_in else None
        # Where sign-in is ours, tokens are issued to the canonical username, whatever the user signed in with.
        if user is not None and user.username != username:
            super().sign_out(user.username)

    def forget_user(self, user: CognitoIdpUser) -> None:
        """Drop what a deleted user leaves behind."""
        self.state.forget_user(user.id)
        if self.manages_sign_in:
            self.state.tokens.drop_user(self, user)

    # SRP
    @property
    def srp_realm(self) -> str:
        """What a user's SRP identity begins with: the pool's id behind the underscore."""
        return self.id.partition("_")[2]

    def srp_salt(self, user: CognitoIdpUser | None, username: str) -> int:
        """The same for the same user and password; for an unknown user, the same for the same name."""
        known = f"user {user.id} {user.password}" if user else f"name {username}"
        digest = hmac.digest(self.state.srp_salt_key, known.encode(errors="surrogatepass"), "sha256")
        return int.from_bytes(digest[:16], "big") >> 1 | 1 << 126

    # Devices
    def devices_of(self, user: CognitoIdpUser) -> UserDevices:
        """Nobody has devices while tracking is off; they come back with it."""
        if not self.tracks_devices:
            return UserDevices()
        return self.state.devices.get(user.id) or UserDevices()

    def device_of(self, user: CognitoIdpUser, device_key: str | None) -> CognitoIdpDevice:
        """
        :raises DeviceNotFoundError: if it is not one of the user's confirmed devices
        """
        device = self.devices_of(user).get(device_key)
        if device is None:
            raise DeviceNotFoundError(self.explain_unknown_device(user, device_key))
        return device

    def explain_unknown_device(self, user: CognitoIdpUser, device_key: str | None) -> str:
        """Why a key is of no confirmed device of the user's, and what to do about it: for the log."""
        if not self.tracks_devices:
            return self.explain_device_tracking_disabled
        devices = self.devices_of(user)
        if device_key in devices.pending:
            return f"{user.username} has not confirmed it: call ConfirmDevice after the sign-in that brought the key."
        if alias := devices.unconfirmable.get(device_key or ""):
            return (
                f"It was issued to {user.username}, whose last answer had the alias {alias} as USERNAME: answer with "
                "the challenge's USER_ID_FOR_SRP (https://github.com/aws-amplify/amplify-js/issues/4047)."
            )
        for user_pool in user_pools():
            for sub, others in list(user_pool.state.devices.items()):
                if device_key and device_key in others:
                    owner = user_pool.user_by_id(sub)
                    return f"It is a device of {owner.username if owner else sub} in the user pool {user_pool.id}."
        return "It was forgotten, or never issued here: sign in without DEVICE_KEY, and confirm the new device."

    @property
    def explain_device_tracking_disabled(self) -> str:
        return (
            f"The user pool {self.id} tracks no devices: give it a DeviceConfiguration, with a value for "
            f"{' or '.join(_DEVICE_CONFIGURATION)}. UpdateUserPool without one takes it away."
        )

    def device_state(self, user: CognitoIdpUser, device_key: str | None) -> DeviceState:
        """What a DEVICE_KEY is worth in a sign-in of this user."""
        if not self.tracks_devices:
            return DeviceState.UNTRACKED
        if not device_key:
            return DeviceState.NONE
        device = self.devices_of(user).get(device_key)
        if device is None:
            return DeviceState.UNKNOWN
        if not device.remembered:
            return DeviceState.CONFIRMED
        if device.mfa_passed or not settings.mfa_once_more():
            return DeviceState.REMEMBERED
        return DeviceState.REMEMBERED_BEFORE_MFA

    def new_device(self, user: CognitoIdpUser, mfa_passed: bool, alias: str | None = None) -> dict[str, str]:
        """``NewDeviceMetadata``: a key for a device that the pool doesn't know yet.

        :param alias: what the last answer called the user, if the key can't be confirmed for it
        """
        device = self._pending_device(mfa_passed)
        devices = self.state.devices.setdefault(user.id, UserDevices())
        if alias:
            devices.unconfirmable[device.device_key] = alias
        else:
            devices.pending[device.device_key] = device
        return {"DeviceKey": device.device_key, "DeviceGroupKey": device.device_group_key}

    def _pending_device(self, mfa_passed: bool) -> PendingDevice:
        return PendingDevice(f"{self.region}_{mock_random.uuid4()}", f"-{mock_random.get_random_string(8)}", mfa_passed)

    def confirm_device(
        self, user: CognitoIdpUser, device_key: str, name: str | None, secret: tuple[int, int] | None
    ) -> bool:
        """
        :returns: whether the user must be asked before the device is remembered
        :raises DeviceKeyExistsException: if the device is confirmed already
        :raises InvalidDeviceKeyError: if the key was not issued to this user, or was forgotten
        """
        with lock:
            devices = self.devices_of(user)
            if devices.get(device_key):
                raise DeviceKeyExistsException
            configuration = self.device_configuration
            if configuration is None or device_key not in devices.pending:
                raise InvalidDeviceKeyError(self.explain_unknown_device(user, device_key))
            ask_user = configuration["DeviceOnlyRememberedOnUserPrompt"]
            devices.confirm(self._confirmed_device(user, devices.pending[device_key], name, secret, not ask_user))
            return ask_user

    def add_device(
        self, user: CognitoIdpUser, name: str | None, remembered: bool, mfa_passed: bool
    ) -> tuple[PendingDevice, str, int]:
        """A confirmed device without a sign-in, for test authors.

        :returns: its keys, and its secret: password and salt
        :raises DeviceTrackingDisabledError: if the pool tracks no devices
        """
        if not self.tracks_devices:
            raise DeviceTrackingDisabledError(self.id)
        pending = self._pending_device(mfa_passed)
        password = base64.b64encode(mock_random.getrandbits(320).to_bytes(40, "big")).decode()
        salt = mock_random.getrandbits(128) or 1
        x = srp.private_key(salt, pending.device_group_key, pending.device_key, password)
        secret = salt, srp.verifier(x)
        with lock:
            devices = self.state.devices.setdefault(user.id, UserDevices())
            devices.pending[pending.device_key] = pending
            devices.confirm(self._confirmed_device(user, pending, name, secret, remembered))
        return pending, password, salt

    def _confirmed_device(
        self,
        user: CognitoIdpUser,
        pending: PendingDevice,
        name: str | None,
        secret: tuple[int, int] | None,
        remembered: bool,
    ) -> CognitoIdpDevice:
        return CognitoIdpDevice(
            pending,
            name,
            owner=f"{user.username}.{self.id}",
            arn_prefix=arn_prefix(self.region, self.account_id),
            secret=secret,
            remembered=remembered,
            caller=caller.current(),
        )

    def remember_device(self, user: CognitoIdpUser, device_key: str, remembered: bool | None) -> None:
        """
        :param remembered: None changes nothing
        :raises DeviceNotFoundError: if it is not one of the user's confirmed devices
        """
        with lock:
            device = self.device_of(user, device_key)
            if remembered is not None:
                self.devices_of(user).remember(device, remembered)

    def forget_device(self, user: CognitoIdpUser, device_key: str) -> None:
        """
        :raises DeviceNotFoundError: if it is not one of the user's confirmed devices
        """
        with lock:
            self.devices_of(user).forget(self.device_of(user, device_key))

    def page_of_devices(
        self, user: CognitoIdpUser, as_admin: bool, limit: int | None, pagination_token: str | None
    ) -> tuple[list[CognitoIdpDevice], str | None]:
        """Administrators see every confirmed device, users those that are remembered.

        :raises InvalidPaginationTokenError: if the token is broken or of another list
        """
        bound_to = f"{user.id} {'admin' if as_admin else 'user'}"
        with lock:
            return self.devices_of(user).page(bound_to, not as_admin, limit, pagination_token)

    # Tokens
    def create_refresh_token(self, client_id: str, username: str) -> tuple[str, str]:
        """moto asks for each sign-in's here: whose it is stands with it, also where sign-in is moto's."""
        refresh_token, origin_jti = super().create_refresh_token(client_id, username)
        user, client = self.find_user(username), self.clients.get(client_id)
        if user is not None and client is not None:
            self.state.tokens.add(origin_jti, TokenFamily.now(client, user))
        return refresh_token, origin_jti

    def create_jwt(
        self,
        client_id: str,
        username: str,
        token_use: str,
        expires_in: int = 60 * 60,
        extra_data: dict[str, Any] | None = None,
    ) -> tuple[str, int]:
        """moto asks for each token here, first and refreshed ones."""
        claims = extra_data or {}
        user = self.find_user(username)
        client: CognitoIdpUserPoolClient | None = self.clients.get(client_id)
        if not self.manages_sign_in or user is None or client is None:
            return super().create_jwt(client_id, username, token_use, expires_in, extra_data)
        if token_use == "id" and user.attribute_lookup.get("email"):
            claims = {"email": user.attribute_lookup["email"], **claims}
        grant = self.state.tokens.grant(claims["origin_jti"])
        if grant is None:  # of a sign-in from before the plugin was there, refreshed
            grant = TokenFamily.now(client, user)
            self.state.tokens.add(claims["origin_jti"], grant)
        # While tracking is off, no device counts.
        device_key = grant.device_key if self.tracks_devices else None
        return tokens.sign(self, client, user, token_use, grant, device_key, claims)

    def give_tokens(
        self,
        client: CognitoIdpUserPoolClient,
        user: CognitoIdpUser,
        device_key: str | None,
        overrides: Overrides | None = None,
    ) -> dict[str, Any]:
        """The end of a sign-in: ``AuthenticationResult``, bound to a device.

        :param overrides: of the tokens' claims
        """
        refresh_token, origin_jti = self.create_refresh_token(client.id, user.username)
        grant = self.state.tokens.grant(origin_jti)
        if grant is not None:
            grant.device_key = device_key
        return {**self.refreshed_tokens(refresh_token, overrides), "RefreshToken": refresh_token}

    def refreshed_tokens(self, refresh_token: str, overrides: Overrides | None = None) -> dict[str, Any]:
        """``AuthenticationResult`` of a refresh."""
        with overridden(overrides):
            access_token, id_token, expires_in = self.create_tokens_from_refresh_token(refresh_token)
        return {"AccessToken": access_token, "IdToken": id_token, "ExpiresIn": expires_in, "TokenType": "Bearer"}


def user_pools() -> Iterator[CognitoIdpUserPool]:
    """All there are, of copies: another request may add an account, a region or a pool."""
    for account in list(moto_models.cognitoidp_backends.values()):
        for backend in list(account.values()):
            yield from list(backend.user_pools.values())  # type: ignore[misc]


def explain_unknown_challenge(user_pool: CognitoIdpUserPool, handle: str, *kinds: str) -> str:
    """Why a session or secret block is none that such an answer is awaited by: for the log."""
    if handle in user_pool.state.auth_sessions:
        return f"it awaits no {' or '.join(kinds)}."
    other = next((other for other in user_pools() if handle in other.state.auth_sessions), None)
    return f"it is of the user pool {other.id}." if other else "it was never issued, or moto was reset."


def _tracks(device_configuration: dict[str, bool] | None) -> bool:
    if not device_configuration:
        return False
    return any(device_configuration.get(name) is not None for name in _DEVICE_CONFIGURATION)


def is_verified(alias: str, attributes: Mapping[str, str]) -> bool:
    return alias == "preferred_username" or str(attributes.get(f"{alias}_verified")).lower() == "true"
