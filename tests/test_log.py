"""The log ``moto_cognito_devices``: AWS's text stands on the wire, and a line says the cause and what to do."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.utils import camelcase_to_underscores

from moto_cognito_devices.cognitoidp import exceptions
from moto_cognito_devices.testing import Device, SrpClient, fail_next, lambda_arn, sign_in

from .conftest import MakePool
from .scripts import ROOT, cognito_client, confirm_device, pool_with_user, run_python
from .support import ALWAYS, CODE, PASSWORD, UserPool, server_process

pytest_plugins = ["pytester"]


class Lines:
    """The lines that a call wrote."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    def of(self, call: Any, *arguments: Any, **parameters: Any) -> str:
        """What was written about a call that is refused: one line."""
        self._caplog.clear()
        with pytest.raises(ClientError) as caught:
            call(*arguments, **parameters)
        (line,) = self.all()
        assert line.split(": ")[1] == caught.value.response["Error"]["Code"]
        assert caught.value.response["Error"]["Message"] in line
        return line

    def all(self) -> list[str]:
        return [record.getMessage() for record in self._caplog.records if record.name == "moto_cognito_devices"]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    with caplog.at_level(logging.WARNING, "moto_cognito_devices"):
        yield Lines(caplog)


def key_of(tokens: dict[str, Any]) -> str:
    key: str = tokens["NewDeviceMetadata"]["DeviceKey"]
    return key


@pytest.mark.parametrize("configuration", [None, {}])
def test_a_pool_that_tracks_no_devices(
    make_moto_pool: MakePool, lines: Lines, configuration: dict[str, bool] | None
) -> None:
    pool = make_moto_pool(configuration)
    pool.add_user()
    device = Device("eu-west-1_00000000-0000-4000-8000-000000000000", "-group", "secret", 1)
    line = lines.of(device.confirm, pool.cognito, pool.tokens()["AccessToken"])
    assert line == (
        "ConfirmDevice: InvalidParameterException: Invalid device key given. "
        f"The user pool {pool.id} tracks no devices: give it a DeviceConfiguration, with a value for "
        "ChallengeRequiredOnNewDevice or DeviceOnlyRememberedOnUserPrompt. UpdateUserPool without one takes "
        "it away."
    )


def test_a_device_that_was_not_confirmed(moto_pool: UserPool, lines: Lines) -> None:
    tokens = moto_pool.tokens()
    key = key_of(tokens)
    told = "ada has not confirmed it: call ConfirmDevice after the sign-in that returned the key."
    assert lines.of(moto_pool.initiate, device_key=key).endswith(told)
    line = lines.of(refresh, moto_pool, tokens, key)
    assert f"It is bound to the device {key}. {told}" in line


def test_a_device_of_another_user_or_pool(make_moto_pool: MakePool, lines: Lines) -> None:
    pool, other = make_moto_pool(), make_moto_pool()
    for each in (pool, other):
        each.add_user()
    pool.add_user("bob")
    bobs, _ = pool.confirmed_device("bob")
    elsewhere, _ = other.confirmed_device()
    told = "It is a device of {} in the user pool {}."
    assert lines.of(pool.initiate, device_key=bobs.device_key).endswith(told.format("bob", pool.id))
    assert lines.of(pool.initiate, device_key=elsewhere.device_key).endswith(told.format("ada", other.id))
    assert "ada" in lines.of(elsewhere.confirm, pool.cognito, pool.tokens()["AccessToken"])


def test_a_device_that_was_forgotten(moto_pool: UserPool, lines: Lines) -> None:
    device, tokens = moto_pool.confirmed_device()
    moto_pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    told = "It was forgotten, or never issued here: sign in without DEVICE_KEY, and confirm the new device."
    assert lines.of(moto_pool.initiate, device_key=device.device_key).endswith(told)
    assert told in lines.of(refresh, moto_pool, tokens, device.device_key)


def test_a_device_that_is_not_remembered_and_its_user_asks_for(moto_pool: UserPool, lines: Lines) -> None:
    device, tokens = moto_pool.confirmed_device()
    request = {"AccessToken": tokens["AccessToken"], "DeviceKey": device.device_key}
    moto_pool.cognito.update_device_status(**request, DeviceRememberedStatus="not_remembered")
    assert "It is not remembered" in lines.of(moto_pool.cognito.get_device, **request)


def test_tokens_of_another_pool_or_client(make_moto_pool: MakePool, lines: Lines) -> None:
    pool, other = make_moto_pool(), make_moto_pool()
    for each in (pool, other):
        each.add_user()
    device, tokens = pool.confirmed_device()
    line = lines.of(refresh, other, tokens, device.device_key)
    assert line.endswith(f"Invalid Refresh Token. It is of the user pool {pool.id}.")
    line = lines.of(refresh, other, {"RefreshToken": "never"}, None)
    assert line.endswith("There is none: its user was deleted, or moto was reset.")
    client = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other")["UserPoolClient"]["ClientId"]
    line = lines.of(refresh, pool, tokens, device.device_key, client)
    assert line.endswith(f"It was issued to another app client, {pool.client_id}.")
    pool.cognito.delete_user_pool(UserPoolId=pool.id)
    line = lines.of(other.cognito.get_device, AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    assert f"/{pool.id}', and there is no such user pool: it was deleted, or moto was reset." in line


def test_a_challenge_of_another_pool_or_kind(make_moto_pool: MakePool, lines: Lines) -> None:
    pool, other = make_moto_pool(), make_moto_pool()
    for each in (pool, other):
        each.add_user()
        each.enable_sms_mfa()
    challenge = other.initiate()
    assert lines.of(pool.answer, challenge, SMS_MFA_CODE=CODE).endswith(f"it is of the user pool {other.id}.")
    wrong_kind = {**challenge, "ChallengeName": "NEW_PASSWORD_REQUIRED"}
    assert lines.of(other.answer, wrong_kind, NEW_PASSWORD=PASSWORD).endswith("it awaits no NEW_PASSWORD_REQUIRED.")
    never = {**challenge, "Session": "0" * 36}
    assert lines.of(other.answer, never, SMS_MFA_CODE=CODE).endswith("it was never issued, or moto was reset.")
    other.answer(challenge, SMS_MFA_CODE=CODE)
    assert "session can only be used once" in lines.of(other.answer, challenge, SMS_MFA_CODE=CODE)


def test_another_kind_of_token(moto_pool: UserPool, lines: Lines) -> None:
    device, tokens = moto_pool.confirmed_device()
    line = lines.of(moto_pool.cognito.get_device, AccessToken=tokens["IdToken"], DeviceKey=device.device_key)
    assert line.endswith("It is an ID token: give the AccessToken.")
    for kind in ("IdToken", "AccessToken"):
        line = lines.of(refresh, moto_pool, {"RefreshToken": tokens[kind]}, device.device_key)
        assert line.endswith("It is an access or ID token: give the RefreshToken.")
    line = lines.of(moto_pool.cognito.get_device, AccessToken=tokens["RefreshToken"], DeviceKey=device.device_key)
    assert line.endswith("It is no token of a user pool.")
    line = lines.of(moto_pool.cognito.get_device, AccessToken=tokens["AccessToken"][:-4], DeviceKey=device.device_key)
    assert line.endswith("It was not signed by the user pool that it names.")


def test_an_alias_as_username_in_the_last_answer(make_moto_pool: MakePool, lines: Lines) -> None:
    pool = make_moto_pool(ALWAYS, AliasAttributes=["email"])
    pool.add_user(email="ada@example.com", email_verified="true")
    pool.enable_sms_mfa()
    challenge = pool.initiate("ada@example.com")
    tokens = pool.answer(challenge, "ada@example.com", SMS_MFA_CODE=CODE)["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    assert lines.of(device.confirm, pool.cognito, tokens["AccessToken"]).endswith(
        "It was issued to ada, whose last answer had the alias ada@example.com as USERNAME: answer with the "
        "challenge's USER_ID_FOR_SRP (https://github.com/aws-amplify/amplify-js/issues/4047)."
    )


def test_the_device_key_forgotten_in_the_last_answer(moto_pool: UserPool, lines: Lines) -> None:
    """No error tells it, but a new device each time, and the code that is asked for again."""
    device, _ = moto_pool.confirmed_device()
    moto_pool.enable_sms_mfa()
    assert lines.all() == []
    challenge = moto_pool.initiate(device_key=device.device_key)
    assert "NewDeviceMetadata" in moto_pool.answer(challenge, SMS_MFA_CODE=CODE)["AuthenticationResult"]
    (_, line) = lines.all()
    assert line == (
        f"RespondToAuthChallenge: An earlier request of this sign-in of ada named the device {device.device_key}, and "
        "this one names none. The key counts that is in the request which ends a factor: give DEVICE_KEY in each "
        "answer."
    )


def test_the_device_key_forgotten_after_the_choice(moto_pool: UserPool, lines: Lines) -> None:
    device, _ = moto_pool.confirmed_device()
    client = SrpClient()
    request = {"ClientId": moto_pool.client_id, "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "ada"}}
    choice = {"ANSWER": "PASSWORD_SRP", "SRP_A": client.srp_a, "DEVICE_KEY": device.device_key}
    challenge = moto_pool.answer(moto_pool.cognito.initiate_auth(**request), **choice)
    proof = client.answer(challenge["ChallengeParameters"], moto_pool.id.partition("_")[2], "ada", PASSWORD)
    assert "NewDeviceMetadata" in moto_pool.answer(challenge, **proof)["AuthenticationResult"]
    (line,) = lines.all()
    assert f"named the device {device.device_key}, and this one names none" in line


@pytest.mark.parametrize(
    ("configuration", "status", "told"),
    [
        (ALWAYS, "not_remembered", "It is not remembered: call UpdateDeviceStatus with DeviceRememberedStatus remembe"),
        (ALWAYS, "remembered", "It has been in no sign-in with MFA yet: after this code it waives the next one."),
        ({"ChallengeRequiredOnNewDevice": False}, "remembered", "ChallengeRequiredOnNewDevice of the user pool "),
    ],
)
def test_why_a_code_is_asked_for_in_spite_of_the_key(
    make_moto_pool: MakePool, lines: Lines, configuration: dict[str, bool], status: str, told: str
) -> None:
    """No error tells it."""
    pool = make_moto_pool(configuration)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    request = {"AccessToken": tokens["AccessToken"], "DeviceKey": device.device_key}
    pool.cognito.update_device_status(**request, DeviceRememberedStatus=status)
    pool.enable_sms_mfa()
    assert pool.initiate(device_key=device.device_key)["ChallengeName"] == "SMS_MFA"
    (line,) = lines.all()
    asked = f"InitiateAuth: SMS_MFA is asked for, though the request names the device {device.device_key}. "
    assert line.startswith(asked + told)


def test_why_a_code_by_email_is_asked_for_in_spite_of_the_key(moto_pool: UserPool, lines: Lines) -> None:
    device, _ = moto_pool.confirmed_device()
    email = {"EmailMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    moto_pool.cognito.admin_set_user_mfa_preference(UserPoolId=moto_pool.id, Username="ada", **email)
    assert moto_pool.initiate(device_key=device.device_key)["ChallengeName"] == "EMAIL_OTP"
    (line,) = lines.all()
    assert line.endswith("No device waives EMAIL_OTP.")


def test_why_a_key_counts_for_nothing(moto_pool: UserPool, lines: Lines) -> None:
    device, _ = moto_pool.confirmed_device()
    moto_pool.enable_sms_mfa()
    moto_pool.cognito.update_user_pool(UserPoolId=moto_pool.id)
    assert moto_pool.initiate(device_key=device.device_key)["ChallengeName"] == "SMS_MFA"
    (line,) = lines.all()
    assert line.startswith(f"InitiateAuth: DEVICE_KEY is ignored: The user pool {moto_pool.id} ")
    assert line.endswith("UpdateUserPool without one takes it away.")


@pytest.mark.parametrize("operation", ["InitiateAuth", "RespondToAuthChallenge", "RevokeToken"])
def test_an_app_client_that_is_not_there(moto_pool: UserPool, lines: Lines, operation: str) -> None:
    """As after a server's new start. moto's own answer is the id and nothing else."""
    calls: dict[str, dict[str, Any]] = {
        "InitiateAuth": {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {}},
        "RespondToAuthChallenge": {"ChallengeName": "SMS_MFA"},
        "RevokeToken": {"Token": "0"},
    }
    call = getattr(moto_pool.cognito, camelcase_to_underscores(operation))
    with pytest.raises(ClientError):
        call(ClientId="gone", **calls[operation])
    (line,) = lines.all()
    assert line == (
        f"{operation}: ResourceNotFoundException: User pool client gone does not exist. It was deleted, or moto was "
        "reset or restarted since it was created, or ClientId is wrong."
    )


def test_an_error_that_was_asked_for(moto_pool: UserPool, lines: Lines) -> None:
    fail_next(moto_pool.cognito, "GetUser", "ForbiddenException")
    line = lines.of(moto_pool.cognito.get_user, AccessToken="any")
    assert line.startswith(
        "GetUser: ForbiddenException: Request not allowed due to WAF block. Injected by testing.fail_next, "
    )


def test_a_user_who_is_not_there(moto_pool: UserPool, lines: Lines) -> None:
    told = f"User does not exist. The user pool {moto_pool.id} has no user bob, by name"
    assert lines.of(moto_pool.initiate, "bob").endswith(f"{told} or alias.")
    request = {"UserPoolId": moto_pool.id, "Username": "bob"}
    assert lines.of(moto_pool.cognito.admin_list_devices, **request).endswith(f"{told}, alias or sub.")


def test_every_error_says_what_to_do() -> None:
    """Those whose text on the wire says it have no more to say."""
    say_it = {
        "SerializationException",
        "ValidationError",
        "MissingParameterError",
        "DeviceTrackingDisabledError",
        "ConflictingTriggersError",
        "AddressFormatError",
        "ProvidedAttributeError",
        "ImmutableAttributeError",
        "UnknownAttributeError",
        "TimestampFormatError",
    }
    errors = [one for one in vars(exceptions).values() if hasattr(one, "text")]
    assert {error.__name__ for error in errors if not error.hint} == say_it


def test_the_device_key_forgotten_after_a_later_answer(moto_pool: UserPool, lines: Lines) -> None:
    """It is the last one that was named which is told, in whichever request that was."""
    device, _ = moto_pool.confirmed_device()
    moto_pool.enable_sms_mfa()
    moto_pool.cognito.admin_set_user_password(
        UserPoolId=moto_pool.id, Username="ada", Password="Temporary-1", Permanent=False
    )
    challenge = moto_pool.initiate(password="Temporary-1")
    challenge = moto_pool.answer(challenge, NEW_PASSWORD=PASSWORD, DEVICE_KEY=device.device_key)
    assert challenge["ChallengeName"] == "SMS_MFA"
    moto_pool.answer(challenge, SMS_MFA_CODE=CODE)
    _, line = lines.all()  # the first says why a code was asked for
    assert f"named the device {device.device_key}, and this one names none" in line


def test_the_device_key_forgotten_from_the_choice_on(moto_pool: UserPool, lines: Lines) -> None:
    device, _ = moto_pool.confirmed_device()
    client = SrpClient()
    parameters = {"USERNAME": "ada", "DEVICE_KEY": device.device_key}
    choosing = moto_pool.cognito.initiate_auth(
        ClientId=moto_pool.client_id, AuthFlow="USER_AUTH", AuthParameters=parameters
    )
    challenge = moto_pool.answer(choosing, ANSWER="PASSWORD_SRP", SRP_A=client.srp_a)
    proof = client.answer(challenge["ChallengeParameters"], moto_pool.id.partition("_")[2], "ada", PASSWORD)
    moto_pool.answer(challenge, **proof)
    (line,) = lines.all()
    assert f"named the device {device.device_key}, and this one names none" in line


@pytest.mark.parametrize("challenge_name", ["SMS_MFA", "SELECT_MFA_TYPE"])
def test_the_device_key_forgotten_before_mfa(moto_pool: UserPool, lines: Lines, challenge_name: str) -> None:
    """It is told as soon as a code is asked for that the device might have spared."""
    device, _ = moto_pool.confirmed_device()
    if challenge_name == "SELECT_MFA_TYPE":
        moto_pool.enable_totp(preferred=False)
    moto_pool.cognito.admin_set_user_mfa_preference(
        UserPoolId=moto_pool.id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": False}
    )
    client = SrpClient()
    parameters = {"USERNAME": "ada", "SRP_A": client.srp_a, "DEVICE_KEY": device.device_key}
    challenge = moto_pool.cognito.initiate_auth(
        ClientId=moto_pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
    )
    proof = client.answer(challenge["ChallengeParameters"], moto_pool.id.partition("_")[2], "ada", PASSWORD)
    assert moto_pool.answer(challenge, **proof)["ChallengeName"] == challenge_name
    (line,) = lines.all()
    assert f"named the device {device.device_key}, and this one names none" in line


def test_a_timestamp_that_java_would_not_write(moto_pool: UserPool, lines: Lines) -> None:
    device, _ = moto_pool.confirmed_device()
    client, realm = SrpClient(), moto_pool.id.partition("_")[2]
    challenge = moto_pool.cognito.initiate_auth(
        ClientId=moto_pool.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": client.srp_a},
    )
    proof = client.answer(challenge["ChallengeParameters"], realm, "ada", PASSWORD)
    bad = {"TIMESTAMP": "Wed May 07 00:09:40 UTC 2025"}
    assert "TIMESTAMP is not as Java writes" in lines.of(moto_pool.answer, challenge, **{**proof, **bad})
    key = {"DEVICE_KEY": device.device_key}
    due = moto_pool.answer(moto_pool.initiate(device_key=device.device_key), SRP_A=client.srp_a, **key)
    proof = client.answer(due["ChallengeParameters"], device.device_group_key, device.device_key, device.password)
    assert "TIMESTAMP is not as Java writes" in lines.of(moto_pool.answer, due, **{**proof, **bad, **key})


def test_what_the_mock_does_not_step_up_to(moto_pool: UserPool, lines: Lines) -> None:
    request = {"ClientId": moto_pool.client_id, "AuthFlow": "USER_AUTH"}
    step_up = {"USERNAME": "ada", "TARGET_ACR_VALUES": "urn:example:level"}
    line = lines.of(moto_pool.cognito.initiate_auth, **request, AuthParameters=step_up)
    assert line.endswith("Step-up authentication is not mocked: leave out ACCESS_TOKEN and TARGET_ACR_VALUES.")


def test_who_names_the_device_in_each_answer_or_never_is_not_warned(moto_pool: UserPool, lines: Lines) -> None:
    moto_pool.enable_sms_mfa()
    device, _ = moto_pool.confirmed_device()
    sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, device=device)
    assert lines.all() == []


def test_the_device_key_forgotten_at_refresh(moto_pool: UserPool, lines: Lines) -> None:
    device, tokens = moto_pool.confirmed_device()
    other, _ = moto_pool.confirmed_device()
    line = lines.of(refresh, moto_pool, tokens, None)
    told = f"It is bound to the device {device.device_key}, and the request"
    assert line.endswith(f"{told} names none: give DEVICE_KEY, or DeviceKey.")
    assert lines.of(refresh, moto_pool, tokens, other.device_key).endswith(f"{told} names {other.device_key}.")


def test_two_secrets_for_one_device(moto_pool: UserPool, lines: Lines) -> None:
    tokens = moto_pool.tokens()
    device, second = (Device.from_metadata(tokens["NewDeviceMetadata"]) for _ in range(2))
    device.confirm(moto_pool.cognito, tokens["AccessToken"])
    line = lines.of(sign_in, moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, device=second)
    assert line.startswith("RespondToAuthChallenge: NotAuthorizedException: Incorrect username or password. The proof")
    assert line.endswith("each Device.from_metadata makes a secret of its own.")


def test_a_device_that_was_confirmed_without_a_verifier(moto_pool: UserPool, lines: Lines) -> None:
    tokens = moto_pool.tokens()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    moto_pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    line = lines.of(sign_in, moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, device=device)
    assert line.endswith("was given no DeviceSecretVerifierConfig for this device: it can't prove itself.")


def test_a_wrong_password_and_no_such_user(make_moto_pool: MakePool, lines: Lines) -> None:
    pool = make_moto_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    assert lines.of(pool.initiate, password="wrong").endswith("It is not the user's password.")
    assert lines.of(pool.initiate, "nobody").endswith("There is no such user.")
    call = (sign_in, pool.cognito, pool.client_id, "ada", "wrong")
    assert lines.of(*call, user_pool_id=pool.id).endswith("The proof is of another password, or of another name.")
    nobody = (sign_in, pool.cognito, pool.client_id, "nobody", "wrong")
    assert lines.of(*nobody, user_pool_id=pool.id).endswith("There is no such user.")


@pytest.mark.parametrize("by_srp", [False, True])
def test_a_user_who_was_given_no_password(moto_pool: UserPool, lines: Lines, by_srp: bool) -> None:
    cognito = moto_pool.cognito
    cognito.admin_create_user(UserPoolId=moto_pool.id, Username="bob")
    options = {"user_pool_id": moto_pool.id} if by_srp else {}
    line = lines.of(sign_in, cognito, moto_pool.client_id, "bob", PASSWORD, **options)
    assert line.endswith("no password: pass TemporaryPassword to AdminCreateUser, or call AdminSetUserPassword.")


def test_a_function_that_nobody_answers_for(make_moto_pool: MakePool, lines: Lines) -> None:
    arn = lambda_arn("define")
    flows = {"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"]}
    pool = make_moto_pool(client=flows, LambdaConfig={"DefineAuthChallenge": arn})
    pool.add_user()
    request = {"ClientId": pool.client_id, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "ada"}}
    line = lines.of(pool.cognito.initiate_auth, **request)
    assert f"Nobody answers for {arn}: give a handler to testing.triggers, by DefineAuthChallenge or by" in line
    untracked = make_moto_pool(None, client=flows, LambdaConfig={"DefineAuthChallenge": arn})
    with suppress(AttributeError):  # botocore 1.38.0 can't read the answer
        untracked.cognito.initiate_auth(**{**request, "ClientId": untracked.client_id})
    assert lines.all()[-1].endswith("moto answers null to CUSTOM_AUTH in a pool without a DeviceConfiguration.")


def test_a_flow_that_is_not_listed(moto_pool: UserPool, lines: Lines) -> None:
    line = lines.of(
        moto_pool.cognito.initiate_auth,
        ClientId=moto_pool.client_id,
        AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": "ada"},
    )
    assert line.endswith("for this client. Add ALLOW_CUSTOM_AUTH to the app client's ExplicitAuthFlows.")


def test_what_a_request_names_makes_no_second_line(moto_pool: UserPool, lines: Lines) -> None:
    line = lines.of(moto_pool.initiate, device_key="a\nConfirmDevice: all is well\r\x1b[2J")
    assert "\n" not in line
    assert "\x1b" not in line


def test_no_secret_is_in_the_log(moto_pool: UserPool, lines: Lines, caplog: pytest.LogCaptureFixture) -> None:
    device, tokens = moto_pool.confirmed_device()
    moto_pool.enable_sms_mfa()
    session = moto_pool.initiate()["Session"]
    secrets = [
        PASSWORD,
        "Wrong-horse-7",
        session,
        device.password,
        *(tokens[f"{kind}Token"] for kind in ("Access", "Id", "Refresh")),
    ]
    cognito, client_id = moto_pool.cognito, moto_pool.client_id
    answer = {"ClientId": client_id, "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": session}
    calls: list[tuple[Any, dict[str, Any]]] = [
        (moto_pool.initiate, {"password": "Wrong-horse-7"}),
        (
            cognito.respond_to_auth_challenge,
            {**answer, "ChallengeResponses": {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": "424242"}},
        ),
        (cognito.get_device, {"AccessToken": tokens["IdToken"], "DeviceKey": "eu-west-1_0"}),
        (cognito.get_device, {"AccessToken": tokens["RefreshToken"], "DeviceKey": device.device_key}),
        (cognito.revoke_token, {"ClientId": client_id, "Token": tokens["AccessToken"]}),
        (cognito.get_tokens_from_refresh_token, {"ClientId": client_id, "RefreshToken": tokens["RefreshToken"]}),
        (cognito.verify_software_token, {"Session": session, "UserCode": "424242"}),
        (cognito.confirm_sign_up, {"ClientId": client_id, "Username": "ada", "ConfirmationCode": "424242 "}),
    ]
    written = []
    for call, parameters in calls:
        caplog.clear()
        with pytest.raises(ClientError):
            call(**parameters)
        written += lines.all()
    assert len(written) == len(calls)
    for secret in (*secrets, "424242"):
        assert not [line for line in written if secret in line]


@pytest.mark.slow
def test_the_server_prints_it(log: Path) -> None:
    with server_process(log) as (url, _):
        cognito = cognito_client(endpoint_url=url)
        _, client_id = pool_with_user(cognito)
        device, access_token = confirm_device(cognito, client_id)
        with pytest.raises(ClientError, match="Device key already exists"):
            device.confirm(cognito, access_token)
    printed = log.read_text().splitlines()
    assert sum(line.startswith("ConfirmDevice: DeviceKeyExistsException: Device key already") for line in printed) == 1


@pytest.mark.slow
def test_pytest_shows_it_with_the_test_that_failed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile("""
        from moto import mock_aws
        from tests.scripts import cognito_client, confirm_device, pool_with_user

        @mock_aws
        def test_it():
            cognito = cognito_client()
            _, client_id = pool_with_user(cognito)
            device, access_token = confirm_device(cognito, client_id)
            cognito.forget_device(AccessToken=access_token, DeviceKey=device.device_key)
            device.confirm(cognito, access_token)
    """)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["WARNING*ConfirmDevice: InvalidParameterException: Invalid device key given. It *"])


@pytest.mark.slow
def test_a_program_that_asks_for_no_log_gets_none() -> None:
    printed = run_python("""
from moto import mock_aws
import moto_cognito_devices.auto
from tests.scripts import *
with mock_aws():
    cognito = cognito_client()
    _, client_id = pool_with_user(cognito)
    device, access_token = confirm_device(cognito, client_id)
    try:
        device.confirm(cognito, access_token)
    except cognito.exceptions.ClientError as error:
        print(error.response["Error"]["Message"])
""")
    assert printed == "Device key already exists.\n"


def refresh(pool: UserPool, tokens: dict[str, Any], device_key: str | None, client_id: str | None = None) -> Any:
    optional = {"DeviceKey": device_key} if device_key else {}
    return pool.cognito.get_tokens_from_refresh_token(
        ClientId=client_id or pool.client_id, RefreshToken=tokens["RefreshToken"], **optional
    )
