"""pytest's entry point: activates the plugin for the test run, at no cost until moto is imported.

An incompatible moto is only detected when it is imported, possibly in every xdist worker. It is reported once, in the
summary, and not as a warning, which ``-W error`` would turn into a failure of the test that imported moto.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from . import registration, settings

#: Messages for the summary.
_NOTICES = pytest.StashKey[list[str]]()
#: Whether this file activated the plugin.
_OURS = pytest.StashKey[bool]()
_WORKEROUTPUT = "moto_cognito_devices"


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Activate before any conftest, which may sign in at import time, and after plugins such as pytest-env."""
    _activate(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Also covers loading by a conftest; re-reads variables that conftests have set."""
    _activate(config)


def _activate(config: pytest.Config) -> None:
    stash = config.stash
    if _NOTICES not in stash:
        stash[_NOTICES] = []
        config.add_cleanup(lambda: _print_remaining(config))
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
    """Return the messages without duplicates, and forget them."""
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


def _print_remaining(config: pytest.Config) -> None:
    """Print the messages of a run without a summary, which a conftest's error has ended."""
    for notice in _take_notices(config):
        sys.stderr.write(f"{notice}\n")


def pytest_sessionfinish(session: pytest.Session) -> None:
    workeroutput: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput[_WORKEROUTPUT] = _take_notices(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect the messages of an xdist worker that has ended. One that crashed has no output."""
    notices: list[str] = getattr(node, "workeroutput", {}).get(_WORKEROUTPUT, [])
    node.config.stash[_NOTICES].extend(notices)
