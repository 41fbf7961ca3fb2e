"""The operations of a sign-in: InitiateAuth, RespondToAuthChallenge, their Admin twins, and ConfirmSignUp.

They handle pools with device tracking. Otherwise sign-in is moto's.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolAttribute, CognitoIdpUserPoolClient, UserStatus

from ...sign_in_rules import rejected_before_first_factor
from .. import refresh
from ..auth_sessions import AuthSession, CustomAuth
from ..exceptions import (
    STATUS_ERRORS,
    CustomAuthNotConfiguredError,
    CustomAuthOnlyError,
    FailedAuthenticationError,
    FeatureUnavailableInTierException,
    FlowNotEnabledError,
    FlowNotSupportedError,
    IncorrectCredentialsError,
    InvalidSessionError,
    LambdaError,
    MigrationError,
    UnknownChallengeNameError,
    UserDoesNotExistError,
    UserLambdaValidationException,
)
from ..pool_state import lock
from ..request import Call, check_secret_hash, prevents_user_existence_errors
from ..triggers import TriggerInvoker
from ..user_pools import CognitoIdpUserPool
from . import mfa, password_claim
from .challenges import CHALLENGES, FIRST_FACTOR_CHALLENGES, ChallengeHandler, ChallengeResult
from .engine import Result, advance, challenge_result, issue_challenge

_REFRESH = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
_FLOWS = ("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", *_REFRESH)
_ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", *_REFRESH)
# Flows that send the password itself: with it a user can be migrated.
_BY_PASSWORD = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
# Names of the same flow, in ExplicitAuthFlows and AuthFlow.
_SYNONYMS = (frozenset(_REFRESH), frozenset({"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}))
# Flows that legacy ExplicitAuthFlows values (without ALLOW_) leave enabled; those values were additive.
_ALWAYS_BEFORE_ALLOW = frozenset({"USER_SRP_AUTH", "CUSTOM_AUTH", *_REFRESH})
_ONLY_CUSTOM = "CUSTOM_AUTH_FLOW_ONLY"
# Challenges that moto does not implement.
_DEVICE_CHALLENGES = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
# Parameters that ask USER_AUTH for step-up authentication.
_STEP_UP = frozenset({"ACCESS_TOKEN", "TARGET_ACR_VALUES"})


def challenge_ids(call: Call) -> list[Any]:
    """Return the Session and SECRET_BLOCK of a request that was not validated yet: of any type."""
    responses = call.members.get("ChallengeResponses")
    secret_block = responses.get("PASSWORD_CLAIM_SECRET_BLOCK") if isinstance(responses, dict) else None
    return [call.members.get("Session"), secret_block]


def handles_sign_in(call: Call, user_pool: CognitoIdpUserPool | None) -> bool:
    """Whether a sign-in request is ours: its sign-in may have begun before tracking was switched off."""
    if user_pool is None:
        return False
    if user_pool.manages_sign_in:
        return True
    store = user_pool.state.auth_sessions
    if any(isinstance(challenge_id, str) and challenge_id in store for challenge_id in challenge_ids(call)):
        return True
    return call.members.get("ChallengeName") in _DEVICE_CHALLENGES and len(store) > 0


def initiate_auth(call: Call) -> Result:
    """Answer InitiateAuth and AdminInitiateAuth: with a challenge, or the tokens.

    :raises InvalidParameterException: if the flow is not available, or a parameter is missing
    :raises FeatureUnavailableInTierException: if it asks for step-up authentication
    :raises NotAuthorizedError: if the first factor is wrong, or the user's state forbids sign-in
    :raises UserNotFoundError: if the user does not exist and PreventUserExistenceErrors is off
    :raises LambdaError: if a trigger fails
    """
    auth_flow: str = call.members["AuthFlow"]
    if auth_flow not in (_ADMIN_FLOWS if call.as_admin else _FLOWS):
        raise FlowNotSupportedError
    _check_enabled(call.client, auth_flow)
    if auth_flow in _REFRESH:
        return refresh.initiate_auth(call)
    username = call.required("USERNAME")
    check_secret_hash(call)
    if auth_flow == "CUSTOM_AUTH":
        return _initiate_custom_auth(call, username)
    by_choice = auth_flow == "USER_AUTH"
    if by_choice and _STEP_UP & call.parameters.keys():
        raise FeatureUnavailableInTierException
    if by_choice and call.session:
        if call.user_pool.find_user(username) is not None:
            _resolve_and_pre_authenticate(call, username)
        return _answer(call, CHALLENGES["ConfirmSignUp"])
    challenge = "PASSWORD_SRP" if auth_flow == "USER_SRP_AUTH" else "PASSWORD"
    if by_choice:
        challenge = _first_challenge(call, username)
    handler = FIRST_FACTOR_CHALLENGES.get(challenge)
    # A malformed request is rejected before anything is looked up.
    answers_at_once = handler is not None and (not by_choice or bool(call.parameters.get(handler.member)))
    answer = handler.parse(call) if handler and answers_at_once else None
    if auth_flow in _BY_PASSWORD and call.user_pool.trigger_arn("UserMigration"):
        _migrate_user(call, username, call.parameters["PASSWORD"])
    user = _resolve_and_pre_authenticate(call, username)
    auth_session = _new_session(call, user, username, auth_flow)
    if handler and answers_at_once:
        return advance(call, auth_session, handler.verify(call, auth_session, answer))
    return issue_challenge(challenge, call, user, auth_session)


def _initiate_custom_auth(call: Call, username: str) -> Result:
    """Begin CUSTOM_AUTH: the pool's triggers decide what follows, after the password (by SRP) or without it.

    :raises CustomAuthNotConfiguredError: if the pool has no such triggers
    """
    if not call.user_pool.trigger_arn("DefineAuthChallenge"):
        raise CustomAuthNotConfiguredError("DefineAuthChallenge")
    begins_with = call.parameters.get("CHALLENGE_NAME") or "CUSTOM_CHALLENGE"
    if begins_with not in ("CUSTOM_CHALLENGE", "SRP_A"):
        raise UnknownChallengeNameError(begins_with)
    by_srp = begins_with == "SRP_A"
    if by_srp:
        password_claim.parse_srp_a(call.required("SRP_A"))
        user = _resolve_and_pre_authenticate(call, username)
    else:
        # Without a password, PreAuthentication is not called (https://github.com/aws-amplify/amplify-js/issues/5318).
        user = _resolve_user(call, username)
    auth_session = _new_session(call, user, username, "CUSTOM_AUTH")
    auth_session.custom = CustomAuth()
    if by_srp:
        auth_session.custom.srp_a = call.parameters["SRP_A"]
        auth_session.custom.history = [challenge_result("SRP_A", True, auth_session)]
    return advance(call, auth_session, ChallengeResult())


def respond_to_auth_challenge(call: Call) -> Result:
    """Answer RespondToAuthChallenge and AdminRespondToAuthChallenge: with the next challenge, or the tokens.

    :raises InvalidParameterException: if a member is missing or malformed; the challenge stays open
    :raises NotAuthorizedError: if no such challenge is open, or the answer is wrong
    :raises DeviceNotFoundError: if DEVICE_KEY is not one of the user's devices; the challenge stays open
    :raises LambdaError: if a trigger fails; the sign-in is over
    """
    challenge_name = call.members["ChallengeName"]
    if challenge_name != "MFA_SETUP" or call.client.generate_secret:
        call.required("USERNAME")
    check_secret_hash(call)
    handler = CHALLENGES.get(challenge_name)
    if handler is None:
        raise InvalidSessionError(f"{challenge_name} was never issued.")
    return _answer(call, handler)


def confirm_sign_up(call: Call) -> Result:
    """Confirm the user, as moto does, and return a Session for the first sign-in by USER_AUTH."""
    client_id, username = call.members["ClientId"], call.members["Username"]
    user = call.user_pool.find_user(username)
    was_unconfirmed = user is not None and user.status == UserStatus.UNCONFIRMED
    call.user_pool.backend.confirm_sign_up(client_id, username)
    if user is None or not was_unconfirmed:
        return {}
    auth_session = _new_session(call, user, user.username, "USER_AUTH")
    return {"Session": issue_challenge("ConfirmSignUp", call, user, auth_session)["Session"]}


def _answer(call: Call, handler: ChallengeHandler) -> Result:
    """Verify an answer, and continue the sign-in.

    :raises NotAuthorizedError: if it is wrong, or no such challenge is open
    """
    answer = handler.parse(call)
    store = call.user_pool.state.auth_sessions
    with lock:
        auth_session, challenge_id = handler.find_session(call, answer)
        store.claim(auth_session, challenge_id)
    # No other request can answer the challenge now, and no lock is held: to verify an answer may take long.
    uses_up = handler.wrong_answer_uses_up
    try:
        result = handler.verify(call, auth_session, answer)
        uses_up = False
        return advance(call, auth_session, result, handler.names[0])
    except (LambdaError, FailedAuthenticationError):
        auth_session.failed = True
        raise
    except BaseException:
        if not uses_up:
            with lock:
                store.release(auth_session, challenge_id)
        raise


def _new_session(call: Call, user: CognitoIdpUser | None, name: str, auth_flow: str) -> AuthSession:
    client = call.client
    lifetime = 60 * (client.extended_config.get("AuthSessionValidity") or 3)
    username, user_id = (user.username, user.id) if user else (name, None)
    auth_session = AuthSession(client.id, username, user_id, lifetime, auth_flow)
    auth_session.last_device_key = call.device_key
    return auth_session


def _resolve_user(call: Call, username: str) -> CognitoIdpUser | None:
    """Resolve a username or alias. None for an unknown user if PreventUserExistenceErrors is ENABLED.

    :raises UserDoesNotExistError: if the user does not exist and PreventUserExistenceErrors is off
    :raises NotAuthorizedError, UserNotConfirmedException: if the user's state forbids sign-in
    """
    user_pool = call.user_pool
    user = user_pool.find_user(username)
    if user is None and not prevents_user_existence_errors(call.client):
        raise UserDoesNotExistError(f"The user pool {user_pool.id} has no user {username}, by name or alias.")
    if user is not None and rejected_before_first_factor(state := user_pool.user_state(user)):
        raise STATUS_ERRORS[state]
    return user


def _resolve_and_pre_authenticate(call: Call, username: str) -> CognitoIdpUser | None:
    """Resolve the user and run PreAuthentication.

    :raises LambdaError: if the trigger rejects the sign-in
    """
    user = _resolve_user(call, username)
    if call.user_pool.trigger_arn("PreAuthentication"):
        TriggerInvoker(call).pre_authentication(user, username)
        # The trigger may have changed the user, whose alias may be another one now.
        exists = user is not None and call.user_pool.users.get(user.username) is user
        user = _resolve_user(call, user.username if user and exists else username)
    return user


def _first_challenge(call: Call, username: str) -> str:
    """Return the first challenge of USER_AUTH: PREFERRED_CHALLENGE if available, else SELECT_CHALLENGE."""
    user = call.user_pool.find_user(username)
    preferred = call.parameters.get("PREFERRED_CHALLENGE")
    available = {factor.value for factor in mfa.first_factors(call.user_pool, user)}
    return preferred if preferred in available else "SELECT_CHALLENGE"


def _migrate_user(call: Call, username: str, password: str) -> None:
    """Create a user who is not in the pool, if UserMigration knows the user.

    Source: "Migrate user Lambda trigger" in the Amazon Cognito developer guide.

    :raises MigrationError, IncorrectCredentialsError: if the trigger raised an error; which one depends on
        PreventUserExistenceErrors
    :raises IncorrectCredentialsError: also if it returns attributes that no user can be created with
        (https://github.com/boto/boto3/issues/2747)
    :raises UnexpectedLambdaException, InvalidLambdaResponseException: if it fails in another way
    """
    user_pool = call.user_pool
    if user_pool.find_user(username) is not None:
        return
    try:
        migrated = TriggerInvoker(call).user_migration(username, password)
    except UserLambdaValidationException as error:
        if prevents_user_existence_errors(call.client):
            raise IncorrectCredentialsError("UserMigration raised an error.") from error
        raise MigrationError(call.client.id) from error
    if migrated is None:  # no function answers, or it does not know the user
        return
    for name in migrated.attributes:
        known = name in user_pool.schema_attributes or name in CognitoIdpUserPoolAttribute.STANDARD_SCHEMA
        if name == "sub" or not known:
            raise IncorrectCredentialsError(f"UserMigration gave {name}, which no user can be created with.")
    with lock:
        if user_pool.find_user(username) is not None:  # another request was faster
            return
        attributes = [{"Name": name, "Value": value} for name, value in migrated.attributes.items()]
        user = user_pool.backend.admin_create_user(user_pool.id, username, "SUPPRESS", password, attributes)
        user.status = UserStatus.CONFIRMED if migrated.confirmed else UserStatus.RESET_REQUIRED
        user.sms_mfa_enabled = migrated.sms_mfa


def _check_enabled(client: CognitoIdpUserPoolClient, auth_flow: str) -> None:
    """
    :raises FlowNotEnabledError, CustomAuthOnlyError: if the app client lists flows, and not this one
    """
    listed = client.extended_config.get("ExplicitAuthFlows")
    if not listed:  # on AWS: SRP, CUSTOM_AUTH and refresh; but most tests for moto are written without a list
        return
    if f"ALLOW_{auth_flow}" in listed:
        return
    names = next((names for names in _SYNONYMS if auth_flow in names), frozenset({auth_flow}))
    allowed = {name.removeprefix("ALLOW_") for name in listed}
    if not any(name.startswith("ALLOW_") for name in listed):
        allowed |= {"CUSTOM_AUTH", *_REFRESH} if _ONLY_CUSTOM in listed else _ALWAYS_BEFORE_ALLOW
    if names & allowed:
        return
    if _ONLY_CUSTOM in listed:
        raise CustomAuthOnlyError
    raise FlowNotEnabledError(auth_flow)
