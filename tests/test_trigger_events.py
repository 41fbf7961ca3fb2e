"""The events of Lambda triggers, the answers to them, and what these make of tokens' claims: pure, member by member."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moto_cognito_devices.cognitoidp.claims import Changes, Groups, Overrides
from moto_cognito_devices.cognitoidp.triggers import events
from moto_cognito_devices.cognitoidp.triggers.events import Challenge, Decision, EventContext, MigratedUser, OutputError

from .fuzz.answers import Event, Member, changed, changes, texts
from .support import NIGHTLY

INVALID = "Invalid lambda function output : Invalid JSON"
UNRECOGNIZABLE = "Unrecognizable lambda output"

COMMON = EventContext(
    "eu-west-1", "eu-west-1_abc", "client", "ada", user_attributes={"sub": "1", "email": "a@example.com"}
)
ENTRY = {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": None}
SCOPE = "aws.cognito.signin.user.admin"

Build = Callable[[EventContext], Event]
Read = Callable[[str], Any]

#: By a trigger: its event, what is its own in ``request``, ``response``, and what reads the answer.
BUILT: dict[str, tuple[Build, Event, Event, Read]] = {
    "PreAuthentication_Authentication": (
        lambda common: events.pre_authentication(common, {"a": "b"}),
        {"validationData": {"a": "b"}},
        {},
        events.parse_response,
    ),
    "PostAuthentication_Authentication": (
        lambda common: events.post_authentication(common, True),
        {"newDeviceUsed": True},
        {},
        events.parse_response,
    ),
    "TokenGeneration_RefreshTokens": (
        lambda common: events.pre_token_generation(common, "RefreshTokens", "1", ["g"], ["r"], "r", [SCOPE]),
        {"groupConfiguration": {"groupsToOverride": ["g"], "iamRolesToOverride": ["r"], "preferredRole": "r"}},
        {"claimsOverrideDetails": None},
        lambda text: events.parse_overrides(text, "1"),
    ),
    "TokenGeneration_Authentication": (
        lambda common: events.pre_token_generation(common, "Authentication", "2", [], [], None, [SCOPE]),
        {
            "groupConfiguration": {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": None},
            "scopes": [SCOPE],
        },
        {"claimsAndScopeOverrideDetails": None},
        lambda text: events.parse_overrides(text, "2"),
    ),
    "UserMigration_Authentication": (
        lambda common: events.user_migration(common, "secret", {"a": "b"}),
        {"password": "secret", "validationData": {"a": "b"}},
        {
            "userAttributes": None,
            "finalUserStatus": None,
            "messageAction": None,
            "desiredDeliveryMediums": None,
            "forceAliasCreation": None,
            "enableSMSMFA": None,
        },
        events.parse_migrated_user,
    ),
    "DefineAuthChallenge_Authentication": (
        lambda common: events.define_auth_challenge(common, [ENTRY]),
        {"session": [ENTRY]},
        {"challengeName": None, "issueTokens": None, "failAuthentication": None},
        events.parse_decision,
    ),
    "CreateAuthChallenge_Authentication": (
        lambda common: events.create_auth_challenge(common, "CUSTOM_CHALLENGE", [ENTRY]),
        {"challengeName": "CUSTOM_CHALLENGE", "session": [ENTRY]},
        {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None},
        events.parse_challenge,
    ),
    "VerifyAuthChallengeResponse_Authentication": (
        lambda common: events.verify_auth_challenge_response(common, {"a": "b"}, "1234"),
        {"privateChallengeParameters": {"a": "b"}, "challengeAnswer": "1234"},
        {"answerCorrect": None},
        events.parse_answer_correct,
    ),
}
TELLS_ABSENCE = {
    "PreAuthentication_Authentication",
    "DefineAuthChallenge_Authentication",
    "CreateAuthChallenge_Authentication",
    "VerifyAuthChallengeResponse_Authentication",
}
# There is no such user yet; and the metadata of a request that begins a sign-in are validationData.
WITHOUT_USER = "UserMigration_Authentication"
#: What functions that do their work put into ``response``.
FILLED: dict[str, Event] = {
    "DefineAuthChallenge_Authentication": {"challengeName": "CUSTOM_CHALLENGE", "issueTokens": False},
    "CreateAuthChallenge_Authentication": {
        "publicChallengeParameters": {"question": "?"},
        "privateChallengeParameters": {"answer": "!"},
        "challengeMetadata": "first",
    },
    "VerifyAuthChallengeResponse_Authentication": {"answerCorrect": True},
    "TokenGeneration_RefreshTokens": {
        "claimsOverrideDetails": {
            "claimsToAddOrOverride": {"a": "b"},
            "claimsToSuppress": ["email"],
            "groupOverrideDetails": {"groupsToOverride": ["g"], "iamRolesToOverride": ["r"], "preferredRole": "r"},
        }
    },
    "TokenGeneration_Authentication": {
        "claimsAndScopeOverrideDetails": {
            "idTokenGeneration": {"claimsToAddOrOverride": {"a": ["b", 1]}, "claimsToSuppress": ["email"]},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"a": {"b": None}},
                "claimsToSuppress": ["c"],
                "scopesToAdd": ["x"],
                "scopesToSuppress": [SCOPE],
            },
            "groupOverrideDetails": {"groupsToOverride": ["g"]},
        }
    },
    "UserMigration_Authentication": {
        "userAttributes": {"email": "a@example.com"},
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
        "desiredDeliveryMediums": ["EMAIL"],
        "forceAliasCreation": False,
        "enableSMSMFA": True,
    },
}

of_every_trigger = pytest.mark.parametrize("source", BUILT)
# Of each trigger.
many = settings(max_examples=2000 if NIGHTLY else 40)
strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
maps = st.dictionaries(strings, strings, max_size=4)


def built(source: str, common: EventContext = COMMON) -> Event:
    return BUILT[source][0](common)


def filled(source: str) -> Event:
    event = built(source)
    event["response"] |= copy.deepcopy(FILLED.get(source, {}))  # tests change it
    return event


def read(source: str, answer: Any) -> Any:
    return BUILT[source][3](answer if isinstance(answer, str) else json.dumps(answer))


# Events
@of_every_trigger
@pytest.mark.documented("TRIG, and captures: nulls in response, nothing absent in request")
def test_an_event_has_exactly_these_members(source: str) -> None:
    _, own, response, _ = BUILT[source]
    common = replace(COMMON, sdk="aws-sdk-js-3.1", client_metadata={"c": "d"}, user_not_found=False)
    of_user: Event = {"userAttributes": {"sub": "1", "email": "a@example.com"}, "clientMetadata": {"c": "d"}}
    if source == WITHOUT_USER:
        of_user = {}
    assert built(source, common) == {
        "version": "2" if source == "TokenGeneration_Authentication" else "1",
        "region": "eu-west-1",
        "userPoolId": "eu-west-1_abc",
        "userName": "ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-js-3.1", "clientId": "client"},
        "triggerSource": source,
        "request": {**of_user, **own, **({"userNotFound": False} if source in TELLS_ABSENCE else {})},
        "response": response,
    }


@of_every_trigger
@pytest.mark.observed("captures: clientMetadata is absent when none was sent, userNotFound where the client may tell")
def test_members_without_a_value_are_absent_in_the_request(source: str) -> None:
    assert not {"clientMetadata", "userNotFound"} & built(source)["request"].keys()


@of_every_trigger
@many
@given(metadata=st.none() | maps, not_found=st.none() | st.booleans(), attributes=maps, name=strings)
def test_what_is_given_is_in_the_event_as_it_was_given(
    source: str, metadata: dict[str, str] | None, not_found: bool | None, attributes: dict[str, str], name: str
) -> None:
    common = replace(
        COMMON, username=name, client_metadata=metadata, user_not_found=not_found, user_attributes=attributes
    )
    before = copy.deepcopy(common)
    event = built(source, common)
    assert event["userName"] == name
    request = event["request"]
    assert request.get("clientMetadata", metadata) == metadata
    assert ("clientMetadata" in request) is (metadata is not None and source != WITHOUT_USER)
    assert ("userNotFound" in request) is (not_found is not None and source in TELLS_ABSENCE)
    assert request.get("userNotFound", not_found) is not_found
    assert request.get("userAttributes", attributes) == attributes
    assert json.loads(json.dumps(event)) == event
    assert common == before


@pytest.mark.parametrize("version", ["2", "3"])
def test_the_scopes_are_told_from_version_2_on(version: str) -> None:
    event = events.pre_token_generation(COMMON, "Authentication", version, [], [], None, [SCOPE])
    assert (event["version"], event["request"]["scopes"]) == (version, [SCOPE])
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}


@pytest.mark.parametrize("secret", ["userAttributes", "clientMetadata"])
def test_what_a_user_sent_is_in_no_repr(secret: str) -> None:
    shown = repr(replace(COMMON, user_attributes={secret: "hidden"}, client_metadata={secret: "hidden"}))
    assert "hidden" not in shown
    assert "hidden" not in repr(Challenge({}, {"answer": "hidden"}, None))


# Answers
@of_every_trigger
@pytest.mark.observed("an unchanged event is a fine answer")
def test_an_unchanged_event_says_nothing(source: str) -> None:
    nothing: dict[str, Any] = {
        "DefineAuthChallenge_Authentication": Decision(None, False, False),
        "CreateAuthChallenge_Authentication": Challenge({}, {}, None),
        "VerifyAuthChallengeResponse_Authentication": False,
        "TokenGeneration_RefreshTokens": Overrides(),
        "TokenGeneration_Authentication": Overrides(),
        "UserMigration_Authentication": None,
    }
    event = built(source)
    assert read(source, event) == nothing.get(source, event["response"])


@of_every_trigger
def test_what_a_function_says_is_read(source: str) -> None:
    said: dict[str, Any] = {
        "DefineAuthChallenge_Authentication": Decision("CUSTOM_CHALLENGE", False, False),
        "CreateAuthChallenge_Authentication": Challenge({"question": "?"}, {"answer": "!"}, "first"),
        "VerifyAuthChallengeResponse_Authentication": True,
        "TokenGeneration_RefreshTokens": Overrides(
            Changes({"a": "b"}, ["email"]), Changes(), Groups(["g"], ["r"], "r"), [], []
        ),
        "TokenGeneration_Authentication": Overrides(
            Changes({"a": ["b", 1]}, ["email"]), Changes({"a": {"b": None}}, ["c"]), Groups(["g"]), ["x"], [SCOPE]
        ),
        "UserMigration_Authentication": MigratedUser({"email": "a@example.com"}, True, True),
    }
    assert read(source, filled(source)) == said.get(source, {})


@of_every_trigger
@pytest.mark.observed("a 2026 project's tests on AWS: each of these was refused")
@pytest.mark.parametrize(
    "wrong",
    [
        lambda event: {name: member for name, member in event.items() if name != "callerContext"},
        lambda event: {**event, "request": {**event["request"], "clientMetadata": None}},
        lambda event: {**event, "callerContext": {**event["callerContext"], "clientId": None}},
        lambda event: {name[0].upper() + name[1:]: member for name, member in event.items()},
        lambda event: {"response": event["response"]},
        lambda event: event["response"],
        lambda event: {**event, "response": None},
        lambda event: [event],
        lambda event: json.dumps(event),
        lambda _: "done",
        lambda _: 1,
    ],
)
def test_a_part_of_the_event_is_unrecognizable(source: str, wrong: Callable[[Event], Any]) -> None:
    with pytest.raises(OutputError) as caught:
        read(source, json.dumps(wrong(filled(source))))
    assert caught.value.message == UNRECOGNIZABLE
    assert caught.value.hint.endswith(".")


@of_every_trigger
@pytest.mark.parametrize(
    "nothing", ["", "null", "None", "{", "NaN", '"\ud800"', '"\\ud800"', "[" * 100_000, "9" * 6000]
)
def test_nothing_and_no_json_are_invalid(source: str, nothing: str) -> None:
    if nothing == "9" * 6000:  # a Python of before 2023 reads it, and it is no object
        with pytest.raises(OutputError):
            read(source, nothing)
        return
    with pytest.raises(OutputError) as caught:
        read(source, nothing)
    assert caught.value.message == INVALID


@of_every_trigger
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_what_is_no_number_is_no_json(source: str, number: str) -> None:
    """It would go into a token, which nobody could read then."""
    text = json.dumps({**filled(source), "further": "number"}).replace('"number"', number)
    with pytest.raises(OutputError) as caught:
        read(source, text)
    assert caught.value.message == INVALID


def test_what_is_read_is_shallow_enough_for_a_token() -> None:
    """At some depth an answer can be read, and a token not be written any more."""
    source, deep = "TokenGeneration_Authentication", list[Any]()
    for depth in range(1, 900):
        answer = filled(source)
        answer["response"]["claimsAndScopeOverrideDetails"]["idTokenGeneration"]["claimsToAddOrOverride"] = {"a": deep}
        if depth < 90:
            assert read(source, answer).id_token.add == {"a": deep}
        elif depth > 100:
            with pytest.raises(OutputError, match=UNRECOGNIZABLE):
                read(source, answer)
        deep = [deep]


def check_read(source: str, text: str) -> None:
    """It is read, or refused by one of the two texts; what was read is plain, and of these types."""
    refusal, result = None, None
    try:
        result = read(source, text)
    except OutputError as error:
        refusal = error
    if refusal is None:
        check_result(source, result)
    else:
        assert refusal.message in (INVALID, UNRECOGNIZABLE)
        assert refusal.hint


def check_result(source: str, result: Any) -> None:
    plain: Any = asdict(result) if is_dataclass(result) and not isinstance(result, type) else result
    json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()
    if isinstance(result, Decision):
        assert result.challenge_name is None or isinstance(result.challenge_name, str)
        assert {type(result.issue_tokens), type(result.fail)} == {bool}
    elif isinstance(result, Challenge):
        assert all(isinstance(value, str) for value in (*result.public.values(), *result.private.values()))
        assert result.metadata is None or isinstance(result.metadata, str)
    elif isinstance(result, Overrides):
        groups = result.groups or Groups()
        changes_ = result.id_token, result.access_token
        lists = (result.add_scopes, result.suppress_scopes, groups.names, groups.roles, *(c.suppress for c in changes_))
        assert all(isinstance(name, str) for names in lists for name in names)
        assert None not in [value for change in changes_ for value in change.add.values()]
    elif isinstance(result, MigratedUser):
        assert result.attributes
        assert all(isinstance(value, str) for value in result.attributes.values())
    elif source == WITHOUT_USER:
        assert result is None
    else:
        assert type(result) is (bool if "Verify" in source else dict)


@of_every_trigger
@many
@given(members=changes())
def test_any_changed_answer_is_read_or_refused(source: str, members: list[Member]) -> None:
    check_read(source, json.dumps(changed(filled(source), members)))


@of_every_trigger
@many
@given(text=texts())
def test_any_text_is_read_or_refused(source: str, text: str) -> None:
    check_read(source, text)


@of_every_trigger
@many
@given(name=st.sampled_from(["version", "response", "request", "callerContext", "further"]), text=texts())
def test_any_text_for_a_member_is_read_or_refused(source: str, name: str, text: str) -> None:
    check_read(source, json.dumps({**filled(source), name: "member"}).replace('"member"', text))


@pytest.mark.inferred("TRIG, version 1: claims are strings; lists and objects from version 2 on")
def test_claims_of_version_1_are_strings() -> None:
    answer = filled("TokenGeneration_RefreshTokens")
    for value in (1, True, ["a"], {"a": "b"}):
        answer["response"]["claimsOverrideDetails"]["claimsToAddOrOverride"] = {"a": value}
        with pytest.raises(OutputError, match=UNRECOGNIZABLE):
            read("TokenGeneration_RefreshTokens", answer)
    answer["response"]["claimsOverrideDetails"]["claimsToAddOrOverride"] = {"a": None, "b": "c"}
    assert read("TokenGeneration_RefreshTokens", answer).id_token.add == {"b": "c"}


@pytest.mark.documented("TRIG: no scope with blank-space characters can be added")
@pytest.mark.parametrize("scope", ["", " ", "a b", "a\nb", "a\u00a0b"])
def test_a_scope_has_no_blanks(scope: str) -> None:
    answer = filled("TokenGeneration_Authentication")
    answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]["scopesToAdd"] = [scope]
    with pytest.raises(OutputError, match=UNRECOGNIZABLE):
        read("TokenGeneration_Authentication", answer)


@pytest.mark.inferred("null is no value, as in version 1's map of strings")
def test_a_claim_that_is_null_is_not_added() -> None:
    answer = filled("TokenGeneration_Authentication")
    details = answer["response"]["claimsAndScopeOverrideDetails"]
    details["idTokenGeneration"]["claimsToAddOrOverride"] = {"a": None, "b": [None]}
    assert read("TokenGeneration_Authentication", answer).id_token.add == {"b": [None]}


@pytest.mark.documented("TRIG: an empty or null groupOverrideDetails takes the groups away; without one they stay")
@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_empty_groups_are_told_from_none(version: str) -> None:
    member = "claimsOverrideDetails" if version == "1" else "claimsAndScopeOverrideDetails"
    for details, groups in (({"groupOverrideDetails": {}}, Groups()), ({"groupOverrideDetails": None}, Groups())):
        answer = {**built("TokenGeneration_Authentication"), "response": {member: details}}
        assert events.parse_overrides(json.dumps(answer), version).groups == groups
    answer = {**built("TokenGeneration_Authentication"), "response": {member: {}}}
    assert events.parse_overrides(json.dumps(answer), version).groups is None


# Claims
#: What a function can't add, change or suppress: TRIG of before 2024, and of today.
RESERVED = (
    *("acr", "amr", "at_hash", "auth_time", "azp", "client_id", "cognito:username", "cognito:mfa_enabled"),
    *("device_key", "event_id", "exp", "iat", "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub"),
    *("token_use", "version"),
)
GROUPS = ("cognito:groups", "cognito:roles", "cognito:preferred_role")
FREE = ("email", "username", "custom:tier", "a", "...", "")
CLAIMS = {
    **{name: f"the {name}" for name in RESERVED},
    "aud": "client",
    "email": "a@example.com",
    "username": "ada",
    "cognito:groups": ["admins"],
}
names = st.sampled_from([*RESERVED, "aud", *GROUPS, *FREE])
values = st.sampled_from(["x", ["y"], 1, {"z": None}, "client", False])
scopes = st.lists(st.sampled_from([SCOPE, "openid", "x", "y"]), max_size=5)
claim_changes = st.builds(Changes, st.dictionaries(names, values, max_size=4), st.lists(names, max_size=4))
some_groups = st.builds(
    Groups,
    st.lists(st.sampled_from(["a", "b"]), max_size=2),
    st.lists(st.sampled_from(["r", "s"]), max_size=2),
    st.none() | st.just("r"),
)
some_overrides = st.builds(Overrides, claim_changes, claim_changes, st.none() | some_groups, scopes, scopes)
token_uses = st.sampled_from(["access", "id"])


def claims_of(token_use: str) -> dict[str, Any]:
    return {**CLAIMS, "token_use": token_use, **({"scope": f"{SCOPE} openid"} if token_use == "access" else {})}


@given(some_overrides, token_uses)
def test_reserved_claims_are_as_before(overrides: Overrides, token_use: str) -> None:
    claims = claims_of(token_use)
    before, before_overrides = copy.deepcopy(claims), copy.deepcopy(overrides)
    changed_ = overrides.apply(claims, token_use, "client")
    for name in RESERVED:
        assert changed_[name] == before[name]
    assert changed_["aud"] == "client"
    assert (claims, overrides) == (before, before_overrides)


@pytest.mark.documented("TRIG: aud may be put into an access token, with the app client's id")
def test_the_audience_of_an_access_token_is_the_client_or_none() -> None:
    claims = {"sub": "1"}
    for token_use, value, expected in (
        *(("access", "client", "client"), ("access", "other", None), ("access", ["client"], None)),
        ("id", "client", None),
    ):
        overrides = Overrides(Changes({"aud": value}), Changes({"aud": value}))
        assert overrides.apply(claims, token_use, "client").get("aud") == expected


@given(some_overrides, token_uses)
def test_to_suppress_goes_before_to_override(overrides: Overrides, token_use: str) -> None:
    applied = overrides.apply(claims_of(token_use), token_use, "client")
    made = overrides.id_token if token_use == "id" else overrides.access_token
    for name in made.suppress:
        assert (name in applied) is (name in (*RESERVED, "aud"))
    for name, value in made.add.items():
        if name not in (*RESERVED, "aud", *made.suppress):
            assert applied[name] == value


@given(some_overrides, token_uses)
def test_what_nobody_named_is_as_before(overrides: Overrides, token_use: str) -> None:
    claims = claims_of(token_use)
    applied = overrides.apply(claims, token_use, "client")
    made = overrides.id_token if token_use == "id" else overrides.access_token
    named = {*made.add, *made.suppress, *(GROUPS if overrides.groups is not None else ()), "scope"}
    assert {n: v for n, v in applied.items() if n not in named} == {n: v for n, v in claims.items() if n not in named}


@given(claim_changes)
def test_version_1_touches_the_id_token_only(made: Changes) -> None:
    assert Overrides(id_token=made).apply(claims_of("access"), "access", "client") == claims_of("access")


@given(some_groups, token_uses)
def test_groups_are_in_both_tokens_and_roles_in_one(groups: Groups, token_use: str) -> None:
    applied = Overrides(groups=groups).apply(claims_of(token_use), token_use, "client")
    assert applied.get("cognito:groups", []) == groups.names
    assert ("cognito:groups" in applied) is bool(groups.names)
    assert applied.get("cognito:roles", []) == (groups.roles if token_use == "id" else [])
    assert applied.get("cognito:preferred_role") == (groups.preferred_role if token_use == "id" else None)


@given(scopes, scopes, scopes)
def test_scopes_keep_their_order_and_are_there_once(own: list[str], add: list[str], suppress: list[str]) -> None:
    own = list(dict.fromkeys(own))
    overrides = Overrides(add_scopes=add, suppress_scopes=suppress)
    applied = overrides.apply({"scope": " ".join(own)}, "access", "client")["scope"].split(" ")
    wanted = [scope for scope in (*own, *add) if scope not in suppress]
    assert [scope for scope in applied if scope] == list(dict.fromkeys(wanted))
    assert "scope" not in overrides.apply({}, "id", "client")


def test_scopes_are_untouched_where_none_is_named() -> None:
    for claims in ({}, {"scope": "b a b"}):
        assert Overrides().apply(claims, "access", "client") == claims
