"""Codes of an authenticator app, RFC 6238 with SHA-1, 6 digits and steps of 30 seconds, as Cognito has it."""

from __future__ import annotations

import base64
import time

import moto.settings
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ..tracking import Tracking

_STEP = 30
# moto's constant secret: of users who set up their app before sign-in was ours.
_MOTOS_SECRET = base64.b32decode("ASDFASDFASDF====")


def new_secret() -> bytes:
    """32 bytes, since AWS's ``SecretCode`` has 52 characters of base32."""
    return mock_random.getrandbits(256).to_bytes(32, "big")


def secret_code(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def secret_of(tracking: Tracking, user: CognitoIdpUser) -> bytes:
    """The secret that a user's app has."""
    token = tracking.totp_tokens.get(user.id)
    return token.secret if token else _MOTOS_SECRET


def pending_secret(tracking: Tracking, user: CognitoIdpUser) -> bytes:
    """The secret that a user asked for with an access token, to set up an app."""
    return tracking.totp_secrets.get(user.id, _MOTOS_SECRET)


def is_right(secret: bytes, code: str) -> bool:
    """Whether a code is that of now, of the step before, or of the one to come; any is where moto checks none.

    moto checks codes where its own setting ``MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP`` says so, from 5.2.0 on.
    """
    checked = getattr(moto.settings, "get_cognito_idp_user_pool_enable_totp", None)
    if checked is None or not checked():
        return True
    totp = TOTP(secret, 6, SHA1(), _STEP, enforce_key_length=False)  # noqa: S303 (RFC 6238's)
    for step in (-1, 0, 1):
        try:
            totp.verify(code.encode(errors="surrogatepass"), int(time.time()) + step * _STEP)
        except InvalidToken:
            continue
        return True
    return False
