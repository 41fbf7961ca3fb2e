"""The examples by the commands that their README gives, and that their tests notice what is missing.

``test_readme.py`` has those of ``pytest_project``, ``tests/browser`` the app in a browser.
"""

from __future__ import annotations

import importlib
import json
import re
import signal
import sys
import unittest
from pathlib import Path
from typing import Any

import pytest

from moto_cognito_devices.testing import MotoNotReachedError

from .scripts import ROOT, cognito_client, environment, run_process, tracks_devices
from .support import server_process
from .test_readme import MUTANTS, calls

EXAMPLES = ROOT / "examples"


def test_the_readme_names_each_example() -> None:
    named = re.findall(r"^``(\w+)``$", (EXAMPLES / "README.rst").read_text(), re.MULTILINE)
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()} - {"__pycache__"}
    assert (len(named), set(named)) == (len(folders), folders)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("pytest examples/pytest_project", "2 passed"),
        ("python -m unittest discover -s examples/unittest_project", "Ran 2 tests"),
    ],
)
def test_a_project_passes_by_the_readmes_command(command: str, said: str) -> None:
    assert f"        {command}\n" in (EXAMPLES / "README.rst").read_text()
    module, *arguments = command.removeprefix("python -m ").split()
    output = run_process("-m", module, *arguments, env=environment(PYTHONDONTWRITEBYTECODE="1"), cwd=ROOT)
    assert said in output


# unittest


class Raised(unittest.TestResult):
    """The first error of a run, whole."""

    error: BaseException | None = None

    def addError(self, test: Any, err: Any) -> None:  # noqa: ARG002, N802 (unittest's)
        self.error = self.error or err[1]

    addFailure = addError  # noqa: N815


def one_page(call: Any, parameters: dict[str, Any]) -> Any:
    return {"Devices": call("ListDevices", parameters)["Devices"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "mutant", "error", "text"),
    [
        ("only_the_device", "no MFA", AssertionError, "ChallengeError not raised"),
        ("only_the_device", "no DeviceConfiguration", ValueError, "tracks no devices"),
        ("only_the_device", "no activation", MotoNotReachedError, "not active"),
        ("only_the_device", "no ForgetDevice", AssertionError, "ResourceNotFoundException not raised"),
        ("all_pages", "one page", AssertionError, "^59 != 61"),
        ("all_pages", "no ForgetDevice", AssertionError, "Lists differ"),
    ],
)
def test_unittests_notice_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, test: str, mutant: str, error: type[BaseException], text: str
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES / "unittest_project")
    cases: type[unittest.TestCase] = importlib.import_module("test_devices").ForgetOthersTest
    [name] = [name for name in unittest.TestLoader().getTestCaseNames(cases) if test in name]
    raised = Raised()
    with (MUTANTS | {"one page": lambda: calls("ListDevices", one_page)})[mutant]():
        unittest.TestSuite([cases(name)]).run(raised)
    assert isinstance(raised.error, error)
    assert re.search(text, str(raised.error))


# The image, without Docker


def instructions() -> dict[str, str]:
    """Of the Dockerfile, each that comes once."""
    text = re.sub(r"^#.*\n", "", (EXAMPLES / "docker" / "Dockerfile").read_text(), flags=re.MULTILINE)
    return dict(line.split(" ", 1) for line in text.replace("\\\n", " ").splitlines() if line)


def test_the_image_installs_the_extra_that_serves_and_runs_as_nobody_special() -> None:
    text = (EXAMPLES / "docker" / "Dockerfile").read_text()
    assert "RUN pip install --no-cache-dir 'moto-cognito-devices[server]'\n" in text
    [user] = re.findall(r"^RUN useradd .* (\w+)$", text, re.MULTILINE)
    assert instructions()["USER"] == user


@pytest.mark.slow
def test_the_images_command_serves_on_the_port_that_it_exposes(log: Path) -> None:
    """The options that may follow the image's name have it serve this machine only, on a free port."""
    command = json.loads(instructions()["ENTRYPOINT"])
    program = Path(sys.executable).parent / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not beside this Python")
    assert command[1:] == ["server", "-H", "0.0.0.0"]  # noqa: S104 (of the container)
    with server_process(log, str(program), *command[1:], "-H", "127.0.0.1", "-p", "0") as (url, process):
        assert tracks_devices(cognito_client(endpoint_url=url))
        healthy(url)
        # As `docker stop` ends it: what a container starts is ended by no signal that it does not look at.
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    with pytest.raises(AssertionError, match="Connection refused"):
        healthy(url)


def healthy(url: str) -> None:
    """What HEALTHCHECK runs must succeed at this address."""
    command = json.loads(instructions()["HEALTHCHECK"].partition(" CMD ")[2])
    expected = f"http://127.0.0.1:{instructions()['EXPOSE']}/"
    assert expected in command[2]
    run_process(*command[1:2], command[2].replace(expected, f"{url}/"), env=environment())
