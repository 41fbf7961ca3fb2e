"""The codes of an authenticator app (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import time

STEP = 30


def current_code(secret: str) -> str:
    """The code of now, with time left to use it: moto takes no other than that of the running step.

    :param secret: base32, without padding
    """
    while time.time() % STEP > STEP - 5:
        time.sleep(0.1)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.digest(key, int(time.time() // STEP).to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
