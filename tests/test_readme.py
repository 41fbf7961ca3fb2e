"""The code of the README, the documentation and the examples runs as it stands, and fails where it is not so."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import sys
import textwrap
import unittest
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from moto_cognito_devices import activate, deactivate, registration
from moto_cognito_devices.cognitoidp import injected_errors
from moto_cognito_devices.testing import (
    ChallengeError,
    MotoNotReachedError,
    add_device,
    lambda_handlers,
    last_code,
    sign_in,
)

from .scripts import PASSWORD, ROOT, cognito_client, device_keys, environment, pool_with_user
from .support import Target

Call = Callable[[str, dict[str, Any]], Any]


def blocks(language: str, page: str = "README.rst") -> list[str]:
    """Those of a page."""
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", (ROOT / page).read_text(), re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


def code() -> dict[str, str]:
    """The pages' blocks and the examples that are tests, by the place that they are at."""
    pages = ["README.rst", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.rst"))]
    sources = {
        f"{page}, block {number}": block for page in pages for number, block in enumerate(blocks("python", page), 1)
    }
    examples = sorted((ROOT / "examples" / "pytest_project").glob("test_*.py"))
    return sources | {f"examples/pytest_project/{example.name}": example.read_text() for example in examples}


CODE = code()


def names_of_tests(source: str) -> list[str]:
    """Of functions, and of classes of unittest's."""
    names = [node.name for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return [name for name in names if name.lower().startswith("test")]


#: The fixtures that the other blocks take for granted: a user pool with MFA, and the user ada.
[CONFTEST] = [place for place, source in CODE.items() if "@pytest.fixture" in source and not names_of_tests(source)]
TESTS = [(place, name) for place, source in CODE.items() for name in names_of_tests(source)]


def run(place: str, name: str) -> None:
    """Run a test with the README's fixtures, which the other pages take for granted, too."""
    namespace: dict[str, Any] = {"__name__": name}
    for source in (CONFTEST, place):
        exec(compile(CODE[source], source, "exec"), namespace)  # noqa: S102
    test = namespace[name]
    if isinstance(test, type):
        unittest.defaultTestLoader.loadTestsFromTestCase(test).debug()
        return
    with pytest.MonkeyPatch.context() as patch, ExitStack() as clean_up:
        call_with_fixtures(test, {"monkeypatch": patch}, namespace, clean_up)


def call_with_fixtures(
    function: Callable[..., Any], made: dict[str, Any], namespace: dict[str, Any], clean_up: ExitStack
) -> Any:
    for name in inspect.signature(function).parameters:
        if name not in made:
            fixture = inspect.unwrap(namespace[name])
            value = call_with_fixtures(fixture, made, namespace, clean_up)
            if inspect.isgenerator(value):
                clean_up.callback(next, value, None)
                value = next(value)
            made[name] = value
    return function(**{name: made[name] for name in inspect.signature(function).parameters})


# What a test is about, taken away.


@contextmanager
def calls(operation: str, answer: Callable[[Call, dict[str, Any]], Any]) -> Iterator[None]:
    """Another answer to all calls of an operation, from whichever client."""
    original = BaseClient._make_api_call  # type: ignore[attr-defined]
    taken: list[str] = []

    def make_api_call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        if name != operation:
            return original(client, name, parameters)
        taken.append(name)
        return answer(partial(original, client), parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", make_api_call)
        yield
    assert taken, f"{operation} was never called"


def nothing(call: Call, parameters: dict[str, Any]) -> Any:
    return {}


def with_a_user_who_is_asked_first(call: Call, parameters: dict[str, Any]) -> Any:
    configuration = {**parameters["DeviceConfiguration"], "DeviceOnlyRememberedOnUserPrompt": True}
    return call("CreateUserPool", {**parameters, "DeviceConfiguration": configuration})


def without_device_configuration(call: Call, parameters: dict[str, Any]) -> Any:
    return call("CreateUserPool", {**parameters, "DeviceConfiguration": {}})


def and_not_remembered(call: Call, parameters: dict[str, Any]) -> Any:
    response = call("ConfirmDevice", parameters)
    names = {name: parameters[name] for name in ("AccessToken", "DeviceKey")}
    call("UpdateDeviceStatus", {**names, "DeviceRememberedStatus": "not_remembered"})
    return response


@contextmanager
def no_activation() -> Iterator[None]:
    with plain_moto(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration, "activate", lambda: None)
        yield


@contextmanager
def no_error_on_demand() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(injected_errors, "pop", lambda _: None)
        yield


@contextmanager
def no_handlers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lambda_handlers, "registered", lambda *_: None)
        yield


@contextmanager
def refresh_without_device() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH", "false")
        yield


@contextmanager
def no_switch() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pytest.MonkeyPatch, "setenv", lambda *_: None)
        yield


@contextmanager
def plain_moto() -> Iterator[None]:
    deactivate()
    try:
        yield
    finally:
        activate()


MUTANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "no MFA": lambda: calls("AdminSetUserMFAPreference", nothing),
    "no ConfirmDevice": lambda: calls("ConfirmDevice", nothing),
    "no ForgetDevice": lambda: calls("ForgetDevice", nothing),
    "no longer remembered": lambda: calls("ConfirmDevice", and_not_remembered),
    "never remembered": lambda: calls("CreateUserPool", with_a_user_who_is_asked_first),
    "no DeviceConfiguration": lambda: calls("CreateUserPool", without_device_configuration),
    "no plugin": plain_moto,
    "no activation": no_activation,
    "no error on demand": no_error_on_demand,
    "no UpdateUserPool": lambda: calls("UpdateUserPool", nothing),
    "no UpdateDeviceStatus": lambda: calls("UpdateDeviceStatus", nothing),
    "no AdminForgetDevice": lambda: calls("AdminForgetDevice", nothing),
    "no device to refresh": refresh_without_device,
    "no setenv": no_switch,
    "no handlers": no_handlers,
}

DID_NOT_RAISE = (pytest.fail.Exception, "DID NOT RAISE")
NO_METADATA = (ValueError, "^The sign-in gave no NewDeviceMetadata")
ASKED_FOR_A_CODE = (ChallengeError, "SMS_MFA")
# moto answers CUSTOM_AUTH with "null", which an older botocore breaks on.
MOTO_ASKS_NOTHING = ((KeyError, AttributeError), "ChallengeName|'NoneType' object has no attribute 'setdefault'")

#: How each test notices that what it is about is gone.
NOTICES: dict[str, dict[str, tuple[type[BaseException] | tuple[type[BaseException], ...], str]]] = {
    "test_a_device": {"no activation": (AssertionError, "^$")},
    "test_a_remembered_device_skips_mfa": {
        "no MFA": DID_NOT_RAISE,
        "no ConfirmDevice": (ClientError, "Device does not exist"),
        "no longer remembered": ASKED_FOR_A_CODE,
        "never remembered": ASKED_FOR_A_CODE,
        "no DeviceConfiguration": NO_METADATA,
        "no plugin": NO_METADATA,
    },
    "test_a_forgotten_device_asks_for_a_code_again": {
        "no MFA": DID_NOT_RAISE,
        "no ForgetDevice": DID_NOT_RAISE,
        "no DeviceConfiguration": (ValueError, "tracks no devices"),
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "TestDevices": {
        "no activation": NO_METADATA,
        "no ConfirmDevice": (AssertionError, "Lists differ"),
        "no DeviceConfiguration": NO_METADATA,
    },
    "test_a_server_knows_devices": {"no plugin": (ClientError, "500")},
    "test_a_known_device": {
        "no MFA": DID_NOT_RAISE,
        "no DeviceConfiguration": (ValueError, "tracks no devices"),
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "test_a_wrong_code": {
        "no MFA": DID_NOT_RAISE,
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "test_the_user_chooses": {
        "no DeviceConfiguration": (ClientError, "'USER_AUTH' at 'authFlow'"),
        "no plugin": (ClientError, "'USER_AUTH' at 'authFlow'"),
    },
    "test_a_custom_challenge": {
        "no UpdateUserPool": (ClientError, "Custom auth lambda trigger is not configured"),
        "no handlers": (ClientError, "DefineAuthChallenge invocation failed"),
        "no ConfirmDevice": (ClientError, "Device does not exist"),
        "no longer remembered": (AssertionError, "^$"),
        "no plugin": MOTO_ASKS_NOTHING,
    },
    "test_a_laptop_at_hand": {
        "no MFA": DID_NOT_RAISE,
        "no DeviceConfiguration": (ValueError, "tracks no devices"),
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "test_the_user_is_asked": {
        "no UpdateUserPool": (AssertionError, "^$"),
        "no UpdateDeviceStatus": ASKED_FOR_A_CODE,
        "no MFA": DID_NOT_RAISE,
        "no plugin": NO_METADATA,
    },
    "test_a_stale_key": {
        "no AdminForgetDevice": DID_NOT_RAISE,
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "test_refresh": {
        "no ConfirmDevice": (ClientError, "Invalid Refresh Token"),
        "no ForgetDevice": DID_NOT_RAISE,
        "no device to refresh": DID_NOT_RAISE,
        "no plugin": NO_METADATA,
    },
    "test_confirm_device_fails": {
        "no error on demand": DID_NOT_RAISE,
        "no plugin": NO_METADATA,
    },
    "test_users_are_told_of_new_devices": {
        "no UpdateUserPool": (AssertionError, "^$"),
        "no handlers": (AssertionError, "^$"),
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "test_the_second_answer_is_right": {
        "no UpdateUserPool": (ClientError, "Custom auth lambda trigger is not configured"),
        "no handlers": (ClientError, "DefineAuthChallenge invocation failed"),
        "no plugin": MOTO_ASKS_NOTHING,
    },
    "test_an_authenticator_app": {
        "no setenv": (ValueError, "There is no code"),
        "no plugin": (MotoNotReachedError, "not active"),
    },
    "test_a_month_later": {
        "no ConfirmDevice": (ClientError, "Invalid Refresh Token"),
        "no plugin": NO_METADATA,
    },
    "test_a_server_for_this_worker": {"no plugin": (MotoNotReachedError, "not active")},
    "test_another_account": {
        "no ConfirmDevice": (ValueError, "not enough values"),
        "no setenv": DID_NOT_RAISE,
        "no plugin": NO_METADATA,
    },
    "test_throttling": {
        "no error on demand": (AssertionError, "^$"),
        "no plugin": (MotoNotReachedError, "not active"),
    },
}


@pytest.mark.slow
def test_each_passes_where_it_is_pasted(tmp_path: Path) -> None:
    """As a new user's own files, with nothing else beside them."""
    (tmp_path / "conftest.py").write_text(CODE[CONFTEST])
    for number, (place, source) in enumerate(CODE.items()):
        if place != CONFTEST:
            (tmp_path / f"test_{number}.py").write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)
    assert f"{len(TESTS)} passed" in done.stdout, done.stdout


@pytest.mark.parametrize("place", [place for place in CODE if place != CONFTEST])
def test_each_block_is_a_test_that_notices_what_is_missing(place: str) -> None:
    names = names_of_tests(CODE[place])
    assert names, "a block that is no test may stop working, and nobody would know"
    assert all(NOTICES.get(name) for name in names), "NOTICES must say what these tests fail without"


@pytest.mark.parametrize(("place", "name"), TESTS)
def test_each_passes_as_it_stands(place: str, name: str) -> None:
    run(place, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "name", "mutant"), [(place, name, mutant) for place, name in TESTS for mutant in NOTICES.get(name, ())]
)
def test_each_fails_without_what_it_is_about(place: str, name: str, mutant: str) -> None:
    error, text = NOTICES[name][mutant]
    with MUTANTS[mutant](), pytest.raises(error, match=text):
        run(place, name)


def run_shell(block: str, url: str, **variables: str) -> str:
    """
    :returns: what a block of shell printed, against another server
    """
    script = "set -e\n" + block.replace("http://127.0.0.1:5000", url)
    env = environment(NO_PROXY="127.0.0.1", AWS_PAGER="", **variables)
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("aws") is None, reason="the README makes a user pool by the AWS CLI")
def test_the_pool_that_the_cli_makes(checking_server: str) -> None:
    block, _ = blocks("shell")
    printed = run_shell(f"{block}\necho $USER_POOL_ID $CLIENT_ID", checking_server)
    user_pool_id, client_id = printed.split()[-2:]
    cognito = cognito_client("us-east-1", endpoint_url=checking_server)
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(cognito, client_id, "ada", PASSWORD)
    assert add_device(cognito, user_pool_id, "ada")
    cognito.delete_user_pool(UserPoolId=user_pool_id)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's shell uses curl")
def test_the_blocks_of_shell(checking_server: str) -> None:
    cognito = cognito_client(endpoint_url=checking_server)
    user_pool_id, client_id = pool_with_user(cognito)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=user_pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(cognito, client_id, "ada", PASSWORD)
    _, block = blocks("shell")
    printed = run_shell(block.replace("curl ", "curl -fsS "), checking_server, USER_POOL_ID=user_pool_id)
    [device_key] = device_keys(cognito, user_pool_id)
    assert device_key in printed
    assert last_code(cognito, user_pool_id, "ada") in printed
    target = Target("server", checking_server)
    assert target.moto_api("GET", "errors").json()["errors"][0]["times"] == 2
    target.moto_api("DELETE", "errors")
    cognito.delete_user_pool(UserPoolId=user_pool_id)
