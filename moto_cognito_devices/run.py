"""``moto-cognito-devices run``: starts a command in whose Pythons the plugin is active.

By a ``sitecustomize`` that comes first on PYTHONPATH, as other tools that must be in a program from its start do it.
Nothing is written anywhere, and the variable goes on to the processes that the command starts.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn

#: Where ``sitecustomize.py`` is, and nothing else that a program could import.
BOOTSTRAP = str(Path(__file__).with_name("bootstrap"))


def fail(status: int, message: str) -> NoReturn:
    """Say why in a line, and end.

    :raises SystemExit: with that status
    """
    sys.stderr.write(f"moto-cognito-devices: {message}\n")
    raise SystemExit(status)


def find(command: str) -> str:
    """The path of a program: this environment's own come first, whether it is on PATH or not.

    :raises SystemExit: with a shell's status, 127 if there is no such program, 126 if the file can't be run
    """
    folders = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    found = shutil.which(command, path=folders)
    if found:
        return found
    if os.path.dirname(command) and os.path.exists(command):
        fail(126, f"{command} can't be run")
    fail(127, f"there is no command {command!r}, neither beside this Python nor on PATH")


def start(program: str, arguments: list[str]) -> None:
    """Become the program, or, where a process can't (on Windows), wait for it and end as it ends.

    :raises SystemExit: with the program's status, or with 126 if it can't be started
    """
    path = os.pathsep.join(filter(None, [BOOTSTRAP, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    command = [program, *arguments]  # the whole path, since a Python looks there for its environment
    try:
        if os.name == "nt":
            wait_for(command, environment)
        _as_python_found_them()
        # A program that replaces this one would take with it what is not written yet.
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(program, command, environment)  # noqa: S606 (no shell is what is wanted)
    except OSError as error:
        fail(126, f"{program} can't be run: {error.strerror}")


def wait_for(command: list[str], environment: dict[str, str]) -> None:
    """
    :raises SystemExit: with the command's status
    :raises OSError: if it can't be started
    """
    process = subprocess.Popen(command, env=environment)  # noqa: S603 (it is what the user asked for)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the console sends it to the command as well, whose affair it is
    raise SystemExit(process.wait())


def _as_python_found_them() -> None:
    """Python ignores these signals, and a program that replaces it would go on ignoring them."""
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
