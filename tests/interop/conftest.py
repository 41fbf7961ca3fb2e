"""Servers, one that checks TOTP codes and one with functions, user pools on them, and the programs that sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ..conftest import FLOWS, MakePool, pool_maker
from ..support import TRIGGERS, Target, server_process
from . import serverless
from .app import LIBRARIES, App, missing, started

StartApp = Callable[..., App]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lacking = missing()
    if lacking:
        skip = pytest.mark.skip(reason=f"{lacking}: run tox -e interop, or npm ci in tests/interop")
        for item in items:
            if item.path.parent == Path(__file__).parent:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def totp_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that takes no code but the right one, where its moto can tell (5.2.0 and newer)."""
    log = tmp_path_factory.mktemp("totp-server") / "log"
    with server_process(log, environment={"MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP": "true"}) as (url, _):
        yield url


@pytest.fixture
def make_server_pool(totp_server_url: str) -> Iterator[MakePool]:
    """Makes user pools on the server, and deletes them in the end."""
    with ExitStack() as clean_up:
        yield pool_maker(Target("server", totp_server_url), clean_up)


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serverless.Functions]:
    with serverless.served(tmp_path_factory.mktemp("functions")) as served:
        yield served


@pytest.fixture(scope="session")
def triggering_server_url(functions: serverless.Functions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that calls the functions."""
    log = tmp_path_factory.mktemp("triggering-server") / "log"
    with server_process(log, environment={TRIGGERS: functions.url}) as (url, _):
        yield url


@pytest.fixture
def make_triggering_pool(triggering_server_url: str, functions: serverless.Functions) -> Iterator[MakePool]:
    """Makes user pools on that server, for the functions that each trigger is given."""
    with ExitStack() as clean_up:
        make = pool_maker(Target("server", triggering_server_url), clean_up)
        client = {"ExplicitAuthFlows": [f"ALLOW_{flow}" for flow in (*FLOWS, "CUSTOM_AUTH")]}
        yield lambda triggers, **options: make(client=client, LambdaConfig=functions.lambda_config(triggers), **options)


@pytest.fixture(params=list(LIBRARIES))
def library(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def start(library: str) -> Iterator[StartApp]:
    """Starts the program of each library, for a pool."""
    with ExitStack() as clean_up:
        yield lambda pool: clean_up.enter_context(started(library, pool))
