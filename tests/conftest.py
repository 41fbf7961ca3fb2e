"""The targets of the behaviour tests, and the rule that each such test names its evidence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from moto import mock_aws

from moto_cognito_devices import activate, deactivate, is_active
from moto_cognito_devices.testing import lambda_arn
from moto_cognito_devices.testing.lambda_handlers import TRIGGERS as FUNCTIONS

from .lambda_endpoint import lambda_endpoint
from .scripts import ROOT
from .support import (
    ALWAYS,
    CODES,
    REGION,
    TRIGGERS,
    Target,
    UserPool,
    collect_less_garbage,
    read_motos_key_once,
    server_process,
)

ON_AWS = os.environ.get("MOTO_TEST_ALLOW_AWS_REQUEST", "false").lower() == "true"
EVIDENCE = ("documented", "observed", "inferred", "conflicting")

# No timing is asserted anywhere, and every run tries the same examples.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")

FLOWS = ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH", "REFRESH_TOKEN_AUTH"]

MakePool = Callable[..., UserPool]


def pytest_collection_finish() -> None:
    collect_less_garbage()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of what AWS does says how that is known."""
    for item in items:
        marks = [mark for mark in item.iter_markers() if mark.name in EVIDENCE]
        targets = {"target", "target_with_functions"}.intersection(getattr(item, "fixturenames", ()))
        if targets and not (len(marks) == 1 and marks[0].args):
            raise pytest.UsageError(f"{item.nodeid}: mark it with one of {', '.join(EVIDENCE)}, and the source.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where a whole folder was asked for and skipped, which tells its reason, nothing has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = {report.nodeid for report in reporter.stats.get("skipped", [])} if reporter else set()
    if skipped.issuperset(session.config.args) and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What starts a program takes long, and is to say so: it stays out of the quick run."""
    if item.get_closest_marker("slow"):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "_execute_child", _refuse)
        return (yield)


def _refuse(*_: Any, **__: Any) -> None:
    pytest.fail("It starts a program: mark it with pytest.mark.slow.")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MOTO_COGNITO_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_for_aws() -> Iterator[None]:
    """Of this machine's: its variables, and its files."""
    with pytest.MonkeyPatch.context() as patch:
        if not ON_AWS:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
                patch.setenv(name, os.devnull)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                patch.setenv(name, "testing")
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_motos_key_once() -> Iterator[None]:
    undo = read_motos_key_once()
    yield
    undo()


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``moto-cognito-devices server``."""
    with quick_server(tmp_path_factory) as url:
        yield url


@pytest.fixture(params=["in_process", "server", *(["aws"] if ON_AWS else [])])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Where a behaviour test goes: moto in this process, a server process, or the real service."""
    if request.param == "server":
        yield Target("server", request.getfixturevalue("server_url"))
    elif request.param == "aws":
        yield Target("aws", region=os.environ.get("AWS_REGION", REGION), is_moto=False)
    else:
        with mock_aws():
            yield Target("in_process")


@pytest.fixture(params=["in_process", "server"])
def moto_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """moto only: in this process, or the server."""
    if request.param == "server":
        made = Target("server", request.getfixturevalue("server_url"))
        yield made
        made.moto_api("DELETE", "errors")
    else:
        with mock_aws():
            yield Target("in_process")


@pytest.fixture
def pool_of_moto(moto_target: Target) -> Iterator[UserPool]:
    """``pool``, of moto only."""
    with ExitStack() as clean_up:
        made = pool_maker(moto_target, clean_up)()
        made.add_user()
        yield made


@pytest.fixture(scope="session")
def checking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose codes are checked."""
    with quick_server(tmp_path_factory, {CODES: "checked"}) as url:
        yield url


@pytest.fixture(params=["in_process", "server"])
def pool_that_checks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[UserPool]:
    """The user ada, in a pool whose codes are checked."""
    with ExitStack() as clean_up:
        if request.param == "server":
            target = Target("server", request.getfixturevalue("checking_server"))
        else:
            monkeypatch.setenv(CODES, "checked")
            clean_up.enter_context(mock_aws())
            target = Target("in_process")
        made = pool_maker(target, clean_up)()
        made.add_user()
        yield made


@pytest.fixture(scope="session")
def server_with_functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for which this process's handlers answer."""
    with lambda_endpoint() as url, quick_server(tmp_path_factory, {TRIGGERS: url}) as server:
        yield server


@pytest.fixture(params=["in_process", "server"])
def target_with_functions(request: pytest.FixtureRequest) -> Iterator[Target]:
    """moto only, and the handlers of ``testing.triggers`` answer for its functions in each mode."""
    if request.param == "server":
        yield Target("server", request.getfixturevalue("server_with_functions"))
    else:
        with mock_aws():
            yield Target("in_process")


@pytest.fixture
def make_pool_with_functions(target_with_functions: Target) -> Iterator[MakePool]:
    """Makes user pools whose triggers name functions, each by the name of its trigger."""
    with ExitStack() as clean_up:
        make = pool_maker(target_with_functions, clean_up)
        # UserMigration would be asked about each user who isn't there.
        functions = {trigger: lambda_arn(trigger) for trigger in FUNCTIONS if trigger != "UserMigration"}
        flows = [f"ALLOW_{flow}" for flow in (*FLOWS, "CUSTOM_AUTH")]

        def make_with_functions(*given: Any, client: dict[str, Any] | None = None, **options: Any) -> UserPool:
            settings = {"ExplicitAuthFlows": flows, **(client or {})}
            return make(*given, client=settings, **{"LambdaConfig": functions, **options})

        yield make_with_functions


@pytest.fixture
def pool_with_functions(make_pool_with_functions: MakePool) -> UserPool:
    """``pool``, with every function."""
    made = make_pool_with_functions()
    made.add_user(email="ada@example.com")
    return made


@pytest.fixture
def make_pool(target: Target) -> Iterator[MakePool]:
    """Makes user pools on the target, and deletes them in the end."""
    with ExitStack() as clean_up:
        yield pool_maker(target, clean_up)


@pytest.fixture
def pool(make_pool: MakePool) -> UserPool:
    """A pool that remembers each confirmed device, in place of MFA, with the user ada."""
    made = make_pool()
    made.add_user()
    return made


@pytest.fixture
def moto_pool() -> Iterator[UserPool]:
    """The same as ``pool``, only in this process, for tests of the mock rather than of AWS."""
    with mock_aws(), ExitStack() as clean_up:
        made = pool_maker(Target("in_process"), clean_up)()
        made.add_user()
        yield made


@pytest.fixture
def make_moto_pool() -> Iterator[MakePool]:
    """``make_pool``, only in this process, for tests of the mock rather than of AWS."""
    with mock_aws(), ExitStack() as clean_up:
        yield pool_maker(Target("in_process"), clean_up)


@pytest.fixture
def inactive() -> Iterator[None]:
    """moto without the plugin, until the test activates it."""
    before = is_active()
    deactivate()
    yield
    deactivate()
    if before:
        activate()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A server's output."""
    return tmp_path / "log"


@contextmanager
def quick_server(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str] | None = None) -> Iterator[str]:
    """A real ``moto-cognito-devices server`` for all the tests of a worker, that reads moto's key once."""
    command = (sys.executable, "-m", "tests.server", "-H", "127.0.0.1", "-p", "0")
    log = tmp_path_factory.mktemp("server") / "log"
    with server_process(log, *command, environment={"PYTHONPATH": str(ROOT), **(environment or {})}) as (url, _):
        yield url


def pool_maker(target: Target, clean_up: ExitStack) -> MakePool:
    def make(
        device_configuration: dict[str, bool] | None = ALWAYS,
        secret: bool = False,
        client: dict[str, Any] | None = None,
        **options: Any,
    ) -> UserPool:
        cognito = target.client()
        if device_configuration is not None:
            options["DeviceConfiguration"] = device_configuration
        made = cognito.create_user_pool(PoolName="moto-cognito-devices-test", **options)["UserPool"]
        clean_up.callback(_delete_quietly, cognito, made["Id"])
        app = cognito.create_user_pool_client(
            UserPoolId=made["Id"],
            ClientName="test",
            GenerateSecret=secret,
            **{"ExplicitAuthFlows": [f"ALLOW_{flow}" for flow in FLOWS], **(client or {})},
        )["UserPoolClient"]
        return UserPool(target, cognito, made["Id"], app["ClientId"], app.get("ClientSecret"), made)

    return make


def _delete_quietly(cognito: Any, user_pool_id: str) -> None:
    with suppress(cognito.exceptions.ResourceNotFoundException):  # the test did it
        cognito.delete_user_pool(UserPoolId=user_pool_id)
