"""What an SRP proof consists of on the wire: SRP_A at first, then the answer to PASSWORD_VERIFIER or its like."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.moto_api._internal import mock_random

from ... import srp, timestamps
from ...credentials import constant_time_equal
from ..auth_sessions import AuthSession
from ..exceptions import IncorrectCredentialsError, TimestampFormatError
from ..parameters import Parameters, required
from ..user_pools import CognitoIdpUserPool, explain_unknown_challenge

# Longer than N in hex by far, and short enough to compute with.
_MOST_HEX_DIGITS = 2048


def parse_srp_a(parameters: Parameters) -> int:
    """A, the client's public key.

    :raises MissingParameterError: if there is none
    :raises InvalidParameterException: if it is no hexadecimal number, or a multiple of N (RFC 5054, 2.5.4)
    """
    text = required(parameters, "SRP_A")
    if len(text) > _MOST_HEX_DIGITS or not re.fullmatch("[0-9A-Fa-f]+", text):
        raise InvalidParameterException(f"SRP_A is not a hexadecimal number of at most {_MOST_HEX_DIGITS} digits.")
    number = int(text, 16)
    if not srp.is_public_key(number):
        raise InvalidParameterException("SRP_A is zero modulo N.")
    return number


def new_secret_block() -> str:
    """``SECRET_BLOCK``: base64 that nobody can guess, the handle of one challenge."""
    return base64.b64encode(mock_random.getrandbits(8 * 384).to_bytes(384, "big")).decode()


@dataclass
class Answer:
    """The members of an answer that prove something, all of them well formed.

    ``in_form`` says whether the timestamp is as Java would write it. AWS was seen to refuse a zero-padded day and a
    wrong weekday like a wrong password (https://github.com/ministackorg/ministack/pull/1758).
    """

    secret_block: str = field(repr=False)
    signature: bytes = field(repr=False)
    timestamp: str
    in_form: bool

    @property
    def why_not(self) -> str:
        """Why it can't be right, whatever was proven; for the log."""
        form = "TIMESTAMP is not as Java writes EEE MMM d HH:mm:ss z yyyy: the right weekday, the day without a zero."
        return "" if self.in_form else form

    @property
    def secret_bytes(self) -> bytes:
        return base64.b64decode(self.secret_block)


@dataclass
class SrpExchange:
    """The server's side of one SRP exchange. Shown nowhere: it has what a proof is checked with."""

    A: int = field(repr=False)
    v: int = field(repr=False)
    b: int = field(repr=False)
    B: int = field(repr=False)

    @classmethod
    def generate(cls, A: int, v: int) -> SrpExchange:  # noqa: N803 (RFC 5054 tells A from a)
        b = mock_random.getrandbits(srp.PRIVATE_BITS)
        return cls(A, v, b, srp.server_public_key(v, b))

    def proves(self, answer: Answer, realm: str, name: str) -> bool:
        """Whether who gave the answer knows the password of this name."""
        session_key = srp.server_session_key(self.A, self.B, self.v, self.b)
        # The secret block is one of ours, or it would not have led to these keys: it is base64.
        expected = srp.signature(session_key, realm, name, answer.secret_bytes, answer.timestamp)
        return constant_time_equal(expected, answer.signature) and answer.in_form


def challenge(salt: int, B: int, username: str, **further: str) -> Parameters:  # noqa: N803
    """``ChallengeParameters`` that ask for a proof."""
    return {"SALT": f"{salt:x}", "SRP_B": f"{B:x}", "SECRET_BLOCK": new_secret_block(), "USERNAME": username, **further}


def find(user_pool: CognitoIdpUserPool, answer: Answer, kinds: tuple[str, ...]) -> tuple[AuthSession, str]:
    """The sign-in that a proof is for, and its handle.

    :raises IncorrectCredentialsError: if there is none, or it was answered, or ran out: one error for all
    """
    sign_in = user_pool.state.auth_sessions.find(answer.secret_block, *kinds)
    if sign_in is None:
        raise IncorrectCredentialsError(
            f"Its secret block: {explain_unknown_challenge(user_pool, answer.secret_block, *kinds)}"
        )
    if sign_in.handle != answer.secret_block:
        raise IncorrectCredentialsError("The challenge was answered, and is good once.")
    if sign_in.expired:
        raise IncorrectCredentialsError("The challenge has expired, by the app client's AuthSessionValidity.")
    return sign_in, answer.secret_block


def parse_answer(responses: Parameters) -> Answer:
    """
    :raises MissingParameterError: if a member is missing
    :raises InvalidParameterException: if the signature is no base64
    :raises TimestampFormatError: if the timestamp can't be read
    """
    secret_block = required(responses, "PASSWORD_CLAIM_SECRET_BLOCK")
    signature = required(responses, "PASSWORD_CLAIM_SIGNATURE")
    timestamp = required(responses, "TIMESTAMP")
    try:
        decoded = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameterException("PASSWORD_CLAIM_SIGNATURE is not valid base64.") from None
    try:
        return Answer(secret_block, decoded, timestamp, timestamps.is_exact(timestamp))
    except ValueError:
        raise TimestampFormatError from None
