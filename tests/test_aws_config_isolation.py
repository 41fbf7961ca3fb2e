"""Neither the demo nor the tests use the machine's AWS configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from .scripts import ROOT, environment, run_process

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:1"
SETTINGS = {
    "AWS_PROFILE": "nobody",
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": NOWHERE,
    "AWS_RETRY_MODE": "sometimes",
    "AWS_USE_FIPS_ENDPOINT": "true",
}


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine whose AWS configuration files point nowhere."""
    folder = tmp_path / ".aws"
    folder.mkdir()
    for name in ("config", "credentials"):
        (folder / name).write_text(f"[default]\nendpoint_url = {NOWHERE}\nretry_mode = sometimes\n")
    (folder / "broken").write_text("[")
    without = {name: value for name, value in environment().items() if not name.startswith("AWS_")}
    return {**without, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}


def run(environment: dict[str, str], *arguments: str) -> str:
    return run_process("-m", *arguments, env=environment, cwd=ROOT, seconds=300)


@pytest.fixture
def variables(machine: dict[str, str]) -> dict[str, str]:
    """The same, with its variables."""
    broken = str(Path(machine["HOME"]) / ".aws" / "broken")
    return {**machine, **SETTINGS, "AWS_CONFIG_FILE": broken, "AWS_SHARED_CREDENTIALS_FILE": broken}


def test_the_demo_uses_no_files(machine: dict[str, str]) -> None:
    assert "All as it should be." in run(machine, "moto_cognito_devices", "demo")


def test_the_demo_uses_no_variables(variables: dict[str, str]) -> None:
    assert "All as it should be." in run(variables, "moto_cognito_devices", "demo")


def test_the_tests_use_neither(variables: dict[str, str]) -> None:
    """One in this process, the same against a server, and the example."""
    files = ("tests/test_device_status.py", "examples")
    chosen = "test_a_remembered_device_skips_mfa or test_to_forget_has_no_body"
    output = run(variables, "pytest", "-q", "-p", "no:cacheprovider", *files, "-k", chosen)
    assert "3 passed" in output
