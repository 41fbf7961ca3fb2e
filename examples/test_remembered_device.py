"""My app skips MFA on a remembered device: the README's example, as a test."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from moto_cognito_devices.testing import ChallengeError, Device, sign_in

PASSWORD = "Correct-horse-7"


@mock_aws
def test_a_remembered_device_skips_mfa() -> None:
    cognito = boto3.client("cognito-idp", region_name="eu-west-1")
    pool_id = cognito.create_user_pool(PoolName="app", DeviceConfiguration={"ChallengeRequiredOnNewDevice": True})[
        "UserPool"
    ]["Id"]
    client_id = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="app")["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )

    # Without a device a code is asked for.
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(cognito, client_id, "ada", PASSWORD)

    first = sign_in(cognito, client_id, "ada", PASSWORD, mfa_code="123456")
    device = Device.from_metadata(first.get("NewDeviceMetadata"))
    device.confirm(cognito, first["AccessToken"], name="laptop")

    # With the device none is, or this would raise the same error.
    assert sign_in(cognito, client_id, "ada", PASSWORD, device=device)["AccessToken"]
