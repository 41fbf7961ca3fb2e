"""What the tests speak to: a target (moto in this process, a server, or AWS), and user pools on it."""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.cognitoidp import models

from moto_cognito_devices.testing import Device, secret_hash

#: Not in each run, since it takes half an hour: many more examples, and a long load.
NIGHTLY = os.environ.get("TESTS_NIGHTLY", "false").lower() == "true"

REGION = "eu-west-1"
PASSWORD = "Correct-horse-7"
CODE = "123456"
#: The switch that has codes checked.
CODES = "MOTO_COGNITO_DEVICES_CODES"
#: The switch that has the URL of who answers for Lambda functions.
TRIGGERS = "MOTO_COGNITO_DEVICES_TRIGGERS"

ALWAYS = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
ALWAYS_WITHOUT_MFA_WAIVER = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
OPT_IN = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True}

CREDENTIALS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def read_motos_key_once() -> Callable[[], None]:
    """moto reads the same RSA key for each user pool, which takes longer than most tests.

    :returns: what makes it read the key each time again
    """
    key = models.jwk.RSAKey  # type: ignore[attr-defined]
    original = key.import_key
    read = cache(lambda text: original(json.loads(text)))
    patch = pytest.MonkeyPatch()
    patch.setattr(key, "import_key", staticmethod(lambda value: read(json.dumps(value))))
    return patch.undo


def collect_less_garbage() -> None:
    """What has been imported stays, and to look through it over and over takes a fifth of a test."""
    gc.set_threshold(50_000, 50, 50)


@cache  # to make one takes longer than most tests
def _client(region: str, endpoint: str | None, is_moto: bool) -> Any:
    credentials: dict[str, Any] = CREDENTIALS if is_moto else {}
    return boto3.client(
        "cognito-idp",
        region_name=region,
        endpoint_url=endpoint,
        config=Config(retries={"max_attempts": 1}),
        **credentials,
    )


@dataclass
class Target:
    """Where the calls of a test go."""

    name: str
    endpoint: str | None = None
    region: str = REGION
    is_moto: bool = True

    def client(self, region: str | None = None) -> Any:
        return _client(region or self.region, self.endpoint, self.is_moto)

    def post(
        self, operation: str, body: bytes | dict[str, Any], signed: bool = False, **headers: str
    ) -> requests.Response:
        """One raw call. ``signed`` adds what moto takes for a signature."""
        all_headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            **headers,
        }
        if signed:
            scope = f"AKIAIOSFODNN7EXAMPLE/20260101/{self.region}/cognito-idp/aws4_request"
            all_headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = self.endpoint or f"https://cognito-idp.{self.region}.amazonaws.com"
        return requests.post(f"{url}/", data=data, headers=all_headers, timeout=60)

    def moto_api(
        self, method: str, what: str, body: bytes | dict[str, Any] | None = None, **headers: str
    ) -> requests.Response:
        """A call of the helpers for tests, as authors in other languages send it."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        url = f"{self.endpoint or 'http://motoapi.amazonaws.com'}/moto-api/static/cognito-idp/{what}"
        return requests.request(method, url, data=data, headers=headers, timeout=60)


@dataclass
class UserPool:
    """A user pool with one app client, and the calls that most tests begin with."""

    target: Target
    cognito: Any
    id: str
    client_id: str
    client_secret: str | None = None
    made: dict[str, Any] = field(default_factory=dict)

    def add_user(self, username: str = "ada", password: str = PASSWORD, **attributes: str) -> str:
        """
        :returns: the canonical username
        """
        user = self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )["User"]
        self.cognito.admin_set_user_password(UserPoolId=self.id, Username=username, Password=password, Permanent=True)
        canonical: str = user["Username"]
        return canonical

    def enable_sms_mfa(self, username: str = "ada") -> None:
        """The user is asked for a code from now on; moto takes any."""
        self.cognito.admin_set_user_mfa_preference(
            UserPoolId=self.id, Username=username, SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
        )

    def enable_totp(self, username: str = "ada", preferred: bool = True) -> str:
        """Set up an authenticator app, whose code is asked for from now on.

        :returns: its SecretCode
        """
        token = self.tokens(username)["AccessToken"]
        secret: str = self.cognito.associate_software_token(AccessToken=token)["SecretCode"]
        self.cognito.verify_software_token(AccessToken=token, UserCode=CODE)
        self.cognito.set_user_mfa_preference(
            AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": preferred}
        )
        return secret

    def parameters(self, username: str, **parameters: str | None) -> dict[str, str]:
        """Auth parameters or challenge responses, with the secret hash that they need; None stands for absent."""
        given = {"USERNAME": username, **{k: v for k, v in parameters.items() if v is not None}}
        if self.client_secret:
            given["SECRET_HASH"] = secret_hash(self.client_id, self.client_secret, username)
        return given

    def initiate(
        self, username: str = "ada", device_key: str | None = None, password: str = PASSWORD
    ) -> dict[str, Any]:
        """InitiateAuth with USER_PASSWORD_AUTH."""
        response: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=self.parameters(username, PASSWORD=password, DEVICE_KEY=device_key),
        )
        return response

    def answer(self, challenge: dict[str, Any], username: str = "ada", **responses: str | None) -> dict[str, Any]:
        """RespondToAuthChallenge, in the session of the challenge."""
        session = {"Session": challenge["Session"]} if challenge.get("Session") else {}
        response: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses=self.parameters(username, **responses),
            **session,
        )
        return response

    def tokens(self, username: str = "ada", device_key: str | None = None) -> dict[str, Any]:
        """The AuthenticationResult of a sign-in that nothing stands in the way of."""
        result: dict[str, Any] = self.initiate(username, device_key)["AuthenticationResult"]
        return result

    def confirmed_device(self, username: str = "ada", name: str | None = None) -> tuple[Device, dict[str, Any]]:
        """A new device, confirmed, and the tokens of the sign-in that brought it. Asks for MFA if that is on."""
        response = self.initiate(username)
        if response.get("ChallengeName") == "SMS_MFA":
            response = self.answer(response, username, SMS_MFA_CODE=CODE)
        tokens = response["AuthenticationResult"]
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(self.cognito, tokens["AccessToken"], name)
        return device, tokens

    def admin_devices(self, username: str = "ada") -> dict[str, dict[str, str]]:
        """What administrators see: the attributes of each confirmed device, by key."""
        devices = self.cognito.admin_list_devices(UserPoolId=self.id, Username=username)["Devices"]
        return {device["DeviceKey"]: attributes(device) for device in devices}

    def user_devices(self, access_token: str) -> list[str]:
        """What the user sees: the keys of the remembered devices."""
        return [device["DeviceKey"] for device in self.cognito.list_devices(AccessToken=access_token)["Devices"]]


def open_handles(user_pool: Any) -> list[str]:
    """What the open challenges of a pool in this process can be answered by."""
    issued = user_pool.state.auth_sessions._issued
    return [handle for handle, (_, auth_session) in issued.items() if auth_session.challenge_id == handle]


def attributes(device: dict[str, Any]) -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in device["DeviceAttributes"]}


def attributes_of(user: dict[str, Any]) -> dict[str, str]:
    """Of what AdminGetUser or GetUser answered."""
    return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}


@contextmanager
def refused(code: str, message: str | re.Pattern[str]) -> Iterator[None]:
    """The service answers with this error, word for word."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    if isinstance(message, str):
        assert error["Message"] == message
    else:
        assert message.search(error["Message"]), error
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


DEVICE_UNKNOWN = ("ResourceNotFoundException", "Device does not exist.")
WRONG_PROOF = ("NotAuthorizedException", "Incorrect username or password.")


@contextmanager
def server_process(
    log: Path, *command: str, environment: dict[str, str] | None = None, cwd: Path | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server on a free port of 127.0.0.1, by default ours; yields its URL and its process."""
    arguments = command or (sys.executable, "-m", "moto_cognito_devices", "server", "-H", "127.0.0.1", "-p", "0")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MOTO_", "TEST_SERVER_MODE"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**clean, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )
    try:
        yield _url_in(log, process), process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def server_unpacks_bodies() -> bool:
    """Whether moto's server unpacks a gzip body before it looks whom it is for, and breaks on what was not packed."""
    return hasattr(importlib.import_module("moto.moto_server.utilities"), "decompress_request_body")


def _url_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        found = re.search(r"(?:Running|listening) on (https?://127\.0\.0\.1:\d+)", text)
        if found:
            return found[1]
        if process.poll() is not None:
            raise AssertionError(f"The server has ended:\n{text}")
        time.sleep(0.05)
    raise AssertionError(f"The server did not start:\n{log.read_text(errors='replace')}")
