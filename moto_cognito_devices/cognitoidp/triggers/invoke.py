"""The Lambda functions of a user pool: who answers for one, and the call.

The pool names its functions in LambdaConfig. A handler of ``testing.triggers`` answers, else the endpoint in
``MOTO_COGNITO_DEVICES_TRIGGERS``. moto's own Lambda backend is not called: it returns queued results, cannot fail, and
would consume results that a test queued for itself.

A function without an answer is skipped, so that a template's LambdaConfig breaks no test; those of CUSTOM_AUTH fail. No
lock is held during a call, as the function may call Cognito: look up again afterwards whatever was looked up before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from moto.cognitoidp.models import CognitoIdpUser, UserStatus
from moto.moto_api._internal import mock_random

from ... import settings
from ...testing import lambda_handlers
from ...testing.lambda_handlers import FunctionError, LambdaUnavailable
from ..claims import Overrides
from ..exceptions import (
    CustomAuthNotConfiguredError,
    InvalidLambdaResponseException,
    UnexpectedLambdaException,
    UserLambdaValidationException,
)
from ..request import Call, prevents_user_existence_errors
from ..tokens import SCOPE
from ..user_pools import CognitoIdpUserPool, is_verified
from . import events, lambda_endpoint
from .events import Event, EventContext, SessionHistory, StringMap

Parsed = TypeVar("Parsed")

_EVENT_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}


class TriggerInvoker:
    """The triggers as one request calls them.

    Its ClientMetadata is ``validationData`` in events if the request begins the sign-in, otherwise ``clientMetadata``.

    Each method that calls a function raises:

    - UserLambdaValidationException if the function failed,
    - UnexpectedLambdaException if it cannot be invoked,
    - InvalidLambdaResponseException if it did not return a valid event.
    """

    def __init__(self, call: Call):
        self._request = call
        self._user_pool = call.user_pool
        self._client_metadata = None if call.initiating else call.client_metadata
        self._validation_data = call.client_metadata or {}

    def has(self, *triggers: str) -> bool:
        """Return whether the pool names a function for one of these triggers."""
        return any(self._user_pool.trigger_arn(trigger) for trigger in triggers)

    # Around each sign-in
    def user_migration(self, username: str, password: str) -> events.MigratedUser | None:
        """Ask for a user who is not in the pool."""
        event = events.user_migration(self._context(None, username), password, self._validation_data)
        return self._call("UserMigration", event, events.parse_migrated_user)

    def pre_authentication(self, user: CognitoIdpUser | None, username: str) -> None:
        event = events.pre_authentication(self._context(user, username), self._validation_data)
        self._call("PreAuthentication", event, events.parse_response)

    def post_authentication(self, user: CognitoIdpUser, attributes: Mapping[str, str], new_device: bool) -> None:
        """Call PostAuthentication, which precedes the tokens and may still reject the sign-in.

        :param attributes: the attributes that this sign-in changes when it issues tokens
        """
        event = events.post_authentication(self._context(user, user.username, attributes), new_device)
        self._call("PostAuthentication", event, events.parse_response)

    def pre_token_generation(
        self, user: CognitoIdpUser, source: str, attributes: Mapping[str, str] | None = None
    ) -> Overrides | None:
        """Ask for changes to the tokens.

        :param source: the part of ``triggerSource`` after ``TokenGeneration_``
        :param attributes: the attributes that this sign-in changes when it issues tokens
        """
        versioned = (self._user_pool.extended_config.get("LambdaConfig") or {}).get("PreTokenGenerationConfig") or {}
        version = _EVENT_VERSIONS.get(str(versioned.get("LambdaVersion")), "1")
        groups = sorted(user.groups, key=lambda group: (group.precedence is None, group.precedence, group.group_name))
        roles = [group.role_arn for group in groups if group.role_arn]
        event = events.pre_token_generation(
            self._context(user, user.username, attributes),
            source,
            version,
            [group.group_name for group in groups],
            roles,
            roles[0] if roles else None,
            [SCOPE],
        )
        return self._call("PreTokenGeneration", event, lambda text: events.parse_overrides(text, version))

    # CUSTOM_AUTH
    def define_auth_challenge(
        self, user: CognitoIdpUser | None, username: str, session: SessionHistory
    ) -> events.Decision:
        event = events.define_auth_challenge(self._context(user, username), session)
        return self._call_required("DefineAuthChallenge", event, events.parse_decision)

    def create_auth_challenge(
        self, user: CognitoIdpUser | None, username: str, challenge_name: str, session: SessionHistory
    ) -> events.Challenge:
        event = events.create_auth_challenge(self._context(user, username), challenge_name, session)
        return self._call_required("CreateAuthChallenge", event, events.parse_challenge)

    def verify_auth_challenge_response(
        self, user: CognitoIdpUser | None, username: str, private: StringMap, answer: str
    ) -> bool:
        """Return ``answerCorrect``.

        :param private: ``privateChallengeParameters`` of the challenge
        """
        event = events.verify_auth_challenge_response(self._context(user, username), private, answer)
        return self._call_required("VerifyAuthChallengeResponse", event, events.parse_answer_correct)

    def _call_required(self, trigger: str, event: Event, parse: Callable[[str], Parsed]) -> Parsed:
        """Call a function of CUSTOM_AUTH.

        :raises CustomAuthNotConfiguredError: if the pool names no function
        :raises UnexpectedLambdaException: also if nothing answers for it
        """
        arn = self._user_pool.trigger_arn(trigger)
        if arn is None:
            raise CustomAuthNotConfiguredError(trigger)
        parsed = self._call(trigger, event, parse)
        if parsed is None:
            hint = (
                f"Nobody answers for {arn}: give a handler to testing.triggers, by {trigger} or by the function's "
                "name, or start moto with MOTO_COGNITO_DEVICES_TRIGGERS."
            )
            raise UnexpectedLambdaException(trigger, LambdaUnavailable().error, hint)
        return parsed

    def _call(self, trigger: str, event: Event, parse: Callable[[str], Parsed]) -> Parsed | None:
        """Call a function, and return its parsed answer; None if the pool names no function, or nothing answers."""
        arn = self._user_pool.trigger_arn(trigger)
        if arn is None:
            return None
        try:
            answer = _invoke(trigger, arn, event)
            return None if answer is None else parse(answer)
        except FunctionError as error:
            raise UserLambdaValidationException(trigger, error.message) from error
        except LambdaUnavailable as error:
            raise UnexpectedLambdaException(trigger, error.error, error.why) from error
        except events.OutputError as error:
            raise InvalidLambdaResponseException(trigger, error.message, error.hint) from error

    def _context(
        self, user: CognitoIdpUser | None, username: str, changed: Mapping[str, str] | None = None
    ) -> EventContext:
        return EventContext(
            self._user_pool.region,
            self._user_pool.id,
            self._request.client.id,
            user.username if user else username,
            self._request.client_info.sdk,
            _user_attributes(self._user_pool, user, changed or {}) if user else {},
            self._client_metadata,
            user is None if prevents_user_existence_errors(self._request.client) else None,
        )


def _invoke(trigger: str, arn: str, event: Event) -> str | None:
    """Invoke a function by its handler or endpoint.

    :returns: the answer, which may be any text; None if nothing answers
    :raises FunctionError: if the function failed
    :raises LambdaUnavailable: if it cannot be invoked
    """
    found = lambda_handlers.registered(trigger, arn)
    if found:
        triggers, handler = found
        return triggers.call(handler, trigger, arn, event, str(mock_random.uuid4()))
    name, urls = lambda_handlers.name_of(arn), settings.triggers()
    url = urls.get(name) or urls.get(None)
    return lambda_endpoint.invoke(url, name, json.dumps(event)) if url and name else None


def _user_attributes(user_pool: CognitoIdpUserPool, user: CognitoIdpUser, changed: Mapping[str, str]) -> StringMap:
    """Return the attributes as events have them: all are strings, and the user's status is one of them."""
    own = {name: str(value) for name, value in {**user.attribute_lookup, **changed}.items()}
    by_name = user_pool.extended_config.get("UsernameAttributes") or []
    by_alias = user_pool.extended_config.get("AliasAttributes") or []
    aliases = {
        f"cognito:{name}_alias": own[name]
        for name in ("email", "phone_number")
        if own.get(name) and (name in by_name or (name in by_alias and is_verified(name, own)))
    }
    # ``changed`` has the status CONFIRMED if this sign-in has set a new password: moto has it once there are tokens.
    status = UserStatus(user.status).value
    return {"sub": user.id, **aliases, "cognito:user_status": status, **own}
