"""Sign-in over HTTP: our server command beside a plain ``moto_server``, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import boto3

from .measuring import WARM_UP, Line, paired, seconds
from .pools import PASSWORD, REGION, TRACKED

_PAIRS = 60
_CALLS = 40
_SECONDS_TO_START = 60


def lines() -> Iterator[Line]:
    with _server("moto_cognito_devices", "server") as ours, _server("moto.server") as motos:
        tracked = _sign_in(ours, DeviceConfiguration=TRACKED)
        untracked = _sign_in(motos)
        yield Line(
            "sign-in over HTTP, our server with tracking / moto_server's without",
            0.75,
            paired(
                lambda: seconds(tracked, _CALLS, WARM_UP),
                lambda: seconds(untracked, _CALLS, WARM_UP),
                _PAIRS,
            ),
        )


def _sign_in(url: str, **options: Any) -> Callable[[], object]:
    """USER_PASSWORD_AUTH as raw HTTP, since a client's own work would hide some of the server's.

    :param options: of the user pool
    """
    server = urlsplit(url)
    body = json.dumps(
        {
            "ClientId": _add_pool(url, options),
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        }
    )
    headers = {
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        "Content-Type": "application/x-amz-json-1.1",
    }

    def call() -> dict[str, Any]:
        connection = HTTPConnection(str(server.hostname), server.port, timeout=60)
        connection.request("POST", "/", body, headers)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    if ("NewDeviceMetadata" in call()["AuthenticationResult"]) is not ("DeviceConfiguration" in options):
        raise RuntimeError("The wrong server would be measured.")
    return call


def _add_pool(url: str, options: dict[str, Any]) -> str:
    """A pool with the user ada.

    :returns: its client's id
    """
    cognito: Any = boto3.client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    pool = {"UserPoolId": cognito.create_user_pool(PoolName="benchmarks", **options)["UserPool"]["Id"]}
    flows = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
    client = cognito.create_user_pool_client(**pool, ClientName="benchmarks", **flows)["UserPoolClient"]
    cognito.admin_create_user(**pool, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**pool, Username="ada", Password=PASSWORD, Permanent=True)
    client_id: str = client["ClientId"]
    return client_id


@contextmanager
def _server(*module: str) -> Iterator[str]:
    """A server on a free port of this machine; yields its URL."""
    command = [sys.executable, "-m", *module, "-H", "127.0.0.1", "-p", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOTO_")}
    with TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            yield _url_in(log, process)
        finally:
            process.terminate()
            process.wait()


def _url_in(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"Running on (http://127\.0\.0\.1:\d+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start: {log.read_text()}")
