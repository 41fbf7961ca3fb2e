"""``moto-cognito-devices``: moto's own programs, and the demo."""

from __future__ import annotations

import os
import platform
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import moto.proxy
import moto.server
import pytest
import requests

from moto_cognito_devices import __version__, activate, cli, deactivate, demo, settings, testing
from moto_cognito_devices.testing import Device

from .scripts import cognito_client, environment, run_python, tracks_devices, unfit_moto
from .support import server_process

TRIGGERS = "MOTO_COGNITO_DEVICES_TRIGGERS"
URL = "http://127.0.0.1:3001"


@pytest.fixture
def passed_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What moto's programs are called with, in place of a call."""
    calls: list[Any] = []
    monkeypatch.setenv(TRIGGERS, "")  # so that it is as it was when the test is over
    for program in (moto.server, moto.proxy):
        monkeypatch.setattr(program, "main", lambda argv, name=program.__name__: calls.append((name, argv)))
    yield calls
    deactivate()  # what a process does that is a server is done to this one
    activate()


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_the_commands(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([option])
    assert caught.value.code == 0
    out, err = capsys.readouterr()
    assert re.findall(r"^(?:usage:)?\s+moto-cognito-devices (\w+)", out, re.MULTILINE) == [
        "server",
        "proxy",
        "run",
        "demo",
    ]
    assert "[--triggers URL]" in out
    assert TRIGGERS in out
    assert err == ""


def test_version_is_that_of_what_it_builds_on_too(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["--version"])
    assert capsys.readouterr().out == (
        f"moto-cognito-devices {__version__}, moto {moto.__version__}, boto3 {boto3.__version__}, "
        f"Python {platform.python_version()}\n"
    )


@pytest.mark.slow
def test_version_without_a_moto_that_can_be_imported() -> None:
    output = run_python("""
import sys
sys.modules["moto"] = None
from moto_cognito_devices.cli import main
main(["--version"])
""")
    assert output.startswith(f"moto-cognito-devices {__version__}, moto can't be imported (ModuleNotFoundError(")
    assert output.endswith(f"boto3 {boto3.__version__}, Python {platform.python_version()}\n")


@pytest.mark.parametrize(
    "arguments", [[], ["serve"], ["--port", "1"], ["demo", "--colour"], ["demo", "--triggers", URL], [""]]
)
def test_an_unknown_command_is_status_2_and_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert err.startswith("usage: moto-cognito-devices")
    assert out == ""


@pytest.mark.parametrize(("command", "program"), [("server", "moto.server"), ("proxy", "moto.proxy")])
@pytest.mark.parametrize("options", [["-p", "0"], ["-H", "127.0.0.1", "--port=1", "-v"], ["--help"], ["a", "-é", ""]])
def test_passes_options_on_unchanged(passed_on: list[Any], command: str, program: str, options: list[str]) -> None:
    cli.main([command, *options])
    assert passed_on == [(program, options)]


@pytest.mark.parametrize("command", ["server", "proxy"])
@pytest.mark.parametrize("option", [["--triggers", URL], [f"--triggers={URL}"], ["--triggers", "x", "--triggers", URL]])
@pytest.mark.parametrize("where", [0, 2, 3])
def test_triggers_are_set_for_this_process_and_those_that_it_starts(
    monkeypatch: pytest.MonkeyPatch, passed_on: list[Any], command: str, option: list[str], where: int
) -> None:
    options = ["-p", "0", "--trigger"]
    monkeypatch.setenv(TRIGGERS, "http://127.0.0.1:1")
    cli.main([command, *options[:where], *option, *options[where:]])
    assert passed_on == [(f"moto.{command}", options)]
    assert os.environ[TRIGGERS] == URL
    assert settings.triggers() == {None: URL}


@pytest.mark.parametrize("command", ["server", "proxy"])
def test_with_triggers_alone_moto_finds_no_options(
    monkeypatch: pytest.MonkeyPatch, passed_on: list[Any], command: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["moto-cognito-devices", command, "--triggers", URL])
    cli.main()
    assert (passed_on[0][1], sys.argv) == ([], ["moto-cognito-devices"])


@pytest.mark.parametrize("command", ["server", "proxy"])
@pytest.mark.parametrize("options", [["--triggers"], ["--triggers="], ["--triggers", " "], ["--triggers", "-p", "0"]])
def test_triggers_without_a_value_are_a_usage_error(
    passed_on: list[Any], capsys: pytest.CaptureFixture[str], command: str, options: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([command, *options])
    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        "moto-cognito-devices: --triggers needs a URL, as in: "
        f"moto-cognito-devices {command} --triggers http://127.0.0.1:3001\n"
    )
    assert passed_on == []
    assert os.environ[TRIGGERS] == ""


@pytest.mark.parametrize("command", ["server", "proxy"])
def test_without_options_moto_finds_none_in_the_command_line(
    monkeypatch: pytest.MonkeyPatch, passed_on: list[Any], command: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["moto-cognito-devices", command])
    cli.main()
    assert passed_on[0][1] == []
    assert sys.argv == ["moto-cognito-devices"]


def test_reads_the_command_line_if_it_is_given_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["moto-cognito-devices", "--version"])
    cli.main()
    assert __version__ in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    "start",
    [
        [sys.executable, "-m", "moto_cognito_devices"],
        pytest.param(
            [shutil.which("moto-cognito-devices", path=str(Path(sys.executable).parent)) or ""],
            marks=pytest.mark.skipif(
                not (Path(sys.executable).parent / "moto-cognito-devices").exists(),
                reason="the script is not beside this Python",
            ),
        ),
    ],
    ids=["module", "script"],
)
def test_serves(start: list[str], log: Path) -> None:
    with server_process(log, *start, "server", "-H", "127.0.0.1", "-p", "0") as (url, _):
        assert tracks_devices(cognito_client(endpoint_url=url))
        assert requests.get(f"{url}/moto-api/data.json", timeout=60).ok


@pytest.mark.slow
@pytest.mark.parametrize(("option", "scheme"), [("-r", "http"), ("-s", "https")])
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_serves_with_motos_reloader_and_with_tls(option: str, scheme: str, log: Path) -> None:
    """The reloader starts the command a second time; the certificate is one that no authority has signed."""
    start = (sys.executable, "-m", "moto_cognito_devices", "server", "-H", "127.0.0.1", "-p", "0", option)
    with server_process(log, *start) as (url, _):
        assert url.startswith(f"{scheme}:")
        assert tracks_devices(cognito_client(endpoint_url=url, verify=False))


@pytest.mark.slow
def test_takes_the_port_from_motos_variable_as_moto_does(log: Path) -> None:
    with server_process(
        log, sys.executable, "-m", "moto_cognito_devices", "server", environment={"MOTO_PORT": "0"}
    ) as (url, _):
        assert tracks_devices(cognito_client(endpoint_url=url))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["server", "proxy"])
def test_help_of_a_command_is_motos_and_names_what_is_not(command: str) -> None:
    output = run_python(f"from moto_cognito_devices.cli import main; main(['{command}', '--help'])")
    assert output.startswith(f"{command} has --triggers, see moto-cognito-devices --help, and these options of moto's:")
    assert "--host" in output
    assert "--port" in output


def fails(code: str, **changes: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 1, finished
    assert "Traceback" not in finished.stderr
    assert finished.stdout == ""
    return finished.stderr


WITHOUT_FLASK = """
import sys, warnings
warnings.simplefilter("ignore")
sys.modules["flask"] = None
from moto_cognito_devices.cli import main
main(["server"])
"""


@pytest.mark.slow
def test_without_flask_it_says_what_to_install() -> None:
    assert fails(WITHOUT_FLASK).splitlines()[-1] == (
        "moto-cognito-devices: flask is missing, which moto needs to serve. "
        "Run: pip install 'moto-cognito-devices[server]'"
    )


@pytest.mark.slow
def test_without_what_moto_needs_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['joserfc'] = None; from moto_cognito_devices.cli import main; main(['demo'])"
    assert fails(code) == (
        "moto-cognito-devices: joserfc is missing, which moto needs. Run: pip install moto-cognito-devices\n"
    )


@pytest.mark.slow
def test_a_wrong_switch_is_told_without_a_traceback() -> None:
    text = fails(
        "from moto_cognito_devices.cli import main; main(['server', '-p', '0'])",
        MOTO_COGNITO_DEVICES_VERIFY_USER_SRP="sometimes",
    )
    assert text == (
        "moto-cognito-devices: MOTO_COGNITO_DEVICES_VERIFY_USER_SRP is 'sometimes': "
        "choose one of tracked, always, never.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ["server", "proxy"])
def test_wrong_triggers_are_told_without_a_traceback(command: str) -> None:
    text = fails(f"from moto_cognito_devices.cli import main; main(['{command}', '-p', '0', '--triggers', 'nobody'])")
    assert text == (
        f"moto-cognito-devices: {TRIGGERS} has 'nobody': give a URL (http://127.0.0.1:3001), or NAME=URL for single "
        "functions and at most one URL for the rest, with commas between; http or https, without user name, query and "
        "fragment.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "lacking"),
    [
        ("server -p 0", "moto.cognitoidp.models:CognitoIdpBackend.initiate_auth"),
        ("server -p 0", "moto.moto_server.werkzeug_app:DomainDispatcherApplication.infer_service_region_host"),
        ("proxy -p 0", "moto.cognitoidp.models:CognitoIdpBackend.initiate_auth"),
        ("demo", "moto.cognitoidp.models:CognitoIdpBackend.initiate_auth"),
        ("run true", "moto.cognitoidp.models:CognitoIdpBackend.initiate_auth"),
        ("run true", "moto.moto_server.werkzeug_app:DomainDispatcherApplication.infer_service_region_host"),
    ],
)
def test_with_a_moto_that_does_not_fit_nothing_starts(command: str, lacking: str, tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "moto_cognito_devices", *command.split()],
        env=environment(PYTHONPATH=unfit_moto(tmp_path, lacking)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    assert len(finished.stderr.splitlines()) == 1
    assert finished.stderr == (
        f"moto-cognito-devices: moto-cognito-devices does not fit moto {moto.__version__}: "
        f"{lacking.replace(':', '.')} is missing. "
        "pip install --upgrade moto-cognito-devices brings a moto that fits, or what fits this one.\n"
    )


# What the server says at its start

TRACKS = f"moto-cognito-devices {__version__} tracks devices in user pools that have a DeviceConfiguration"


def said_at_start(log: Path, *options: str, **switches: str) -> list[str]:
    """The lines of ours among what the server prints until it has answered."""
    start = (sys.executable, "-m", "moto_cognito_devices", "server", "-H", "127.0.0.1", "-p", "0", *options)
    with server_process(log, *start, environment=switches) as (url, _):
        assert requests.get(f"{url}/moto-api/data.json", timeout=60).ok
        return [line for line in log.read_text().splitlines() if "moto-cognito-devices" in line]


@pytest.mark.slow
def test_the_server_says_in_a_line_that_devices_are_tracked(log: Path) -> None:
    assert said_at_start(log, MOTO_COGNITO_DEVICES_CODES="any") == [TRACKS]


@pytest.mark.slow
def test_the_server_names_the_switches_that_were_changed(log: Path) -> None:
    switches = {"MOTO_COGNITO_DEVICES_CODES": "CHECKED", "MOTO_COGNITO_DEVICES_VERIFY_USER_SRP": "always"}
    [line] = said_at_start(log, **switches, MOTO_COGNITO_DEVICES_MFA_ONCE_MORE="true")
    assert line == f"{TRACKS} (MOTO_COGNITO_DEVICES_VERIFY_USER_SRP=always, MOTO_COGNITO_DEVICES_CODES=checked)"


@pytest.mark.slow
def test_the_server_says_it_once_though_the_reloader_starts_it_twice(log: Path) -> None:
    assert said_at_start(log, "-r") == [TRACKS]


@pytest.mark.slow
@pytest.mark.parametrize("reloader", [[], ["-r"]])
def test_the_server_says_who_answers_for_lambda_functions(log: Path, reloader: list[str]) -> None:
    value = f"define={URL}/dev, {URL}"
    assert said_at_start(log, *reloader, "--triggers", value) == [f"{TRACKS} ({TRIGGERS}={value})"]


@pytest.mark.slow
def test_help_of_the_server_is_not_its_start() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "moto_cognito_devices", "server", "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert finished.stderr == ""


# The demo


@pytest.mark.slow
def test_the_demo_tells_its_story_without_colours_if_nobody_looks() -> None:
    output = run_python("import sys; from moto_cognito_devices.cli import main; main(['demo'])")
    assert "\x1b" not in output
    steps = re.findall(r"^(\d)\. ", output, re.MULTILINE)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert output.count("[ok]") == len(steps) >= 6
    assert output.endswith("\nAll as it should be.\n")


def demo_on_a_terminal(**changes: str) -> tuple[int, str]:
    """Its exit status and output."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto_cognito_devices", "demo"],
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
        env=environment(**changes),
    )
    os.close(its)
    output = b""
    try:
        while block := os.read(ours, 4096):
            output += block
    except OSError:
        pass  # how Linux tells that the other end has closed
    finally:
        os.close(ours)
    return process.wait(60), output.decode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_the_demo_has_colours_on_a_terminal() -> None:
    status, output = demo_on_a_terminal()
    assert status == 0, output
    assert "\x1b[32mok\x1b[0m" in output
    assert output.count("\x1b[") % 2 == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_the_demo_has_no_colours_where_no_color_is_set() -> None:
    status, output = demo_on_a_terminal(NO_COLOR="1")
    assert status == 0, output
    assert "\x1b" not in output


def test_the_demo_fails_if_a_step_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    confirm = Device.confirm

    def confirm_and_ask(*arguments: Any, **options: Any) -> bool:
        confirm(*arguments, **options)
        return True

    monkeypatch.setattr(Device, "confirm", confirm_and_ask)
    with pytest.raises(SystemExit) as caught:
        cli.main(["demo"])
    assert caught.value.code == 1
    out = capsys.readouterr().out
    assert out.count("[NOT AS EXPECTED]") == 1
    assert out.endswith("1 step(s) went wrong.\n")


def test_the_demo_ends_where_there_is_no_device(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def sign_in(*arguments: Any, **options: Any) -> Any:
        result = testing.sign_in(*arguments, **options)
        del result["NewDeviceMetadata"]
        return result

    monkeypatch.setattr(demo, "sign_in", sign_in)
    assert demo.main() == 1
    assert "The story ends here\n    The sign-in gave no NewDeviceMetadata" in capsys.readouterr().out


def test_the_demo_counts_what_went_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def tell(cognito: Any, story: demo.Story) -> None:
        story.step("1. This works", "shown", True)
        story.step("2. This does not", "shown", False)

    monkeypatch.setattr(demo, "_tell", tell)
    assert demo.main() == 1
    out = capsys.readouterr().out
    assert "[ok]" in out
    assert "[NOT AS EXPECTED]" in out
    assert out.endswith("1 step(s) went wrong.\n")


@pytest.mark.slow
def test_the_demo_tells_a_wrong_switch_without_a_traceback() -> None:
    text = fails("from moto_cognito_devices.cli import main; main(['demo'])", MOTO_COGNITO_DEVICES_CODES="some")
    assert text == "moto-cognito-devices: MOTO_COGNITO_DEVICES_CODES is 'some': choose one of any, checked.\n"
