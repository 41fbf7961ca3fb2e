"""Build the events of Lambda triggers, and parse the answers; pure.

Sources: "Customizing user pool workflows with Lambda triggers" in the Amazon Cognito developer guide, and events that
functions received: members without a value are ``null`` in ``response``, and absent in ``request``
(https://github.com/aws-amplify/aws-sdk-ios/issues/3488, https://github.com/aws-amplify/amplify-flutter/issues/3596).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ... import json_input
from ..claims import Changes, Groups, Overrides

Event = dict[str, Any]
StringMap = dict[str, str]
#: ``session`` of an event: the challenges that were answered.
SessionHistory = list[dict[str, Any]]

_INVALID = "Invalid lambda function output : Invalid JSON"
_UNRECOGNIZABLE = "Unrecognizable lambda output"
# More than a function needs, and less than Python's json module can write.
_MAX_DEPTH = 100

_ENVELOPE: dict[str, type] = {
    "version": str,
    "region": str,
    "userPoolId": str,
    "userName": str,
    "callerContext": dict,
    "triggerSource": str,
    "request": dict,
    "response": dict,
}


class OutputError(Exception):
    """An answer that Cognito rejects.

    :param message: Cognito's text
    :param hint: what is wrong with the answer
    """

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.message = message
        self.hint = hint


# Events
@dataclass(frozen=True)
class EventContext:
    """What all events of one request share.

    :param sdk: ``awsSdkVersion``; "aws-sdk-unknown-unknown" if the client does not send it
    :param client_metadata: of the request that is being served; None if it has none
    :param user_not_found: None unless the app client has PreventUserExistenceErrors enabled
    """

    region: str
    user_pool_id: str
    client_id: str
    username: str
    sdk: str = "aws-sdk-unknown-unknown"
    user_attributes: StringMap = field(default_factory=dict, repr=False)
    client_metadata: StringMap | None = field(default=None, repr=False)
    user_not_found: bool | None = None

    def event(self, source: str, request: Event, response: Event, version: str = "1") -> Event:
        return {
            "version": version,
            "region": self.region,
            "userPoolId": self.user_pool_id,
            "userName": self.username,
            "callerContext": {"awsSdkVersion": self.sdk, "clientId": self.client_id},
            "triggerSource": source,
            "request": request,
            "response": response,
        }

    def request(self, with_user_not_found: bool = False, **members: Any) -> Event:
        request = {"userAttributes": self.user_attributes, **members}
        if self.client_metadata is not None:
            request["clientMetadata"] = self.client_metadata
        if with_user_not_found and self.user_not_found is not None:
            request["userNotFound"] = self.user_not_found
        return request


def pre_authentication(context: EventContext, validation_data: StringMap) -> Event:
    request = context.request(with_user_not_found=True, validationData=validation_data)
    return context.event("PreAuthentication_Authentication", request, {})


def define_auth_challenge(context: EventContext, session: SessionHistory) -> Event:
    response = dict.fromkeys(("challengeName", "issueTokens", "failAuthentication"))
    request = context.request(with_user_not_found=True, session=session)
    return context.event("DefineAuthChallenge_Authentication", request, response)


def create_auth_challenge(context: EventContext, challenge_name: str, session: SessionHistory) -> Event:
    response = dict.fromkeys(("publicChallengeParameters", "privateChallengeParameters", "challengeMetadata"))
    request = context.request(with_user_not_found=True, challengeName=challenge_name, session=session)
    return context.event("CreateAuthChallenge_Authentication", request, response)


def verify_auth_challenge_response(context: EventContext, private: StringMap, answer: str) -> Event:
    request = context.request(with_user_not_found=True, privateChallengeParameters=private, challengeAnswer=answer)
    return context.event("VerifyAuthChallengeResponse_Authentication", request, {"answerCorrect": None})


def post_authentication(context: EventContext, new_device_used: bool) -> Event:
    return context.event("PostAuthentication_Authentication", context.request(newDeviceUsed=new_device_used), {})


def pre_token_generation(
    context: EventContext,
    source: str,
    version: str,
    groups: list[str],
    roles: list[str],
    preferred_role: str | None,
    scopes: list[str],
) -> Event:
    """Build the event of PreTokenGeneration.

    :param source: the part of ``triggerSource`` after ``TokenGeneration_``: Authentication, AuthenticateDevice, …
    :param version: "1", "2" or "3"
    """
    configuration = {"groupsToOverride": groups, "iamRolesToOverride": roles, "preferredRole": preferred_role}
    members: Event = {"groupConfiguration": configuration}
    if version != "1":
        members["scopes"] = scopes
    response = {_details_name(version): None}
    return context.event(f"TokenGeneration_{source}", context.request(**members), response, version)


def user_migration(context: EventContext, password: str, validation_data: StringMap) -> Event:
    request = {"password": password, "validationData": validation_data}
    members = ("userAttributes", "finalUserStatus", "messageAction", "desiredDeliveryMediums", "forceAliasCreation")
    response = dict.fromkeys((*members, "enableSMSMFA"))
    return context.event("UserMigration_Authentication", request, response)


# Answers
@dataclass(frozen=True)
class Decision:
    """DefineAuthChallenge's answer; ``fail`` takes precedence over tokens, and these over a challenge."""

    challenge_name: str | None
    issue_tokens: bool
    fail: bool


@dataclass(frozen=True)
class Challenge:
    """CreateAuthChallenge's answer."""

    public: StringMap
    private: StringMap = field(repr=False)
    metadata: str | None


@dataclass(frozen=True)
class MigratedUser:
    """UserMigration's answer."""

    attributes: StringMap
    confirmed: bool
    sms_mfa: bool


def parse_response(text: str) -> Event:
    """Check that the answer is the whole event, and return its ``response``.

    :raises OutputError: if it is not, or a member has another type; so do the functions below
    """
    try:
        answer = json_input.parse(text, allow_nan=False)
    except ValueError:
        answer = None
    if answer is None:
        raise OutputError(_INVALID, "It is empty or not JSON: return the whole event, with its response filled in.")
    if not isinstance(answer, dict):
        raise _unrecognizable("It is not an object: return the whole event, with its response filled in.")
    if _is_deeper(_MAX_DEPTH, answer):
        raise _unrecognizable(f"It is nested more than {_MAX_DEPTH} levels deep.")
    for name, kind in _ENVELOPE.items():
        if type(answer.get(name)) is not kind:
            raise _unrecognizable(f"Its {name} is not {json_input.TYPE_NAMES[kind]}: return the whole event.")
    for name in ("awsSdkVersion", "clientId"):
        if not isinstance(answer["callerContext"].get(name), str):
            raise _unrecognizable(f"Its callerContext has no {name}: return the whole event.")
    for name in ("userAttributes", "validationData", "clientMetadata"):
        if name in answer["request"] and answer["request"][name] is None:
            raise _unrecognizable(f"{name} is null: leave it as it was.")
        _string_map(answer["request"], name)
    response: Event = answer["response"]
    return response


def parse_decision(text: str) -> Decision:
    response = parse_response(text)
    return Decision(
        _member(response, "challengeName", str),
        bool(_member(response, "issueTokens", bool)),
        bool(_member(response, "failAuthentication", bool)),
    )


def parse_challenge(text: str) -> Challenge:
    response = parse_response(text)
    return Challenge(
        _string_map(response, "publicChallengeParameters"),
        _string_map(response, "privateChallengeParameters"),
        _member(response, "challengeMetadata", str),
    )


def parse_answer_correct(text: str) -> bool:
    return bool(_member(parse_response(text), "answerCorrect", bool))


def parse_overrides(text: str, version: str) -> Overrides:
    details: Event = _member(parse_response(text), _details_name(version), dict) or {}
    groups = None
    if "groupOverrideDetails" in details:
        group_details: Event = _member(details, "groupOverrideDetails", dict) or {}
        groups = Groups(
            _string_list(group_details, "groupsToOverride"),
            _string_list(group_details, "iamRolesToOverride"),
            _member(group_details, "preferredRole", str),
        )
    if version == "1":
        changes = Changes(_string_map(details, "claimsToAddOrOverride"), _string_list(details, "claimsToSuppress"))
        return Overrides(id_token=changes, groups=groups)
    id_token: Event = _member(details, "idTokenGeneration", dict) or {}
    access_token: Event = _member(details, "accessTokenGeneration", dict) or {}
    add_scopes = _string_list(access_token, "scopesToAdd")
    if any(scope.split() != [scope] for scope in add_scopes):
        raise _unrecognizable("A scope in scopesToAdd is empty or contains blanks: list each scope separately.")
    suppress_scopes = _string_list(access_token, "scopesToSuppress")
    return Overrides(_changes(id_token), _changes(access_token), groups, add_scopes, suppress_scopes)


def parse_migrated_user(text: str) -> MigratedUser | None:
    """Return the user; None if the event came back without attributes, as the function does not know the user."""
    response = parse_response(text)
    for name, kind in (("messageAction", str), ("forceAliasCreation", bool), ("desiredDeliveryMediums", list)):
        _member(response, name, kind)
    attributes = _string_map(response, "userAttributes")
    if not attributes:
        return None
    confirmed = _member(response, "finalUserStatus", str) == "CONFIRMED"
    return MigratedUser(attributes, confirmed, bool(_member(response, "enableSMSMFA", bool)))


def _details_name(version: str) -> str:
    return "claimsOverrideDetails" if version == "1" else "claimsAndScopeOverrideDetails"


def _changes(details: Event) -> Changes:
    add = _member(details, "claimsToAddOrOverride", dict) or {}
    suppress = _string_list(details, "claimsToSuppress")
    return Changes({name: value for name, value in add.items() if value is not None}, suppress)


def _member(members: Event, name: str, kind: type) -> Any:
    """Return the member; None if it is absent or null."""
    value = members.get(name)
    if value is not None and type(value) is not kind:
        raise _unrecognizable(f"{name} is not {json_input.TYPE_NAMES[kind]}.")
    return value


def _string_map(members: Event, name: str) -> StringMap:
    """Return the member without the strings that are null."""
    strings = {key: value for key, value in (_member(members, name, dict) or {}).items() if value is not None}
    for key, value in strings.items():
        if not isinstance(value, str):
            raise _unrecognizable(f"{key} in {name} is not a string.")
    return strings


def _string_list(members: Event, name: str) -> list[str]:
    strings = _member(members, name, list) or []
    if not all(isinstance(value, str) for value in strings):
        raise _unrecognizable(f"{name} is not an array of strings.")
    return list(strings)


def _is_deeper(levels: int, value: Any) -> bool:
    if levels == 0:
        return True
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_is_deeper(levels - 1, member) for member in members)


def _unrecognizable(hint: str) -> OutputError:
    return OutputError(_UNRECOGNIZABLE, hint)
