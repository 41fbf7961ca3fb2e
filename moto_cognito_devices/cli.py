"""``moto-cognito-devices server|proxy|run|demo``: moto's own programs, and any other, with device tracking."""

from __future__ import annotations

import argparse
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
moto-cognito-devices server [--triggers URL] [options of moto_server]
       moto-cognito-devices proxy [--triggers URL] [options of moto_proxy]
       moto-cognito-devices run [--] COMMAND [arguments of the command]
       moto-cognito-devices demo
       moto-cognito-devices --help | --version
"""
_EPILOG = f"""\
URL is the endpoint for Lambda triggers, such as http://127.0.0.1:3001, or NAME=URL for single functions and a URL for
the rest, separated by commas. --triggers sets {settings.TRIGGERS}."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("moto-cognito-devices", _USAGE, epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument("--version", action="store_true", help="show the versions of this package, moto and boto3")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", prog=parser.prog)
    for name in ("server", "proxy"):
        text = f'start moto\'s {name} with device tracking (needs the extra "server")'
        program = commands.add_parser(name, help=text, add_help=False, allow_abbrev=False)
        program.add_argument("--triggers", nargs="?", const="")
    text = "run a program of this Python environment, and those that it starts, with device tracking"
    runner = commands.add_parser("run", usage=_USAGE, help=text, allow_abbrev=False)
    runner.add_argument("command_line", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    commands.add_parser("demo", help="sign in to a mocked user pool with a new device, and again with that device")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command.

    :param arguments: the command line's by default
    :raises SystemExit: with status 2 if the arguments are wrong, 1 if the command failed; for ``run`` see
        :func:`run.start`
    """
    parser = _parser()
    args, rest = parser.parse_known_args(arguments)
    if args.version:
        versions = f"{_version('moto')}, {_version('boto3')}, Python {platform.python_version()}"
        sys.stdout.write(f"moto-cognito-devices {__version__}, {versions}\n")
    elif args.command in ("server", "proxy"):
        _serve(args.command, args.triggers, rest)
    elif args.command == "run":
        _run(args.command_line, rest)
    elif args.command == "demo" and not rest:
        _activate()
        from . import demo

        raise SystemExit(demo.main())
    else:
        parser.error(f"unrecognized arguments: {' '.join(rest)}" if rest else "a command is required")


def _version(package: str) -> str:
    """Name a package and its ``__version__``, since the distribution may have another name."""
    try:
        return f"{package} {importlib.import_module(package).__version__}"
    except Exception as error:  # --version must work in a broken environment
        return f"{package} can't be imported ({error!r})"


def _activate(program: str | None = None) -> None:
    """Activate after importing moto's Cognito and the program, so that an incompatible moto is reported now."""
    try:
        importlib.import_module("moto.cognitoidp")
        if program:
            importlib.import_module(program)
        activate()
    except ModuleNotFoundError as error:
        purpose, install = (" to serve", "'moto-cognito-devices[server]'") if program else ("", "moto-cognito-devices")
        run.fail(1, f"{error.name} is missing, which moto needs{purpose}. Run: pip install {install}")
    except (ImportError, IncompatibleMotoError, ValueError) as error:
        run.fail(1, str(error))


def _serve(command: str, triggers: str | None, options: list[str]) -> None:
    if triggers is not None:
        if not triggers.strip():
            example = f"moto-cognito-devices {command} --triggers http://127.0.0.1:3001"
            run.fail(2, f"--triggers needs a URL, as in: {example}")
        os.environ[settings.TRIGGERS] = triggers  # also for the process that moto's reloader starts
    program = f"moto.{command}"
    _activate(program)
    registration.cache_service_list()
    if {"-h", "--help"} & {*options}:
        sys.stdout.write(f"{command} has --triggers, see moto-cognito-devices --help, and these options of moto's:\n\n")
    elif is_active() and os.environ.get("WERKZEUG_RUN_MAIN") != "true":  # moto's reloader starts this a second time
        switches = ", ".join(f"{name}={value}" for name, value in settings.changed().items())
        sys.stderr.write(
            f"moto-cognito-devices {__version__} tracks devices in user pools that have a DeviceConfiguration"
            f"{switches and f' ({switches})'}\n"
        )
    # Show the log's reason for a rejected request next to moto's line on the request.
    logging.getLogger("moto_cognito_devices").addHandler(logging.StreamHandler())
    if not options:
        sys.argv = sys.argv[:1]  # moto reads sys.argv if it is given no options
    importlib.import_module(program).main(options)


def _run(command_line: list[str], options: list[str]) -> None:
    if options:
        run.fail(2, f"run has no option {options[0]}: a command comes next")
    if command_line[:1] == ["--"]:
        del command_line[0]
    if not command_line:
        run.fail(2, "run needs a command, as in: moto-cognito-devices run -- python -m unittest")
    program = run.find(command_line[0])
    try:
        wanted = settings.automatic_activation()
    except ValueError as error:
        run.fail(1, str(error))
    if wanted:
        # The command may have another Python; checking this one's moto finds the usual errors, and in one line.
        with suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module("moto.moto_server.werkzeug_app")  # installed with the extra "server"
        _activate()
    run.start(program, command_line[1:])
