"""``moto-cognito-devices demo``: the life of a remembered device, in a mocked user pool in this process."""

from __future__ import annotations

import os
import sys
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from .testing.client import ChallengeError, Device, sign_in

PASSWORD = "Correct-horse-7"
#: moto sends no text messages and accepts any code.
CODE = "123456"


class Story:
    """Print each step and whether its result is as expected."""

    def __init__(self) -> None:
        self.failed = 0
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def step(self, title: str, shown: object, right: bool) -> None:
        mark = self._coloured("ok", "32") if right else self._coloured("NOT AS EXPECTED", "31")
        print(f"{self._coloured(title, '1')}\n    {shown}  [{mark}]")
        self.failed += not right

    def _coloured(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours else text


def main() -> int:
    """Run the demo; the plugin must be active.

    :returns: the exit status, 0 only if each step's result is as expected
    """
    story = Story()
    # The machine's AWS configuration must not matter: no profile, no endpoint, no file.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    with patch.dict(os.environ, {**environment, **files}, clear=True), mock_aws():
        cognito = boto3.Session().client(
            "cognito-idp",
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"max_attempts": 1}),
        )
        try:
            _tell(cognito, story)
        except (ClientError, ChallengeError, ValueError) as error:
            story.step("The story ends here", error, right=False)
    print("\nAll as it should be." if not story.failed else f"\n{story.failed} step(s) went wrong.")
    return 1 if story.failed else 0


def _tell(cognito: Any, story: Story) -> None:
    user_pool, client_id = _make_pool(cognito)
    story.step(
        "1. A user pool with MFA that remembers devices",
        user_pool.get("DeviceConfiguration"),
        user_pool.get("DeviceConfiguration", {}).get("ChallengeRequiredOnNewDevice") is True,
    )
    codes: list[str] = []

    def mfa_code() -> str:
        codes.append(CODE)
        return CODE

    first = sign_in(cognito, client_id, "ada", PASSWORD, user_pool_id=user_pool["Id"], mfa_code=mfa_code)
    metadata = first.get("NewDeviceMetadata")
    story.step("2. Ada signs in: password, then an MFA code", f"asked for a code {len(codes)} time", len(codes) == 1)
    story.step("3. The sign-in brings a key for the new device", metadata, bool(metadata))

    def listed() -> list[str]:
        devices = cognito.list_devices(AccessToken=first["AccessToken"])["Devices"]
        return [device["DeviceKey"] for device in devices]

    story.step("4. Ada's devices before ConfirmDevice", listed(), listed() == [])
    device = Device.from_metadata(metadata)
    ask_user = device.confirm(cognito, first["AccessToken"], name="Ada's laptop")
    story.step(
        "5. ConfirmDevice, with the verifier of a new secret", f"UserConfirmationNecessary: {ask_user}", not ask_user
    )
    story.step("6. Ada's devices after it", listed(), listed() == [device.device_key])
    second = sign_in(
        cognito,
        client_id,
        "ada",
        PASSWORD,
        user_pool_id=user_pool["Id"],
        device=device,
        mfa_code=mfa_code,
    )
    story.step(
        "7. Ada signs in again: password, then the device's own proof, no MFA code",
        f"asked for a code {len(codes) - 1} times, NewDeviceMetadata: {second.get('NewDeviceMetadata')}",
        len(codes) == 1 and "NewDeviceMetadata" not in second,
    )
    cognito.update_device_status(
        AccessToken=first["AccessToken"], DeviceKey=device.device_key, DeviceRememberedStatus="not_remembered"
    )
    story.step("8. UpdateDeviceStatus: no longer remembered", listed(), listed() == [])
    cognito.forget_device(AccessToken=first["AccessToken"], DeviceKey=device.device_key)
    left = cognito.admin_list_devices(UserPoolId=user_pool["Id"], Username="ada")["Devices"]
    story.step("9. ForgetDevice: gone for administrators too", left, left == [])


def _make_pool(cognito: Any) -> tuple[dict[str, Any], str]:
    user_pool = cognito.create_user_pool(
        PoolName="demo",
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
    )["UserPool"]
    client = cognito.create_user_pool_client(UserPoolId=user_pool["Id"], ClientName="demo")["UserPoolClient"]
    cognito.admin_create_user(
        UserPoolId=user_pool["Id"],
        Username="ada",
        UserAttributes=[{"Name": "phone_number", "Value": "+15555550100"}],
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(UserPoolId=user_pool["Id"], Username="ada", Password=PASSWORD, Permanent=True)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=user_pool["Id"], Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return user_pool, client["ClientId"]
