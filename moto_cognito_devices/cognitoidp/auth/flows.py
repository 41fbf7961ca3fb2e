"""A sign-in, from the first factor to the tokens, where it is ours: in pools that track devices.

Here requests come in: InitiateAuth and RespondToAuthChallenge, and their Admin twins. A factor is asked for and checked
in its room (``factors``), and ``steps`` goes on from there.

A pool without tracking is moto's own affair, but for the name that ``USER_ID_FOR_SRP`` carries.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from ...sign_in_rules import rejected_before_first_factor
from .. import refresh
from ..auth_sessions import AuthSession
from ..exceptions import (
    STATUS_ERRORS,
    CustomAuthNotConfiguredError,
    CustomAuthOnlyError,
    FailedAuthenticationError,
    FeatureUnavailableInTierException,
    FlowNotEnabledError,
    FlowNotSupportedError,
    InvalidSessionError,
    LambdaError,
    UnknownChallengeNameError,
    UserDoesNotExistError,
)
from ..parameters import Parameters, check_secret_hash, present, prevents_user_existence_errors, required
from ..pool_state import lock
from ..user_pools import CognitoIdpUserPool
from . import mfa, password_claim, user_migration
from .challenges import FIRST_FACTOR_ROOMS, ROOMS, Passed, Request, Room
from .engine import Result, ask, go_on

_REFRESH = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
_FLOWS = ("USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", *_REFRESH)
_ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_SRP_AUTH", "USER_AUTH", "CUSTOM_AUTH", *_REFRESH)
# Those that send the password itself: with it a user can be migrated.
_BY_PASSWORD = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
# Names of one flow, in ExplicitAuthFlows as in AuthFlow.
_SYNONYMS = (frozenset(_REFRESH), frozenset({"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}))
# What a client may do beside what it lists in the values from before ALLOW_: they said what it may do in addition.
_ALWAYS_BEFORE_ALLOW = frozenset({"USER_SRP_AUTH", "CUSTOM_AUTH", *_REFRESH})
_ONLY_CUSTOM = "CUSTOM_AUTH_FLOW_ONLY"
# The challenges that answers are for which moto doesn't know.
_DEVICE_CHALLENGES = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
# What asks USER_AUTH for a higher level than the sign-in before.
_STEP_UP = frozenset({"ACCESS_TOKEN", "TARGET_ACR_VALUES"})


def is_ours(user_pool: CognitoIdpUserPool, challenge_name: Any, session: Any, responses: Any) -> bool:
    """Whether an answer is for a sign-in of ours: it may have begun before the pool's tracking was switched off.

    The parameters are of any type: what is not ours is moto's, as it comes.
    """
    if user_pool.manages_sign_in or began(user_pool, session, responses):
        return True
    return challenge_name in _DEVICE_CHALLENGES and len(user_pool.state.auth_sessions) > 0


def began(user_pool: CognitoIdpUserPool, session: Any, responses: Any = None) -> bool:
    """Whether an answer's session or secret block, of any type, was issued by this pool."""
    secret_block = responses.get("PASSWORD_CLAIM_SECRET_BLOCK") if isinstance(responses, dict) else None
    sign_ins = user_pool.state.auth_sessions
    return any(isinstance(handle, str) and handle in sign_ins for handle in (session, secret_block))


def initiate(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    auth_flow: str,
    auth_parameters: Parameters,
    as_admin: bool,
    session: str | None = None,
    client_metadata: dict[str, str] | None = None,
) -> Result:
    """InitiateAuth and AdminInitiateAuth: a challenge, or the tokens.

    :param session: ConfirmSignUp's, which USER_AUTH takes for the first factor
    :param client_metadata: for the pool's functions
    :raises InvalidParameterException: if the flow is not to be had, or a parameter is missing
    :raises FeatureUnavailableInTierException: if it asks for a step-up
    :raises NotAuthorizedError: if the first factor is wrong, or the user in a state that doesn't sign in
    :raises UserNotFoundError: if there is no such user, and the client may know
    :raises LambdaError: if a function of the pool fails
    """
    if auth_flow not in (_ADMIN_FLOWS if as_admin else _FLOWS):
        raise FlowNotSupportedError
    _check_enabled(client, auth_flow)
    request = Request(user_pool, client, present(auth_parameters), session, client_metadata, initiating=True)
    if auth_flow in _REFRESH:
        return refresh.by_initiate_auth(user_pool, client, request.parameters)
    username = required(request.parameters, "USERNAME")
    check_secret_hash(client, request.parameters)
    if auth_flow == "CUSTOM_AUTH":
        return _initiate_custom(request, username)
    by_choice = auth_flow == "USER_AUTH"
    if by_choice and _STEP_UP & request.parameters.keys():
        raise FeatureUnavailableInTierException
    if by_choice and session:
        if user_pool.find_user(username) is not None:
            _admit(request, username)
        return _answer(request, ROOMS["ConfirmSignUp"])
    by_srp = auth_flow == "USER_SRP_AUTH"
    challenge = _preferred(request, username) if by_choice else "PASSWORD_SRP" if by_srp else "PASSWORD"
    room = FIRST_FACTOR_ROOMS.get(challenge)
    # A bad request is told before anything is looked at.
    answers = room is not None and (not by_choice or bool(request.parameters.get(room.member)))
    answer = room.read(request) if room and answers else None
    if auth_flow in _BY_PASSWORD:
        user_migration.migrate(request, username, request.parameters["PASSWORD"])
    user = _admit(request, username)
    sign_in = _begin(request, user, username, auth_flow)
    if room and answers:
        return go_on(request, sign_in, room.check(request, sign_in, answer))
    return ask(challenge, request, user, sign_in)


def _initiate_custom(request: Request, username: str) -> Result:
    """CUSTOM_AUTH: the pool's functions say what is asked, by SRP or not.

    :raises CustomAuthNotConfiguredError: if the pool has none
    """
    if not request.functions.has("DefineAuthChallenge"):
        raise CustomAuthNotConfiguredError("DefineAuthChallenge")
    begins_with = request.parameters.get("CHALLENGE_NAME") or "CUSTOM_CHALLENGE"
    if begins_with not in ("CUSTOM_CHALLENGE", "SRP_A"):
        raise UnknownChallengeNameError(begins_with)
    by_srp = begins_with == "SRP_A"
    if by_srp:
        password_claim.parse_srp_a(request.parameters)
    # Without the password PreAuthentication is not called (https://github.com/aws-amplify/amplify-js/issues/5318).
    user = _admit(request, username) if by_srp else _known(request, username)
    sign_in = _begin(request, user, username, "CUSTOM_AUTH")
    if by_srp:
        sign_in.custom.srp_a = request.parameters["SRP_A"]
        sign_in.custom.rounds = [sign_in.custom.entry("SRP_A", True)]
    return go_on(request, sign_in, Passed())


def after_sign_up(user_pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, user: CognitoIdpUser) -> str:
    """
    :returns: ConfirmSignUp's Session
    """
    request = Request(user_pool, client, {})
    session: str = ask("ConfirmSignUp", request, user, _begin(request, user, user.username, "USER_AUTH"))["Session"]
    return session


def _begin(request: Request, user: CognitoIdpUser | None, name: str, auth_flow: str) -> AuthSession:
    client = request.client
    seconds = 60 * (client.extended_config.get("AuthSessionValidity") or 3)
    sign_in = AuthSession(client.id, user.username if user else name, user.id if user else None, seconds, auth_flow)
    sign_in.named = request.parameters.get("DEVICE_KEY")
    return sign_in


def _admit(request: Request, username: str) -> CognitoIdpUser | None:
    """:func:`_known`, and PreAuthentication has nothing against it.

    :raises LambdaError: if it has
    """
    user = _known(request, username)
    functions = request.functions
    if functions.has("PreAuthentication"):
        functions.pre_authentication(user, username)
        # The function may have done something to the user, who may have another address now.
        there = user is not None and request.user_pool.users.get(user.username) is user
        user = _known(request, user.username if user and there else username)
    return user


def _known(request: Request, username: str) -> CognitoIdpUser | None:
    """Whom a name signs in; None if there is nobody, and the app client is not to tell.

    :raises UserDoesNotExistError: if it may
    :raises NotAuthorizedError, UserNotConfirmedException: if the user can't sign in, whatever comes
    """
    user_pool = request.user_pool
    user = user_pool.find_user(username)
    if user is None and not prevents_user_existence_errors(request.client):
        raise UserDoesNotExistError(f"The user pool {user_pool.id} has no user {username}, by name or alias.")
    if user is not None and rejected_before_first_factor(state := user_pool.user_state(user)):
        raise STATUS_ERRORS[state]
    return user


def _preferred(request: Request, username: str) -> str:
    """The challenge that USER_AUTH begins with: the one that is preferred, if it is to be had."""
    user = request.user_pool.find_user(username)
    preferred = request.parameters.get("PREFERRED_CHALLENGE")
    available = {factor.value for factor in mfa.first_factors(request.user_pool, user)}
    return preferred if preferred in available else "SELECT_CHALLENGE"


def respond(
    user_pool: CognitoIdpUserPool,
    client: CognitoIdpUserPoolClient,
    challenge_name: str,
    session: str | None,
    challenge_responses: Parameters,
    client_metadata: dict[str, str] | None = None,
) -> Result:
    """RespondToAuthChallenge and AdminRespondToAuthChallenge: the next challenge, or the tokens.

    :param client_metadata: for the pool's functions
    :raises InvalidParameterException: if a member is missing or malformed; the challenge stays open
    :raises NotAuthorizedError: if there is no such challenge, or the proof is wrong
    :raises DeviceNotFoundError: if the device that is named is not the user's; the challenge stays open
    :raises LambdaError: if a function of the pool fails; the sign-in is over
    """
    request = Request(user_pool, client, present(challenge_responses), session, client_metadata)
    if challenge_name != "MFA_SETUP" or client.generate_secret:
        required(request.parameters, "USERNAME")
    check_secret_hash(client, request.parameters)
    room = ROOMS.get(challenge_name)
    if room is None:
        raise InvalidSessionError(f"Nobody was ever asked for {challenge_name}.")
    return _answer(request, room)


def _answer(request: Request, room: Room) -> Result:
    """Check an answer, and go on.

    :raises NotAuthorizedError: if it is wrong, or nobody awaits it
    """
    answer = room.read(request)
    sign_ins = request.user_pool.state.auth_sessions
    with lock:
        sign_in, handle = room.find(request, answer)
        sign_ins.take(sign_in, handle)
    # Nobody else has the sign-in now, and no lock is held: an answer may take long to check.
    wrong_one_spends = room.spent_when_wrong
    try:
        passed = room.check(request, sign_in, answer)
        wrong_one_spends = False
        return go_on(request, sign_in, passed, room.kinds[0])
    except (LambdaError, FailedAuthenticationError):
        sign_in.failed = True
        raise
    except BaseException:
        if not wrong_one_spends:
            with lock:
                sign_ins.put_back(sign_in, handle)
        raise


def _check_enabled(client: CognitoIdpUserPoolClient, auth_flow: str) -> None:
    """
    :raises FlowNotEnabledError, CustomAuthOnlyError: if the client lists flows, and not this one
    """
    listed = client.extended_config.get("ExplicitAuthFlows")
    if not listed:  # on AWS SRP, CUSTOM_AUTH and refresh; most tests on moto are written without a list
        return
    names = next((names for names in _SYNONYMS if auth_flow in names), frozenset({auth_flow}))
    allowed = {name.removeprefix("ALLOW_") for name in listed}
    if not any(name.startswith("ALLOW_") for name in listed):
        allowed |= {"CUSTOM_AUTH", *_REFRESH} if _ONLY_CUSTOM in listed else _ALWAYS_BEFORE_ALLOW
    if not names & allowed and _ONLY_CUSTOM in listed:
        raise CustomAuthOnlyError
    if not names & allowed:
        raise FlowNotEnabledError(auth_flow)
