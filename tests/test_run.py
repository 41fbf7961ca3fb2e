"""``moto-cognito-devices run``: any program, in a process of its own, with the plugin active from its start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from moto_cognito_devices.run import BOOTSTRAP, wait_for

from .scripts import ROOT, cognito_client, environment, tracks_devices
from .support import Target, server_process

pytestmark = pytest.mark.slow

#: moto is not looked at then, and all else is the same.
OFF = {"MOTO_COGNITO_DEVICES": "false"}
RUN = (sys.executable, "-m", "moto_cognito_devices", "run")
ACTIVE = "import moto_cognito_devices; print(moto_cognito_devices.is_active())"

on_posix = pytest.mark.skipif(os.name == "nt", reason="a process of Windows can't become another")


def run(*arguments: str, cwd: str = ".", **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *arguments],
        env=environment(**changes),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def output_of(*arguments: str, cwd: str = ".", **changes: str) -> str:
    finished = run(*arguments, cwd=cwd, **changes)
    assert finished.returncode == 0, finished
    return finished.stdout


# What runs so


def test_without_it_a_moto_server_fails(log: Path) -> None:
    with server_process(log, sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0") as (url, _):
        answer = Target("server", url).post("ConfirmDevice", {"AccessToken": "x", "DeviceKey": "eu-west-1_x"})
    assert answer.status_code == 500


def test_a_stock_moto_server(log: Path) -> None:
    with server_process(log, *RUN, "--", "moto_server", "-H", "127.0.0.1", "-p", "0") as (url, _):
        assert tracks_devices(cognito_client(endpoint_url=url))


def test_unittest(tmp_path: Path) -> None:
    (tmp_path / "test_devices.py").write_text("""
import sys
import unittest
assert "moto" not in sys.modules, "the start of Python is to cost no import of it"
from moto import mock_aws
from tests.scripts import cognito_client, tracks_devices

class TestDevices(unittest.TestCase):
    @mock_aws
    def test_devices(self):
        self.assertTrue(tracks_devices(cognito_client()))
""")
    finished = run("python", "-m", "unittest", "test_devices", cwd=str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    assert "Ran 1 test" in finished.stderr


def test_what_the_command_starts_and_what_that_starts() -> None:
    third = f"print('third', __import__('os').environ['LEVEL']); {ACTIVE}"
    second = f"import subprocess, sys; {ACTIVE}; sys.stdout.flush(); subprocess.run([sys.executable, '-c', {third!r}])"
    first = f"import subprocess, sys; {ACTIVE}; sys.stdout.flush(); subprocess.run([sys.executable, '-c', {second!r}])"
    assert output_of("--", "python", "-c", first, LEVEL="3") == "True\nTrue\nthird 3\nTrue\n"


def test_a_run_in_a_run() -> None:
    assert output_of("python", "-m", "moto_cognito_devices", "run", "python", "-c", ACTIVE) == "True\n"


def test_the_programs_of_this_environment_come_first(tmp_path: Path) -> None:
    code = "import sys; print(sys.executable, sys.prefix)"
    expected = f"{Path(sys.executable).parent}{os.sep}python"
    for path in (str(tmp_path), f"{tmp_path}{os.pathsep}{os.environ['PATH']}"):
        executable, _, prefix = output_of("python", "-c", code, PATH=path, **OFF).strip().rpartition(" ")
        assert executable.startswith(expected)
        assert prefix == sys.prefix


def test_moto_cognito_devices_false_switches_it_off() -> None:
    assert output_of("--", "python", "-c", ACTIVE, MOTO_COGNITO_DEVICES="false") == "False\n"


def test_a_python_that_is_told_to_ignore_its_environment_does() -> None:
    look = "import sys; print('moto_cognito_devices.auto' in sys.modules)"
    code = f"import subprocess, sys; [subprocess.run([sys.executable, o, '-c', {look!r}]) for o in sys.argv[1:]]"
    assert output_of("--", "python", "-c", code, "-B", "-E", "-I", "-S") == "True\nFalse\nFalse\nFalse\n"


# The command's own affairs


@pytest.mark.parametrize("separator", [["--"], []])
def test_arguments_go_on_as_they_are(separator: list[str]) -> None:
    arguments = ["--help", "--", "-v", "a b", "", "é", "--port=1", "--triggers", "x"]
    assert (
        output_of(*separator, "python", "-c", "import sys; print(sys.argv[1:])", *arguments, **OFF) == f"{arguments}\n"
    )


def test_the_status_is_the_commands() -> None:
    finished = run("--", "python", "-c", "raise SystemExit(42)")
    assert (finished.returncode, finished.stdout, finished.stderr) == (42, "", "")


@on_posix
def test_signals_reach_the_command() -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [*RUN, "--", "python", "-c", code], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM


@on_posix
def test_no_signal_is_ignored_that_the_command_does_not_ignore() -> None:
    """Python itself ignores this one, and ends otherwise where a pipe is closed."""
    assert run("--", "sh", "-c", "kill -PIPE $$; exit 3", **OFF).returncode == -signal.SIGPIPE


def test_where_a_process_cannot_become_another_it_waits(capfd: pytest.CaptureFixture[str]) -> None:
    interrupted = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(SystemExit) as caught:
            wait_for([sys.executable, "-c", "print('hello'); raise SystemExit(42)"], environment())
    finally:
        signal.signal(signal.SIGINT, interrupted)
    assert caught.value.code == 42
    assert capfd.readouterr().out.strip() == "hello"


def test_pythonpath_is_kept_behind_ours(tmp_path: Path) -> None:
    before = os.pathsep.join([str(tmp_path), str(ROOT)])
    code = "import os, sys; print(os.environ['PYTHONPATH']); print(sys.path[1:4])"
    kept, path = output_of("--", "python", "-c", code, PYTHONPATH=before, **OFF).splitlines()
    assert kept == os.pathsep.join([BOOTSTRAP, before])
    assert path == str([BOOTSTRAP, str(tmp_path), str(ROOT)])


# The sitecustomize that ours hides

HIDDEN = """
import sys
assert sys.modules[__name__].__file__ == __file__
import moto_cognito_devices
print("the hidden one", moto_cognito_devices.is_active(), __name__)
"""
WHICH = f"import sitecustomize; print(sitecustomize.__file__); {ACTIVE}"


def test_a_sitecustomize_on_pythonpath_has_its_turn(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDDEN)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    assert output_of("--", "python", "-c", WHICH, PYTHONPATH=path).splitlines() == [
        "the hidden one False sitecustomize",  # in the Python of `run` itself
        "the hidden one True sitecustomize",
        str(tmp_path / "sitecustomize.py"),
        "True",
    ]


@pytest.fixture
def other_environment(tmp_path: Path) -> Path:
    """Its Python. It has nothing installed."""
    venv.create(tmp_path / "venv", symlinks=os.name != "nt")
    return tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def test_a_sitecustomize_in_site_packages_has_its_turn(other_environment: Path) -> None:
    where = "import sysconfig; print(sysconfig.get_path('stdlib'), sysconfig.get_path('purelib'), sep='\\n')"
    found = subprocess.check_output([str(other_environment), "-c", where], text=True, env=environment())
    library, packages = found.splitlines()
    if Path(library, "sitecustomize.py").exists():
        pytest.skip("this Python's library has a sitecustomize, as Debian's has, which comes before the packages'")
    Path(packages, "sitecustomize.py").write_text(HIDDEN)
    assert output_of("--", str(other_environment), "-c", WHICH).splitlines() == [
        "the hidden one True sitecustomize",
        str(Path(packages, "sitecustomize.py")),
        "True",
    ]


def test_a_sitecustomize_that_fails_is_told_by_python_as_ever(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("1 / 0")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    alone = subprocess.run(
        [sys.executable, "-c", "print('ran')"], env=environment(PYTHONPATH=path), capture_output=True, check=True
    )
    assert b"ZeroDivisionError" in alone.stderr
    ours = run("--", "python", "-c", f"print('ran'); {ACTIVE}", PYTHONPATH=path)
    assert (ours.returncode, ours.stdout) == (0, "ran\nTrue\n")
    assert ours.stderr == alone.stderr.decode() * 2  # once by the Python of `run` itself


def test_two_of_ours_do_not_call_each_other(tmp_path: Path) -> None:
    copy = shutil.copytree(BOOTSTRAP, tmp_path / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "sitecustomize.py").write_text(HIDDEN)
    path = os.pathsep.join([str(copy), BOOTSTRAP, str(copy), str(tmp_path), str(ROOT)])
    output = output_of("--", "python", "-c", ACTIVE, PYTHONPATH=path)
    assert output == "the hidden one True sitecustomize\n" * 2 + "True\n"  # once by the Python of `run` itself


def test_a_python_without_the_plugin_just_runs(other_environment: Path) -> None:
    """A command may start one of another environment."""
    finished = subprocess.run(
        [str(other_environment), "-c", "print('ran')"],
        env=environment(PYTHONPATH=BOOTSTRAP),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (finished.stdout, finished.stderr) == ("ran\n", "")


# What can't be run


def told(finished: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why."""
    assert finished.stdout == ""
    [line] = finished.stderr.splitlines()
    start = "moto-cognito-devices: "
    assert line.startswith(start)
    return line.removeprefix(start)


def test_without_a_command() -> None:
    for arguments in ([], ["--"]):
        finished = run(*arguments)
        assert finished.returncode == 2
        assert told(finished) == "run needs a command, as in: moto-cognito-devices run -- python -m unittest"


def test_an_option_before_the_command() -> None:
    for option in ("--reload", "--triggers"):
        finished = run(option, "python")
        assert finished.returncode == 2
        assert told(finished) == f"run has no option {option}: a command comes next"


@pytest.mark.parametrize("command", ["no-such-command", "./no/such/command", ""])
def test_a_command_that_is_not_there(command: str) -> None:
    finished = run("--", command)
    assert finished.returncode == 127
    assert told(finished) == f"there is no command {command!r}, neither beside this Python nor on PATH"


@on_posix
def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\x00 no program")
    finished = run("--", str(file), **OFF)
    assert (finished.returncode, told(finished)) == (126, f"{file} can't be run")
    file.chmod(0o755)
    finished = run("--", str(file), **OFF)
    assert finished.returncode == 126
    assert told(finished) == f"{file} can't be run: Exec format error"


@pytest.mark.parametrize("name", ["MOTO_COGNITO_DEVICES", "MOTO_COGNITO_DEVICES_MFA_ONCE_MORE"])
def test_a_wrong_switch(name: str) -> None:
    finished = run("--", "python", "-c", "print('ran')", **{name: "maybe"})
    assert finished.returncode == 1
    assert told(finished) == f"{name} is 'maybe': choose one of true, false."
