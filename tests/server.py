"""``python -m tests.server``: the command ``moto-cognito-devices server``, as quick as moto is in the tests."""

from __future__ import annotations

import sys

from moto_cognito_devices.cli import main

from .support import collect_less_garbage, read_motos_key_once

if __name__ == "__main__":
    read_motos_key_once()
    collect_less_garbage()
    main(["server", *sys.argv[1:]])
