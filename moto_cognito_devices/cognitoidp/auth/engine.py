"""What follows a correct answer: evaluate it, commit its changes, then issue the next challenge or the tokens.

Nothing is changed before it is clear that the sign-in continues, so that a rejected step needs no undo. Tokens are made
at the end, once. No lock is held while a trigger runs; it may change the user, who is looked up again afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ... import settings
from ...sign_in_rules import (
    MFA_METHODS,
    Action,
    Decision,
    DeviceState,
    Factor,
    Mfa,
    SignInContext,
    UserState,
    decide,
)
from .. import log
from ..auth_sessions import AuthSession
from ..claims import Overrides
from ..exceptions import (
    STATUS_ERRORS,
    DeviceNotFoundError,
    FailedAuthenticationError,
    InvalidLambdaResponseException,
    InvalidSessionError,
)
from ..pool_state import lock
from ..request import Call
from ..triggers import TriggerInvoker
from . import mfa
from .challenges import CHALLENGES, ChallengeResult, is_answer_for, session_user

Result = dict[str, Any]
History = list[dict[str, Any]]

_MFA_CHALLENGES = {*MFA_METHODS, Mfa.SELECT.value}
# These carry USERNAME instead of USER_ID_FOR_SRP.
_WITHOUT_USER_ID_FOR_SRP = ("DEVICE_SRP_AUTH", "CUSTOM_CHALLENGE")


@dataclass(frozen=True)
class Evaluation:
    """What an answer leads to.

    :param user: None if the triggers are to decide about a user who does not exist
    :param factors: all that were passed, with this answer
    :param history: what DefineAuthChallenge gets as ``session``
    """

    user: CognitoIdpUser | None
    decision: Decision
    factors: frozenset[Factor]
    history: History
    device: DeviceState = DeviceState.NONE


def advance(
    call: Call, auth_session: AuthSession, result: ChallengeResult, answered: str = "", issue_tokens: bool = False
) -> Result:
    """Return what follows a correct answer.

    :param answered: the challenge that it was for
    :param issue_tokens: whether DefineAuthChallenge has decided so a moment ago
    :raises DeviceNotFoundError, NotAuthorizedError, PasswordResetRequiredException: nothing was changed then
    :raises LambdaError: if a trigger fails; nothing was changed, but the sign-in is over
    """
    if result.next_challenge:
        auth_session.last_device_key = call.device_key or auth_session.last_device_key
        return issue_challenge(result.next_challenge, call, session_user(call, auth_session), auth_session)
    history: History = []
    if auth_session.custom:
        history = auth_session.custom.history
        if answered == "CUSTOM_CHALLENGE" or result.factor:
            history = [*history, challenge_result(answered, result.correct, auth_session)]
    with lock:
        evaluation = evaluate(call, auth_session, result, history, issue_tokens)
        action = evaluation.decision.action
        if action in (Action.ASK, Action.PROVE):
            commit(call, auth_session, result, evaluation)
            if action is Action.PROVE:
                auth_session.device_key = call.device_key
            challenge = evaluation.decision.challenge or "DEVICE_SRP_AUTH"
            return issue_challenge(challenge, call, evaluation.user, auth_session)
        pool = call.user_pool
        has_trigger = pool.trigger_arn("PostAuthentication") or pool.trigger_arn("PreTokenGeneration")
        finished = None
        if action is not Action.DEFINE and not has_trigger:
            finished = finish(call, auth_session, result, evaluation)
    if action is Action.DEFINE:
        return _ask_define_auth_challenge(call, auth_session, result, answered, evaluation)
    overrides = None
    if finished is None:
        overrides = _run_final_triggers(call, auth_session, result, evaluation)
        with lock:
            # If a trigger made another challenge necessary, it applies from the next sign-in; if it made sign-in
            # forbidden, that applies now.
            again = evaluate(call, auth_session, result, history, issue_tokens)
            evaluation = replace(evaluation, user=again.user)
            if again.device is DeviceState.UNTRACKED:
                evaluation = replace(evaluation, decision=Decision(Action.TOKENS), device=DeviceState.UNTRACKED)
            finished = finish(call, auth_session, result, evaluation)
    user, device_key, metadata = finished
    tokens = pool.start_token_family(call.client, user, device_key, overrides)
    if metadata:
        tokens["NewDeviceMetadata"] = metadata
    return {"AuthenticationResult": tokens, "ChallengeParameters": {}}


def challenge_result(challenge_name: str, correct: bool, auth_session: AuthSession) -> dict[str, Any]:
    """Return an answered challenge as the triggers' ``session`` shows it."""
    metadata = auth_session.challenge_data.metadata if challenge_name == "CUSTOM_CHALLENGE" else None
    return {"challengeName": challenge_name, "challengeResult": correct, "challengeMetadata": metadata}


def evaluate(
    call: Call, auth_session: AuthSession, result: ChallengeResult, history: History, issue_tokens: bool
) -> Evaluation:
    """Decide what follows, and change nothing.

    :raises InvalidSessionError: if the user was deleted
    :raises DeviceNotFoundError, NotAuthorizedError, PasswordResetRequiredException: if the decision is to reject
    """
    user_pool = call.user_pool
    factors = set(auth_session.passed)
    if result.factor:
        factors.add(result.factor)
    if issue_tokens:
        factors.add(Factor.CUSTOM)
    if call.device_key != auth_session.device_key:  # the proof was of another device than this request names
        factors.discard(Factor.DEVICE)
    user = session_user(call, auth_session)  # looked up again: verifying the answer may have taken long
    if user is None:
        if auth_session.custom and is_answer_for(call, auth_session):
            return Evaluation(None, Decision(Action.DEFINE), frozenset(factors), history)
        raise InvalidSessionError
    methods = mfa.active_methods(user_pool, user, {**user.attribute_lookup, **result.attributes})
    context = SignInContext(
        user_pool.user_state(user),
        frozenset(factors),
        user_pool.device_state(user, call.device_key),
        mfa.mfa_required(user_pool),
        methods,
        result.chosen_mfa or (mfa.preferred(user_pool, user) if methods else None),
        user_pool.challenge_required_on_new_device,
        auth_session.custom is not None,
    )
    decision = decide(context)
    if decision.action is Action.REFUSE_USER:
        raise STATUS_ERRORS[context.state]
    if decision.action is Action.REFUSE_DEVICE:
        raise DeviceNotFoundError(user_pool.explain_unknown_device(user, call.device_key))
    return Evaluation(user, decision, context.passed, history, context.device)


def commit(call: Call, auth_session: AuthSession, result: ChallengeResult, evaluation: Evaluation) -> None:
    """Apply the answer's changes: state changes start here."""
    if result.on_commit:
        result.on_commit()
    auth_session.passed = evaluation.factors - {Factor.NEW_PASSWORD}
    auth_session.new_password |= result.factor is Factor.NEW_PASSWORD
    if auth_session.custom:
        auth_session.custom.history = evaluation.history
    named, decision = call.device_key or auth_session.last_device_key, evaluation.decision
    if named and (decision.action is Action.NEW_DEVICE or decision.challenge in _MFA_CHALLENGES):
        _log_ignored_device(call, auth_session, evaluation)
    auth_session.last_device_key = named


def issue_challenge(challenge_name: str, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> Result:
    """Return a challenge, and open the sign-in under its Session or SECRET_BLOCK."""
    store = call.user_pool.state.auth_sessions
    issued = CHALLENGES[challenge_name].issue(call, user, auth_session)
    response: Result = {"ChallengeName": challenge_name, "ChallengeParameters": issued.parameters}
    if issued.available is not None:
        response["AvailableChallenges"] = issued.available
    if call.initiating and challenge_name not in _WITHOUT_USER_ID_FOR_SRP:
        issued.parameters["USER_ID_FOR_SRP"] = auth_session.username  # clients continue with this name
    session = str(mock_random.uuid4())
    with lock:
        store.open(auth_session, challenge_name, issued.secret_block or session, issued.data)
        if challenge_name != "PASSWORD_VERIFIER" or auth_session.auth_flow != "USER_SRP_AUTH":  # which has no Session
            response["Session"] = session
            if issued.secret_block:
                store.add_id(auth_session, "", session)
    return response


# Triggers
def _ask_define_auth_challenge(
    call: Call, auth_session: AuthSession, result: ChallengeResult, answered: str, evaluation: Evaluation
) -> Result:
    """Let DefineAuthChallenge decide what follows in CUSTOM_AUTH.

    :raises FailedAuthenticationError: if it ends the sign-in
    :raises InvalidLambdaResponseException: if its decision is not possible
    """
    triggers, user, history = TriggerInvoker(call), evaluation.user, evaluation.history
    decision = triggers.define_auth_challenge(user, auth_session.username, history)
    if decision.fail:
        raise FailedAuthenticationError("DefineAuthChallenge said failAuthentication.")
    if decision.issue_tokens:
        if history and history[-1]["challengeName"] == "SRP_A":
            raise InvalidLambdaResponseException(
                "DefineAuthChallenge",
                "Cannot issue tokens when ChallengeName is SRP_A",
                "The password was not proven yet: say PASSWORD_VERIFIER.",
            )
        if user is None:
            raise FailedAuthenticationError("DefineAuthChallenge said issueTokens for a user who does not exist.")
        return advance(call, auth_session, result, answered, issue_tokens=True)
    name = decision.challenge_name
    challenge = None
    if name == "CUSTOM_CHALLENGE":
        challenge = triggers.create_auth_challenge(user, auth_session.username, name, history)
    elif name != "PASSWORD_VERIFIER" or not _may_prove_password(auth_session, evaluation):
        raise InvalidLambdaResponseException(
            "DefineAuthChallenge",
            "Unrecognizable lambda output",
            f"challengeName is {name}: say CUSTOM_CHALLENGE, issueTokens or failAuthentication, or PASSWORD_VERIFIER, "
            "once, where the client gave SRP_A.",
        )
    with lock:
        user = _existing_user(call, auth_session) if user else None
        commit(call, auth_session, result, evaluation)
        auth_session.challenge_data = challenge
    return issue_challenge(name, call, user, auth_session)


def _may_prove_password(auth_session: AuthSession, evaluation: Evaluation) -> bool:
    has_srp_a = auth_session.custom is not None and auth_session.custom.srp_a != ""
    return has_srp_a and Factor.FIRST not in evaluation.factors


def _run_final_triggers(
    call: Call, auth_session: AuthSession, result: ChallengeResult, evaluation: Evaluation
) -> Overrides | None:
    """Run PostAuthentication, then PreTokenGeneration."""
    triggers, changes = TriggerInvoker(call), dict(result.attributes)
    if result.factor is Factor.NEW_PASSWORD:
        changes["cognito:user_status"] = UserState.CONFIRMED.value
    user = _existing_user(call, auth_session)
    triggers.post_authentication(user, changes, _returns_new_device(auth_session, evaluation))
    user = _existing_user(call, auth_session)
    new_password = auth_session.new_password or result.factor is Factor.NEW_PASSWORD
    source = "NewPasswordChallenge" if new_password else "Authentication"
    if Factor.DEVICE in evaluation.factors:
        source = "AuthenticateDevice"
    return triggers.pre_token_generation(user, source, changes)


def _existing_user(call: Call, auth_session: AuthSession) -> CognitoIdpUser:
    """
    :raises InvalidSessionError: if the user was deleted
    """
    user = session_user(call, auth_session)
    if user is None:
        raise InvalidSessionError
    return user


# The end
def finish(
    call: Call, auth_session: AuthSession, result: ChallengeResult, evaluation: Evaluation
) -> tuple[CognitoIdpUser, str | None, dict[str, str] | None]:
    """Commit the last answer.

    :returns: the user, the device that the tokens are to be bound to, and NewDeviceMetadata
    :raises DeviceNotFoundError: if the device was forgotten a moment ago
    """
    user_pool, user = call.user_pool, evaluation.user
    if user is None:
        raise InvalidSessionError
    device_key: str | None = call.device_key or None
    device = user_pool.find_device(user, device_key) if evaluation.decision.action is Action.BIND else None
    commit(call, auth_session, result, evaluation)  # which may still fail: a code may have been used meanwhile
    if device and Factor.MFA in evaluation.factors:
        device.mfa_passed = True
    if device and Factor.DEVICE in evaluation.factors:
        device.record_authentication(call.client_info)
    user_pool.state.sign_up_sessions.pop(user.id, None)
    metadata = None
    if _returns_new_device(auth_session, evaluation):
        alias = None if call.initiating else _unconfirmable_alias(call, user)
        issued = user_pool.issue_device_key(user, Factor.MFA in evaluation.factors, alias)
        metadata = {"DeviceKey": issued.device_key, "DeviceGroupKey": issued.device_group_key}
        device_key = issued.device_key
    return user, None if evaluation.device is DeviceState.UNTRACKED else device_key, metadata


def _returns_new_device(auth_session: AuthSession, evaluation: Evaluation) -> bool:
    """Whether the sign-in returns NewDeviceMetadata."""
    return evaluation.decision.action is Action.NEW_DEVICE and (
        not auth_session.custom or settings.custom_auth_gives_device()
    )


def _unconfirmable_alias(call: Call, user: CognitoIdpUser) -> str | None:
    """Reproduce https://github.com/aws-amplify/amplify-js/issues/4047 on purpose.

    :returns: the alias that the last answer had as USERNAME, if the new device cannot be confirmed because of it
    """
    name = call.parameters.get("USERNAME", user.username)
    return name if name != user.username and settings.alias_breaks_confirm() else None


def _log_ignored_device(call: Call, auth_session: AuthSession, evaluation: Evaluation) -> None:
    """Log why a device does not count: no error says so."""
    if not call.device_key:
        log.warn(
            "RespondToAuthChallenge",
            f"An earlier request of this sign-in of {auth_session.username} named the device "
            f"{auth_session.last_device_key}, and this one names none. The key counts that is in the request which "
            "ends a factor: give DEVICE_KEY in each answer.",
        )
        return
    user_pool, challenge = call.user_pool, evaluation.decision.challenge or ""
    if challenge in MFA_METHODS and not MFA_METHODS[challenge].waivable:
        hint = f"No device waives {challenge}."
    elif not user_pool.challenge_required_on_new_device:
        hint = f"ChallengeRequiredOnNewDevice of the user pool {user_pool.id} is not true: no device waives a code."
    elif evaluation.device is DeviceState.CONFIRMED:
        hint = "It is not remembered: call UpdateDeviceStatus with DeviceRememberedStatus remembered."
    else:
        hint = "It has been in no sign-in with MFA yet: after this code it waives the next one."
    operation = "InitiateAuth" if call.initiating else "RespondToAuthChallenge"
    log.warn(operation, f"{challenge} is asked for, though the request names the device {call.device_key}. {hint}")
