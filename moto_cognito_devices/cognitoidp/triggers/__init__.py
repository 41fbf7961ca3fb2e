"""Lambda triggers, in and around a sign-in: their events, who answers for a function, and its calls."""

from __future__ import annotations

from .invoke import TriggerInvoker

__all__ = ["TriggerInvoker"]
