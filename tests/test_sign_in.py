"""A sign-in around its factors: who may, by which name and flow; its sessions; its tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from freezegun import freeze_time
from moto.moto_api._internal import mock_random

from moto_cognito_devices.testing import Device, SrpClient, sign_in

from .conftest import MakePool
from .support import ALWAYS, CODE, PASSWORD, WRONG_PROOF, UserPool, refused
from .test_attacks import EXPIRED_SESSION, INVALID_SESSION, SPENT_SESSION
from .test_device_sign_in import FIRST_FACTOR_MISSING, Proof, due_device, proof_in_progress
from .test_mfa import FLOWS, every_flow, first_challenge, of_choice

RESET_REQUIRED = ("PasswordResetRequiredException", "Password reset required for the user")
UNCONFIRMED = ("UserNotConfirmedException", "User is not confirmed.")
UNKNOWN = ("UserNotFoundException", "User does not exist.")
PASSWORD_FLOWS = [flow for flow in FLOWS if flow != "USER_SRP_AUTH"]


def begin(pool: UserPool, flow: str, username: str = "ada", client_id: str | None = None, **parameters: str) -> Any:
    """InitiateAuth or AdminInitiateAuth, as the flow wants it."""
    request: dict[str, Any] = {
        "ClientId": client_id or pool.client_id,
        "AuthFlow": flow,
        "AuthParameters": pool.parameters(username, **of_choice(flow), **parameters),
    }
    if flow.startswith("ADMIN"):
        return pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **request)
    return pool.cognito.initiate_auth(**request)


def tokens_by(pool: UserPool, flow: str, username: str = "ada", password: str = PASSWORD) -> dict[str, Any]:
    """Sign in by a flow, with nothing but the password."""
    if flow == "USER_SRP_AUTH":
        return sign_in(pool.cognito, pool.client_id, username, password, user_pool_id=pool.id)
    result: dict[str, Any] = begin(pool, flow, username, PASSWORD=password)["AuthenticationResult"]
    return result


def claims(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def another_client(pool: UserPool, **options: Any) -> str:
    client_id: str = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other", **options)[
        "UserPoolClient"
    ]["ClientId"]
    return client_id


# The user's state
def require_reset(pool: UserPool) -> None:
    address = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]
    pool.cognito.admin_update_user_attributes(UserPoolId=pool.id, Username="ada", UserAttributes=address)
    pool.cognito.admin_reset_user_password(UserPoolId=pool.id, Username="ada")


@pytest.mark.observed("identity-js #98, #174: refused until ConfirmForgotPassword, and signed in after it")
@every_flow
def test_a_user_who_must_reset_the_password_is_refused_until_it_is_reset(pool: UserPool, flow: str) -> None:
    device, _ = pool.confirmed_device()
    require_reset(pool)
    with refused(*RESET_REQUIRED):
        tokens_by(pool, flow)
    pool.cognito.forgot_password(ClientId=pool.client_id, Username="ada")
    pool.cognito.confirm_forgot_password(
        ClientId=pool.client_id, Username="ada", ConfirmationCode=CODE, Password="Another-horse-8"
    )
    assert pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada")["UserStatus"] == "CONFIRMED"
    assert tokens_by(pool, flow, password="Another-horse-8")
    # amplify-js #3364, #4368: remembered devices stay remembered.
    assert sign_in(pool.cognito, pool.client_id, "ada", "Another-horse-8", device=device)


@pytest.mark.conflicting("PostConfirmation_ConfirmForgotPassword is a trigger source; no source says what it confirms")
def test_a_new_password_by_code_leaves_other_states_as_they_are(pool: UserPool) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    pool.cognito.forgot_password(ClientId=pool.client_id, Username="new")
    pool.cognito.confirm_forgot_password(
        ClientId=pool.client_id, Username="new", ConfirmationCode=CODE, Password="Another-horse-8"
    )
    assert pool.cognito.admin_get_user(UserPoolId=pool.id, Username="new")["UserStatus"] == "UNCONFIRMED"


@pytest.mark.inferred("that a reset is due is told to who knows the password")
@every_flow
def test_a_wrong_password_tells_nothing_of_a_reset(pool: UserPool, flow: str) -> None:
    require_reset(pool)
    with refused(*WRONG_PROOF):
        tokens_by(pool, flow, password="Wrong-horse-7")


@pytest.mark.observed("aws-sdk-js #4608, amplify-js #11209, #11488: whatever the password, in every flow")
@every_flow
@pytest.mark.parametrize("password", [PASSWORD, "Wrong-horse-7"])
def test_an_unconfirmed_user_is_told_so_whatever_the_password(pool: UserPool, flow: str, password: str) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    with refused(*UNCONFIRMED):
        tokens_by(pool, flow, "new", password)
    pool.cognito.admin_confirm_sign_up(UserPoolId=pool.id, Username="new")
    assert tokens_by(pool, flow, "new")


@pytest.mark.observed("'User is disabled.' in every flow")
@every_flow
def test_a_disabled_user_is_refused(pool: UserPool, flow: str) -> None:
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        tokens_by(pool, flow)


def test_a_password_that_is_reset_is_no_new_one_for_a_temporary_one(moto_pool: UserPool) -> None:
    pool = moto_pool
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    pool.cognito.confirm_forgot_password(
        ClientId=pool.client_id, Username="ada", ConfirmationCode="123456", Password=PASSWORD
    )
    assert pool.initiate()["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@every_flow
@pytest.mark.parametrize("days", [None, 3])
def test_a_temporary_password_expires(make_moto_pool: MakePool, flow: str, days: int | None) -> None:
    """The text is one of AWS's: 'Temporary password has expired and must be reset by an administrator.'"""
    policy = {"MinimumLength": 8, **({"TemporaryPasswordValidityDays": days} if days else {})}
    with freeze_time("2031-01-01") as clock:
        pool = make_moto_pool(Policies={"PasswordPolicy": policy})
        user = {"UserPoolId": pool.id, "Username": "ada"}
        pool.cognito.admin_create_user(**user, TemporaryPassword="Temporary-1", MessageAction="SUPPRESS")
        clock.tick(86400 * (days or 7) - 1)
        assert first_challenge(pool, flow, password="Temporary-1")
        # What else is changed of the user makes the password no younger.
        pool.cognito.admin_update_user_attributes(**user, UserAttributes=[{"Name": "nickname", "Value": "countess"}])
        clock.tick(1)
        with refused("NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."):
            tokens_by(pool, flow, password="Temporary-1")
        pool.cognito.admin_set_user_password(**user, Password="Temporary-2", Permanent=False)
        assert first_challenge(pool, flow, password="Temporary-2")


@pytest.mark.documented("PreventUserExistenceErrors ENABLED: one error for an unknown user and a wrong password")
@every_flow
def test_who_exists_is_not_told_where_the_client_says_so(make_pool: MakePool, flow: str) -> None:
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    for username, password in (("nobody", PASSWORD), ("ada", "Wrong-horse-7")):
        with refused(*WRONG_PROOF):
            tokens_by(pool, flow, username, password)
    assert tokens_by(pool, flow)


@pytest.mark.observed("ministack #1574, localstack #8405: LEGACY, which tells, is the default")
@every_flow
@pytest.mark.parametrize("options", [{}, {"PreventUserExistenceErrors": "LEGACY"}])
def test_who_exists_is_told_by_default(make_pool: MakePool, flow: str, options: dict[str, str]) -> None:
    pool = make_pool(client=options)
    with refused(*UNKNOWN):
        tokens_by(pool, flow, "nobody")


# Names
@pytest.mark.observed("identity-js #410, #398, #514; measured on AWS by e-mail alias (ministack PR #1758)")
@every_flow
@pytest.mark.parametrize("alias", ["email", "phone_number", "preferred_username"])
def test_an_alias_signs_in(make_pool: MakePool, flow: str, alias: str) -> None:
    value = {"email": "ada@example.com", "phone_number": "+15555550108", "preferred_username": "lovelace"}[alias]
    pool = make_pool(AliasAttributes=["email", "phone_number", "preferred_username"])
    verified = {} if alias == "preferred_username" else {f"{alias}_verified": "true"}
    pool.add_user(**{alias: value, **verified})
    assert claims(tokens_by(pool, flow, value)["AccessToken"])["username"] == "ada"
    assert claims(tokens_by(pool, flow)["AccessToken"])["username"] == "ada"
    with refused(*UNKNOWN):
        tokens_by(pool, flow, f"{value}x")


@pytest.mark.observed("an unverified address is nobody's; of two users with one address it is who verified it")
@every_flow
@pytest.mark.parametrize("verified", [{}, {"email_verified": "false"}])
def test_an_unverified_address_signs_nobody_in(make_pool: MakePool, flow: str, verified: dict[str, str]) -> None:
    pool = make_pool(AliasAttributes=["email"])
    pool.add_user("first", email="ada@example.com", **verified)
    with refused(*UNKNOWN):
        tokens_by(pool, flow, "ada@example.com")
    pool.add_user("second", email="ada@example.com", email_verified="true")
    assert claims(tokens_by(pool, flow, "ada@example.com")["AccessToken"])["username"] == "second"


@pytest.mark.documented("AliasAttributes: only what the pool names is an alias")
@every_flow
def test_an_address_is_no_alias_where_the_pool_does_not_say_so(make_pool: MakePool, flow: str) -> None:
    pool = make_pool(AliasAttributes=["phone_number"])
    pool.add_user(email="ada@example.com", email_verified="true")
    with refused(*UNKNOWN):
        tokens_by(pool, flow, "ada@example.com")


@pytest.mark.observed("amplify-js #4047: an alias as USERNAME in the last answer leads to 'Invalid device key given.'")
@pytest.mark.parametrize("options", [{"AliasAttributes": ["email"]}, {"UsernameAttributes": ["email"]}])
def test_an_alias_in_the_last_answer_gives_a_key_that_can_not_be_confirmed(
    make_pool: MakePool, options: dict[str, Any]
) -> None:
    pool = make_pool(**options)
    alias = "ada@example.com"
    name = pool.add_user(alias if "UsernameAttributes" in options else "ada", email=alias, email_verified="true")
    pool.enable_sms_mfa(name)
    for answered_as in (alias, name):
        challenge = pool.initiate(alias)
        tokens = pool.answer(challenge, answered_as, SMS_MFA_CODE=CODE)["AuthenticationResult"]
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        if answered_as == alias:
            with refused("InvalidParameterException", "Invalid device key given."):
                device.confirm(pool.cognito, tokens["AccessToken"])
        else:
            device.confirm(pool.cognito, tokens["AccessToken"])


@pytest.mark.documented("Username in the service model: an alias is one that the user has verified")
def test_administrators_reach_by_an_address_the_user_who_verified_it(make_pool: MakePool) -> None:
    pool = make_pool(AliasAttributes=["email"])
    for name, verified in (("first", "false"), ("second", "true")):
        pool.add_user(name, email="ada@example.com", email_verified=verified)
    firsts, _ = pool.confirmed_device("first")
    seconds, _ = pool.confirmed_device("second")
    of_address = {"UserPoolId": pool.id, "Username": "ada@example.com"}
    assert list(pool.admin_devices("ada@example.com")) == [seconds.device_key]
    with refused("ResourceNotFoundException", "Device does not exist."):
        pool.cognito.admin_forget_device(**of_address, DeviceKey=firsts.device_key)
    with refused("ResourceNotFoundException", "Device does not exist."):
        pool.cognito.admin_get_device(**of_address, DeviceKey=firsts.device_key)
    pool.cognito.admin_update_device_status(
        **of_address, DeviceKey=seconds.device_key, DeviceRememberedStatus="not_remembered"
    )
    pool.cognito.admin_forget_device(**of_address, DeviceKey=seconds.device_key)
    assert list(pool.admin_devices("first")) == [firsts.device_key]
    assert list(pool.admin_devices("second")) == []


# Flows
@pytest.mark.observed("floci PR #3974 and many threads: the text, with the flow's name")
@pytest.mark.parametrize("flow", [*FLOWS, "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"])
def test_a_flow_that_the_client_does_not_list_is_refused(pool: UserPool, flow: str) -> None:
    listed = ["ALLOW_CUSTOM_AUTH" if flow == "USER_AUTH" else "ALLOW_USER_AUTH"]
    client_id = another_client(pool, ExplicitAuthFlows=listed)
    parameters = {"SRP_A": SrpClient().srp_a, "PASSWORD": PASSWORD, "REFRESH_TOKEN": "x"}
    with refused("InvalidParameterException", f"{flow} flow not enabled for this client"):
        begin(pool, flow, client_id=client_id, **parameters)


@pytest.mark.observed("ADMIN_USER_PASSWORD_AUTH and ADMIN_NO_SRP_AUTH mean each other; values without ALLOW_ count")
@pytest.mark.parametrize(
    ("listed", "flow"),
    [
        ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
        ("USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
        ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"),
        ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
        ("ADMIN_NO_SRP_AUTH", "ADMIN_NO_SRP_AUTH"),
        ("ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"),
    ],
)
def test_a_flow_that_the_client_lists_signs_in(pool: UserPool, listed: str, flow: str) -> None:
    client_id = another_client(pool, ExplicitAuthFlows=[listed])
    assert "AuthenticationResult" in begin(pool, flow, client_id=client_id, PASSWORD=PASSWORD)
    other = "USER_PASSWORD_AUTH" if flow.startswith("ADMIN") else "ADMIN_USER_PASSWORD_AUTH"
    with refused("InvalidParameterException", f"{other} flow not enabled for this client"):
        begin(pool, other, client_id=client_id, PASSWORD=PASSWORD)


@pytest.mark.inferred("the values from before ALLOW_ were in addition to SRP, CUSTOM_AUTH and refresh")
def test_a_client_of_old_can_always_sign_in_by_srp_and_refresh(pool: UserPool) -> None:
    client_id = another_client(pool, ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH"])
    tokens = sign_in(pool.cognito, client_id, "ada", PASSWORD, user_pool_id=pool.id)
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    refresh = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    assert "AuthenticationResult" in begin(pool, "REFRESH_TOKEN_AUTH", client_id=client_id, **refresh)
    only_custom = another_client(pool, ExplicitAuthFlows=["CUSTOM_AUTH_FLOW_ONLY"])
    # Seen for this client, with one of its answers (amplify-js #3379).
    with refused("InvalidParameterException", "Only custom auth (lambda driven) is enabled for this client."):
        sign_in(pool.cognito, only_custom, "ada", PASSWORD, user_pool_id=pool.id)


@pytest.mark.inferred("parameters that a flow doesn't know are passed over, as everywhere")
@pytest.mark.parametrize("parameter", ["ACCESS_TOKEN", "TARGET_ACR_VALUES"])
def test_what_asks_for_a_step_up_is_nothing_to_the_other_flows(pool: UserPool, parameter: str) -> None:
    assert "AuthenticationResult" in begin(pool, "USER_PASSWORD_AUTH", PASSWORD=PASSWORD, **{parameter: "x"})


@pytest.mark.conflicting("the model: SRP, CUSTOM_AUTH and refresh only; most tests on moto are written without a list")
@every_flow
def test_a_client_without_a_list_may_use_every_flow(pool: UserPool, flow: str) -> None:
    client_id = another_client(pool)
    if flow == "USER_SRP_AUTH":
        assert sign_in(pool.cognito, client_id, "ada", PASSWORD, user_pool_id=pool.id)
    else:
        assert "AuthenticationResult" in begin(pool, flow, client_id=client_id, PASSWORD=PASSWORD)


@pytest.mark.inferred("moto's text for a flow of the other operation")
def test_a_flow_of_the_other_operation_is_refused(pool: UserPool) -> None:
    request = {"ClientId": pool.client_id, "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD}}
    with refused("InvalidParameterException", "Initiate Auth method not supported"):
        pool.cognito.initiate_auth(**request, AuthFlow="ADMIN_USER_PASSWORD_AUTH")
    with refused("InvalidParameterException", "Initiate Auth method not supported"):
        pool.cognito.admin_initiate_auth(**request, UserPoolId=pool.id, AuthFlow="USER_PASSWORD_AUTH")


@pytest.mark.observed("amplify-js #5623, #6327: CUSTOM_AUTH in a pool without triggers")
@pytest.mark.parametrize("admin", [False, True])
def test_custom_auth_without_triggers_is_told(pool: UserPool, admin: bool) -> None:
    request = {"ClientId": another_client(pool), "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "ada"}}
    with refused("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."):
        if admin:
            pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **request)
        else:
            pool.cognito.initiate_auth(**request)


@pytest.mark.observed("the form of the text, for a function that can't be called; here nobody answers for one")
def test_custom_auth_with_a_trigger_that_nobody_answers_for_is_told(make_pool: MakePool) -> None:
    pool = make_pool(LambdaConfig={"DefineAuthChallenge": "arn:aws:lambda:eu-west-1:123456789012:function:define"})
    pool.add_user()
    with refused(
        "UnexpectedLambdaException", "DefineAuthChallenge invocation failed due to error ResourceNotFoundException."
    ):
        begin(pool, "CUSTOM_AUTH", client_id=another_client(pool))


@pytest.mark.observed("the texts of parameters that are missing")
@pytest.mark.parametrize("flow", [flow for flow in PASSWORD_FLOWS if flow != "USER_AUTH"])
@pytest.mark.parametrize("member", ["USERNAME", "PASSWORD"])
def test_a_missing_parameter_is_told(pool: UserPool, flow: str, member: str) -> None:
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD, member: ""}
    with refused("InvalidParameterException", f"Missing required parameter {member}"):
        begin(pool, flow, **parameters) if member == "PASSWORD" else begin(pool, flow, "", PASSWORD=PASSWORD)


# New passwords and required attributes
REQUIRED = [{"Name": name, "AttributeDataType": "String", "Required": True} for name in ("given_name", "address")]


def with_required_attributes(
    make_pool: MakePool, client: dict[str, Any] | None = None, **attributes: str
) -> tuple[UserPool, dict[str, Any]]:
    """A pool whose schema requires attributes, and the challenge of a user with a temporary password."""
    nickname = {"Name": "nickname", "AttributeDataType": "String", "Mutable": True}
    pool = make_pool(Schema=[*REQUIRED, nickname], client=client)
    pool.cognito.admin_create_user(
        UserPoolId=pool.id,
        Username="ada",
        TemporaryPassword="Temporary-1",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )
    return pool, pool.initiate(password="Temporary-1")


def attributes_of(pool: UserPool) -> dict[str, str]:
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada")
    return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}


@pytest.mark.observed("aws-sdk-js #1290 shows the list; identity-js #180 a raw answer: both are JSON texts")
def test_a_new_password_challenge_names_the_attributes_that_lack(make_pool: MakePool) -> None:
    _, challenge = with_required_attributes(make_pool, given_name="Ada", email="ada@example.com")
    parameters = challenge["ChallengeParameters"]
    assert json.loads(parameters["requiredAttributes"]) == ["userAttributes.address"]
    assert json.loads(parameters["userAttributes"]) == {
        "given_name": "Ada",
        "email": "ada@example.com",
        "address": "",
    }


@pytest.mark.observed("aws-sdk-js #1290, net-extensions #40, warrant #51: the text, for one and for two")
def test_a_new_password_without_a_required_attribute_is_refused(make_pool: MakePool) -> None:
    pool, challenge = with_required_attributes(make_pool)
    given = {"userAttributes.address": "1 Byron Way"}
    with refused("InvalidParameterException", "Invalid attributes given, given_name and address is missing"):
        pool.answer(challenge, NEW_PASSWORD=PASSWORD)
    with refused("InvalidParameterException", "Invalid attributes given, given_name is missing"):
        pool.answer(challenge, NEW_PASSWORD=PASSWORD, **given)
    assert "address" not in attributes_of(pool)
    given["userAttributes.given_name"] = "Ada"
    assert "AuthenticationResult" in pool.answer(challenge, NEW_PASSWORD=PASSWORD, **given)
    assert attributes_of(pool)["given_name"] == "Ada"
    assert attributes_of(pool)["address"] == "1 Byron Way"


@pytest.mark.documented("NEW_PASSWORD_REQUIRED in the service model: other writable attributes too")
def test_a_new_password_brings_further_attributes(pool: UserPool) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1")
    pool.answer(challenge, NEW_PASSWORD=PASSWORD, **{"userAttributes.nickname": "the countess"})
    assert attributes_of(pool)["nickname"] == "the countess"


@pytest.mark.inferred("null is absent, as it is for DEVICE_KEY")
def test_an_attribute_that_is_null_is_not_given(pool: UserPool) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    responses = {"USERNAME": "ada", "NEW_PASSWORD": PASSWORD, "userAttributes.nickname": None}
    answer = {
        "ClientId": pool.client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": pool.initiate(password="Temporary-1")["Session"],
        "ChallengeResponses": responses,
    }
    assert "AuthenticationResult" in pool.target.post("RespondToAuthChallenge", answer).json()
    assert "nickname" not in attributes_of(pool)


@pytest.mark.observed("aws-saas-factory-bootcamp #67, amplify-js #10491: 'Cannot modify an already provided …'")
def test_a_required_attribute_that_has_a_value_can_not_be_changed(make_pool: MakePool) -> None:
    pool, challenge = with_required_attributes(make_pool, given_name="Ada", address="1 Byron Way")
    with refused("NotAuthorizedException", "Cannot modify an already provided given_name"):
        pool.answer(challenge, NEW_PASSWORD=PASSWORD, **{"userAttributes.given_name": "Eve"})
    assert attributes_of(pool)["given_name"] == "Ada"
    assert "AuthenticationResult" in pool.answer(challenge, NEW_PASSWORD=PASSWORD)


@pytest.mark.observed("identity-js PR #232, ember-cognito PR #87: not taken back; the text is inferred")
@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "sub"])
def test_that_an_address_is_verified_is_not_for_the_user_to_say(pool: UserPool, name: str) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1")
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        pool.answer(challenge, NEW_PASSWORD=PASSWORD, **{f"userAttributes.{name}": "true"})
    assert attributes_of(pool).get(name) != "true"
    assert "AuthenticationResult" in pool.answer(challenge, NEW_PASSWORD=PASSWORD)


@pytest.mark.inferred("what UpdateUserAttributes refuses, and with its texts")
def test_only_attributes_that_the_client_may_write_are_taken(make_pool: MakePool) -> None:
    schema = [{"Name": "team", "AttributeDataType": "String", "Mutable": False}]
    pool = make_pool(Schema=schema, client={"WriteAttributes": ["nickname", "custom:team"]})
    pool.cognito.admin_create_user(
        UserPoolId=pool.id,
        Username="ada",
        TemporaryPassword="Temporary-1",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "custom:team", "Value": "engines"}],
    )
    challenge = pool.initiate(password="Temporary-1")

    def answer(name: str) -> None:
        pool.answer(challenge, NEW_PASSWORD=PASSWORD, **{f"userAttributes.{name}": "x"})

    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        answer("profile")
    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: custom:none: Attribute does not exist in the schema.",
    ):
        answer("custom:none")
    with refused("InvalidParameterException", "user.custom:team: Attribute cannot be updated."):
        answer("custom:team")
    answer("nickname")


@pytest.mark.inferred("AWS wants required attributes to be writable; else nobody could choose a new password")
def test_a_required_attribute_is_taken_though_the_client_may_not_write_it(make_pool: MakePool) -> None:
    pool, challenge = with_required_attributes(make_pool, {"WriteAttributes": ["nickname"]})
    given = {"userAttributes.given_name": "Ada", "userAttributes.address": "1 Byron Way"}
    assert "AuthenticationResult" in pool.answer(challenge, NEW_PASSWORD=PASSWORD, **given)
    assert attributes_of(pool)["given_name"] == "Ada"


@pytest.mark.inferred("the standard attributes are each pool's, whatever its schema names, and mutable")
def test_a_new_password_changes_a_standard_attribute_that_the_schema_does_not_name(make_pool: MakePool) -> None:
    given = {"profile": "before", "nickname": "before"}  # nickname it names, as mutable
    pool, challenge = with_required_attributes(make_pool, None, given_name="Ada", address="1 Byron Way", **given)
    changed = {f"userAttributes.{name}": "now" for name in given}
    assert "AuthenticationResult" in pool.answer(challenge, NEW_PASSWORD=PASSWORD, **changed)
    assert [attributes_of(pool)[name] for name in given] == ["now", "now"]


@pytest.mark.documented("InvalidPasswordException: the pool's policy")
def test_a_new_password_against_the_policy_leaves_the_challenge_open(pool: UserPool) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1")
    with pytest.raises(pool.cognito.exceptions.InvalidPasswordException):
        pool.answer(challenge, NEW_PASSWORD="short")
    with refused(*WRONG_PROOF):
        tokens_by(pool, "USER_PASSWORD_AUTH", password="short")
    assert "AuthenticationResult" in pool.answer(challenge, NEW_PASSWORD=PASSWORD)


@pytest.mark.inferred("a phone number that comes with the new password counts from the next step on")
def test_a_phone_number_that_comes_with_the_new_password_gets_the_code(make_pool: MakePool) -> None:
    sms = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}
    pool = make_pool(MfaConfiguration="ON", SmsConfiguration=sms)
    pool.add_user()
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1")
    code = pool.answer(challenge, NEW_PASSWORD=PASSWORD, **{"userAttributes.phone_number": "+15555550108"})
    assert code["ChallengeName"] == "SMS_MFA"
    assert code["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "+*******0108"


# Sessions
@pytest.mark.observed("amplify-js #13123, reapit/foundations #9684")
def test_a_session_is_good_once(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1")
    code = pool.answer(challenge, NEW_PASSWORD=PASSWORD)
    with refused(*SPENT_SESSION):
        pool.answer(challenge, NEW_PASSWORD="Mallorys-horse-7")
    pool.answer(code, SMS_MFA_CODE=CODE)
    with refused(*SPENT_SESSION):
        pool.answer(code, SMS_MFA_CODE=CODE)


def test_a_session_that_ran_out_is_told_from_one_that_never_was(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    pool.enable_sms_mfa()
    with freeze_time("2031-01-01") as clock:
        challenge, spent = pool.initiate(), pool.initiate()
        pool.answer(spent, SMS_MFA_CODE=CODE)
        clock.tick(180)
        with refused(*EXPIRED_SESSION):
            pool.answer(challenge, SMS_MFA_CODE=CODE)
        with refused(*SPENT_SESSION):
            pool.answer(spent, SMS_MFA_CODE=CODE)
        clock.tick(180)  # for as long as a session lasts; then it is forgotten
        pool.initiate()
        for forgotten in (challenge, spent, {**challenge, "Session": "x" * 36}):
            with refused(*INVALID_SESSION):
                pool.answer(forgotten, SMS_MFA_CODE=CODE)


def test_where_moto_is_seeded_as_before_the_latest_session_of_a_name_counts(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    pool.add_user("bob")
    pool.enable_sms_mfa("bob")
    device, _ = pool.confirmed_device()

    def seeded(*begins: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
        begun = []
        for begin_one in begins:
            mock_random.seed(42)
            begun.append(begin_one())
        assert len({one["Session"] for one in begun}) == 1
        return begun

    state = mock_random.getstate()
    with freeze_time("2031-01-01") as clock:
        seeded(lambda: due_device(pool, device), lambda: pool.initiate("bob"), lambda: due_device(pool, device))
        clock.tick(120)
        latest = seeded(lambda: pool.initiate("bob"))[0]
        clock.tick(2 * 180 - 120)
        assert pool.initiate("bob")["ChallengeName"] == "SMS_MFA"  # and those before are forgotten
        with refused(*EXPIRED_SESSION):
            pool.answer(latest, "bob", SMS_MFA_CODE=CODE)
        clock.tick(120)
        assert pool.initiate("bob")["ChallengeName"] == "SMS_MFA"
        with refused(*INVALID_SESSION):
            pool.answer(latest, "bob", SMS_MFA_CODE=CODE)
    mock_random.setstate(state)


@pytest.mark.inferred("who is told that a session was answered is its own user, by its own client")
def test_a_spent_session_of_another_user_is_an_invalid_one(pool: UserPool) -> None:
    pool.add_user("mallory")
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    pool.answer(challenge, SMS_MFA_CODE=CODE)
    with refused(*INVALID_SESSION):
        pool.answer(challenge, "mallory", SMS_MFA_CODE=CODE)


@pytest.mark.observed("dart-2 #241: an answer without a session")
def test_a_missing_session_is_told(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    with refused("InvalidParameterException", "Missing required parameter Session"):
        pool.answer({**challenge, "Session": None}, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("a challenge that is never asked is answered in no session")
@pytest.mark.parametrize("name", ["WEB_AUTHN", "ADMIN_NO_SRP_AUTH"])
def test_an_answer_to_what_nobody_is_asked_is_refused(pool: UserPool, name: str) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    with refused(*INVALID_SESSION):
        pool.answer({**challenge, "ChallengeName": name}, ANSWER=CODE)
    assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)


# Configuration that changes in the midst of a sign-in
@pytest.mark.inferred("it counts from the next step on: without tracking there is no device's step")
def test_the_devices_step_ends_with_tracking(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    due = due_device(pool, device)
    proof = proof_in_progress(pool, device)
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    with refused(*INVALID_SESSION):
        Proof(pool, device).start(due["Session"])
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()
    with refused(*INVALID_SESSION):
        proof.finish()
    assert "AccessToken" in pool.tokens(device_key=device.device_key)


@pytest.mark.inferred("it counts from the next step on: the code is still right, and there is no device")
def test_a_code_that_is_due_when_tracking_ends_gives_tokens_without_a_device(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    tokens = pool.answer(challenge, SMS_MFA_CODE=CODE)["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims(tokens["AccessToken"])


@pytest.mark.inferred("botocore's model: responses are texts, also after tracking was switched off")
def test_an_answer_of_other_types_after_the_end_of_tracking_is_refused(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    body = {
        "ClientId": pool.client_id,
        "ChallengeName": "SMS_MFA",
        "Session": challenge["Session"],
        "ChallengeResponses": {"USERNAME": 5, "SMS_MFA_CODE": CODE},
    }
    response = pool.target.post("RespondToAuthChallenge", body)
    assert (response.status_code, response.json()["__type"]) == (400, "SerializationException")
    assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("it counts from the next step on: a device that no longer waives MFA")
def test_a_device_that_stops_to_waive_mfa_before_its_proof_is_asked_for_the_code(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    configuration = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=configuration)
    code = proof.finish()
    assert code["ChallengeName"] == "SMS_MFA"
    tokens = pool.answer(code, SMS_MFA_CODE=CODE, DEVICE_KEY=device.device_key)["AuthenticationResult"]
    assert claims(tokens["AccessToken"])["device_key"] == device.device_key


@pytest.mark.inferred("the proof of one device is not another's")
def test_the_proof_of_one_device_does_not_count_for_another(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    other, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    configuration = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=configuration)
    code = proof.finish()
    due = pool.answer(code, SMS_MFA_CODE=CODE, DEVICE_KEY=other.device_key)
    assert due["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert due["ChallengeParameters"]["DEVICE_KEY"] == other.device_key


@pytest.mark.observed("aws-sdk-php #2183: the text")
def test_a_client_that_was_deleted_in_the_midst_is_told(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    srp_client = SrpClient()
    code, password = pool.initiate(), begin(pool, "USER_SRP_AUTH", SRP_A=srp_client.srp_a)
    proof = srp_client.answer(password["ChallengeParameters"], pool.id.split("_", 1)[1], "ada", PASSWORD)
    pool.cognito.delete_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id)
    for challenge, responses in ((code, {"SMS_MFA_CODE": CODE}), (password, proof)):
        with refused("ResourceNotFoundException", f"User pool client {pool.client_id} does not exist."):
            pool.answer(challenge, **responses)


@pytest.mark.observed("aws-sdk-php #2183: the text for an app client that is not the pool's")
def test_an_administrator_names_the_pool_of_the_client(make_pool: MakePool) -> None:
    pool, other = make_pool(), make_pool()
    pool.add_user()
    pool.enable_sms_mfa()
    password = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    code = {"USERNAME": "ada", "SMS_MFA_CODE": CODE}
    begins = {"ClientId": pool.client_id, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": password}
    challenge = pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **begins)
    answers = {"ClientId": pool.client_id, "ChallengeName": "SMS_MFA", "ChallengeResponses": code}
    answers["Session"] = challenge["Session"]
    unknown_pool = f"{pool.target.region}_unknown00"
    for pool_id, message in (
        (other.id, f"User pool client {pool.client_id} does not exist."),
        (unknown_pool, f"User pool {unknown_pool} does not exist."),
    ):
        with refused("ResourceNotFoundException", message):
            pool.cognito.admin_initiate_auth(UserPoolId=pool_id, **begins)
        with refused("ResourceNotFoundException", message):
            pool.cognito.admin_respond_to_auth_challenge(UserPoolId=pool_id, **answers)
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **{**begins, "ClientId": "unknown"})
    assert "AuthenticationResult" in pool.cognito.admin_respond_to_auth_challenge(UserPoolId=pool.id, **answers)


@pytest.mark.inferred("the user's state is looked at again at each step")
@pytest.mark.parametrize("change", ["disabled", "reset"])
def test_a_user_whose_state_changes_in_the_midst_gets_no_tokens(pool: UserPool, change: str) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    if change == "disabled":
        pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
        with refused("NotAuthorizedException", "User is disabled."):
            pool.answer(challenge, SMS_MFA_CODE=CODE)
        pool.cognito.admin_enable_user(UserPoolId=pool.id, Username="ada")
        assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)
    else:
        require_reset(pool)
        with refused(*RESET_REQUIRED):
            pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("the user's state is looked at again at each step")
def test_a_second_temporary_password_in_the_midst_is_changed_too(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    temporary = {"UserPoolId": pool.id, "Username": "ada", "Password": "Temporary-1", "Permanent": False}
    pool.cognito.admin_set_user_password(**temporary)
    code = pool.answer(pool.initiate(password="Temporary-1"), NEW_PASSWORD=PASSWORD)
    assert code["ChallengeName"] == "SMS_MFA"
    pool.cognito.admin_set_user_password(**temporary)
    again = pool.answer(code, SMS_MFA_CODE=CODE)
    assert again["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AuthenticationResult" in pool.answer(again, NEW_PASSWORD=PASSWORD)


@pytest.mark.documented("AWS's Java example: a device that was confirmed through another client of the pool signs in")
def test_a_device_signs_in_through_another_client_of_the_pool(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    other = another_client(pool)
    tokens = sign_in(pool.cognito, other, "ada", PASSWORD, device=device)
    assert claims(tokens["AccessToken"])["client_id"] == other
    assert "NewDeviceMetadata" not in tokens


# Tokens
@pytest.mark.observed("decoded access tokens of AWS: these claims, in this order")
@every_flow
def test_access_tokens_have_awss_claims_in_their_order(pool: UserPool, flow: str) -> None:
    order = ["sub", "device_key", "iss", "client_id", "origin_jti", "event_id", "token_use", "scope"]
    order += ["auth_time", "exp", "iat", "jti", "username"]
    tokens = tokens_by(pool, flow)
    assert list(claims(tokens["AccessToken"])) == order
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="staff")
    pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, GroupName="staff", Username="ada")
    tokens = tokens_by(pool, flow)
    assert list(claims(tokens["AccessToken"])) == [*order[:2], "cognito:groups", *order[2:]]
    assert claims(tokens["AccessToken"])["cognito:groups"] == ["staff"]
    assert claims(tokens["IdToken"])["cognito:groups"] == ["staff"]


@pytest.mark.observed("decoded tokens of AWS: event_id and origin_jti are those of the sign-in, also when refreshed")
def test_all_tokens_of_a_sign_in_share_its_event(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    refresh = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    refreshed = begin(pool, "REFRESH_TOKEN_AUTH", **refresh)["AuthenticationResult"]
    family = [claims(result[name]) for result in (tokens, refreshed) for name in ("AccessToken", "IdToken")]
    other = claims(pool.tokens()["AccessToken"])
    for name in ("event_id", "origin_jti", "auth_time"):
        assert len({c[name] for c in family}) == 1
    assert len({c["jti"] for c in family}) == 4
    assert family[0]["event_id"] != other["event_id"]


@pytest.mark.observed("localstack #8456, #8485, the service model: as the client says; no unit is hours; ExpiresIn too")
@pytest.mark.parametrize(
    ("options", "access", "identity"),
    [
        ({}, 3600, 3600),
        ({"AccessTokenValidity": 5, "TokenValidityUnits": {"AccessToken": "minutes"}}, 300, 3600),
        ({"AccessTokenValidity": 2, "IdTokenValidity": 3}, 7200, 10800),
        (
            {
                "AccessTokenValidity": 1,
                "IdTokenValidity": 600,
                "TokenValidityUnits": {"AccessToken": "days", "IdToken": "seconds"},
            },
            86400,
            600,
        ),
    ],
)
def test_tokens_last_as_the_client_says(
    make_pool: MakePool, options: dict[str, Any], access: int, identity: int
) -> None:
    pool = make_pool(client=options)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    refresh = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    for result in (tokens, begin(pool, "REFRESH_TOKEN_AUTH", **refresh)["AuthenticationResult"]):
        assert result["ExpiresIn"] == access
        for name, seconds in (("AccessToken", access), ("IdToken", identity)):
            decoded = claims(result[name])
            assert decoded["exp"] - decoded["iat"] == seconds


def test_tokens_count_from_the_devices_proof(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    device, _ = pool.confirmed_device()
    with freeze_time("2031-01-01 00:00:00") as clock:
        due_device(pool, device)
        clock.tick(120)
        proof = Proof(pool, device)
        proof.start()
        clock.tick(60)
        decoded = claims(proof.finish()["AuthenticationResult"]["AccessToken"])
        assert decoded["auth_time"] == decoded["iat"] == decoded["exp"] - 3600 == int(time.time())


@pytest.mark.inferred("tokens are good with the pool's public key, as moto serves it")
def test_tokens_verify_with_the_pools_public_key(pool: UserPool) -> None:
    from .test_pycognito import public_keys

    keys = json.loads(public_keys())["keys"]
    tokens = pool.tokens()
    for name in ("AccessToken", "IdToken"):
        header = jwt.get_unverified_header(tokens[name])
        assert header == {"alg": "RS256", "kid": keys[0]["kid"]}
        key = jwt.PyJWK(keys[0]).key
        jwt.decode(tokens[name], key, algorithms=["RS256"], options={"verify_aud": False})


# A sign-in that began elsewhere
def test_a_sign_in_that_began_under_plain_moto_is_an_invalid_session(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(None)
    pool.add_user()
    pool.enable_sms_mfa()
    challenge = pool.initiate()  # moto's own, as without tracking
    srp_client = SrpClient()
    by_srp = begin(pool, "USER_SRP_AUTH", SRP_A=srp_client.srp_a)
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    with refused(*INVALID_SESSION):
        pool.answer(challenge, SMS_MFA_CODE=CODE)
    proof = srp_client.answer(by_srp["ChallengeParameters"], pool.id.split("_", 1)[1], "ada", PASSWORD)
    with refused(*WRONG_PROOF):
        pool.answer({**by_srp, "Session": None}, **proof)
    assert pool.initiate()["ChallengeName"] == "SMS_MFA"


def test_where_proofs_are_always_checked_sign_in_is_ours_without_tracking_too(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No factor is skipped there either, and there are no devices."""
    pool = make_moto_pool(None)
    pool.add_user()
    pool.cognito.admin_set_user_mfa_preference(
        UserPoolId=pool.id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": False}
    )
    assert "AuthenticationResult" in pool.initiate()  # moto's way: only the preferred method counts there
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "always")
    challenge = pool.initiate(device_key="eu-west-1_0")
    assert challenge["ChallengeName"] == "SMS_MFA"
    tokens = pool.answer(challenge, SMS_MFA_CODE=CODE, DEVICE_KEY="eu-west-1_0")["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims(tokens["AccessToken"])
    assert "AuthenticationResult" in begin(pool, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])


def test_where_proofs_are_always_checked_no_device_counts_once_tracking_is_off(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "always")
    _, tokens = moto_pool.confirmed_device()
    assert "device_key" in claims(tokens["AccessToken"])
    moto_pool.cognito.update_user_pool(UserPoolId=moto_pool.id)
    result = begin(moto_pool, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
    assert "device_key" not in claims(result["AccessToken"])


def test_sessions_of_several_lengths_are_each_forgotten_in_their_time(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(client={"AuthSessionValidity": 3})
    pool.add_user()
    pool.enable_sms_mfa()
    longer = another_client(pool, AuthSessionValidity=15)
    with freeze_time("2031-01-01") as clock:
        challenge = pool.initiate()
        clock.tick(360)
        for _ in range(2):
            begin(pool, "USER_PASSWORD_AUTH", client_id=longer, PASSWORD=PASSWORD)
        with refused(*INVALID_SESSION):  # after twice its time it is as if it had never been
            pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("a pool without tracking is moto's, whatever began while it had it")
def test_a_sign_in_that_was_left_open_does_not_make_later_ones_ours(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    pool.initiate()
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    assert "AuthenticationResult" in pool.answer(pool.initiate(), SMS_MFA_CODE=CODE)


def test_a_device_that_is_named_where_none_is_tracked_binds_nothing(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from the day on either on which tracking is switched on."""
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "always")
    pool = make_moto_pool(None)
    pool.add_user()
    tokens = pool.tokens(device_key="eu-west-1_0")
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    refreshed = begin(pool, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
    assert "device_key" not in claims(refreshed["AccessToken"])
