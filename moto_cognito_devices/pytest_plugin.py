"""pytest's entry point: activates the plugin for the test run, at no cost until moto is imported."""

from __future__ import annotations

import pytest

from . import registration


def pytest_configure(config: pytest.Config) -> None:
    try:
        activated = registration.activate_automatically()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    if activated:
        config.add_cleanup(registration.deactivate)
