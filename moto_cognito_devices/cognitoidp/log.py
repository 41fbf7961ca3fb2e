"""The log ``moto_cognito_devices``: one line for each error, with its cause and what to do about it.

AWS's texts, which clients receive, leave both out. pytest shows the log with a failed test, and
``moto-cognito-devices server`` prints it; other programs read it by :mod:`logging`. It holds no secrets.
"""

from __future__ import annotations

import logging

from moto.core.exceptions import JsonRESTError

_logger = logging.getLogger("moto_cognito_devices")
_logger.addHandler(logging.NullHandler())


def refused(operation: str, error: JsonRESTError) -> None:
    """Log an error that a client receives.

    :param operation: as in the service model, "ConfirmDevice"
    """
    text, hint = getattr(error, "log_detail", error.message), getattr(error, "hint", "")
    stop = "" if not hint or text.endswith(".") else "."
    warn(operation, f"{error.error_type}: {text}{stop} {hint}")


def warn(operation: str, text: str) -> None:
    """Log one line: values of the request, which may be in the text, cannot add another."""
    line = "".join(character if character.isprintable() else "?" for character in f"{operation}: {text}")
    _logger.warning("%s", line.strip())
