"""pytest's entry point: activates the plugin for the test run, at no cost until moto is imported.

That moto does not fit is known once somebody imports it: one of the tests, and one in each of xdist's workers. The run
tells it once, at its end, and not as a warning, which ``-W error`` would make the failure of whichever test it was.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from . import registration, settings

#: What the run has to tell; and whether it was this plugin that activated.
_NOTICES = pytest.StashKey[list[str]]()
_OURS = pytest.StashKey[bool]()
_WORKEROUTPUT = "moto_cognito_devices"


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest, which may sign in when it is imported; after plugins that set variables (pytest-env)."""
    _activate(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """For whom a conftest loads this plugin; and the switches count as the conftests leave them."""
    _activate(config)


def _activate(config: pytest.Config) -> None:
    stash = config.stash
    if _NOTICES not in stash:
        stash[_NOTICES] = []
        config.add_cleanup(lambda: _tell_rest(config))
    try:
        if registration.activate_automatically(report=stash[_NOTICES].append):
            stash[_OURS] = True
            config.add_cleanup(registration.deactivate)
        elif stash.get(_OURS, False):
            settings.check()
            if not settings.automatic_activation():
                registration.deactivate()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error


def _take_notices(config: pytest.Config) -> list[str]:
    """Each once, for they are told once."""
    notices = config.stash.get(_NOTICES, [])
    taken = list(dict.fromkeys(notices))
    notices.clear()
    return taken


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    notices = _take_notices(config)
    if notices:
        terminalreporter.section("moto-cognito-devices", yellow=True)
        for notice in notices:
            terminalreporter.line(notice)


def _tell_rest(config: pytest.Config) -> None:
    """A run that a conftest's error ends has no summary."""
    for notice in _take_notices(config):
        sys.stderr.write(f"{notice}\n")


def pytest_sessionfinish(session: pytest.Session) -> None:
    workeroutput: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput[_WORKEROUTPUT] = _take_notices(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """xdist's: a worker has ended. One that crashed has no output."""
    notices: list[str] = getattr(node, "workeroutput", {}).get(_WORKEROUTPUT, [])
    node.config.stash[_NOTICES].extend(notices)
