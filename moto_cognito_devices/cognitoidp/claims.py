"""The changes that a PreTokenGeneration trigger makes to the claims of tokens.

Sources: "Pre token generation Lambda trigger" in the Amazon Cognito developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Claims = dict[str, Any]

_RESERVED = frozenset(
    (
        *("acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat"),
        *("identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use", "version"),
    )
)
_GROUPS, _ROLES, _PREFERRED_ROLE = "cognito:groups", "cognito:roles", "cognito:preferred_role"


@dataclass(frozen=True)
class Groups:
    """``groupOverrideDetails``: the groups in both tokens; if empty, there is no such claim."""

    names: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    preferred_role: str | None = None

    def claims(self, token_use: str) -> Claims:
        roles = {_ROLES: self.roles, _PREFERRED_ROLE: self.preferred_role} if token_use == "id" else {}
        return {name: value for name, value in {_GROUPS: self.names, **roles}.items() if value}


@dataclass(frozen=True)
class Changes:
    """The claims that are added to one token, and those that are removed."""

    add: Claims = field(default_factory=dict)
    suppress: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Overrides:
    """All changes to the tokens of one sign-in or refresh.

    :param groups: None leaves the groups as they are
    :param add_scopes: for the access token
    """

    id_token: Changes = field(default_factory=Changes)
    access_token: Changes = field(default_factory=Changes)
    groups: Groups | None = None
    add_scopes: list[str] = field(default_factory=list)
    suppress_scopes: list[str] = field(default_factory=list)

    def apply(self, claims: Mapping[str, Any], token_use: str, client_id: str) -> Claims:
        """Return the changed claims. Changes to reserved claims are ignored silently, as on AWS.

        :param token_use: "access" or "id"
        """
        changed = dict(claims)
        if self.groups is not None:
            for name in (_GROUPS, _ROLES, _PREFERRED_ROLE):
                changed.pop(name, None)
            changed |= self.groups.claims(token_use)
        if token_use == "access" and (self.add_scopes or self.suppress_scopes):
            scopes = [*str(changed.get("scope", "")).split(), *self.add_scopes]
            changed["scope"] = " ".join(dict.fromkeys(s for s in scopes if s not in self.suppress_scopes))
        changes = self.access_token if token_use == "access" else self.id_token
        for name, value in changes.add.items():
            audience = (token_use, name, value) == ("access", "aud", client_id)
            if audience or not _is_reserved(name):
                changed[name] = value
        for name in changes.suppress:
            if not _is_reserved(name):
                changed.pop(name, None)
        return changed


def _is_reserved(name: str) -> bool:
    return name in _RESERVED or (name.startswith("cognito:") and name not in (_GROUPS, _ROLES, _PREFERRED_ROLE))
