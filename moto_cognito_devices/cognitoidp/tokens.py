"""Tokens of a user pool: families of tokens, lifetimes, claims, rotation."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPool, CognitoIdpUserPoolClient
from moto.moto_api._internal import mock_random

from .. import json_input
from .claims import Overrides

SCOPE = "aws.cognito.signin.user.admin"

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_DEFAULT_VALIDITY = {"AccessToken": (1, "hours"), "IdToken": (1, "hours"), "RefreshToken": (30, "days")}
# The order of claims in AWS's tokens; "..." stands for all others, such as the attributes in an ID token.
_CLAIM_ORDER = {
    "access": (
        *("sub", "device_key", "cognito:groups", "iss", "client_id", "origin_jti", "event_id", "token_use", "scope"),
        *("auth_time", "exp", "iat", "jti", "username", "..."),
    ),
    "id": (
        *("sub", "cognito:groups", "...", "iss", "cognito:username", "origin_jti", "aud", "event_id", "token_use"),
        *("auth_time", "exp", "iat", "jti"),
    ),
}


@dataclass
class TokenFamily:
    """What all tokens of one sign-in share, refreshed ones included. Kept for as long as the pool exists.

    :param user_id: the user's sub
    :param auth_time: seconds since 1970
    :param refresh_until: seconds since 1970; rotated refresh tokens do not extend it
    :param device_key: the device that the tokens are bound to
    """

    user_id: str
    auth_time: int
    refresh_until: int
    device_key: str | None = None
    _event_id: str | None = None

    @classmethod
    def start(cls, client: CognitoIdpUserPoolClient, user: CognitoIdpUser) -> TokenFamily:
        now = int(time.time())
        return cls(user.id, now, now + lifetime(client, "RefreshToken"))

    @property
    def event_id(self) -> str:
        """Created on first use, because drawing random numbers in pools without tracking would change moto's ids."""
        if self._event_id is None:
            self._event_id = str(mock_random.uuid4())
        return self._event_id


class TokenFamilies:
    """What the plugin keeps of a pool's tokens beside moto's registries, by ``origin_jti``."""

    def __init__(self) -> None:
        self._families: dict[str, TokenFamily] = {}
        self._rotated: dict[str, float] = {}

    def add(self, origin_jti: str, family: TokenFamily) -> None:
        self._families[origin_jti] = family

    def get(self, origin_jti: str) -> TokenFamily | None:
        """None for tokens from before the plugin was activated."""
        return self._families.get(origin_jti)

    def rotate(self, user_pool: CognitoIdpUserPool, refresh_token: str, grace: int) -> str:
        """Issue another refresh token of the same family.

        :param grace: seconds for which the old token stays valid
        """
        new_token = str(mock_random.uuid4())
        user_pool.refresh_tokens[new_token] = user_pool.refresh_tokens[refresh_token]
        self._rotated.setdefault(refresh_token, time.time() + grace)
        return new_token

    def was_rotated(self, refresh_token: str) -> bool:
        """Whether another refresh token has replaced this one, and its grace period is over."""
        return self._rotated.get(refresh_token, float("inf")) <= time.time()

    def drop_user(self, user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> None:
        """Forget a deleted user's refresh tokens, so that a new user with the same name does not get them."""
        for token, entry in list(user_pool.refresh_tokens.items()):
            family = self.get(entry[2]) if entry else None
            if family is not None and family.user_id == user.id:
                del user_pool.refresh_tokens[token]


def lifetime(client: CognitoIdpUserPoolClient, token: str) -> int:
    """Return the seconds for which a token of this app client is valid.

    :param token: "AccessToken" or "IdToken" (default: one hour, unit: hours), or "RefreshToken" (30 days, days)
    """
    validity, unit = _DEFAULT_VALIDITY[token]
    validity = client.extended_config.get(f"{token}Validity") or validity
    unit = (client.extended_config.get("TokenValidityUnits") or {}).get(token) or unit
    return int(validity) * _SECONDS.get(unit, 3600)


def sign(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    user: CognitoIdpUser,
    token_use: str,
    family: TokenFamily,
    claims: dict[str, Any],
    overrides: Overrides | None = None,
) -> str:
    """Make a token of a family.

    :param token_use: "access" or "id"
    :param claims: those that are not the same for all tokens, such as groups and the attributes of an ID token
    """
    import jwt  # Imported lazily to keep start-up fast.

    now = int(time.time())
    values: dict[str, Any] = {
        **claims,
        "sub": user.id,
        "iss": f"https://cognito-idp.{user_pool.region}.amazonaws.com/{user_pool.id}",
        "event_id": family.event_id,
        "token_use": token_use,
        "auth_time": family.auth_time,
        "exp": now + lifetime(client, "AccessToken" if token_use == "access" else "IdToken"),
        "iat": now,
        "jti": str(mock_random.uuid4()),
    }
    if token_use == "access":
        values |= {"client_id": client.id, "scope": SCOPE, "username": user.username}
    else:
        values |= {"aud": client.id, "cognito:username": user.username}
    if overrides is not None:
        values = overrides.apply(values, token_use, client.id)
    # AWS's headers have no "typ"; the key id is that of moto's jwks.json.
    headers = {"kid": "dummy", "typ": None}
    payload = _ordered(values, _CLAIM_ORDER[token_use])
    return jwt.encode(payload, user_pool.json_web_key.private_key, algorithm="RS256", headers=headers)


def unverified_claims(token: str) -> dict[str, Any]:
    """Return a token's claims without looking at its signature; an empty dictionary if it is not a token."""
    try:
        return json_input.lenient_object(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    except (ValueError, IndexError):
        return {}


def _ordered(values: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    ordered = {}
    for known in order:
        for name in values if known == "..." else (known,):
            if name in values and (name == known or name not in order):
                ordered[name] = values[name]
    return ordered
