"""NEW_PASSWORD_REQUIRED: the user replaces a temporary password, and supplies missing required attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolAttribute, UserStatus

from ....sign_in_rules import Factor
from ...auth_sessions import AuthSession
from ...exceptions import (
    ImmutableAttributeError,
    InvalidSessionError,
    MissingAttributesError,
    ProvidedAttributeError,
    UnauthorizedAttributeError,
    UnknownAttributeError,
)
from ...request import Call
from ...user_pools import CognitoIdpUserPool
from .base import ChallengeHandler, ChallengeResult, IssuedChallenge, answering_user

_PREFIX = "userAttributes."
# A user cannot declare an address to be verified.
_NOT_WRITABLE = frozenset({"sub", "email_verified", "phone_number_verified"})


class NewPasswordRequired(ChallengeHandler):
    names = ("NEW_PASSWORD_REQUIRED",)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        attributes = user.attribute_lookup if user else {}
        missing = list(_missing(call.user_pool, attributes))
        shown = {**{name: value for name, value in attributes.items() if name != "sub"}, **dict.fromkeys(missing, "")}
        return IssuedChallenge(
            {
                "userAttributes": json.dumps(shown),
                "requiredAttributes": json.dumps([f"{_PREFIX}{name}" for name in missing]),
            }
        )

    def parse(self, call: Call) -> str:
        return call.required("NEW_PASSWORD")

    def verify(self, call: Call, auth_session: AuthSession, answer: str) -> ChallengeResult:
        """
        :raises InvalidPasswordException: if the password breaks the pool's policy
        :raises InvalidParameterException, NotAuthorizedError: if an attribute is missing, or must not be given
        """
        user = answering_user(call, auth_session)
        if user is None:
            raise InvalidSessionError
        user_pool = call.user_pool
        given = {
            name.removeprefix(_PREFIX): value for name, value in call.parameters.items() if name.startswith(_PREFIX)
        }
        _check_attributes(call, user.attribute_lookup, given)
        user_pool.backend._validate_password(user_pool.id, answer)

        def apply() -> None:
            user.password = answer
            user.status = UserStatus.CONFIRMED
            if given:
                user.update_attributes([{"Name": name, "Value": value} for name, value in given.items()])

        return ChallengeResult(Factor.NEW_PASSWORD, attributes=given, on_commit=apply)


def _missing(user_pool: CognitoIdpUserPool, attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield the attributes that the pool's schema requires and that have no value yet."""
    for name, attribute in user_pool.schema_attributes.items():
        if attribute.required and not attributes.get(name):
            yield name


def _check_attributes(call: Call, attributes: Mapping[str, str], given: Mapping[str, str]) -> None:
    schema = call.user_pool.schema_attributes
    writable = call.client.extended_config.get("WriteAttributes")
    required_ones = set(_missing(call.user_pool, attributes))
    for name in given:
        if name not in schema and name not in CognitoIdpUserPoolAttribute.STANDARD_SCHEMA:
            raise UnknownAttributeError(name)
        if name in _NOT_WRITABLE or (writable and name not in writable and name not in required_ones):
            raise UnauthorizedAttributeError
        if name in schema and attributes.get(name):
            if schema[name].required:
                raise ProvidedAttributeError(name)
            if not schema[name].mutable:
                raise ImmutableAttributeError(name)
    missing = [name for name in _missing(call.user_pool, attributes) if not given.get(name)]
    if missing:
        raise MissingAttributesError(missing)
