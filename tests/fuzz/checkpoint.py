"""The state of all user pools of this process: what it is, and how to get back to it.

Objects keep their identity, because moto's dashboard notes each one that is made: a deep copy would be noted too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends

from moto_cognito_devices.cognitoidp.auth_sessions import AuthSession, AuthSessionStore, CustomAuth
from moto_cognito_devices.cognitoidp.devices import CognitoIdpDevice, UserDevices
from moto_cognito_devices.cognitoidp.models import CognitoIdpBackend
from moto_cognito_devices.cognitoidp.pool_state import UserPoolState
from moto_cognito_devices.cognitoidp.tokens import TokenFamilies
from moto_cognito_devices.cognitoidp.user_pools import CognitoIdpUserPool

from ..support import open_handles

# Whose attributes are state. Everything else, keys and clients for example, stays as it is.
_STATEFUL = (
    CognitoIdpUser,
    UserDevices,
    CognitoIdpDevice,
    UserPoolState,
    AuthSessionStore,
    AuthSession,
    CustomAuth,
    TokenFamilies,
)
_RECORDS = (
    "users",
    "access_tokens",
    "id_tokens",
    "refresh_tokens",
    "extended_config",
)


def records() -> dict[str, Any]:
    """What a refused request must not change: users, devices (pending keys too) and tokens, as plain values."""
    return {
        f"{pool.id} {name}": _plain(value)
        for _, pool in _user_pools()
        for name, value in (*vars(pool).items(), *vars(pool.state).items())
        if name in _RECORDS or (name in vars(pool.state) and name != "auth_sessions")
    }


def handles() -> frozenset[str]:
    """What an open challenge can be answered by. A refused request may spend one, and never adds one."""
    return frozenset(handle for backend, pool in _user_pools() for handle in (*backend.sessions, *open_handles(pool)))


class Checkpoint:
    """The state at the time when it is made."""

    def __init__(self) -> None:
        self._containers: dict[int, tuple[Any, Any]] = {}
        for backend, pool in _user_pools():
            self._save(backend.sessions, deep=False)
            for name in (*_RECORDS, "_state"):
                self._save(vars(pool).get(name))

    def restore(self) -> None:
        for container, content in self._containers.values():
            container.clear()
            if isinstance(container, (list, deque)):
                container.extend(content)
            else:
                container.update(content)

    def _save(self, value: Any, deep: bool = True) -> None:
        if isinstance(value, _STATEFUL):
            value = vars(value)
        if isinstance(value, tuple):
            for member in value:
                self._save(member)
        if not isinstance(value, (dict, list, set, deque)) or id(value) in self._containers:
            return
        self._containers[id(value)] = (value, type(value)(value))
        for member in (value.values() if isinstance(value, dict) else value) if deep else ():
            self._save(member)


def _user_pools() -> Iterator[tuple[CognitoIdpBackend, CognitoIdpUserPool]]:
    for account in cognitoidp_backends.values():
        for backend in account.values():
            for pool in backend.user_pools.values():
                yield backend, pool  # type: ignore[misc]


def _plain(value: Any) -> Any:
    if isinstance(value, _STATEFUL):
        value = vars(value)
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return value
