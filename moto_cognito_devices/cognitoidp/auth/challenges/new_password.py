"""NEW_PASSWORD_REQUIRED: a user with a temporary password chooses a new one, and gives the attributes that lack."""

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
from ...parameters import required
from ...user_pools import CognitoIdpUserPool
from .base import Passed, Question, Request, Room

_PREFIX = "userAttributes."
# Whether an address is verified is not for its user to say.
_NEVER_TAKEN = frozenset({"sub", "email_verified", "phone_number_verified"})


class NewPassword(Room):
    kinds = ("NEW_PASSWORD_REQUIRED",)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        attributes = user.attribute_lookup if user else {}
        missing = list(_missing(request.user_pool, attributes))
        shown = {**{name: value for name, value in attributes.items() if name != "sub"}, **dict.fromkeys(missing, "")}
        return Question(
            {
                "userAttributes": json.dumps(shown),
                "requiredAttributes": json.dumps([f"{_PREFIX}{name}" for name in missing]),
            }
        )

    def read(self, request: Request) -> str:
        return required(request.parameters, "NEW_PASSWORD")

    def check(self, request: Request, sign_in: AuthSession, answer: str) -> Passed:
        """
        :raises InvalidPasswordException: by the pool's policy
        :raises InvalidParameterException, NotAuthorizedError: if the attributes are not those that may be given
        """
        user = request.user_of(sign_in)
        if user is None:
            raise InvalidSessionError
        user_pool = request.user_pool
        given = {
            name.removeprefix(_PREFIX): value for name, value in request.parameters.items() if name.startswith(_PREFIX)
        }
        _check_attributes(request, user.attribute_lookup, given)
        user_pool.backend._validate_password(user_pool.id, answer)

        def effect() -> None:
            user.password = answer
            user.status = UserStatus.CONFIRMED
            if given:
                user.update_attributes([{"Name": name, "Value": value} for name, value in given.items()])

        return Passed(Factor.NEW_PASSWORD, attributes=given, effect=effect)


def _missing(user_pool: CognitoIdpUserPool, attributes: Mapping[str, str]) -> Iterator[str]:
    """The attributes that the pool's schema requires, and that have no value yet."""
    for name, attribute in user_pool.schema_attributes.items():
        if attribute.required and not attributes.get(name):
            yield name


def _check_attributes(request: Request, attributes: Mapping[str, str], given: Mapping[str, str]) -> None:
    schema = request.user_pool.schema_attributes
    writable = request.client.extended_config.get("WriteAttributes")
    required_ones = set(_missing(request.user_pool, attributes))
    for name in given:
        if name not in schema and name not in CognitoIdpUserPoolAttribute.STANDARD_SCHEMA:
            raise UnknownAttributeError(name)
        if name in _NEVER_TAKEN or (writable and name not in writable and name not in required_ones):
            raise UnauthorizedAttributeError
        if name in schema and attributes.get(name):
            if schema[name].required:
                raise ProvidedAttributeError(name)
            if not schema[name].mutable:
                raise ImmutableAttributeError(name)
    missing = [name for name in _missing(request.user_pool, attributes) if not given.get(name)]
    if missing:
        raise MissingAttributesError(missing)
