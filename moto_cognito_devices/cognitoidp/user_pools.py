"""moto's user pool, with devices: its configuration, its users, and how a pool is found.

The class has the name of the one that it extends, so that moto's dashboard lists its instances in the same place. Its
state is created on first use, because moto may have made the pool before the plugin was activated. The state lives on
the pool: a reset, or deleting the pool, drops it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from moto.cognitoidp import models as moto_models
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient, UserStatus, cognitoidp_backends
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from .. import settings
from ..sign_in_rules import DeviceState, UserState
from . import tokens
from .claims import Overrides
from .devices import CognitoIdpDevice, PendingDevice, UserDevices
from .exceptions import DeviceNotFoundError, MfaCannotBeTurnedOnError, UserDoesNotExistError
from .pool_state import UserPoolState
from .tokens import TokenFamily, unverified_claims

_DEVICE_CONFIGURATION = ("ChallengeRequiredOnNewDevice", "DeviceOnlyRememberedOnUserPrompt")
# Members of CreateUserPool that UpdateUserPool does not have.
_IMMUTABLE = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")
# Members that UpdateUserPool keeps if they are not given.
_KEPT = ("MfaConfiguration", "Policies")
# More tokens than a test run uses at a time; the index starts over when it is full.
_INDEX_SIZE = 10_000


class CognitoIdpUserPool(moto_models.CognitoIdpUserPool):
    """A user pool that tracks devices if it has a ``DeviceConfiguration``."""

    @property
    def state(self) -> UserPoolState:
        """All that the plugin keeps for this pool."""
        found: UserPoolState | None = self.__dict__.get("_state")
        # In one step, because two requests may come here at once.
        return self.__dict__.setdefault("_state", UserPoolState()) if found is None else found

    # Configuration
    @property
    def device_configuration(self) -> dict[str, bool] | None:
        """Both booleans; None if the pool does not track devices."""
        given = self.extended_config.get("DeviceConfiguration") or {}
        return {name: bool(given.get(name)) for name in _DEVICE_CONFIGURATION} if self.tracks_devices else None

    @property
    def challenge_required_on_new_device(self) -> bool:
        return bool((self.extended_config.get("DeviceConfiguration") or {}).get("ChallengeRequiredOnNewDevice"))

    @property
    def tracks_devices(self) -> bool:
        return _tracks_devices(self.extended_config)

    @property
    def verifies_user_srp(self) -> bool:
        """Whether PASSWORD_VERIFIER checks the user's SRP proof in this pool."""
        where = settings.verify_user_srp()
        return where == "always" or (where == "tracked" and self.tracks_devices)

    @property
    def manages_sign_in(self) -> bool:
        """Whether the plugin handles sign-in in this pool, from the first factor to the tokens; otherwise moto does."""
        return self.tracks_devices or settings.verify_user_srp() == "always"

    @property
    def allowed_first_factors(self) -> list[str] | None:
        """AllowedFirstAuthFactors of the pool's SignInPolicy; None if it has none."""
        policies = self.extended_config.get("Policies") or {}
        allowed: list[str] | None = (policies.get("SignInPolicy") or {}).get("AllowedFirstAuthFactors")
        return allowed

    def trigger_arn(self, trigger: str) -> str | None:
        """The function that LambdaConfig names for a trigger."""
        configuration = self.extended_config.get("LambdaConfig")
        if not configuration:
            return None
        versioned = configuration.get(f"{trigger}Config") or {}  # only PreTokenGeneration has one
        arn: str | None = configuration.get(trigger) or versioned.get("LambdaArn")
        return arn

    def complete_policies(self, before: dict[str, Any] | None = None) -> None:
        """Give a pool that tracks devices the policies that the request left out: as they were, or AWS's defaults.

        moto drops the password policy of a pool if only a sign-in policy is given.

        :param before: the pool's policies before this change
        """
        if self.tracks_devices:
            given = {name: policy for name, policy in (self.extended_config.get("Policies") or {}).items() if policy}
            default = moto_models.DEFAULT_USER_POOL_CONFIG["Policies"]
            self.extended_config["Policies"] = {**default, **(before or {}), **given}

    def update(self, extended_config: dict[str, Any]) -> None:
        """Apply UpdateUserPool: as on AWS if the pool tracks devices before or after it, otherwise as moto does.

        :raises MfaCannotBeTurnedOnError: nothing is changed then
        """
        before, state = self.extended_config, self.state
        if state.immutable_config is None:
            state.immutable_config = {name: before[name] for name in _IMMUTABLE if name in before}
        if not _tracks_devices(before) and not _tracks_devices(extended_config):
            self.update_extended_config(extended_config)
            return
        mfa_configuration = extended_config.get("MfaConfiguration")
        if mfa_configuration == "ON" and self.mfa_config != "ON":
            raise MfaCannotBeTurnedOnError
        given = {name: value for name, value in extended_config.items() if name not in _IMMUTABLE}
        kept = {name: before[name] for name in _KEPT if name in before and given.get(name) is None}
        self.update_extended_config({**given, **kept, **state.immutable_config})
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
        """Find a user by username or alias.

        With UsernameAttributes, that is an address; with AliasAttributes, a verified address or preferred_username.
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
        """Find a user by username, alias or sub.

        :raises UserDoesNotExistError: if there is none
        """
        user = self.find_user(name) or self.user_by_id(name)
        if user is None:
            raise UserDoesNotExistError(f"The user pool {self.id} has no user {name}, by name, alias or sub.")
        return user

    def user_by_id(self, user_id: str | None) -> CognitoIdpUser | None:
        """Find a user by sub, which is also the username in pools with UsernameAttributes."""
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
        # The plugin issues tokens to the canonical username, whatever name the user signed in with.
        if user is not None and user.username != username:
            super().sign_out(user.username)

    def forget_user(self, user: CognitoIdpUser) -> None:
        """Drop all that the plugin keeps for a deleted user."""
        self.state.forget_user(user.id)
        if self.manages_sign_in:
            self.state.token_families.drop_user(self, user)

    # SRP
    @property
    def srp_realm(self) -> str:
        """The first part of a user's SRP identity: the pool id after the underscore."""
        return self.id.partition("_")[2]

    def srp_salt(self, user: CognitoIdpUser | None, username: str) -> int:
        """Return the same salt for the same user and password; for an unknown user, the same for the same name."""
        known = f"user {user.id} {user.password}" if user else f"name {username}"
        digest = hmac.digest(self.state.srp_salt_key, known.encode(errors="surrogatepass"), "sha256")
        return int.from_bytes(digest[:16], "big") >> 1 | 1 << 126

    # Devices
    def devices_of(self, user: CognitoIdpUser) -> UserDevices:
        """Return no devices while tracking is off; they come back when it is switched on again."""
        if not self.tracks_devices:
            return UserDevices()
        return self.state.devices.get(user.id) or UserDevices()

    def find_device(self, user: CognitoIdpUser, device_key: str | None) -> CognitoIdpDevice:
        """
        :raises DeviceNotFoundError: if it is not one of the user's confirmed devices
        """
        device = self.devices_of(user).get(device_key)
        if device is None:
            raise DeviceNotFoundError(self.explain_unknown_device(user, device_key))
        return device

    def explain_unknown_device(self, user: CognitoIdpUser, device_key: str | None) -> str:
        """Explain for the log why a key is not one of the user's confirmed devices, and what to do."""
        if not self.tracks_devices:
            return self.explain_device_tracking_disabled
        devices = self.devices_of(user)
        if device_key in devices.pending:
            return f"{user.username} has not confirmed it: call ConfirmDevice after the sign-in that returned the key."
        if alias := devices.unconfirmable.get(device_key or ""):
            return (
                f"It was issued to {user.username}, whose last answer had the alias {alias} as USERNAME: answer with "
                "the challenge's USER_ID_FOR_SRP (https://github.com/aws-amplify/amplify-js/issues/4047)."
            )
        for user_pool in all_user_pools():
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

    def device_state(self, user: CognitoIdpUser, device_key: str) -> DeviceState:
        """What a DEVICE_KEY means for a sign-in of this user."""
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

    def issue_device_key(self, user: CognitoIdpUser, mfa_passed: bool, alias: str | None = None) -> PendingDevice:
        """Issue a key for a device that the pool does not know yet.

        :param alias: the USERNAME of the last answer, if the key cannot be confirmed because of it
        """
        key, group_key = f"{self.region}_{mock_random.uuid4()}", f"-{mock_random.get_random_string(8)}"
        device = PendingDevice(key, group_key, mfa_passed)
        by_user = self.state.devices
        devices = by_user[user.id] = by_user.get(user.id) or UserDevices()
        if alias:
            devices.unconfirmable[device.device_key] = alias
        else:
            devices.pending[device.device_key] = device
        return device

    # Tokens
    def create_refresh_token(self, client_id: str, username: str) -> tuple[str, str]:
        """Called by moto for each sign-in that it handles: remember whose tokens they are here, too."""
        refresh_token, origin_jti = super().create_refresh_token(client_id, username)
        user, client = self.find_user(username), self.clients.get(client_id)
        if user is not None and client is not None:
            self.state.token_families.add(origin_jti, TokenFamily.start(client, user))
        return refresh_token, origin_jti

    def start_token_family(
        self,
        client: CognitoIdpUserPoolClient,
        user: CognitoIdpUser,
        device_key: str | None,
        overrides: Overrides | None,
    ) -> dict[str, Any]:
        """Return the ``AuthenticationResult`` of a sign-in; its tokens are bound to the device."""
        refresh_token, origin_jti = super().create_refresh_token(client.id, user.username)
        family = TokenFamily.start(client, user)
        family.device_key = device_key
        self.state.token_families.add(origin_jti, family)
        return {**self.mint(client, user, origin_jti, overrides), "RefreshToken": refresh_token}

    def mint(
        self, client: CognitoIdpUserPoolClient, user: CognitoIdpUser, origin_jti: str, overrides: Overrides | None
    ) -> dict[str, Any]:
        """Return an access token and an ID token as ``AuthenticationResult``.

        :param overrides: from PreTokenGeneration
        """
        family = self.state.token_families.get(origin_jti)
        if family is None:  # from a sign-in before the plugin was activated, refreshed now
            family = TokenFamily.start(client, user)
            self.state.token_families.add(origin_jti, family)
        common: dict[str, Any] = {"origin_jti": origin_jti}
        if user.groups:
            common["cognito:groups"] = [group.group_name for group in user.groups]
        access_claims, id_claims = dict(common), {**common, **_attribute_claims(client, user)}
        if family.device_key and self.tracks_devices:  # devices have no effect while tracking is off
            access_claims["device_key"] = family.device_key
        issued_to = (client.id, user.username)
        access_token = tokens.sign(self, client, user, "access", family, access_claims, overrides)
        self.access_tokens[access_token] = issued_to
        id_token = tokens.sign(self, client, user, "id", family, id_claims, overrides)
        self.id_tokens[id_token] = issued_to
        return {
            "AccessToken": access_token,
            "IdToken": id_token,
            "ExpiresIn": tokens.lifetime(client, "AccessToken"),
            "TokenType": "Bearer",
        }


def _attribute_claims(client: CognitoIdpUserPoolClient, user: CognitoIdpUser) -> dict[str, str]:
    """An ID token's claims: the address, the attributes that the app client may read, and custom attributes."""
    attributes, claims = user.attribute_lookup, {}
    if attributes.get("email"):
        claims["email"] = attributes["email"]
    readable = client.get_readable_fields()
    for name in (*readable, *attributes):
        if name in attributes and (name in readable or name.startswith("custom:")):
            claims[name] = attributes[name]
    return claims


def _tracks_devices(extended_config: Mapping[str, Any]) -> bool:
    configuration = extended_config.get("DeviceConfiguration") or {}
    # An object without any value does not switch tracking on (terraform-provider-aws #16799).
    return set(map(configuration.get, _DEVICE_CONFIGURATION)) != {None}


def is_verified(alias: str, attributes: Mapping[str, str]) -> bool:
    return alias == "preferred_username" or str(attributes.get(f"{alias}_verified")).lower() == "true"


# Finding a pool
def all_user_pools() -> Iterator[CognitoIdpUserPool]:
    """Yield the pools of all accounts and regions, from copies: another request may add one meanwhile."""
    for account in list(cognitoidp_backends.values()):
        for backend in list(account.values()):
            yield from list(backend.user_pools.values())  # type: ignore[misc]


class _Index:
    """Remembers in which pool a key was found.

    moto adds, replaces and deletes pools without notice (resets, nested mocks, restored state). So each hit is
    verified, and a miss walks all pools.
    """

    def __init__(self, has: Callable[[CognitoIdpUserPool, str], bool]):
        self._has = has
        self._found: WeakValueDictionary[str, CognitoIdpUserPool] = WeakValueDictionary()

    def find(self, key: object) -> CognitoIdpUserPool | None:
        if not isinstance(key, str):
            return None
        user_pool = self._found.get(key)
        if user_pool is not None and _is_registered(user_pool) and self._has(user_pool, key):
            return user_pool
        user_pool = next((user_pool for user_pool in all_user_pools() if self._has(user_pool, key)), None)
        if user_pool is not None:
            if len(self._found) >= _INDEX_SIZE:
                self._found.clear()
            self._found[key] = user_pool
        return user_pool


def _is_registered(user_pool: CognitoIdpUserPool) -> bool:
    account = cognitoidp_backends.get(user_pool.account_id)  # .get() does not create one
    backend = account.get(user_pool.region) if account else None
    return backend is not None and backend.user_pools.get(user_pool.id) is user_pool


#: Find the pool of an app client, in any account and region; None if there is none. The key may be of any type.
find_by_client_id = _Index(lambda user_pool, client_id: client_id in user_pool.clients).find
#: Find the pool that issued a Session or SECRET_BLOCK.
find_by_session = _Index(lambda user_pool, challenge_id: challenge_id in user_pool.state.auth_sessions).find
#: Find the pool that issued an access token, and has not revoked it.
find_issuer = _Index(lambda user_pool, access_token: access_token in user_pool.access_tokens).find
_find_by_id = _Index(lambda user_pool, user_pool_id: user_pool.id == user_pool_id).find


def find_by_access_token(access_token: object) -> CognitoIdpUserPool | None:
    """Find the pool that issued an access token, or else the pool named in the token's ``iss``, which may be forged."""
    if not isinstance(access_token, str):
        return None
    return find_issuer(access_token) or _find_by_id(str(unverified_claims(access_token).get("iss")).rpartition("/")[2])


def explain_unknown_challenge(user_pool: CognitoIdpUserPool, challenge_id: str, *challenge_names: str) -> str:
    """Explain for the log why a Session or SECRET_BLOCK does not answer these challenges."""
    if challenge_id in user_pool.state.auth_sessions:
        return f"it awaits no {' or '.join(challenge_names)}."
    other = find_by_session(challenge_id)
    return f"it is of the user pool {other.id}." if other else "it was never issued, or moto was reset."
