"""Cognito's SRP-6a and its TIMESTAMP: pure functions of numbers, bytes and text.

The protocol is RFC 5054's with Cognito's own choices, the same for a user and for a device:

* N is the 3072-bit prime of RFC 3526 (group 15), g is 2, the hash is SHA-256.
* A number is hashed as the bytes of Java's ``BigInteger.toByteArray()``, *not* padded to the length of N: minimal
  big-endian two's complement, so 00 comes first if the top bit is set (:func:`pad`). The scrambling parameter u
  is then hashed as 31, 32 or 33 bytes; with a fixed 32 about every second sign-in fails.
* The session key is 16 bytes of HKDF with the info "Caldera Derived Key". The client proves that it has the key
  by an HMAC over names, secret block and timestamp, instead of RFC 5054's M1 and M2.

The names are RFC 5054's: N, g, k, s (salt), I (identity), P (password), x, v, a, A, b, B, u, S. The identity is in
two parts, here ``realm`` and ``name``: for a device its group key and device key, for a user the part of the
user pool's id after the underscore and the username. They are hashed without a separator.

Source: the pseudocode in "Working with user devices in your user pool" of the Amazon Cognito developer guide, and
AWS's own clients, which agree with it.

This module has no randomness, no clock and no state. Modular exponentiations take nearly all the time of a sign-in;
gmpy2 (the extra ``fast``) computes them eight times faster than CPython. Neither runs in constant time: this is for
tests, and protects no real secret.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

try:
    import gmpy2

    _modexp_backend = gmpy2.powmod
except ImportError:
    _modexp_backend = pow

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
g = 2

#: Bits of the private exponents a and b: RFC 5054's minimum, as the time of an exponentiation grows with each bit.
PRIVATE_BITS = 256


def pad(number: int) -> bytes:
    """Convert a non-negative number as Java's ``BigInteger.toByteArray()`` does."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


k = int.from_bytes(_hash(pad(N), pad(g)), "big")


def _modexp(base: int, exponent: int) -> int:
    """Return base ** exponent mod N; the base may be negative, the exponent not."""
    return int(_modexp_backend(base, exponent, N))


def private_key(salt: int, realm: str, name: str, password: str) -> int:
    """Derive x from the password. Only the client can.

    :param salt: s, not negative
    :param realm: a device's group key, or the part of the user pool's id after the underscore
    :param name: the device key, or the ``USER_ID_FOR_SRP``
    """
    identity = f"{realm}{name}:{password}".encode(errors="surrogatepass")
    return int.from_bytes(_hash(pad(salt), _hash(identity)), "big")


def verifier(x: int) -> int:
    """Return v, which the server stores instead of the password; at most 3072 bits."""
    return _modexp(g, x)


def client_public_key(a: int) -> int:
    """Return A for the client's private exponent (see :data:`PRIVATE_BITS`)."""
    return _modexp(g, a)


def server_public_key(v: int, b: int) -> int:
    """Return B for the verifier and the server's private exponent (see :data:`PRIVATE_BITS`)."""
    return (k * v + _modexp(g, b)) % N


def is_public_key(number: int) -> bool:
    """Check a peer's A, B or v: a multiple of N would make S predictable (RFC 5054, 2.5.4)."""
    return number % N != 0


def scrambling_parameter(A: int, B: int) -> int:  # noqa: N803 (RFC 5054 tells A from a)
    """Return u, at most 256 bits."""
    return int.from_bytes(_hash(pad(A), pad(B)), "big")


def server_session_key(A: int, B: int, v: int, b: int) -> bytes:  # noqa: N803
    """Return 16 bytes, equal to the client's if the client knew the password.

    :raises ValueError: if A is a multiple of N
    """
    if not is_public_key(A):
        raise ValueError("A is a multiple of N")
    u = scrambling_parameter(A, B)
    return _session_key(_modexp(A * _modexp(v, u), b), u)


def client_session_key(a: int, A: int, B: int, x: int) -> bytes:  # noqa: N803
    """Return 16 bytes, equal to the server's if the password is right.

    :param A: the public key of a; passed in, because computing it again costs an exponentiation
    :raises ValueError: if B is a multiple of N
    """
    if not is_public_key(B):
        raise ValueError("B is a multiple of N")
    u = scrambling_parameter(A, B)
    return _session_key(_modexp(B - k * verifier(x), a + u * x), u)


def _session_key(S: int, u: int) -> bytes:  # noqa: N803
    extracted = hmac.digest(pad(u), pad(S), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def signature(session_key: bytes, realm: str, name: str, secret_block: bytes, timestamp: str) -> bytes:
    """Compute ``PASSWORD_CLAIM_SIGNATURE`` before base64: 32 bytes.

    :param secret_block: the challenge's ``SECRET_BLOCK``, decoded from base64
    :param timestamp: the response's ``TIMESTAMP``, character for character
    """
    message = realm.encode() + name.encode() + secret_block + timestamp.encode()
    return hmac.digest(session_key, message, "sha256")


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMESTAMP = re.compile(
    rf"(?:{'|'.join(_WEEKDAYS)}) ({'|'.join(_MONTHS)}) "
    r"(\d{1,2}) (\d{1,2}):(\d{2}):(\d{2}) ([A-Z]{1,5}) (\d{4})",
    re.ASCII,
)


def timestamp(moment: datetime, zone: str = "UTC") -> str:
    """Format ``TIMESTAMP`` as ``Tue Sep 5 00:09:40 UTC 2023``: Java's ``EEE MMM d HH:mm:ss z yyyy``, in English."""
    weekday, month = _WEEKDAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{weekday} {month} {moment.day} {moment:%H:%M:%S} {zone} {moment.year:04}"


def is_exact_timestamp(text: str) -> bool:
    """Check that a timestamp is as Java formats it: correct weekday, day of month not zero-padded.

    :raises ValueError: if it is not a timestamp at all
    """
    parts = _TIMESTAMP.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not in the form EEE MMM d HH:mm:ss z yyyy")
    month, day, hour, minute, second, zone, year = parts.groups()
    moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))  # noqa: DTZ001
    return timestamp(moment, zone) == text
