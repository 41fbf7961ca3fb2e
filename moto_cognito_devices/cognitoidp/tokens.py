"""The tokens of a user pool: what the tokens of one sign-in share, their claims, their lifetimes, their end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPool, CognitoIdpUserPoolClient
from moto.moto_api._internal import mock_random

from .claims import as_overridden

SCOPE = "aws.cognito.signin.user.admin"

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_UNLESS_SAID = {"AccessToken": (1, "hours"), "IdToken": (1, "hours"), "RefreshToken": (30, "days")}
# In the order of AWS's tokens; what else there is, as an ID token's attributes, goes where the dots are.
_CLAIMS = {
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
    """A sign-in that has given tokens, for as long as the pool lives.

    :param user_id: the user's sub
    :param auth_time: seconds since 1970
    :param refresh_until: seconds since 1970; all refresh tokens of a sign-in end then, rotated ones too
    :param device_key: the device that its tokens are bound to
    """

    user_id: str
    auth_time: int
    refresh_until: int
    device_key: str | None = None
    _event_id: str | None = None

    @classmethod
    def now(cls, client: CognitoIdpUserPoolClient, user: CognitoIdpUser) -> TokenFamily:
        now = int(time.time())
        return cls(user.id, now, now + lifetime(client, "RefreshToken"))

    @property
    def event_id(self) -> str:
        """Made when it is asked for: randomness that is used in pools without tracking would change moto's ids."""
        if self._event_id is None:
            self._event_id = str(mock_random.uuid4())
        return self._event_id


class Tokens:
    """What a user pool keeps of its tokens beside moto's registries: by the origin_jti that all of a sign-in have."""

    def __init__(self) -> None:
        self._grants: dict[str, TokenFamily] = {}
        self._rotated: dict[str, float] = {}

    def add(self, origin_jti: str, grant: TokenFamily) -> None:
        self._grants[origin_jti] = grant

    def grant(self, origin_jti: str) -> TokenFamily | None:
        """None for tokens from before the plugin was there."""
        return self._grants.get(origin_jti)

    # Rotation
    def rotate(self, user_pool: CognitoIdpUserPool, refresh_token: str, grace: int) -> str:
        """Another refresh token of the same sign-in: it has the same origin_jti, and with it the same device.

        :param grace: seconds for which the old one stays good
        """
        new_token = str(mock_random.uuid4())
        user_pool.refresh_tokens[new_token] = user_pool.refresh_tokens[refresh_token]
        self._rotated.setdefault(refresh_token, time.time() + grace)
        return new_token

    def was_rotated(self, refresh_token: str) -> bool:
        """Whether another refresh token has replaced this one, and its grace period is over."""
        return self._rotated.get(refresh_token, float("inf")) <= time.time()

    # The end
    def drop_user(self, user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> None:
        """Forget the refresh tokens of a deleted user, so that none goes to the next one of that name."""
        for token, entry in list(user_pool.refresh_tokens.items()):
            grant = self.grant(entry[2]) if entry else None
            if grant is not None and grant.user_id == user.id:
                del user_pool.refresh_tokens[token]


def lifetime(client: CognitoIdpUserPoolClient, token: str) -> int:
    """Seconds that a token of a client is good for.

    :param token: "AccessToken" or "IdToken": an hour, and in hours, if the client doesn't say; or "RefreshToken": 30
        days, and in days
    """
    validity, unit = _UNLESS_SAID[token]
    validity = client.extended_config.get(f"{token}Validity") or validity
    unit = (client.extended_config.get("TokenValidityUnits") or {}).get(token) or unit
    return int(validity) * _SECONDS.get(unit, 3600)


def sign(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    user: CognitoIdpUser,
    token_use: str,
    grant: TokenFamily,
    device_key: str | None,
    claims: dict[str, Any],
) -> tuple[str, int]:
    """
    :param token_use: "access" or "id"
    :param claims: what moto puts into the token beside its own: the groups, and the attributes of an ID token
    :returns: the token, and the seconds that it is good for
    """
    import jwt  # costs a start of Python some milliseconds, and not each needs it

    now = int(time.time())
    expires_in = lifetime(client, "AccessToken" if token_use == "access" else "IdToken")
    values: dict[str, Any] = {
        **claims,
        "sub": user.id,
        "iss": f"https://cognito-idp.{user_pool.region}.amazonaws.com/{user_pool.id}",
        "event_id": grant.event_id,
        "token_use": token_use,
        "auth_time": grant.auth_time,
        "exp": now + expires_in,
        "iat": now,
        "jti": str(mock_random.uuid4()),
    }
    if token_use == "access":
        values |= {"client_id": client.id, "scope": SCOPE, "username": user.username}
        if device_key:
            values["device_key"] = device_key
    else:
        values |= {"aud": client.id, "cognito:username": user.username}
    # "typ" is not in AWS's headers; the key's id is that of moto's jwks.json.
    headers = {"kid": "dummy", "typ": None}
    payload = _in_order(as_overridden(values, token_use, client.id), _CLAIMS[token_use])
    token = jwt.encode(payload, user_pool.json_web_key.private_key, algorithm="RS256", headers=headers)
    return token, expires_in


def _in_order(values: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    further = [name for name in values if name not in order or name == "..."]
    names = [name for known in order for name in (further if known == "..." else [known])]
    return {name: values[name] for name in names if name in values}
