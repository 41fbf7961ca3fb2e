"""The log ``moto_cognito_devices``: a line for each refusal, with its cause and what to do about it.

AWS's texts, which stand on the wire, leave that out. pytest shows it with the test that failed, and
``moto-cognito-devices server`` prints it; any other program gets it by :mod:`logging`. There is no secret in it.
"""

from __future__ import annotations

import logging

from moto.core.exceptions import JsonRESTError

_logger = logging.getLogger("moto_cognito_devices")
_logger.addHandler(logging.NullHandler())


def refused(operation: str, error: JsonRESTError) -> None:
    """
    :param operation: as in the service model, "ConfirmDevice"
    """
    text, hint = getattr(error, "log_detail", error.message), getattr(error, "hint", "")
    stop = "" if not hint or text.endswith(".") else "."
    warn(operation, f"{error.error_type}: {text}{stop} {hint}")


def warn(operation: str, text: str) -> None:
    # What a request named may be in it: it makes no further line.
    line = "".join(character if character.isprintable() else "?" for character in f"{operation}: {text}")
    _logger.warning("%s", line.strip())
