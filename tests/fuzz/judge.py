"""Sends a hostile request, and judges the answer and what it left behind."""

from __future__ import annotations

import gzip
import json
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import requests

from ..support import Target, server_unpacks_bodies
from . import checkpoint
from .hostile import Hostile, Senseless
from .world import SESSION_MINUTES, World

# Seconds that a world lasts: its challenges expire after SESSION_MINUTES.
_FRESH = 60 * SESSION_MINUTES * 2 / 3


class Judge:
    """Of one world, which it puts back into its first state after each request.

    :param seconds: that a request may take, if it is not served by another process; 0 for any (libFuzzer has a
        watchdog of its own)
    """

    def __init__(self, target: Target, seconds: int = 60) -> None:
        self.target, self.seconds = target, seconds
        self.requests = self.accepted = 0
        self._build()

    def _build(self) -> None:
        self.world = World.create(self.target)
        self._checkpoint = None if self.target.endpoint else checkpoint.Checkpoint()
        self._until = time.monotonic() + _FRESH

    def judge(self, request: Hostile | Senseless) -> None:
        """
        :raises AssertionError: if the answer is none that Cognito would give, or a refusal changed something
        """
        if time.monotonic() > self._until:
            self._build()
        operation = self.world.valid[request.title][0] if isinstance(request, Hostile) else request.operation
        content = request.body(self.world) if isinstance(request, Hostile) else request.content
        headers = dict(request.headers)
        target = headers.pop("X-Amz-Target", "").format(operation)
        # A server asks the header whom a request is for: with another name in it, not for Cognito.
        if target and (self._checkpoint or target.startswith("AWSCognitoIdentityProviderService.")):
            headers["X-Amz-Target"] = target
        self.requests += 1
        if self._checkpoint is None:
            self._judge_of_server(operation, content, headers)
        else:
            self._judge_in_process(operation, content, headers, self._checkpoint)

    def _judge_in_process(
        self, operation: str, content: bytes, headers: dict[str, str], before: checkpoint.Checkpoint
    ) -> None:
        records, handles = checkpoint.records(), checkpoint.handles()
        try:
            with _no_hang(self.seconds):
                response = self._post(operation, content, headers)
            if not self._is_accepted(response):
                assert checkpoint.records() == records, "a refused request changed a record"
                assert checkpoint.handles() <= handles, "a refused request opened a challenge"
        finally:
            before.restore()

    def _judge_of_server(self, operation: str, content: bytes, headers: dict[str, str]) -> None:
        if headers.get("Content-Encoding") == "gzip" and server_unpacks_bodies() and not _is_gzip(content):
            return
        response = self._post(operation, content, headers)
        # Each accepted request wears out what the others are made of.
        if self._is_accepted(response) and self.accepted % 100 == 0:
            self._build()

    def _post(self, operation: str, content: bytes, headers: dict[str, str]) -> requests.Response:
        return self.target.post(operation, content, signed="Authorization" not in headers, **headers)

    def _is_accepted(self, response: requests.Response) -> bool:
        shown = f"{response.status_code} {response.content[:500]!r}"
        assert response.status_code in (200, 400), shown
        parsed: Any = json.loads(response.content or b"{}")
        assert isinstance(parsed, dict), shown
        assert ("__type" in parsed) is (response.status_code == 400), shown
        self.accepted += response.status_code == 200
        return response.status_code == 200


def _is_gzip(content: bytes) -> bool:
    try:
        gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return False
    return True


@contextmanager
def _no_hang(seconds: int) -> Iterator[None]:
    if not seconds or not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
