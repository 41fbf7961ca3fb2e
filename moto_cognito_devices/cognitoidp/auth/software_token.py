"""TOTP: codes of an authenticator app, and setting one up by AssociateSoftwareToken and VerifySoftwareToken.

In a sign-in each call returns a new Session: MFA_SETUP → AssociateSoftwareToken → VerifySoftwareToken →
RespondToAuthChallenge. With an access token there is no Session.
"""

from __future__ import annotations

import base64
import time

import moto.settings
from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ... import settings
from ...credentials import TOTP_STEP, constant_time_equal, totp
from ...sign_in_rules import TOTP
from ..auth_sessions import AuthSession
from ..exceptions import (
    EnableSoftwareTokenMFAException,
    InvalidSessionError,
    SoftwareTokenMFANotFoundException,
    UsedTotpCodeError,
)
from ..pool_state import TotpToken, UserPoolState, lock
from ..request import Call
from ..user_pools import CognitoIdpUserPool, explain_unknown_challenge
from .mfa import active_methods, can_set_up

MFA_SETUP, ASSOCIATED, VERIFIED = "MFA_SETUP", "AssociateSoftwareToken", "VerifySoftwareToken"
# moto's constant secret, for users who set up their app when moto handled sign-in.
_MOTO_SECRET = base64.b32decode("ASDFASDFASDF====")


def token_of(state: UserPoolState, user: CognitoIdpUser) -> TotpToken:
    """Return the authenticator app that a user has set up."""
    return state.totp_tokens.setdefault(user.id, TotpToken(_MOTO_SECRET))


def matching_step(secret: bytes, code: str) -> int | None:
    """Return the time step (current, previous or next) for which the code is valid, or None.

    If codes are not checked, any code is taken as that of the current step. Besides the switch, moto's own setting
    ``MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP`` has them checked, from moto 5.2.0.
    """
    now = int(time.time()) // TOTP_STEP
    moto_setting = getattr(moto.settings, "get_cognito_idp_user_pool_enable_totp", None)
    if settings.codes() != "checked" and not (moto_setting and moto_setting()):
        return now
    return next((step for step in (now, now - 1, now + 1) if constant_time_equal(totp(secret, step), code)), None)


def use_code(token: TotpToken, step: int) -> None:
    """
    :raises UsedTotpCodeError: if codes are checked, and the code of this time step was used already
    """
    if settings.codes() != "checked":
        return
    if step in token.used:
        raise UsedTotpCodeError
    token.used = {used for used in token.used if used >= step - 2} | {step}


def associate_software_token(call: Call) -> dict[str, str]:
    """
    :raises NotAuthorizedError: if the Session does not allow it, or the user has set up a method of MFA since
    :raises SoftwareTokenMFANotFoundException: if the pool has not enabled TOTP
    """
    user_pool = call.user_pool
    with lock:
        if not call.session:
            secret = user_pool.state.totp_secrets[call.user.id] = _new_secret()
            call.user.token_verified = False  # TOTP is suspended until the new secret is verified
            return {"SecretCode": _secret_code(secret)}
        auth_session, _ = _find(user_pool, call.session, MFA_SETUP, ASSOCIATED)
        if TOTP not in can_set_up(user_pool):
            raise SoftwareTokenMFANotFoundException
        secret = _new_secret()
        session = _next_session(user_pool, auth_session, ASSOCIATED, secret)
        return {"SecretCode": _secret_code(secret), "Session": session}


def _new_secret() -> bytes:
    """Return 32 bytes, since AWS's SecretCode has 52 characters of base32."""
    return mock_random.getrandbits(256).to_bytes(32, "big")


def _secret_code(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


def verify_software_token(call: Call) -> dict[str, str]:
    """
    :raises NotAuthorizedError: if the Session does not allow it, or the user has set up a method of MFA since
    :raises EnableSoftwareTokenMFAException: if the code is wrong; it can be tried again
    """
    user_pool, state = call.user_pool, call.user_pool.state
    with lock:
        if not call.session:
            _enroll(call, call.user, state.totp_secrets.get(call.user.id, _MOTO_SECRET))
            state.totp_secrets.pop(call.user.id, None)
            return {"Status": "SUCCESS"}
        auth_session, user = _find(user_pool, call.session, ASSOCIATED)
        _enroll(call, user, auth_session.challenge_data)
        return {"Status": "SUCCESS", "Session": _next_session(user_pool, auth_session, VERIFIED)}


def check_without_method(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> None:
    """
    :raises InvalidSessionError: if the user has set up a method since MFA_SETUP was issued: otherwise the password and
        an old challenge would be enough to replace it
    """
    if active_methods(user_pool, user):
        raise InvalidSessionError("A method of MFA was set up in the meantime: sign in anew.")


def _enroll(call: Call, user: CognitoIdpUser, secret: bytes) -> None:
    step = matching_step(secret, call.members["UserCode"])
    if step is None:
        raise EnableSoftwareTokenMFAException
    token = TotpToken(secret, call.members.get("FriendlyDeviceName"))
    use_code(token, step)
    call.user_pool.state.totp_tokens[user.id] = token
    user.token_verified = True


def _find(user_pool: CognitoIdpUserPool, session: str, *names: str) -> tuple[AuthSession, CognitoIdpUser]:
    store = user_pool.state.auth_sessions
    auth_session = store.find(session, *names)
    if auth_session is None:
        raise InvalidSessionError(explain_unknown_challenge(user_pool, session, *names))
    user = user_pool.user_by_id(auth_session.user_id)
    if user is None:
        raise InvalidSessionError
    store.check_open(auth_session, session)
    check_without_method(user_pool, user)
    return auth_session, user


def _next_session(
    user_pool: CognitoIdpUserPool, auth_session: AuthSession, name: str, secret: bytes | None = None
) -> str:
    session = str(mock_random.uuid4())
    user_pool.state.auth_sessions.open(auth_session, name, session, secret)
    return session
