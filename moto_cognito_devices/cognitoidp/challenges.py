"""The challenges that a user pool's users have yet to answer: each bound to its user and client, good once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal import mock_random

from .. import srp
from .proofs import Answer


@dataclass
class ServerKeys:
    """The server's side of one SRP exchange. Shown nowhere: it has what a proof is checked with."""

    A: int = field(repr=False)
    v: int = field(repr=False)
    b: int = field(repr=False)
    B: int = field(repr=False)

    @classmethod
    def generate(cls, A: int, v: int) -> ServerKeys:  # noqa: N803 (RFC 5054 tells A from a)
        b = mock_random.getrandbits(srp.PRIVATE_BITS)
        return cls(A, v, b, srp.server_public_key(v, b))

    def proves(self, answer: Answer, realm: str, name: str) -> bool:
        """Whether who gave the answer knows the password of this name."""
        session_key = srp.server_session_key(self.A, self.B, self.v, self.b)
        # The secret block is one of ours, or it would not have led to these keys: it is base64.
        expected = srp.signature(session_key, realm, name, answer.secret_bytes, answer.timestamp)
        return srp.signatures_equal(expected, answer.signature)


@dataclass
class WithheldTokens:
    """The result of a sign-in that waits for the proof of a device; the tokens are unknown to the pool meanwhile."""

    device_key: str
    result: dict[str, Any] = field(repr=False)
    #: What the pool's registries of access, id and refresh tokens had.
    entries: list[tuple[str, str, Any]] = field(repr=False)
    #: The device steps accept any of these, or none (see :meth:`Challenges.awaiting_device`).
    sessions: set[str] = field(repr=False)


@dataclass
class Challenge:
    """
    :param username: the canonical one
    :param user_id: the user's sub; None if there is no such user and the client is not to know
    :param expires: seconds since 1970
    :param moto_session: moto's own session of this sign-in, to answer moto with
    :param keys: of a challenge that asks for an SRP proof
    :param withheld: of a challenge to a device
    """

    name: str
    client_id: str
    username: str
    user_id: str | None
    expires: float
    moto_session: str | None = field(default=None, repr=False)
    keys: ServerKeys | None = None
    withheld: WithheldTokens | None = None

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires

    def is_for(self, name: str, client_id: str, user_id: str | None) -> bool:
        return (self.name, self.client_id, self.user_id) == (name, client_id, user_id)


class Challenges:
    """A user pool's open challenges, by session or, where an SRP proof is asked for, by secret block."""

    def __init__(self) -> None:
        self._open: dict[str, Challenge] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, handle: str, challenge: Challenge) -> None:
        self._open[handle] = challenge

    def get(self, handle: str | None) -> Challenge | None:
        return self._open.get(handle) if handle else None

    def spend(self, handle: str, name: str) -> Challenge | None:
        """Take a challenge of this name out, so that nobody can answer it again."""
        challenge = self._open.get(handle)
        return self._open.pop(handle) if challenge is not None and challenge.name == name else None

    def awaiting_device(
        self, client_id: str, user_id: str | None, session: str | None
    ) -> Iterator[tuple[str, WithheldTokens]]:
        """The DEVICE_SRP_AUTH challenges that a request may mean, the newest first.

        Without a session that is each of the user's with this client: most clients send none. With one, those of
        that sign-in: amazon-cognito-identity-js sends the session of the MFA challenge before.
        """
        for handle, challenge in reversed(self._open.items()):
            if challenge.withheld is None or challenge.expired:
                continue
            if challenge.is_for("DEVICE_SRP_AUTH", client_id, user_id) and (
                not session or session in challenge.withheld.sessions
            ):
                yield handle, challenge.withheld

    def drop_expired(self) -> list[str]:
        """Forget the oldest challenges as far as they expired, to not grow for ever.

        :returns: moto's sessions of these sign-ins
        """
        sessions = []
        while self._open and next(iter(self._open.values())).expired:
            challenge = self._open.pop(next(iter(self._open)))
            if challenge.moto_session:
                sessions.append(challenge.moto_session)
        return sessions
