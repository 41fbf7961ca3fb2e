"""Hostile answers of a pool's functions: each refusal is one of three errors, and leaves nothing behind.

In each sign-in one function does something else than what it should. 340 sign-ins, the same ones each time; with
``TESTS_NIGHTLY=true`` 13,600.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.cognitoidp.models import cognitoidp_backends

from moto_cognito_devices.testing import Device, SrpClient, add_device, custom_challenge, lambda_arn, triggers
from moto_cognito_devices.testing.lambda_handlers import TRIGGERS, Handler

from .fuzz import checkpoint
from .fuzz.answers import Event, Hostile, handlers
from .support import ALWAYS, CODE, NIGHTLY, PASSWORD, REGION, Target, open_handles
from .test_attacks import INVALID_SESSION

ACCOUNT = "123456789012"
TEMPORARY = "Temporary-1"
LAMBDA_ERRORS = ("UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException")
WRONG = ("NotAuthorizedException", "Incorrect username or password.")
NEW_USER = "bob"
#: What the functions of a migration may come to, beside the three errors: the user is there then, or must not be told.
OF_MIGRATION = (
    ("PasswordResetRequiredException", "Password reset required for the user"),
    ("UserNotFoundException", "Exception migrating user in app client {client}"),
    ("UserNotFoundException", "User does not exist."),
)
#: Of a sign-in that functions ask on and on.
ROUNDS = 8


def let_in(event: Any, _: Any) -> Any:
    """DefineAuthChallenge of both forms: the password first where the client begins with it."""
    session = event["request"]["session"]
    answers = [entry["challengeResult"] for entry in session if entry["challengeName"] == "CUSTOM_CHALLENGE"]
    asks = "PASSWORD_VERIFIER" if session and session[-1]["challengeName"] == "SRP_A" else "CUSTOM_CHALLENGE"
    event["response"] |= {"issueTokens": any(answers), "failAuthentication": len(answers) > 2, "challengeName": asks}
    return event


def migrate(event: Any, _: Any) -> Any:
    event["response"] |= {
        "userAttributes": {"email": "bob@example.com", "email_verified": "true"},
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
    }
    return event


def generate(event: Any, _: Any) -> Any:
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "idTokenGeneration": {"claimsToAddOrOverride": {"a": {"b": [1]}}, "claimsToSuppress": ["email"]},
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {"a": "b"},
            "claimsToSuppress": ["c"],
            "scopesToAdd": ["photos/read"],
            "scopesToSuppress": ["d"],
        },
        "groupOverrideDetails": {"groupsToOverride": ["e"], "iamRolesToOverride": ["f"], "preferredRole": "f"},
    }
    return event


RIGHT: dict[str, Handler] = {
    **dict.fromkeys(TRIGGERS, lambda event, _: event),
    **custom_challenge(),
    "DefineAuthChallenge": let_in,
    "UserMigration": migrate,
    "PreTokenGeneration": generate,
}


class Refused(Exception):
    """The sign-in has ended without tokens."""


class World:
    """A user pool with every function, and sign-ins of each kind.

    :ivar hostile: what one function does in place of its answer, by its trigger
    """

    def __init__(self, target: Target):
        self.target, self.cognito = target, target.client()
        self.hostile: dict[str, Hostile] = {}
        self.triggers = triggers({trigger: self.answers(trigger) for trigger in TRIGGERS})
        versioned = {"LambdaVersion": "V2_0", "LambdaArn": lambda_arn("PreTokenGeneration")}
        functions = {name: lambda_arn(name) for name in TRIGGERS if name != "PreTokenGeneration"}
        self.pool: str = self.cognito.create_user_pool(
            PoolName="hostile answers",
            DeviceConfiguration=ALWAYS,
            LambdaConfig={**functions, "PreTokenGenerationConfig": versioned},
        )["UserPool"]["Id"]
        app = self.cognito.create_user_pool_client(UserPoolId=self.pool, ClientName="app", AuthSessionValidity=15)
        self.client: str = app["UserPoolClient"]["ClientId"]
        for name in ("ada", "mia", "new"):
            self.cognito.admin_create_user(
                UserPoolId=self.pool, Username=name, TemporaryPassword=TEMPORARY, MessageAction="SUPPRESS"
            )
            if name != "new":
                self.cognito.admin_set_user_password(
                    UserPoolId=self.pool, Username=name, Password=PASSWORD, Permanent=True
                )
        self.cognito.admin_set_user_mfa_preference(
            UserPoolId=self.pool, Username="mia", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
        )
        self.device = add_device(self.cognito, self.pool, "ada")
        with self.triggers:
            tokens = self.sign_in("USER_PASSWORD_AUTH", device=self.device, PASSWORD=PASSWORD)
        self.refresh_token: str = tokens["RefreshToken"]

    def answers(self, trigger: str) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            answer = RIGHT[trigger](event, context)
            hostile = self.hostile.get(trigger)
            return hostile.does(answer) if hostile else answer

        return handler

    # Sign-ins
    def sign_in(
        self, flow: str, username: str = "ada", device: Device | None = None, admin: bool = False, **parameters: str
    ) -> Event:
        """
        :returns: AuthenticationResult; empty if functions ask on and on
        :raises Refused: if there is none
        """
        always = {"USERNAME": username, **({"DEVICE_KEY": device.device_key} if device else {})}
        twin, of_pool = ("Admin", {"UserPoolId": self.pool}) if admin else ("", {})
        srp = SrpClient(a=int.from_bytes(hashlib.sha256(b"a").digest(), "big"))
        if "SRP" in flow or parameters.get("CHALLENGE_NAME") == "SRP_A":
            parameters["SRP_A"] = srp.srp_a
        request: Event = {**of_pool, "ClientId": self.client, "AuthFlow": flow}
        answer = self.send(f"{twin}InitiateAuth", {**request, "AuthParameters": {**always, **parameters}})
        for _ in range(ROUNDS):
            if "AuthenticationResult" in answer:
                result: Event = answer["AuthenticationResult"]
                return result
            asked = answer["ChallengeParameters"]
            assert all(isinstance(value, str) for value in asked.values())
            responses = {**always, **self.responses(answer["ChallengeName"], asked, srp, username)}
            session = {"Session": answer["Session"]} if "Session" in answer else {}
            request = {**of_pool, "ClientId": self.client, "ChallengeName": answer["ChallengeName"], **session}
            answer = self.send(f"{twin}RespondToAuthChallenge", {**request, "ChallengeResponses": responses})
        return {}

    def responses(self, name: str, asked: Event, srp: SrpClient, username: str) -> dict[str, str]:
        device = self.device
        answers: dict[str, Callable[[], dict[str, str]]] = {
            "PASSWORD_VERIFIER": lambda: srp.answer(asked, self.pool.partition("_")[2], username, PASSWORD),
            "DEVICE_SRP_AUTH": lambda: {"SRP_A": srp.srp_a},
            "DEVICE_PASSWORD_VERIFIER": lambda: srp.answer(
                asked, device.device_group_key, device.device_key, device.password
            ),
            "CUSTOM_CHALLENGE": lambda: {"ANSWER": "1234"},
            "SMS_MFA": lambda: {"SMS_MFA_CODE": CODE},
            "NEW_PASSWORD_REQUIRED": lambda: {"NEW_PASSWORD": PASSWORD},
        }
        return answers[name]()

    def refresh(self, operation: str) -> Event:
        """
        :raises Refused: if there are no tokens
        """
        if operation == "InitiateAuth":
            parameters = {"REFRESH_TOKEN": self.refresh_token, "DEVICE_KEY": self.device.device_key}
            request: Event = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
        else:
            request = {"RefreshToken": self.refresh_token, "DeviceKey": self.device.device_key}
        answer = self.send(operation, {"ClientId": self.client, **request})
        result: Event = answer["AuthenticationResult"]
        return result

    # Requests
    def send(self, operation: str, parameters: Event) -> Event:
        """
        :raises Refused: if it is refused, and all is as it was before
        """
        records, handles = self.records(), self.handles()
        status, answer = self.post(operation, parameters)
        if status == 200:
            return answer
        assert status == 400, answer
        told = (answer["__type"], answer["message"])
        known = [WRONG, *((name, text.format(client=self.client)) for name, text in OF_MIGRATION)]
        assert told[0] in LAMBDA_ERRORS or told in known, told
        assert self.records() == records, "a refused request changed a record"
        assert self.handles() <= handles, "a refused request opened a challenge"
        if operation.endswith("RespondToAuthChallenge"):
            self.check_dead(operation, parameters)
        raise Refused(*told)

    def post(self, operation: str, parameters: Event) -> tuple[int, Event]:
        response = self.target.post(operation, parameters, signed=True)
        answer: Event = json.loads(response.content)
        return response.status_code, answer

    def check_dead(self, operation: str, parameters: Event) -> None:
        """The same answer, and functions that are as they should be: it is too late."""
        hostile, self.hostile = self.hostile, {}
        status, answer = self.post(operation, parameters)
        self.hostile = hostile
        assert status == 400
        assert (answer["__type"], answer["message"]) in (INVALID_SESSION, WRONG)

    # What must not change
    def records(self) -> Event:
        """A user who was migrated stays, whatever follows."""
        if self.target.endpoint:
            return {}
        records = checkpoint.records()
        records[f"{self.pool} users"].pop(NEW_USER, None)
        return records

    def handles(self) -> frozenset[str]:
        return frozenset() if self.target.endpoint else checkpoint.handles()


KINDS: dict[str, Callable[[World], Event]] = {
    "password": lambda world: world.sign_in("USER_PASSWORD_AUTH", PASSWORD=PASSWORD),
    "password, by an administrator": lambda world: world.sign_in(
        "ADMIN_USER_PASSWORD_AUTH", admin=True, PASSWORD=PASSWORD
    ),
    "password by SRP": lambda world: world.sign_in("USER_SRP_AUTH"),
    "password by choice": lambda world: world.sign_in("USER_AUTH", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD),
    "password and code": lambda world: world.sign_in("USER_PASSWORD_AUTH", "mia", PASSWORD=PASSWORD),
    "password and device": lambda world: world.sign_in("USER_PASSWORD_AUTH", device=world.device, PASSWORD=PASSWORD),
    "temporary password": lambda world: world.sign_in("USER_PASSWORD_AUTH", "new", PASSWORD=TEMPORARY),
    "password of a new user": lambda world: world.sign_in("USER_PASSWORD_AUTH", NEW_USER, PASSWORD=PASSWORD),
    "custom": lambda world: world.sign_in("CUSTOM_AUTH"),
    "custom, by an administrator": lambda world: world.sign_in("CUSTOM_AUTH", admin=True),
    "custom and device": lambda world: world.sign_in("CUSTOM_AUTH", device=world.device),
    "custom behind SRP": lambda world: world.sign_in("CUSTOM_AUTH", CHALLENGE_NAME="SRP_A"),
    "custom behind SRP and a code": lambda world: world.sign_in("CUSTOM_AUTH", "mia", CHALLENGE_NAME="SRP_A"),
    "refresh": lambda world: world.refresh("InitiateAuth"),
    "refresh by its own operation": lambda world: world.refresh("GetTokensFromRefreshToken"),
}


def functions_of(kind: str) -> list[str]:
    """Those that such a sign-in calls."""
    if "refresh" in kind:
        return ["PreTokenGeneration"]
    challenges = ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"]
    before = [] if "custom" in kind and "SRP" not in kind else ["PreAuthentication"]
    return [
        *(["UserMigration"] if "new user" in kind else []),
        *before,
        *(challenges if "custom" in kind else []),
        *("PostAuthentication", "PreTokenGeneration"),
    ]


cases = st.sampled_from([(kind, trigger) for kind in KINDS for trigger in functions_of(kind)])


def many(count: int) -> settings:
    return settings(max_examples=count * (40 if NIGHTLY else 1), suppress_health_check=list(HealthCheck), database=None)


def check_tokens(world: World, result: Event) -> None:
    """They are tokens of the pool for the user, whatever a function said; and it was Define that let in."""
    backend = cognitoidp_backends[ACCOUNT][REGION]
    user_pool: Any = backend.user_pools[world.pool]
    for name, use in (("AccessToken", "access"), ("IdToken", "id")):
        key = user_pool.json_web_key.public_key
        found = jwt.decode(result[name], key, algorithms=["RS256"], options={"verify_aud": False})
        user = user_pool.user_by_id(found["sub"])
        assert found["token_use"] == use
        assert found["iss"].endswith(world.pool)
        assert found["client_id" if use == "access" else "aud"] == world.client
        assert found.get("cognito:username", user.username) == user.username
        assert ("device_key" in found) is (use == "access")
    status, answer = world.post("ListDevices", {"AccessToken": result["AccessToken"]})
    assert status == 200 or answer["message"] == "Access Token does not have required scopes"
    said = {
        trigger: [call.answer["response"] for call in world.triggers.calls if call.trigger == trigger]
        for trigger in ("DefineAuthChallenge", "VerifyAuthChallengeResponse")
    }
    if said["DefineAuthChallenge"]:
        last = said["DefineAuthChallenge"][-1]
        assert (last["issueTokens"], last.get("failAuthentication") or False) == (True, False)
    if said["DefineAuthChallenge"] and "DefineAuthChallenge" not in world.hostile:
        assert True in [response["answerCorrect"] for response in said["VerifyAuthChallengeResponse"]]


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        made = World(Target("in_process"))
        with made.triggers:
            yield made


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_gets_tokens_where_nothing_is_hostile(world: World, kind: str) -> None:
    """And calls these functions, or to be hostile in one would show little."""
    world.triggers.calls.clear()
    result = KINDS[kind](world)
    assert {call.trigger for call in world.triggers.calls} == set(functions_of(kind))
    check_tokens(world, result)


@pytest.mark.slow
def test_hostile_answers_in_process(world: World) -> None:
    before, got_tokens = checkpoint.Checkpoint(), list[bool]()

    @many(300)
    @given(cases, handlers())
    def judged(case: tuple[str, str], hostile: Hostile) -> None:
        kind, trigger = case
        world.hostile = {trigger: hostile}
        world.triggers.calls.clear()
        result: Event = {}
        try:
            result = KINDS[kind](world)
        except Refused:
            pass
        else:
            if result:
                check_tokens(world, result)
        finally:
            before.restore()
        got_tokens.append(bool(result))

    judged()
    print(f"{len(got_tokens)} sign-ins, {sum(got_tokens)} with tokens")
    assert got_tokens.count(True) > 20
    assert got_tokens.count(False) > 100


@pytest.mark.slow
def test_hostile_answers_behind_a_server(server_with_functions: str) -> None:
    @many(40)
    @given(cases, handlers())
    def judged(case: tuple[str, str], hostile: Hostile) -> None:
        kind, trigger = case
        world = World(Target("server", server_with_functions))
        world.hostile = {trigger: hostile}
        with world.triggers, suppress(Refused):
            KINDS[kind](world)
        world.cognito.delete_user_pool(UserPoolId=world.pool)

    judged()


def test_a_hostile_answer_that_changes_something_is_noticed(world: World) -> None:
    def late(answer: Event) -> Any:
        world.cognito.admin_disable_user(UserPoolId=world.pool, Username="mia")
        raise ValueError("no")

    world.hostile = {"PostAuthentication": Hostile("disables another user", late)}
    with pytest.raises(AssertionError, match="a refused request changed a record"):
        KINDS["password"](world)


def test_open_challenges_are_counted(world: World) -> None:
    before = world.handles()
    world.post(
        "InitiateAuth",
        {"ClientId": world.client, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": "ada"}},
    )
    user_pool: Any = cognitoidp_backends[ACCOUNT][REGION].user_pools[world.pool]
    assert len(world.handles() - before) == len(open_handles(user_pool)) == 1
