"""Open sign-ins of a user pool: one object each, under one Session (or SECRET_BLOCK) at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..sign_in_rules import Factor
from .exceptions import ExpiredSessionError, UsedSessionError

# Expired entries purged per insertion, so that no request pays for all of them.
_PURGED_AT_ONCE = 16


@dataclass
class CustomAuth:
    """What CUSTOM_AUTH keeps of a sign-in beyond the current challenge.

    :param history: the answered challenges, as the triggers' ``session`` shows them
    :param srp_a: ``SRP_A`` of InitiateAuth if the client also proves the password; else ""
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    srp_a: str = ""


@dataclass
class AuthSession:
    """One sign-in, from the first factor to the tokens. It holds no token: tokens are made when it ends.

    :param username: the canonical one; the name that was given if the user does not exist
    :param user_id: the user's sub; None if the user does not exist (PreventUserExistenceErrors)
    :param lifetime: seconds for which a challenge may be answered: the app client's AuthSessionValidity
    :param passed: the factors that were passed so far
    :param new_password: whether the user chose a new password in this sign-in
    :param challenge_id: the Session or SECRET_BLOCK that answers the current challenge; None while an answer is being
        verified and after the sign-in has ended
    :param challenge_data: what the handler of the current challenge needs to verify the answer
    :param expires: seconds since 1970
    :param failed: whether a trigger ended the sign-in; its ids then look as if they had never been issued
    :param device_key: the device whose proof was requested or given
    :param last_device_key: the last DEVICE_KEY that a request of this sign-in named
    """

    client_id: str
    username: str
    user_id: str | None
    lifetime: int
    auth_flow: str = ""
    custom: CustomAuth | None = None
    passed: frozenset[Factor] = frozenset()
    new_password: bool = False
    challenge_id: str | None = field(default=None, repr=False)
    challenge_data: Any = field(default=None, repr=False)
    expires: float = 0
    failed: bool = False
    device_key: str = ""
    last_device_key: str = ""

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires


class AuthSessionStore:
    """Sign-ins by challenge id: a Session or, for SRP proofs, a SECRET_BLOCK.

    An id is remembered for twice its lifetime, so that used and expired ones can be told from those never issued.
    """

    def __init__(self) -> None:
        self._issued: dict[str, tuple[str, AuthSession]] = {}
        # Keyed by lifetime: each deque is then sorted by expiry.
        self._to_purge: dict[int, deque[tuple[float, str, AuthSession]]] = {}
        self._awaiting_device: dict[tuple[str, str | None], dict[str, AuthSession]] = {}

    def __len__(self) -> int:
        return len(self._issued)

    def __contains__(self, challenge_id: object) -> bool:
        return challenge_id in self._issued

    def open(self, auth_session: AuthSession, challenge_name: str, challenge_id: str, data: Any = None) -> None:
        """Open a challenge under a new id, in place of the current one.

        :param challenge_name: or the operation whose Session this is, such as "AssociateSoftwareToken"
        :param data: see ``AuthSession.challenge_data``
        """
        auth_session.expires = time.time() + auth_session.lifetime
        auth_session.challenge_id, auth_session.challenge_data = challenge_id, data
        if challenge_name == "DEVICE_SRP_AUTH":
            self._await_device(auth_session, challenge_id)
        self.add_id(auth_session, challenge_name, challenge_id)

    def add_id(self, auth_session: AuthSession, challenge_name: str, challenge_id: str) -> None:
        """Let one more id lead to a sign-in; it does not answer the current challenge."""
        self._issued[challenge_id] = (challenge_name, auth_session)
        remembered_for = 2 * auth_session.lifetime
        self._to_purge.setdefault(remembered_for, deque()).append(
            (time.time() + remembered_for, challenge_id, auth_session)
        )
        self._purge()

    def find(self, challenge_id: str | None, *challenge_names: str) -> AuthSession | None:
        """Return the sign-in in which one of these challenges was issued under this id, open or not."""
        challenge_name, auth_session = self._issued.get(challenge_id or "", ("", None))
        return auth_session if auth_session and challenge_name in challenge_names and not auth_session.failed else None

    @staticmethod
    def check_open(auth_session: AuthSession, challenge_id: str) -> None:
        """
        :raises UsedSessionError: if the challenge was answered already
        :raises ExpiredSessionError: if it has expired
        """
        if auth_session.challenge_id != challenge_id:
            raise UsedSessionError
        if auth_session.expired:
            raise ExpiredSessionError

    def belongs_to(self, challenge_id: str, auth_session: AuthSession) -> bool:
        """Whether an id was issued in this sign-in, used or not."""
        return self._issued.get(challenge_id, ("", None))[1] is auth_session

    def claim(self, auth_session: AuthSession, challenge_id: str) -> None:
        """Take the challenge for one answer; it is used up unless it is released."""
        auth_session.challenge_id = None
        key = (auth_session.client_id, auth_session.user_id)
        awaiting = self._awaiting_device.get(key, {})
        if awaiting.get(challenge_id) is auth_session:
            del awaiting[challenge_id]
            if not awaiting:
                del self._awaiting_device[key]

    def release(self, auth_session: AuthSession, challenge_id: str) -> None:
        """Let the challenge be answered again, until the same time as before."""
        auth_session.challenge_id = challenge_id
        if self._issued.get(challenge_id, (None,))[0] == "DEVICE_SRP_AUTH":
            self._await_device(auth_session, challenge_id)

    def awaiting_device(self, client_id: str, user_id: str, session: str | None) -> Iterator[AuthSession]:
        """Yield the sign-ins that an answer to DEVICE_SRP_AUTH may be for, newest first.

        :param session: most clients send none; amazon-cognito-identity-js sends that of the MFA challenge before
        """
        for auth_session in reversed(self._awaiting_device.get((client_id, user_id), {}).values()):
            if not auth_session.expired and (not session or self.belongs_to(session, auth_session)):
                yield auth_session

    def _await_device(self, auth_session: AuthSession, challenge_id: str) -> None:
        key = (auth_session.client_id, auth_session.user_id)
        self._awaiting_device.setdefault(key, {})[challenge_id] = auth_session

    def _purge(self) -> None:
        now = time.time()
        for entries in self._to_purge.values():
            for _ in range(_PURGED_AT_ONCE):
                if not entries or entries[0][0] > now:
                    break
                _, challenge_id, auth_session = entries.popleft()
                if self.belongs_to(challenge_id, auth_session):  # unless moto was seeded again, and reissued the id
                    del self._issued[challenge_id]
                if auth_session.challenge_id == challenge_id:
                    self.claim(auth_session, challenge_id)
