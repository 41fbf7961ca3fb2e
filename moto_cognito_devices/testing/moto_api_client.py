"""Call moto's own API the way a boto3 client calls Cognito: in this process, at moto's server, or through its proxy.

The request passes the client's event handlers, signer and HTTP session. So the client's endpoint, proxies, certificates
and credentials apply, and whatever else leads its calls to their account. Nothing is sent to a host of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from .. import json_input

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

# The host of moto's API in this process.
_IN_PROCESS = "http://motoapi.amazonaws.com"
# HTTP status by method.
_SUCCESS = {"POST": 201, "GET": 200}


class MotoNotReachedError(RuntimeError):
    """A helper of ``moto_cognito_devices.testing`` was not answered by a moto with device tracking."""


def call(cognito: Any, method: str, resource: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Call the plugin's part of moto's API.

    :param cognito: a boto3 client for ``cognito-idp``
    :param method: "POST" or "GET"
    :param resource: "devices", "errors" or "codes"
    :param members: of the JSON object in the body, or of the URL's query; those that are None are omitted
    :returns: the JSON object of the response
    :raises ValueError: if the members are rejected
    :raises MotoNotReachedError: if moto does not answer, or is without the plugin
    """
    endpoint, path = str(cognito.meta.endpoint_url), f"/moto-api/static/cognito-idp/{resource}"
    given = {name: value for name, value in members.items() if value is not None}
    if method == "POST":
        response = _send(cognito, method, path, json.dumps(given).encode())
    else:
        response = _send(cognito, method, f"{path}?{urlencode(given)}", b"")
    if response is None:
        raise MotoNotReachedError(
            f"This client calls {endpoint}, and neither moto in this process nor moto's proxy answers for it; nothing "
            "was sent there. Use mock_aws, or a client whose endpoint_url is moto's server."
        )
    result = json_input.lenient_object(response.content)
    if response.status_code == _SUCCESS[method] and result:
        return result
    if "Error" in result:
        raise ValueError(result["Error"])
    raise MotoNotReachedError(
        f"What this client calls ({endpoint}) knows no {path} (HTTP {response.status_code}): moto-cognito-devices is "
        "not active there. In this process call moto_cognito_devices.activate(); a server is started by "
        "`moto-cognito-devices server`."
    )


def _send(cognito: Any, method: str, target: str, body: bytes) -> AWSResponse | None:
    """Do what botocore does for an operation, except for retries and for parsing the response.

    :returns: None if the client's endpoint is of AWS, and moto does not answer for it
    """
    from botocore import exceptions
    from botocore.hooks import first_non_none_response
    from botocore.model import OperationModel

    endpoint, events, http_session = cognito.meta.endpoint_url, cognito.meta.events, cognito._endpoint.http_session
    is_of_aws = urlsplit(endpoint).hostname.rstrip(".").endswith(_aws_suffixes())
    # It has a name of its own, so that handlers for one of Cognito's operations do not see it.
    operation = OperationModel({}, cognito.meta.service_model, "MotoApi")
    event = f"cognito-identity-provider.{operation.name}"
    context: dict[str, Any] = {}
    params = {
        "method": method,
        "url": (_IN_PROCESS if is_of_aws else endpoint.rstrip("/")) + target,
        "headers": {"User-Agent": cognito.meta.config.user_agent},
        "body": body,
        "context": context,
    }
    signer = cognito._request_signer
    events.emit(f"before-call.{event}", model=operation, params=params, request_signer=signer, context=context)
    response: AWSResponse | None
    try:
        request = cognito._endpoint.create_request(params, operation)
        response = first_non_none_response(events.emit(f"before-send.{event}", request=request))  # moto in this process
        if response is None and not is_of_aws:
            response = http_session.send(request)
    except exceptions.NoCredentialsError as error:
        raise MotoNotReachedError(
            "This client has no credentials. Use mock_aws, which brings some; to a client of moto's server give any."
        ) from error
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise MotoNotReachedError(
            f"{error}. Start moto's server, or look at the client's endpoint_url: it is of http, unless the server has "
            "a certificate."
        ) from error
    proxy = http_session._proxy_config.proxy_url_for(endpoint)
    if response is None and proxy:
        response = _send_to_proxy(proxy, request, target)
    return response


def _send_to_proxy(proxy: str, signed: AWSPreparedRequest, target: str) -> AWSResponse:
    """Call the API that moto's proxy has at localhost: another proxy would forward the host of AWS to AWS."""
    from botocore import exceptions
    from botocore.awsrequest import AWSRequest
    from botocore.httpsession import URLLib3Session

    parts = urlsplit(proxy)
    host = parts.netloc.rpartition("@")[2]
    headers = {name: signed.headers[name] for name in ("Authorization", "x-moto-account-id") if name in signed.headers}
    headers["Host"] = f"localhost:{parts.port or 80}"
    request = AWSRequest(signed.method, f"http://{host}{target}", headers, signed.body).prepare()
    try:
        return URLLib3Session().send(request)
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise MotoNotReachedError(f"The client's proxy {host} is not moto's: {error}") from error


@cache
def _aws_suffixes() -> tuple[str, ...]:
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    return tuple(
        f".{partition['outputs'][name]}" for partition in partitions for name in ("dnsSuffix", "dualStackDnsSuffix")
    )
