"""Authorize an operation that a user calls with an access token."""

from __future__ import annotations

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
from .tokens import SCOPE, unverified_claims
from .user_pools import CognitoIdpUserPool

# exp is checked below against moto's clock; access tokens have none of the other claims.
_ONLY_SIGNATURE = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False)


def authorize(access_token: str, user_pool: CognitoIdpUserPool | None) -> tuple[CognitoIdpUserPool, CognitoIdpUser]:
    """Return the pool and user that an access token was issued for.

    :param user_pool: the one that the token names, see ``user_pools.find_by_access_token``
    :raises NotAuthorizedError: if the token is malformed, forged, expired, revoked or lacks the scope
        ``aws.cognito.signin.user.admin``, or if the user is disabled
    :raises UserDoesNotExistError: if the user was deleted, even if another user has the same name now
    :raises UserIsNotConfirmedError: if the user is UNCONFIRMED
    :raises PasswordResetRequiredException: if the user is in the state RESET_REQUIRED
    """
    claims = unverified_claims(access_token)
    if user_pool is None:
        raise InvalidAccessTokenError(
            f"Its issuer is {claims['iss']!r}, and there is no such user pool: it was deleted, or moto was reset."
            if "iss" in claims
            else "It is no token of a user pool."
        )
    if access_token not in user_pool.access_tokens:  # else exactly as issued: the signature cannot be wrong
        claims = _verify(access_token, user_pool)
    if claims.get("token_use") != "access":
        raise InvalidAccessTokenError("It is an ID token: give the AccessToken.")
    if not isinstance(claims.get("exp"), (int, float)) or claims["exp"] <= time.time():
        raise ExpiredAccessTokenError
    # moto up to 5.1.12 issues tokens without scope. Tokens that moto did not issue are rejected below.
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
    if state in STATUS_ERRORS and state is not UserState.EXPIRED_PASSWORD:  # which only matters at sign-in
        raise STATUS_ERRORS[state]
    return user_pool, user


def _verify(access_token: str, user_pool: CognitoIdpUserPool) -> dict[str, Any]:
    """Return the claims of a token that the pool signed.

    :raises InvalidAccessTokenError: if it did not
    """
    import jwt  # Imported lazily: slow, and only needed for tokens that are not in the pool's registry.

    try:
        key = user_pool.json_web_key.public_key
        # Only RS256: "none", or an HMAC keyed with the public key, must not pass.
        return jwt.decode(access_token, key, algorithms=["RS256"], options=_ONLY_SIGNATURE)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidAccessTokenError("It was not signed by the user pool that it names.") from None
