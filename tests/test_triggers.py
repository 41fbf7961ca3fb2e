"""PreAuthentication, PostAuthentication, PreTokenGeneration and UserMigration, in sign-ins by every flow."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from moto_cognito_devices.testing import (
    Device,
    LambdaUnavailable,
    custom_challenge,
    lambda_arn,
    sign_in,
    triggers,
)
from moto_cognito_devices.testing.lambda_handlers import TRIGGERS as FUNCTIONS
from moto_cognito_devices.testing.lambda_handlers import Handler, Triggers

from .conftest import MakePool, pool_maker
from .support import CODE, DEVICE_UNKNOWN, OPT_IN, PASSWORD, WRONG_PROOF, Target, UserPool, attributes_of, refused
from .test_attacks import INVALID_SESSION
from .test_custom_auth import HIDES, RIGHT, UNRECOGNIZABLE, Custom, says
from .test_sign_in import RESET_REQUIRED, UNCONFIRMED, UNKNOWN, claims, require_reset
from .test_sign_in import begin as initiate

PASSWORD_FLOWS = ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"]
FLOWS = [*PASSWORD_FLOWS, "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", "CUSTOM_AUTH by SRP"]
every_flow = pytest.mark.parametrize("flow", FLOWS)
NO_TRIGGER_ANSWER = ("InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON")


def tokens_by(pool: UserPool, flow: str, device: Device | None = None, username: str = "ada") -> dict[str, Any]:
    """Sign in by a flow; what its functions ask is answered right."""
    options: dict[str, Any] = {"device": device, "mfa_code": CODE, "new_password": "Another-horse-8"}
    if flow.endswith("SRP") or flow == "USER_SRP_AUTH":
        options["user_pool_id"] = pool.id
    if flow.startswith(("USER_AUTH", "CUSTOM_AUTH")):
        options |= {"auth_flow": flow.split()[0], "challenge_answer": RIGHT}
    if flow.startswith("ADMIN"):
        key = {"DEVICE_KEY": device.device_key} if device else {}
        response = initiate(pool, flow, username, PASSWORD=PASSWORD, **key)
        if "AuthenticationResult" in response:
            result: dict[str, Any] = response["AuthenticationResult"]
            return result
        assert response["ChallengeName"] == "SMS_MFA"
        return pool.answer(response, username, SMS_MFA_CODE=CODE)["AuthenticationResult"]  # type: ignore[no-any-return]
    return sign_in(pool.cognito, pool.client_id, username, PASSWORD, **options)


def with_challenges(flow: str, **handlers: Handler | LambdaUnavailable) -> Triggers:
    """These functions, and those of CUSTOM_AUTH."""
    return triggers({**custom_challenge(RIGHT, password_first=flow.endswith("SRP")), **handlers})


def echo(event: Any, _: Any) -> Any:
    return event


def events(made: Triggers, trigger: str) -> list[dict[str, Any]]:
    return [call.event for call in made.calls if call.trigger == trigger]


def fails(message: str) -> Handler:
    def handler(event: Any, _: Any) -> Any:
        raise RuntimeError(message)

    return handler


def state(pool: UserPool) -> tuple[Any, Any]:
    """What a refused sign-in must leave alone."""
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada")
    del user["ResponseMetadata"]
    return user, pool.admin_devices()


@pytest.fixture
def pool(pool_with_functions: UserPool) -> UserPool:
    return pool_with_functions


# The events
@pytest.mark.observed("members of captured events, and of those in amplify-js #14753, aws-sdk-ios #3488")
def test_an_event_says_who_signs_in_where(pool: UserPool) -> None:
    with triggers({"PostAuthentication": echo}) as made:
        pool.tokens()
    (event,) = events(made, "PostAuthentication")
    sub = attributes_of(pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada"))["sub"]
    assert event == {
        "version": "1",
        "region": pool.target.region,
        "userPoolId": pool.id,
        "userName": "ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": pool.client_id},
        "triggerSource": "PostAuthentication_Authentication",
        "request": {
            "userAttributes": {"sub": sub, "cognito:user_status": "CONFIRMED", "email": "ada@example.com"},
            "newDeviceUsed": True,
        },
        "response": {},
    }


@pytest.mark.observed("cognito:email_alias in captured events of pools whose users sign in by e-mail")
def test_an_event_names_the_aliases(make_pool_with_functions: MakePool) -> None:
    pool = make_pool_with_functions(UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com")
    other = make_pool_with_functions(AliasAttributes=["email", "phone_number"])
    other.add_user(email="ada@example.com", email_verified="true", phone_number="+15551230000")
    plain = make_pool_with_functions()
    plain.add_user(email="ada@example.com", email_verified="true")
    with triggers({"PreAuthentication": echo, "PostAuthentication": echo}) as made:
        pool.tokens("ada@example.com")
        other.tokens("ada@example.com")
        plain.tokens()
    by_address, by_alias, by_name = events(made, "PostAuthentication")
    assert [event["userName"] for event in events(made, "PreAuthentication")] == [canonical, "ada", "ada"]
    assert by_address["userName"] == canonical
    assert by_address["request"]["userAttributes"]["cognito:email_alias"] == "ada@example.com"
    assert by_alias["userName"] == "ada"
    assert by_alias["request"]["userAttributes"]["cognito:email_alias"] == "ada@example.com"
    assert "cognito:phone_number_alias" not in by_alias["request"]["userAttributes"]
    assert "cognito:email_alias" not in by_name["request"]["userAttributes"]


# The order
@pytest.mark.documented("PreAuthentication, the factors, then PostAuthentication; before the tokens, the claims")
@every_flow
def test_functions_are_called_around_the_factors(pool: UserPool, flow: str) -> None:
    names = ("PreAuthentication", "PostAuthentication", "PreTokenGeneration")
    with with_challenges(flow, **dict.fromkeys(names, echo)) as made:
        tokens_by(pool, flow)
    called = [call.trigger for call in made.calls]
    before = [] if flow == "CUSTOM_AUTH" else ["PreAuthentication"]  # amplify-js #5318
    assert called[: len(before)] == before
    assert called[-2:] == ["PostAuthentication", "PreTokenGeneration"]
    assert all(name in custom_challenge() for name in called[len(before) : -2])
    assert ("DefineAuthChallenge" in called) is flow.startswith("CUSTOM")


@pytest.mark.documented("the last challenge comes before PostAuthentication")
@pytest.mark.parametrize("flow", [*PASSWORD_FLOWS, "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH by SRP"])
def test_nothing_is_called_before_the_last_challenge_is_passed(pool: UserPool, flow: str) -> None:
    pool.enable_sms_mfa()
    with triggers({"PreAuthentication": echo, "PostAuthentication": echo, "PreTokenGeneration": echo}) as made:
        challenge = pool.initiate()
        assert challenge["ChallengeName"] == "SMS_MFA"
        assert [call.trigger for call in made.calls] == ["PreAuthentication"]
        pool.answer(challenge, SMS_MFA_CODE=CODE)
        expected = ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"]
        assert [call.trigger for call in made.calls] == expected


@pytest.mark.documented("each trigger is configured by itself")
@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
def test_a_pool_may_name_one_function_alone(make_pool_with_functions: MakePool, trigger: str) -> None:
    pool = make_pool_with_functions(LambdaConfig={trigger: lambda_arn(trigger)})
    pool.add_user()
    names = ("PreAuthentication", "PostAuthentication", "PreTokenGeneration")
    with triggers(dict.fromkeys(names, echo)) as made:
        pool.tokens()
    assert [call.trigger for call in made.calls] == [trigger]


# PreAuthentication
@pytest.mark.documented("an error refuses; nothing of the password is looked at before")
@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow != "CUSTOM_AUTH"])
def test_pre_authentication_may_refuse(pool: UserPool, flow: str) -> None:
    with (
        with_challenges(flow, PreAuthentication=fails("Not on Sundays")) as made,
        refused("UserLambdaValidationException", "PreAuthentication failed with error Not on Sundays."),
    ):
        tokens_by(pool, flow)
    assert [call.trigger for call in made.calls] == ["PreAuthentication"]
    with triggers({"PreAuthentication": echo}) as made, refused(*WRONG_PROOF):
        pool.initiate(password="Wrong-horse-7")
    assert [call.trigger for call in made.calls] == ["PreAuthentication"]


@pytest.mark.documented("ClientMetadata of InitiateAuth as validationData; a capture has {} where none was sent")
@pytest.mark.parametrize("admin", [False, True])
def test_pre_authentication_gets_the_metadata_as_validation_data(pool: UserPool, admin: bool) -> None:
    request: dict[str, Any] = {
        "ClientId": pool.client_id,
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        "ClientMetadata": {"from": "the test"},
    }
    with triggers(dict.fromkeys(("PreAuthentication", "PostAuthentication", "PreTokenGeneration"), echo)) as made:
        if admin:
            request |= {"UserPoolId": pool.id, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
            pool.cognito.admin_initiate_auth(**request)
        else:
            pool.cognito.initiate_auth(**request, AuthFlow="USER_PASSWORD_AUTH")
        pool.initiate()
    with_data, without = events(made, "PreAuthentication")
    assert with_data["request"]["validationData"] == {"from": "the test"}
    assert without["request"]["validationData"] == {}
    assert not any("clientMetadata" in call.event["request"] for call in made.calls)


@pytest.mark.documented("not for users who aren't there, but where the client is not to tell: userNotFound")
def test_pre_authentication_of_an_absent_user(make_pool_with_functions: MakePool) -> None:
    with triggers({"PreAuthentication": echo}) as made:
        with refused(*UNKNOWN):
            make_pool_with_functions().initiate("nobody")
        assert made.calls == []
        pool = make_pool_with_functions(client=HIDES)
        with refused(*WRONG_PROOF):
            pool.initiate("nobody")
    (event,) = events(made, "PreAuthentication")
    assert event["request"] == {"userAttributes": {}, "validationData": {}, "userNotFound": True}
    assert event["userName"] == "nobody"


@pytest.mark.inferred("what was looked up before a function is looked up again after it")
def test_a_user_whom_pre_authentication_makes_anew_signs_in(make_pool_with_functions: MakePool) -> None:
    pool = make_pool_with_functions(UsernameAttributes=["email"])
    before = pool.add_user("ada@example.com", email="ada@example.com")

    def make_anew(event: Any, _: Any) -> Any:
        pool.cognito.admin_delete_user(UserPoolId=pool.id, Username=event["userName"])
        pool.add_user("ada@example.com", email="ada@example.com")
        return event

    with triggers({"PreAuthentication": make_anew}):
        assert claims(pool.tokens("ada@example.com")["AccessToken"])["username"] != before


@pytest.mark.inferred("who can't sign in at all is told so first")
def test_pre_authentication_is_not_called_for_who_can_not_sign_in(pool: UserPool) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    with triggers({"PreAuthentication": echo}) as made, refused(*UNCONFIRMED):
        pool.initiate("new")
    assert made.calls == []


@pytest.mark.inferred("a bad request is told before anything is looked at")
def test_pre_authentication_is_not_called_for_a_bad_request(pool: UserPool) -> None:
    request = {"ClientId": pool.client_id, "AuthParameters": {"USERNAME": "ada"}}
    with triggers({"PreAuthentication": echo}) as made:
        with refused("InvalidParameterException", "Missing required parameter PASSWORD"):
            pool.cognito.initiate_auth(**request, AuthFlow="USER_PASSWORD_AUTH")
        with refused("InvalidParameterException", "Missing required parameter SRP_A"):
            pool.cognito.initiate_auth(**request, AuthFlow="USER_SRP_AUTH")
    assert made.calls == []


@pytest.mark.inferred("what was looked up before a function is looked up again after it")
def test_a_user_whom_pre_authentication_disables_is_refused(pool: UserPool) -> None:
    def disable(event: Any, _: Any) -> Any:
        pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
        return event

    with triggers({"PreAuthentication": disable}), refused("NotAuthorizedException", "User is disabled."):
        pool.initiate()


@pytest.mark.inferred("what was looked up before a function is looked up again after it")
@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "USER_SRP_AUTH"])
def test_a_user_whom_pre_authentication_deletes_is_not_there(pool: UserPool, flow: str) -> None:
    def delete(event: Any, _: Any) -> Any:
        pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
        return event

    with triggers({"PreAuthentication": delete}), refused(*UNKNOWN):
        tokens_by(pool, flow)


@pytest.mark.inferred("InitiateAuth with ConfirmSignUp's Session is InitiateAuth")
def test_pre_authentication_is_called_where_a_sign_up_takes_the_first_factors_place(pool: UserPool) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    session = pool.cognito.confirm_sign_up(ClientId=pool.client_id, Username="new", ConfirmationCode=CODE)["Session"]
    request = {"ClientId": pool.client_id, "AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": "new"}}
    with triggers({"PreAuthentication": echo, "PostAuthentication": echo}) as made:
        assert "AuthenticationResult" in pool.cognito.initiate_auth(**request, Session=session)
    assert [call.trigger for call in made.calls] == ["PreAuthentication", "PostAuthentication"]


# PostAuthentication
@pytest.mark.documented("newDeviceUsed, where devices are tracked; that it is true with NewDeviceMetadata is inferred")
@every_flow
def test_new_device_used_is_true_exactly_where_a_device_is_new(pool: UserPool, flow: str) -> None:
    with with_challenges(flow, PostAuthentication=echo) as made:
        tokens = tokens_by(pool, flow)
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(pool.cognito, tokens["AccessToken"])
        if not flow.startswith("ADMIN"):
            assert "NewDeviceMetadata" not in tokens_by(pool, flow, device)
            assert events(made, "PostAuthentication")[1]["request"]["newDeviceUsed"] is False
    assert events(made, "PostAuthentication")[0]["request"]["newDeviceUsed"] is True


@pytest.mark.documented("a confirmed device of an opt-in pool is not new, remembered or not")
def test_new_device_used_is_false_for_a_device_that_is_not_remembered(make_pool_with_functions: MakePool) -> None:
    pool = make_pool_with_functions(OPT_IN)
    pool.add_user()
    device, _ = pool.confirmed_device()
    with triggers({"PostAuthentication": echo}) as made:
        pool.tokens(device_key=device.device_key)
    assert events(made, "PostAuthentication")[0]["request"]["newDeviceUsed"] is False


@pytest.mark.documented("PostAuthentication gets the ClientMetadata of the answer that ends the sign-in")
def test_post_authentication_gets_the_metadata_of_the_last_answer(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    with triggers({"PostAuthentication": echo, "PreTokenGeneration": echo}) as made:
        challenge = pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
            ClientMetadata={"of": "the first"},
        )
        for admin in (False, True):
            answer: dict[str, Any] = {
                "ClientId": pool.client_id,
                "ChallengeName": "SMS_MFA",
                "ChallengeResponses": {"USERNAME": "ada", "SMS_MFA_CODE": CODE},
                "ClientMetadata": {"of": "the last"},
                "Session": challenge["Session"],
            }
            if admin:
                pool.cognito.admin_respond_to_auth_challenge(**answer, UserPoolId=pool.id)
            else:
                pool.cognito.respond_to_auth_challenge(**answer)
            challenge = pool.initiate()
    assert [call.event["request"]["clientMetadata"] for call in made.calls] == [{"of": "the last"}] * 4


@pytest.mark.documented("a function that does not return the event fails the sign-in")
@every_flow
def test_post_authentication_must_return_the_event(pool: UserPool, flow: str) -> None:
    with with_challenges(flow, PostAuthentication=lambda *_: None), refused(*NO_TRIGGER_ANSWER):
        tokens_by(pool, flow)


@pytest.mark.observed("amazon-cognito-passwordless-email-auth: a function updates the user before the tokens")
def test_post_authentication_may_change_the_user(pool: UserPool) -> None:
    def verify(event: Any, _: Any) -> Any:
        attributes = [{"Name": "email_verified", "Value": "true"}]
        user = {"UserPoolId": event["userPoolId"], "Username": event["userName"]}
        pool.cognito.admin_update_user_attributes(**user, UserAttributes=attributes)
        return event

    with triggers({"PostAuthentication": verify, "PreTokenGeneration": echo}) as made:
        tokens = pool.tokens()
    (event,) = events(made, "PreTokenGeneration")
    assert event["request"]["userAttributes"]["email_verified"] == "true"
    assert claims(tokens["IdToken"])["email"] == "ada@example.com"


@pytest.mark.inferred("what was looked up before a function is looked up again after it")
@pytest.mark.parametrize("trigger", ["PostAuthentication", "PreTokenGeneration"])
@pytest.mark.parametrize("change", ["disabled", "password reset", "device forgotten", "tracking off"])
def test_what_a_function_does_to_the_user_counts(pool: UserPool, trigger: str, change: str) -> None:
    user = {"UserPoolId": pool.id, "Username": "ada"}
    device, _ = pool.confirmed_device()
    pool.cognito.admin_update_device_status(
        **user, DeviceKey=device.device_key, DeviceRememberedStatus="not_remembered"
    )
    changes: dict[str, Callable[[], Any]] = {
        "disabled": lambda: pool.cognito.admin_disable_user(**user),
        "password reset": lambda: require_reset(pool),
        "device forgotten": lambda: pool.cognito.admin_forget_device(**user, DeviceKey=device.device_key),
        "tracking off": lambda: pool.cognito.update_user_pool(UserPoolId=pool.id),
    }

    def handler(event: Any, _: Any) -> Any:
        changes[change]()
        return event

    with triggers({trigger: handler}):
        if change == "tracking off":
            tokens = pool.tokens()
            assert "NewDeviceMetadata" not in tokens
            assert "device_key" not in claims(tokens["AccessToken"])
        else:
            error = {
                "disabled": ("NotAuthorizedException", "User is disabled."),
                "password reset": RESET_REQUIRED,
                "device forgotten": DEVICE_UNKNOWN,
            }[change]
            with refused(*error):
                pool.initiate(device_key=device.device_key)


@pytest.mark.inferred("nobody is let in whom a function has deleted a moment ago")
def test_a_user_whom_a_function_deletes_gets_no_tokens(pool: UserPool) -> None:
    def delete(event: Any, _: Any) -> Any:
        pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
        return event

    with triggers({"PostAuthentication": delete, "PreTokenGeneration": echo}) as made, refused(*INVALID_SESSION):
        pool.initiate()
    assert [call.trigger for call in made.calls] == ["PostAuthentication"]


# PreTokenGeneration, version 1
@pytest.mark.documented("claimsOverrideDetails: the ID token's claims")
@every_flow
def test_claims_are_added_overridden_and_suppressed(pool: UserPool, flow: str) -> None:
    details = {"claimsToAddOrOverride": {"tier": "gold", "email": "other@example.com"}, "claimsToSuppress": ["name"]}
    user = {"UserPoolId": pool.id, "Username": "ada"}
    pool.cognito.admin_update_user_attributes(**user, UserAttributes=[{"Name": "name", "Value": "Ada"}])
    with with_challenges(flow, PreTokenGeneration=says(claimsOverrideDetails=details)):
        tokens = tokens_by(pool, flow)
    said = claims(tokens["IdToken"])
    assert (said["tier"], said["email"]) == ("gold", "other@example.com")
    assert "name" not in said
    assert "tier" not in claims(tokens["AccessToken"])
    # The tokens are good all the same.
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


@pytest.mark.documented("what can't be changed; that it is passed over without an error is inferred")
@pytest.mark.parametrize("version", ["V1_0", "V2_0"])
def test_reserved_claims_stay(make_pool_with_functions: MakePool, version: str) -> None:
    pool = versioned(make_pool_with_functions, version)
    reserved = [
        *("acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "cognito:username", "device_key"),
        *("event_id", "exp", "iat", "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use"),
        *("version", "cognito:user_status"),
    ]
    for change in ({"claimsToAddOrOverride": dict.fromkeys(reserved, "x")}, {"claimsToSuppress": reserved}):
        with triggers({"PreTokenGeneration": says(**details(version, change))}):
            tokens = pool.tokens()
        assert claims(tokens["AccessToken"])["device_key"] == tokens["NewDeviceMetadata"]["DeviceKey"]
        for token in ("IdToken", "AccessToken"):
            said = claims(tokens[token])
            assert "x" not in said.values()
            assert {"sub", "iss", "token_use", "exp", "iat", "jti", "auth_time", "event_id"} <= said.keys()


def versioned(make_pool: MakePool, version: str) -> UserPool:
    """A pool whose PreTokenGeneration is of this version."""
    arn = lambda_arn("PreTokenGeneration")
    names = {name: lambda_arn(name) for name in ("PostAuthentication", *custom_challenge())}
    made = make_pool(LambdaConfig={**names, "PreTokenGenerationConfig": {"LambdaVersion": version, "LambdaArn": arn}})
    made.add_user(email="ada@example.com")
    return made


def details(version: str, change: dict[str, Any], **groups: Any) -> dict[str, Any]:
    """A response that makes this change in each token that the version knows."""
    if version == "V1_0":
        return {"claimsOverrideDetails": {**change, **groups}}
    both = {"idTokenGeneration": change, "accessTokenGeneration": change, **groups}
    return {"claimsAndScopeOverrideDetails": both}


@pytest.mark.documented("groupOverrideDetails: both tokens; empty or null takes the groups away; absent leaves them")
@pytest.mark.parametrize("version", ["V1_0", "V2_0", "V3_0"])
def test_groups(make_pool_with_functions: MakePool, version: str) -> None:
    pool = versioned(make_pool_with_functions, version)
    for name, precedence in (("readers", 2), ("writers", 1), ("others", None)):
        role = {"RoleArn": f"arn:aws:iam::123456789012:role/{name}"} if precedence else {}
        order = {"Precedence": precedence} if precedence else {}
        pool.cognito.create_group(UserPoolId=pool.id, GroupName=name, **role, **order)
        pool.cognito.admin_add_user_to_group(UserPoolId=pool.id, Username="ada", GroupName=name)

    def groups_after(change: dict[str, Any]) -> tuple[Any, Any]:
        with triggers({"PreTokenGeneration": says(**details(version, {}, **change))}) as made:
            tokens = pool.tokens()
        assert made.calls[0].event["request"]["groupConfiguration"] == {
            "groupsToOverride": ["writers", "readers", "others"],
            "iamRolesToOverride": [f"arn:aws:iam::123456789012:role/{name}" for name in ("writers", "readers")],
            "preferredRole": "arn:aws:iam::123456789012:role/writers",
        }
        said = claims(tokens["IdToken"])
        assert said.get("cognito:groups") == claims(tokens["AccessToken"]).get("cognito:groups")
        return said.get("cognito:groups"), said.get("cognito:preferred_role")

    assert sorted(groups_after({})[0]) == ["others", "readers", "writers"]
    changed = {"groupsToOverride": ["admins"], "iamRolesToOverride": ["r"], "preferredRole": "r"}
    assert groups_after({"groupOverrideDetails": changed}) == (["admins"], "r")
    assert groups_after({"groupOverrideDetails": {}}) == (None, None)
    assert groups_after({"groupOverrideDetails": None}) == (None, None)


# Versions 2 and 3
@pytest.mark.documented("version 2: both tokens, scopes, and values of any JSON type")
@pytest.mark.parametrize(("version", "number"), [("V2_0", "2"), ("V3_0", "3")])
def test_versions_2_and_3_change_the_access_token_too(
    make_pool_with_functions: MakePool, version: str, number: str
) -> None:
    pool = versioned(make_pool_with_functions, version)
    change = {
        "idTokenGeneration": {"claimsToAddOrOverride": {"of": "id"}, "claimsToSuppress": ["email"]},
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {"plan": {"seats": 3}, "roles": ["a", "b"], "beta": True, "aud": pool.client_id},
            "scopesToAdd": ["orders/read", "orders/write"],
            "scopesToSuppress": ["orders/write"],
        },
    }
    with triggers({"PreTokenGeneration": says(claimsAndScopeOverrideDetails=change)}) as made:
        tokens = pool.tokens()
    (event,) = events(made, "PreTokenGeneration")
    assert event["version"] == number
    assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}
    id_claims, access_claims = claims(tokens["IdToken"]), claims(tokens["AccessToken"])
    assert id_claims["of"] == "id"
    assert "email" not in id_claims
    assert "of" not in access_claims
    assert (access_claims["plan"], access_claims["roles"], access_claims["beta"]) == ({"seats": 3}, ["a", "b"], True)
    assert access_claims["aud"] == pool.client_id
    assert access_claims["scope"] == "aws.cognito.signin.user.admin orders/read"


@pytest.mark.inferred("an access token without the scope is refused where the scope is needed")
def test_a_scope_that_is_suppressed_is_gone(make_pool_with_functions: MakePool) -> None:
    pool = versioned(make_pool_with_functions, "V2_0")
    suppress = {"accessTokenGeneration": {"scopesToSuppress": ["aws.cognito.signin.user.admin"]}}
    with triggers({"PreTokenGeneration": says(claimsAndScopeOverrideDetails=suppress)}):
        token = pool.tokens()["AccessToken"]
    with refused("NotAuthorizedException", "Access Token does not have required scopes"):
        pool.cognito.list_devices(AccessToken=token)


@pytest.mark.observed("V1 with a list as value: 'Unrecognizable lambda output', 2022")
def test_version_1_takes_strings_only(pool: UserPool) -> None:
    for value in (["a"], {"a": "b"}):
        change = {"claimsToAddOrOverride": {"x": value}}
        with triggers({"PreTokenGeneration": says(claimsOverrideDetails=change)}), refused(*UNRECOGNIZABLE):
            pool.initiate()


@pytest.mark.documented("PreTokenGeneration and PreTokenGenerationConfig name the same function; the text is ours")
def test_one_function_generates_claims(make_pool_with_functions: MakePool) -> None:
    config = {"LambdaVersion": "V2_0", "LambdaArn": lambda_arn("one")}
    message = "PreTokenGeneration and PreTokenGenerationConfig name different functions."
    with refused("InvalidParameterException", message):
        make_pool_with_functions(
            LambdaConfig={"PreTokenGeneration": lambda_arn("other"), "PreTokenGenerationConfig": config}
        )
    make_pool_with_functions(LambdaConfig={"PreTokenGeneration": lambda_arn("one"), "PreTokenGenerationConfig": config})


@pytest.mark.documented("LambdaConfig: ARNs of 20 to 2048 characters")
def test_lambda_config_is_checked(make_pool_with_functions: MakePool) -> None:
    with refused("InvalidParameterException", re.compile("at 'lambdaConfig.preAuthentication' failed to satisfy")):
        make_pool_with_functions(LambdaConfig={"PreAuthentication": "no ARN, but long enough"})


@pytest.mark.documented("UpdateUserPool without LambdaConfig clears it")
def test_an_update_without_functions_takes_them_away(pool: UserPool) -> None:
    with triggers({"PostAuthentication": echo}) as made:
        pool.tokens()
        configuration = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
        pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=configuration)
        pool.tokens()
    assert len(made.calls) == 1


# What brings the tokens
def sources(made: Triggers) -> list[str]:
    return [call.source.removeprefix("TokenGeneration_") for call in made.calls if call.trigger == "PreTokenGeneration"]


@pytest.mark.observed("amplify-js #9873: TokenGeneration_AuthenticateDevice; a first sign-in with it is inferred")
@pytest.mark.parametrize("flow", [flow for flow in FLOWS if not flow.startswith("ADMIN")])
def test_a_device_that_proves_itself_is_a_source_of_its_own(pool: UserPool, flow: str) -> None:
    with with_challenges(flow, PreTokenGeneration=echo) as made:
        tokens = tokens_by(pool, flow)
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(pool.cognito, tokens["AccessToken"])
        tokens_by(pool, flow, device)
    assert sources(made) == ["Authentication", "AuthenticateDevice"]


@pytest.mark.documented("TokenGeneration_NewPasswordChallenge, for a user whom an administrator made")
@pytest.mark.parametrize("mfa", [False, True])
def test_a_new_password_is_a_source_of_its_own(pool: UserPool, mfa: bool) -> None:
    temporary = {"UserPoolId": pool.id, "Username": "new", "TemporaryPassword": PASSWORD}
    pool.cognito.admin_create_user(**temporary, MessageAction="SUPPRESS")
    if mfa:
        pool.enable_sms_mfa("new")
    with triggers({"PreTokenGeneration": echo, "PostAuthentication": echo}) as made:
        tokens_by(pool, "USER_PASSWORD_AUTH", username="new")
    assert sources(made) == ["NewPasswordChallenge"]
    for call in made.calls:
        assert call.event["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"


def refresh(pool: UserPool, operation: str, tokens: dict[str, Any], device: Device, **further: Any) -> dict[str, Any]:
    """
    :returns: AuthenticationResult
    """
    if operation == "InitiateAuth":
        parameters = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
        request = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
        answer = pool.cognito.initiate_auth(**request, **further)
    else:
        token = {"RefreshToken": tokens["RefreshToken"], "DeviceKey": device.device_key}
        answer = pool.cognito.get_tokens_from_refresh_token(ClientId=pool.client_id, **token, **further)
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result


@pytest.mark.documented("TokenGeneration_RefreshTokens; that no other function is called at refresh is inferred")
@pytest.mark.parametrize("operation", ["InitiateAuth", "GetTokensFromRefreshToken"])
def test_a_refresh_is_a_source_of_its_own(pool: UserPool, operation: str) -> None:
    device, first = pool.confirmed_device()
    names = ("PreAuthentication", "PostAuthentication", "PreTokenGeneration")
    handlers: dict[str, Any] = dict.fromkeys(names, echo)
    handlers["PreTokenGeneration"] = says(claimsOverrideDetails={"claimsToAddOrOverride": {"new": "claim"}})
    with triggers(handlers) as made:
        tokens = refresh(pool, operation, first, device, ClientMetadata={"of": "the refresh"})
    assert [call.trigger for call in made.calls] == ["PreTokenGeneration"]
    assert sources(made) == ["RefreshTokens"]
    assert claims(tokens["IdToken"])["new"] == "claim"
    # Those of InitiateAuth are not for this function.
    expected = None if operation == "InitiateAuth" else {"of": "the refresh"}
    assert made.calls[0].event["request"].get("clientMetadata") == expected


@pytest.mark.inferred("a refresh that a function refuses leaves the token as it was, rotated or not")
@pytest.mark.parametrize("rotates", [False, True])
def test_a_refresh_that_is_refused_changes_nothing(make_pool_with_functions: MakePool, rotates: bool) -> None:
    rotation = {"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}} if rotates else {}
    pool = make_pool_with_functions(client=rotation)
    pool.add_user()
    device, first = pool.confirmed_device()
    token = {"RefreshToken": first["RefreshToken"], "DeviceKey": device.device_key}
    with (
        triggers({"PreTokenGeneration": fails("No")}),
        refused("UserLambdaValidationException", "PreTokenGeneration failed with error No."),
    ):
        pool.cognito.get_tokens_from_refresh_token(ClientId=pool.client_id, **token)
    assert pool.cognito.get_tokens_from_refresh_token(ClientId=pool.client_id, **token)["AuthenticationResult"]


@pytest.mark.inferred("what was looked up before a function is looked up again after it")
@pytest.mark.parametrize("operation", ["InitiateAuth", "GetTokensFromRefreshToken"])
def test_a_user_whom_a_function_disables_at_refresh_gets_no_tokens(pool: UserPool, operation: str) -> None:
    device, first = pool.confirmed_device()

    def disable(event: Any, _: Any) -> Any:
        pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
        return event

    with triggers({"PreTokenGeneration": disable}), refused("NotAuthorizedException", "User is disabled."):
        refresh(pool, operation, first, device)


# UserMigration
@pytest.fixture
def make_migrating_pool(make_pool_with_functions: MakePool) -> MakePool:
    """A pool with UserMigration."""
    return partial(make_pool_with_functions, LambdaConfig={name: lambda_arn(name) for name in FUNCTIONS})


@pytest.fixture
def migrating_pool(make_migrating_pool: MakePool) -> UserPool:
    made = make_migrating_pool()
    made.add_user()
    return made


MIGRATED = {"email": "new@example.com", "email_verified": "true", "name": "New"}


@pytest.mark.documented("an absent user, where the password is sent: CONFIRMED, and the sign-in goes on")
@pytest.mark.parametrize("flow", PASSWORD_FLOWS)
@pytest.mark.parametrize("hides", [False, True])
def test_a_user_is_migrated(make_migrating_pool: MakePool, flow: str, hides: bool) -> None:
    pool = make_migrating_pool(client=HIDES if hides else {})
    with triggers({"UserMigration": says(userAttributes=MIGRATED, finalUserStatus="CONFIRMED")}) as made:
        tokens = tokens_by(pool, flow, username="new")
        assert tokens["NewDeviceMetadata"]
        tokens_by(pool, flow, username="new")
    (event,) = events(made, "UserMigration")
    assert event["triggerSource"] == "UserMigration_Authentication"
    assert event["userName"] == "new"
    assert event["request"] == {"password": PASSWORD, "validationData": {}}
    assert claims(tokens["IdToken"])["email"] == "new@example.com"
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="new")
    assert user["UserStatus"] == "CONFIRMED"
    assert MIGRATED.items() <= attributes_of(user).items()
    assert tokens_by(pool, "USER_SRP_AUTH", username="new")


@pytest.mark.documented("no finalUserStatus: RESET_REQUIRED")
@pytest.mark.parametrize("status", [None, "RESET_REQUIRED"])
def test_a_migrated_user_may_have_to_reset_the_password(migrating_pool: UserPool, status: str | None) -> None:
    with (
        triggers({"UserMigration": says(userAttributes=MIGRATED, finalUserStatus=status)}),
        refused(*RESET_REQUIRED),
    ):
        migrating_pool.initiate("new")
    assert (
        migrating_pool.cognito.admin_get_user(UserPoolId=migrating_pool.id, Username="new")["UserStatus"]
        == "RESET_REQUIRED"
    )


@pytest.mark.documented("enableSMSMFA: a code is asked for")
def test_a_migrated_user_may_have_mfa(migrating_pool: UserPool) -> None:
    attributes = {**MIGRATED, "phone_number": "+15551230000"}
    migrated = says(userAttributes=attributes, finalUserStatus="CONFIRMED", enableSMSMFA=True)
    with triggers({"UserMigration": migrated}):
        assert migrating_pool.initiate("new")["ChallengeName"] == "SMS_MFA"


@pytest.mark.conflicting("apps look for the text; its code is not known")
def test_a_migration_that_fails(make_migrating_pool: MakePool) -> None:
    with triggers({"UserMigration": fails("Bad password")}):
        pool = make_migrating_pool()
        message = f"Exception migrating user in app client {pool.client_id}"
        with refused("UserNotFoundException", message):
            pool.initiate("new")
        hiding = make_migrating_pool(client=HIDES)
        with refused(*WRONG_PROOF):
            hiding.initiate("new")
        for made in (pool, hiding):
            assert made.cognito.list_users(UserPoolId=made.id)["Users"] == []


@pytest.mark.observed("boto3 #2747: sub among the attributes: 'Incorrect username or password.'")
@pytest.mark.parametrize("name", ["sub", "custom:unknown"])
def test_a_migrated_user_has_attributes_of_the_schema(migrating_pool: UserPool, name: str) -> None:
    attributes = {**MIGRATED, name: "x"}
    with (
        triggers({"UserMigration": says(userAttributes=attributes, finalUserStatus="CONFIRMED")}),
        refused(*WRONG_PROOF),
    ):
        migrating_pool.initiate("new")
    with refused(*UNKNOWN):
        migrating_pool.cognito.admin_get_user(UserPoolId=migrating_pool.id, Username="new")


@pytest.mark.inferred("the schema's own attributes, and the standard ones, which each pool has")
def test_a_migrated_user_has_the_pools_own_attributes_too(make_migrating_pool: MakePool) -> None:
    pool = make_migrating_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    attributes = {"custom:team": "engines", "nickname": "the countess"}
    with triggers({"UserMigration": says(userAttributes=attributes, finalUserStatus="CONFIRMED")}):
        pool.tokens("new")
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="new")
    assert attributes.items() <= attributes_of(user).items()


@pytest.mark.inferred("a user who is there by then is not made anew")
def test_a_user_whom_the_function_makes_itself_stays_as_it_made_it(migrating_pool: UserPool) -> None:
    def make(event: Any, context: Any) -> Any:
        migrating_pool.add_user("new", email="made@example.com")
        return says(userAttributes=MIGRATED, finalUserStatus="RESET_REQUIRED")(event, context)

    with triggers({"UserMigration": make}):
        migrating_pool.tokens("new")
    user = migrating_pool.cognito.admin_get_user(UserPoolId=migrating_pool.id, Username="new")
    assert attributes_of(user)["email"] == "made@example.com"


@pytest.mark.conflicting("userAttributes are required; AWS's example returns the event as it was for a wrong password")
def test_a_migrated_user_has_attributes(migrating_pool: UserPool) -> None:
    with triggers({"UserMigration": says(finalUserStatus="CONFIRMED")}), refused(*UNKNOWN):
        migrating_pool.initiate("new")


@pytest.mark.documented("not where no password is sent, and not for who is there")
def test_nobody_is_migrated_without_a_password(migrating_pool: UserPool) -> None:
    handlers = {"UserMigration": says(userAttributes=MIGRATED, finalUserStatus="CONFIRMED")}
    with triggers({**custom_challenge(RIGHT), **handlers}) as made:
        for flow in ("USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", "CUSTOM_AUTH by SRP"):
            with refused(*UNKNOWN):
                tokens_by(migrating_pool, flow, username="new")
        tokens_by(migrating_pool, "USER_PASSWORD_AUTH")
    assert made.calls == []


@pytest.mark.inferred("where users sign in by an address, the migrated one is found by it")
def test_a_user_is_migrated_by_address(make_migrating_pool: MakePool) -> None:
    pool = make_migrating_pool(UsernameAttributes=["email"])
    with triggers({"UserMigration": says(userAttributes=MIGRATED, finalUserStatus="CONFIRMED")}):
        tokens = pool.tokens("new@example.com")
    said = claims(tokens["AccessToken"])
    assert said["username"] == said["sub"]


# Who doesn't answer
@pytest.mark.parametrize("flow", [*PASSWORD_FLOWS, "USER_SRP_AUTH", "USER_AUTH"])
def test_functions_that_nobody_answers_for_are_passed_over(moto_target: Target, flow: str) -> None:
    """A template's LambdaConfig breaks no test: but for CUSTOM_AUTH's, nobody need answer."""
    named = {name: lambda_arn(name) for name in ("PreAuthentication", "PostAuthentication", "UserMigration")}
    config = {"LambdaVersion": "V2_0", "LambdaArn": lambda_arn("claims")}
    with ExitStack() as clean_up:
        pool = pool_maker(moto_target, clean_up)(LambdaConfig={**named, "PreTokenGenerationConfig": config})
        pool.add_user()
        assert tokens_by(pool, flow)["NewDeviceMetadata"]
        with refused(*UNKNOWN):
            pool.initiate("nobody")


@pytest.mark.inferred("a pool that tracks no devices is moto's, which calls no function")
def test_a_pool_without_tracking_calls_no_function(make_pool_with_functions: MakePool) -> None:
    pool = make_pool_with_functions(None)
    pool.add_user()
    with triggers({"PreAuthentication": fails("No"), "PostAuthentication": fails("No")}) as made:
        assert pool.tokens()["AccessToken"]
    assert made.calls == []


# Failures
SIGN_IN_FUNCTIONS = ["PreAuthentication", "PostAuthentication", "PreTokenGeneration", *custom_challenge()]
FAILURES = [
    (fails("boom"), "UserLambdaValidationException", "{} failed with error boom."),
    (
        LambdaUnavailable("AccessDeniedException"),
        "UnexpectedLambdaException",
        "{} invocation failed due to error AccessDeniedException.",
    ),
    (lambda *_: None, *NO_TRIGGER_ANSWER),
    (lambda *_: ["event"], *UNRECOGNIZABLE),
    (lambda event, _: {name: value for name, value in event.items() if name != "callerContext"}, *UNRECOGNIZABLE),
]


@pytest.mark.observed("UserLambdaValidationException, UnexpectedLambdaException and InvalidLambdaResponseException")
@pytest.mark.parametrize("trigger", SIGN_IN_FUNCTIONS)
def test_a_function_that_fails_fails_the_sign_in_and_leaves_nothing_behind(pool: UserPool, trigger: str) -> None:
    with triggers(custom_challenge(RIGHT, password_first=True)):
        device = Device.from_metadata((first := Custom(pool, by_srp=True).pass_all())["NewDeviceMetadata"])
        device.confirm(pool.cognito, first["AccessToken"])
    before = state(pool)
    handler: Any
    for handler, code, message in FAILURES:
        handlers = {**custom_challenge(RIGHT, password_first=True), trigger: handler}
        with triggers(handlers), refused(code, message.format(trigger)):
            tokens_by(pool, "CUSTOM_AUTH by SRP", device)
        with triggers(handlers), refused(code, message.format(trigger)):
            tokens_by(pool, "CUSTOM_AUTH by SRP")
        assert state(pool) == before


@pytest.mark.observed("amplify-js #10959: after a function's error the session is dead")
def test_a_session_is_dead_after_a_function_has_failed(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    with triggers({"PostAuthentication": fails("No")}):
        with refused("UserLambdaValidationException", "PostAuthentication failed with error No."):
            pool.answer(challenge, SMS_MFA_CODE=CODE)
        with refused(*INVALID_SESSION):
            pool.answer(challenge, SMS_MFA_CODE=CODE)
    with refused(*INVALID_SESSION):
        pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("a refused sign-in leaves the password as it was")
def test_a_new_password_is_not_kept_where_a_function_refuses(pool: UserPool) -> None:
    temporary = {"UserPoolId": pool.id, "Username": "new", "TemporaryPassword": PASSWORD}
    pool.cognito.admin_create_user(**temporary, MessageAction="SUPPRESS")
    challenge = pool.initiate("new")
    with (
        triggers({"PreTokenGeneration": fails("No")}),
        refused("UserLambdaValidationException", "PreTokenGeneration failed with error No."),
    ):
        pool.answer(challenge, "new", NEW_PASSWORD="Another-horse-8")
    assert pool.initiate("new")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@pytest.mark.observed("the text ends with a period of its own, so that one may see two")
def test_the_error_has_the_functions_words(pool: UserPool) -> None:
    message = "PreAuthentication failed with error That is enough.."
    with triggers({"PreAuthentication": fails("That is enough.")}), refused("UserLambdaValidationException", message):
        pool.initiate()
    message = "PreAuthentication failed with error 'missing'."  # str() of a KeyError
    with (
        triggers({"PreAuthentication": lambda event, _: event["missing"]}),
        refused("UserLambdaValidationException", message),
    ):
        pool.initiate()


@pytest.mark.inferred("nothing of AWS's: the mock's own log")
def test_no_event_is_in_the_log(pool: UserPool, caplog: pytest.LogCaptureFixture) -> None:
    """What a function says may have of its event in it."""
    secret = "the password of the event"
    with triggers({"PreAuthentication": fails(secret)}), pytest.raises(Exception, match=secret):
        pool.initiate()
    if pool.target.name == "in_process":
        assert "The PreAuthentication function raised an error. See the function's own log" in caplog.text
    assert secret not in caplog.text
