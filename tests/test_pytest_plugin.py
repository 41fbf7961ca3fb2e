"""Under pytest it is enough to have the package installed."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from .scripts import ROOT

pytest_plugins = ["pytester"]

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
    return project.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_is_found_by_its_entry_point() -> None:
    found = {entry_point.name: entry_point.value for entry_point in entry_points(group="pytest11")}
    assert found["moto_cognito_devices"] == "moto_cognito_devices.pytest_plugin"


def test_is_active_once_it_is_installed(project: pytest.Pytester) -> None:
    run(project, "-k", "test_devices").assert_outcomes(passed=1, deselected=1)


def test_is_active_in_the_workers_of_xdist(project: pytest.Pytester) -> None:
    run(project, "-n", "2", "-k", "test_devices").assert_outcomes(passed=1)


def test_an_option_of_pytest_switches_it_off(project: pytest.Pytester) -> None:
    result = run(project, "-p", "no:moto_cognito_devices", "-n", "0", "-k", "test_no_devices")
    assert result.parseoutcomes()["passed"] == 1


@pytest.mark.parametrize("workers", ["0", "2"])
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


def test_warns_of_a_moto_that_it_does_not_fit_and_lets_the_tests_run(
    project: pytest.Pytester,
) -> None:
    project.makeconftest("""
        from moto_cognito_devices import compatibility
        compatibility.REQUIRED["moto.cognitoidp.models"]["CognitoIdpBackend.not_in_this_moto"] = None
    """)
    result = run(project, "-k", "test_no_devices")
    result.assert_outcomes(passed=1, deselected=1, warnings=1)
    result.stdout.fnmatch_lines(["*MotoCognitoDevicesWarning: *CognitoIdpBackend.not_in_this_moto is missing*"])
