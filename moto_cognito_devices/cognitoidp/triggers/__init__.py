"""Lambda triggers, in and around a sign-in: their events, and the calls of their functions."""

from __future__ import annotations

from .invoke import TriggerInvoker

__all__ = ["TriggerInvoker"]
