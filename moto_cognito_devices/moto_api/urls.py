"""The URLs, for moto's ``url_paths``. Nothing of Cognito is imported before one of them is called."""

from __future__ import annotations

from typing import Any

from moto.core.common_types import TYPE_RESPONSE


def devices(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:  # noqa: ARG001
    from . import responses

    return responses.devices(request)


def errors(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:  # noqa: ARG001
    from . import responses

    return responses.errors(request)


def codes(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:  # noqa: ARG001
    from . import responses

    return responses.codes(request)


url_paths = {
    "{0}/moto-api/static/cognito-idp/codes$": codes,
    "{0}/moto-api/static/cognito-idp/devices$": devices,
    "{0}/moto-api/static/cognito-idp/errors$": errors,
}
