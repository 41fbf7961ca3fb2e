"""Requests that the plugin serves, so that nobody's class is switched back to moto's under a request."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# For how many seconds nobody has gone out. TriggerInvoker answer sooner, so that otherwise all who are inside get done.
_PATIENCE = 0.5


class Gate:
    """Requests go in and out; to be alone is to wait until nobody is inside, while who comes waits outside.

    Not for ever, if a request that is inside asks somebody else: that one may be waiting for a request which comes.
    """

    def __init__(self) -> None:
        self._mine = threading.local()
        self._reset()

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._of_all = {what: self._of_mine(what) for what in ("inside", "asking")}
        self._shut = self._alone = False

    def _of_mine(self, what: str) -> int:
        return getattr(self._mine, what, 0)

    @property
    def depth(self) -> int:
        """How often this thread is inside: a request may lead to another one."""
        return self._of_mine("inside")

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self._changed:
            while self._shut and not self.depth:
                some_went = self._changed.wait(_PATIENCE)
                if not some_went and self._of_all["asking"] and not self._alone:
                    break
            self._count("inside", 1)
        try:
            yield
        finally:
            with self._changed:
                self._count("inside", -1)
                self._changed.notify_all()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While this request waits for somebody else."""
        with self._changed:
            self._count("asking", 1)
        try:
            yield
        finally:
            with self._changed:
                self._count("asking", -1)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """But for this thread's own requests."""
        with self._changed:
            while self._shut:
                self._changed.wait()
            self._shut = True
        try:
            with self._changed:
                while self._of_all["inside"] > self.depth:
                    self._changed.wait()
                self._alone = True
            yield
        finally:
            with self._changed:
                self._shut = self._alone = False
                self._changed.notify_all()

    def _count(self, what: str, step: int) -> None:
        self._of_all[what] += step
        setattr(self._mine, what, self._of_mine(what) + step)


gate = Gate()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=gate._reset)  # the other threads, and their requests, are not in the child
