"""``moto-cognito-devices server|proxy|run|demo``: moto's own programs and anybody's, with device tracking."""

from __future__ import annotations

import importlib
import logging
import os
import platform
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress

from . import IncompatibleMotoError, __version__, activate, is_active, registration, run, settings

_USAGE = """\
usage: moto-cognito-devices server [--triggers URL] [options of moto_server]
       moto-cognito-devices proxy [--triggers URL] [options of moto_proxy]
       moto-cognito-devices run [--] COMMAND [arguments of the command]
       moto-cognito-devices demo
       moto-cognito-devices --help | --version

server  moto's server, with device tracking in its Cognito user pools (needs the extra "server")
proxy   moto's proxy, the same (needs the extra "server")
run     any Python program of this environment, and those that it starts, the same: python -m unittest, gunicorn
demo    signs in to a mocked user pool with a new device, and again with that device, step by step

--triggers  who answers for the Lambda functions of user pools: http://127.0.0.1:3001 for instance, or
            NAME=URL,...,URL, single functions and the rest (the same as MOTO_COGNITO_DEVICES_TRIGGERS)
"""
_COGNITO = "moto.cognitoidp"
_MOTO_PROGRAMS = {"server": "moto.server", "proxy": "moto.proxy"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command.

    :param arguments: those of the command line if None
    :raises SystemExit: with status 2 if there is no such command, 1 if it failed; of ``run`` see :func:`run.start`
    """
    command, *options = [*(sys.argv[1:] if arguments is None else arguments)] or [""]
    if command in ("-h", "--help"):
        sys.stdout.write(_USAGE)
    elif command == "--version":
        sys.stdout.write(f"moto-cognito-devices {__version__}, {', '.join(_versions())}\n")
    elif command == "demo" and not options:
        _activate(_COGNITO)
        from . import demo

        raise SystemExit(demo.main())
    elif command == "run":
        _run(options)
    elif command in _MOTO_PROGRAMS:
        _serve(command, options)
    else:
        sys.stderr.write(_USAGE)
        raise SystemExit(2)


def _versions() -> list[str]:
    """moto's as it says itself: it is distributed under other names too."""
    found = []
    for name in ("moto", "boto3"):
        try:
            found.append(f"{name} {importlib.import_module(name).__version__}")
        except Exception as error:  # whoever asks for versions may well be looking for what is broken
            found.append(f"{name} can't be imported ({error!r})")
    return [*found, f"Python {platform.python_version()}"]


def _activate(*module_names: str) -> None:
    """Activate on these modules of moto. They are imported first, so that a moto that doesn't fit is told now."""
    try:
        for name in module_names:
            importlib.import_module(name)
        activate()
    except ModuleNotFoundError as error:
        serving = any(name in _MOTO_PROGRAMS.values() for name in module_names)
        purpose, install = (" to serve", "'moto-cognito-devices[server]'") if serving else ("", "moto-cognito-devices")
        raise SystemExit(
            f"moto-cognito-devices: {error.name} is missing, which moto needs{purpose}. Run: pip install {install}"
        ) from error
    except (ImportError, IncompatibleMotoError, ValueError) as error:
        raise SystemExit(f"moto-cognito-devices: {error}") from error


def _serve(command: str, options: list[str]) -> None:
    program = _MOTO_PROGRAMS[command]
    options = _without_triggers(command, options)
    _activate(_COGNITO, program)
    registration.cache_service_list()
    # moto's reloader starts this once more; and who asks for help starts nothing.
    if {"-h", "--help"} & {*options}:
        sys.stdout.write(f"{command} has --triggers, see moto-cognito-devices --help, and these options of moto's:\n\n")
    elif is_active() and os.environ.get("WERKZEUG_RUN_MAIN") != "true":
        switches = ", ".join(f"{name}={value}" for name, value in settings.changed().items())
        sys.stderr.write(
            f"moto-cognito-devices {__version__} tracks devices in user pools that have a DeviceConfiguration"
            f"{switches and f' ({switches})'}\n"
        )
    # What the log says of a refusal belongs beside moto's lines on requests.
    logging.getLogger("moto_cognito_devices").addHandler(logging.StreamHandler())
    if not options:
        # Without options moto looks at sys.argv, and would take the command for one.
        sys.argv = sys.argv[:1]
    importlib.import_module(program).main(options)


def _without_triggers(command: str, options: list[str]) -> list[str]:
    """Set the switch that ``--triggers`` stands for, in the environment, so that what this process starts has it.

    :returns: the options that are moto's
    :raises SystemExit: with status 2 if ``--triggers`` has no value
    """
    remaining = []
    left = iter(options)
    for option in left:
        name, equals, value = option.partition("=")
        if name != "--triggers":
            remaining.append(option)
            continue
        value = value if equals else next(left, "")
        if not value.strip() or value.startswith("-"):
            run.fail(
                2, f"--triggers needs a URL, as in: moto-cognito-devices {command} --triggers http://127.0.0.1:3001"
            )
        os.environ[settings.TRIGGERS] = value
    return remaining


def _run(options: list[str]) -> None:
    if options[:1] == ["--"]:
        options = options[1:]
    elif options[:1] in (["-h"], ["--help"]):
        sys.stdout.write(_USAGE)
        return
    elif options and options[0].startswith("-"):
        run.fail(2, f"run has no option {options[0]}: a command comes next")
    if not options:
        run.fail(2, "run needs a command, as in: moto-cognito-devices run -- python -m unittest")
    program = run.find(options[0])
    try:
        wanted = settings.automatic_activation()
    except ValueError as error:
        run.fail(1, str(error))
    if wanted:
        # The command's own Python is not asked: that this one's moto fits is as good, and can be told in a line.
        with suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module("moto.moto_server.werkzeug_app")  # where the extra "server" is installed
        _activate(_COGNITO)
    run.start(program, options[1:])
