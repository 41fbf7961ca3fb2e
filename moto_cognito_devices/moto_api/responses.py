"""Answers requests to the helpers for tests. An error is ``{"Error": text}``, as in moto's own API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse
from werkzeug.exceptions import NotFound

from .. import json_input, srp
from ..cognitoidp import device_operations, injected_errors
from ..cognitoidp import request as requests
from ..cognitoidp.exceptions import UserDoesNotExistError
from ..cognitoidp.models import CognitoIdpBackend


class RequestError(Exception):
    """An error that the client receives.

    :param status: HTTP status, 400 or 404
    """

    def __init__(self, message: str, status: int = 400):
        super().__init__(message)
        self.status = status


def respond(resource: str, request: Any) -> TYPE_RESPONSE:
    """Respond to a request.

    :param resource: the last part of the URL's path
    :raises NotFound: while the plugin is inactive: a Flask app that was built before still has the URLs
    """
    headers, methods = {"Content-Type": "application/json"}, _METHODS[resource]
    if cognitoidp_backends.backend is not CognitoIdpBackend:
        raise NotFound
    if request.method not in methods:
        headers["Allow"] = ", ".join(methods)
        status = 200 if request.method == "OPTIONS" else 405  # a browser's preflight request
        text = f"{request.method} is not allowed here: use {' or '.join(methods)}."
        return status, headers, json.dumps({"Error": text})
    try:
        status, result = methods[request.method](request)
    except RequestError as error:
        status, result = error.status, {"Error": str(error)}
    except JsonRESTError as error:
        status, result = 400, {"Error": str(error.message)}
    return status, headers, json.dumps(result)


def _add_device(request: Any) -> tuple[int, dict[str, str]]:
    given = _members(
        _json_body(request),
        required={"user_pool_id": str, "username": str},
        optional={"device_name": str, "remembered": bool, "mfa_passed": bool, "account_id": str, "region": str},
    )
    name = given.get("device_name")
    if name is not None and not 1 <= len(name) <= 1024:
        raise RequestError("device_name must have 1 to 1024 characters.")
    user_pool, user = _pool_and_user(request, given)
    device, password, salt = device_operations.add_device(
        user_pool,
        user,
        name,
        remembered=given.get("remembered", True),
        mfa_passed=given.get("mfa_passed", True),
        client_info=requests.client_info(request),
    )
    return 201, {
        "DeviceKey": device.device_key,
        "DeviceGroupKey": device.device_group_key,
        "DevicePassword": password,
        "DeviceSalt": base64.b64encode(srp.pad(salt)).decode(),
    }


def _last_code(request: Any) -> tuple[int, dict[str, str]]:
    given = _members(
        dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)),
        required={"user_pool_id": str, "username": str},
        optional={"account_id": str, "region": str},
    )
    user_pool, user = _pool_and_user(request, given)
    sent = user_pool.state.sent_codes.get(user.id)
    if sent is None:
        raise RequestError(
            f"There is no code for {given['username']} in user pool {user_pool.id}. Each SMS_MFA and EMAIL_OTP "
            "challenge generates one if the user pool tracks devices and MOTO_COGNITO_DEVICES_CODES is checked.",
            404,
        )
    return 200, {"code": sent.code, "medium": sent.medium, "destination": sent.destination}


def _pool_and_user(request: Any, given: Mapping[str, Any]) -> tuple[Any, CognitoIdpUser]:
    """Find the user pool and user that a request names.

    :raises RequestError: with status 404 if either does not exist
    """
    user_pool_id = given["user_pool_id"]
    account_id = given.get("account_id") or _account_of(request)
    region = given.get("region") or user_pool_id.partition("_")[0]
    # Not moto's look-up, which would create the account and region.
    backend: Any = (cognitoidp_backends.get(account_id) or {}).get(region)
    user_pool = backend.user_pools.get(user_pool_id) if backend else None
    if user_pool is None:
        raise RequestError(f"There is no user pool {user_pool_id} in account {account_id} and region {region}.", 404)
    try:
        return user_pool, user_pool.find_user_as_admin(given["username"])
    except UserDoesNotExistError as error:
        raise RequestError(f"There is no user {given['username']} in user pool {user_pool_id}.", 404) from error


def _add_error(request: Any) -> tuple[int, dict[str, Any]]:
    given = _members(
        _json_body(request), required={"operation": str, "error": str}, optional={"message": str, "times": int}
    )
    times = given.get("times", 1)
    if times < 1:
        raise RequestError(f"times is {times}: it must be at least 1.")
    try:
        added = injected_errors.add(given["operation"], given["error"], given.get("message"), times)
    except ValueError as error:
        raise RequestError(str(error)) from error
    return 201, vars(added)


def _list_errors(request: Any) -> tuple[int, dict[str, Any]]:  # noqa: ARG001
    return 200, {"errors": [vars(error) for error in injected_errors.pending()]}


def _clear_errors(request: Any) -> tuple[int, dict[str, Any]]:  # noqa: ARG001
    injected_errors.clear()
    return 200, {}


def _account_of(request: Any) -> str:
    """Find the account as moto does: by ``MOTO_ACCOUNT_ID``, the header ``x-moto-account-id``, or the access key."""
    response = BaseResponse()
    response.headers, response.querystring = request.headers, {}
    return str(response.get_current_account())


def _json_body(request: Any) -> dict[str, Any]:
    """Parse the body of a request: werkzeug's, or botocore's, which moto before 5.2.4 passes on in process.

    :raises RequestError: if it is not a JSON object
    """
    body = request.get_data() if hasattr(request, "get_data") else request.body
    try:
        given = json_input.parse(body or b"")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise RequestError("The body is not a JSON object.")
    return given


def _members(given: Mapping[str, Any], required: Mapping[str, type], optional: Mapping[str, type]) -> dict[str, Any]:
    """Return the members that are not null.

    :raises RequestError: if one is missing, unknown, or of another type
    """
    known = {**required, **optional}
    present = {name: value for name, value in given.items() if value is not None}
    for name, value in present.items():
        if name not in known:
            raise RequestError(f"{name} is not a known member: choose from {', '.join(known)}.")
        if type(value) is not known[name]:
            raise RequestError(f"{name} is not {json_input.TYPE_NAMES[known[name]]}.")
    for name in required:
        if name not in present:
            raise RequestError(f"{name} is missing.")
    return present


_METHODS: dict[str, dict[str, Callable[[Any], tuple[int, Any]]]] = {
    "codes": {"GET": _last_code},
    "devices": {"POST": _add_device},
    "errors": {"POST": _add_error, "GET": _list_errors, "DELETE": _clear_errors},
}
