"""Reads an access token as Cognito does for the operations that a user calls with it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser

from ..sign_in_rules import UserState
from .exceptions import (
    STATUS_ERRORS,
    ExpiredAccessTokenError,
    InvalidAccessTokenError,
    MissingScopeError,
    RevokedAccessTokenError,
    UserDoesNotExistError,
)
from .tokens import SCOPE
from .user_pools import CognitoIdpUserPool, user_pools

# Expiry is looked at below, by the clock that moto mints with; the rest is no claim of an access token.
_ONLY_SIGNATURE = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False)


def authorize(access_token: str) -> tuple[CognitoIdpUserPool, CognitoIdpUser]:
    """The pool and user that a token speaks for, in whichever region and account they are.

    The request is unsigned, so that nothing but the token tells where its pool is.

    :raises NotAuthorizedError: if the token is malformed, foreign, expired, revoked or lacks the scope
        ``aws.cognito.signin.user.admin``, or if the user is disabled
    :raises UserDoesNotExistError: if the user was deleted, also if another one has the name now
    :raises UserIsNotConfirmedError: in the state UNCONFIRMED
    :raises PasswordResetRequiredException: in the state RESET_REQUIRED
    """
    user_pool, claims = _verify(access_token)
    if claims.get("token_use") != "access":
        raise InvalidAccessTokenError("It is an ID token: give the AccessToken.")
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] <= time.time():
        raise ExpiredAccessTokenError
    # moto up to 5.1.12 mints none. What it didn't mint is refused below.
    if SCOPE not in str(claims.get("scope", SCOPE)).split():
        raise MissingScopeError
    registered = user_pool.access_tokens.get(access_token)
    user = user_pool.find_user(registered[1]) if registered else None
    if user is None or user.id != claims.get("sub"):
        user = user_pool.user_by_id(claims.get("sub"))
    if user is None:
        raise UserDoesNotExistError("The token's user was deleted.")
    if registered is None:
        raise RevokedAccessTokenError
    state = user_pool.user_state(user)
    if state in STATUS_ERRORS and state is not UserState.EXPIRED_PASSWORD:  # a password is for sign-in
        raise STATUS_ERRORS[state]
    return user_pool, user


def pool_of(access_token: str) -> CognitoIdpUserPool | None:
    """The pool that a token is of, or says it is of; None if there is no such pool."""
    return minted_by(access_token) or _said(access_token)[0]


def minted_by(access_token: str) -> CognitoIdpUserPool | None:
    """The pool that has a token in its registry, in whichever region and account it is."""
    return next((user_pool for user_pool in user_pools() if access_token in user_pool.access_tokens), None)


def _said(access_token: str) -> tuple[CognitoIdpUserPool | None, dict[str, Any]]:
    """What a token says, its signature not looked at: the pool that it is of, and its claims."""
    try:
        claims = claims_of(access_token)
    except (ValueError, IndexError, RecursionError):
        return None, {}
    user_pool_id = str(claims.get("iss")).rpartition("/")[2]
    return next((user_pool for user_pool in user_pools() if user_pool.id == user_pool_id), None), claims


def _verify(access_token: str) -> tuple[CognitoIdpUserPool, dict[str, Any]]:
    """The pool that signed a token, and its claims."""
    user_pool = minted_by(access_token)
    if user_pool is not None:  # letter for letter: the signature can't be wrong
        return user_pool, claims_of(access_token)
    user_pool, claims = _said(access_token)
    if user_pool is None:
        raise InvalidAccessTokenError(
            f"Its issuer is {claims['iss']!r}, and there is no such user pool: it was deleted, or moto was reset."
            if "iss" in claims
            else "It is no token of a user pool."
        )
    return user_pool, _verified_claims(access_token, user_pool)


def _verified_claims(access_token: str, user_pool: CognitoIdpUserPool) -> dict[str, Any]:
    import jwt  # dear, and not needed before a token comes that is none of the pool's

    try:
        key = user_pool.json_web_key.public_key
        # Only RS256: "none", or an HMAC keyed with the public key, must not pass.
        return jwt.decode(access_token, key, algorithms=["RS256"], options=_ONLY_SIGNATURE)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidAccessTokenError("It was not signed by the user pool that it names.") from None


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, its signature not looked at.

    :raises ValueError, IndexError, RecursionError: if it is no token
    """
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    if not isinstance(claims, dict):
        raise ValueError("A token's claims are a JSON object.")
    return claims
