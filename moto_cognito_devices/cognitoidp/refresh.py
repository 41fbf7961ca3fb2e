"""Refresh tokens, which are bound to the device of their sign-in: refresh, rotation, revocation."""

from __future__ import annotations

import time
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from .. import settings
from ..credentials import constant_time_equal
from .claims import Overrides
from .exceptions import (
    ClientSecretMissingError,
    ExpiredRefreshTokenError,
    FlowNotEnabledError,
    InvalidRefreshTokenError,
    RefreshTokenReuseException,
    RevocationDisabledError,
    RevokedRefreshTokenError,
    SecretHashMismatchError,
    UnauthorizedException,
    UnsupportedTokenTypeException,
    UserDisabledError,
)
from .pool_state import lock
from .request import Call, check_refresh_secret_hash
from .tokens import unverified_claims
from .triggers import TriggerInvoker
from .user_pools import CognitoIdpUserPool, all_user_pools

Result = dict[str, Any]


def initiate_auth(call: Call) -> Result:
    """Answer InitiateAuth with REFRESH_TOKEN_AUTH.

    :raises FlowNotEnabledError: if the app client rotates refresh tokens: only GetTokensFromRefreshToken does that
    :raises NotAuthorizedError: see :func:`_check_refresh_token`
    """
    if _rotation(call.client):
        raise FlowNotEnabledError(
            "REFRESH_TOKEN_AUTH", "The app client rotates its refresh tokens: call GetTokensFromRefreshToken."
        )
    token = call.required("REFRESH_TOKEN")
    user, origin_jti = _check_refresh_token(call, token)
    check_refresh_secret_hash(call, user.username)
    overrides = _overrides(call, user)
    if overrides is not None:
        user, origin_jti = _check_refresh_token(call, token)  # the trigger may have changed the user
    result = call.user_pool.mint(call.client, user, origin_jti, overrides)
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def get_tokens_from_refresh_token(call: Call) -> Result:
    """
    :raises NotAuthorizedError: see :func:`_check_refresh_token`; or if the client secret is wrong
    :raises LambdaError: if PreTokenGeneration fails
    """
    user_pool, token = call.user_pool, call.members["RefreshToken"]
    _check_client_secret(call)
    user, _ = _check_refresh_token(call, token)
    overrides = _overrides(call, user)
    with lock:
        user, origin_jti = _check_refresh_token(call, token)  # again: another request may have been faster
        rotation = _rotation(call.client)
        rotated = None
        if rotation:
            grace = rotation.get("RetryGracePeriodSeconds") or 0
            rotated = user_pool.state.token_families.rotate(user_pool, token, grace)
    result = user_pool.mint(call.client, user, origin_jti, overrides)
    return {"AuthenticationResult": {**result, "RefreshToken": rotated} if rotated else result}


def _overrides(call: Call, user: CognitoIdpUser) -> Overrides | None:
    triggers = TriggerInvoker(call)
    return triggers.pre_token_generation(user, "RefreshTokens") if triggers.has("PreTokenGeneration") else None


def revoke_token(call: Call) -> Result:
    """Revoke a refresh token and the access tokens of its family.

    A token that the pool does not know is not an error (RFC 7009).

    :raises RevocationDisabledError, UnsupportedTokenTypeException, UnauthorizedException: nothing is revoked then
    """
    user_pool, client, token = call.user_pool, call.client, call.members["Token"]
    with lock:
        _check_client_secret(call)
        if not client.extended_config.get("EnableTokenRevocation", True):
            raise RevocationDisabledError
        if token in user_pool.access_tokens or token in user_pool.id_tokens:
            raise UnsupportedTokenTypeException
        entry = user_pool.refresh_tokens.get(token)
        if entry is None:
            return {}
        if entry[0] != client.id:
            raise UnauthorizedException
        for other, other_entry in list(user_pool.refresh_tokens.items()):
            if other_entry == entry:
                user_pool.refresh_tokens[other] = None
        for access_token, issued_to in list(user_pool.access_tokens.items()):
            if issued_to == entry[:2] and unverified_claims(access_token).get("origin_jti") == entry[2]:
                del user_pool.access_tokens[access_token]
    return {}


def _check_refresh_token(call: Call, token: str) -> tuple[CognitoIdpUser, str]:
    """
    :returns: the token's user and ``origin_jti``
    :raises InvalidRefreshTokenError: if the token is unknown, or belongs to another app client or a deleted user; or if
        the device that it is bound to is not the one that the request names, confirmed and not forgotten
    :raises RevokedRefreshTokenError: if it was revoked
    :raises ExpiredRefreshTokenError: if the app client's RefreshTokenValidity has passed since the sign-in
    :raises RefreshTokenReuseException: if it was rotated, and its grace period is over
    """
    user_pool = call.user_pool
    if token not in user_pool.refresh_tokens:
        raise InvalidRefreshTokenError(_explain_unknown_token(user_pool, token))
    entry = user_pool.refresh_tokens[token]
    if entry is None:
        raise RevokedRefreshTokenError
    if user_pool.state.token_families.was_rotated(token):
        raise RefreshTokenReuseException
    client_id, username, origin_jti = entry
    user = user_pool.find_user(username)
    if client_id != call.client.id:
        raise InvalidRefreshTokenError(f"It was issued to another app client, {client_id}.")
    if user is None:
        raise InvalidRefreshTokenError(f"Its user, {username}, was deleted.")
    if not user.enabled:
        raise UserDisabledError
    family = user_pool.state.token_families.get(origin_jti)
    if family is not None and family.user_id != user.id:
        raise InvalidRefreshTokenError(f"Its user was deleted, and the {username} of now is another one.")
    if family is not None and family.refresh_until <= time.time():
        raise ExpiredRefreshTokenError
    # Tokens from before tracking was switched on have no device, and devices have no effect while it is off.
    bound_key = family.device_key if family and user_pool.tracks_devices else None
    if bound_key and settings.require_device_to_refresh():
        if user_pool.devices_of(user).get(bound_key) is None:
            hint = f"It is bound to the device {bound_key}. {user_pool.explain_unknown_device(user, bound_key)}"
            raise InvalidRefreshTokenError(
                f"{hint} An app that has a confirmed device names it in the answer that ends the sign-in."
            )
        if call.device_key != bound_key:
            named = f"names {call.device_key}" if call.device_key else "names none: give DEVICE_KEY, or DeviceKey"
            raise InvalidRefreshTokenError(f"It is bound to the device {bound_key}, and the request {named}.")
    return user, origin_jti


def _explain_unknown_token(user_pool: CognitoIdpUserPool, token: str) -> str:
    if token in user_pool.access_tokens or token in user_pool.id_tokens:
        return "It is an access or ID token: give the RefreshToken."
    other = next((other for other in all_user_pools() if token in other.refresh_tokens), None)
    return f"It is of the user pool {other.id}." if other else "There is none: its user was deleted, or moto was reset."


def _rotation(client: CognitoIdpUserPoolClient) -> dict[str, Any]:
    """Return the app client's RefreshTokenRotation; empty if it does not rotate."""
    rotation: dict[str, Any] = client.extended_config.get("RefreshTokenRotation") or {}
    return rotation if rotation.get("Feature") == "ENABLED" else {}


def _check_client_secret(call: Call) -> None:
    """
    :raises ClientSecretMissingError, SecretHashMismatchError: if the app client has a secret, and it is not given
    """
    client, given = call.client, call.members.get("ClientSecret")
    if not client.generate_secret:
        return
    if not given:
        raise ClientSecretMissingError(client.id)
    if not constant_time_equal(given, client.secret):
        raise SecretHashMismatchError(client.id, "Give the ClientSecret that DescribeUserPoolClient shows.")
