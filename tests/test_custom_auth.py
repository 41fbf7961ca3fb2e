"""CUSTOM_AUTH: the pool's own functions say what is asked, check it, and let the user in, with devices and without."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun import freeze_time

from moto_cognito_devices.testing import (
    ChallengeError,
    Device,
    LambdaUnavailable,
    SrpClient,
    custom_challenge,
    lambda_arn,
    sign_in,
    triggers,
)
from moto_cognito_devices.testing.lambda_handlers import Handler, Triggers

from .conftest import MakePool
from .support import (
    ALWAYS,
    ALWAYS_WITHOUT_MFA_WAIVER,
    CODE,
    DEVICE_UNKNOWN,
    OPT_IN,
    PASSWORD,
    WRONG_PROOF,
    UserPool,
    refused,
)
from .test_attacks import EXPIRED_SESSION, INVALID_SESSION, SPENT_SESSION
from .test_device_sign_in import Proof
from .test_mfa import SMS
from .test_sign_in import RESET_REQUIRED, UNCONFIRMED, UNKNOWN, claims, require_reset

RIGHT = "1234"
NOT_CONFIGURED = ("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")
UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
FLOWS = {"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH"]}
HIDES = {"PreventUserExistenceErrors": "ENABLED"}

each_form = pytest.mark.parametrize("by_srp", [False, True], ids=["without password", "password first"])


def says(**response: Any) -> Handler:
    """A function that answers so."""

    def handler(event: Any, _: Any) -> Any:
        event["response"].update(response)
        return event

    return handler


def define(*decisions: dict[str, Any]) -> dict[str, Handler]:
    """Functions of which Define says this, one after another; its last word stands."""

    def handler(event: Any, context: Any) -> Any:
        number = len(event["request"]["session"])
        return says(**decisions[min(number, len(decisions) - 1)])(event, context)

    return {**custom_challenge(RIGHT), "DefineAuthChallenge": handler}


ASK = {"challengeName": "CUSTOM_CHALLENGE"}
VERIFY_PASSWORD = {"challengeName": "PASSWORD_VERIFIER"}
ISSUE = {"issueTokens": True}
FAIL = {"failAuthentication": True}


class Custom:
    """A sign-in by CUSTOM_AUTH, up to its first challenge."""

    def __init__(
        self, pool: UserPool, username: str = "ada", by_srp: bool = False, admin: bool = False, **parameters: Any
    ):
        self.pool, self.username, self.admin = pool, username, admin
        self.srp = SrpClient()
        if by_srp:
            parameters = {"CHALLENGE_NAME": "SRP_A", "SRP_A": self.srp.srp_a, **parameters}
        request = {"ClientId": pool.client_id, "AuthParameters": pool.parameters(username, **parameters)}
        self.challenge: dict[str, Any]
        if admin:
            self.challenge = pool.cognito.admin_initiate_auth(UserPoolId=pool.id, AuthFlow="CUSTOM_AUTH", **request)
        else:
            self.challenge = pool.cognito.initiate_auth(AuthFlow="CUSTOM_AUTH", **request)

    @property
    def name(self) -> str:
        found: str = self.challenge.get("ChallengeName", "")
        return found

    def respond(self, metadata: dict[str, str] | None = None, **responses: str | None) -> dict[str, Any]:
        """Answer the challenge, without going on to the next one."""
        request: dict[str, Any] = {
            "ClientId": self.pool.client_id,
            "ChallengeName": self.name,
            "ChallengeResponses": self.pool.parameters(self.username, **responses),
            **({"Session": self.challenge["Session"]} if "Session" in self.challenge else {}),
            **({"ClientMetadata": metadata} if metadata else {}),
        }
        cognito = self.pool.cognito
        if self.admin:
            response: dict[str, Any] = cognito.admin_respond_to_auth_challenge(UserPoolId=self.pool.id, **request)
        else:
            response = cognito.respond_to_auth_challenge(**request)
        return response

    def go(self, **responses: Any) -> dict[str, Any]:
        """Answer the challenge, and go on."""
        self.challenge = self.respond(**responses)
        return self.challenge

    def prove(self, password: str = PASSWORD, **responses: Any) -> dict[str, Any]:
        """Answer PASSWORD_VERIFIER."""
        parameters = self.challenge["ChallengeParameters"]
        realm, name = self.pool.id.partition("_")[2], parameters["USERNAME"]
        return self.go(**{**self.srp.answer(parameters, realm, name, password), **responses})

    def pass_all(self, **responses: Any) -> dict[str, Any]:
        """To the end, with these members (DEVICE_KEY) in each answer.

        :returns: AuthenticationResult
        """
        if self.name == "PASSWORD_VERIFIER":
            self.prove(**responses)
        result: dict[str, Any] = self.go(ANSWER=RIGHT, **responses)["AuthenticationResult"]
        return result


def sessions(made: Triggers, trigger: str = "DefineAuthChallenge") -> list[list[tuple[str, bool]]]:
    """What each call of a function saw of the challenges before it."""
    return [
        [(entry["challengeName"], entry["challengeResult"]) for entry in call.event["request"]["session"]]
        for call in made.calls
        if call.trigger == trigger
    ]


def sources(made: Triggers) -> list[str]:
    return [call.trigger for call in made.calls]


@pytest.fixture
def functions() -> Any:
    """The three, and nothing else: the pool's other functions are not there."""
    with triggers(custom_challenge(RIGHT)) as made:
        yield made


@pytest.fixture
def pool(make_pool_with_functions: MakePool) -> UserPool:
    """The user ada, in a pool with the functions of CUSTOM_AUTH."""
    made = make_custom_pool(make_pool_with_functions)
    made.add_user()
    return made


def make_custom_pool(make_pool: MakePool, *given: Any, **options: Any) -> UserPool:
    return make_pool(*given, **{"LambdaConfig": {name: lambda_arn(name) for name in custom_challenge()}, **options})


# Challenges and answers
@pytest.mark.documented("custom authentication challenge flow: Define, Create, then the challenge")
@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("parameters", [{}, {"CHALLENGE_NAME": "CUSTOM_CHALLENGE"}])
def test_the_functions_ask_and_let_in(
    pool: UserPool, functions: Triggers, admin: bool, parameters: dict[str, Any]
) -> None:
    custom = Custom(pool, admin=admin, **parameters)
    assert custom.name == "CUSTOM_CHALLENGE"
    assert custom.challenge["Session"]
    assert sources(functions) == ["DefineAuthChallenge", "CreateAuthChallenge"]
    tokens = custom.go(ANSWER=RIGHT)["AuthenticationResult"]
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
    assert sources(functions)[2:] == ["VerifyAuthChallengeResponse", "DefineAuthChallenge"]
    assert sessions(functions) == [[], [("CUSTOM_CHALLENGE", True)]]
    assert sessions(functions, "CreateAuthChallenge") == [[]]
    (create,) = [call for call in functions.calls if call.trigger == "CreateAuthChallenge"]
    assert create.event["request"]["challengeName"] == "CUSTOM_CHALLENGE"


@pytest.mark.observed("amplify-flutter's custom_auth_test, amplify-js #4888, #12887: exactly these parameters")
def test_the_first_challenge_names_the_user_and_later_ones_have_the_public_parameters_alone(
    pool: UserPool, functions: Triggers
) -> None:
    custom = Custom(pool)
    assert custom.challenge["ChallengeParameters"] == {"question": "What is the answer?", "USERNAME": "ada"}
    custom.go(ANSWER="wrong")
    assert custom.challenge["ChallengeParameters"] == {"question": "What is the answer?"}


@pytest.mark.observed("amplify-js #12887: the sub, in a pool whose users sign in by an address")
def test_the_name_in_the_challenge_is_the_canonical_one(
    make_pool_with_functions: MakePool, functions: Triggers
) -> None:
    pool = make_custom_pool(make_pool_with_functions, UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com")
    custom = Custom(pool, "ada@example.com")
    assert custom.challenge["ChallengeParameters"]["USERNAME"] == canonical
    assert functions.calls[0].event["userName"] == canonical
    custom.username = canonical
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)


@pytest.mark.observed("cognito-custom-authentication: publicChallengeParameters stay null")
def test_a_challenge_may_have_no_parameters(pool: UserPool) -> None:
    with triggers({**custom_challenge(RIGHT), "CreateAuthChallenge": says()}):
        assert Custom(pool).challenge["ChallengeParameters"] == {"USERNAME": "ada"}


@pytest.mark.documented("VerifyAuthChallengeResponse gets the private parameters, which no client sees")
def test_private_parameters_and_metadata_are_for_the_functions(pool: UserPool) -> None:
    create = says(
        publicChallengeParameters={"hint": "four digits"},
        privateChallengeParameters={"answer": RIGHT, "other": "x"},
        challengeMetadata="CODE-1",
    )
    with triggers({**custom_challenge(RIGHT), "CreateAuthChallenge": create}) as made:
        custom = Custom(pool)
        assert custom.challenge["ChallengeParameters"] == {"hint": "four digits", "USERNAME": "ada"}
        custom.go(ANSWER=RIGHT)
    (verify,) = [call.event["request"] for call in made.calls if call.trigger == "VerifyAuthChallengeResponse"]
    assert verify["privateChallengeParameters"] == {"answer": RIGHT, "other": "x"}
    assert verify["challengeAnswer"] == RIGHT
    assert made.calls[-1].event["request"]["session"] == [
        {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": True, "challengeMetadata": "CODE-1"}
    ]


@pytest.mark.observed("amplify-flutter's custom_auth_test, amplify-js #5834: each round has a session of its own")
def test_a_wrong_answer_is_asked_again_in_a_new_session(pool: UserPool, functions: Triggers) -> None:
    custom = Custom(pool)
    first = custom.challenge["Session"]
    custom.go(ANSWER="wrong")
    assert custom.name == "CUSTOM_CHALLENGE"
    assert custom.challenge["Session"] != first
    assert sessions(functions)[-1] == [("CUSTOM_CHALLENGE", False)]
    second = custom.challenge
    custom.challenge = {**second, "Session": first}
    with refused(*SPENT_SESSION):
        custom.respond(ANSWER=RIGHT)
    custom.challenge = second
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)


@pytest.mark.observed("amplify-flutter's custom_auth_test answers four times: the service has no limit of three")
def test_there_are_as_many_tries_as_define_allows(pool: UserPool) -> None:
    with triggers(custom_challenge(RIGHT, tries=7)):
        custom = Custom(pool)
        for _ in range(6):
            assert custom.go(ANSWER="wrong")["ChallengeName"] == "CUSTOM_CHALLENGE"
        assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)


@pytest.mark.observed("amplify-flutter's custom_auth_test, amplify-js #5834, #10959: the error, and a dead session")
def test_fail_authentication_is_the_end(pool: UserPool, functions: Triggers) -> None:
    custom = Custom(pool)
    first = custom.challenge
    custom.go(ANSWER="wrong")
    custom.go(ANSWER="wrong")
    with refused(*WRONG_PROOF):
        custom.go(ANSWER="wrong")
    for challenge in (custom.challenge, first):
        custom.challenge = challenge
        with refused(*INVALID_SESSION):
            custom.respond(ANSWER=RIGHT)


@pytest.mark.documented("Define decides: tokens after a wrong answer are its own affair")
def test_what_define_says_counts(pool: UserPool) -> None:
    with triggers(define(ASK, ISSUE)):
        assert "AuthenticationResult" in Custom(pool).go(ANSWER="wrong")
    with triggers(define(ISSUE)):
        assert "AuthenticationResult" in Custom(pool).challenge
    with triggers(define(ASK, {**ISSUE, **FAIL})), refused(*WRONG_PROOF):
        Custom(pool).go(ANSWER=RIGHT)


@pytest.mark.inferred("nobody is asked on whom a function has deleted a moment ago")
@pytest.mark.parametrize("trigger", list(custom_challenge()))
def test_a_user_whom_a_function_deletes_is_refused(pool: UserPool, trigger: str) -> None:
    handlers = define(ASK, ASK)

    def delete(event: Any, context: Any) -> Any:
        pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
        return handlers[trigger](event, context)

    with triggers(handlers):
        custom = Custom(pool)
        with triggers({trigger: delete}), refused(*INVALID_SESSION):
            custom.go(ANSWER=RIGHT)
        with refused(*INVALID_SESSION):
            custom.go(ANSWER=RIGHT)


@pytest.mark.documented("the ClientMetadata of an answer reach the functions that it calls, and no other")
def test_client_metadata_are_those_of_the_answer(pool: UserPool, functions: Triggers) -> None:
    request = {"AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "ada"}, "ClientMetadata": {"of": "initiate"}}
    custom = Custom(pool)
    custom.challenge = pool.cognito.initiate_auth(ClientId=pool.client_id, **request)
    assert not any("clientMetadata" in call.event["request"] for call in functions.calls)
    del functions.calls[:]
    custom.go(ANSWER="wrong", metadata={"of": "the answer"})
    assert sources(functions) == ["VerifyAuthChallengeResponse", "DefineAuthChallenge", "CreateAuthChallenge"]
    assert [call.event["request"]["clientMetadata"] for call in functions.calls] == [{"of": "the answer"}] * 3
    del functions.calls[:]
    custom.go(ANSWER=RIGHT)
    assert not any("clientMetadata" in call.event["request"] for call in functions.calls)


@pytest.mark.observed("dart-2 #241: 'Missing required parameter Session'; ANSWER by the same form")
def test_an_answer_that_lacks_something_changes_nothing(pool: UserPool, functions: Triggers) -> None:
    custom = Custom(pool)
    del functions.calls[:]
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        custom.respond()
    without = {key: value for key, value in custom.challenge.items() if key != "Session"}
    custom.challenge, before = without, custom.challenge
    with refused("InvalidParameterException", "Missing required parameter Session"):
        custom.respond(ANSWER=RIGHT)
    assert functions.calls == []
    custom.challenge = before
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)


def test_a_session_lasts_as_long_as_the_client_says_and_each_challenge_begins_it_anew(
    make_moto_pool: MakePool, functions: Triggers
) -> None:
    """By the AuthSessionValidity of the client, 3 to 15 minutes."""
    flows = {"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH"], "AuthSessionValidity": 5}
    pool = make_custom_pool(make_moto_pool, client=flows)
    pool.add_user()
    with freeze_time("2031-01-01") as clock:
        custom = Custom(pool)
        for _ in range(2):
            clock.tick(299)
            custom.go(ANSWER="wrong")
        clock.tick(300)
        with refused(*EXPIRED_SESSION):
            custom.go(ANSWER=RIGHT)


@pytest.mark.documented("the answer goes with SECRET_HASH where the client has a secret")
def test_a_client_with_a_secret_proves_it(make_pool_with_functions: MakePool, functions: Triggers) -> None:
    pool = make_custom_pool(make_pool_with_functions, secret=True)
    pool.add_user()
    custom = Custom(pool)
    pool.client_secret, secret = None, pool.client_secret
    message = f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
    with refused("NotAuthorizedException", message):
        custom.respond(ANSWER=RIGHT)
    pool.client_secret = secret
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)


# Pools, clients and users
@pytest.mark.observed("amplify-js #5623, #6327: a pool without triggers; that without one of them is inferred")
@pytest.mark.parametrize("missing", ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"])
def test_a_function_that_the_pool_does_not_name(
    make_pool_with_functions: MakePool, functions: Triggers, missing: str
) -> None:
    named = {name: lambda_arn(name) for name in custom_challenge() if name != missing}
    pool = make_pool_with_functions(LambdaConfig=named)
    pool.add_user()
    with refused(*NOT_CONFIGURED):
        Custom(pool).go(ANSWER=RIGHT)


@pytest.mark.observed("'invocation failed due to error', of Lambda's errors; this one is inferred")
def test_a_function_that_nobody_answers_for(pool: UserPool) -> None:
    handlers = custom_challenge(RIGHT)
    for name in handlers:
        with triggers({other: handlers[other] for other in handlers if other != name}):
            message = f"{name} invocation failed due to error ResourceNotFoundException."
            with refused("UnexpectedLambdaException", message):
                Custom(pool).go(ANSWER=RIGHT)


@pytest.mark.inferred("by 'USER_PASSWORD_AUTH flow not enabled for this client'")
def test_a_client_that_does_not_list_the_flow(make_pool_with_functions: MakePool, functions: Triggers) -> None:
    pool = make_custom_pool(make_pool_with_functions, client={"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]})
    pool.add_user()
    with refused("InvalidParameterException", "CUSTOM_AUTH flow not enabled for this client"):
        Custom(pool)
    assert functions.calls == []


@pytest.mark.documented("userNotFound, where the client's PreventUserExistenceErrors is ENABLED")
def test_functions_are_asked_about_nobody_where_the_client_is_not_to_tell(
    make_pool_with_functions: MakePool,
) -> None:
    pool = make_custom_pool(make_pool_with_functions, client=HIDES)
    pool.add_user()
    with triggers(define(ASK, ISSUE)) as made:
        assert "AuthenticationResult" in Custom(pool).go(ANSWER=RIGHT)
        assert [call.event["request"]["userNotFound"] for call in made.calls] == [False] * 4
        del made.calls[:]
        custom = Custom(pool, "nobody")
        assert custom.challenge["ChallengeParameters"] == {"question": "What is the answer?", "USERNAME": "nobody"}
        # Whatever they say: there is nobody to let in.
        with refused(*WRONG_PROOF):
            custom.go(ANSWER=RIGHT)
        assert [call.event["request"]["userNotFound"] for call in made.calls] == [True] * 4
        assert [call.event["request"]["userAttributes"] for call in made.calls] == [{}] * 4
        with refused(*INVALID_SESSION):
            custom.respond(ANSWER=RIGHT)


@pytest.mark.inferred("nobody has a device; that there is nobody is not told by a key either")
def test_a_device_key_of_nobody_tells_nothing(make_pool_with_functions: MakePool) -> None:
    pool = make_custom_pool(make_pool_with_functions, client=HIDES)
    with triggers(define(ASK, ASK, FAIL)):
        custom = Custom(pool, "nobody")
        assert custom.go(ANSWER=RIGHT, DEVICE_KEY="us-east-1_0")["ChallengeName"] == "CUSTOM_CHALLENGE"


@pytest.mark.documented("CUSTOM_AUTH_FLOW_ONLY: only custom auth is enabled, and refresh")
def test_a_client_for_custom_auth_alone_signs_in_and_refreshes(make_pool_with_functions: MakePool) -> None:
    pool = make_custom_pool(make_pool_with_functions, client={"ExplicitAuthFlows": ["CUSTOM_AUTH_FLOW_ONLY"]})
    pool.add_user()
    with triggers(custom_challenge(RIGHT)):
        tokens = Custom(pool).pass_all()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    again = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    assert pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=again)


@pytest.mark.documented("userNotFound, where the client's PreventUserExistenceErrors is ENABLED")
def test_else_the_absence_of_a_user_is_told_and_no_function_called(pool: UserPool, functions: Triggers) -> None:
    with refused(*UNKNOWN):
        Custom(pool, "nobody")
    assert functions.calls == []
    Custom(pool)
    assert not any("userNotFound" in call.event["request"] for call in functions.calls)


@pytest.mark.observed("amplify docs PR #4290: unconfirmed; disabled is inferred")
@each_form
def test_users_who_can_not_sign_in_are_told_so_at_once(pool: UserPool, functions: Triggers, by_srp: bool) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    with refused(*UNCONFIRMED):
        Custom(pool, "new", by_srp)
    custom = Custom(pool)
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        Custom(pool, by_srp=by_srp)
    with refused("NotAuthorizedException", "User is disabled."):
        custom.go(ANSWER=RIGHT)


@pytest.mark.inferred("that a reset is due is told to whom the functions let in")
def test_a_user_who_must_reset_the_password_is_told_so_at_the_end(pool: UserPool, functions: Triggers) -> None:
    require_reset(pool)
    custom = Custom(pool)
    assert custom.go(ANSWER="wrong")["ChallengeName"] == "CUSTOM_CHALLENGE"
    with refused(*RESET_REQUIRED):
        custom.go(ANSWER=RIGHT)


@pytest.mark.observed("amplify-js #5834: a function saw such a user; without a password there is nothing to change")
def test_a_user_with_a_temporary_password_gets_tokens_without_it(pool: UserPool, functions: Triggers) -> None:
    pool.cognito.admin_create_user(UserPoolId=pool.id, Username="new", MessageAction="SUPPRESS")
    custom = Custom(pool, "new")
    assert functions.calls[0].event["request"]["userAttributes"]["cognito:user_status"] == "FORCE_CHANGE_PASSWORD"
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)
    found = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="new")
    assert found["UserStatus"] == "FORCE_CHANGE_PASSWORD"


# With the password first
@pytest.fixture
def password_first() -> Any:
    with triggers(custom_challenge(RIGHT, password_first=True)) as made:
        yield made


@pytest.mark.documented("CHALLENGE_NAME SRP_A: Define sees SRP_A, then PASSWORD_VERIFIER, each of them right")
@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("with_session", [True, False], ids=["session sent back", "session left out"])
def test_the_password_is_proven_first(
    pool: UserPool, password_first: Triggers, admin: bool, with_session: bool
) -> None:
    custom = Custom(pool, by_srp=True, admin=admin)
    assert custom.name == "PASSWORD_VERIFIER"
    assert custom.challenge["Session"]
    assert sessions(password_first) == [[("SRP_A", True)]]
    if not with_session:
        del custom.challenge["Session"]
    custom.prove()
    assert custom.name == "CUSTOM_CHALLENGE"
    assert custom.challenge["ChallengeParameters"] == {"question": "What is the answer?"}
    assert sessions(password_first)[-1] == [("SRP_A", True), ("PASSWORD_VERIFIER", True)]
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)
    assert sessions(password_first)[-1][2:] == [("CUSTOM_CHALLENGE", True)]
    for call in password_first.calls:
        for entry in call.event["request"].get("session", []):
            assert entry["challengeMetadata"] is None


@pytest.mark.observed("amplify-flutter's custom_auth_test: the text; that Define is not asked is inferred")
def test_a_wrong_password_ends_it_without_a_word_to_define(pool: UserPool, password_first: Triggers) -> None:
    custom = Custom(pool, by_srp=True)
    with refused(*WRONG_PROOF):
        custom.prove("Wrong-horse-7")
    assert len(password_first.calls) == 1
    with refused(*WRONG_PROOF):
        custom.prove()


@pytest.mark.inferred("as by USER_SRP_AUTH, where the client is not to tell who exists")
def test_nobody_proves_the_password_of_an_absent_user(make_pool_with_functions: MakePool) -> None:
    pool = make_custom_pool(make_pool_with_functions, client=HIDES)
    with triggers(custom_challenge(RIGHT, password_first=True)) as made:
        custom = Custom(pool, "nobody", by_srp=True)
        assert custom.name == "PASSWORD_VERIFIER"
        assert made.calls[0].event["request"]["userNotFound"] is True
        with refused(*WRONG_PROOF):
            custom.prove()


@pytest.mark.observed("aws-sdk-ios #3488 sends SRP_A always; that it is ignored then is inferred")
def test_srp_a_without_challenge_name_is_ignored(pool: UserPool, functions: Triggers) -> None:
    custom = Custom(pool, SRP_A=SrpClient().srp_a)
    assert custom.name == "CUSTOM_CHALLENGE"
    assert sessions(functions) == [[]]
    with triggers(define(VERIFY_PASSWORD)), refused(*UNRECOGNIZABLE):
        Custom(pool, SRP_A=SrpClient().srp_a)


@pytest.mark.inferred("a bad request is told before anything is looked at")
def test_a_bad_beginning_calls_no_function(pool: UserPool, functions: Triggers) -> None:
    with refused("InvalidParameterException", "Missing required parameter SRP_A"):
        Custom(pool, CHALLENGE_NAME="SRP_A")
    with refused("InvalidParameterException", "Unknown CHALLENGE_NAME PASSWORD"):
        Custom(pool, CHALLENGE_NAME="PASSWORD")
    with refused("InvalidParameterException", "Missing required parameter USERNAME"):
        pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow="CUSTOM_AUTH", AuthParameters={})
    assert functions.calls == []


@pytest.mark.conflicting("seen: handed to the client as it is; the recommended reading: not what Define may say")
@pytest.mark.parametrize(
    "name", ["SRP_A", "DEVICE_PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "SMS_MFA", "PASSWORD_VERIFIER", "", None]
)
def test_define_can_not_ask_for_what_is_not_its_own(pool: UserPool, name: str | None) -> None:
    with triggers(define({"challengeName": name})), refused(*UNRECOGNIZABLE):
        Custom(pool)
    with triggers(define(ASK, {"challengeName": name})):
        custom = Custom(pool)
        with refused(*UNRECOGNIZABLE):
            custom.go(ANSWER=RIGHT)
        with refused(*INVALID_SESSION):
            custom.respond(ANSWER=RIGHT)


@pytest.mark.conflicting("amplify-flutter #2393 has the text; its code is not known")
def test_tokens_can_not_come_between_srp_a_and_its_proof(pool: UserPool) -> None:
    with (
        triggers(define(ISSUE)),
        refused("InvalidLambdaResponseException", "Cannot issue tokens when ChallengeName is SRP_A"),
    ):
        Custom(pool, by_srp=True)


@pytest.mark.inferred("the password is proven once")
def test_the_password_is_asked_for_once(pool: UserPool) -> None:
    with triggers(define({}, VERIFY_PASSWORD)):
        custom = Custom(pool, by_srp=True)
        with refused(*UNRECOGNIZABLE):
            custom.prove()


@pytest.mark.inferred("Define may ask its own question first")
def test_the_password_may_come_after_a_challenge(pool: UserPool) -> None:
    create = says(privateChallengeParameters={"answer": RIGHT}, challengeMetadata="its own")
    with triggers({**define({}, ASK, VERIFY_PASSWORD, ISSUE), "CreateAuthChallenge": create}) as made:
        custom = Custom(pool, by_srp=True)
        custom.go(ANSWER=RIGHT)
        assert custom.name == "PASSWORD_VERIFIER"
        assert "AuthenticationResult" in custom.prove()
    session = made.calls[-1].event["request"]["session"]
    assert [entry["challengeMetadata"] for entry in session] == [None, "its own", None]


# MFA, and new passwords
@pytest.mark.documented(
    "Cognito itself asks for MFA after the password; sources conflict on whether Define goes on with it"
)
def test_mfa_is_asked_for_after_the_password_and_define_sees_it(pool: UserPool, password_first: Triggers) -> None:
    pool.enable_sms_mfa()
    custom = Custom(pool, by_srp=True)
    custom.prove()
    assert custom.name == "SMS_MFA"
    assert len(password_first.calls) == 1
    assert custom.go(SMS_MFA_CODE=CODE)["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert sessions(password_first)[-1] == [("SRP_A", True), ("PASSWORD_VERIFIER", True), ("SMS_MFA", True)]
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)


@pytest.mark.observed("amplify-js #12887, the Cognito team: no MFA in the pure form, also where it is ON")
@pytest.mark.parametrize("required", [False, True])
def test_without_the_password_no_mfa_is_asked_for(
    make_pool_with_functions: MakePool, functions: Triggers, required: bool
) -> None:
    pool = make_custom_pool(make_pool_with_functions)
    pool.add_user()
    if required:
        pool.cognito.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="ON", SmsMfaConfiguration=SMS)
    else:
        pool.enable_sms_mfa()
    assert "ChallengeName" in pool.initiate()
    assert "AuthenticationResult" in Custom(pool).go(ANSWER=RIGHT)


@pytest.mark.documented("after PASSWORD_VERIFIER a temporary password is changed, and session has an entry for it")
def test_a_temporary_password_is_changed_after_it_was_proven(pool: UserPool, password_first: Triggers) -> None:
    temporary = {"UserPoolId": pool.id, "Username": "new", "TemporaryPassword": "Temporary-1"}
    pool.cognito.admin_create_user(**temporary, MessageAction="SUPPRESS")
    custom = Custom(pool, "new", by_srp=True)
    custom.prove("Temporary-1")
    assert custom.name == "NEW_PASSWORD_REQUIRED"
    assert custom.go(NEW_PASSWORD=PASSWORD)["ChallengeName"] == "CUSTOM_CHALLENGE"
    passed = [("SRP_A", True), ("PASSWORD_VERIFIER", True), ("NEW_PASSWORD_REQUIRED", True)]
    assert sessions(password_first)[-1] == passed
    assert "AuthenticationResult" in custom.go(ANSWER=RIGHT)
    assert pool.cognito.admin_get_user(UserPoolId=pool.id, Username="new")["UserStatus"] == "CONFIRMED"


# Devices
@pytest.mark.conflicting("documented, and tested by amplify-flutter; reports of 2019, 2023 and 2026 say none")
@each_form
def test_a_new_device_comes_with_the_tokens(pool: UserPool, by_srp: bool) -> None:
    with triggers(custom_challenge(RIGHT, password_first=by_srp)):
        tokens = Custom(pool, by_srp=by_srp).pass_all()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    assert claims(tokens["AccessToken"])["device_key"] == device.device_key
    assert device.confirm(pool.cognito, tokens["AccessToken"]) is False
    refresh = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    request = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    assert pool.cognito.initiate_auth(**request, AuthParameters=refresh)["AuthenticationResult"]["AccessToken"]


def remembered(pool: UserPool, by_srp: bool) -> Device:
    """A device that was in a sign-in by CUSTOM_AUTH."""
    tokens = Custom(pool, by_srp=by_srp).pass_all()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    return device


@pytest.mark.observed("amplify-flutter's custom_auth_test, and a CloudTrail record in its #4541: with a Session")
@each_form
@pytest.mark.parametrize("admin", [False, True])
def test_a_remembered_device_proves_itself_after_the_functions(pool: UserPool, by_srp: bool, admin: bool) -> None:
    with triggers(custom_challenge(RIGHT, password_first=by_srp)) as made:
        device = remembered(pool, by_srp)
        del made.calls[:]
        custom = Custom(pool, by_srp=by_srp, admin=admin, DEVICE_KEY=device.device_key)
        if by_srp:
            custom.prove(DEVICE_KEY=device.device_key)
        custom.go(ANSWER=RIGHT, DEVICE_KEY=device.device_key)
        assert custom.name == "DEVICE_SRP_AUTH"
        assert custom.challenge["Session"]
        asked = len(made.calls)
        proof = Proof(pool, device)
        proof.start(session=custom.challenge["Session"])
        tokens = proof.finish()["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert claims(tokens["AccessToken"])["device_key"] == device.device_key
    # Define is neither asked for these steps, nor about them, and no function is told of the key.
    assert len(made.calls) == asked
    for call in made.calls:
        assert device.device_key not in str(call.event)


@pytest.mark.inferred("the first answer that ends in tokens counts: here InitiateAuth itself")
def test_a_device_proves_itself_where_define_lets_in_at_once(pool: UserPool, functions: Triggers) -> None:
    device = remembered(pool, by_srp=False)
    with triggers(define(ISSUE)):
        custom = Custom(pool, DEVICE_KEY=device.device_key)
        assert custom.name == "DEVICE_SRP_AUTH"
        proof = Proof(pool, device)
        proof.start()
        assert "AuthenticationResult" in proof.finish()


@pytest.mark.observed("the key counts that is in the answer which makes Define issue tokens")
@each_form
def test_a_key_that_was_only_in_an_earlier_request_does_not_count(pool: UserPool, by_srp: bool) -> None:
    with triggers(custom_challenge(RIGHT, password_first=by_srp)):
        device = remembered(pool, by_srp)
        custom = Custom(pool, by_srp=by_srp, DEVICE_KEY=device.device_key)
        if by_srp:
            custom.prove(DEVICE_KEY=device.device_key)
            assert custom.name == "CUSTOM_CHALLENGE"
        tokens = custom.go(ANSWER=RIGHT)["AuthenticationResult"]
        assert tokens["NewDeviceMetadata"]["DeviceKey"] != device.device_key


@pytest.mark.observed(
    "amplify-js PR #12188: clients repeat the answer without the key; that no function ran is inferred"
)
@each_form
def test_an_unknown_key_is_told_and_the_answer_without_it_goes_through(pool: UserPool, by_srp: bool) -> None:
    with triggers(custom_challenge(RIGHT, password_first=by_srp)) as made:
        device = remembered(pool, by_srp)
        pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=device.device_key)
        custom = Custom(pool, by_srp=by_srp, DEVICE_KEY=device.device_key)
        if by_srp:
            with refused(*DEVICE_UNKNOWN):
                custom.prove(DEVICE_KEY=device.device_key)
            custom.prove()
        asked = len(made.calls)
        for answer in (RIGHT, "wrong"):
            with refused(*DEVICE_UNKNOWN):
                custom.respond(ANSWER=answer, DEVICE_KEY=device.device_key)
        assert len(made.calls) == asked
        assert custom.go(ANSWER=RIGHT)["AuthenticationResult"]["NewDeviceMetadata"]


@pytest.mark.inferred("a device waives the code that is due after the password, and then has to prove itself")
@pytest.mark.parametrize("proves", [True, False])
def test_a_device_waives_mfa_only_if_it_proves_itself_in_the_end(
    make_pool_with_functions: MakePool, password_first: Triggers, proves: bool
) -> None:
    pool = make_custom_pool(make_pool_with_functions, ALWAYS)
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    key: dict[str, Any] = {"DEVICE_KEY": device.device_key}
    custom = Custom(pool, by_srp=True, **key)
    assert custom.prove(**key)["ChallengeName"] == "CUSTOM_CHALLENGE"
    custom.go(ANSWER=RIGHT, **(key if proves else {}))
    if proves:
        assert custom.name == "DEVICE_SRP_AUTH"
    else:
        # The key alone lets nobody in: without the proof the code is due.
        assert custom.name == "SMS_MFA"
        assert "NewDeviceMetadata" in custom.go(SMS_MFA_CODE=CODE)["AuthenticationResult"]


@pytest.mark.documented("ChallengeRequiredOnNewDevice false: a device waives nothing")
def test_a_device_that_waives_nothing_is_asked_for_the_code_too(
    make_pool_with_functions: MakePool, password_first: Triggers
) -> None:
    pool = make_custom_pool(make_pool_with_functions, ALWAYS_WITHOUT_MFA_WAIVER)
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    custom = Custom(pool, by_srp=True)
    assert custom.prove(DEVICE_KEY=device.device_key)["ChallengeName"] == "SMS_MFA"
    custom.go(SMS_MFA_CODE=CODE, DEVICE_KEY=device.device_key)
    assert custom.go(ANSWER=RIGHT, DEVICE_KEY=device.device_key)["ChallengeName"] == "DEVICE_SRP_AUTH"


@pytest.mark.documented("an opt-in pool: a confirmed device is not asked for a proof until the user agrees")
def test_a_device_that_is_not_remembered_is_bound_without_a_proof(
    make_pool_with_functions: MakePool, functions: Triggers
) -> None:
    pool = make_custom_pool(make_pool_with_functions, OPT_IN)
    pool.add_user()
    device = remembered(pool, by_srp=False)
    tokens = Custom(pool).go(ANSWER=RIGHT, DEVICE_KEY=device.device_key)["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert claims(tokens["AccessToken"])["device_key"] == device.device_key


@pytest.mark.inferred("a wrong proof of the device spends it, as in every flow")
def test_a_wrong_device_gets_no_tokens(pool: UserPool, functions: Triggers) -> None:
    device = remembered(pool, by_srp=False)
    other = Device(device.device_key, device.device_group_key, "not the secret", device.salt)
    with refused(*WRONG_PROOF):
        sign_in(pool.cognito, pool.client_id, "ada", "", auth_flow="CUSTOM_AUTH", challenge_answer=RIGHT, device=other)


# The helper, and the switch
@pytest.mark.inferred("what testing.sign_in answers")
@each_form
def test_the_helper_signs_in(pool: UserPool, by_srp: bool) -> None:
    options: dict[str, Any] = {"auth_flow": "CUSTOM_AUTH", "user_pool_id": pool.id if by_srp else None}
    with triggers(custom_challenge(RIGHT, password_first=by_srp)):
        tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, challenge_answer=RIGHT, **options)
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(pool.cognito, tokens["AccessToken"])
        answers = iter(["wrong", RIGHT])
        tokens = sign_in(
            pool.cognito,
            pool.client_id,
            "ada",
            PASSWORD,
            challenge_answer=lambda: next(answers),
            device=device,
            **options,
        )
        assert "NewDeviceMetadata" not in tokens
        for wrong in ("wrong", None):  # an answer that is wrong is given once
            with pytest.raises(ChallengeError, match="CUSTOM_CHALLENGE"):
                sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, challenge_answer=wrong, **options)


def test_by_the_switch_custom_auth_gives_no_device(
    make_moto_pool: MakePool, functions: Triggers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in reports of 2026 (https://github.com/aws-amplify/amplify-js/issues/14909)."""
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_CUSTOM_AUTH_GIVES_DEVICE", "false")
    pool = make_custom_pool(make_moto_pool, client=FLOWS)
    pool.add_user()
    tokens = Custom(pool).go(ANSWER=RIGHT)["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims(tokens["AccessToken"])
    assert "NewDeviceMetadata" in pool.tokens()


@pytest.mark.observed("'invocation failed due to error AccessDeniedException.'")
def test_a_function_that_can_not_be_invoked_ends_the_sign_in(pool: UserPool, functions: Triggers) -> None:
    custom = Custom(pool)
    message = "VerifyAuthChallengeResponse invocation failed due to error AccessDeniedException."
    unavailable = {"VerifyAuthChallengeResponse": LambdaUnavailable("AccessDeniedException")}
    with triggers(unavailable), refused("UnexpectedLambdaException", message):
        custom.respond(ANSWER=RIGHT)
    with refused(*INVALID_SESSION):
        custom.respond(ANSWER=RIGHT)
