"""One request: parsed once, and handed down to all that answers it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from ..credentials import constant_time_equal, secret_hash
from . import validation
from .devices import ClientInfo
from .exceptions import (
    MissingParameterError,
    RefreshSecretHashError,
    SecretHashMismatchError,
    SecretHashMissingError,
)
from .user_pools import CognitoIdpUserPool

# SDKs for mobile apps and browsers name themselves like this; Cognito calls all others "unknown".
_SDK = re.compile(r"\baws-sdk-([A-Za-z0-9]{1,32})/([0-9][0-9A-Za-z.]{0,31})")

#: An operation's answer if moto is to give it.
LEAVE_TO_MOTO: Any = object()


@dataclass
class Call:
    """A request to an operation.

    :param operation: as in the service model, "InitiateAuth"
    :param body: as ``validation.parse`` returns it
    :param http_request: werkzeug's, or botocore's if moto runs in this process
    :ivar members: the members of the body: as they came until :meth:`validate`, and valid after it
    :ivar parameters: AuthParameters or ChallengeResponses, those that have a value
    :ivar device_key: DEVICE_KEY, or DeviceKey; "" if there is none
    :ivar user_pool: set once it was found, as are ``client`` (operations with a ClientId) and ``user`` (operations with
        an access token, and device operations of administrators); None in CreateUserPool
    """

    operation: str
    body: Any
    http_request: Any = field(repr=False)
    members: dict[str, Any] = field(init=False, repr=False)
    parameters: dict[str, str] = field(init=False, repr=False)
    device_key: str = field(init=False)
    session: str | None = field(init=False, repr=False)
    client_metadata: dict[str, str] | None = field(init=False, repr=False)
    user_pool: CognitoIdpUserPool = field(init=False)
    client: CognitoIdpUserPoolClient = field(init=False)
    user: CognitoIdpUser = field(init=False)

    def __post_init__(self) -> None:
        self.members = self.body if isinstance(self.body, dict) else {}
        self.as_admin = self.operation.startswith("Admin")
        self.initiating = self.operation.endswith("InitiateAuth")

    def validate(self, *needed: str, ignored: str = "") -> None:
        """Check the members against the service model; from here on they are valid.

        :param needed: members that the service requires, although its model calls them optional
        :param ignored: a member whose constraints are not checked
        :raises SerializationException: if the body is not a JSON object, or a member has another JSON type
        :raises ValidationError: if a member breaks a constraint
        :raises MissingParameterError: if a needed member is missing
        """
        self.members = validation.typed(self.operation, self.body)
        validation.validate(self.operation, {name: value for name, value in self.members.items() if name != ignored})
        for name in needed:
            if name not in self.members:
                raise MissingParameterError(name)
        # amazon-cognito-identity-js sends null for parameters that have no value.
        given = self.members.get("AuthParameters") or self.members.get("ChallengeResponses") or {}
        self.parameters = {name: value for name, value in given.items() if value is not None}
        self.device_key = self.parameters.get("DEVICE_KEY") or self.members.get("DeviceKey") or ""
        self.session = self.members.get("Session")
        self.client_metadata = self.members.get("ClientMetadata")

    def required(self, name: str) -> str:
        """Return a parameter.

        :raises MissingParameterError: if it is missing or empty
        """
        value = self.parameters.get(name)
        if not value:
            raise MissingParameterError(name)
        return value

    @cached_property
    def client_info(self) -> ClientInfo:
        return client_info(self.http_request)


def client_info(http_request: Any) -> ClientInfo:
    """Return the address and SDK of a request: werkzeug's, or botocore's, which has no address."""
    ip = getattr(http_request, "remote_addr", None) or ClientInfo().ip
    user_agent = http_request.headers.get("User-Agent") or ""
    if isinstance(user_agent, bytes):
        user_agent = user_agent.decode("latin-1")
    sdk = _SDK.search(user_agent)
    return ClientInfo(ip, f"aws-sdk-{sdk[1]}-{sdk[2]}") if sdk else ClientInfo(ip)


def prevents_user_existence_errors(client: CognitoIdpUserPoolClient) -> bool:
    return bool(client.extended_config.get("PreventUserExistenceErrors") == "ENABLED")


def check_secret_hash(call: Call) -> None:
    """Check SECRET_HASH, over the USERNAME of this request.

    moto's helper of this name encodes the username as Latin-1, but clients use UTF-8.

    :raises SecretHashMissingError, SecretHashMismatchError: if the app client has a secret, and it is not proven
    """
    client = call.client
    if not client.generate_secret:
        return
    expected = secret_hash(client.id, client.secret, call.parameters.get("USERNAME", ""))
    if not constant_time_equal(_given_hash(call), expected):
        raise SecretHashMismatchError(
            client.id, "It is over the request's USERNAME and the ClientId: testing.secret_hash() makes it."
        )


def check_refresh_secret_hash(call: Call, username: str) -> None:
    """Check SECRET_HASH at refresh: over the canonical username of the token's owner, whatever USERNAME says.

    AWS's SDKs for iOS and Android send the client secret itself, without a USERNAME, and Cognito accepts it.

    :raises SecretHashMissingError, RefreshSecretHashError: if the app client has a secret, and it is not proven
    """
    client = call.client
    if not client.generate_secret:
        return
    given = _given_hash(call)
    is_secret = constant_time_equal(given, client.secret) and "USERNAME" not in call.parameters
    if not is_secret and not constant_time_equal(given, secret_hash(client.id, client.secret, username)):
        raise RefreshSecretHashError(client.id)


def _given_hash(call: Call) -> str:
    given = call.parameters.get("SECRET_HASH")
    if not given:
        raise SecretHashMissingError(call.client.id)
    return given
