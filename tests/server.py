"""``python -m tests.server``: the command ``moto-cognito-devices server``, which reads moto's RSA key once."""

from __future__ import annotations

import sys

from moto_cognito_devices.cli import main

from .support import read_motos_key_once

if __name__ == "__main__":
    read_motos_key_once()
    main(["server", *sys.argv[1:]])
