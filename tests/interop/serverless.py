"""serverless-offline, which serves the functions of ``functions/`` as AWS Lambda does, on this machine."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto_cognito_devices.testing import lambda_arn

from ..support import UserPool, server_process

HERE = Path(__file__).parent
PACKAGES = ("serverless", "serverless-offline")


@dataclass
class Functions:
    """The functions that are served.

    :ivar url: of Lambda's Invoke
    :ivar noted: the file that they note their events in
    """

    url: str
    noted: Path

    @staticmethod
    def arn(function: str) -> str:
        """
        :param function: its key in serverless.yml, from which the name is made that it is deployed with
        """
        return lambda_arn(f"triggers-dev-{function}")

    def lambda_config(self, functions: Mapping[str, str]) -> dict[str, Any]:
        """A pool's LambdaConfig.

        :param functions: by their triggers; the one of PreTokenGenerationConfig gets events of the second version
        """
        config: dict[str, Any] = {trigger: self.arn(function) for trigger, function in functions.items()}
        version_two = "PreTokenGenerationConfig"
        if version_two in config:
            config[version_two] = {"LambdaVersion": "V2_0", "LambdaArn": config[version_two]}
        return config

    def events(self, pool: UserPool, trigger: str = "") -> list[dict[str, Any]]:
        """What functions were called with for a pool, in that order.

        :param trigger: how the ``triggerSource`` begins
        """
        events = [json.loads(line) for line in self.noted.read_text().splitlines()]
        of_pool = [event for event in events if event["userPoolId"] == pool.id]
        return [event for event in of_pool if event["triggerSource"].startswith(trigger)]

    def calls(self, pool: UserPool) -> list[str]:
        """Why functions were called for a pool, in that order: each event's ``triggerSource``."""
        return [event["triggerSource"] for event in self.events(pool)]


@contextmanager
def served(folder: Path) -> Iterator[Functions]:
    """The functions, by a process of its own.

    :param folder: for what it writes
    """
    program = HERE / "node_modules" / "serverless" / "bin" / "serverless.js"
    options = ("offline", "start", "--host", "127.0.0.1", "--lambdaPort", str(_free_port()), "--noSponsor")
    noted = folder / "events"
    noted.touch()
    with server_process(
        folder / "log",
        *("node", str(program), *options),
        environment={"EVENTS": str(noted), "HOME": str(folder)},
        cwd=HERE / "functions",
    ) as (url, _):
        yield Functions(url, noted)


def _free_port() -> int:
    """serverless-offline takes 0 for a port, and does not tell which it is then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
