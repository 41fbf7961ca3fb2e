"""Runs moto's own cognito-idp tests with the plugin and without, and compares which of them pass.

``MOTO_SOURCE=/path/to/moto python -m tests.moto_suite``. The path is a git clone of moto, bare or not, or an unpacked
source release. moto's wheel has no tests. They need pyotp before 2.10, which takes the short secret that moto has, and
pycognito. Each test runs in this way four times: in-process and in server mode, with
the plugin and without. The exit status is 0 only if the same tests pass.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import moto

from .support import server_process

WANTED = ("tests/__init__.py", "tests/markers.py", "tests/conftest.py", "tests/test_cognitoidp")
MOTO_SERVER = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")

# Above moto's tests, where pytest takes it up first: a run that is not what it says compares nothing.
CONFTEST = """\
import os

import moto_cognito_devices


def pytest_sessionstart():
    assert moto_cognito_devices.is_active() is (os.environ["WITH_PLUGIN"] == "true")
"""

Outcomes = dict[str, str]


def main() -> int:
    """
    :returns: the exit status
    """
    source = os.environ.get("MOTO_SOURCE")
    if not source:
        print("skipped: moto's wheel has no tests; set MOTO_SOURCE to a git clone or source tree of moto")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "conftest.py").write_text(CONFTEST)
        try:
            origin = copy_tests(Path(source), work)
        except (OSError, LookupError) as error:
            print(f"error: {error}")
            return 2
        print(f"moto {moto.__version__} is installed; its tests are from {origin}")
        same = compare("in-process", in_process(work, plugin=False), in_process(work, plugin=True))
        without = in_server_mode(work, plugin=False)
        return 0 if compare("server", without, in_server_mode(work, plugin=True)) and same else 1


# Where the tests come from
def copy_tests(source: Path, to: Path) -> str:
    """Copy moto's tests of the installed version.

    :returns: where they are from, to be printed
    :raises LookupError: if the path has no tests of moto
    """
    if _git(source, "rev-parse", "--git-dir") is not None:
        return _copy_from_git(source, to)
    return _copy_from_tree(source, to)


def _copy_from_git(source: Path, to: Path) -> str:
    tag = moto.__version__
    if _git(source, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}") is not None:
        revision, origin = f"refs/tags/{tag}", f"its tag {tag}"
    else:
        revision, origin = "HEAD", f"HEAD, as the clone has no tag {tag}: NOT THE SAME RELEASE"
    # File by file, and not "git archive": that also reads what a partial clone does not have.
    names = (_git(source, "ls-tree", "-r", "--name-only", revision, "--", *WANTED) or b"").decode().splitlines()
    if not names:
        raise LookupError(f"{source} has no tests of moto at {revision}")
    for name in names:
        content = _git(source, "show", f"{revision}:{name}")
        if content is None:
            raise LookupError(f"{source} lacks the content of {name} at {revision}")
        _write(to / name, content)
    return origin


def _copy_from_tree(source: Path, to: Path) -> str:
    for wanted in WANTED:
        for file in (source / wanted, *(source / wanted).rglob("*.*")):
            if file.is_file() and file.suffix != ".pyc":
                _write(to / file.relative_to(source), file.read_bytes())
    if not (to / "tests/test_cognitoidp").is_dir():
        raise LookupError(f"{source} is neither a git clone nor a source tree of moto")
    text = (source / "moto/__init__.py").read_text() if (source / "moto/__init__.py").is_file() else ""
    same = f'__version__ = "{moto.__version__}"' in text
    return f"the source tree{'' if same else ': NOT THE SAME RELEASE'}"


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _git(source: Path, *arguments: str) -> bytes | None:
    """The output of git; None if it fails. The clone may be somebody else's."""
    # The ceiling: a source tree inside of another repository is no clone.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(source.resolve().parent)}
    command = ("git", "-c", "safe.directory=*", "-C", str(source), *arguments)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout if done.returncode == 0 else None


# The runs
def in_process(work: Path, plugin: bool) -> Outcomes:
    return _pytest(work, plugin, {})


def in_server_mode(work: Path, plugin: bool) -> Outcomes:
    """The tests speak to one server, ours or moto's, and reset it before each test."""
    command = () if plugin else MOTO_SERVER
    with server_process(work / "server.log", *command) as (url, _):
        return _pytest(work, plugin, {"TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": url})


def _pytest(work: Path, plugin: bool, environment: dict[str, str]) -> Outcomes:
    report = work / "report.xml"
    report.unlink(missing_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MOTO_", "TEST_"))}
    options = [] if plugin else ["-p", "no:moto_cognito_devices"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "ignore"),
            *("-c", os.devnull, "--rootdir", str(work), "--tb=line", f"--junitxml={report}"),
            *options,
            "tests/test_cognitoidp",
        ],
        cwd=work,
        env={
            **clean,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "TESTS_SKIP_REQUIRES_DOCKER": "true",
            "WITH_PLUGIN": str(plugin).lower(),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    outcomes = _read(report) if report.exists() else {}
    if done.returncode not in (0, 1) or not outcomes:
        print(done.stdout)
    return outcomes


def _read(report: Path) -> Outcomes:
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 (pytest wrote it a moment ago)
        bad = [kind for kind in ("error", "failure", "skipped") if case.find(kind) is not None]
        outcomes[f"{case.get('classname')}::{case.get('name')}"] = bad[0] if bad else "passed"
    return outcomes


# The comparison
def compare(mode: str, without: Outcomes, with_plugin: Outcomes) -> bool:
    """Print both, and each test that came out differently.

    :returns: whether tests ran, and the same ones pass
    """
    for title, outcomes in (("moto alone", without), ("with the plugin", with_plugin)):
        counts = Counter(outcomes.values())
        shown = ", ".join(f"{counts[kind]} {kind}" for kind in ("passed", "failure", "error", "skipped"))
        print(f"{mode:>10}  {title:<16} {len(outcomes):>4} tests: {shown}")
    different = sorted(
        test for test in without.keys() | with_plugin.keys() if without.get(test) != with_plugin.get(test)
    )
    for test in different:
        print(f"    {test}: {without.get(test)} without, {with_plugin.get(test)} with the plugin")
    for test, outcome in sorted(without.items()):
        if outcome in ("failure", "error") and with_plugin.get(test) == outcome:
            print(f"    {test}: {outcome} without and with the plugin")
    return not different and "passed" in without.values()


if __name__ == "__main__":
    sys.exit(main())
