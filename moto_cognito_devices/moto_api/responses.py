"""Unpacks, checks and packs. A refusal is ``{"Error": text}``, as moto's own API has it."""

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

from .. import srp
from ..cognitoidp import caller, injected_errors
from ..cognitoidp.exceptions import UserDoesNotExistError
from ..cognitoidp.models import CognitoIdpBackend

_JSON_TYPES = {str: "a string", bool: "true or false", int: "an integer"}


class RefusedError(Exception):
    """:param status: the HTTP status, 400 or 404"""

    def __init__(self, message: str, status: int = 400):
        super().__init__(message)
        self.status = status


def devices(request: Any) -> TYPE_RESPONSE:
    return _answer(request, {"POST": _add_device})


def errors(request: Any) -> TYPE_RESPONSE:
    return _answer(request, {"POST": _add_error, "GET": _list_errors, "DELETE": _clear_errors})


def codes(request: Any) -> TYPE_RESPONSE:
    return _answer(request, {"GET": _last_code})


def _answer(request: Any, methods: Mapping[str, Callable[[Any], tuple[int, Any]]]) -> TYPE_RESPONSE:
    """
    :raises NotFound: while the plugin is inactive: a Flask app that was built before still has the URLs
    """
    headers = {"Content-Type": "application/json"}
    with caller.serving(request):
        if cognitoidp_backends.backend is not CognitoIdpBackend:
            raise NotFound
        if request.method not in methods:
            headers["Allow"] = ", ".join(methods)
            known = request.method == "OPTIONS"  # of a browser that asks first
            told = f"{request.method} is not answered here: use {' or '.join(methods)}."
            return 200 if known else 405, headers, json.dumps({"Error": told})
        try:
            status, result = methods[request.method](request)
        except RefusedError as error:
            status, result = error.status, {"Error": str(error)}
        except JsonRESTError as error:
            status, result = 400, {"Error": str(error.message)}
    return status, headers, json.dumps(result)


def _add_device(request: Any) -> tuple[int, dict[str, str]]:
    given = _members(
        _json_body(request),
        needed={"user_pool_id": str, "username": str},
        optional={"device_name": str, "remembered": bool, "mfa_passed": bool, "account_id": str, "region": str},
    )
    name = given.get("device_name")
    if name is not None and not 1 <= len(name) <= 1024:
        raise RefusedError("device_name has 1 to 1024 characters.")
    user_pool, user = _pool_and_user(request, given)
    device, password, salt = user_pool.add_device(
        user, name, remembered=given.get("remembered", True), mfa_passed=given.get("mfa_passed", True)
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
        needed={"user_pool_id": str, "username": str},
        optional={"account_id": str, "region": str},
    )
    user_pool, user = _pool_and_user(request, given)
    sent = user_pool.state.sent_codes.get(user.id)
    if sent is None:
        raise RefusedError(
            f"No code was made for {given['username']} in user pool {user_pool.id}. One is made for each SMS_MFA and "
            "EMAIL_OTP challenge of a pool that tracks devices, where MOTO_COGNITO_DEVICES_CODES is checked.",
            404,
        )
    return 200, {"code": sent.code, "medium": sent.medium, "destination": sent.destination}


def _pool_and_user(request: Any, given: Mapping[str, Any]) -> tuple[Any, CognitoIdpUser]:
    """
    :raises RefusedError: with the status 404
    """
    user_pool_id = given["user_pool_id"]
    account_id = given.get("account_id") or _account_of(request)
    region = given.get("region") or user_pool_id.partition("_")[0]
    # dict.get makes no account and no region, as moto's own look-up would.
    backend: Any = (cognitoidp_backends.get(account_id) or {}).get(region)
    user_pool = backend.user_pools.get(user_pool_id) if backend else None
    if user_pool is None:
        raise RefusedError(f"There is no user pool {user_pool_id} in account {account_id} and region {region}.", 404)
    try:
        return user_pool, user_pool.find_user_as_admin(given["username"])
    except UserDoesNotExistError as error:
        raise RefusedError(f"There is no user {given['username']} in user pool {user_pool_id}.", 404) from error


def _add_error(request: Any) -> tuple[int, dict[str, Any]]:
    given = _members(
        _json_body(request), needed={"operation": str, "error": str}, optional={"message": str, "times": int}
    )
    times = given.get("times", 1)
    if times < 1:
        raise RefusedError(f"times is {times}: 1 is the least.")
    try:
        added = injected_errors.add(given["operation"], given["error"], given.get("message"), times)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    return 201, vars(added)


def _list_errors(request: Any) -> tuple[int, dict[str, Any]]:  # noqa: ARG001
    return 200, {"errors": [vars(error) for error in injected_errors.pending()]}


def _clear_errors(request: Any) -> tuple[int, dict[str, Any]]:  # noqa: ARG001
    injected_errors.clear()
    return 200, {}


def _account_of(request: Any) -> str:
    """As moto tells it: by ``MOTO_ACCOUNT_ID``, the header ``x-moto-account-id``, or the access key."""
    response = BaseResponse()
    response.headers, response.querystring = request.headers, {}
    return str(response.get_current_account())


def _json_body(request: Any) -> dict[str, Any]:
    """
    :raises RefusedError: if the body is no JSON object
    """
    try:
        given = json.loads(_body(request))
        # Half of a surrogate pair is no text: JSON can name it, and nothing can be computed with it.
        json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise RefusedError("The body is no JSON object.")
    return given


def _members(given: Mapping[str, Any], needed: Mapping[str, type], optional: Mapping[str, type]) -> dict[str, Any]:
    """
    :raises RefusedError: if there are other members or types than these; null is absent
    """
    known = {**needed, **optional}
    present = {name: value for name, value in given.items() if value is not None}
    for name, value in present.items():
        if name not in known:
            raise RefusedError(f"{name} is no member: choose from {', '.join(known)}.")
        if type(value) is not known[name]:
            raise RefusedError(f"{name} is not {_JSON_TYPES[known[name]]}.")
    for name in needed:
        if name not in present:
            raise RefusedError(f"{name} is missing.")
    return present


def _body(request: Any) -> bytes | str:
    """Of werkzeug's request; or of botocore's, which moto before 5.2.4 hands on where no server is."""
    body = request.get_data() if hasattr(request, "get_data") else request.body
    return body or b""
