"""Requests that the plugin serves, so that nobody's class is switched back to moto's under a request."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Requests go in and out; to be alone is to wait until nobody is inside, while who comes waits outside."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._reset()

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._inside = self.depth
        self._shut = False

    @property
    def depth(self) -> int:
        """How often this thread is inside: a request may lead to another one."""
        return getattr(self._mine, "depth", 0)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self._changed:
            while self._shut and not self.depth:
                self._changed.wait()
            self._go(1)
        try:
            yield
        finally:
            with self._changed:
                self._go(-1)
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """But for this thread's own requests."""
        with self._changed:
            while self._shut:
                self._changed.wait()
            self._shut = True
            while self._inside > self.depth:
                self._changed.wait()
        try:
            yield
        finally:
            with self._changed:
                self._shut = False
                self._changed.notify_all()

    def _go(self, step: int) -> None:
        self._inside += step
        self._mine.depth = self.depth + step


gate = Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=gate._reset)  # the other threads, and their requests, are not in the child
