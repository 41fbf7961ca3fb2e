"""The Lambda functions of a user pool, as one request calls them.

The pool names them in LambdaConfig. A function that nobody answers for is passed over, but for those of CUSTOM_AUTH,
so that a template's LambdaConfig breaks no test. No lock is held while one runs: it may call Cognito itself, and what
was looked up before it has to be looked up again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient, UserStatus

from ...testing.lambda_handlers import FunctionError, LambdaUnavailable
from .. import caller
from ..claims import Overrides
from ..exceptions import (
    CustomAuthNotConfiguredError,
    InvalidLambdaResponseException,
    UnexpectedLambdaException,
    UserLambdaValidationException,
)
from ..parameters import prevents_user_existence_errors
from ..tokens import SCOPE
from ..user_pools import CognitoIdpUserPool, is_verified
from . import events, resolve
from .events import Event, EventContext, StringMap

Read = TypeVar("Read")
SessionHistory = list[dict[str, Any]]

_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}


class TriggerInvoker:
    """
    :param client_metadata: the request's ``ClientMetadata``
    :param initiating: whether the request begins the sign-in: the metadata are ``validationData`` then, and else
        ``clientMetadata``, of this one request
    """

    def __init__(
        self,
        user_pool: CognitoIdpUserPool,
        client: CognitoIdpUserPoolClient,
        client_metadata: StringMap | None = None,
        initiating: bool = False,
    ):
        self._user_pool = user_pool
        self._client = client
        self._client_metadata = None if initiating else client_metadata
        self._validation_data = client_metadata or {}

    def has(self, *triggers: str) -> bool:
        """Whether the pool names a function for one of these triggers."""
        configuration = self._user_pool.extended_config.get("LambdaConfig")
        return bool(configuration) and any(self._arn_of(trigger) for trigger in triggers)

    # Around each sign-in
    def user_migration(self, username: str, password: str) -> events.MigratedUser | None:
        """UserMigration: a user who is not in the pool.

        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        common = self._common(None, username)
        event = events.user_migration(common, password, self._validation_data)
        return self._ask("UserMigration", event, events.read_migrated_user)

    def pre_authentication(self, user: CognitoIdpUser | None, username: str) -> None:
        """PreAuthentication, which may refuse.

        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        event = events.pre_authentication(self._common(user, username), self._validation_data)
        self._ask("PreAuthentication", event, events.read)

    def post_authentication(self, user: CognitoIdpUser, attributes: Mapping[str, str], new_device: bool) -> None:
        """PostAuthentication, before the tokens: it may refuse still.

        :param attributes: what this sign-in changes of the user's, once there are tokens
        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        event = events.post_authentication(self._common(user, user.username, attributes), new_device)
        self._ask("PostAuthentication", event, events.read)

    def pre_token_generation(
        self, user: CognitoIdpUser, source: str, attributes: Mapping[str, str] | None = None
    ) -> Overrides | None:
        """PreTokenGeneration.

        :param source: what stands behind ``TokenGeneration_``
        :returns: what it changes; None if nothing
        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        configuration = self._user_pool.extended_config.get("LambdaConfig") or {}
        versioned = configuration.get("PreTokenGenerationConfig") or {}
        version = _VERSIONS.get(str(versioned.get("LambdaVersion")), "1")
        groups = sorted(user.groups, key=lambda group: (group.precedence is None, group.precedence, group.group_name))
        roles = [group.role_arn for group in groups if group.role_arn]
        event = events.pre_token_generation(
            self._common(user, user.username, attributes),
            source,
            version,
            [group.group_name for group in groups],
            roles,
            roles[0] if roles else None,
            [SCOPE],
        )
        return self._ask("PreTokenGeneration", event, lambda text: events.read_overrides(text, version))

    # CUSTOM_AUTH
    def define(self, user: CognitoIdpUser | None, username: str, session: SessionHistory) -> events.Decision:
        """DefineAuthChallenge.

        :param session: the challenges that were answered
        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        event = events.define_auth_challenge(self._common(user, username), session)
        return self._need("DefineAuthChallenge", event, events.read_decision)

    def create(
        self, user: CognitoIdpUser | None, username: str, challenge_name: str, session: SessionHistory
    ) -> events.Challenge:
        """CreateAuthChallenge.

        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        event = events.create_auth_challenge(self._common(user, username), challenge_name, session)
        return self._need("CreateAuthChallenge", event, events.read_challenge)

    def verify(self, user: CognitoIdpUser | None, username: str, private: StringMap, answer: str) -> bool:
        """VerifyAuthChallengeResponse.

        :param private: privateChallengeParameters of the challenge
        :raises UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException: if it fails
        """
        event = events.verify_auth_challenge_response(self._common(user, username), private, answer)
        return self._need("VerifyAuthChallengeResponse", event, events.read_verdict)

    def _need(self, trigger: str, event: Event, read: Callable[[str], Read]) -> Read:
        """
        :raises CustomAuthNotConfiguredError: if the pool names no function
        :raises UnexpectedLambdaException: also if nobody answers for it
        """
        if not self.has(trigger):
            raise CustomAuthNotConfiguredError(trigger)
        answer = self._ask(trigger, event, read)
        if answer is None:
            hint = (
                f"Nobody answers for {self._arn_of(trigger)}: give a handler to testing.triggers, by {trigger} or by "
                "the function's name, or start moto with MOTO_COGNITO_DEVICES_TRIGGERS."
            )
            raise UnexpectedLambdaException(trigger, LambdaUnavailable().error, hint)
        return answer

    def _ask(self, trigger: str, event: Event, read: Callable[[str], Read]) -> Read | None:
        """
        :returns: None if the pool names no function, or nobody answers for it
        """
        arn = self._arn_of(trigger)
        if arn is None:
            return None
        try:
            answer = resolve.invoke(trigger, arn, event)
            return None if answer is None else read(answer)
        except FunctionError as error:
            raise UserLambdaValidationException(trigger, error.message) from error
        except LambdaUnavailable as error:
            raise UnexpectedLambdaException(trigger, error.error, error.why) from error
        except events.OutputError as error:
            raise InvalidLambdaResponseException(trigger, error.message, error.hint) from error

    def _arn_of(self, trigger: str) -> str | None:
        configuration = self._user_pool.extended_config.get("LambdaConfig") or {}
        versioned = configuration.get(f"{trigger}Config") or {}  # PreTokenGeneration has one
        arn: str | None = configuration.get(trigger) or versioned.get("LambdaArn")
        return arn

    def _common(
        self, user: CognitoIdpUser | None, username: str, attributes: Mapping[str, str] | None = None
    ) -> EventContext:
        return EventContext(
            self._user_pool.region,
            self._user_pool.id,
            self._client.id,
            user.username if user else username,
            caller.current().sdk,
            _attributes(self._user_pool, user, attributes or {}) if user else {},
            self._client_metadata,
            user is None if prevents_user_existence_errors(self._client) else None,
        )


def _attributes(user_pool: CognitoIdpUserPool, user: CognitoIdpUser, changed: Mapping[str, str]) -> StringMap:
    """As events have them: strings all, and the state of the user among them."""
    own = {name: str(value) for name, value in {**user.attribute_lookup, **changed}.items()}
    by_name = user_pool.extended_config.get("UsernameAttributes") or []
    by_alias = user_pool.extended_config.get("AliasAttributes") or []
    aliases = {
        f"cognito:{name}_alias": own[name]
        for name in ("email", "phone_number")
        if own.get(name) and (name in by_name or (name in by_alias and is_verified(name, own)))
    }
    # One who has just chosen a password is confirmed once there are tokens.
    status = UserStatus(user.status).value
    return {"sub": user.id, **aliases, "cognito:user_status": status, **own}
