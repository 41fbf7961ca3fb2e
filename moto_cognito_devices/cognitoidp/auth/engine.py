"""What follows an answer that was right: the tables of ``..sign_in`` are asked what is next, and that is done.

Nothing has been done before that would have to be undone. Tokens are made at the end, once. While a function of the
pool runs no lock is held; it may change the user, who is looked up again after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ... import settings
from ...sign_in_rules import Action, Decision, DeviceState, Factor, Mfa, MfaMethod, SignInContext, UserState, decide
from .. import caller, log
from ..auth_sessions import AuthSession
from ..claims import Overrides
from ..devices import CognitoIdpDevice
from ..exceptions import (
    STATUS_ERRORS,
    DeviceNotFoundError,
    FailedAuthenticationError,
    InvalidLambdaResponseException,
    InvalidSessionError,
)
from ..pool_state import lock
from . import mfa
from .challenges import ROOMS, Passed, Request

Result = dict[str, Any]

_MFA_CHALLENGES = (*(method.value for method in MfaMethod), Mfa.SELECT.value)
# The names that clients go on with are in other members of these.
_WITHOUT_USER_ID_FOR_SRP = ("DEVICE_SRP_AUTH", "CUSTOM_CHALLENGE")


@dataclass(frozen=True)
class _Outlook:
    """What an answer leads to.

    :param user: None where the pool's functions are asked about somebody who isn't there
    :param factors: that were passed, with this answer
    :param rounds: what DefineAuthChallenge sees
    """

    user: CognitoIdpUser | None
    following: Decision
    factors: frozenset[Factor]
    rounds: list[dict[str, Any]]
    device: DeviceState = DeviceState.NONE

    @property
    def tracked(self) -> bool:
        return self.device is not DeviceState.UNTRACKED


def go_on(request: Request, sign_in: AuthSession, passed: Passed, answered: str = "") -> Result:
    """What follows an answer that is right.

    :param answered: the challenge that it was for
    :raises DeviceNotFoundError, NotAuthorizedError, PasswordResetRequiredException: nothing was changed then
    :raises LambdaError: if a function fails; the same, but that the sign-in is over
    """
    if passed.asks:
        sign_in.named = request.parameters.get("DEVICE_KEY") or sign_in.named
        return ask(passed.asks, request, request.user_again(sign_in), sign_in)
    rounds = sign_in.custom.rounds
    if answered == "CUSTOM_CHALLENGE" or (sign_in.is_custom and passed.factor):
        rounds = [*rounds, sign_in.custom.entry(answered, passed.right)]
    return _next(request, sign_in, passed, rounds)


def _next(
    request: Request, sign_in: AuthSession, passed: Passed, rounds: list[dict[str, Any]], let_in: bool = False
) -> Result:
    """
    :param let_in: whether DefineAuthChallenge has said so, a moment ago
    """
    functions = request.functions
    with lock:
        outlook = _look(request, sign_in, passed, rounds, let_in)
        step = outlook.following.step
        if step in (Action.ASK, Action.PROVE):
            return _ask_next(request, sign_in, passed, outlook)
        ends_at_once = step is not Action.DEFINE and not functions.has("PostAuthentication", "PreTokenGeneration")
        ended = _end(request, sign_in, passed, outlook) if ends_at_once else None
    if step is Action.DEFINE:
        return _define(request, sign_in, passed, outlook)
    overrides = None
    if ended is None:
        overrides = _before_tokens(request, sign_in, passed, outlook)
        with lock:
            # What has become due by the functions' doing is due in the next sign-in; what refuses, refuses now.
            if not _look(request, sign_in, passed, rounds, let_in).tracked:
                outlook = replace(outlook, following=Decision(Action.TOKENS), device=DeviceState.UNTRACKED)
            ended = _end(request, sign_in, passed, outlook)
    user, bound_to, metadata = ended
    result = request.user_pool.give_tokens(request.client, user, bound_to, overrides)
    if metadata:
        result["NewDeviceMetadata"] = metadata
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def _look(
    request: Request, sign_in: AuthSession, passed: Passed, rounds: list[dict[str, Any]], let_in: bool
) -> _Outlook:
    """
    :raises InvalidSessionError: if there is no such user any more
    :raises DeviceNotFoundError, NotAuthorizedError, PasswordResetRequiredException: if the next step is to refuse
    """
    user_pool = request.user_pool
    device_key = request.parameters.get("DEVICE_KEY", "")
    factors = sign_in.passed | ({passed.factor} if passed.factor else set()) | ({Factor.CUSTOM} if let_in else set())
    if device_key != sign_in.device_key:  # the proof of another device than this request names
        factors -= {Factor.DEVICE}
    user = request.user_again(sign_in)  # looked up again: the answer may have taken long to check
    if user is None and sign_in.is_custom and request.is_of(sign_in):
        return _Outlook(None, Decision(Action.DEFINE), factors, rounds)
    if user is None:
        raise InvalidSessionError
    situation = SignInContext(
        user_pool.user_state(user),
        factors,
        user_pool.device_state(user, device_key),
        mfa.mfa_required(user_pool),
        mfa.methods(user_pool, user, {**user.attribute_lookup, **passed.attributes}),
        passed.chosen or mfa.preferred(user_pool, user),
        user_pool.challenge_required_on_new_device,
        sign_in.is_custom,
    )
    following = decide(situation)
    if following.step is Action.REFUSE_USER:
        raise STATUS_ERRORS[situation.state]
    if following.step is Action.REFUSE_DEVICE:
        raise DeviceNotFoundError(user_pool.explain_unknown_device(user, device_key))
    return _Outlook(user, following, factors, rounds, situation.device)


def _keep(request: Request, sign_in: AuthSession, passed: Passed, outlook: _Outlook) -> None:
    """It goes on: from here on things change."""
    device_key = request.parameters.get("DEVICE_KEY", "")
    if passed.effect:
        passed.effect()
    sign_in.passed = outlook.factors - {Factor.NEW_PASSWORD}
    sign_in.new_password |= passed.factor is Factor.NEW_PASSWORD
    sign_in.custom.rounds = outlook.rounds
    if outlook.following.step is Action.NEW_DEVICE or outlook.following.challenge in _MFA_CHALLENGES:
        _warn_of_a_forgotten_key(sign_in, device_key)
        _warn_of_a_code_in_spite_of_the_key(request, outlook, device_key)
    sign_in.named = device_key or sign_in.named


# What is asked
def _ask_next(request: Request, sign_in: AuthSession, passed: Passed, outlook: _Outlook) -> Result:
    _keep(request, sign_in, passed, outlook)
    if outlook.following.step is Action.PROVE:
        sign_in.device_key = request.parameters["DEVICE_KEY"]
    return ask(outlook.following.challenge or "DEVICE_SRP_AUTH", request, outlook.user, sign_in)


def ask(challenge_name: str, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Result:
    """A challenge, and the handle that answers it."""
    sign_ins = request.user_pool.state.auth_sessions
    question = ROOMS[challenge_name].ask(request, user, sign_in)
    result: Result = {"ChallengeName": challenge_name, "ChallengeParameters": question.parameters}
    if question.available is not None:
        result["AvailableChallenges"] = question.available
    if request.initiating and challenge_name not in _WITHOUT_USER_ID_FOR_SRP:
        question.parameters["USER_ID_FOR_SRP"] = sign_in.username  # for the client to go on with; later it has it
    session = str(mock_random.uuid4())
    with lock:
        sign_ins.await_answer(sign_in, challenge_name, question.handle or session)
        if challenge_name != "PASSWORD_VERIFIER" or sign_in.auth_flow != "USER_SRP_AUTH":  # which has none
            result["Session"] = session
            if question.handle:
                sign_ins.add_handle(sign_in, "", session)
    return result


# What the pool's functions say
def _define(request: Request, sign_in: AuthSession, passed: Passed, outlook: _Outlook) -> Result:
    """CUSTOM_AUTH: DefineAuthChallenge says what is next.

    :raises FailedAuthenticationError: if that is the end
    :raises InvalidLambdaResponseException: if it can't be done
    """
    functions, user, rounds = request.functions, outlook.user, outlook.rounds
    decision = functions.define_auth_challenge(user, sign_in.username, rounds)
    if decision.fail:
        raise FailedAuthenticationError("DefineAuthChallenge said failAuthentication.")
    if decision.issue_tokens:
        if rounds and rounds[-1]["challengeName"] == "SRP_A":
            raise InvalidLambdaResponseException(
                "DefineAuthChallenge",
                "Cannot issue tokens when ChallengeName is SRP_A",
                "The password was not proven yet: say PASSWORD_VERIFIER.",
            )
        if user is None:
            raise FailedAuthenticationError("DefineAuthChallenge said issueTokens for a user who does not exist.")
        return _next(request, sign_in, passed, rounds, let_in=True)
    name = decision.challenge_name
    challenge = None
    if name == "CUSTOM_CHALLENGE":
        challenge = functions.create_auth_challenge(user, sign_in.username, name, rounds)
    elif name != "PASSWORD_VERIFIER" or not sign_in.custom.srp_a or Factor.FIRST in outlook.factors:
        raise InvalidLambdaResponseException(
            "DefineAuthChallenge",
            "Unrecognizable lambda output",
            f"challengeName is {name}: say CUSTOM_CHALLENGE, issueTokens or failAuthentication, or PASSWORD_VERIFIER, "
            "once, where the client gave SRP_A.",
        )
    with lock:
        user = _user_again(request, sign_in) if user else None
        _keep(request, sign_in, passed, outlook)
        if challenge:
            custom = sign_in.custom
            custom.public, custom.private, custom.metadata = challenge.public, challenge.private, challenge.metadata
    return ask(name, request, user, sign_in)


def _before_tokens(request: Request, sign_in: AuthSession, passed: Passed, outlook: _Outlook) -> Overrides | None:
    """PostAuthentication, then PreTokenGeneration."""
    changes = dict(passed.attributes)
    if passed.factor is Factor.NEW_PASSWORD:
        changes["cognito:user_status"] = UserState.CONFIRMED.value
    user = _user_again(request, sign_in)
    request.functions.post_authentication(user, changes, _brings_device(sign_in, outlook))
    user = _user_again(request, sign_in)
    new_password = sign_in.new_password or passed.factor is Factor.NEW_PASSWORD
    source = "NewPasswordChallenge" if new_password else "Authentication"
    if Factor.DEVICE in outlook.factors:
        source = "AuthenticateDevice"
    return request.functions.pre_token_generation(user, source, changes)


def _user_again(request: Request, sign_in: AuthSession) -> CognitoIdpUser:
    """
    :raises InvalidSessionError: if a function has deleted the user
    """
    user = request.user_again(sign_in)
    if user is None:
        raise InvalidSessionError
    return user


# The end
def _end(
    request: Request, sign_in: AuthSession, passed: Passed, outlook: _Outlook
) -> tuple[CognitoIdpUser, str | None, dict[str, str] | None]:
    """
    :returns: whose the tokens are, the device that they are bound to, and NewDeviceMetadata
    :raises DeviceNotFoundError: if the device was forgotten a moment ago
    """
    user_pool, user = request.user_pool, _user_again(request, sign_in)
    device_key = request.parameters.get("DEVICE_KEY", "")
    device = user_pool.device_of(user, device_key) if outlook.following.step is Action.BIND else None
    _keep(request, sign_in, passed, outlook)  # may refuse still: a code that was used meanwhile
    if device:
        _note(device, outlook.factors)
    user_pool.state.signed_up.pop(user.id, None)
    metadata = None
    if _brings_device(sign_in, outlook):
        alias = None if request.initiating else _alias(request, user)
        metadata = user_pool.new_device(user, Factor.MFA in outlook.factors, alias)
        device_key = metadata["DeviceKey"]
    return user, (device_key or None) if outlook.tracked else None, metadata


def _brings_device(sign_in: AuthSession, outlook: _Outlook) -> bool:
    """Whether the sign-in gives NewDeviceMetadata."""
    gives = settings.custom_auth_gives_device() if sign_in.is_custom else True
    return outlook.following.step is Action.NEW_DEVICE and gives


def _warn_of_a_forgotten_key(sign_in: AuthSession, device_key: str) -> None:
    """No error says it: there is a new device, and MFA, each time."""
    if sign_in.named and not device_key:
        log.warn(
            "RespondToAuthChallenge",
            f"An earlier request of this sign-in of {sign_in.username} named the device {sign_in.named}, and this one "
            "names none. The key counts that is in the request which ends a factor: give DEVICE_KEY in each answer.",
        )


def _warn_of_a_code_in_spite_of_the_key(request: Request, outlook: _Outlook, device_key: str) -> None:
    """No error says why a device that is named waives no code."""
    challenge = outlook.following.challenge
    if not device_key or challenge is None:
        return
    user_pool = request.user_pool
    if challenge == MfaMethod.EMAIL.value:
        hint = "No device waives a code by e-mail."
    elif not user_pool.challenge_required_on_new_device:
        hint = f"ChallengeRequiredOnNewDevice of the user pool {user_pool.id} is not true: no device waives a code."
    elif outlook.device is DeviceState.CONFIRMED:
        hint = "It is not remembered: call UpdateDeviceStatus with DeviceRememberedStatus remembered."
    else:
        hint = "It has been in no sign-in with MFA yet: after this code it waives the next one."
    operation = "InitiateAuth" if request.initiating else "RespondToAuthChallenge"
    log.warn(operation, f"{challenge} is asked for, though the request names the device {device_key}. {hint}")


def _alias(request: Request, user: CognitoIdpUser) -> str | None:
    """The trap of https://github.com/aws-amplify/amplify-js/issues/4047, which clients are to meet here too."""
    name = request.parameters.get("USERNAME", user.username)
    return name if name != user.username and settings.alias_breaks_confirm() else None


def _note(device: CognitoIdpDevice, factors: frozenset[Factor]) -> None:
    """What a sign-in with a device says of it from now on."""
    if Factor.MFA in factors:
        device.mfa_passed = True
    if Factor.DEVICE in factors:
        device.authenticated(caller.current())
