"""The parameters of a sign-in request: AuthParameters and ChallengeResponses."""

from __future__ import annotations

from collections.abc import Mapping

from moto.cognitoidp.models import CognitoIdpUserPoolClient

from ..credentials import constant_time_equal, secret_hash
from .exceptions import MissingParameterError, RefreshSecretHashError, SecretHashMismatchError, SecretHashMissingError

Parameters = dict[str, str]


def present(parameters: Mapping[str, str | None] | None) -> Parameters:
    """Those that have a value: amazon-cognito-identity-js sends ``"DEVICE_KEY": null`` for none."""
    return {name: value for name, value in (parameters or {}).items() if value is not None}


def required(parameters: Parameters, name: str) -> str:
    """
    :raises MissingParameterError: if there is none, or an empty one
    """
    value = parameters.get(name)
    if not value:
        raise MissingParameterError(name)
    return value


def prevents_user_existence_errors(client: CognitoIdpUserPoolClient) -> bool:
    """Whether an app client is not to tell who doesn't exist: its PreventUserExistenceErrors."""
    return bool(client.extended_config.get("PreventUserExistenceErrors") == "ENABLED")


def check_secret_hash(client: CognitoIdpUserPoolClient, parameters: Parameters) -> None:
    """A client with a secret proves it in each request, over the USERNAME of that very request.

    Not moto's helper of this name: it takes the username's Latin-1 bytes, where every client takes UTF-8.

    :raises SecretHashMissingError, SecretHashMismatchError: if it doesn't
    """
    given = _given_hash(client, parameters)
    if given is None:
        return
    if not constant_time_equal(given, secret_hash(client.id, client.secret, parameters.get("USERNAME", ""))):
        raise SecretHashMismatchError(
            client.id, "It is over the request's USERNAME and the ClientId: testing.secret_hash() makes it."
        )


def check_secret_of_owner(client: CognitoIdpUserPoolClient, parameters: Parameters, username: str) -> None:
    """At refresh the hash is over the canonical username of the token's owner, whatever USERNAME says.

    AWS's SDKs for iOS and Android send the client's secret itself there, without a USERNAME, and it is taken.

    :raises SecretHashMissingError, RefreshSecretHashError: if the client has a secret, and doesn't prove it
    """
    given = _given_hash(client, parameters)
    if given is None:
        return
    is_secret = constant_time_equal(given, client.secret) and "USERNAME" not in parameters
    if not is_secret and not constant_time_equal(given, secret_hash(client.id, client.secret, username)):
        raise RefreshSecretHashError(client.id)


def _given_hash(client: CognitoIdpUserPoolClient, parameters: Parameters) -> str | None:
    """None if the client has no secret to prove."""
    if not client.generate_secret:
        return None
    if not parameters.get("SECRET_HASH"):
        raise SecretHashMissingError(client.id)
    return parameters["SECRET_HASH"]
