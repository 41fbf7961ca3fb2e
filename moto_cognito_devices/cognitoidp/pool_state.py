"""All that the plugin keeps of a user pool, in one object: plain, so that it can be pickled with moto's backends."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from .auth_sessions import AuthSession, AuthSessionStore
from .devices import UserDevices
from .tokens import Tokens

#: Held while what is below changes, and never while a power is computed or somebody else is asked. Of the module and
#: not of a pool, since a lock can't be pickled.
lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    # A fork waits for who has the lock: a child would inherit it held for ever, and half a change.
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


@dataclass
class TotpToken:
    """An authenticator app that a user has set up.

    :param name: its FriendlyDeviceName
    :param used: the steps, since 1970, whose codes have been used
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
    """Users are named by their sub: it is new for each created user, so that nothing goes to a later one of that name.

    :param totp_secrets: asked for with an access token, and not verified yet
    :param temporary_passwords: when a user's was set, by AdminSetUserPassword; else with the user
    :param email_mfa: the users who have MFA by e-mail on, and whether they prefer it
    :param email_mfa_config: the pool's EmailMfaConfiguration; None if it sends no codes by e-mail
    :param sent_codes: the last one of each user
    :param signed_up: the sign-ins that ConfirmSignUp began, of users who have not signed in since
    :param identity: the members of the pool's configuration that can't be changed after its creation
    """

    devices: dict[str, UserDevices] = field(default_factory=dict)
    auth_sessions: AuthSessionStore = field(default_factory=AuthSessionStore)
    tokens: Tokens = field(default_factory=Tokens)
    totp_tokens: dict[str, TotpToken] = field(default_factory=dict, repr=False)
    totp_secrets: dict[str, bytes] = field(default_factory=dict, repr=False)
    temporary_passwords: dict[str, datetime] = field(default_factory=dict)
    email_mfa: dict[str, bool] = field(default_factory=dict)
    email_mfa_config: dict[str, str] | None = None
    sent_codes: dict[str, SentCode] = field(default_factory=dict)
    signed_up: dict[str, AuthSession] = field(default_factory=dict)
    identity: dict[str, Any] | None = None
    _srp_salt_key: bytes | None = field(default=None, repr=False)

    @property
    def srp_salt_key(self) -> bytes:
        """Made when it is asked for: randomness that is used in pools without tracking would change moto's ids."""
        if self._srp_salt_key is None:
            self._srp_salt_key = mock_random.getrandbits(256).to_bytes(32, "big")
        return self._srp_salt_key

    def forget_user(self, user_id: str) -> None:
        for by_sub in (
            *(self.devices, self.totp_tokens, self.totp_secrets, self.temporary_passwords),
            *(self.email_mfa, self.sent_codes, self.signed_up),
        ):
            by_sub.pop(user_id, None)
