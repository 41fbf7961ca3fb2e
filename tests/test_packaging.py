"""The wheel, and that nothing on the way to a first test goes to the network."""

from __future__ import annotations

import configparser
import shutil
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import moto_cognito_devices

from .scripts import ROOT, environment, run_process, run_python

NEEDED = ("setup.cfg", "pyproject.toml", "README.rst", "CHANGELOG.rst", "LICENSE")


def build(directory: Path) -> Path:
    """Build the wheel from a copy of the sources, with the setuptools that is installed."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools 77 or newer is not installed")
    missing = [name for name in (*NEEDED, "moto_cognito_devices") if not (ROOT / name).exists()]
    if missing:
        pytest.skip(f"no source tree: {', '.join(missing)}")
    source = directory / "source"
    source.mkdir(parents=True)
    for name in NEEDED:
        shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "moto_cognito_devices", source / "moto_cognito_devices", ignore=ignored)
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    clean = environment(SOURCE_DATE_EPOCH="1767225600", PYTHONPATH="")
    run_process("-c", code, str(directory), env=clean, cwd=source, seconds=300)
    (wheel,) = directory.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel") / "one")


def files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def in_dist_info(wheel: Path, name: str) -> str:
    version = moto_cognito_devices.__version__
    return files(wheel)[f"moto_cognito_devices-{version}.dist-info/{name}"].decode()


def test_the_wheel_carries_the_package_and_nothing_else(wheel: Path) -> None:
    carried = {name for name in files(wheel) if ".dist-info/" not in name}
    sources = (ROOT / "moto_cognito_devices").rglob("*")
    expected = {str(path.relative_to(ROOT).as_posix()) for path in sources if path.suffix == ".py"}
    assert carried == expected | {"moto_cognito_devices/py.typed"}


def test_the_wheel_runs_nothing_at_the_start_of_python(wheel: Path) -> None:
    assert [name for name in files(wheel) if name.endswith((".pth", ".start"))] == []


def test_the_wheel_carries_what_run_puts_first_on_pythonpath(wheel: Path) -> None:
    assert {Path(name).name for name in files(wheel) if name.startswith("moto_cognito_devices/bootstrap/")} == {
        "__init__.py",
        "sitecustomize.py",
    }


def test_the_wheel_is_good_for_any_platform(wheel: Path) -> None:
    assert wheel.name == f"moto_cognito_devices-{moto_cognito_devices.__version__}-py3-none-any.whl"


def test_the_wheel_has_the_program_and_the_plugin_of_pytest_and_no_program_of_motos(wheel: Path) -> None:
    entry_points = configparser.ConfigParser()
    entry_points.read_string(in_dist_info(wheel, "entry_points.txt"))
    assert {section: dict(entry_points[section]) for section in entry_points.sections()} == {
        "console_scripts": {"moto-cognito-devices": "moto_cognito_devices.cli:main"},
        "pytest11": {"moto_cognito_devices": "moto_cognito_devices.pytest_plugin"},
    }


def test_the_metadata_says_what_it_needs(wheel: Path) -> None:
    metadata = message_from_string(in_dist_info(wheel, "METADATA"))
    assert metadata["Name"] == "moto-cognito-devices"
    assert metadata["Version"] == moto_cognito_devices.__version__
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "Apache-2.0"
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(line.partition("[")[0].partition(">")[0].lower() for line in needed) == ["boto3", "moto", "pyjwt"]
    assert {"fast", "server", "test"} <= set(metadata.get_all("Provides-Extra", []))


@pytest.mark.slow
def test_two_builds_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "two").read_bytes() == wheel.read_bytes()


@pytest.mark.slow
def test_the_wheel_works_where_it_lies(wheel: Path, tmp_path: Path) -> None:
    """Its files are all that it needs, unpacked into a place of their own."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    output = run_python(
        f"""
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in str(finder).lower()]
import moto_cognito_devices
assert moto_cognito_devices.__file__.startswith({str(tmp_path)!r}), moto_cognito_devices.__file__
from moto_cognito_devices.cli import main
main(["demo"])
""",
        cwd=tmp_path,
        PYTHONPATH=str(tmp_path),
    )
    assert "All as it should be." in output


WITHOUT_NETWORK = """
import socket, sys

class NoSocket(socket.socket):
    def __init__(self, *arguments, **options):
        raise AssertionError("a socket was made")

def refuse(*arguments, **options):
    raise AssertionError(f"a name or address was looked for: {arguments}")

socket.socket = NoSocket
for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
    setattr(socket, name, refuse)
"""

# What python itself does goes unseen by a patch of the module: audit events see it.
WITNESS = """
def witness(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        print("NETWORK", event, arguments, flush=True)

sys.addaudithook(witness)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import moto_cognito_devices, moto_cognito_devices.auto, moto_cognito_devices.testing",
        "import moto.cognitoidp, moto_cognito_devices; moto_cognito_devices.activate()",
        "import moto_cognito_devices.auto; from moto import mock_aws; mock_aws().start()",
        "from moto_cognito_devices.cli import main; main(['demo'])",
    ],
    ids=["import", "activation", "automatic activation", "demo"],
)
def test_goes_nowhere(code: str) -> None:
    output = run_python(f"{WITHOUT_NETWORK}\n{WITNESS}\n{code}")
    assert "NETWORK" not in output
    if "demo" in code:
        assert "All as it should be." in output
