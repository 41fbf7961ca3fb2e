"""The events that Lambda triggers get, and what their answers say: built and read here, and nothing else is done.

Sources: "Customizing user pool workflows with Lambda triggers" in the Amazon Cognito developer guide, and events as
functions were seen to get them: members without a value are ``null`` in ``response``, and absent in ``request``
(https://github.com/aws-amplify/aws-sdk-ios/issues/3488, https://github.com/aws-amplify/amplify-flutter/issues/3596).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..claims import Changes, Groups, Overrides

Event = dict[str, Any]
StringMap = dict[str, str]

_INVALID = "Invalid lambda function output : Invalid JSON"
_UNRECOGNIZABLE = "Unrecognizable lambda output"
# More than anybody nests, and less than what JSON can't write any more.
_DEPTH = 100

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
_JSON_NAMES = {str: "a string", bool: "true or false", dict: "an object", list: "an array"}


class OutputError(Exception):
    """An answer that Cognito doesn't take.

    :param message: Cognito's text
    :param hint: what is wrong with it
    """

    def __init__(self, message: str, hint: str):
        super().__init__(message)
        self.message = message
        self.hint = hint


# Events
@dataclass(frozen=True)
class EventContext:
    """What all events of one request share.

    :param sdk: ``awsSdkVersion``, "aws-sdk-unknown-unknown" of clients that don't say
    :param client_metadata: of the request that this call belongs to; None if it has none
    :param user_not_found: None if the app client may tell who exists
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

    def request(self, tells_absence: bool = False, **members: Any) -> Event:
        """
        :param tells_absence: whether this trigger is told that there is no such user
        """
        request = {"userAttributes": self.user_attributes, **members}
        if self.client_metadata is not None:
            request["clientMetadata"] = self.client_metadata
        if tells_absence and self.user_not_found is not None:
            request["userNotFound"] = self.user_not_found
        return request


def pre_authentication(common: EventContext, validation_data: StringMap) -> Event:
    request = common.request(tells_absence=True, validationData=validation_data)
    return common.event("PreAuthentication_Authentication", request, {})


def define_auth_challenge(common: EventContext, session: list[Event]) -> Event:
    response = dict.fromkeys(("challengeName", "issueTokens", "failAuthentication"))
    request = common.request(tells_absence=True, session=session)
    return common.event("DefineAuthChallenge_Authentication", request, response)


def create_auth_challenge(common: EventContext, challenge_name: str, session: list[Event]) -> Event:
    response = dict.fromkeys(("publicChallengeParameters", "privateChallengeParameters", "challengeMetadata"))
    request = common.request(tells_absence=True, challengeName=challenge_name, session=session)
    return common.event("CreateAuthChallenge_Authentication", request, response)


def verify_auth_challenge_response(common: EventContext, private: StringMap, answer: str) -> Event:
    request = common.request(tells_absence=True, privateChallengeParameters=private, challengeAnswer=answer)
    return common.event("VerifyAuthChallengeResponse_Authentication", request, {"answerCorrect": None})


def post_authentication(common: EventContext, new_device_used: bool) -> Event:
    return common.event("PostAuthentication_Authentication", common.request(newDeviceUsed=new_device_used), {})


def pre_token_generation(
    common: EventContext,
    source: str,
    version: str,
    groups: list[str],
    roles: list[str],
    preferred_role: str | None,
    scopes: list[str],
) -> Event:
    """
    :param source: what stands behind ``TokenGeneration_``: Authentication, AuthenticateDevice, …
    :param version: "1", "2" or "3"
    """
    configuration = {"groupsToOverride": groups, "iamRolesToOverride": roles, "preferredRole": preferred_role}
    members: Event = {"groupConfiguration": configuration}
    if version != "1":
        members["scopes"] = scopes
    response = {_details_of(version): None}
    return common.event(f"TokenGeneration_{source}", common.request(**members), response, version)


def user_migration(common: EventContext, password: str, validation_data: StringMap) -> Event:
    request = {"password": password, "validationData": validation_data}
    members = ("userAttributes", "finalUserStatus", "messageAction", "desiredDeliveryMediums", "forceAliasCreation")
    response = dict.fromkeys((*members, "enableSMSMFA"))
    return common.event("UserMigration_Authentication", request, response)


# Answers
@dataclass(frozen=True)
class Decision:
    """What DefineAuthChallenge says. To fail goes before tokens, and these before a challenge."""

    challenge_name: str | None
    issue_tokens: bool
    fail: bool


@dataclass(frozen=True)
class Challenge:
    """What CreateAuthChallenge says."""

    public: StringMap
    private: StringMap = field(repr=False)
    metadata: str | None


@dataclass(frozen=True)
class MigratedUser:
    """What UserMigration says."""

    attributes: StringMap
    confirmed: bool
    sms_mfa: bool


def read(text: str) -> Event:
    """What all answers have in common: the whole event comes back, its ``response`` filled in.

    :returns: the response
    :raises OutputError: if it is none, or a member lacks or has another type
    """
    try:
        answer = json.loads(text)
        # Half of a surrogate pair is no text: JSON can name it, and nothing can be computed with it. Python takes NaN,
        # too, and 1e400 for infinity.
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        answer = None
    if answer is None:
        raise OutputError(_INVALID, "It is nothing, or no JSON: return the whole event, its response filled in.")
    if not isinstance(answer, dict):
        raise _unrecognizable("It is no object: return the whole event, its response filled in.")
    if not _is_shallow(answer):
        raise _unrecognizable(f"It is nested more than {_DEPTH} levels deep.")
    for name, kind in _ENVELOPE.items():
        if type(answer.get(name)) is not kind:
            raise _unrecognizable(f"Its {name} is not {_JSON_NAMES[kind]}: return the whole event.")
    for name in ("awsSdkVersion", "clientId"):
        if not isinstance(answer["callerContext"].get(name), str):
            raise _unrecognizable(f"Its callerContext has no {name}: return the whole event.")
    for name in ("userAttributes", "validationData", "clientMetadata"):
        if name in answer["request"]:
            _texts(answer["request"], name, may_be_null=False)
    response: Event = answer["response"]
    return response


def read_decision(text: str) -> Decision:
    """
    :raises OutputError: if it is none
    """
    response = read(text)
    return Decision(
        _member(response, "challengeName", str),
        bool(_member(response, "issueTokens", bool)),
        bool(_member(response, "failAuthentication", bool)),
    )


def read_challenge(text: str) -> Challenge:
    """
    :raises OutputError: if it is none
    """
    response = read(text)
    return Challenge(
        _texts(response, "publicChallengeParameters"),
        _texts(response, "privateChallengeParameters"),
        _member(response, "challengeMetadata", str),
    )


def read_verdict(text: str) -> bool:
    """Whether the answer to a challenge is right.

    :raises OutputError: if nothing says so
    """
    return bool(_member(read(text), "answerCorrect", bool))


def read_overrides(text: str, version: str) -> Overrides:
    """
    :raises OutputError: if they are none of this version's
    """
    details: Event = _member(read(text), _details_of(version), dict) or {}
    groups = None
    if "groupOverrideDetails" in details:
        given: Event = _member(details, "groupOverrideDetails", dict) or {}
        groups = Groups(
            _list(given, "groupsToOverride"),
            _list(given, "iamRolesToOverride"),
            _member(given, "preferredRole", str),
        )
    if version == "1":
        changes = Changes(_texts(details, "claimsToAddOrOverride"), _list(details, "claimsToSuppress"))
        return Overrides(id_token=changes, groups=groups)
    id_token: Event = _member(details, "idTokenGeneration", dict) or {}
    access_token: Event = _member(details, "accessTokenGeneration", dict) or {}
    add_scopes = _list(access_token, "scopesToAdd")
    if any(scope.split() != [scope] for scope in add_scopes):
        raise _unrecognizable("A scope in scopesToAdd is empty, or has blanks in it: give each one by itself.")
    return Overrides(
        _changes(id_token), _changes(access_token), groups, add_scopes, _list(access_token, "scopesToSuppress")
    )


def read_migrated_user(text: str) -> MigratedUser | None:
    """
    :returns: None if there is none: the event came back as it was
    :raises OutputError: if it is something else
    """
    response = read(text)
    for name, kind in (("messageAction", str), ("forceAliasCreation", bool), ("desiredDeliveryMediums", list)):
        _member(response, name, kind)
    attributes = _texts(response, "userAttributes")
    if not attributes:
        return None
    confirmed = _member(response, "finalUserStatus", str) == "CONFIRMED"
    return MigratedUser(attributes, confirmed, bool(_member(response, "enableSMSMFA", bool)))


def _details_of(version: str) -> str:
    return "claimsOverrideDetails" if version == "1" else "claimsAndScopeOverrideDetails"


def _changes(given: Event) -> Changes:
    add = _member(given, "claimsToAddOrOverride", dict) or {}
    return Changes({name: value for name, value in add.items() if value is not None}, _list(given, "claimsToSuppress"))


def _member(members: Event, name: str, kind: type) -> Any:
    """
    :returns: the member; None if it is absent or null
    """
    value = members.get(name)
    if value is not None and type(value) is not kind:
        raise _unrecognizable(f"{name} is not {_JSON_NAMES[kind]}.")
    return value


def _texts(members: Event, name: str, may_be_null: bool = True) -> StringMap:
    """Strings by name; null ones are left out."""
    given = _member(members, name, dict)
    if given is None and not may_be_null:
        raise _unrecognizable(f"{name} is null: leave it as it was.")
    for key, value in (given or {}).items():
        if value is not None and not isinstance(value, str):
            raise _unrecognizable(f"{key} in {name} is not a string.")
    return {key: value for key, value in (given or {}).items() if value is not None}


def _list(members: Event, name: str) -> list[str]:
    given = _member(members, name, list) or []
    if not all(isinstance(value, str) for value in given):
        raise _unrecognizable(f"{name} is no array of strings.")
    return list(given)


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(_DEPTH):
        members: list[Mapping[str, Any] | list[Any]] = [one for one in level if isinstance(one, (dict, list))]
        level = [inner for one in members for inner in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return True
    return False


def _unrecognizable(hint: str) -> OutputError:
    return OutputError(_UNRECOGNIZABLE, hint)
