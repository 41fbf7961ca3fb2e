"""moto's IAM authentication: the operations that users call without a signature work, administrators' need one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import moto.settings
import pytest
import requests
from botocore.exceptions import ClientError
from moto.core.responses import ActionAuthenticatorMixin  # type: ignore[attr-defined]
from moto.core.utils import camelcase_to_underscores, get_service_model

from moto_cognito_devices.cognitoidp.responses import CognitoIdpResponse
from moto_cognito_devices.testing import Device, sign_in

from .conftest import pool_maker
from .support import CODE, PASSWORD, Target, UserPool

MODEL = get_service_model("cognito-idp")
NEW_PASSWORD = "Correct-horse-8"
SMS_MFA = {"Enabled": True, "PreferredMfa": True}


def unsigned_operations() -> set[str]:
    return {name for name in MODEL.operation_names if MODEL.operation_model(name).auth_type == "none"}


def implemented_operations() -> list[str]:
    """The unsigned operations that moto or the plugin has."""
    return sorted(name for name in unsigned_operations() if hasattr(CognitoIdpResponse, camelcase_to_underscores(name)))


@dataclass
class User:
    """The user ada, signed in: with a new device that is not confirmed, and with another one that is."""

    pool: UserPool
    tokens: dict[str, Any]
    new_device: Device
    device: Device

    @property
    def cognito(self) -> Any:
        return self.pool.cognito

    @property
    def token(self) -> dict[str, str]:
        return {"AccessToken": self.tokens["AccessToken"]}

    @property
    def device_key(self) -> dict[str, str]:
        return {**self.token, "DeviceKey": self.device.device_key}

    @property
    def app_client(self) -> dict[str, str]:
        return {"ClientId": self.pool.client_id}

    def sign_in(self) -> dict[str, Any]:
        return sign_in(self.cognito, self.pool.client_id, "ada", PASSWORD, device=self.device)


@pytest.fixture
def pool(moto_target: Target) -> Iterator[UserPool]:
    with ExitStack() as clean_up:
        made = pool_maker(moto_target, clean_up)()
        made.add_user(email="ada@example.com", phone_number="+15555550100")
        yield made


@pytest.fixture
def user(pool: UserPool) -> User:
    device, _ = pool.confirmed_device()
    tokens = pool.tokens()
    return User(pool, tokens, Device.from_metadata(tokens["NewDeviceMetadata"]), device)


@contextmanager
def iam_authentication(target: Target) -> Iterator[None]:
    """moto checks the signature of each request."""
    if target.endpoint is None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
            yield
        return
    url = f"{target.endpoint}/moto-api/reset-auth"
    requests.post(url, data="0", timeout=60).raise_for_status()
    try:
        yield
    finally:
        requests.post(url, data="inf", timeout=60).raise_for_status()


def confirm_sign_up(user: User) -> None:
    user.cognito.sign_up(**user.app_client, Username="bob", Password=PASSWORD)
    user.cognito.confirm_sign_up(**user.app_client, Username="bob", ConfirmationCode=CODE)


def confirm_forgot_password(user: User) -> None:
    user.cognito.confirm_forgot_password(
        **user.app_client, Username="ada", ConfirmationCode=CODE, Password=NEW_PASSWORD
    )


def get_tokens_from_refresh_token(user: User) -> None:
    user.cognito.get_tokens_from_refresh_token(
        **user.app_client, RefreshToken=user.sign_in()["RefreshToken"], DeviceKey=user.device.device_key
    )


def verify_software_token(user: User) -> None:
    user.cognito.associate_software_token(**user.token)
    user.cognito.verify_software_token(**user.token, UserCode=CODE)


def update_device_status(user: User) -> None:
    user.cognito.update_device_status(**user.device_key, DeviceRememberedStatus="not_remembered")


def update_user_attributes(user: User) -> None:
    user.cognito.update_user_attributes(**user.token, UserAttributes=[{"Name": "name", "Value": "Ada"}])


CALLS: dict[str, Callable[[User], Any]] = {
    "AssociateSoftwareToken": lambda user: user.cognito.associate_software_token(**user.token),
    "ChangePassword": lambda user: user.cognito.change_password(
        **user.token, PreviousPassword=PASSWORD, ProposedPassword=NEW_PASSWORD
    ),
    "ConfirmDevice": lambda user: user.new_device.confirm(user.cognito, user.token["AccessToken"]),
    "ConfirmForgotPassword": confirm_forgot_password,
    "ConfirmSignUp": confirm_sign_up,
    "ForgetDevice": lambda user: user.cognito.forget_device(**user.device_key),
    "ForgotPassword": lambda user: user.cognito.forgot_password(**user.app_client, Username="ada"),
    "GetDevice": lambda user: user.cognito.get_device(**user.device_key),
    "GetTokensFromRefreshToken": get_tokens_from_refresh_token,
    "GetUser": lambda user: user.cognito.get_user(**user.token),
    "GetUserAuthFactors": lambda user: user.cognito.get_user_auth_factors(**user.token),
    "GlobalSignOut": lambda user: user.cognito.global_sign_out(**user.token),
    "InitiateAuth": lambda user: user.pool.tokens(),
    "ListDevices": lambda user: user.cognito.list_devices(**user.token),
    "RespondToAuthChallenge": User.sign_in,
    "RevokeToken": lambda user: user.cognito.revoke_token(**user.app_client, Token=user.tokens["RefreshToken"]),
    "SetUserMFAPreference": lambda user: user.cognito.set_user_mfa_preference(**user.token, SMSMfaSettings=SMS_MFA),
    "SignUp": lambda user: user.cognito.sign_up(**user.app_client, Username="bob", Password=PASSWORD),
    "UpdateDeviceStatus": update_device_status,
    "UpdateUserAttributes": update_user_attributes,
    "VerifySoftwareToken": verify_software_token,
}


@pytest.mark.parametrize("operation", implemented_operations())
def test_unsigned_operation_with_iam_authentication_succeeds(user: User, operation: str) -> None:
    with iam_authentication(user.pool.target):
        CALLS[operation](user)  # an error response raises


def test_mfa_setup_with_iam_authentication_ends_with_tokens(pool: UserPool) -> None:
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    with iam_authentication(pool.target):
        challenge = pool.initiate()
        assert challenge["ChallengeName"] == "MFA_SETUP"
        associated = pool.cognito.associate_software_token(Session=challenge["Session"])
        verified = pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)
        result = pool.answer({**challenge, "Session": verified["Session"]})["AuthenticationResult"]
        assert pool.cognito.get_user(AccessToken=result["AccessToken"])["Username"] == "ada"


@pytest.mark.parametrize("operation", ["AdminListDevices", "AdminGetUser"])
def test_admin_operation_with_iam_authentication_needs_a_valid_signature(pool: UserPool, operation: str) -> None:
    call = getattr(pool.cognito, camelcase_to_underscores(operation))
    with iam_authentication(pool.target), pytest.raises(ClientError) as caught:
        call(UserPoolId=pool.id, Username="ada")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_public_operations_are_those_that_the_service_model_leaves_unsigned() -> None:
    public = ActionAuthenticatorMixin.PUBLIC_OPERATIONS
    target = "AWSCognitoIdentityProviderService"
    assert {name for name in MODEL.operation_names if f"{target}.{name}" in public} == unsigned_operations()
    assert "AWSCognitoIdentityService.GetId" in public  # moto's own list stays
    assert "ConfirmDevice" not in public
    assert "AWSCognitoIdentityService.ConfirmDevice" not in public
