"""Parse JSON that arrives from outside: request bodies, answers of Lambda functions, claims of tokens."""

from __future__ import annotations

import json
from typing import Any

#: What a message says that a value of another type is not.
TYPE_NAMES = {str: "a string", bool: "true or false", int: "an integer", dict: "an object", list: "an array"}


def parse(text: str | bytes, allow_nan: bool = True) -> Any:
    """Parse JSON, strictly.

    JSON may hold lone surrogates, which cannot be encoded: they are rejected too.

    :param allow_nan: whether NaN and infinite numbers, which Python takes, are accepted
    :raises ValueError: if it is not JSON
    """
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=allow_nan).encode()
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None
    return value


def lenient_object(text: str | bytes | None) -> dict[str, Any]:
    """Return the JSON object in a text; an empty one if there is none."""
    try:
        value = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
