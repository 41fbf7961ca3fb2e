"""Codes of an authenticator app, RFC 6238 with SHA-1, 6 digits and steps of 30 seconds, as Cognito has it."""

from __future__ import annotations

import base64
import time

import moto.settings
from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ... import settings
from ...credentials import TOTP_STEP, constant_time_equal, totp
from ..exceptions import UsedTotpCodeError
from ..pool_state import TotpToken, UserPoolState

# moto's constant secret: of users who set up their app before sign-in was ours.
_MOTOS_SECRET = base64.b32decode("ASDFASDFASDF====")


def new_secret() -> bytes:
    """32 bytes, since AWS's ``SecretCode`` has 52 characters of base32."""
    return mock_random.getrandbits(256).to_bytes(32, "big")


def secret_code(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def token_of(state: UserPoolState, user: CognitoIdpUser) -> TotpToken:
    """The app that a user has set up."""
    return state.totp_tokens.setdefault(user.id, TotpToken(_MOTOS_SECRET))


def pending_secret(state: UserPoolState, user: CognitoIdpUser) -> bytes:
    """The secret that a user asked for with an access token, to set up an app."""
    return state.totp_secrets.get(user.id, _MOTOS_SECRET)


def step_of(secret: bytes, code: str) -> int | None:
    """Which step a code is of: that of now, the one before, or the one to come; None if it is of none of them.

    Any code is taken for that of now where none is checked. moto checks codes where its own setting
    ``MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP`` says so, from 5.2.0 on.
    """
    now = int(time.time()) // TOTP_STEP
    motos_setting = getattr(moto.settings, "get_cognito_idp_user_pool_enable_totp", None)
    if settings.codes() != "checked" and not (motos_setting and motos_setting()):
        return now
    for step in (now, now - 1, now + 1):
        if constant_time_equal(totp(secret, step), code):
            return step
    return None


def use(token: TotpToken, step: int) -> None:
    """
    :raises UsedTotpCodeError: if the code of this step has been used, and codes are ``checked``
    """
    if settings.codes() != "checked":
        return
    if step in token.used:
        raise UsedTotpCodeError
    token.used = {used for used in token.used if used >= step - 2} | {step}
