"""Reads an access token as Cognito does for the operations that a user calls with it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, UserStatus, cognitoidp_backends

from .exceptions import (
    ExpiredAccessTokenError,
    InvalidAccessTokenError,
    MissingScopeError,
    PasswordResetRequiredException,
    RevokedAccessTokenError,
    UserDisabledError,
    UserDoesNotExistError,
    UserIsNotConfirmedError,
)
from .tokens import SCOPE
from .user_pools import CognitoIdpUserPool

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
        raise InvalidAccessTokenError
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] <= time.time():
        raise ExpiredAccessTokenError
    # moto up to 5.1.12 mints none. What it didn't mint is refused below.
    if SCOPE not in str(claims.get("scope", SCOPE)).split():
        raise MissingScopeError
    registered = user_pool.access_tokens.get(access_token)
    if registered is None:
        raise RevokedAccessTokenError

    user = user_pool.find_user(registered[1])
    if user is None or user.id != claims.get("sub"):
        user = user_pool.user_by_id(claims.get("sub"))
    if user is None:
        raise UserDoesNotExistError
    if not user.enabled:
        raise UserDisabledError
    if user.status == UserStatus.UNCONFIRMED:
        raise UserIsNotConfirmedError
    if user.status == UserStatus.RESET_REQUIRED:
        raise PasswordResetRequiredException
    return user_pool, user


def pool_of(access_token: str) -> CognitoIdpUserPool | None:
    """The pool that a token says it is of, good or not; None if there is no such pool."""
    return _said(access_token)[0]


def _said(access_token: str) -> tuple[CognitoIdpUserPool | None, dict[str, Any]]:
    """What a token says, its signature not looked at: the pool that it is of, and its claims."""
    try:
        _, claims = read(access_token)
    except (ValueError, RecursionError):
        return None, {}
    return _issuer(access_token, str(claims.get("iss"))), claims


def _verify(access_token: str) -> tuple[CognitoIdpUserPool, dict[str, Any]]:
    """The pool that signed a token, and its claims."""
    user_pool, claims = _said(access_token)
    if user_pool is None:
        raise InvalidAccessTokenError
    if access_token in user_pool.access_tokens:  # minted here, letter for letter: the signature can't be wrong
        return user_pool, claims
    return user_pool, _verified_claims(access_token, user_pool)


def _verified_claims(access_token: str, user_pool: CognitoIdpUserPool) -> dict[str, Any]:
    import jwt  # dear, and not needed before a token comes that is none of the pool's

    try:
        key = user_pool.json_web_key.public_key
        # Only RS256: "none", or an HMAC keyed with the public key, must not pass.
        return jwt.decode(access_token, key, algorithms=["RS256"], options=_ONLY_SIGNATURE)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidAccessTokenError from None


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, its signature not looked at.

    :raises ValueError, RecursionError: if it is no token
    """
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise ValueError("A token's header and claims are JSON objects.")
    return header, claims


def _issuer(access_token: str, issuer: str) -> CognitoIdpUserPool | None:
    user_pool_id = issuer.rpartition("/")[2]
    region = user_pool_id.rpartition("_")[0]
    # A copy, because another request may add an account; dict's get, because an account's own [] makes a region.
    backends = [account.get(region) for account in list(cognitoidp_backends.values())]
    user_pools = [b.user_pools[user_pool_id] for b in backends if b and user_pool_id in b.user_pools]
    # With MOTO_COGNITO_IDP_USER_POOL_ID_STRATEGY=HASH, two accounts can have pools of the same id.
    for user_pool in user_pools:
        if access_token in user_pool.access_tokens:
            return user_pool  # type: ignore[return-value]
    return user_pools[0] if user_pools else None  # type: ignore[return-value]
