"""The URLs, for moto's ``url_paths``. Cognito is imported only when one of them is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE


def _view(resource: str) -> Callable[[Any, str, Any], TYPE_RESPONSE]:
    def view(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:  # noqa: ARG001
        from . import responses

        return responses.respond(resource, request)

    return view


url_paths = {
    f"{{0}}/moto-api/static/cognito-idp/{resource}$": _view(resource) for resource in ("codes", "devices", "errors")
}
