"""Nothing of what this machine has of settings for AWS is used."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_settings_for_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
