"""``testing.fail_next`` and its URL: errors on demand, of moto's operations as of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count
from moto.core.utils import get_service_model

from moto_cognito_devices import activate, deactivate
from moto_cognito_devices.testing import Device, MotoNotReachedError, fail_next, sign_in

from .scripts import cognito_client, pool_with_user
from .support import PASSWORD, Target, UserPool, refused

MODEL = get_service_model("cognito-idp")
THROTTLED = ("TooManyRequestsException", "Rate exceeded")


def once(cognito: Any, **options: Any) -> Any:
    """A client of the same place that does not try again."""
    config = Config(retries={"total_max_attempts": 1})
    return cognito_client(endpoint_url=endpoint_of(cognito), config=config, **options)


def endpoint_of(cognito: Any) -> str | None:
    url: str = cognito.meta.endpoint_url
    return None if "amazonaws" in url else url


def errors_of(operation: str) -> list[str]:
    return [shape.name for shape in MODEL.operation_model(operation).error_shapes]


def pending(target: Target) -> list[dict[str, Any]]:
    response = target.moto_api("GET", "errors")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    found: list[dict[str, Any]] = response.json()["errors"]
    return found


def every_error() -> Iterator[tuple[str, str]]:
    for operation in MODEL.operation_names:
        for error in errors_of(operation):
            yield operation, error


@pytest.mark.slow
def test_each_error_of_each_operation_is_to_be_had() -> None:
    """Also of those that moto does not have; and each has a text."""
    with mock_aws():
        target, count = Target("in_process"), 0
        for operation, error in every_error():
            asked = target.moto_api("POST", "errors", {"operation": operation, "error": error})
            assert asked.status_code == 201, asked.text
            response = target.post(operation, b"")
            of_the_server = error.startswith("Internal")
            assert response.status_code == (500 if of_the_server else 400), (operation, error)
            assert response.json()["__type"] == error
            assert len(response.json()["message"]) > 8, response.json()
            count += 1
        assert count > 900  # 922 of them in botocore 1.38.0
        assert len(errors_of("ConfirmDevice")) >= 14  # 15 in newer botocores
        assert pending(target) == []


def test_it_has_awss_form_on_the_wire(moto_target: Target) -> None:
    for error, status in (("TooManyRequestsException", 400), ("InternalErrorException", 500)):
        moto_target.moto_api("POST", "errors", {"operation": "SignUp", "error": error, "message": "日本\r\nX: 1"})
        response = moto_target.post("SignUp", {})
        assert response.status_code == status
        assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert response.headers["x-amzn-ErrorType"] == f"{error}:"
        assert response.headers["x-amzn-ErrorMessage"].isascii()
        assert len(response.headers["x-amzn-RequestId"]) == 52
        by_itself = moto_target.post("ListDevices", {"AccessToken": "x"})
        assert by_itself.status_code == 400
        assert response.headers.keys() == by_itself.headers.keys()
        told = {"__type": error, "message": "日本\r\nX: 1"}
        assert response.content == json.dumps(told, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("operation", "error", "text"),
    [
        ("ConfirmDevice", "TooManyRequestsException", "Rate exceeded"),
        ("ConfirmDevice", "ResourceNotFoundException", "Device does not exist."),
        ("ConfirmDevice", "NotAuthorizedException", "Invalid Access Token"),
        ("ConfirmDevice", "DeviceKeyExistsException", "Device key already exists."),
        ("InitiateAuth", "NotAuthorizedException", "Incorrect username or password."),
        ("InitiateAuth", "ResourceNotFoundException", "User pool client does not exist."),
        ("DescribeUserPool", "ResourceNotFoundException", "User pool does not exist."),
        ("ForgotPassword", "LimitExceededException", "Attempt limit exceeded, please try after some time."),
        ("UpdateGroup", "InvalidParameterException", "Invalid parameter."),
    ],
)
def test_the_text_is_cognitos_own_where_it_is_known(operation: str, error: str, text: str) -> None:
    with mock_aws():
        target = Target("in_process")
        target.moto_api("POST", "errors", {"operation": operation, "error": error})
        assert target.post(operation, {}).json() == {"__type": error, "message": text}


@pytest.mark.parametrize("tracked", [True, False])
def test_nothing_of_the_request_takes_effect(moto_target: Target, tracked: bool) -> None:
    options: dict[str, Any] = {} if tracked else {"DeviceConfiguration": {}}
    user_pool_id, client_id = pool_with_user(moto_target.client(), **options)
    cognito = once(moto_target.client())

    fail_next(cognito, "SignUp", "UsernameExistsException")
    with refused("UsernameExistsException", "User already exists"):
        cognito.sign_up(ClientId=client_id, Username="bob", Password=PASSWORD)
    users = cognito.list_users(UserPoolId=user_pool_id)["Users"]
    assert [user["Username"] for user in users] == ["ada"]

    fail_next(cognito, "AdminDeleteUser", "TooManyRequestsException")
    with refused(*THROTTLED):
        cognito.admin_delete_user(UserPoolId=user_pool_id, Username="ada")
    assert sign_in(cognito, client_id, "ada", PASSWORD)["AccessToken"]
    cognito.delete_user_pool(UserPoolId=user_pool_id)


def test_a_sign_in_goes_on_behind_it(pool_of_moto: UserPool) -> None:
    pool = pool_of_moto
    pool.enable_sms_mfa()
    cognito = once(pool.cognito)
    fail_next(cognito, "InitiateAuth", "NotAuthorizedException", message="Password attempts exceeded")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(cognito, pool.client_id, "ada", PASSWORD)
    due = pool.initiate()
    fail_next(cognito, "RespondToAuthChallenge", "CodeMismatchException")
    with refused("CodeMismatchException", "Invalid verification code provided, please try again."):
        pool.answer(due, SMS_MFA_CODE="123456")
    tokens = pool.answer(due, SMS_MFA_CODE="123456")["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    fail_next(cognito, "ConfirmDevice", "InvalidLambdaResponseException")
    with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
        device.confirm(cognito, tokens["AccessToken"])
    assert pool.admin_devices() == {}
    device.confirm(cognito, tokens["AccessToken"])
    assert list(pool.admin_devices()) == [device.device_key]


def test_it_comes_before_validation(moto_target: Target) -> None:
    fail_next(moto_target.client(), "GetDevice", "ForbiddenException")
    response = moto_target.post("GetDevice", {"DeviceKey": 1})
    assert response.json()["__type"] == "ForbiddenException"
    assert moto_target.post("GetDevice", {"DeviceKey": 1}).json()["__type"] == "SerializationException"


def test_they_come_in_order_and_each_as_often_as_it_was_asked_for(moto_target: Target) -> None:
    cognito = moto_target.client()
    fail_next(cognito, "GetUser", "TooManyRequestsException", times=2)
    fail_next(cognito, "ListUserPools", "InternalErrorException")
    fail_next(cognito, "GetUser", "ForbiddenException", message="no")
    fail_next(cognito, "GetUser", "TooManyRequestsException")
    assert pending(moto_target) == [
        {"operation": "GetUser", "error": THROTTLED[0], "message": THROTTLED[1], "times": 2},
        {
            "operation": "ListUserPools",
            "error": "InternalErrorException",
            "message": "Internal server error.",
            "times": 1,
        },
        {"operation": "GetUser", "error": "ForbiddenException", "message": "no", "times": 1},
        {"operation": "GetUser", "error": THROTTLED[0], "message": THROTTLED[1], "times": 1},
    ]
    answers = []
    for _ in range(5):
        answers.append(moto_target.post("GetUser", {"AccessToken": "x"}).json()["__type"])
        if len(answers) == 1:
            assert pending(moto_target)[0]["times"] == 1
    assert answers == [THROTTLED[0], THROTTLED[0], "ForbiddenException", THROTTLED[0], "NotAuthorizedException"]
    assert [one["operation"] for one in pending(moto_target)] == ["ListUserPools"]


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("standard", "TooManyRequestsException"),
        ("standard", "InternalErrorException"),
        ("legacy", "InternalErrorException"),
    ],
)
def test_a_client_that_tries_again_gets_through(
    moto_target: Target, monkeypatch: pytest.MonkeyPatch, mode: Any, error: str
) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    user_pool_id, client_id = pool_with_user(moto_target.client())
    config = Config(retries={"mode": mode, "total_max_attempts": 3})
    cognito = cognito_client(endpoint_url=moto_target.endpoint, config=config)
    fail_next(cognito, "InitiateAuth", error, times=2)
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    fail_next(cognito, "DescribeUserPool", error, times=4)
    with pytest.raises(ClientError, match=r"reached max retries: 2"):
        cognito.describe_user_pool(UserPoolId=user_pool_id)
    assert [one["times"] for one in pending(moto_target)] == [1]
    with pytest.raises(ClientError):
        once(cognito).describe_user_pool(UserPoolId=user_pool_id)
    cognito.delete_user_pool(UserPoolId=user_pool_id)


def test_they_meet_every_client_whatever_its_region(moto_target: Target) -> None:
    fail_next(moto_target.client("eu-west-1"), "ListUserPools", "TooManyRequestsException")
    with refused(*THROTTLED):
        once(moto_target.client(), region="ap-southeast-2").list_user_pools(MaxResults=1)


def test_each_is_given_once_to_many_at_a_time(moto_target: Target) -> None:
    fail_next(moto_target.client(), "ListUserPools", "TooManyRequestsException", times=7)
    fail_next(moto_target.client(), "ListUserPools", "NotAuthorizedException", times=5)

    def status(_: int) -> str:
        response = moto_target.post("ListUserPools", {"MaxResults": 1}, signed=True)
        return str(response.json().get("__type", "ok"))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(status, range(40)))
    assert {answer: answers.count(answer) for answer in set(answers)} == {
        "TooManyRequestsException": 7,
        "NotAuthorizedException": 5,
        "ok": 28,
    }


def test_delete_clears_them(moto_target: Target) -> None:
    fail_next(moto_target.client(), "ListUserPools", "TooManyRequestsException", times=10)
    cleared = moto_target.moto_api("DELETE", "errors")
    assert (cleared.status_code, cleared.json()) == (200, {})
    assert pending(moto_target) == []
    assert "UserPools" in moto_target.post("ListUserPools", {"MaxResults": 1}, signed=True).json()


def test_motos_reset_clears_them(moto_target: Target) -> None:
    fail_next(moto_target.client(), "ListUserPools", "TooManyRequestsException", times=10)
    url = moto_target.endpoint or "http://motoapi.amazonaws.com"
    assert requests.post(f"{url}/moto-api/reset", timeout=60).ok
    assert pending(moto_target) == []
    assert "UserPools" in moto_target.post("ListUserPools", {"MaxResults": 1}, signed=True).json()


def test_the_end_of_mock_aws_clears_them() -> None:
    with mock_aws():
        fail_next(cognito_client(), "ListUserPools", "TooManyRequestsException", times=10)
    with mock_aws():
        assert cognito_client().list_user_pools(MaxResults=1)["UserPools"] == []


def test_an_inactive_plugin_gives_none() -> None:
    with mock_aws():
        cognito = cognito_client()
        fail_next(cognito, "ListUserPools", "NotAuthorizedException")
        deactivate()
        try:
            assert cognito.list_user_pools(MaxResults=1)["UserPools"] == []
        finally:
            activate()
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            once(cognito).list_user_pools(MaxResults=1)


def test_with_iam_they_come_first() -> None:
    with mock_aws():
        fail_next(cognito_client(), "ListUserPools", "NotAuthorizedException")
        call = set_initial_no_auth_action_count(0)(once(cognito_client()).list_user_pools)
        with pytest.raises(ClientError, match="NotAuthorizedException"):
            call(MaxResults=1)


def test_pools_and_the_dashboard_are_as_they_were(pool_of_moto: UserPool) -> None:
    target = pool_of_moto.target
    url = target.endpoint or "http://motoapi.amazonaws.com"

    def dashboard() -> Any:
        return requests.get(f"{url}/moto-api/data.json", timeout=60).json()["cognitoidp"]

    before = dashboard()
    fail_next(pool_of_moto.cognito, "GetUser", "ForbiddenException", times=2)
    target.post("GetUser", {})
    assert dashboard() == before


# What is refused


def bad_requests() -> Iterator[tuple[Any, str]]:
    good = {"operation": "ConfirmDevice", "error": "TooManyRequestsException"}
    for name, value in {"operation": 1, "error": None, "message": ["x"], "times": "2"}.items():
        yield {**good, name: value}, f"{name} is "
    for times in (True, 1.0, 1.5, "1", [1]):
        yield {**good, "times": times}, "times is not an integer"
    for times in (0, -1, -(10**300)):
        yield {**good, "times": times}, f"times is {times}: it must be at least 1"
    yield {**good, "count": 1}, "count is not a known member: choose from operation, error, message, times"
    yield {"operation": "ConfirmDevice"}, "error is missing"
    for operation in ("confirm_device", "confirmDevice", "ConfirmDevices"):
        yield {**good, "operation": operation}, f"operation is {operation!r}: did you mean ConfirmDevice?"
    for operation in ("Confirm", "", "AWSCognitoIdentityProviderService.ConfirmDevice"):
        yield {**good, "operation": operation}, f"operation is {operation!r}: choose one of AddCustomAttributes, "
    error = "TooManyRequestException"
    yield {**good, "error": error}, f"error is {error!r}: did you mean TooManyRequestsException?"
    for error in ("ThrottlingException", "TooManyRequests", "", "CodeMismatchException", "toString"):
        choices = "DeviceKeyExistsException, ForbiddenException, InternalErrorException, "
        yield {**good, "error": error}, f"error is {error!r}: choose one of {choices}"
    for body in (
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"operation": "\\udc80"}',
        b"[" * 100_000,
        b'{"times": ' + b"9" * 5000 + b"}",
    ):
        yield body, "The body is not a JSON object."


def test_a_bad_request_says_what_is_wrong_and_changes_nothing(moto_target: Target) -> None:
    fail_next(moto_target.client(), "ConfirmDevice", "ForbiddenException")
    before = pending(moto_target)
    for body, text in bad_requests():
        response = moto_target.moto_api("POST", "errors", body)
        assert response.status_code == 400, (body, response.text)
        assert text in response.json()["Error"], (body, response.text)
    assert pending(moto_target) == before


def test_great_numbers_and_long_texts_are_taken(moto_target: Target) -> None:
    body = {"operation": "GetUser", "error": "ForbiddenException", "message": "é" * 5000, "times": 10**300}
    assert moto_target.moto_api("POST", "errors", body).status_code == 201
    assert moto_target.post("GetUser", {}).json()["message"] == "é" * 5000
    assert pending(moto_target)[0]["times"] == 10**300 - 1


def test_wrong_arguments_are_told(moto_target: Target) -> None:
    cognito = moto_target.client()
    with pytest.raises(ValueError, match=r"operation is 'confirm_device': did you mean ConfirmDevice"):
        fail_next(cognito, "confirm_device", "TooManyRequestsException")
    with pytest.raises(ValueError, match="error is 'Throttled': choose one of DeviceKeyExistsException"):
        fail_next(cognito, "ConfirmDevice", "Throttled")
    with pytest.raises(ValueError, match="times is 0"):
        fail_next(cognito, "ConfirmDevice", "TooManyRequestsException", times=0)
    assert pending(moto_target) == []


def test_nothing_is_asked_of_aws() -> None:
    with pytest.raises(MotoNotReachedError, match="nothing was sent there"):
        fail_next(cognito_client(), "ConfirmDevice", "TooManyRequestsException")
