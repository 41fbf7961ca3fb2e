"""Under pytest it is enough to have the package installed."""

from __future__ import annotations

import re
from importlib.metadata import entry_points

import pytest

from .scripts import ROOT

pytest_plugins = ["pytester"]

pytestmark = pytest.mark.slow

TESTS = """
from moto import mock_aws
from tests.scripts import cognito_client, tracks_devices

@mock_aws
def test_devices():
    assert tracks_devices(cognito_client())

@mock_aws
def test_no_devices():
    assert not tracks_devices(cognito_client())
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project that knows nothing of the plugin, its tests of both worlds."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(TESTS)
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Without hypothesis's plugin, which takes as long as pytest itself."""
    return project.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments)


def test_is_found_by_its_entry_point() -> None:
    found = {entry_point.name: entry_point.value for entry_point in entry_points(group="pytest11")}
    assert found["moto_cognito_devices"] == "moto_cognito_devices.pytest_plugin"


def test_is_active_once_it_is_installed(project: pytest.Pytester) -> None:
    run(project, "-k", "test_devices").assert_outcomes(passed=1, deselected=1)


def test_is_active_in_a_worker_of_xdist(project: pytest.Pytester) -> None:
    run(project, "-n", "1", "-k", "test_devices").assert_outcomes(passed=1)


def test_an_option_of_pytest_switches_it_off(project: pytest.Pytester) -> None:
    result = run(project, "-p", "no:moto_cognito_devices", "-n", "0", "-k", "test_no_devices")
    assert result.parseoutcomes()["passed"] == 1


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_variable_switches_it_off(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: str) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES", "false")
    assert run(project, "-n", workers, "-k", "test_no_devices").parseoutcomes()["passed"] == 1


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("MOTO_COGNITO_DEVICES", "true, false"),
        ("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "tracked, always, never"),
    ],
)
def test_an_unknown_value_of_a_switch_is_a_usage_error(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str, choices: str
) -> None:
    monkeypatch.setenv(name, "nope")
    result = run(project)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {name} is 'nope': choose one of {choices}."])
    result.stderr.no_fnmatch_line("*Traceback*")


def test_imports_no_moto_in_a_project_without_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys

        def test_nothing_of_moto():
            assert "moto_cognito_devices.pytest_plugin" in sys.modules
            assert not [name for name in sys.modules if name.partition(".")[0] in ("moto", "boto3", "botocore")]
    """)
    run(pytester).assert_outcomes(passed=1)


def test_leaves_moto_as_it_was_when_the_run_ends(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import atexit
        import moto.cognitoidp.models as models

        def test_active():
            assert models.cognitoidp_backends.backend is not models.CognitoIdpBackend

        atexit.register(lambda: print("moto's own again:",
            models.cognitoidp_backends.backend is models.CognitoIdpBackend))
    """)
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["moto's own again: True"])


def test_leaves_an_activation_that_is_not_its_own(pytester: pytest.Pytester) -> None:
    runner = pytester.makepyfile(
        runner="""
        import moto_cognito_devices, pytest
        moto_cognito_devices.activate()
        assert pytest.main(["-q", "-p", "no:cacheprovider", "test_it.py"]) == 0
        assert moto_cognito_devices.is_active()
    """,
        test_it="""
        import moto_cognito_devices

        def test_active():
            assert moto_cognito_devices.is_active()
    """,
    )
    assert pytester.runpython(runner).ret == 0


def test_is_active_for_unittest_cases_under_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile("""
        import unittest
        from moto import mock_aws
        from tests.scripts import cognito_client, tracks_devices

        @mock_aws
        class Case(unittest.TestCase):
            def test_devices(self):
                self.assertTrue(tracks_devices(cognito_client()))
    """)
    run(pytester).assert_outcomes(passed=1)


SIGNS_IN = """
from moto import mock_aws
from tests.scripts import cognito_client, pool_with_user, sign_in_without_device

def signs_in():
    with mock_aws():
        cognito = cognito_client()
        return "NewDeviceMetadata" in sign_in_without_device(cognito, pool_with_user(cognito)[1])
"""


@pytest.fixture
def signing_in(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose conftest and whose own plugin ``early`` sign in before any test."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(
        signs_in=SIGNS_IN,
        early="""
        from signs_in import signs_in

        def pytest_configure():
            assert signs_in(), "early, in pytest_configure"
        """,
        test_it="""
        from signs_in import signs_in

        def test_devices():
            assert signs_in()
        """,
    )
    pytester.makeconftest("""
        from signs_in import signs_in

        assert signs_in(), "at the import of conftest"

        def pytest_configure():
            assert signs_in(), "conftest, in pytest_configure"
    """)
    return pytester


def load(*plugins: str) -> list[str]:
    return [argument for plugin in plugins for argument in ("-p", plugin)]


@pytest.mark.parametrize("workers", ["0", "1"])
def test_is_active_before_a_conftest_is_imported(signing_in: pytest.Pytester, workers: str) -> None:
    run(signing_in, "-n", workers, *load("early")).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("name", "workers"), [("moto_cognito_devices", []), ("moto_cognito_devices.pytest_plugin", ["-n", "1"])]
)
def test_is_active_before_a_conftest_where_it_is_loaded_by_name(
    signing_in: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str, workers: list[str]
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    run(signing_in, *load("xdist.plugin", name, "early"), *workers).assert_outcomes(passed=1)


def test_is_active_before_others_are_configured_where_a_conftest_loads_it(
    signing_in: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    signing_in.makeconftest('pytest_plugins = ["moto_cognito_devices.pytest_plugin", "early"]')
    run(signing_in).assert_outcomes(passed=1)


SETS_A_SWITCH = """
import os, pytest

@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests():
    os.environ["MOTO_COGNITO_DEVICES"] = "false"
"""


def test_heeds_a_switch_that_another_plugin_sets_for_the_run(project: pytest.Pytester) -> None:
    """As pytest-env does it."""
    project.makepyfile(sets_a_switch=SETS_A_SWITCH)
    project.makeconftest("""
        import moto_cognito_devices
        assert not moto_cognito_devices.is_active()
    """)
    run(project, *load("sets_a_switch"), "-k", "test_no_devices").assert_outcomes(passed=1, deselected=1)


def test_heeds_a_switch_that_a_conftest_sets(project: pytest.Pytester) -> None:
    project.makeconftest('import os; os.environ["MOTO_COGNITO_DEVICES"] = "false"')
    run(project, "-k", "test_no_devices").assert_outcomes(passed=1, deselected=1)


def test_an_unknown_value_that_a_conftest_sets_is_a_usage_error(project: pytest.Pytester) -> None:
    project.makeconftest('import os; os.environ["MOTO_COGNITO_DEVICES_VERIFY_USER_SRP"] = "nope"')
    result = run(project)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: MOTO_COGNITO_DEVICES_VERIFY_USER_SRP is 'nope': choose one of *"])
    result.stderr.no_fnmatch_line("*Traceback*")


# A moto that does not fit

UNFIT = """
from moto_cognito_devices import compatibility
compatibility.REQUIRED["moto.cognitoidp.models"]["CognitoIdpBackend.not_in_this_moto"] = None
"""
WITH_DEVICES = """
from moto_cognito_devices import compatibility
compatibility.moto_device_operations = lambda: ["ConfirmDevice"]
"""
NOT_IN_THIS_MOTO = "CognitoIdpBackend.not_in_this_moto is missing"


@pytest.mark.parametrize(
    ("moto", "told", "workers"),
    [
        pytest.param(UNFIT, NOT_IN_THIS_MOTO, "0", id="unfit"),
        pytest.param(UNFIT, NOT_IN_THIS_MOTO, "2", id="unfit in each worker"),
        pytest.param(WITH_DEVICES, "device operations of its own (ConfirmDevice)", "0", id="with devices"),
    ],
)
def test_a_moto_that_is_left_alone_is_told_once_and_fails_no_test(
    project: pytest.Pytester, moto: str, told: str, workers: str
) -> None:
    """Each worker has a test that imports moto, and meets it."""
    project.makeconftest(moto)
    project.makepyfile(test_one=TESTS, test_two=TESTS)
    files = ("test_one.py", "test_two.py")
    result = run(project, "-q", "-Werror", f"-n{workers}", "--dist=loadfile", "-ktest_no_devices", *files)
    assert result.ret == pytest.ExitCode.OK
    assert {**result.parseoutcomes(), "deselected": 2} == {"passed": 2, "deselected": 2}  # xdist tells none
    result.stdout.re_match_lines(["=+ moto-cognito-devices =+", f"^moto.*{re.escape(told)}"])
    assert f"{result.stdout}{result.stderr}".count(told) == 1


def test_a_moto_that_does_not_fit_is_told_where_a_conftest_ends_the_run(signing_in: pytest.Pytester) -> None:
    signing_in.makeconftest(f"{UNFIT}\nfrom signs_in import signs_in\nassert signs_in()")
    result = run(signing_in)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{NOT_IN_THIS_MOTO}*"])
