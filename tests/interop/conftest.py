"""A server that checks TOTP codes, user pools on it, and the programs that sign in to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ..conftest import MakePool, pool_maker
from ..support import Target, server_process
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


@pytest.fixture(params=list(LIBRARIES))
def library(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def start(library: str) -> Iterator[StartApp]:
    """Starts the program of each library, for a pool."""
    with ExitStack() as clean_up:
        yield lambda pool: clean_up.enter_context(started(library, pool))
