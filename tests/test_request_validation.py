"""How a bad request is told: the wording of Cognito, and never a change."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from moto_cognito_devices.testing import sign_in

from .conftest import MakePool
from .support import CODE, PASSWORD, UserPool, refused, server_unpacks_bodies

KEY = "eu-west-1_00000000-0000-4000-8000-000000000000"
USER_OPERATIONS = ["ConfirmDevice", "GetDevice", "ListDevices", "UpdateDeviceStatus", "ForgetDevice"]
ADMIN_OPERATIONS = ["AdminGetDevice", "AdminListDevices", "AdminUpdateDeviceStatus", "AdminForgetDevice"]
SIGN_IN_OPERATIONS = ["InitiateAuth", "AdminInitiateAuth", "RespondToAuthChallenge", "AdminRespondToAuthChallenge"]


def failed(*failures: str) -> dict[str, str]:
    """The answer to members that break constraints, in AWS's words."""
    errors = "1 validation error" if len(failures) == 1 else f"{len(failures)} validation errors"
    texts = "; ".join(
        f"{where} failed to satisfy constraint: {what}" for where, what in (f.split("|") for f in failures)
    )
    return {"__type": "InvalidParameterException", "message": f"{errors} detected: {texts}"}


@pytest.mark.observed("a null DeviceKey on the wire: amplify-js #1355 and others")
@pytest.mark.parametrize("body", [{"DeviceKey": None}, {}])
def test_a_missing_member_is_null(pool: UserPool, body: dict[str, Any]) -> None:
    response = pool.target.post("ConfirmDevice", {"AccessToken": "x", **body})
    assert response.status_code == 400
    assert response.json() == failed("Value null at 'deviceKey'|Member must not be null")


@pytest.mark.inferred("AWS counts the failures of a request in one message")
@pytest.mark.parametrize(
    ("operation", "body", "failures"),
    [
        (
            "ConfirmDevice",
            {},
            [
                "Value null at 'accessToken'|Member must not be null",
                "Value null at 'deviceKey'|Member must not be null",
            ],
        ),
        (
            "ConfirmDevice",
            {"AccessToken": "x", "DeviceKey": KEY, "DeviceName": "n" * 1025},
            [f"Value '{'n' * 1025}' at 'deviceName'|Member must have length less than or equal to 1024"],
        ),
        (
            "ConfirmDevice",
            {"AccessToken": "x", "DeviceKey": KEY, "DeviceName": ""},
            ["Value '' at 'deviceName'|Member must have length greater than or equal to 1"],
        ),
        (
            "ConfirmDevice",
            {"AccessToken": "x", "DeviceKey": KEY, "DeviceSecretVerifierConfig": {"Salt": "s" * 131073}},
            [
                (
                    f"Value '{'s' * 131073}' at 'deviceSecretVerifierConfig.salt'"
                    "|Member must have length less than or equal to 131072"
                ),
            ],
        ),
        (
            "GetDevice",
            {"AccessToken": "x", "DeviceKey": "no key"},
            [r"Value 'no key' at 'deviceKey'|Member must satisfy regular expression pattern: [\w-]+_[0-9a-f-]+"],
        ),
        (
            "GetDevice",
            {"AccessToken": "x", "DeviceKey": "é_1\n"},
            ["Value 'é_1\n' at 'deviceKey'|Member must satisfy regular expression pattern: [\\w-]+_[0-9a-f-]+"],
        ),
        (
            "ForgetDevice",
            {"AccessToken": "x", "DeviceKey": "_" * 56},
            [
                f"Value '{'_' * 56}' at 'deviceKey'|Member must have length less than or equal to 55",
                (
                    f"Value '{'_' * 56}' at 'deviceKey'"
                    r"|Member must satisfy regular expression pattern: [\w-]+_[0-9a-f-]+"
                ),
            ],
        ),
        (
            "ListDevices",
            {"AccessToken": "a token!"},
            ["Value at 'accessToken'|Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+"],
        ),
        (
            "ListDevices",
            {"AccessToken": "x", "Limit": 61},
            ["Value '61' at 'limit'|Member must have value less than or equal to 60"],
        ),
        (
            "AdminListDevices",
            {"UserPoolId": "eu-west-1_x", "Username": "ada", "Limit": -1, "PaginationToken": ""},
            [
                "Value '-1' at 'limit'|Member must have value greater than or equal to 0",
                "Value '' at 'paginationToken'|Member must have length greater than or equal to 1",
                r"Value '' at 'paginationToken'|Member must satisfy regular expression pattern: [\S]+",
            ],
        ),
        (
            "AdminUpdateDeviceStatus",
            {"UserPoolId": "eu-west-1_x", "Username": "ada", "DeviceKey": KEY, "DeviceRememberedStatus": "perhaps"},
            [
                (
                    "Value 'perhaps' at 'deviceRememberedStatus'"
                    "|Member must satisfy enum value set: [remembered, not_remembered]"
                ),
            ],
        ),
        (
            "AdminForgetDevice",
            {"UserPoolId": "eu-west-1", "Username": "a b", "DeviceKey": KEY},
            [
                (
                    r"Value 'eu-west-1' at 'userPoolId'|Member must satisfy regular expression pattern: "
                    r"[\w-]+_[0-9a-zA-Z]+"
                ),
                (
                    r"Value at 'username'|Member must satisfy regular expression pattern: "
                    r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"
                ),
            ],
        ),
    ],
)
def test_each_broken_constraint_is_named(
    pool: UserPool, operation: str, body: dict[str, Any], failures: list[str]
) -> None:
    response = pool.target.post(operation, body, signed=operation in ADMIN_OPERATIONS)
    assert response.status_code == 400
    assert response.headers["x-amzn-ErrorType"] == "InvalidParameterException:"
    assert response.json() == failed(*failures)


@pytest.mark.documented("UsernameType in the service model: letters, marks, symbols, numbers, punctuation")
@pytest.mark.parametrize("username", ["bob", "Zoë", "日本", "a+b@example.com", "€"])
def test_usernames_are_not_only_ascii(pool: UserPool, username: str) -> None:
    pool.add_user(username)
    assert pool.admin_devices(username) == {}


@pytest.mark.inferred("sign-in requests of a tracked pool are checked like any other")
def test_sign_in_requests_are_checked(pool: UserPool) -> None:
    body = {"ClientId": pool.client_id, "ChallengeName": "NO_SUCH_CHALLENGE", "Session": "short"}
    message = pool.target.post("RespondToAuthChallenge", body).json()["message"]
    assert message.startswith("2 validation errors detected: ")
    assert "Value 'NO_SUCH_CHALLENGE' at 'challengeName' failed to satisfy constraint" in message
    assert (
        "Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20"
        in message
    )


WRONG_TYPES = [b"7", b"true", b"0.5", b'["x"]', b'{"x": 1}', b"9" * 10_000]
MALFORMED = [
    b"{",
    b"not json",
    b"\xff\xfe",
    b"[]",
    b'"text"',
    b"7",
    b"null",
    b"[" * 100_000,
    *(b'{"AccessToken": %b, "ClientId": %b, "UserPoolId": %b}' % (value, value, value) for value in WRONG_TYPES),
]


@pytest.mark.observed("JSON of AWS's protocols that can't be read is a SerializationException")
@pytest.mark.parametrize("operation", USER_OPERATIONS + ADMIN_OPERATIONS + [*SIGN_IN_OPERATIONS, "ConfirmSignUp"])
def test_a_malformed_body_is_no_server_error(pool: UserPool, operation: str) -> None:
    for body in MALFORMED:
        response = pool.target.post(operation, body, signed=operation.startswith("Admin"))
        assert (response.status_code, response.json()["__type"]) == (400, "SerializationException"), body[:80]


@pytest.mark.inferred("what is no text is no token, and moto's affair where no device is in it")
@pytest.mark.parametrize(
    "operation", ["GetUser", "ChangePassword", "UpdateUserAttributes", "GlobalSignOut", "SetUserMFAPreference"]
)
def test_a_token_that_is_no_text_is_no_server_error(pool: UserPool, operation: str) -> None:
    for token in (7, 0.5, True):
        assert pool.target.post(operation, {"AccessToken": token}).status_code == 400


@pytest.mark.inferred("a request without a body has no members")
@pytest.mark.parametrize("operation", USER_OPERATIONS + ADMIN_OPERATIONS)
def test_an_empty_body_lacks_every_member(pool: UserPool, operation: str) -> None:
    response = pool.target.post(operation, b"", signed=operation.startswith("Admin"))
    assert response.status_code == 400
    assert "Member must not be null" in response.json()["message"]


@pytest.mark.observed("AWS's texts for a JSON type that does not fit")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"DeviceKey": 7}, "NUMBER_VALUE can not be converted to a String"),
        ({"DeviceKey": 0.5}, "DECIMAL_VALUE can not be converted to a String"),
        ({"DeviceKey": True}, "TRUE_VALUE can not be converted to a String"),
        ({"DeviceKey": False}, "FALSE_VALUE can not be converted to a String"),
        ({"DeviceKey": ["x"]}, "Start of list found where not expected."),
        ({"DeviceKey": {"x": 1}}, "Start of structure or map found where not expected."),
        (
            {"DeviceSecretVerifierConfig": "x"},
            "Unexpected value type in payload: DeviceSecretVerifierConfigType is a structure.",
        ),
    ],
)
def test_a_wrong_type_is_told(pool: UserPool, body: dict[str, Any], message: str) -> None:
    response = pool.target.post("ConfirmDevice", body)
    assert response.json() == {"__type": "SerializationException", "message": message}


@pytest.mark.inferred("a map's values are checked as members are; they are told by no text, as they may be secrets")
def test_a_value_of_a_map_that_is_too_long_is_told_without_it(pool: UserPool) -> None:
    body = {"ClientId": pool.client_id, "AuthFlow": "USER_AUTH", "ClientMetadata": {"a": "x" * 131_073}}
    assert pool.target.post("InitiateAuth", body).json() == failed(
        "Value at 'clientMetadata'|Map value must satisfy constraint: "
        "[Member must have length less than or equal to 131072]"
    )


@pytest.mark.inferred("a number where the model has an integer")
def test_a_text_is_no_limit(pool: UserPool) -> None:
    response = pool.target.post("ListDevices", {"AccessToken": "x", "Limit": "5"})
    assert response.json()["message"] == "STRING_VALUE can not be converted to an Integer"


@pytest.mark.inferred("members that the model does not know are left out, as SDKs of a later date may send some")
def test_unknown_members_are_ignored(pool: UserPool) -> None:
    body = {"AccessToken": pool.tokens()["AccessToken"], "SomethingNew": {"a": [1]}}
    assert pool.target.post("ListDevices", body).json() == {"Devices": []}


@pytest.mark.inferred("AWS SDKs compress some requests")
def test_a_compressed_body_is_read_and_a_broken_one_refused(pool: UserPool) -> None:
    body = json.dumps({"AccessToken": pool.tokens()["AccessToken"]}).encode()
    good = gzip.compress(body)
    headers: dict[str, Any] = {"Content-Encoding": "gzip"}
    breaks_before = pool.target.name == "server" and server_unpacks_bodies()
    for broken in () if breaks_before else (b"no gzip", good[:-9]):
        assert pool.target.post("ListDevices", broken, **headers).status_code == 400
    assert pool.target.post("ListDevices", good, **headers).status_code in (200, 400)


@pytest.mark.inferred("whatever the headers are, the answer is Cognito's")
@pytest.mark.parametrize("authorization", ["", "AWS4", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=x", "Bearer x"])
def test_an_odd_authorization_is_no_server_error(pool: UserPool, authorization: str) -> None:
    if pool.target.name == "server" and authorization.startswith("AWS4"):
        pytest.skip("moto's server takes a broken signature for S3's before it comes to Cognito")
    token = pool.tokens()["AccessToken"]
    response = pool.target.post("ListDevices", {"AccessToken": token}, Authorization=authorization)
    assert response.json() == {"Devices": []}


@pytest.mark.documented("ContextData of AdminInitiateAuth")
def test_lists_are_checked_as_well(pool: UserPool) -> None:
    request = {
        "UserPoolId": pool.id,
        "ClientId": pool.client_id,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
    }
    context = {"IpAddress": "192.0.2.1", "ServerName": "app", "ServerPath": "/"}
    header = {"headerName": "User-Agent", "headerValue": "app"}
    for headers, error in (
        ([header, None], None),
        (header, "SerializationException"),
        ([{"headerName": 1}], "SerializationException"),
        (["x"], "SerializationException"),
    ):
        body = {**request, "ContextData": {**context, "HttpHeaders": headers}}
        response = pool.target.post("AdminInitiateAuth", body, signed=True)
        assert response.json().get("__type") == error, response.text


@pytest.mark.conflicting("no source for the text")
def test_an_answer_without_its_session_is_told(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = {**pool.initiate(), "Session": None}
    with refused("InvalidParameterException", "Missing required parameter Session"):
        pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("a refused request changes nothing")
def test_a_refused_answer_leaves_the_challenge(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    body = {
        "ClientId": pool.client_id,
        "ChallengeName": "SMS_MFA",
        "Session": challenge["Session"],
        "ChallengeResponses": {"USERNAME": 7},
    }
    assert pool.target.post("RespondToAuthChallenge", body).json()["__type"] == "SerializationException"
    assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("a region without Cognito has no user pools")
@pytest.mark.parametrize("operation", USER_OPERATIONS + ADMIN_OPERATIONS + SIGN_IN_OPERATIONS)
def test_an_unknown_region_is_no_server_error(pool: UserPool, operation: str) -> None:
    scope = "AKIAIOSFODNN7EXAMPLE/20260101/mars-north-9/cognito-idp/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"
    response = pool.target.post(operation, {}, Authorization=authorization)
    assert response.status_code == 400, response.text[:200]


HALF = "\ud800"  # of a surrogate pair: no text


@pytest.mark.inferred("half of a surrogate pair is no text")
@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": f"ada{HALF}", "SRP_A": "2"}}),
        ("InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ada", "PASSWORD": HALF}}),
        ("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {HALF: "x", "USERNAME": "ada"}}),
        ("ConfirmDevice", {"AccessToken": "x", "DeviceKey": "eu-west-1_0", "DeviceName": HALF}),
    ],
)
def test_half_of_a_surrogate_pair_is_refused(make_pool: MakePool, operation: str, parameters: dict[str, Any]) -> None:
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    response = pool.target.post(operation, {"ClientId": pool.client_id, **parameters})
    assert response.status_code == 400
    assert response.json()["__type"] == "SerializationException"


@pytest.mark.inferred("a password that is no text can be set by moto's own operation, and proven by nobody")
def test_a_password_that_is_no_text_can_not_be_proven(pool: UserPool) -> None:
    body = {"UserPoolId": pool.id, "Username": "ada", "Password": f"Correct-horse-7{HALF}", "Permanent": True}
    assert pool.target.post("AdminSetUserPassword", body, signed=True).status_code == 200
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException, match="Incorrect username or password"):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, user_pool_id=pool.id)


@pytest.mark.documented("StringType in the service model: 131,072 characters, as a value of a map too")
@pytest.mark.parametrize("length", [131072, 131073])
def test_the_values_of_a_map_have_a_longest(pool: UserPool, length: int) -> None:
    body = {
        "ClientId": pool.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": "x" * length},
    }
    error = pool.target.post("InitiateAuth", body).json()
    if length > 131072:
        assert error["__type"] == "InvalidParameterException"
        assert "Map value must satisfy constraint" in error["message"]
        assert "x" * 9 not in error["message"]
    else:
        assert error["message"] == "Incorrect username or password."


@pytest.mark.inferred("any Content-Type is JSON, to Cognito")
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-amz-json-1.0"])
def test_any_content_type_is_json(pool: UserPool, content_type: str) -> None:
    token = pool.tokens()["AccessToken"]
    headers: dict[str, Any] = {"Content-Type": content_type}
    for operation in ("GetUser", "ListDevices"):
        response = pool.target.post(operation, {"AccessToken": token}, **headers)
        assert response.status_code == 200, response.text
