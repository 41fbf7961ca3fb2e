"""What the tests start from: moto in place of AWS, a user pool with MFA that remembers devices, and the user ada."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

PASSWORD = "Correct-horse-7"


@pytest.fixture
def aws_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region and dummy keys. Nothing of what this machine has of settings for AWS is used."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.fixture
def cognito(aws_settings: None) -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cognito-idp")


@pytest.fixture
def user_pool_id(cognito: Any) -> str:
    """A pool in which a device that was confirmed stands in for MFA, and ada, who has MFA by text message."""
    user_pool_id: str = cognito.create_user_pool(
        PoolName="app", DeviceConfiguration={"ChallengeRequiredOnNewDevice": True}
    )["UserPool"]["Id"]
    cognito.admin_create_user(UserPoolId=user_pool_id, Username="ada")
    # A password that she need not change at her first sign-in.
    cognito.admin_set_user_password(UserPoolId=user_pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=user_pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return user_pool_id


@pytest.fixture
def client_id(cognito: Any, user_pool_id: str) -> str:
    """The app client."""
    app_client = cognito.create_user_pool_client(UserPoolId=user_pool_id, ClientName="app")["UserPoolClient"]
    client_id: str = app_client["ClientId"]
    return client_id
