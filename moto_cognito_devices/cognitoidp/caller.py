"""Who sent the request that is being served: what a device's record keeps of it.

A context variable, because moto's backend methods have no place for it among their parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

# The SDKs for mobile apps and browsers name themselves so; the others are "unknown" to Cognito.
_SDK = re.compile(r"\baws-sdk-([A-Za-z0-9]{1,32})/([0-9][0-9A-Za-z.]{0,31})")


class ClientInfo(NamedTuple):
    """``ip`` is ``last_ip_used``, ``sdk`` is ``dev:device_sdk`` of the devices that the request touches."""

    ip: str = "127.0.0.1"
    sdk: str = "aws-sdk-unknown-unknown"


_request: ContextVar[Any] = ContextVar("moto_cognito_devices_request", default=None)


@contextmanager
def serving(request: Any) -> Iterator[None]:
    """While a request is served: a werkzeug one, or botocore's, which has no address."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def current() -> ClientInfo:
    """The caller of the request that is being served; the defaults if there is none."""
    request = _request.get()
    if request is None:
        return ClientInfo()
    ip = getattr(request, "remote_addr", None) or ClientInfo().ip
    user_agent = request.headers.get("User-Agent") or ""
    if isinstance(user_agent, bytes):
        user_agent = user_agent.decode("latin-1")
    sdk = _SDK.search(user_agent)
    return ClientInfo(ip, f"aws-sdk-{sdk[1]}-{sdk[2]}") if sdk else ClientInfo(ip)
