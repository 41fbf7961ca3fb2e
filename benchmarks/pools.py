"""A mocked user pool with a user, for the lines that are measured in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws
from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

import moto_cognito_devices
from moto_cognito_devices.cognitoidp.models import CognitoIdpBackend
from moto_cognito_devices.cognitoidp.user_pools import CognitoIdpUserPool

REGION = "eu-west-1"
PASSWORD = "Correct-horse-7"
TRACKED = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}


@dataclass
class Pool:
    """A user pool with one app client and the user ada."""

    cognito: Any
    id: str
    client_id: str

    @property
    def backend(self) -> CognitoIdpBackend:
        return cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION]  # type: ignore[return-value]

    @property
    def model(self) -> CognitoIdpUserPool:
        return self.backend.describe_user_pool(self.id)

    def add_user(self, username: str) -> CognitoIdpUser:
        self.cognito.admin_create_user(UserPoolId=self.id, Username=username, MessageAction="SUPPRESS")
        self.cognito.admin_set_user_password(UserPoolId=self.id, Username=username, Password=PASSWORD, Permanent=True)
        user: CognitoIdpUser = self.model.users[username]
        return user

    def initiate(self, **parameters: str) -> dict[str, Any]:
        """InitiateAuth with ada's password."""
        response: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, **parameters},
        )
        return response


@contextmanager
def mocked_pool(device_configuration: dict[str, bool] | None = None) -> Iterator[Pool]:
    """Under ``mock_aws`` with the plugin active, which it is no longer in the end."""
    moto_cognito_devices.activate()
    try:
        with mock_aws():
            cognito: Any = boto3.client(
                "cognito-idp",
                region_name=REGION,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"max_attempts": 1}),
            )
            yield add_pool(cognito, device_configuration)
    finally:
        moto_cognito_devices.deactivate()


def add_pool(cognito: Any, device_configuration: dict[str, bool] | None = None) -> Pool:
    options = {"DeviceConfiguration": device_configuration} if device_configuration else {}
    user_pool_id = cognito.create_user_pool(PoolName="benchmarks", **options)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=user_pool_id,
        ClientName="benchmarks",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    pool = Pool(cognito, user_pool_id, client["ClientId"])
    pool.add_user("ada")
    return pool
