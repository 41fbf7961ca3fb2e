"""Calls moto's own API by the way that a boto3 client's calls go: to moto in this process, to its server, or its proxy.

The client sends the request itself, in place of one of its own: so its endpoint, proxies, certificates and credentials
count, and whatever else leads its calls to their account. Nothing is sent to a host of AWS.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

# What the client is asked for. moto has no such operation, so that no other thread calls it at the same time.
_OPERATION = "GetCSVHeader"
_EVENT = f"cognito-identity-provider.{_OPERATION}"
# In this process moto's API has a host of its own.
_IN_PROCESS = "http://motoapi.amazonaws.com"
#: The HTTP status of success, by method.
_SUCCESS = {"POST": 201, "GET": 200}
# An HTTP status that moto's API has no use for.
_NOBODY = 204
# Two threads may use one client, and its handlers of events are for all of its calls.
_lock = threading.Lock()


class MotoNotReachedError(RuntimeError):
    """A helper of ``moto_cognito_devices.testing`` was not answered by a moto with device tracking."""


class _Answer(NamedTuple):
    status: int
    body: bytes


def call(cognito: Any, method: str, path: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """
    :param cognito: a boto3 client for ``cognito-idp``
    :param method: "POST" or "GET"
    :param path: of the URL, with a slash before it
    :param members: of the JSON object that is sent, or of the URL's query; those that are None are left out
    :returns: the JSON object that comes back
    :raises ValueError: saying what is wrong with the members
    :raises MotoNotReachedError: if nobody answers, or somebody else
    """
    given = {name: value for name, value in members.items() if value is not None}
    body = json.dumps(given).encode() if method == "POST" else b""
    target = path if method == "POST" else f"{path}?{urlencode(given)}"
    endpoint = str(cognito.meta.endpoint_url)
    if not _is_of_aws(endpoint):
        answer = _Call(method, endpoint.rstrip("/") + target, body, may_be_sent=True).by(cognito)
    else:
        held_back = _Call(method, _IN_PROCESS + target, body, may_be_sent=False)
        answer = held_back.by(cognito) or _ask_proxy(
            _proxy_of(cognito, endpoint), method, target, body, held_back.headers
        )
    if answer is None:
        raise MotoNotReachedError(
            f"This client calls {endpoint}, and neither moto in this process nor moto's proxy answers for it; nothing "
            "was sent there. Use mock_aws, or a client whose endpoint_url is moto's server."
        )
    result = _json_object(answer.body)
    if answer.status == _SUCCESS[method] and result:
        return result
    if "Error" in result:
        raise ValueError(result["Error"])
    raise MotoNotReachedError(
        f"What this client calls ({endpoint}) knows no {path} (HTTP {answer.status}): moto-cognito-devices is not "
        "active there. In this process call moto_cognito_devices.activate(); a server is started by "
        "`moto-cognito-devices server`."
    )


class _Call:
    """A request that a boto3 client sends in place of one of its own.

    :param may_be_sent: over the network; else it is only for moto in this process
    """

    def __init__(self, method: str, url: str, body: bytes, may_be_sent: bool):
        self._method, self._url, self._body, self._may_be_sent = method, url, body, may_be_sent
        self._answer: _Answer | None = None
        #: With which it was signed.
        self.headers: dict[str, str] = {}

    def by(self, cognito: Any) -> _Answer | None:
        """
        :returns: None if nobody answered, and it was not sent
        :raises MotoNotReachedError: if it can't be signed, or can't be sent
        """
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        events = cognito.meta.events
        with _lock:
            events.register(f"before-call.{_EVENT}", self._rewrite)
            events.register_last("before-send", self._hold_back)
            events.register(f"before-parse.{_EVENT}", self._keep)
            try:
                # What came back is no answer of that operation's.
                with suppress(exceptions.ClientError, ResponseParserError):
                    cognito.get_csv_header(UserPoolId="none_0")
            except exceptions.NoCredentialsError as error:
                raise MotoNotReachedError(
                    "This client has no credentials. Use mock_aws, which brings some; to a client of moto's server "
                    "give any."
                ) from error
            except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
                raise MotoNotReachedError(
                    f"{error}. Start moto's server, or look at the client's endpoint_url: it is of http, unless the "
                    "server has a certificate."
                ) from error
            finally:
                events.unregister(f"before-call.{_EVENT}", self._rewrite)
                events.unregister("before-send", self._hold_back)
                events.unregister(f"before-parse.{_EVENT}", self._keep)
        return self._answer

    def _rewrite(self, params: dict[str, Any], **_: Any) -> None:
        params.update(method=self._method, url=self._url, body=self._body)

    def _hold_back(self, event_name: str, request: Any, **_: Any) -> Any:
        """botocore asks all handlers and takes the first answer: moto's if it is there, as this one is the last."""
        from botocore.awsrequest import AWSResponse

        if event_name != f"before-send.{_EVENT}" or self._may_be_sent:  # another thread's, or ours to a server
            return None
        self.headers = dict(request.headers)
        return AWSResponse(request.url, _NOBODY, {}, _NoContent())  # type: ignore[arg-type]

    def _keep(self, response_dict: dict[str, Any], **_: Any) -> None:
        if response_dict["status_code"] != _NOBODY:
            self._answer = _Answer(response_dict["status_code"], response_dict["body"])


class _NoContent:
    def stream(self) -> Iterator[bytes]:
        return iter(())


def _proxy_of(cognito: Any, url: str) -> str | None:
    """The proxy that the client uses for a URL: its own, or the environment's, as botocore has it."""
    parts = urlsplit(url)
    proxies: Mapping[str, str] | None = cognito.meta.config.proxies
    if proxies is None:
        proxies = {} if proxy_bypass(parts.hostname or "") else getproxies()
    return proxies.get(parts.scheme)


def _ask_proxy(proxy: str | None, method: str, target: str, body: bytes, signed: Mapping[str, str]) -> _Answer | None:
    """Ask moto's proxy itself, which has moto's API at localhost: through it, another proxy would ask AWS."""
    if not proxy:
        return None
    parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    port = parts.port or 80
    headers = {name: value for name, value in signed.items() if name.lower() in ("authorization", "x-moto-account-id")}
    connection = HTTPConnection(parts.hostname or "", port, timeout=60)
    try:
        connection.request(method, target, body, {**headers, "Host": f"localhost:{port}"})
        response = connection.getresponse()
        return _Answer(response.status, response.read())
    except (OSError, HTTPException) as error:
        raise MotoNotReachedError(f"The client's proxy {parts.hostname}:{port} is not moto's: {error}") from error
    finally:
        connection.close()


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


@cache
def _suffixes_of_aws() -> tuple[str, ...]:
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    return tuple(
        f".{partition['outputs'][name]}" for partition in partitions for name in ("dnsSuffix", "dualStackDnsSuffix")
    )


def _is_of_aws(url: str) -> bool:
    return (urlsplit(url).hostname or "").rstrip(".").endswith(_suffixes_of_aws())
