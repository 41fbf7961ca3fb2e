"""Handlers in Python, as a test author gives them: which one is called, with what, and what becomes of its answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from freezegun import freeze_time

from moto_cognito_devices import activate
from moto_cognito_devices.testing import (
    LambdaUnavailable,
    SrpClient,
    add_device,
    custom_challenge,
    lambda_arn,
    sign_in,
    triggers,
)
from moto_cognito_devices.testing.lambda_handlers import TRIGGERS, Handler, Triggers, registered

from .conftest import MakePool
from .fuzz.answers import Untold
from .support import DEVICE_UNKNOWN, PASSWORD, WRONG_PROOF, UserPool, attributes_of, refused
from .test_attacks import INVALID_SESSION, SPENT_SESSION
from .test_sign_in import claims

ARN = lambda_arn("PostAuthentication")
#: Of moto's own, for tests that are about the mock and not about AWS.
FLOWS = [f"ALLOW_{flow}" for flow in ("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH")]
# Nobody waits longer, so that a test which would hang fails.
SECONDS = 30


@pytest.fixture
def pool(make_moto_pool: MakePool) -> UserPool:
    """In this process, with a function for each trigger; the user ada."""
    functions = {trigger: lambda_arn(trigger) for trigger in TRIGGERS}
    made = make_moto_pool(LambdaConfig=functions, client={"ExplicitAuthFlows": FLOWS})
    made.add_user()
    return made


def unchanged(event: Any, _: Any) -> Any:
    return event


def noting(names: list[str], name: str) -> Handler:
    def handler(event: Any, _: Any) -> Any:
        names.append(name)
        return event

    return handler


def doing(does: Callable[[], object]) -> Handler:
    """A function that does something beside, and answers well."""

    def handler(event: Any, _: Any) -> Any:
        does()
        return event

    return handler


def failing(error: BaseException) -> Handler:
    def handler(event: Any, _: Any) -> Any:
        raise error

    return handler


def returning(value: Any) -> Handler:
    return lambda *_: value


# Who is called
@pytest.mark.parametrize("key", ["PostAuthentication", "greet", lambda_arn("greet")])
def test_a_handler_is_named_by_its_trigger_its_function_or_its_arn(make_moto_pool: MakePool, key: str) -> None:
    pool = make_moto_pool(LambdaConfig={"PostAuthentication": lambda_arn("greet")})
    pool.add_user()
    with triggers({key: unchanged}) as made:
        pool.tokens()
    assert [(call.trigger, call.source) for call in made.calls] == [
        ("PostAuthentication", "PostAuthentication_Authentication")
    ]


@pytest.mark.parametrize("version", ["live", "12"])
def test_a_handler_answers_for_each_version_of_its_function(make_moto_pool: MakePool, version: str) -> None:
    arn = f"{lambda_arn('greet', 'eu-west-1', '000000000001')}:{version}"
    pool = make_moto_pool(LambdaConfig={"PostAuthentication": arn})
    pool.add_user()
    seen: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        seen.append((context.function_name, context.invoked_function_arn))
        return event

    with triggers({"greet": handler}):
        pool.tokens()
    assert seen == [("greet", arn)]


def test_the_arn_goes_before_the_name_and_the_name_before_the_trigger(make_moto_pool: MakePool) -> None:
    arn, called = lambda_arn("greet"), list[str]()
    pool = make_moto_pool(LambdaConfig={"PostAuthentication": arn})
    pool.add_user()
    keys = [arn, "greet", "PostAuthentication"]
    handlers = {key: noting(called, key) for key in keys}
    while handlers:
        with triggers(dict(reversed(handlers.items()))):
            pool.tokens()
        del handlers[called[-1]]
    assert called == keys


def test_of_nested_blocks_the_inner_one_answers_and_the_outer_for_what_that_lacks(pool: UserPool) -> None:
    called: list[str] = []
    outer = {"PreAuthentication": noting(called, "outer pre"), "PostAuthentication": noting(called, "outer post")}
    with triggers(outer):
        with triggers({"PostAuthentication": noting(called, "inner post")}):
            pool.tokens()
        pool.tokens()
    pool.tokens()
    assert called == ["outer pre", "inner post", "outer pre", "outer post"]


def test_a_block_ends_with_an_error_too(pool: UserPool) -> None:
    with pytest.raises(KeyError), triggers({"PostAuthentication": unchanged}):
        raise KeyError
    assert registered("PostAuthentication", ARN) is None


def test_start_and_stop_do_the_same_without_a_block(pool: UserPool) -> None:
    made = triggers({"PostAuthentication": unchanged})
    pool.tokens()
    assert made.start() is made
    pool.tokens()
    made.stop()
    pool.tokens()
    assert len(made.calls) == 1


def test_what_was_not_started_can_not_be_stopped() -> None:
    made = triggers({"PostAuthentication": unchanged})
    with pytest.raises(RuntimeError, match="were not started, or were stopped already"):
        made.stop()
    made.start()
    made.stop()
    with pytest.raises(RuntimeError, match="were not started, or were stopped already"):
        made.stop()


def test_what_was_started_twice_is_stopped_twice_and_the_latest_start_first() -> None:
    first, second = triggers({"PostAuthentication": unchanged}), triggers({"PostAuthentication": unchanged})

    def answering() -> Triggers | None:
        found = registered("PostAuthentication", ARN)
        return found[0] if found else None

    with first, second, first:
        assert answering() is first
        first.stop()
        assert answering() is second
        first.start()
    assert answering() is None


def test_handlers_that_are_given_stay_as_they_were_given() -> None:
    handlers = {"PostAuthentication": unchanged}
    with triggers(handlers):
        handlers.clear()
        assert registered("PostAuthentication", ARN) is not None


def test_a_function_that_nobody_answers_for_is_passed_over(pool: UserPool) -> None:
    with triggers({"PreAuthentication": unchanged}) as made:
        assert pool.tokens()["AccessToken"]
    assert [call.trigger for call in made.calls] == ["PreAuthentication"]


@pytest.mark.parametrize("trigger", ["PreSignUp", "PostConfirmation", "CustomMessage", "PreTokenGenerationConfig"])
def test_a_trigger_that_is_not_called_is_told(trigger: str) -> None:
    with pytest.raises(ValueError, match=f"{trigger} is not called by this mock: choose from PreAuthentication, "):
        triggers({trigger: unchanged})


@pytest.mark.parametrize("key", ["", "a b", "a" * 65, "arn:aws:lambda:us-east-1:123456789012:layer:x", "é"])
def test_a_key_that_names_nothing_is_told(key: str) -> None:
    with pytest.raises(ValueError, match=r"neither a trigger of LambdaConfig \(PreAuthentication, .*\) nor a function"):
        triggers({key: unchanged})


def test_a_key_that_is_no_text_is_told() -> None:
    keys: Any = {None: unchanged}
    with pytest.raises(TypeError, match="None is no name: give that of a trigger or a function, or an ARN"):
        triggers(keys)


@pytest.mark.parametrize("handler", [None, {}, "handler", LambdaUnavailable])
def test_a_handler_that_is_no_function_is_told(handler: Any) -> None:
    with pytest.raises(TypeError, match=r"What answers for PostAuthentication is .*: give a function"):
        triggers({"PostAuthentication": handler})


def test_an_arn_is_that_of_a_function() -> None:
    assert lambda_arn("greet") == "arn:aws:lambda:us-east-1:123456789012:function:greet"
    assert lambda_arn("greet", "eu-west-1", "000000000001") == "arn:aws:lambda:eu-west-1:000000000001:function:greet"
    for name in ("", "a b", "a" * 65, "a:live", lambda_arn("greet")):
        with pytest.raises(ValueError, match="is no name of a function: it has 1 to 64 letters, digits, - and _"):
            lambda_arn(name)


# What it gets, and what becomes of its answer
def test_a_handler_can_not_reach_the_state_of_the_mock(pool: UserPool) -> None:
    def handler(event: Any, _: Any) -> Any:
        kept.append(event)
        event["request"]["userAttributes"]["email"] = "changed@example.com"
        event["userName"] = "somebody else"
        return event

    kept: list[Any] = []
    with triggers({"PreAuthentication": handler, "PostAuthentication": handler}) as made:
        pool.tokens()
        kept[0]["request"]["userAttributes"]["email"] = "later@example.com"
        pool.tokens()
    assert "email" not in attributes_of(pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada"))
    for call in made.calls:
        assert call.event["userName"] == "ada"
        assert "email" not in call.event["request"]["userAttributes"]
        assert call.answer["request"]["userAttributes"]["email"] == "changed@example.com"


def test_a_handler_can_not_reach_what_the_mock_keeps_of_a_sign_in(pool: UserPool) -> None:
    functions = custom_challenge()

    def emptying(trigger: str) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            answer = functions[trigger](event, context)
            for member in ("session", "privateChallengeParameters", "clientMetadata"):
                event["request"].get(member, []).clear()
            return answer

        return handler

    with triggers({trigger: emptying(trigger) for trigger in functions}) as made:
        challenge = answer_all(pool, "wrong", "wrong")
        with refused(*WRONG_PROOF):
            pool.answer(challenge, ANSWER="wrong")
    sessions = [call.event["request"]["session"] for call in made.calls if call.trigger == "DefineAuthChallenge"]
    assert [len(session) for session in sessions] == [0, 1, 2, 3]


def test_each_call_is_recorded_and_that_of_a_failure_too(pool: UserPool) -> None:
    no = ValueError("no")
    with (
        triggers({"PreAuthentication": unchanged, "PostAuthentication": failing(no)}) as made,
        pytest.raises(pool.cognito.exceptions.UserLambdaValidationException),
    ):
        pool.tokens()
    first, second = made.calls
    assert (first.trigger, first.error) == ("PreAuthentication", None)
    assert first.event == first.answer
    assert first.event["callerContext"]["clientId"] == pool.client_id
    assert (second.trigger, second.source) == ("PostAuthentication", "PostAuthentication_Authentication")
    assert second.answer is None
    assert second.error is no


def test_no_secret_is_in_the_repr_of_a_call(pool: UserPool) -> None:
    with (
        triggers({"UserMigration": failing(ValueError("no"))}) as made,
        pytest.raises(pool.cognito.exceptions.UserNotFoundException),
    ):
        pool.initiate("bob", password="Hidden-secret-7")
    assert made.calls[0].event["request"]["password"] == "Hidden-secret-7"
    assert "Hidden-secret-7" not in repr(made.calls)
    assert "Hidden-secret-7" not in repr(made)
    shown = replace(made.calls[0], answer={"a": "Hidden-secret-7"})
    assert "Hidden-secret-7" not in repr(shown)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({1}, "Object of type set is not JSON serializable"),
        (datetime(2026, 1, 1, tzinfo=timezone.utc), "Object of type datetime is not JSON serializable"),
        (b"{}", "Object of type bytes is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        (Decimal("sNaN"), "cannot convert signaling NaN to float"),
    ],
)
def test_an_answer_that_is_no_json_can_not_be_marshalled(pool: UserPool, value: Any, why: str) -> None:
    with (
        triggers({"PostAuthentication": returning({"response": value})}) as made,
        refused(
            "UserLambdaValidationException",
            f"PostAuthentication failed with error Unable to marshal response: {why}.",
        ),
    ):
        pool.tokens()
    assert made.calls[0].answer is None
    assert "Unable to marshal response" in str(made.calls[0].error)


def test_an_answer_that_is_its_own_part_can_not_be_marshalled(pool: UserPool) -> None:
    cycle: dict[str, Any] = {}
    cycle["response"] = cycle
    with (
        triggers({"PostAuthentication": returning(cycle)}),
        pytest.raises(pool.cognito.exceptions.UserLambdaValidationException, match="Unable to marshal response"),
    ):
        pool.tokens()


@pytest.mark.parametrize("depth", [*range(900, 1100, 10), 100_000])
def test_an_answer_of_any_depth_is_refused(pool: UserPool, depth: int) -> None:
    """At some depth it can be written, and not be read again."""
    deep: Any = None
    for _ in range(depth):
        deep = [deep]
    with (
        triggers({"PostAuthentication": returning(deep)}) as made,
        pytest.raises(
            (
                pool.cognito.exceptions.UserLambdaValidationException,
                pool.cognito.exceptions.InvalidLambdaResponseException,
            )
        ),
    ):
        pool.tokens()
    assert len(made.calls) == 1
    while isinstance(deep, list):  # a long way to the end, for the collector too
        deep = deep.pop()


def test_a_coroutine_is_no_answer(pool: UserPool) -> None:
    async def handler(event: Any, _: Any) -> Any:
        return event

    made: list[Any] = []

    def called(event: Any, context: Any) -> Any:
        made.append(handler(event, context))
        return made[0]

    with (
        triggers({"PostAuthentication": called}),
        pytest.raises(pool.cognito.exceptions.UserLambdaValidationException, match="type coroutine is not JSON"),
    ):
        pool.tokens()
    made[0].close()


def test_numbers_of_dynamodb_are_numbers(make_moto_pool: MakePool) -> None:
    def handler(event: Any, _: Any) -> Any:
        claims = {"level": Decimal("3"), "score": Decimal("1.5")}
        event["response"]["claimsAndScopeOverrideDetails"] = {"idTokenGeneration": {"claimsToAddOrOverride": claims}}
        return event

    versioned = {"LambdaVersion": "V2_0", "LambdaArn": lambda_arn("generate")}
    pool = make_moto_pool(LambdaConfig={"PreTokenGenerationConfig": versioned})
    pool.add_user()
    with triggers({"PreTokenGeneration": handler}):
        of_id = claims(pool.tokens()["IdToken"])
    assert (of_id["level"], of_id["score"]) == (3, 1.5)
    assert isinstance(of_id["level"], int)


def test_a_claim_of_any_name_is_in_the_token(make_moto_pool: MakePool) -> None:
    further: dict[str, Any] = {"": 1, "...": 2, "custom:a": None, "é": [], "https://example.com/a": {"b": "c"}}

    def handler(event: Any, _: Any) -> Any:
        changes = {"claimsToAddOrOverride": further}
        details = {"idTokenGeneration": changes, "accessTokenGeneration": changes}
        event["response"]["claimsAndScopeOverrideDetails"] = details
        return event

    versioned = {"LambdaVersion": "V3_0", "LambdaArn": lambda_arn("generate")}
    pool = make_moto_pool(LambdaConfig={"PreTokenGenerationConfig": versioned})
    pool.add_user()
    with triggers({"PreTokenGeneration": handler}):
        tokens = pool.tokens()
    expected = {name: value for name, value in further.items() if value is not None}
    for token in ("IdToken", "AccessToken"):
        found = claims(tokens[token])
        assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("email"), "'email'"),
        (ValueError(), ""),
        (ValueError("Try again."), "Try again."),
        (Untold(), "Untold"),
        (StopIteration("end"), "end"),
        (RecursionError("deep"), "deep"),
        (ValueError("é\r\nb"), "é\r\nb"),
    ],
)
def test_an_error_of_the_handler_is_told_in_its_words(pool: UserPool, error: Exception, text: str) -> None:
    with (
        triggers({"PostAuthentication": failing(error)}) as made,
        refused("UserLambdaValidationException", f"PostAuthentication failed with error {text}."),
    ):
        pool.tokens()
    assert made.calls[0].error is error


@pytest.mark.parametrize("raised", [False, True])
def test_a_function_can_be_one_that_can_not_be_invoked(pool: UserPool, raised: bool) -> None:
    unavailable = LambdaUnavailable("AccessDeniedException", "no permission")
    handler = failing(unavailable) if raised else unavailable
    with triggers({"PostAuthentication": handler}) as made:
        for _ in range(2):
            with refused(
                "UnexpectedLambdaException",
                "PostAuthentication invocation failed due to error AccessDeniedException.",
            ):
                pool.tokens()
    assert len(made.calls) == 2
    assert [str(call.error) for call in made.calls] == ["AccessDeniedException"] * 2


def test_a_handler_gets_lambdas_context(pool: UserPool, capsys: pytest.CaptureFixture[str]) -> None:
    contexts: list[Any] = []

    def handler(event: Any, context: Any) -> Any:
        contexts.append(context)
        context.log("a line")
        return event

    with triggers({"PreAuthentication": handler, "PostAuthentication": handler}):
        pool.tokens()
    first, second = contexts
    assert first.function_name == "PreAuthentication"
    assert first.invoked_function_arn == lambda_arn("PreAuthentication")
    assert (first.function_version, first.memory_limit_in_mb) == ("$LATEST", "128")
    assert first.log_group_name == "/aws/lambda/PreAuthentication"
    assert first.log_stream_name.endswith(first.aws_request_id.replace("-", ""))
    assert first.client_context is None
    assert (first.identity.cognito_identity_id, first.identity.cognito_identity_pool_id) == (None, None)
    assert 0 < first.get_remaining_time_in_millis() <= 5000
    assert first.aws_request_id != second.aws_request_id
    assert capsys.readouterr().out == "a linea line"


def test_a_handler_by_its_triggers_name_answers_for_what_is_no_function(make_moto_pool: MakePool) -> None:
    """LambdaConfig takes any ARN; there is no name in it then."""
    names: list[str] = []

    def handler(event: Any, context: Any) -> Any:
        names.append(context.function_name)
        return event

    pool = make_moto_pool(LambdaConfig={"PreAuthentication": "arn:aws:states:us-east-1:123456789012:stateMachine:x"})
    pool.add_user()
    with triggers({"PreAuthentication": handler}):
        pool.tokens()
    assert names == ["handler"]


# CUSTOM_AUTH by three handlers that are there
def answer_all(pool: UserPool, *answers: str, username: str = "ada") -> dict[str, Any]:
    """A sign-in without the password.

    :returns: what came last
    """
    response: dict[str, Any] = pool.cognito.initiate_auth(
        ClientId=pool.client_id, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": username}
    )
    for answer in answers:
        response = pool.answer(response, username, ANSWER=answer)
    return response


def test_no_function_is_called_where_custom_auth_is_not_configured(make_moto_pool: MakePool) -> None:
    functions = {"PreAuthentication": lambda_arn("greet")}
    pool = make_moto_pool(LambdaConfig=functions, client={"ExplicitAuthFlows": FLOWS})
    pool.add_user()
    with (
        triggers({"greet": unchanged}) as made,
        refused("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."),
    ):
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="CUSTOM_AUTH",
            AuthParameters={"USERNAME": "ada", "CHALLENGE_NAME": "SRP_A", "SRP_A": SrpClient().srp_a},
        )
    assert made.calls == []


@pytest.mark.parametrize("right", ["1234", "é\U0001f600", " ", "a" * 1000])
def test_the_right_answer_is_one(pool: UserPool, right: str) -> None:
    with triggers(custom_challenge(right)):
        challenge = answer_all(pool)
        assert challenge["ChallengeParameters"] == {"question": "What is the answer?", "USERNAME": "ada"}
        assert "AuthenticationResult" in pool.answer(challenge, ANSWER=right)
        assert answer_all(pool, f"{right}x")["ChallengeName"] == "CUSTOM_CHALLENGE"


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_so_many_wrong_answers_end_the_sign_in(pool: UserPool, tries: int) -> None:
    with triggers(custom_challenge(tries=tries)):
        wrong = ["wrong"] * (tries - 1)
        assert "AuthenticationResult" in answer_all(pool, *wrong, "1234")
        last = answer_all(pool, *wrong)
        with refused(*WRONG_PROOF):
            pool.answer(last, ANSWER="wrong")


def test_who_is_let_in_without_a_password_has_good_tokens_whatever_became_of_the_password(pool: UserPool) -> None:
    with freeze_time("2031-01-01") as clock, triggers(custom_challenge()):
        pool.cognito.admin_create_user(UserPoolId=pool.id, Username="bob", MessageAction="SUPPRESS")
        clock.tick(8 * 86400)
        tokens = answer_all(pool, "1234", username="bob")["AuthenticationResult"]
        assert pool.user_devices(tokens["AccessToken"]) == []
        assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "bob"
        pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="bob")
        with refused("NotAuthorizedException", "User is disabled."):
            pool.user_devices(tokens["AccessToken"])


def test_half_a_letter_is_a_wrong_answer() -> None:
    verify = custom_challenge("1234")["VerifyAuthChallengeResponse"]
    request = {"challengeAnswer": "\ud800", "privateChallengeParameters": {"answer": "1234"}}
    assert verify({"request": request, "response": {}}, None)["response"] == {"answerCorrect": False}


def test_without_the_password_there_is_no_challenge_that_comes_after_it(pool: UserPool) -> None:
    with triggers(custom_challenge(password_first=True)):
        with refused(*WRONG_PROOF):
            answer_all(pool)
        tokens = sign_in(
            pool.cognito,
            pool.client_id,
            "ada",
            PASSWORD,
            user_pool_id=pool.id,
            auth_flow="CUSTOM_AUTH",
            challenge_answer="1234",
        )
        assert tokens["AccessToken"]
        with refused(*WRONG_PROOF):
            sign_in(pool.cognito, pool.client_id, "ada", "wrong", user_pool_id=pool.id, auth_flow="CUSTOM_AUTH")


def test_who_brings_a_password_that_is_not_asked_for_is_refused(pool: UserPool) -> None:
    with triggers(custom_challenge()), refused(*WRONG_PROOF):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, user_pool_id=pool.id, auth_flow="CUSTOM_AUTH")


def test_a_user_who_is_not_there_has_no_right_answer(pool: UserPool) -> None:
    app = pool.cognito.create_user_pool_client(
        UserPoolId=pool.id,
        ClientName="discreet",
        ExplicitAuthFlows=FLOWS,
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]
    discreet = replace(pool, client_id=app["ClientId"])
    with triggers(custom_challenge()):
        assert "AuthenticationResult" in answer_all(discreet, "1234")
        assert answer_all(discreet, "1234", username="nobody")["ChallengeName"] == "CUSTOM_CHALLENGE"


# The test itself
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_ends_a_program_goes_through(pool: UserPool, error: type[BaseException]) -> None:
    with triggers({"PostAuthentication": failing(error())}) as made, pytest.raises(error):
        pool.tokens()
    assert isinstance(made.calls[0].error, error)
    assert pool.tokens()["AccessToken"]


def test_a_test_can_fail_in_a_handler(pool: UserPool) -> None:
    def handler(event: Any, _: Any) -> Any:
        pytest.fail("seen by the handler")

    with triggers({"PostAuthentication": handler}), pytest.raises(pytest.fail.Exception, match="seen by the handler"):
        pool.tokens()
    # An assertion is an error like any other, as on AWS.
    with (
        triggers({"PostAuthentication": failing(AssertionError("wrong"))}),
        refused("UserLambdaValidationException", "PostAuthentication failed with error wrong."),
    ):
        pool.tokens()


def test_a_challenge_stays_open_where_the_program_was_interrupted(pool: UserPool) -> None:
    handlers = custom_challenge()
    with triggers(handlers):
        challenge = answer_all(pool)
        with triggers({"VerifyAuthChallengeResponse": failing(KeyboardInterrupt())}), pytest.raises(KeyboardInterrupt):
            pool.answer(challenge, ANSWER="1234")
        assert "AuthenticationResult" in pool.answer(challenge, ANSWER="1234")


# Handlers that call Cognito, or do something to who signs in
@pytest.mark.observed("aws-samples/amazon-cognito-passwordless-email-auth does it from PostAuthentication")
def test_a_handler_changes_the_user_and_the_tokens_show_it(pool_with_functions: UserPool) -> None:
    pool = pool_with_functions

    def verified(event: Any, _: Any) -> Any:
        pool.cognito.admin_update_user_attributes(
            UserPoolId=event["userPoolId"],
            Username=event["userName"],
            UserAttributes=[
                {"Name": "email", "Value": "countess@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        return event

    functions = dict.fromkeys(TRIGGERS, unchanged)
    with triggers({**functions, "PostAuthentication": verified}) as made:
        tokens = pool.tokens()
    assert claims(tokens["IdToken"])["email"] == "countess@example.com"
    assert [call.trigger for call in made.calls] == ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"]
    assert made.calls[-1].event["request"]["userAttributes"]["email"] == "countess@example.com"
    user = pool.cognito.get_user(AccessToken=tokens["AccessToken"])
    assert attributes_of(user)["email_verified"] == "true"


@pytest.mark.inferred("a function is a client like any other, and no lock is held while it runs")
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_while_a_handler_runs_others_sign_in(make_pool_with_functions: MakePool, trigger: str) -> None:
    pool, tokens = make_pool_with_functions(LambdaConfig={name: lambda_arn(name) for name in TRIGGERS}), list[Any]()
    for name in ("ada", "bob"):
        pool.add_user(name)
    handlers: dict[str, Handler] = {
        **dict.fromkeys(TRIGGERS, unchanged),
        **custom_challenge(),
        "UserMigration": migrate,
    }
    right = handlers[trigger]

    with ThreadPoolExecutor(1) as executor:

        def handler(event: Any, context: Any) -> Any:
            if not tokens and event["userName"] != "bob":
                tokens.append(None)  # once
                tokens[0] = executor.submit(pool.tokens, "bob").result(SECONDS)
            return right(event, context)

        with triggers({**handlers, trigger: handler}):
            if trigger == "UserMigration":
                assert pool.tokens("new")["AccessToken"]
            elif "Challenge" in trigger:
                assert "AuthenticationResult" in answer_all(pool, "1234")
            else:
                assert pool.tokens()["AccessToken"]
    assert tokens[0]["AccessToken"]


def migrate(event: Any, _: Any) -> Any:
    event["response"] |= {"userAttributes": {"email": "new@example.com"}, "finalUserStatus": "CONFIRMED"}
    return event


@pytest.mark.inferred("the user is looked up again after each function")
@pytest.mark.parametrize("trigger", [trigger for trigger in TRIGGERS if trigger != "UserMigration"])
@pytest.mark.parametrize("again", [False, True], ids=["deleted", "another of that name"])
def test_a_handler_that_deletes_its_user_lets_nobody_in(
    pool_with_functions: UserPool, trigger: str, again: bool
) -> None:
    pool = pool_with_functions
    handlers: dict[str, Handler] = {**dict.fromkeys(TRIGGERS, unchanged), **custom_challenge()}

    def handler(event: Any, context: Any) -> Any:
        answer = handlers[trigger](event, context)
        pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
        if again:
            pool.add_user("ada", "Another-horse-8")
        return answer

    with (
        triggers({**handlers, trigger: handler, "UserMigration": failing(ValueError("no"))}),
        pytest.raises((pool.cognito.exceptions.NotAuthorizedException, pool.cognito.exceptions.UserNotFoundException)),
    ):
        answer_all(pool, "1234") if "Challenge" in trigger else pool.tokens()
    found = pool.cognito.list_users(UserPoolId=pool.id)["Users"]
    assert [user["Username"] for user in found] == (["ada"] if again else [])
    if again:
        assert pool.admin_devices() == {}


@pytest.mark.inferred("whom a request names is settled when it comes")
@pytest.mark.parametrize("trigger", [trigger for trigger in TRIGGERS if trigger != "UserMigration"])
@pytest.mark.parametrize("addresses", ["UsernameAttributes", "AliasAttributes"])
def test_a_handler_may_give_its_user_another_address(
    make_pool_with_functions: MakePool, trigger: str, addresses: str
) -> None:
    pool = make_pool_with_functions(**{addresses: ["email"]})
    old, new = "ada@example.com", "countess@example.com"
    name = pool.add_user(old if addresses == "UsernameAttributes" else "ada", email=old, email_verified="true")
    right = custom_challenge().get(trigger, unchanged)
    moved: list[bool] = []

    def handler(event: Any, context: Any) -> Any:
        if moved:
            return right(event, context)
        moved.append(True)
        email = [{"Name": "email", "Value": new}, {"Name": "email_verified", "Value": "true"}]
        pool.cognito.admin_update_user_attributes(UserPoolId=pool.id, Username=name, UserAttributes=email)
        return right(event, context)

    with triggers({**custom_challenge(), trigger: handler}):
        if "Challenge" in trigger:
            challenge = answer_all(pool, username=old)
            addressed = new if trigger != "VerifyAuthChallengeResponse" else old
            tokens = pool.answer(challenge, addressed, ANSWER="1234")["AuthenticationResult"]
        else:
            tokens = pool.tokens(old)
    assert claims(tokens["AccessToken"])["username"] == name


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
def test_a_handler_that_disables_its_user_lets_nobody_in(pool: UserPool, trigger: str) -> None:
    disable = doing(lambda: pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada"))
    with triggers({trigger: disable}), refused("NotAuthorizedException", "User is disabled."):
        pool.tokens()


def test_who_is_disabled_before_the_first_factor_is_asked_for_none(pool: UserPool) -> None:
    disable = doing(lambda: pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada"))
    parameters = {"USERNAME": "ada", "SRP_A": SrpClient().srp_a}
    with triggers({"PreAuthentication": disable}), refused("NotAuthorizedException", "User is disabled."):
        pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
def test_a_device_that_a_handler_forgets_does_not_get_in(pool: UserPool, trigger: str) -> None:
    device = add_device(pool.cognito, pool.id, "ada")
    of_device = {"UserPoolId": pool.id, "Username": "ada", "DeviceKey": device.device_key}
    forget = doing(lambda: pool.cognito.admin_forget_device(**of_device))
    with triggers({trigger: forget}), refused(*DEVICE_UNKNOWN):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    assert pool.admin_devices() == {}


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
@pytest.mark.parametrize("with_device", [False, True])
def test_where_a_handler_switches_tracking_off_no_device_counts(
    pool: UserPool, trigger: str, with_device: bool
) -> None:
    device = add_device(pool.cognito, pool.id, "ada") if with_device else None
    with triggers({trigger: doing(lambda: pool.cognito.update_user_pool(UserPoolId=pool.id))}):
        tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims(tokens["AccessToken"])
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
def test_where_a_handler_resets_moto_nothing_is_left_of_the_sign_in(pool: UserPool, trigger: str) -> None:
    with triggers({trigger: doing(lambda: pool.target.moto_api("POST", "../../reset"))}):
        tokens = pool.tokens()
    with refused("NotAuthorizedException", "Invalid Access Token"):
        pool.cognito.list_devices(AccessToken=tokens["AccessToken"])
    with pytest.raises(pool.cognito.exceptions.ResourceNotFoundException):
        pool.cognito.describe_user_pool(UserPoolId=pool.id)


def test_a_handler_may_call_activate(pool: UserPool) -> None:
    with triggers({"PostAuthentication": doing(activate)}):
        assert pool.tokens()["AccessToken"]


# Many at once
@pytest.mark.inferred("a session can be used once")
def test_of_two_answers_to_a_custom_challenge_at_once_one_is_spent(pool_with_functions: UserPool) -> None:
    pool = pool_with_functions
    handlers: dict[str, Handler] = {**dict.fromkeys(TRIGGERS, unchanged), **custom_challenge()}
    verify = handlers["VerifyAuthChallengeResponse"]
    verified: list[Any] = []

    def answer_again(challenge: dict[str, Any]) -> None:
        with refused(*SPENT_SESSION):
            pool.answer(challenge, ANSWER="1234")

    with ThreadPoolExecutor(1) as executor, triggers(handlers):
        challenge = answer_all(pool)

        def handler(event: Any, context: Any) -> Any:
            verified.append(executor.submit(answer_again, challenge).result(SECONDS))
            return verify(event, context)

        with triggers({"VerifyAuthChallengeResponse": handler}):
            assert "AuthenticationResult" in pool.answer(challenge, ANSWER="1234")
    assert verified == [None]


def test_sign_ins_at_once_don_t_meet(pool: UserPool) -> None:
    names = [f"user{number}" for number in range(6)]
    for name in names:
        pool.add_user(name)
    barrier = threading.Barrier(len(names))

    def enter(name: str) -> str:
        barrier.wait(SECONDS)
        response = answer_all(pool, "wrong", "1234", username=name)
        token: str = response["AuthenticationResult"]["AccessToken"]
        return token

    with (
        triggers({**dict.fromkeys(TRIGGERS, unchanged), **custom_challenge()}) as made,
        ThreadPoolExecutor(len(names)) as executor,
    ):
        tokens = list(executor.map(enter, names, timeout=SECONDS))
    assert [claims(token)["username"] for token in tokens] == names
    round_ = ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"]
    for name in names:
        mine = [call.trigger for call in made.calls if call.event["userName"] == name]
        assert mine == [*round_, *round_, "DefineAuthChallenge", "PostAuthentication", "PreTokenGeneration"]


def test_a_sign_in_that_a_function_has_failed_is_over(pool: UserPool) -> None:
    with triggers(custom_challenge()):
        challenge = answer_all(pool)
        with (
            triggers({"VerifyAuthChallengeResponse": failing(ValueError("no"))}),
            pytest.raises(pool.cognito.exceptions.UserLambdaValidationException),
        ):
            pool.answer(challenge, ANSWER="1234")
        with refused(*INVALID_SESSION):
            pool.answer(challenge, ANSWER="1234")
