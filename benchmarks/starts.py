"""What the installed plugin costs before the first call: a pytest run that needs no moto, and activation.

Two fresh virtual environments, made alike, and the plugin uninstalled from the one: so both have moto and all that it
depends on, and only the plugin's own share is seen. All is compiled beforehand, by the installer and by a run that
isn't timed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from .measuring import Line, paired, seconds

_PROJECT = Path(__file__).resolve().parent.parent
_PYTEST_PAIRS = 40
_IMPORT_PAIRS = 20
_SAME_ENVIRONMENT = "no virtual environments could be made: this one, -p no:moto_cognito_devices for without"

_IMPORT = """\
from time import perf_counter
start = perf_counter()
import moto.cognitoidp
print(perf_counter() - start)
"""
_ACTIVATE_AND_IMPORT = _IMPORT.replace(
    "import moto.c", "from moto_cognito_devices import activate; activate()\nimport moto.c"
)


@dataclass(frozen=True)
class _Environments:
    """The Pythons with and without the plugin, and what else a pytest without it needs to be told."""

    having: str
    lacking: str
    options_of_lacking: tuple[str, ...] = ()
    note: str = ""


def lines() -> Iterator[Line]:
    with TemporaryDirectory() as folder:
        yield from _lines(Path(folder))


def _lines(folder: Path) -> Iterator[Line]:
    environments = _environments(folder)
    project = folder / "project"
    project.mkdir()
    (project / "test_nothing.py").write_text("def test_nothing():\n    pass\n")

    def pytest_start(python: str, *options: str) -> float:
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        return seconds(lambda: _run(command, project))

    yield Line(
        "pytest start, in a project that never imports moto",
        1.02,
        paired(
            lambda: pytest_start(environments.having),
            lambda: pytest_start(environments.lacking, *environments.options_of_lacking),
            _PYTEST_PAIRS,
        ),
        note=environments.note,
    )
    yield Line(
        "activation and import of moto.cognitoidp / import alone",
        1.05,
        paired(
            lambda: float(_run([environments.having, "-c", _ACTIVATE_AND_IMPORT], project)),
            lambda: float(_run([environments.having, "-c", _IMPORT], project)),
            _IMPORT_PAIRS,
        ),
    )


def _environments(folder: Path) -> _Environments:
    try:
        return _Environments(_make(folder, "having"), _make(folder, "lacking", uninstall=True))
    except (OSError, subprocess.CalledProcessError):  # no registry at hand, most likely
        return _Environments(sys.executable, sys.executable, ("-p", "no:moto_cognito_devices"), note=_SAME_ENVIRONMENT)


def _make(folder: Path, name: str, uninstall: bool = False) -> str:
    """A virtual environment with the plugin, and with the releases that this process runs on.

    :returns: its Python
    """
    # A copy, because a build leaves files in its folder.
    source = folder / f"source-{name}"
    shutil.copytree(
        _PROJECT, source, ignore=lambda path, names: {n for n in names if path == str(_PROJECT) and not _is_source(n)}
    )
    environment = folder / name
    python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
    wanted = [str(source), *(f"{p}=={version(p)}" for p in ("moto", "boto3")), _like_here("pytest")]
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--python", sys.executable, str(environment)], folder)
        _run([uv, "pip", "install", "--compile-bytecode", "--python", python, *wanted], folder)
        uninstaller = [uv, "pip", "uninstall", "--python", python]
    else:
        _run([sys.executable, "-m", "venv", str(environment)], folder)
        _run([python, "-m", "pip", "install", "--disable-pip-version-check", *wanted], folder)
        uninstaller = [python, "-m", "pip", "uninstall", "--yes"]
    if uninstall:
        _run([*uninstaller, "moto-cognito-devices"], folder)
    return python


def _is_source(name: str) -> bool:
    return name == "moto_cognito_devices" or name == "LICENSE" or name.endswith((".cfg", ".toml", ".rst"))


def _like_here(package: str) -> str:
    try:
        return f"{package}=={version(package)}"
    except PackageNotFoundError:
        return package


def _run(command: list[str], folder: Path) -> str:
    # PYTHONDONTWRITEBYTECODE and the like would have Python, and pytest, compile the plugin at each start.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PYTEST", "MOTO_", "COV_", "VIRTUAL_ENV"))
    }
    done = subprocess.run(command, cwd=folder, env=environment, check=True, text=True, capture_output=True)
    return done.stdout
