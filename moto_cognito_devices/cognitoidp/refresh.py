"""Tokens from refresh tokens, which are bound to the device of their sign-in, and their revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from .. import settings
from .devices import lock
from .exceptions import (
    ClientSecretMissingError,
    InvalidRefreshTokenError,
    RefreshTokenReuseException,
    RevocationDisabledError,
    RevokedRefreshTokenError,
    UnauthorizedException,
    UnsupportedTokenTypeException,
    UserDisabledError,
    WrongSecretHashError,
)
from .parameters import same_text
from .sessions import Result, Sessions

if TYPE_CHECKING:
    from .models import CognitoIdpUserPool


class Refresh(Sessions):
    """REFRESH_TOKEN_AUTH, GetTokensFromRefreshToken and RevokeToken."""

    def _refreshing_user(
        self, user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, token: str, device_key: str | None
    ) -> tuple[CognitoIdpUser, str]:
        """Whom a refresh token is for, and the name that it was issued to.

        :raises InvalidRefreshTokenError: if the token is unknown, another client's or a deleted user's, or if the
            device that it is bound to is not the one given, confirmed and not forgotten
        :raises RevokedRefreshTokenError: if it was revoked
        :raises RefreshTokenReuseException: if it was rotated, and its grace period is over
        """
        if token not in user_pool.refresh_tokens:
            raise InvalidRefreshTokenError
        entry = user_pool.refresh_tokens[token]
        if entry is None:
            raise RevokedRefreshTokenError
        if user_pool.was_rotated(token):
            raise RefreshTokenReuseException
        client_id, username, _ = entry
        user: CognitoIdpUser | None = user_pool._get_user(username)
        if client_id != client.id or user is None:
            raise InvalidRefreshTokenError
        if not user.enabled:
            raise UserDisabledError
        bound_key, user_id = user_pool.bound_device(token) or (None, user.id)
        if user_id != user.id:
            raise InvalidRefreshTokenError
        # Tokens from before tracking was switched on have no device, and none counts while it is off.
        bound = bound_key and user_pool.device_configuration and settings.require_device_to_refresh()
        if bound and (device_key != bound_key or user_pool.devices_of(user).get(device_key) is None):
            raise InvalidRefreshTokenError
        return user, username

    def get_tokens_from_refresh_token(
        self, client_id: str, refresh_token: str, client_secret: str | None, device_key: str | None
    ) -> Result:
        user_pool, client = self._pool_and_client(client_id)
        if user_pool is None or client is None:
            raise ResourceNotFoundError(f"User pool client {client_id} does not exist.")
        with lock:
            _check_client_secret(client, client_secret)
            self._refreshing_user(user_pool, client, refresh_token, device_key)
            access_token, id_token, expires_in = user_pool.create_tokens_from_refresh_token(refresh_token)
            result: dict[str, Any] = {
                "AccessToken": access_token,
                "IdToken": id_token,
                "ExpiresIn": expires_in,
                "TokenType": "Bearer",
            }
            rotation = client.extended_config.get("RefreshTokenRotation") or {}
            if rotation.get("Feature") == "ENABLED":
                grace = rotation.get("RetryGracePeriodSeconds") or 0
                result["RefreshToken"] = user_pool.rotate_refresh_token(refresh_token, grace)
            return {"AuthenticationResult": result}

    def revoke_token(self, client_id: str, token: str, client_secret: str | None) -> None:
        """Revoke a refresh token and the access tokens of its sign-in.

        A token that the pool doesn't know is no error, as in RFC 7009.
        """
        user_pool, client = self._pool_and_client(client_id)
        if user_pool is None or client is None:
            raise ResourceNotFoundError(f"User pool client {client_id} does not exist.")
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
            user_pool.revoke_sign_in(entry)


def _check_client_secret(client: CognitoIdpUserPoolClient, given: str | None) -> None:
    if not client.generate_secret:
        return
    if not given:
        raise ClientSecretMissingError(client.id)
    if not same_text(given, client.secret):
        raise WrongSecretHashError(client.id)
