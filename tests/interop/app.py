"""A node program of one client library (``clients/``), commanded from a test."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..support import UserPool
from . import serverless

HERE = Path(__file__).parent
LIBRARIES = {
    "identity_js": ("amazon-cognito-identity-js",),
    "amplify": ("aws-amplify",),
    "sdk_v3": ("@aws-sdk/client-cognito-identity-provider", "cognito-srp-helper"),
}
SECONDS_PER_COMMAND = 120

#: What a program sends when its device proves itself.
DEVICE_STEPS = ["RespondToAuthChallenge DEVICE_SRP_AUTH", "RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER"]


class RefusedError(Exception):
    """What the library threw."""

    def __init__(self, name: str, message: str, stack: str):
        self.name = name
        self.message = message
        super().__init__(stack)


class App:
    """The program. To call it is to give it a command; ``sent`` is what its library then said to the service."""

    def __init__(self, process: subprocess.Popen[str]):
        self._process = process
        self.sent: list[str] = []

    def __call__(self, command: str, *parameters: object) -> Any:
        """
        :returns: the command's result
        :raises RefusedError: if the library threw an error
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        # A program that hangs is ended, and readline() returns.
        watch = threading.Timer(SECONDS_PER_COMMAND, self._process.kill)
        watch.start()
        try:
            stdin.write(json.dumps([command, *parameters]) + "\n")
            stdin.flush()
            line = stdout.readline()
        finally:
            watch.cancel()
        if not line:
            raise AssertionError(f"The program has ended in {command}, with status {self._process.wait()}.")
        answer = json.loads(line)
        self.sent = answer["sent"]
        if "error" in answer:
            raise RefusedError(**{key: str(value) for key, value in answer["error"].items()})
        return answer["result"]


def signed_in(answer: dict[str, Any]) -> bool:
    return answer["next"] is None


def asks_for(answer: dict[str, Any], challenge: str) -> bool:
    found: str = answer["next"]
    return found == challenge


@contextmanager
def started(client: str, pool: UserPool) -> Iterator[App]:
    """The program of a client, for the pool and its app client."""
    arguments = ("node", str(HERE / "clients" / f"{client}.mjs"))
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            app = App(process)
            app(
                "configure",
                {
                    "endpoint": f"{pool.target.endpoint}/",
                    "region": pool.target.region,
                    "userPoolId": pool.id,
                    "clientId": pool.client_id,
                    "clientSecret": pool.client_secret,
                },
            )
            yield app
        finally:
            process.kill()


def no_node() -> str | None:
    """Why no node of this machine will do, if so. serverless-offline and Vite need 20.19."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no node or npm on PATH"
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    enough = tuple(map(int, said.removeprefix("v").split(".")[:2])) >= (20, 19)
    return None if enough else f"node is {said}, and 20.19 is needed"


def missing() -> str | None:
    """What the programs lack to run, if anything."""
    reason = no_node()
    if reason:
        return reason
    packages = [*serverless.PACKAGES, *(package for packages in LIBRARIES.values() for package in packages)]
    absent = [package for package in packages if not (HERE / "node_modules" / package / "package.json").is_file()]
    return f"not installed: {', '.join(absent)}" if absent else None
