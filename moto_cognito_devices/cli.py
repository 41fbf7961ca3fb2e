"""``moto-cognito-devices server|proxy|demo``: moto's own programs, with device tracking."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Sequence

from . import IncompatibleMotoError, __version__, activate

_USAGE = """\
usage: moto-cognito-devices server [options of moto_server]
       moto-cognito-devices proxy [options of moto_proxy]
       moto-cognito-devices demo
       moto-cognito-devices --help | --version

server  moto's server, with device tracking in its Cognito user pools (needs the extra "server")
proxy   moto's proxy, the same (needs the extra "server")
demo    signs in to a mocked user pool with a new device, and again with that device, step by step
"""
_MOTO_PROGRAMS = {"server": "moto.server", "proxy": "moto.proxy"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command.

    :param arguments: those of the command line if None
    :raises SystemExit: with status 2 if there is no such command, 1 if it failed
    """
    command, *options = [*(sys.argv[1:] if arguments is None else arguments)] or [""]
    if command in ("-h", "--help"):
        sys.stdout.write(_USAGE)
    elif command == "--version":
        sys.stdout.write(f"moto-cognito-devices {__version__}\n")
    elif command == "demo" and not options:
        from . import demo

        raise SystemExit(demo.main())
    elif command in _MOTO_PROGRAMS:
        _run_moto(command, options)
    else:
        sys.stderr.write(_USAGE)
        raise SystemExit(2)


def _run_moto(command: str, options: list[str]) -> None:
    try:
        activate()
        program = importlib.import_module(_MOTO_PROGRAMS[command])
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"moto-cognito-devices: {error.name} is missing, which moto needs to serve. "
            "Run: pip install 'moto-cognito-devices[server]'"
        ) from error
    except (IncompatibleMotoError, ValueError) as error:
        raise SystemExit(f"moto-cognito-devices: {error}") from error
    # What the log says of a refusal belongs beside moto's lines on requests.
    logging.getLogger("moto_cognito_devices").addHandler(logging.StreamHandler())
    if not options:
        # Without options moto looks at sys.argv, and would take the command for one.
        sys.argv = sys.argv[:1]
    program.main(options)
