"""Handlers that are written with AWS Lambda Powertools for Python."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import cognito_user_pool_event as powertools
from aws_lambda_powertools.utilities.data_classes import event_source
from aws_lambda_powertools.utilities.data_classes.common import DictWrapper

from moto_cognito_devices.testing import custom_challenge, lambda_arn, sign_in, triggers
from moto_cognito_devices.testing.lambda_handlers import TRIGGERS, Handler

from .conftest import MakePool
from .support import PASSWORD, UserPool
from .test_sign_in import claims

pytestmark = pytest.mark.documented("AWS Lambda Powertools' classes of the events, their members and setters")

#: The rest of a pool's functions.
UNCHANGED = dict.fromkeys(TRIGGERS, lambda event, _: event)


def members(event: DictWrapper) -> dict[str, Any]:
    """All that a data class has of an event, each read."""
    found: dict[str, Any] = {}
    for name, _ in inspect.getmembers(type(event), lambda member: isinstance(member, property)):
        if name == "raw_event":
            continue
        value = getattr(event, name)
        many = value if isinstance(value, list) else [value]
        shown = [members(one) if isinstance(one, DictWrapper) else one for one in many]
        found[name] = shown if isinstance(value, list) else shown[0]
    return found


@pytest.fixture
def pool(make_pool_with_functions: MakePool) -> UserPool:
    made = make_pool_with_functions(LambdaConfig={trigger: lambda_arn(trigger) for trigger in TRIGGERS})
    made.add_user(email="ada@example.com")
    made.cognito.create_group(UserPoolId=made.id, GroupName="admins", RoleArn="arn:aws:iam::123456789012:role/x")
    made.cognito.admin_add_user_to_group(UserPoolId=made.id, Username="ada", GroupName="admins")
    return made


def through(handlers: dict[str, Handler]) -> tuple[dict[str, Handler], dict[str, list[dict[str, Any]]]]:
    """The same handlers, and what Powertools makes of their events."""
    seen: dict[str, list[dict[str, Any]]] = {}
    classes: dict[str, type[DictWrapper]] = {
        "PreAuthentication": powertools.PreAuthenticationTriggerEvent,
        "PostAuthentication": powertools.PostAuthenticationTriggerEvent,
        "PreTokenGeneration": powertools.PreTokenGenerationTriggerEvent,
        "UserMigration": powertools.UserMigrationTriggerEvent,
        "DefineAuthChallenge": powertools.DefineAuthChallengeTriggerEvent,
        "CreateAuthChallenge": powertools.CreateAuthChallengeTriggerEvent,
        "VerifyAuthChallengeResponse": powertools.VerifyAuthChallengeResponseTriggerEvent,
    }

    def reading(trigger: str) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            seen.setdefault(trigger, []).append(members(classes[trigger](json.loads(json.dumps(event)))))
            return handlers[trigger](event, context) if trigger in handlers else event

        return handler

    return {trigger: reading(trigger) for trigger in classes}, seen


def test_each_member_of_its_classes_is_in_the_events(pool: UserPool) -> None:
    def migrate(event: Any, _: Any) -> Any:
        event["response"] |= {"userAttributes": {"email": "bob@example.com"}, "finalUserStatus": "CONFIRMED"}
        return event

    handlers, seen = through({**custom_challenge(), "UserMigration": migrate})
    with triggers(handlers):
        sign_in(pool.cognito, pool.client_id, "bob", PASSWORD)
        sign_in(pool.cognito, pool.client_id, "ada", "", auth_flow="CUSTOM_AUTH", challenge_answer="1234")
    assert seen.keys() == handlers.keys()
    define = seen["DefineAuthChallenge"][-1]
    assert (define["user_name"], define["user_pool_id"], define["region"]) == ("ada", pool.id, pool.target.region)
    assert define["caller_context"]["client_id"] == pool.client_id
    assert [entry["challenge_name"] for entry in define["request"]["session"]] == ["CUSTOM_CHALLENGE"]
    assert define["request"]["user_attributes"]["email"] == "ada@example.com"
    assert define["response"] == {"challenge_name": None, "fail_authentication": False, "issue_tokens": False}
    groups = seen["PreTokenGeneration"][-1]["request"]["group_configuration"]
    assert groups["groups_to_override"] == ["admins"]
    assert groups["preferred_role"].endswith("role/x")
    assert seen["PostAuthentication"][-1]["request"]["new_device_used"] is True
    assert seen["UserMigration"][-1]["request"]["password"] == PASSWORD
    assert seen["VerifyAuthChallengeResponse"][-1]["request"]["challenge_answer"] == "1234"


@event_source(data_class=powertools.DefineAuthChallengeTriggerEvent)
def define(event: powertools.DefineAuthChallengeTriggerEvent, _: Any) -> Any:
    event.response.issue_tokens = any(entry.challenge_result for entry in event.request.session)
    event.response.fail_authentication = len(event.request.session) >= 3
    event.response.challenge_name = "CUSTOM_CHALLENGE"
    return event.raw_event


@event_source(data_class=powertools.CreateAuthChallengeTriggerEvent)
def create(event: powertools.CreateAuthChallengeTriggerEvent, _: Any) -> Any:
    event.response.public_challenge_parameters = {"question": "?"}
    event.response.private_challenge_parameters = {"answer": event.user_name}
    event.response.challenge_metadata = "name"
    return event.raw_event


@event_source(data_class=powertools.VerifyAuthChallengeResponseTriggerEvent)
def verify(event: powertools.VerifyAuthChallengeResponseTriggerEvent, _: Any) -> Any:
    right = event.request.private_challenge_parameters["answer"]
    event.response.answer_correct = event.request.challenge_answer == right
    return event.raw_event


@event_source(data_class=powertools.PreTokenGenerationTriggerEvent)
def generate(event: powertools.PreTokenGenerationTriggerEvent, _: Any) -> Any:
    details = event.response.claims_override_details
    details.claims_to_add_or_override = {"tier": "gold"}
    details.claims_to_suppress = ["email"]
    details.set_group_configuration_groups_to_override([*event.request.group_configuration.groups_to_override, "more"])
    return event.raw_event


@event_source(data_class=powertools.PreTokenGenerationV2TriggerEvent)
def generate_v2(event: powertools.PreTokenGenerationV2TriggerEvent, _: Any) -> Any:
    details = event.response.claims_scope_override_details
    details.id_token_generation = {"claimsToSuppress": ["email"]}
    scopes = [*event.request.scopes, "photos/read"]
    details.access_token_generation = {"claimsToAddOrOverride": {"tier": "gold"}, "scopesToAdd": scopes}
    return event.raw_event


@event_source(data_class=powertools.UserMigrationTriggerEvent)
def migrate(event: powertools.UserMigrationTriggerEvent, _: Any) -> Any:
    if event.request.password != PASSWORD:
        raise ValueError("Bad password")
    event.response.user_attributes = {"email": "bob@example.com", "email_verified": "true"}
    event.response.final_user_status = "CONFIRMED"
    event.response.message_action = "SUPPRESS"
    event.response.desired_delivery_mediums = ["EMAIL"]
    event.response.force_alias_creation = False
    event.response.enable_sms_mfa = False
    return event.raw_event


def test_its_setters_make_answers(pool: UserPool) -> None:
    functions = {
        **UNCHANGED,
        "DefineAuthChallenge": define,
        "CreateAuthChallenge": create,
        "VerifyAuthChallengeResponse": verify,
        "PreTokenGeneration": generate,
        "UserMigration": migrate,
    }
    with triggers(functions) as made:
        challenge = pool.cognito.initiate_auth(
            ClientId=pool.client_id, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": "ada"}
        )
        assert challenge["ChallengeParameters"] == {"question": "?", "USERNAME": "ada"}
        again = pool.answer(challenge, ANSWER="wrong")
        tokens = pool.answer(again, ANSWER="ada")["AuthenticationResult"]
        assert sign_in(pool.cognito, pool.client_id, "bob", PASSWORD)["AccessToken"]
    assert [call.error for call in made.calls] == [None] * len(made.calls)
    of_id, of_access = claims(tokens["IdToken"]), claims(tokens["AccessToken"])
    assert of_id["tier"] == "gold"
    assert "email" not in of_id
    assert of_id["cognito:groups"] == of_access["cognito:groups"] == ["admins", "more"]


def test_its_setters_make_answers_of_version_2(make_pool_with_functions: MakePool) -> None:
    versioned = {"LambdaVersion": "V2_0", "LambdaArn": lambda_arn("generate")}
    pool = make_pool_with_functions(LambdaConfig={"PreTokenGenerationConfig": versioned})
    pool.add_user(email="ada@example.com")
    with triggers({"generate": generate_v2}):
        tokens = pool.tokens()
    assert "email" not in claims(tokens["IdToken"])
    of_access = claims(tokens["AccessToken"])
    assert (of_access["tier"], of_access["scope"]) == ("gold", "aws.cognito.signin.user.admin photos/read")


def test_its_logger_takes_the_context(pool: UserPool) -> None:
    written = StringIO()
    logger = Logger(service=pool.id, stream=written, level="INFO")  # each of a name shares the first one's stream

    @logger.inject_lambda_context(log_event=True, clear_state=True)
    @event_source(data_class=powertools.PostAuthenticationTriggerEvent)
    def handler(event: powertools.PostAuthenticationTriggerEvent, context: Any) -> Any:
        logger.info(
            "signed in", extra={"user": event.user_name, "milliseconds": context.get_remaining_time_in_millis()}
        )
        return event.raw_event

    annotated: Callable[..., Any] = handler
    with triggers({**UNCHANGED, "PostAuthentication": annotated}):
        assert pool.tokens()["AccessToken"]
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert lines[0]["message"]["triggerSource"] == "PostAuthentication_Authentication"
    assert (lines[-1]["message"], lines[-1]["user"]) == ("signed in", "ada")
    assert 0 < lines[-1]["milliseconds"] <= 5000
    assert lines[-1]["function_name"] == "PostAuthentication"
    assert lines[-1]["function_arn"].endswith(":function:PostAuthentication")
    assert lines[-1]["function_memory_size"] == "128"
    assert lines[-1]["function_request_id"]
