"""Client libraries, unmodified, sign in where JavaScript functions have a say: custom challenges, claims, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from ..conftest import MakePool
from ..support import CODE, DEVICE_UNKNOWN, PASSWORD, WRONG_PROOF, UserPool
from .app import DEVICE_STEPS, App, RefusedError, asks_for, signed_in
from .conftest import StartApp
from .serverless import Functions

pytestmark = pytest.mark.slow

BEGIN = "InitiateAuth CUSTOM_AUTH"
PROVE = "RespondToAuthChallenge PASSWORD_VERIFIER"
ANSWER = "RespondToAuthChallenge CUSTOM_CHALLENGE"

DEFINE = "DefineAuthChallenge_Authentication"
CREATE = "CreateAuthChallenge_Authentication"
VERIFY = "VerifyAuthChallengeResponse_Authentication"
BEFORE = "PreAuthentication_Authentication"
AFTER = "PostAuthentication_Authentication"

CUSTOM_CHALLENGE = {
    "DefineAuthChallenge": "defineAuthChallenge",
    "CreateAuthChallenge": "createAuthChallenge",
    "VerifyAuthChallengeResponse": "verifyAuthChallengeResponse",
}
ASKED_TOO = {"PreAuthentication": "preAuthentication", "PostAuthentication": "postAuthentication"}

by_amplify = pytest.mark.parametrize("library", ["amplify"], indirect=True)
by_identity_js = pytest.mark.parametrize("library", ["identity_js"], indirect=True)
by_itself = pytest.mark.parametrize("password", [None], ids=["alone"])
behind_a_password = pytest.mark.parametrize("password", [PASSWORD], ids=["behind a password"])


@pytest.fixture(params=["identity_js", "amplify"])
def library(request: pytest.FixtureRequest) -> str:
    """The libraries that know custom challenges."""
    name: str = request.param
    return name


@pytest.fixture(params=[None, PASSWORD], ids=["alone", "behind a password"])
def password(request: pytest.FixtureRequest) -> str | None:
    """What comes before the challenge."""
    found: str | None = request.param
    return found


@pytest.fixture
def pool(make_triggering_pool: MakePool) -> UserPool:
    """A pool with all functions but those for tokens, and the user ada."""
    made = make_triggering_pool({**CUSTOM_CHALLENGE, **ASKED_TOO})
    made.add_user(email="ada@example.com")
    return made


@pytest.fixture
def app(start: StartApp, pool: UserPool) -> App:
    return start(pool)


def solution(step: dict[str, Any]) -> str:
    assert asks_for(step, "CUSTOM_CHALLENGE")
    question: str = step["parameters"]["question"]
    one, other = question.split(" + ")
    return str(int(one) + int(other))


def sign_in(app: App, password: str | None, username: str = "ada") -> None:
    assert signed_in(app("answer", solution(app("signInByChallenge", username, password))))


# Challenges
def test_a_custom_challenge_signs_in(app: App, pool: UserPool, functions: Functions, password: str | None) -> None:
    step = app("signInByChallenge", "ada", password)
    assert app.sent == [BEGIN, *([PROVE] if password else [])]
    assert functions.calls(pool) == ([BEFORE, DEFINE, DEFINE, CREATE] if password else [DEFINE, CREATE])
    assert signed_in(app("answer", solution(step)))
    assert app.sent == [ANSWER, "ConfirmDevice"]
    assert functions.calls(pool)[-3:] == [VERIFY, DEFINE, AFTER]
    assert app("claims")["username"] == "ada"
    assert app("idClaims")["email"] == "ada@example.com"


def test_a_wrong_answer_is_asked_for_again(app: App, password: str | None) -> None:
    first = app("signInByChallenge", "ada", password)
    right = solution(first)
    again = app("answer", "0")
    assert solution(again) == right
    assert signed_in(app("answer", right))


def test_the_third_wrong_answer_ends_the_sign_in(app: App, pool: UserPool, password: str | None) -> None:
    app("signInByChallenge", "ada", password)
    for _ in range(2):
        step = app("answer", "0")
    right = solution(step)
    with pytest.raises(RefusedError) as caught:
        app("answer", "0")
    assert (caught.value.name, caught.value.message) == WRONG_PROOF
    with pytest.raises(RefusedError) as caught:
        app("answer", right)
    assert (caught.value.name, caught.value.message) == ("NotAuthorizedException", "Invalid session for the user.")
    assert pool.admin_devices() == {}
    sign_in(app, password)


@behind_a_password
def test_a_wrong_password_leads_to_no_challenge(app: App, pool: UserPool, functions: Functions, password: str) -> None:
    with pytest.raises(RefusedError) as caught:
        app("signInByChallenge", "ada", "Wrong-horse-7")
    assert (caught.value.name, caught.value.message) == WRONG_PROOF
    assert functions.calls(pool) == [BEFORE, DEFINE]
    sign_in(app, password)


@behind_a_password
def test_a_temporary_password_is_replaced_before_the_challenge(
    start: StartApp, make_triggering_pool: MakePool, password: str
) -> None:
    pool = make_triggering_pool(CUSTOM_CHALLENGE)
    pool.cognito.admin_create_user(
        UserPoolId=pool.id, Username="ada", TemporaryPassword="Temporary-1", MessageAction="SUPPRESS"
    )
    app = start(pool)
    assert asks_for(app("signInByChallenge", "ada", "Temporary-1"), "NEW_PASSWORD_REQUIRED")
    step = app("answer", password)
    assert app.sent == ["RespondToAuthChallenge NEW_PASSWORD_REQUIRED"]
    assert signed_in(app("answer", solution(step)))
    assert app.sent == [ANSWER, "ConfirmDevice"]
    app("signOut")
    sign_in(app, password)


@by_amplify
def test_a_user_of_an_email_pool_is_challenged(
    start: StartApp, make_triggering_pool: MakePool, password: str | None
) -> None:
    pool = make_triggering_pool(CUSTOM_CHALLENGE, UsernameAttributes=["email"])
    username = pool.add_user("ada@example.com", email="ada@example.com")
    app = start(pool)
    for steps in (["ConfirmDevice"], DEVICE_STEPS):
        sign_in(app, password, "ada@example.com")
        assert app.sent == [ANSWER, *steps]
        assert app("claims")["username"] == username
        app("signOut")


# Devices
def test_the_device_of_a_challenged_user_proves_itself_the_next_time(
    app: App, pool: UserPool, functions: Functions, password: str | None
) -> None:
    sign_in(app, password)
    [key] = app("devices")
    assert app("claims")["device_key"] == key
    app("signOut")
    calls = functions.calls(pool)

    sign_in(app, password)

    assert app.sent == [ANSWER, *DEVICE_STEPS]
    assert app("devices") == [key]
    assert app("claims")["device_key"] == key
    # No function is asked for or about the device's steps; one is told whether the device is new.
    assert functions.calls(pool) == [*calls, *calls]
    assert [event["request"]["newDeviceUsed"] for event in functions.events(pool, AFTER)] == [True, False]
    assert key not in str(functions.events(pool))
    assert app("refresh") == {"renewed": True}
    assert app("claims")["device_key"] == key


@by_amplify
def test_after_its_device_was_forgotten_elsewhere_amplify_tries_again_without_it(
    app: App, pool: UserPool, password: str | None
) -> None:
    sign_in(app, password)
    [stale] = app("devices")
    app("signOut")
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=stale)

    sign_in(app, password)

    [new] = app("devices")
    assert new != stale


@by_identity_js
@by_itself
def test_a_device_that_was_forgotten_elsewhere_is_told_to_the_app(
    app: App, pool: UserPool, functions: Functions, password: str | None
) -> None:
    sign_in(app, password)
    [stale] = app("devices")
    app("signOut")
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=stale)
    step = app("signInByChallenge", "ada", password)
    with pytest.raises(RefusedError) as caught:
        app("answer", solution(step))
    assert (caught.value.name, caught.value.message) == DEVICE_UNKNOWN
    assert functions.calls(pool)[-2:] == [DEFINE, CREATE]  # the answer was not looked at


# After a code amazon-cognito-identity-js waits for tokens, and knows no challenge.
@by_amplify
@behind_a_password
def test_a_code_is_asked_for_between_password_and_challenge_until_the_device_is_known(
    app: App, pool: UserPool, functions: Functions, password: str
) -> None:
    pool.enable_sms_mfa()
    assert asks_for(app("signInByChallenge", "ada", password), "SMS_MFA")
    assert functions.calls(pool) == [BEFORE, DEFINE]
    step = app("answer", CODE)
    assert functions.calls(pool) == [BEFORE, DEFINE, DEFINE, CREATE]
    assert signed_in(app("answer", solution(step)))
    assert app.sent == [ANSWER, "ConfirmDevice"]
    app("signOut")

    sign_in(app, password)
    assert app.sent == [ANSWER, *DEVICE_STEPS]


@by_itself
def test_a_code_is_not_asked_for_where_a_challenge_stands_for_the_password(
    app: App, pool: UserPool, password: None
) -> None:
    pool.enable_sms_mfa()
    sign_in(app, password)
    assert app.sent == [ANSWER, "ConfirmDevice"]


# Claims
@pytest.mark.parametrize("challenged", [False, True], ids=["by password", "by challenge"])
def test_claims_are_in_the_id_token(start: StartApp, make_triggering_pool: MakePool, challenged: bool) -> None:
    pool = make_triggering_pool({**CUSTOM_CHALLENGE, "PreTokenGeneration": "preTokenGeneration"})
    pool.add_user(email="ada@example.com")
    app = start(pool)
    for source in ("TokenGeneration_Authentication", "TokenGeneration_AuthenticateDevice"):
        if challenged:
            sign_in(app, None)
        else:
            assert signed_in(app("signIn", "ada", PASSWORD))
        claims = app("idClaims")
        assert (claims["tenant"], claims["minted_for"]) == ("analytical-engines", source)
        assert "email" not in claims
        assert "tenant" not in app("claims")
        app("refresh")
        assert app("idClaims")["minted_for"] == "TokenGeneration_RefreshTokens"
        app("signOut")


def test_claims_of_version_two_are_in_the_access_token_too(
    start: StartApp, make_triggering_pool: MakePool, password: str | None
) -> None:
    pool = make_triggering_pool({**CUSTOM_CHALLENGE, "PreTokenGenerationConfig": "preTokenGenerationV2"})
    pool.add_user(email="ada@example.com")
    app = start(pool)
    for source in ("TokenGeneration_Authentication", "TokenGeneration_AuthenticateDevice"):
        sign_in(app, password)
        for claims in (app("claims"), app("idClaims")):
            assert (claims["tenants"], claims["minted_for"]) == (["engines", "looms"], source)
        assert "looms/read" in app("claims")["scope"].split()
        assert "email" not in app("idClaims")
        assert app("claims")["device_key"] == app("devices")[0]
        app("signOut")


# Refusals
@behind_a_password
def test_a_function_refuses_an_app_before_its_password_is_looked_at(
    app: App, pool: UserPool, functions: Functions, password: str
) -> None:
    for word in (password, "Wrong-horse-7"):
        with pytest.raises(RefusedError) as caught:
            app("signInByChallenge", "ada", word, {"app": "retired"})
        assert (caught.value.name, caught.value.message) == (
            "UserLambdaValidationException",
            "PreAuthentication failed with error This app is no longer served.",
        )
    assert functions.calls(pool) == [BEFORE, BEFORE]


def test_a_function_refuses_a_new_device(app: App, pool: UserPool, password: str | None) -> None:
    step = app("signInByChallenge", "ada", password)
    with pytest.raises(RefusedError) as caught:
        app("answer", solution(step), {"devices": "known"})
    assert (caught.value.name, caught.value.message) == (
        "UserLambdaValidationException",
        "PostAuthentication failed with error This device is new.",
    )
    sign_in(app, password)
    assert len(pool.admin_devices()) == 1
    app("signOut")
    step = app("signInByChallenge", "ada", password)
    assert signed_in(app("answer", solution(step), {"devices": "known"}))
    assert app.sent == [ANSWER, *DEVICE_STEPS]


def test_a_function_that_is_not_served_refuses_who_needs_it(start: StartApp, make_triggering_pool: MakePool) -> None:
    pool = make_triggering_pool({**CUSTOM_CHALLENGE, "PostAuthentication": "isNotServed"})
    pool.add_user()
    app = start(pool)
    with pytest.raises(RefusedError) as caught:
        sign_in(app, None)
    assert (caught.value.name, caught.value.message) == (
        "UnexpectedLambdaException",
        "PostAuthentication invocation failed due to error ResourceNotFoundException.",
    )
