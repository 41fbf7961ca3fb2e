"""Each operation that the plugin answers sends errors in AWS's format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import MakePool
from .support import PASSWORD, UserPool, server_unpacks_bodies

DEVICE = {"DeviceKey": "eu-west-1_00000000-0000-4000-8000-000000000000"}


def requests(pool: UserPool) -> dict[str, dict[str, Any]]:
    """One that is refused, for each operation that the plugin answers."""
    token = {"AccessToken": pool.tokens()["AccessToken"]}
    admin = {"UserPoolId": pool.id, "Username": "nobody"}
    wrong = {"USERNAME": "ada", "PASSWORD": "Wrong-horse-7"}
    initiate = {"ClientId": pool.client_id, "AuthParameters": wrong}
    answer = {
        "ClientId": pool.client_id,
        "ChallengeName": "SMS_MFA",
        "Session": "x" * 36,
        "ChallengeResponses": {"USERNAME": "ada", "SMS_MFA_CODE": "1"},
    }
    pool.enable_sms_mfa()
    session = {"Session": pool.initiate()["Session"]}
    return {
        "ConfirmDevice": {**token, **DEVICE},
        "GetDevice": {**token, **DEVICE},
        "ListDevices": {**token, "Limit": 61},
        "UpdateDeviceStatus": {**token, **DEVICE},
        "ForgetDevice": {**token, **DEVICE},
        "AdminGetDevice": {**admin, **DEVICE},
        "AdminListDevices": admin,
        "AdminUpdateDeviceStatus": {**admin, **DEVICE},
        "AdminForgetDevice": {**admin, **DEVICE},
        "InitiateAuth": {**initiate, "AuthFlow": "USER_PASSWORD_AUTH"},
        "AdminInitiateAuth": {**initiate, "UserPoolId": pool.id, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"},
        "RespondToAuthChallenge": answer,
        "AdminRespondToAuthChallenge": {**answer, "UserPoolId": pool.id},
        "AssociateSoftwareToken": session,
        "VerifySoftwareToken": {**session, "UserCode": "123456"},
        "GetTokensFromRefreshToken": {"ClientId": pool.client_id, "RefreshToken": "none"},
        "ConfirmSignUp": {"ClientId": pool.client_id, "Username": "nobody", "ConfirmationCode": "123456"},
        "GetUserAuthFactors": {"AccessToken": "x.y.z"},
        "RevokeToken": {"ClientId": "0123456789abcdefghijklmnop", "Token": "none"},
    }


@pytest.mark.observed("aws-sdk-ios #2354, aws-sdk-cpp #1789, dart-2 PR #10: raw errors")
def test_an_error_has_awss_form(pool: UserPool) -> None:
    for operation, body in requests(pool).items():
        response = pool.target.post(operation, body, signed=operation.startswith("Admin"))
        error = response.json()
        assert response.status_code == 400, operation
        assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert response.headers["x-amzn-ErrorType"] == f"{error['__type']}:"
        assert response.headers["x-amzn-ErrorMessage"] == error["message"]
        assert response.content == json.dumps(error, separators=(",", ":")).encode()
        assert list(error) == ["__type", "message"]
        assert "status" not in response.headers


@pytest.mark.inferred("a header can't hold what the body can")
def test_a_text_beyond_ascii_is_whole_in_the_body(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.add_user()
    token = pool.tokens()["AccessToken"]
    name = "日本\r\nX-Injected: 1" + "é" * 1024
    response = pool.target.post("ConfirmDevice", {"AccessToken": token, **DEVICE, "DeviceName": name})
    assert response.status_code == 400
    assert name in response.json()["message"]
    assert "X-Injected" not in response.headers
    assert response.headers["x-amzn-ErrorMessage"].isascii()


@pytest.mark.inferred("a body that can't be decoded")
def test_a_body_that_can_not_be_decoded_is_told_in_awss_form(pool: UserPool) -> None:
    headers: dict[str, Any] = (
        {"Content-Encoding": "gzip"} if not (pool.target.endpoint and server_unpacks_bodies()) else {}
    )
    response = pool.target.post("ListDevices", b"\xff\xfe{}", **headers)
    assert response.status_code == 400
    assert response.headers["x-amzn-ErrorType"] == "SerializationException:"
    assert response.json() == {
        "__type": "SerializationException",
        "message": "The request body can not be decoded.",
    }


def test_an_operating_systems_error_within_an_operation_is_not_the_bodys(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto_cognito_devices.cognitoidp.user_pools import CognitoIdpUserPool

    def fail(*_: Any) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(CognitoIdpUserPool, "start_token_family", fail)
    body = {
        "ClientId": moto_pool.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
    }
    with pytest.raises(PermissionError, match="not yours"):
        moto_pool.target.post("InitiateAuth", body)
