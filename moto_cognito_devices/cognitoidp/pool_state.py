"""All that the plugin keeps for a user pool, in one plain object that can be pickled with moto's backends."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from .auth_sessions import AuthSession, AuthSessionStore
from .devices import UserDevices
from .tokens import TokenFamilies

#: Guards pool state. Never held during SRP arithmetic or a trigger call. One for all pools, since a lock cannot be
#: pickled with them.
lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    # Without this, a child could inherit the lock held for ever, and a half-made change.
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


@dataclass
class TotpToken:
    """An authenticator app that a user has set up.

    :param name: its FriendlyDeviceName
    :param used: the time steps, since 1970, whose codes were used
    """

    secret: bytes = field(repr=False)
    name: str | None = None
    used: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class SentCode:
    """A code that would have been sent to a user.

    :param medium: "SMS" or "EMAIL"
    :param destination: masked
    """

    code: str = field(repr=False)
    medium: str
    destination: str


@dataclass
class UserPoolState:
    """Users are identified by sub, so that a re-created user with the same username inherits nothing.

    :param totp_secrets: from AssociateSoftwareToken with an access token, not verified yet
    :param temporary_passwords: when AdminSetUserPassword set the user's password
    :param mfa_preferences: by settings member, for the MFA methods that moto does not know: the users who have enabled
        the method, and whether they prefer it
    :param mfa_configs: by member of SetUserPoolMfaConfig, for the same methods: the pool's configuration
    :param sent_codes: the last code of each user
    :param sign_up_sessions: started by ConfirmSignUp, of users who have not signed in since
    :param immutable_config: the configuration that cannot be changed after CreateUserPool
    """

    devices: dict[str, UserDevices] = field(default_factory=dict)
    auth_sessions: AuthSessionStore = field(default_factory=AuthSessionStore)
    token_families: TokenFamilies = field(default_factory=TokenFamilies)
    totp_tokens: dict[str, TotpToken] = field(default_factory=dict, repr=False)
    totp_secrets: dict[str, bytes] = field(default_factory=dict, repr=False)
    temporary_passwords: dict[str, datetime] = field(default_factory=dict)
    mfa_preferences: dict[str, dict[str, bool]] = field(default_factory=dict)
    mfa_configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent_codes: dict[str, SentCode] = field(default_factory=dict)
    sign_up_sessions: dict[str, AuthSession] = field(default_factory=dict)
    immutable_config: dict[str, Any] | None = None
    _srp_salt_key: bytes | None = field(default=None, repr=False)

    @property
    def srp_salt_key(self) -> bytes:
        """Created on first use, because drawing random numbers in pools without tracking would change moto's ids."""
        if self._srp_salt_key is None:
            self._srp_salt_key = mock_random.getrandbits(256).to_bytes(32, "big")
        return self._srp_salt_key

    def forget_user(self, user_id: str) -> None:
        """Drop all that is kept for a deleted user."""
        by_sub: tuple[dict[str, Any], ...] = (
            self.devices,
            self.totp_tokens,
            self.totp_secrets,
            self.temporary_passwords,
            *self.mfa_preferences.values(),
            self.sent_codes,
            self.sign_up_sessions,
        )
        for kept in by_sub:
            kept.pop(user_id, None)
