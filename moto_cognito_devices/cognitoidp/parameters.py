"""The parameters of a sign-in request: AuthParameters and ChallengeResponses."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from moto.cognitoidp.models import CognitoIdpUserPoolClient

from .exceptions import (
    MissingParameterError,
    SecretHashMissingError,
    WrongSecretHashError,
)

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


def same_text(left: str, right: str) -> bool:
    """Compares in a time that tells nothing about where the two differ."""
    return hmac.compare_digest(left.encode(errors="surrogatepass"), right.encode(errors="surrogatepass"))


def check_secret_hash(client: CognitoIdpUserPoolClient, parameters: Parameters, *usernames: str) -> None:
    """A client with a secret proves it in each request, over the USERNAME of that very request.

    Not moto's helper of this name: it takes the username's Latin-1 bytes, where every client takes UTF-8.

    :param usernames: the names it may be over where the request has no USERNAME
    :raises SecretHashMissingError, WrongSecretHashError: if it doesn't
    """
    if not client.generate_secret:
        return
    given = parameters.get("SECRET_HASH")
    if not given:
        raise SecretHashMissingError(client.id)
    names = [parameters["USERNAME"]] if parameters.get("USERNAME") else list(usernames)
    if not any(same_text(given, _secret_hash(client, name)) for name in names):
        raise WrongSecretHashError(client.id)


def _secret_hash(client: CognitoIdpUserPoolClient, username: str) -> str:
    message = (username + client.id).encode(errors="surrogatepass")
    return base64.b64encode(hmac.digest(client.secret.encode(), message, hashlib.sha256)).decode()
