"""Tokens from refresh tokens, which are bound to the device of their sign-in, and their revocation."""

from __future__ import annotations

import time
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from .. import settings
from ..credentials import constant_time_equal
from . import access_tokens
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
from .parameters import Parameters, check_secret_of_owner, required
from .pool_state import lock
from .triggers import TriggerInvoker
from .user_pools import CognitoIdpUserPool, user_pools


def by_initiate_auth(
    user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, parameters: Parameters
) -> dict[str, Any]:
    """REFRESH_TOKEN_AUTH.

    :raises FlowNotEnabledError: if the client rotates its refresh tokens, which GetTokensFromRefreshToken does
    :raises NotAuthorizedError: see :func:`_refreshing_user`
    """
    if _rotation(client):
        raise FlowNotEnabledError(
            "REFRESH_TOKEN_AUTH", "The app client rotates its refresh tokens: call GetTokensFromRefreshToken."
        )
    token, device_key = required(parameters, "REFRESH_TOKEN"), parameters.get("DEVICE_KEY")
    user = _refreshing_user(user_pool, client, token, device_key)
    check_secret_of_owner(client, parameters, user.username)
    # The metadata of InitiateAuth are not for PreTokenGeneration.
    overrides = _overrides(TriggerInvoker(user_pool, client), user)
    if overrides is not None:
        _refreshing_user(user_pool, client, token, device_key)  # the function may have done something to the user
    return {"AuthenticationResult": user_pool.refreshed_tokens(token, overrides), "ChallengeParameters": {}}


def get_tokens_from_refresh_token(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    refresh_token: str,
    client_secret: str | None,
    device_key: str | None,
    client_metadata: dict[str, str] | None = None,
) -> dict[str, Any]:
    """
    :param client_metadata: for PreTokenGeneration
    :raises LambdaError: if that fails
    """
    _check_client_secret(client, client_secret)
    user = _refreshing_user(user_pool, client, refresh_token, device_key)
    overrides = _overrides(TriggerInvoker(user_pool, client, client_metadata), user)
    with lock:
        _refreshing_user(user_pool, client, refresh_token, device_key)  # again, as others may have been faster
        rotation = _rotation(client)
        rotated = None
        if rotation:
            grace = rotation.get("RetryGracePeriodSeconds") or 0
            rotated = user_pool.state.tokens.rotate(user_pool, refresh_token, grace)
    result = user_pool.refreshed_tokens(refresh_token, overrides)
    return {"AuthenticationResult": {**result, "RefreshToken": rotated} if rotated else result}


def _overrides(functions: TriggerInvoker, user: CognitoIdpUser) -> Overrides | None:
    return functions.pre_token_generation(user, "RefreshTokens") if functions.has("PreTokenGeneration") else None


def revoke_token(
    user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, token: str, client_secret: str | None
) -> None:
    """Revoke a refresh token and the access tokens of its sign-in.

    A token that the pool doesn't know is no error, as in RFC 7009.
    """
    with lock:
        _check_client_secret(client, client_secret)
        if not client.extended_config.get("EnableTokenRevocation", True):
            raise RevocationDisabledError
        if token in user_pool.access_tokens or token in user_pool.id_tokens:
            raise UnsupportedTokenTypeException
        entry = user_pool.refresh_tokens.get(token)
        if entry is None:
            return
        if entry[0] != client.id:
            raise UnauthorizedException
        for other, sign_in in list(user_pool.refresh_tokens.items()):
            if sign_in == entry:
                user_pool.refresh_tokens[other] = None
        for other, issued_to in list(user_pool.access_tokens.items()):
            claims = access_tokens.claims_of(other) if issued_to == entry[:2] else {}
            if claims.get("origin_jti") == entry[2]:
                del user_pool.access_tokens[other]


def _refreshing_user(
    user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, token: str, device_key: str | None
) -> CognitoIdpUser:
    """Whom a refresh token is for.

    :raises InvalidRefreshTokenError: if the token is unknown, another client's or a deleted user's, or if the
        device that it is bound to is not the one given, confirmed and not forgotten
    :raises RevokedRefreshTokenError: if it was revoked
    :raises ExpiredRefreshTokenError: if the client's RefreshTokenValidity has passed since the sign-in
    :raises RefreshTokenReuseException: if it was rotated, and its grace period is over
    """
    if token not in user_pool.refresh_tokens:
        raise InvalidRefreshTokenError(_why_not_of(user_pool, token))
    entry = user_pool.refresh_tokens[token]
    if entry is None:
        raise RevokedRefreshTokenError
    if user_pool.state.tokens.was_rotated(token):
        raise RefreshTokenReuseException
    client_id, username, origin_jti = entry
    user = user_pool.find_user(username)
    if client_id != client.id:
        raise InvalidRefreshTokenError(f"It was issued to another app client, {client_id}.")
    if user is None:
        raise InvalidRefreshTokenError(f"Its user, {username}, was deleted.")
    if not user.enabled:
        raise UserDisabledError
    grant = user_pool.state.tokens.grant(origin_jti)
    if grant is not None and grant.user_id != user.id:
        raise InvalidRefreshTokenError(f"Its user was deleted, and the {username} of now is another one.")
    if grant is not None and grant.refresh_until <= time.time():
        raise ExpiredRefreshTokenError
    # Tokens from before tracking was switched on have no device, and none counts while it is off.
    bound_key = grant.device_key if grant and user_pool.tracks_devices else None
    if bound_key and settings.require_device_to_refresh():
        if user_pool.devices_of(user).get(bound_key) is None:
            hint = f"It is bound to the device {bound_key}. {user_pool.explain_unknown_device(user, bound_key)}"
            raise InvalidRefreshTokenError(
                f"{hint} An app that has a confirmed device names it in the answer that ends the sign-in."
            )
        if device_key != bound_key:
            named = f"names {device_key}" if device_key else "names none: give DEVICE_KEY, or DeviceKey"
            raise InvalidRefreshTokenError(f"It is bound to the device {bound_key}, and the request {named}.")
    return user


def _why_not_of(user_pool: CognitoIdpUserPool, token: str) -> str:
    if token in user_pool.access_tokens or token in user_pool.id_tokens:
        return "It is an access or ID token: give the RefreshToken."
    other = next((other for other in user_pools() if token in other.refresh_tokens), None)
    return f"It is of the user pool {other.id}." if other else "There is none: its user was deleted, or moto was reset."


def _rotation(client: CognitoIdpUserPoolClient) -> dict[str, Any]:
    """The client's RefreshTokenRotation; empty if it doesn't rotate."""
    rotation: dict[str, Any] = client.extended_config.get("RefreshTokenRotation") or {}
    return rotation if rotation.get("Feature") == "ENABLED" else {}


def _check_client_secret(client: CognitoIdpUserPoolClient, given: str | None) -> None:
    if not client.generate_secret:
        return
    if not given:
        raise ClientSecretMissingError(client.id)
    if not constant_time_equal(given, client.secret):
        raise SecretHashMismatchError(client.id, "Give the ClientSecret that DescribeUserPoolClient shows.")
