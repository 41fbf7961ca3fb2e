"""The sign-ins of a user pool that are under way: one object each, under one handle at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..sign_in_rules import Factor
from .exceptions import ExpiredSessionError, UsedSessionError

# Of the handles that may be forgotten, this many go with each new one: no request pays for all of them at once.
_FORGOTTEN_AT_ONCE = 16


@dataclass
class CustomAuth:
    """What the pool's own functions have to do with a sign-in by CUSTOM_AUTH.

    :param rounds: the challenges that were answered, as the events' ``session`` has them
    :param srp_a: ``SRP_A`` of a client that proves the password, too; "" of one that doesn't
    :param public: ``publicChallengeParameters`` of the challenge that is asked
    :param private: its ``privateChallengeParameters``
    :param metadata: its ``challengeMetadata``
    """

    rounds: list[dict[str, Any]] = field(default_factory=list)
    srp_a: str = ""
    public: dict[str, str] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict, repr=False)
    metadata: str | None = None

    def entry(self, challenge_name: str, right: bool) -> dict[str, Any]:
        """What the functions see of a challenge that was answered."""
        metadata = self.metadata if challenge_name == "CUSTOM_CHALLENGE" else None
        return {"challengeName": challenge_name, "challengeResult": right, "challengeMetadata": metadata}


@dataclass
class AuthSession:
    """One sign-in, from the first factor to the tokens. It holds no token: there are none before it ends.

    :param username: the canonical one; of a user whose absence is not to be told, the name that was given
    :param user_id: the user's sub; None if there is no such user
    :param session_seconds: how long a challenge may be answered, the app client's AuthSessionValidity
    :param auth_flow: that it began with
    :param custom: what there is of it in CUSTOM_AUTH
    :param passed: the factors that it has passed
    :param new_password: whether the user has chosen a new password in it
    :param handle: what the challenge is answered by now; None while an answer is looked at, and once it has ended
    :param expires: until when, seconds since 1970
    :param failed: whether a function has ended it: its handles are then as if they had never been issued
    :param keys: the server's side of an SRP proof that is asked for
    :param code: the one that was sent for the challenge; None if none was made
    :param totp_secret: of the authenticator app that is being set up in this sign-in
    :param device_key: the device that is asked for its proof, or has given it
    :param named: the DEVICE_KEY that an earlier request named
    """

    client_id: str
    username: str
    user_id: str | None
    session_seconds: int
    auth_flow: str = ""
    custom: CustomAuth = field(default_factory=CustomAuth)
    passed: frozenset[Factor] = frozenset()
    new_password: bool = False
    handle: str | None = field(default=None, repr=False)
    expires: float = 0
    failed: bool = False
    keys: Any = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    totp_secret: bytes | None = field(default=None, repr=False)
    device_key: str | None = None
    named: str | None = None

    @property
    def is_custom(self) -> bool:
        return self.auth_flow == "CUSTOM_AUTH"

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires


class AuthSessionStore:
    """By handle: a session or, where an SRP proof is asked for, a secret block.

    A handle is known for twice the time that its challenge may be answered, so that one that was spent, or has run
    out, can be told from one that was never issued.
    """

    def __init__(self) -> None:
        self._issued: dict[str, tuple[str, AuthSession]] = {}
        # By the time that a handle is known, since the handles of each are then in the order in which they go.
        self._to_forget: dict[int, deque[tuple[float, str, AuthSession]]] = {}
        self._awaiting_device: dict[tuple[str, str | None], dict[str, AuthSession]] = {}

    def __len__(self) -> int:
        return len(self._issued)

    def __contains__(self, handle: str | None) -> bool:
        return handle in self._issued

    def await_answer(self, sign_in: AuthSession, kind: str, handle: str) -> None:
        """Put a sign-in under a new handle. The one that it was under is spent.

        :param kind: of the answer that is awaited, in most cases the challenge's name
        """
        sign_in.expires = time.time() + sign_in.session_seconds
        sign_in.handle = handle
        if kind == "DEVICE_SRP_AUTH":
            self._awaiting_device.setdefault((sign_in.client_id, sign_in.user_id), {})[handle] = sign_in
        self.add_handle(sign_in, kind, handle)

    def add_handle(self, sign_in: AuthSession, kind: str, handle: str) -> None:
        """Let one more handle lead to a sign-in; it does not answer its challenge."""
        self._issued[handle] = (kind, sign_in)
        known_for = 2 * sign_in.session_seconds
        self._to_forget.setdefault(known_for, deque()).append((time.time() + known_for, handle, sign_in))
        self._forget()

    def find(self, handle: str | None, *kinds: str) -> AuthSession | None:
        """The sign-in that such an answer was awaited in under this handle; see :meth:`check_open`."""
        kind, sign_in = self._issued.get(handle or "", ("", None))
        return sign_in if sign_in and kind in kinds and not sign_in.failed else None

    @staticmethod
    def check_open(sign_in: AuthSession, handle: str) -> None:
        """
        :raises UsedSessionError: if the challenge was answered
        :raises ExpiredSessionError: if it ran out
        """
        if sign_in.handle != handle:
            raise UsedSessionError
        if sign_in.expired:
            raise ExpiredSessionError

    def leads_to(self, handle: str, sign_in: AuthSession) -> bool:
        """Whether a handle was issued in this sign-in, spent or not."""
        return self._issued.get(handle, ("", None))[1] is sign_in

    def take(self, sign_in: AuthSession, handle: str) -> None:
        """Take the handle from a sign-in: it is spent for everybody else, unless it is put back."""
        sign_in.handle = None
        waiting = self._awaiting_device.get((sign_in.client_id, sign_in.user_id), {})
        if waiting.get(handle) is sign_in:
            del waiting[handle]
            if not waiting:
                del self._awaiting_device[sign_in.client_id, sign_in.user_id]

    def put_back(self, sign_in: AuthSession, handle: str) -> None:
        """The challenge can be answered again, until the same time as before."""
        sign_in.handle = handle
        if self._issued.get(handle, (None,))[0] == "DEVICE_SRP_AUTH":
            self._awaiting_device.setdefault((sign_in.client_id, sign_in.user_id), {})[handle] = sign_in

    def awaiting_device(self, client_id: str, user_id: str, session: str | None) -> Iterator[AuthSession]:
        """The sign-ins that DEVICE_SRP_AUTH may be for, the newest first.

        Without a session that is each of the user's with this client: most clients send none. With one, the sign-in
        that it was issued in: amazon-cognito-identity-js sends the session of the MFA challenge before.
        """
        for sign_in in reversed(self._awaiting_device.get((client_id, user_id), {}).values()):
            if not sign_in.expired and (not session or self.leads_to(session, sign_in)):
                yield sign_in

    def _forget(self) -> None:
        now = time.time()
        for handles in self._to_forget.values():
            for _ in range(_FORGOTTEN_AT_ONCE):
                if not handles or handles[0][0] > now:
                    break
                _, handle, sign_in = handles.popleft()
                if self.leads_to(handle, sign_in):  # else moto was seeded as before, and the handle came again
                    del self._issued[handle]
                if sign_in.handle == handle:
                    self.take(sign_in, handle)
