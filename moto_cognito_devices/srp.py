"""Cognito's SRP-6a: pure arithmetic on integers and bytes.

The protocol is RFC 5054's with Cognito's own choices, the same for a user and for a device:

* N is the 3072-bit prime of RFC 3526 (group 15), g is 2, the hash is SHA-256;
* a number is hashed as the bytes of Java's ``BigInteger.toByteArray()``, *not* padded to the length of N: minimal
  big-endian two's complement, so 00 comes first where the top bit is set (:func:`pad`). The scrambling parameter u
  is then hashed with 31, 32 or 33 bytes; a fixed 32 breaks about every second sign-in;
* the session key is 16 bytes of HKDF with the info "Caldera Derived Key", and the client proves that it has it
  by an HMAC over names, secret block and timestamp, in place of RFC 5054's M1 and M2.

The names are RFC 5054's: N, g, k, s (salt), I (identity), P (password), x, v, a, A, b, B, u, S. The identity is in
two parts, here ``realm`` and ``name``: for a device its group key and device key, for a user the part of the
user pool's id behind the underscore and the username. They are hashed without anything between them.

Source: the pseudocode in "Working with user devices in your user pool" of the Amazon Cognito developer guide, and
the clients of AWS, which agree on it.

Two rules keep this file honest: it has no randomness, no clock and no state, and it imports nothing but hashing and
powers. The powers are nearly all of the time that a sign-in takes; gmpy2 (the extra ``fast``) computes them eight times
faster than CPython. Neither takes the same time for every exponent: this is for tests, and guards no real secret.
"""

from __future__ import annotations

import hashlib
import hmac

try:
    import gmpy2

    _powmod = gmpy2.powmod
except ImportError:
    _powmod = pow

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

#: Bits of the private exponents a and b: RFC 5054 asks for 256 at least, and each further one costs time.
PRIVATE_BITS = 256


def pad(number: int) -> bytes:
    """The bytes of a non-negative number as Java's ``BigInteger.toByteArray()`` gives them."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


k = int.from_bytes(_hash(pad(N), pad(g)), "big")


def _power(base: int, exponent: int) -> int:
    """Modulo N, from 0 to N - 1; the base may be negative, the exponent not."""
    return int(_powmod(base, exponent, N))


def private_key(salt: int, realm: str, name: str, password: str) -> int:
    """x: what the password comes down to. Only the client knows it.

    :param salt: s, not negative
    :param realm: a device's group key, or the user pool's id behind the underscore
    :param name: the device key, or the ``USER_ID_FOR_SRP``
    """
    identity = f"{realm}{name}:{password}".encode(errors="surrogatepass")
    return int.from_bytes(_hash(pad(salt), _hash(identity)), "big")


def verifier(x: int) -> int:
    """v: what the server keeps in place of the password, at most 3072 bits."""
    return _power(g, x)


def client_public_key(a: int) -> int:
    """A, from the client's private exponent (see :data:`PRIVATE_BITS`)."""
    return _power(g, a)


def server_public_key(v: int, b: int) -> int:
    """B, from the verifier and the server's private exponent (see :data:`PRIVATE_BITS`)."""
    return (k * v + _power(g, b)) % N


def is_public_key(number: int) -> bool:
    """Whether a peer's A, B or v may be used. A multiple of N would make S known to everybody (RFC 5054, 2.5.4)."""
    return number % N != 0


def scrambling_parameter(A: int, B: int) -> int:  # noqa: N803 (RFC 5054 tells A from a)
    """u, at most 256 bits."""
    return int.from_bytes(_hash(pad(A), pad(B)), "big")


def server_session_key(A: int, B: int, v: int, b: int) -> bytes:  # noqa: N803
    """The 16 bytes that server and client share if the client knew the password.

    :raises ValueError: if A is a multiple of N
    """
    if not is_public_key(A):
        raise ValueError("A is a multiple of N")
    u = scrambling_parameter(A, B)
    return _session_key(_power(A * _power(v, u), b), u)


def client_session_key(a: int, A: int, B: int, x: int) -> bytes:  # noqa: N803
    """The same 16 bytes, from the client's side.

    :param A: the public key of a, which the client has sent: to compute it again would take a power
    :raises ValueError: if B is a multiple of N
    """
    if not is_public_key(B):
        raise ValueError("B is a multiple of N")
    u = scrambling_parameter(A, B)
    return _session_key(_power(B - k * verifier(x), a + u * x), u)


def _session_key(S: int, u: int) -> bytes:  # noqa: N803
    extracted = hmac.digest(pad(u), pad(S), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def signature(session_key: bytes, realm: str, name: str, secret_block: bytes, timestamp: str) -> bytes:
    """``PASSWORD_CLAIM_SIGNATURE`` before base64: 32 bytes.

    :param secret_block: the challenge's ``SECRET_BLOCK``, decoded from base64
    :param timestamp: the answer's ``TIMESTAMP``, letter for letter
    """
    message = realm.encode() + name.encode() + secret_block + timestamp.encode()
    return hmac.digest(session_key, message, "sha256")
