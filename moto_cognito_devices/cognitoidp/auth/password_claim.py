"""SRP proofs on the wire: SRP_A, and the answer to PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.moto_api._internal import mock_random

from ... import srp
from ...credentials import constant_time_equal
from ..auth_sessions import AuthSession
from ..exceptions import IncorrectCredentialsError, TimestampFormatError
from ..request import Call
from ..user_pools import CognitoIdpUserPool, explain_unknown_challenge

# Far longer than N in hex, and short enough to compute with.
_MAX_HEX_DIGITS = 2048


def parse_srp_a(text: str) -> int:
    """Parse A, the client's public key.

    :raises InvalidParameterException: if it is not a hexadecimal number, or a multiple of N (RFC 5054, 2.5.4)
    """
    if len(text) > _MAX_HEX_DIGITS or not re.fullmatch("[0-9A-Fa-f]+", text):
        raise InvalidParameterException(f"SRP_A is not a hexadecimal number of at most {_MAX_HEX_DIGITS} digits.")
    number = int(text, 16)
    if not srp.is_public_key(number):
        raise InvalidParameterException("SRP_A is zero modulo N.")
    return number


def new_secret_block() -> str:
    """Return an unguessable ``SECRET_BLOCK``, base64. It identifies one challenge."""
    return base64.b64encode(mock_random.getrandbits(8 * 384).to_bytes(384, "big")).decode()


@dataclass
class PasswordClaim:
    """The well-formed members of an answer that proves a secret.

    :param exact_timestamp: whether the timestamp is written as Java would write it. AWS was seen to reject a
        zero-padded day and a wrong weekday like a wrong password (https://github.com/ministackorg/ministack/pull/1758)
    """

    secret_block: str = field(repr=False)
    signature: bytes = field(repr=False)
    timestamp: str
    exact_timestamp: bool

    @property
    def timestamp_hint(self) -> str:
        """Explain for the log why the timestamp alone makes the proof wrong; "" if it does not."""
        form = (
            "TIMESTAMP is not as Java writes EEE MMM d HH:mm:ss z yyyy: correct weekday, day of month not zero-padded."
        )
        return "" if self.exact_timestamp else form


@dataclass
class SrpExchange:
    """The server's side of one SRP exchange, with RFC 5054's names. Never shown: a proof is verified with it."""

    A: int = field(repr=False)
    v: int = field(repr=False)
    b: int = field(repr=False)
    B: int = field(repr=False)

    @classmethod
    def start(cls, A: int, v: int) -> SrpExchange:  # noqa: N803 (RFC 5054 tells A from a)
        b = mock_random.getrandbits(srp.PRIVATE_BITS)
        return cls(A, v, b, srp.server_public_key(v, b))

    def verify(self, claim: PasswordClaim, realm: str, name: str) -> bool:
        """Verify PASSWORD_CLAIM_SIGNATURE."""
        session_key = srp.server_session_key(self.A, self.B, self.v, self.b)
        # The secret block is one of ours, or it would not have led to this exchange: it is base64.
        secret_block = base64.b64decode(claim.secret_block)
        expected = srp.signature(session_key, realm, name, secret_block, claim.timestamp)
        return constant_time_equal(expected, claim.signature) and claim.exact_timestamp


def challenge_parameters(salt: int, B: int, username: str, **further: str) -> dict[str, str]:  # noqa: N803
    return {"SALT": f"{salt:x}", "SRP_B": f"{B:x}", "SECRET_BLOCK": new_secret_block(), "USERNAME": username, **further}


def find_session(
    user_pool: CognitoIdpUserPool, claim: PasswordClaim, challenge_names: tuple[str, ...]
) -> tuple[AuthSession, str]:
    """Find the sign-in that a proof is for.

    :returns: the sign-in, and the secret block
    :raises IncorrectCredentialsError: if there is none, or the challenge was answered already or has expired: one error
        for all, so that they cannot be told apart
    """
    auth_session = user_pool.state.auth_sessions.find(claim.secret_block, *challenge_names)
    if auth_session is None:
        hint = explain_unknown_challenge(user_pool, claim.secret_block, *challenge_names)
        raise IncorrectCredentialsError(f"Its secret block: {hint}")
    if auth_session.challenge_id != claim.secret_block:
        raise IncorrectCredentialsError("This SECRET_BLOCK has already been used.")
    if auth_session.expired:
        raise IncorrectCredentialsError("The challenge has expired, by the app client's AuthSessionValidity.")
    return auth_session, claim.secret_block


def parse_claim(call: Call) -> PasswordClaim:
    """
    :raises MissingParameterError: if a member is missing
    :raises InvalidParameterException: if the signature is not base64
    :raises TimestampFormatError: if the timestamp cannot be parsed
    """
    secret_block = call.required("PASSWORD_CLAIM_SECRET_BLOCK")
    signature = call.required("PASSWORD_CLAIM_SIGNATURE")
    timestamp = call.required("TIMESTAMP")
    try:
        decoded = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameterException("PASSWORD_CLAIM_SIGNATURE is not valid base64.") from None
    try:
        return PasswordClaim(secret_block, decoded, timestamp, srp.is_exact_timestamp(timestamp))
    except ValueError:
        raise TimestampFormatError from None
