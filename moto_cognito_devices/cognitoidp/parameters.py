"""The parameters of a sign-in request: AuthParameters and ChallengeResponses."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from moto.cognitoidp.exceptions import InvalidParameterException
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
    if not any(same_text(given, _secret_hash(client, name, "utf-8")) for name in names):
        raise WrongSecretHashError(client.id)


def in_name_of(username: str, client: CognitoIdpUserPoolClient, parameters: Parameters) -> Parameters:
    """The parameters as if the user had given this username, for moto, which puts it into the tokens.

    :raises InvalidParameterException: if the client has a secret and moto can't hash the username
    """
    changed = {**parameters, "USERNAME": username}
    if client.generate_secret:
        try:
            changed["SECRET_HASH"] = _secret_hash(client, username, "latin-1")
        except UnicodeEncodeError:
            raise InvalidParameterException(
                "moto can't hash this username for a client with a secret: use Latin-1 letters, or a client without."
            ) from None
    return changed


def _secret_hash(client: CognitoIdpUserPoolClient, username: str, encoding: str) -> str:
    message = (username + client.id).encode(encoding, errors="strict" if encoding == "latin-1" else "surrogatepass")
    return base64.b64encode(hmac.digest(client.secret.encode(), message, hashlib.sha256)).decode()
