"""``moto-cognito-devices run``: start a command with the plugin active in its Python processes.

A ``sitecustomize`` module, first on PYTHONPATH, activates the plugin when a Python process starts. Subprocesses inherit
the variable. No file is written.
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

#: The folder of ``sitecustomize.py``, which holds nothing else that a program could import.
BOOTSTRAP = str(Path(__file__).with_name("bootstrap"))


def fail(status: int, message: str) -> NoReturn:
    """Print an error message and exit with this status."""
    sys.stderr.write(f"moto-cognito-devices: {message}\n")
    raise SystemExit(status)


def find(command: str) -> str:
    """Return the path of a program. This environment's programs come first, even if they are not on PATH.

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
    """Replace this process by the program; on Windows, run the program and exit with its status.

    :raises SystemExit: with the program's status, or with 126 if it can't be started
    """
    path = os.pathsep.join(filter(None, [BOOTSTRAP, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    command = [program, *arguments]  # the full path: Python finds its virtual environment by it
    try:
        if os.name == "nt":
            wait_for(command, environment)
        _restore_signals()
        # execve() discards what is still buffered.
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(program, command, environment)  # noqa: S606 (no shell is needed)
    except OSError as error:
        fail(126, f"{program} can't be run: {error.strerror}")


def wait_for(command: list[str], environment: dict[str, str]) -> None:
    """Run a command and exit with its status.

    :raises OSError: if it can't be started
    """
    process = subprocess.Popen(command, env=environment)  # noqa: S603 (it is what the user asked for)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the console sends it to the command as well, which handles it
    raise SystemExit(process.wait())


def _restore_signals() -> None:
    """Reset the signals that Python ignores; the new program would inherit that."""
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
