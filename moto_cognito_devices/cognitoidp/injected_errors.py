"""Errors that a test author has asked for: each is the answer to the next calls of an operation.

One list for the whole state of moto, since a call that is not signed tells neither its account nor, in moto's server,
its region. It lives on one of moto's backends, so that a reset drops it without further code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from moto.cognitoidp.models import cognitoidp_backends
from moto.core.exceptions import JsonRESTError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import get_service_model

from . import exceptions
from .pool_state import lock

_REGION = "us-east-1"

#: What Cognito says, where it is known, beside what stands in ``exceptions``.
_TEXTS = {
    "AliasExistsException": "An account with the email already exists.",
    "CodeMismatchException": "Invalid verification code provided, please try again.",
    "ForbiddenException": "Request not allowed due to WAF block.",
    "InternalErrorException": "Internal server error.",  # aws-sdk-android #2022
    "InvalidLambdaResponseException": "Unrecognizable lambda output",
    "InvalidPasswordException": "Password did not conform with policy: Password not long enough",
    "LimitExceededException": "Attempt limit exceeded, please try after some time.",  # aws-sdk-android #627
    "TooManyRequestsException": "Rate exceeded",  # amplify-js #3554
    "UsernameExistsException": "User already exists",
}
_TEXTS.update(
    (error.error_type, error.message)
    for error in (
        exceptions.DeviceKeyExistsException(),
        exceptions.EnableSoftwareTokenMFAException(),
        exceptions.ExpiredCodeError(),
        exceptions.PasswordResetRequiredException(),
        exceptions.RefreshTokenReuseException(),
        exceptions.SoftwareTokenMFANotFoundException(),
        exceptions.UnauthorizedException(),
        exceptions.UnsupportedTokenTypeException(),
        exceptions.UserDoesNotExistError(),
        exceptions.UserIsNotConfirmedError(),
    )
)
_OF_THE_SERVER = ("InternalErrorException", "InternalServerException")


@dataclass
class InjectedErrorRule:
    """
    :param operation: as in the service model, "ConfirmDevice"
    :param error: one of those that the service model lists for it, "TooManyRequestsException"
    :param times: how many calls it is still the answer to
    """

    operation: str
    error: str
    message: str
    times: int


def add(operation: str, error: str, message: str | None = None, times: int = 1) -> InjectedErrorRule:
    """Behind those that are pending already.

    :param message: Cognito's own by default
    :raises ValueError: naming the choices, if there is no such operation, or it has no such error
    """
    _check_choice("operation", operation, get_service_model("cognito-idp").operation_names)
    _check_choice("error", error, _errors_of(operation))
    added = InjectedErrorRule(operation, error, _text(operation, error) if message is None else message, times)
    backend = cognitoidp_backends[DEFAULT_ACCOUNT_ID][_REGION]
    with lock:
        vars(backend).setdefault("_pending_errors", []).append(added)
    return added


def pending() -> list[InjectedErrorRule]:
    """In the order in which they were asked for."""
    # dict.get makes no account and no region, as moto's own look-up would.
    account = cognitoidp_backends.get(DEFAULT_ACCOUNT_ID)
    backend = account.get(_REGION) if account else None
    found: list[InjectedErrorRule] = vars(backend).get("_pending_errors", []) if backend else []
    return found


def clear() -> None:
    with lock:
        pending().clear()


def pop(operation: str) -> JsonRESTError | None:
    """The answer to a call, if one is pending: it has been given then."""
    with lock:
        waiting = pending()
        found = next((one for one in waiting if one.operation == operation), None)
        if found is None:
            return None
        found.times -= 1
        if not found.times:
            waiting.remove(found)
    error = exceptions.InjectedError(found.error, found.message)
    if found.error in _OF_THE_SERVER:
        error.code = 500
    return error


def _check_choice(what: str, given: str, choices: list[str]) -> None:
    if given not in choices:
        # There are more operations than anybody reads; and boto3 calls them confirm_device.
        similar = get_close_matches(given.lower(), [name.lower() for name in choices], cutoff=0.8)
        meant = [name for name in choices if name.lower() in similar]
        told = f"did you mean {' or '.join(meant)}?" if meant else f"choose one of {', '.join(sorted(choices))}."
        raise ValueError(f"{what} is {given!r}: {told}")


def _errors_of(operation: str) -> list[str]:
    return [shape.name for shape in get_service_model("cognito-idp").operation_model(operation).error_shapes]


def _text(operation: str, error: str) -> str:
    members = get_service_model("cognito-idp").operation_model(operation).input_shape.members
    if error == "NotAuthorizedException":
        known = (
            exceptions.InvalidAccessTokenError("")
            if "AccessToken" in members
            else exceptions.IncorrectCredentialsError("")
        )
        return str(known.message)
    if error == "ResourceNotFoundException":
        things = {"DeviceKey": "Device", "ClientId": "User pool client", "UserPoolId": "User pool"}
        return f"{next((thing for member, thing in things.items() if member in members), 'Resource')} does not exist."
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", error.removesuffix("Exception"))
    return _TEXTS.get(error) or f"{words.capitalize()}."
