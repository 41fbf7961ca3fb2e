"""The operations that the plugin answers, or checks before moto answers: one table, :data:`OPERATIONS`.

A request is parsed once, its pool is found once, and one function answers it. Each operation is a method of the
response class, named as moto's dispatch wants it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.cognitoidp import responses as moto_responses
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.utilities.aws_headers import gen_amzn_requestid_long

from . import (
    access_tokens,
    device_operations,
    injected_errors,
    log,
    pool_configuration,
    refresh,
    user_pools,
    validation,
)
from .auth import flows, mfa, software_token
from .exceptions import ClientNotFoundError, SerializationException
from .models import CognitoIdpBackend, RegionAgnosticBackend, find_backend
from .request import LEAVE_TO_MOTO, Call
from .user_pools import CognitoIdpUserPool

_CONTENT_TYPE = "application/x-amz-json-1.1"

_Pool = CognitoIdpUserPool | None
_Find = Callable[["CognitoIdpResponse", Call], _Pool]
_Identify = Callable[["CognitoIdpResponse", Call, _Pool], None]


# How a request's pool is found, before the request is validated
def _by_client_id(_: CognitoIdpResponse, call: Call) -> _Pool:
    user_pool = user_pools.find_by_client_id(call.members.get("ClientId"))
    if user_pool is None:
        validation.typed(call.operation, call.body)  # raises an error for members of other types, on which moto breaks
    return user_pool


def _by_pool_id(response: CognitoIdpResponse, call: Call) -> _Pool:
    user_pool_id = call.members.get("UserPoolId")
    return response.backend.user_pools.get(user_pool_id) if isinstance(user_pool_id, str) else None  # type: ignore[return-value]


def _by_access_token(response: CognitoIdpResponse, call: Call) -> _Pool:
    user_pool = user_pools.find_by_access_token(call.members.get("AccessToken"))
    if user_pool is not None:  # moto's server does not know the region of an unsigned request, and takes us-east-1
        response.current_account, response.region = user_pool.account_id, user_pool.region
    return user_pool


def _by_session_or_token(response: CognitoIdpResponse, call: Call) -> _Pool:
    validation.typed(call.operation, call.body)
    if call.members.get("Session"):
        return user_pools.find_by_session(call.members["Session"])
    return _by_access_token(response, call)


def _by_sign_in(response: CognitoIdpResponse, call: Call) -> _Pool:
    user_pool = user_pools.find_by_client_id(call.members.get("ClientId"))
    if user_pool is not None:
        return user_pool
    validation.typed(call.operation, call.body)
    user_pool = _by_pool_id(response, call)
    for challenge_id in flows.challenge_ids(call):
        user_pool = user_pool or user_pools.find_by_session(challenge_id)
    if user_pool is None:  # moto's error does not say more than the id
        log.refused(call.operation, ClientNotFoundError(str(call.members.get("ClientId"))))
    return user_pool


# What a validated request is for
def _client(response: CognitoIdpResponse, call: Call, user_pool: _Pool) -> None:
    """
    :raises ResourceNotFoundError: if the pool that an administrator names does not exist, or has no such app client
    """
    client_id = call.members["ClientId"]
    if call.as_admin:  # moto finds the pool by the app client alone
        user_pool = response.backend.describe_user_pool(call.members["UserPoolId"])
    if user_pool is None or client_id not in user_pool.clients:
        raise ClientNotFoundError(client_id)
    call.user_pool, call.client = user_pool, user_pool.clients[client_id]


def _signed_in_user(_: CognitoIdpResponse, call: Call, user_pool: _Pool) -> None:
    """
    :raises NotAuthorizedError, UserNotFoundError: see :func:`access_tokens.authorize`
    """
    call.user_pool, call.user = access_tokens.authorize(call.members["AccessToken"], user_pool)


def _signed_in_user_or_session(response: CognitoIdpResponse, call: Call, user_pool: _Pool) -> None:
    if call.session and user_pool is not None:
        call.user_pool = user_pool
    else:
        _signed_in_user(response, call, user_pool)


def _named_user(response: CognitoIdpResponse, call: Call, _: _Pool) -> None:
    """
    :raises ResourceNotFoundError, UserNotFoundError: if there is no such pool or user
    """
    call.user_pool = response.backend.describe_user_pool(call.members["UserPoolId"])
    call.user = call.user_pool.find_user_as_admin(call.members["Username"])


def _only_pool(_: CognitoIdpResponse, call: Call, user_pool: _Pool) -> None:
    call.user_pool = user_pool  # type: ignore[assignment]  # None in CreateUserPool


# When the request is ours
def _always(*_: object) -> bool:
    return True


def _if_managed(_: Call, user_pool: _Pool) -> bool:
    return user_pool is not None and user_pool.manages_sign_in


def _if_managed_or_lacking_in_moto(call: Call, user_pool: _Pool) -> bool:
    return _if_managed(call, user_pool) or not moto_implements(call.operation)


def _if_session_or_managed(call: Call, user_pool: _Pool) -> bool:
    return user_pool is not None and (bool(call.members.get("Session")) or user_pool.manages_sign_in)


@dataclass(frozen=True)
class Operation:
    """
    :param find: finds the pool, from members that were not validated yet
    :param when: whether the request is ours, if so
    :param answer: answers the request, or returns ``LEAVE_TO_MOTO``
    :param identify: sets the call's pool, and its app client or user
    :param validated: whether all members are validated before; else moto, or ``answer``, does that
    :param needed: members that the service requires, although its model calls them optional
    :param ignored: a member whose constraints are not checked
    """

    find: _Find
    when: Callable[[Call, _Pool], bool]
    answer: Callable[[Call], Any]
    identify: _Identify
    validated: bool = True
    needed: tuple[str, ...] = ()
    ignored: str = ""


def _sign_in(answer: Callable[[Call], Any]) -> Operation:
    return Operation(_by_sign_in, flows.handles_sign_in, answer, _client)


def _mfa_setup(answer: Callable[[Call], Any]) -> Operation:
    return Operation(_by_session_or_token, _if_session_or_managed, answer, _signed_in_user_or_session)


def _refresh(answer: Callable[[Call], Any]) -> Operation:
    # moto's client secrets do not have the form of AWS's.
    return Operation(_by_client_id, _if_managed_or_lacking_in_moto, answer, _client, ignored="ClientSecret")


def _of_user(answer: Callable[[Call], Any], *needed: str) -> Operation:
    return Operation(_by_access_token, _always, answer, _signed_in_user, needed=needed)


def _of_admin(answer: Callable[[Call], Any]) -> Operation:
    return Operation(_by_pool_id, _always, answer, _named_user)


def _left_to_moto(_: Call) -> Any:
    return LEAVE_TO_MOTO


def _checked(answer: Callable[[Call], Any] = _left_to_moto) -> Operation:
    """An operation with an access token that moto answers, once the token was checked as by all others."""
    return Operation(_by_access_token, _if_managed, answer, _signed_in_user, validated=False)


def _configuring(answer: Callable[[Call], Any], when: Callable[[Call, _Pool], bool] = _if_managed) -> Operation:
    """An operation on a pool that moto answers, unless ``answer`` does."""
    return Operation(_by_pool_id, when, answer, _only_pool, validated=False)


OPERATIONS: dict[str, Operation] = {
    "CreateUserPool": _configuring(pool_configuration.check, when=_always),
    "UpdateUserPool": _configuring(pool_configuration.check, when=_always),
    "SetUserPoolMfaConfig": _configuring(mfa.set_user_pool_mfa_config),
    # Sign-in
    "InitiateAuth": _sign_in(flows.initiate_auth),
    "AdminInitiateAuth": _sign_in(flows.initiate_auth),
    "RespondToAuthChallenge": _sign_in(flows.respond_to_auth_challenge),
    "AdminRespondToAuthChallenge": _sign_in(flows.respond_to_auth_challenge),
    "ConfirmSignUp": Operation(_by_client_id, _if_managed, flows.confirm_sign_up, _client),
    "AssociateSoftwareToken": _mfa_setup(software_token.associate_software_token),
    "VerifySoftwareToken": _mfa_setup(software_token.verify_software_token),
    # Operations that moto lacks. Once it has them, pools without tracking are moto's.
    "GetUserAuthFactors": Operation(
        _by_access_token, _if_managed_or_lacking_in_moto, mfa.get_user_auth_factors, _signed_in_user
    ),
    "GetTokensFromRefreshToken": _refresh(refresh.get_tokens_from_refresh_token),
    "RevokeToken": _refresh(refresh.revoke_token),
    # With an access token
    "GetUser": _checked(mfa.get_user),
    "ChangePassword": _checked(),
    "UpdateUserAttributes": _checked(),
    "GlobalSignOut": _checked(),
    "SetUserMFAPreference": _checked(mfa.set_user_mfa_preference),
    "AdminSetUserMFAPreference": _configuring(mfa.set_user_mfa_preference),
    "AdminGetUser": _configuring(mfa.admin_get_user),
    # Devices
    "ConfirmDevice": _of_user(device_operations.confirm_device),
    "GetDevice": _of_user(device_operations.get_device, "AccessToken"),
    "ListDevices": _of_user(device_operations.list_devices),
    "UpdateDeviceStatus": _of_user(device_operations.update_device_status),
    "ForgetDevice": _of_user(device_operations.forget_device, "AccessToken"),
    "AdminGetDevice": _of_admin(device_operations.get_device),
    "AdminListDevices": _of_admin(device_operations.list_devices),
    "AdminUpdateDeviceStatus": _of_admin(device_operations.update_device_status),
    "AdminForgetDevice": _of_admin(device_operations.forget_device),
}


class OperationsOnlyDir(type):
    """``dir()`` of the class is its operations: moto walks it in each request, to find one method."""

    def __dir__(cls) -> list[str]:
        # By size, because a test or another plugin may add an operation to moto's class.
        return _operation_methods(cls, tuple(map(len, map(vars, cls.__mro__))))


@cache
def _operation_methods(cls: type, _: tuple[int, ...]) -> list[str]:
    operations = {camelcase_to_underscores(name) for name in get_service_model("cognito-idp").operation_names}
    return sorted({name for base in cls.__mro__ for name in operations & vars(base).keys()})


class UndecodableBodyError(Exception):
    """The body is not UTF-8, or broken gzip."""


class CognitoIdpResponse(moto_responses.CognitoIdpResponse, metaclass=OperationsOnlyDir):
    """What the plugin answers has AWS's form, errors included; what it leaves to moto stays as moto has it.

    Results go out as JSON that is made here, not as moto's ActionResult: moto before 5.1.12 would cut dates to seconds.
    """

    def _dispatch(self, request: Any, *args: Any, **kwargs: Any) -> TYPE_RESPONSE:
        self.http_request = request
        try:
            answer = super()._dispatch(request, *args, **kwargs)
        except UndecodableBodyError:
            answer = _error(SerializationException("The request body can not be decoded."))
        status, headers, body = answer
        if "x-amzn-ErrorMessage" in headers:
            headers.pop("status")  # moto takes the status from there, and leaves it
        return status, headers, body

    def call_action(self) -> TYPE_RESPONSE:
        error = injected_errors.pop(self._get_action()) if injected_errors.pending() else None
        if error is None:
            return super().call_action()
        log.refused(self._get_action(), error)
        status, headers, body = _error(error)
        gen_amzn_requestid_long(headers)
        return status, {**self.response_headers, **headers}, body

    def setup_class(self, *args: Any, **kwargs: Any) -> None:
        """moto reads the request's body here."""
        try:
            super().setup_class(*args, **kwargs)
        except (UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
            raise UndecodableBodyError from error

    def get_region_from_url(self, request: Any, full_url: str) -> str:
        try:
            return super().get_region_from_url(request, full_url)
        except IndexError:  # an Authorization header that only looks like AWS's
            return self.default_region

    def determine_response_protocol(self, *args: Any) -> str:  # noqa: ARG002
        """Return JSON for any Content-Type: moto takes some for protocols that Cognito does not speak, and breaks."""
        return "json"

    def _get_region_agnostic_backend(self) -> RegionAgnosticBackend:
        return RegionAgnosticBackend(self.current_account, self.region)

    @property
    def backend(self) -> CognitoIdpBackend:
        """The backend of a signed request."""
        return find_backend(self.current_account, self.region)

    def answer(self, name: str, operation: Operation) -> Any:
        """Answer a request.

        :returns: a response or error in AWS's form; or ``LEAVE_TO_MOTO``
        """
        call = Call(name, validation.parse(self.body), self.http_request)
        try:
            user_pool = operation.find(self, call)
            if not operation.when(call, user_pool):
                return LEAVE_TO_MOTO
            if operation.validated:
                call.validate(*operation.needed, ignored=operation.ignored)
            operation.identify(self, call, user_pool)
            result = operation.answer(call)
        except JsonRESTError as error:
            log.refused(name, error)
            return _error(error)
        if result is LEAVE_TO_MOTO:
            return LEAVE_TO_MOTO
        return 200, {"Content-Type": _CONTENT_TYPE}, "" if result is None else json.dumps(result)


def _method(name: str, operation: Operation) -> Callable[[CognitoIdpResponse], Any]:
    """Make the method that moto's dispatch calls."""
    method_name = camelcase_to_underscores(name)

    def method(self: CognitoIdpResponse) -> Any:
        answer = self.answer(name, operation)
        return getattr(super(CognitoIdpResponse, self), method_name)() if answer is LEAVE_TO_MOTO else answer

    method.__name__ = method_name
    return method


for _name, _operation in OPERATIONS.items():
    setattr(CognitoIdpResponse, camelcase_to_underscores(_name), _method(_name, _operation))


def moto_implements(operation: str) -> bool:
    return hasattr(moto_responses.CognitoIdpResponse, camelcase_to_underscores(operation))


def _error(error: JsonRESTError) -> TYPE_RESPONSE:
    """Return an error as AWS sends it (aws-sdk-ios #2354, aws-sdk-cpp #1789)."""
    message = str(error.message)
    headers = {
        "status": error.code,
        "Content-Type": _CONTENT_TYPE,
        "x-amzn-ErrorType": f"{error.error_type}:",
        # Headers cannot hold more; the body has the whole text.
        "x-amzn-ErrorMessage": "".join(c if " " <= c <= "~" else "?" for c in message)[:1024],
    }
    return error.code, headers, json.dumps({"__type": error.error_type, "message": message}, separators=(",", ":"))
