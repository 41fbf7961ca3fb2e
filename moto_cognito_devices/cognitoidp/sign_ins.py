"""A sign-in, from the first factor to the tokens, where it is ours: in pools that track devices.

What is next is asked of the tables in ``..sign_in``, and then done: nothing has been done before that would have to be
undone. Tokens are made at the end, once. A factor is asked for and checked in its room (``factors``).

A pool without tracking is moto's own affair, but for the name that ``USER_ID_FOR_SRP`` carries.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient
from moto.moto_api._internal import mock_random

from .. import settings
from ..sign_in import DeviceState, Factor, Method, Mfa, Situation, Step, UserState, next_step, refused_at_once
from . import caller, log, mfa_settings, refresh
from .exceptions import (
    CustomAuthNotConfiguredError,
    DeviceNotFoundError,
    ExpiredPasswordError,
    FeatureUnavailableInTierException,
    FlowNotEnabledError,
    FlowNotSupportedError,
    InvalidSessionError,
    PasswordResetRequiredException,
    UnexpectedLambdaException,
    UserDisabledError,
    UserDoesNotExistError,
    UserIsNotConfirmedError,
)
from .factors import FIRST_FACTOR_ROOMS, ROOMS, Passed, Request, Room
from .open_sign_ins import SignIn
from .parameters import Parameters, check_secret_hash, present, required
from .tracking import lock
from .user_pools import CognitoIdpUserPool

Result = dict[str, Any]

_REFRESH = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
_FLOWS = ("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", *_REFRESH)
_ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", *_REFRESH)
# Names of one flow, in ExplicitAuthFlows as in AuthFlow.
_SYNONYMS = (frozenset(_REFRESH), frozenset({"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}))
# What a client may do beside what it lists in the values from before ALLOW_: they said what it may do in addition.
_ALWAYS_BEFORE_ALLOW = frozenset({"USER_SRP_AUTH", "CUSTOM_AUTH", *_REFRESH})
# The challenges that answers are for which moto doesn't know.
_DEVICE_CHALLENGES = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
# What asks USER_AUTH for a higher level than the sign-in before.
_STEP_UP = frozenset({"ACCESS_TOKEN", "TARGET_ACR_VALUES"})
_MFA_CHALLENGES = (*(method.value for method in Method), Mfa.SELECT.value)

_REFUSALS = {
    UserState.EXPIRED_PASSWORD: ExpiredPasswordError,
    UserState.RESET_REQUIRED: PasswordResetRequiredException,
    UserState.UNCONFIRMED: UserIsNotConfirmedError,
    UserState.DISABLED: UserDisabledError,
}


def is_ours(user_pool: CognitoIdpUserPool, challenge_name: Any, session: Any, responses: Any) -> bool:
    """Whether an answer is for a sign-in of ours: it may have begun before the pool's tracking was switched off.

    The parameters are of any type: what is not ours is moto's, as it comes.
    """
    if user_pool.signs_users_in:
        return True
    sign_ins = user_pool.tracking.sign_ins
    secret_block = responses.get("PASSWORD_CLAIM_SECRET_BLOCK") if isinstance(responses, dict) else None
    known = any(isinstance(handle, str) and handle in sign_ins for handle in (session, secret_block))
    return known or (challenge_name in _DEVICE_CHALLENGES and len(sign_ins) > 0)


def initiate(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    auth_flow: str,
    auth_parameters: Parameters,
    as_admin: bool,
    session: str | None = None,
) -> Result:
    """InitiateAuth and AdminInitiateAuth: a challenge, or the tokens.

    :param session: ConfirmSignUp's, which USER_AUTH takes for the first factor
    :raises InvalidParameterException: if the flow is not to be had, or a parameter is missing
    :raises FeatureUnavailableInTierException: if it asks for a step-up
    :raises NotAuthorizedError: if the first factor is wrong, or the user in a state that doesn't sign in
    :raises UserNotFoundError: if there is no such user, and the client may know
    """
    if auth_flow not in (_ADMIN_FLOWS if as_admin else _FLOWS):
        raise FlowNotSupportedError
    _check_enabled(client, auth_flow)
    request = Request(user_pool, client, present(auth_parameters), session)
    if auth_flow in _REFRESH:
        return refresh.by_initiate_auth(user_pool, client, request.parameters)
    username = required(request.parameters, "USERNAME")
    check_secret_hash(client, request.parameters)
    if auth_flow == "CUSTOM_AUTH":
        if (user_pool.extended_config.get("LambdaConfig") or {}).get("DefineAuthChallenge"):
            raise UnexpectedLambdaException("DefineAuthChallenge")
        raise CustomAuthNotConfiguredError
    by_choice = auth_flow == "USER_AUTH"
    if by_choice and _STEP_UP & request.parameters.keys():
        raise FeatureUnavailableInTierException
    if by_choice and session:
        return _answer(request, ROOMS["ConfirmSignUp"], initiating=True)
    user = user_pool.find_user(username)
    by_srp = auth_flow == "USER_SRP_AUTH"
    challenge = _preferred(request, user) if by_choice else "PASSWORD_SRP" if by_srp else "PASSWORD"
    room = FIRST_FACTOR_ROOMS.get(challenge)
    # A bad request is told before anything is looked at.
    answers = room is not None and (not by_choice or bool(request.parameters.get(room.member)))
    answer = room.read(request) if room and answers else None
    if user is None and client.extended_config.get("PreventUserExistenceErrors") != "ENABLED":
        raise UserDoesNotExistError
    if user is not None and refused_at_once(state := user_pool.user_state(user)):
        raise _REFUSALS[state]
    sign_in = _begin(client, user, username, by_choice)
    sign_in.named = request.parameters.get("DEVICE_KEY")
    if room and answers:
        return _go_on(request, sign_in, room.check(request, sign_in, answer), initiating=True)
    return _ask(challenge, request, user, sign_in, initiating=True)


def after_sign_up(user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, user: CognitoIdpUser) -> str:
    """
    :returns: ConfirmSignUp's Session
    """
    sign_in = _begin(client, user, user.username, by_choice=True)
    session: str = _ask("ConfirmSignUp", Request(user_pool, client, {}), user, sign_in)["Session"]
    return session


def _begin(client: CognitoIdpUserPoolClient, user: CognitoIdpUser | None, name: str, by_choice: bool) -> SignIn:
    seconds = 60 * (client.extended_config.get("AuthSessionValidity") or 3)
    return SignIn(client.id, user.username if user else name, user.id if user else None, seconds, by_choice)


def _preferred(request: Request, user: CognitoIdpUser | None) -> str:
    """The challenge that USER_AUTH begins with: the one that is preferred, if it is to be had."""
    preferred = request.parameters.get("PREFERRED_CHALLENGE")
    available = {factor.value for factor in mfa_settings.first_factors(request.user_pool, user)}
    return preferred if preferred in available else "SELECT_CHALLENGE"


def respond(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    challenge_name: str,
    session: str | None,
    challenge_responses: Parameters,
) -> Result:
    """RespondToAuthChallenge and AdminRespondToAuthChallenge: the next challenge, or the tokens.

    :raises InvalidParameterException: if a member is missing or malformed; the challenge stays open
    :raises NotAuthorizedError: if there is no such challenge, or the proof is wrong
    :raises DeviceNotFoundError: if the device that is named is not the user's; the challenge stays open
    """
    request = Request(user_pool, client, present(challenge_responses), session)
    if challenge_name != "MFA_SETUP" or client.generate_secret:
        required(request.parameters, "USERNAME")
    check_secret_hash(client, request.parameters)
    room = ROOMS.get(challenge_name)
    if room is None:
        raise InvalidSessionError(f"Nobody was ever asked for {challenge_name}.")
    return _answer(request, room, initiating=False)


def _answer(request: Request, room: Room, initiating: bool) -> Result:
    """Check an answer, and go on.

    :raises NotAuthorizedError: if it is wrong, or nobody awaits it
    """
    answer = room.read(request)
    sign_ins = request.user_pool.tracking.sign_ins
    with lock:
        sign_in, handle = room.find(request, answer)
        sign_ins.take(sign_in)
    # Nobody else has the sign-in now, and no lock is held: an answer may take long to check.
    wrong_one_spends = room.spent_when_wrong
    try:
        passed = room.check(request, sign_in, answer)
        wrong_one_spends = False
        return _go_on(request, sign_in, passed, initiating)
    except BaseException:
        if not wrong_one_spends:
            with lock:
                sign_ins.put_back(sign_in, handle)
        raise


def _go_on(request: Request, sign_in: SignIn, passed: Passed, initiating: bool) -> Result:
    """What follows an answer that is right.

    :raises DeviceNotFoundError, NotAuthorizedError, PasswordResetRequiredException: nothing was changed then
    """
    user_pool, client = request.user_pool, request.client
    device_key = request.parameters.get("DEVICE_KEY", "")
    if passed.asks:
        sign_in.named = device_key or sign_in.named
        return _ask(passed.asks, request, request.user_of(sign_in), sign_in)
    with lock:
        user = request.user_of(sign_in)  # looked up again: the answer may have taken long to check
        if user is None:
            raise InvalidSessionError
        factors = sign_in.passed | ({passed.factor} if passed.factor else set())
        if device_key != sign_in.device_key:  # the proof of another device than this request names
            factors -= {Factor.DEVICE}
        chosen = passed.chosen or sign_in.chosen
        situation = Situation(
            user_pool.user_state(user),
            factors,
            user_pool.device_state(user, device_key),
            mfa_settings.mfa_required(user_pool),
            mfa_settings.methods(user_pool, user, passed.attributes),
            chosen or mfa_settings.preferred(user_pool, user),
            user_pool.device_waives_mfa,
        )
        following = next_step(situation)
        if following.step is Step.REFUSE_USER:
            raise _REFUSALS[situation.state]
        if following.step is Step.REFUSE_DEVICE:
            raise DeviceNotFoundError(user_pool.why_unknown(user, device_key))
        # It goes on: from here on things change.
        if passed.effect:
            passed.effect()
        sign_in.passed, sign_in.chosen = factors - {Factor.NEW_PASSWORD}, chosen
        if following.step is Step.NEW_DEVICE or following.challenge in _MFA_CHALLENGES:
            _warn_of_a_forgotten_key(sign_in, device_key)
        sign_in.named = device_key or sign_in.named
        if following.challenge:
            return _ask(following.challenge, request, user, sign_in, initiating)
        if following.step is Step.PROVE:
            sign_in.device_key = device_key
            return _ask("DEVICE_SRP_AUTH", request, user, sign_in)
        metadata = None
        if following.step is Step.NEW_DEVICE:
            alias = None if initiating else _alias(request, user)
            metadata = user_pool.new_device(user, Factor.MFA in factors, alias)
            device_key = metadata["DeviceKey"]
        elif following.step is Step.BIND:
            _note(request, user, device_key, factors)
        user_pool.tracking.signed_up.pop(user.id, None)
    bound_to = None if situation.device is DeviceState.UNTRACKED else device_key
    result = user_pool.give_tokens(client, user, bound_to)
    if metadata:
        result["NewDeviceMetadata"] = metadata
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def _ask(
    challenge_name: str,
    request: Request,
    user: CognitoIdpUser | None,
    sign_in: SignIn,
    initiating: bool = False,
) -> Result:
    sign_ins = request.user_pool.tracking.sign_ins
    question = ROOMS[challenge_name].ask(request, user, sign_in)
    result: Result = {"ChallengeName": challenge_name, "ChallengeParameters": question.parameters}
    if question.available is not None:
        result["AvailableChallenges"] = question.available
    if initiating:  # for the client to go on with; later it has it
        question.parameters["USER_ID_FOR_SRP"] = sign_in.username
    session = str(mock_random.uuid4())
    with lock:
        sign_ins.await_answer(sign_in, challenge_name, question.handle or session)
        if challenge_name != "PASSWORD_VERIFIER" or sign_in.by_choice:  # by USER_SRP_AUTH it has none
            result["Session"] = session
            if question.handle:
                sign_ins.add_handle(sign_in, "", session)
    return result


def _warn_of_a_forgotten_key(sign_in: SignIn, device_key: str) -> None:
    """No error says it: there is a new device, and MFA, each time."""
    if sign_in.named and not device_key:
        log.warn(
            "RespondToAuthChallenge",
            f"An earlier request of this sign-in of {sign_in.username} named the device {sign_in.named}, and this one "
            "names none. The key counts that is in the request which ends a factor: give DEVICE_KEY in each answer.",
        )


def _alias(request: Request, user: CognitoIdpUser) -> str | None:
    """The trap of https://github.com/aws-amplify/amplify-js/issues/4047, which clients are to meet here too."""
    name = request.parameters.get("USERNAME", user.username)
    return name if name != user.username and settings.alias_breaks_confirm() else None


def _note(request: Request, user: CognitoIdpUser, device_key: str, factors: frozenset[Factor]) -> None:
    device = request.user_pool.device_of(user, device_key)
    if Factor.MFA in factors:
        device.mfa_passed = True
    if Factor.DEVICE in factors:
        device.authenticated(caller.current())


def _check_enabled(client: CognitoIdpUserPoolClient, auth_flow: str) -> None:
    """
    :raises FlowNotEnabledError: if the client lists flows, and not this one
    """
    listed = client.extended_config.get("ExplicitAuthFlows")
    if not listed:  # on AWS SRP, CUSTOM_AUTH and refresh; most tests on moto are written without a list
        return
    names = next((names for names in _SYNONYMS if auth_flow in names), frozenset({auth_flow}))
    allowed = {name.removeprefix("ALLOW_") for name in listed}
    if not any(name.startswith("ALLOW_") for name in listed):
        allowed |= {"CUSTOM_AUTH", *_REFRESH} if "CUSTOM_AUTH_FLOW_ONLY" in listed else _ALWAYS_BEFORE_ALLOW
    if not names & allowed:
        raise FlowNotEnabledError(auth_flow)
