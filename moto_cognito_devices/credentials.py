"""The small cryptography that client and server share: ``SECRET_HASH``, TOTP codes, comparisons in constant time."""

from __future__ import annotations

import base64
import hmac

#: Seconds for which a TOTP code is valid.
TOTP_STEP = 30


def constant_time_equal(left: str | bytes, right: str | bytes) -> bool:
    """Compare in a time that does not depend on where the two differ."""
    return hmac.compare_digest(_encoded(left), _encoded(right))


def secret_hash(client_id: str, client_secret: str, username: str) -> str:
    """Compute ``SECRET_HASH``.

    :param username: ``USERNAME`` of the same request; at refresh, the username of the token's owner
    :returns: base64 of HMAC-SHA256 over username and client id, keyed with the client secret
    """
    return base64.b64encode(hmac.digest(client_secret.encode(), _encoded(username + client_id), "sha256")).decode()


def totp(secret: bytes, step: int) -> str:
    """The six digits of a time step since 1970: RFC 6238 with SHA-1 and steps of 30 seconds, as Cognito uses it."""
    # Imported lazily: only sign-ins with an authenticator app need it.
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    generator = TOTP(secret, 6, SHA1(), TOTP_STEP, enforce_key_length=False)  # noqa: S303 (RFC 6238's)
    return generator.generate(step * TOTP_STEP).decode()


def _encoded(text: str | bytes) -> bytes:
    # Lone surrogates, which JSON may hold, can only be encoded like this.
    return text.encode(errors="surrogatepass") if isinstance(text, str) else text
