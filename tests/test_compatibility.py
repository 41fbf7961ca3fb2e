"""A moto that the plugin does not fit, or does not need, is left alone; and what is wrong is named."""

from __future__ import annotations

import ast
import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import moto
import pytest
from moto import backends, mock_aws
from moto.cognitoidp import models as moto_models
from moto.cognitoidp.models import CognitoIdpBackend, RegionAgnosticBackend, cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionAuthenticatorMixin  # type: ignore[attr-defined]
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random
from moto.moto_api._internal import urls as moto_api_urls
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from moto_cognito_devices import (
    IncompatibleMotoError,
    MotoCognitoDevicesWarning,
    activate,
    compatibility,
    deactivate,
    is_active,
    registration,
)
from moto_cognito_devices.cognitoidp import models as ours_models
from moto_cognito_devices.cognitoidp import responses as ours_responses
from moto_cognito_devices.cognitoidp import user_pools as ours_user_pools

from .scripts import ROOT, cognito_client, run_python, tracks_devices


@pytest.fixture(autouse=True)
def _plain_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = is_active()
    deactivate()
    touched = what_would_be_touched()
    yield
    monkeypatch.undo()
    deactivate()
    assert what_would_be_touched() == touched
    if before:
        activate()


def what_would_be_touched() -> list[Any]:
    return [
        vars(CognitoIdpResponse).get("__new__"),
        vars(ActionAuthenticatorMixin).get("PUBLIC_OPERATIONS"),
        vars(DomainDispatcherApplication).get("infer_service_region_host"),
        vars(backends).get("list_of_moto_modules"),
        vars(DomainDispatcherApplication).get("get_application"),
        vars(moto_api_urls).get("url_paths"),
        cognitoidp_backends.backend,
        [finder for finder in sys.meta_path if type(finder).__module__.startswith("moto_cognito_devices")],
    ]


def renamed(self: Any, client: str, auth_flow: str, auth_parameters: dict[str, str]) -> None: ...


def one_more(self: Any, client_id: str, auth_flow: str, auth_parameters: dict[str, str], more: str) -> None: ...


def one_more_that_is_optional(
    self: Any, client_id: str, auth_flow: str, auth_parameters: dict[str, str], more: str = "", *rest: str
) -> None: ...


def refuses(*texts: str) -> None:
    """activate() raises, naming these and moto's version; the automatic way warns the same, once."""
    untouched = what_would_be_touched()
    with pytest.raises(IncompatibleMotoError) as caught:
        activate()
    for text in (*texts, moto.__version__):
        assert text in str(caught.value)
    assert not is_active()
    assert what_would_be_touched() == untouched

    with pytest.warns(MotoCognitoDevicesWarning) as warned:
        assert not registration.activate_automatically()
    assert [str(warning.message) for warning in warned] == [str(caught.value)]
    assert not is_active()
    assert what_would_be_touched() == untouched


@pytest.mark.parametrize(
    ("owner", "name", "text"),
    [
        (
            CognitoIdpBackend,
            "_validate_password",
            "moto.cognitoidp.models.CognitoIdpBackend._validate_password is missing",
        ),
        (CognitoIdpBackend, "initiate_auth", "moto.cognitoidp.models.CognitoIdpBackend.initiate_auth is missing"),
        (RegionAgnosticBackend, "_find_backend_by_access_token", "_find_backend_by_access_token is missing"),
        (ActionAuthenticatorMixin, "PUBLIC_OPERATIONS", "moto.core.responses.ActionAuthenticatorMixin"),
        (mock_random, "uuid4", "moto.moto_api._internal.mock_random.uuid4 is missing"),
        (DomainDispatcherApplication, "infer_service_region_host", "infer_service_region_host is missing"),
        (DomainDispatcherApplication, "get_application", "get_application is missing"),
        (moto_api_urls, "url_paths", "moto.moto_api._internal.urls.url_paths is missing"),
        (moto_models, "RegionAgnosticBackend", "moto.cognitoidp.models.RegionAgnosticBackend.__init__ is missing"),
    ],
)
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, text: str) -> None:
    if owner is mock_random:
        monkeypatch.delattr(type(mock_random), name, raising=False)
    monkeypatch.delattr(owner, name, raising=False)
    refuses(text)


def test_all_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(CognitoIdpBackend, "initiate_auth")
    monkeypatch.setattr(CognitoIdpBackend, "admin_initiate_auth", renamed)
    refuses("CognitoIdpBackend.initiate_auth is missing", "CognitoIdpBackend.admin_initiate_auth has other parameters")


@pytest.mark.parametrize("function", [renamed, one_more])
def test_other_parameters_are_named(monkeypatch: pytest.MonkeyPatch, function: Any) -> None:
    monkeypatch.setattr(CognitoIdpBackend, "initiate_auth", function)
    refuses(
        "moto.cognitoidp.models.CognitoIdpBackend.initiate_auth has other parameters than "
        "(self, client_id, auth_flow, auth_parameters)"
    )


def test_further_parameters_that_are_optional_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CognitoIdpBackend, "initiate_auth", one_more_that_is_optional)
    activate()
    assert is_active()


@pytest.mark.parametrize("module", ["moto.cognitoidp.urls", "moto.cognitoidp.responses", "moto.core.utils"])
def test_a_module_that_has_moved_is_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # what `import` then says is that it is not there
    refuses(f"{module}.")


@pytest.mark.slow
def test_what_only_our_own_modules_import_of_moto_is_named() -> None:
    run_python("""
import moto, moto.cognitoidp.exceptions
del moto.cognitoidp.exceptions.UserNotConfirmedException
import moto_cognito_devices
try:
    moto_cognito_devices.activate()
except moto_cognito_devices.IncompatibleMotoError as error:
    assert moto.__version__ in str(error), error
    assert "UserNotConfirmedException" in str(error), error
else:
    raise AssertionError
assert not moto_cognito_devices.is_active()
""")


@pytest.mark.slow
def test_at_the_import_of_moto_it_is_one_warning() -> None:
    run_python("""
import warnings
import moto_cognito_devices
from moto_cognito_devices import compatibility
compatibility.REQUIRED["moto.cognitoidp.models"]["CognitoIdpBackend.not_in_this_moto"] = None
import moto_cognito_devices.auto
assert moto_cognito_devices.is_active()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import moto.cognitoidp.models, moto.cognitoidp.responses, moto.server
own = [str(w.message) for w in caught if w.category is moto_cognito_devices.MotoCognitoDevicesWarning]
assert len(own) == 1, own
assert "CognitoIdpBackend.not_in_this_moto is missing" in own[0] and moto.__version__ in own[0]
assert not moto_cognito_devices.is_active()
assert moto.cognitoidp.models.cognitoidp_backends.backend is moto.cognitoidp.models.CognitoIdpBackend
from tests.scripts import cognito_client, tracks_devices
with moto.mock_aws():
    assert not tracks_devices(cognito_client())
""")


def confirm_device(self: Any) -> str:
    return "moto's own"


def test_steps_aside_if_moto_has_device_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CognitoIdpResponse, "confirm_device", confirm_device, raising=False)
    untouched = what_would_be_touched()
    for how in (activate, registration.activate_automatically):
        with pytest.warns(MotoCognitoDevicesWarning, match=r"of its own \(ConfirmDevice\).*steps aside") as warned:
            how()
        assert len(warned) == 1
        assert moto.__version__ in str(warned[0].message)
        assert not is_active()
        assert what_would_be_touched() == untouched
    with mock_aws():
        assert not tracks_devices(cognito_client())


def test_steps_aside_whether_or_not_the_rest_of_moto_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CognitoIdpResponse, "confirm_device", confirm_device, raising=False)
    monkeypatch.delattr(moto_api_urls, "url_paths")
    with pytest.warns(MotoCognitoDevicesWarning, match="steps aside"):
        activate()


def test_a_method_of_moto_that_only_mentions_devices_is_no_device_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CognitoIdpResponse, "_device_configuration", confirm_device, raising=False)
    activate()
    assert is_active()


def test_device_operations_are_those_that_our_responses_add() -> None:
    added = {name for name in dir(ours_responses.CognitoIdpResponse) if "device" in name}
    assert {camelcase_to_underscores(name) for name in compatibility.device_operations()} == added
    assert len(added) == 9


@pytest.mark.slow
def test_steps_aside_at_the_import_of_moto() -> None:
    run_python("""
import sys, warnings
from importlib.machinery import PathFinder
import moto_cognito_devices

class WithDevices:
    '''A moto of the future: its Cognito has ListDevices.'''
    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path, target)
        if name == "moto.cognitoidp.responses":
            execute = spec.loader.exec_module
            def exec_module(module):
                execute(module)
                module.CognitoIdpResponse.list_devices = lambda self: "moto's own"
            spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, WithDevices())
moto_cognito_devices.activate()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import moto.cognitoidp.responses
own = [str(w.message) for w in caught if w.category is moto_cognito_devices.MotoCognitoDevicesWarning]
assert len(own) == 1 and "(ListDevices)" in own[0], own
assert not moto_cognito_devices.is_active()
assert "__new__" not in vars(moto.cognitoidp.responses.CognitoIdpResponse)
""")


class OtherBackend(CognitoIdpBackend):
    """Another plugin's."""


def test_refuses_to_extend_what_another_plugin_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cognitoidp_backends, "backend", OtherBackend)
    with pytest.raises(IncompatibleMotoError, match=f"has been replaced by {__name__}"):
        activate()
    assert cognitoidp_backends.backend is OtherBackend
    assert not is_active()
    with pytest.warns(MotoCognitoDevicesWarning, match="Deactivate the other plugin first"):
        registration.activate_automatically()


def infer(self: Any, environ: dict[str, Any], path: str) -> str | None:
    return None


def get(self: Any, environ: dict[str, Any]) -> None: ...


@pytest.mark.parametrize(("name", "function"), [("infer_service_region_host", infer), ("get_application", get)])
def test_refuses_a_server_that_another_plugin_changed(
    monkeypatch: pytest.MonkeyPatch, name: str, function: Any
) -> None:
    monkeypatch.setattr(DomainDispatcherApplication, name, function)
    with pytest.raises(IncompatibleMotoError, match=f"moto's server has been replaced by {__name__}"):
        activate()
    assert not is_active()
    assert cognitoidp_backends.backend is CognitoIdpBackend


# What is kept for the speed of our server command


def names() -> list[str]:
    return list(backends.list_of_moto_modules())


def test_a_kept_list_is_motos() -> None:
    motos, listed = backends.list_of_moto_modules, names()
    activate()
    assert backends.list_of_moto_modules is motos
    registration.cache_service_list()
    registration.cache_service_list()
    assert backends.list_of_moto_modules is not motos
    assert names() == names() == listed
    assert "cognitoidp" in listed
    deactivate()
    assert backends.list_of_moto_modules is motos


def other_list() -> list[str]:
    return ["cognitoidp"]


def list_of_some(kind: str) -> list[str]:
    return [kind]


list_of_some.__module__ = backends.__name__  # as of a moto to come


@pytest.mark.parametrize("function", [other_list, list_of_some, None])
def test_a_list_that_is_not_as_we_know_it_is_left_alone(monkeypatch: pytest.MonkeyPatch, function: Any) -> None:
    if function:
        monkeypatch.setattr(backends, "list_of_moto_modules", function)
    else:
        monkeypatch.delattr(backends, "list_of_moto_modules")
    activate()
    registration.cache_service_list()
    assert getattr(backends, "list_of_moto_modules", None) is function
    assert is_active()


def test_nothing_is_kept_without_the_plugin() -> None:
    motos = backends.list_of_moto_modules
    registration.cache_service_list()
    assert backends.list_of_moto_modules is motos


def test_refuses_helpers_for_tests_that_are_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {**moto_api_urls.url_paths, "{0}/moto-api/static/cognito-idp/errors$": get}
    monkeypatch.setattr(moto_api_urls, "url_paths", others)
    with pytest.raises(IncompatibleMotoError, match=f"moto's API has been replaced by {__name__}"):
        activate()
    assert moto_api_urls.url_paths is others
    assert not is_active()


# Two copies: the package under another name, as a project that carries it along would have it.

TWO_COPIES = """
import warnings
import {imports}
import moto_cognito_devices as first, vendored_devices as second
from tests.scripts import cognito_client, tracks_devices

def works():
    from moto import mock_aws
    with mock_aws():
        return tracks_devices(cognito_client())
"""


@pytest.fixture
def second_copy(tmp_path: Path) -> str:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "moto_cognito_devices", tmp_path / "vendored_devices", ignore=ignored)
    return str(tmp_path)


def run_two_copies(path: str, imports: str, code: str) -> None:
    run_python(f"import sys; sys.path.append({path!r})\n" + TWO_COPIES.format(imports=imports) + code)


@pytest.mark.slow
@pytest.mark.parametrize("imports", ["moto.cognitoidp", "moto.server"])
def test_a_second_copy_refuses_while_the_first_is_active(second_copy: str, imports: str) -> None:
    run_two_copies(
        second_copy,
        imports,
        """
first.activate()
try:
    second.activate()
except second.IncompatibleMotoError as error:
    assert "has been replaced by moto_cognito_devices." in str(error), error
else:
    raise AssertionError
assert first.is_active() and not second.is_active()
assert works()
second.deactivate()
assert works()
first.deactivate()
assert not works()
second.activate()
assert works()
second.deactivate()
assert not works()
""",
    )


@pytest.mark.slow
def test_of_two_copies_that_wait_for_moto_one_gets_it(second_copy: str) -> None:
    run_two_copies(
        second_copy,
        "sys",
        """
first.activate()
second.activate()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import moto.server, moto.cognitoidp
own = [w for w in caught if w.category.__name__ == "MotoCognitoDevicesWarning"]
assert len(own) == 1 and "has been replaced by" in str(own[0].message), caught
assert sorted([first.is_active(), second.is_active()]) == [False, True]
assert works()
first.deactivate()
second.deactivate()
assert not works()
from moto.moto_server.werkzeug_app import DomainDispatcherApplication as App
assert App.infer_service_region_host.__module__ == "moto.moto_server.werkzeug_app"
""",
    )


@pytest.mark.slow
def test_a_copy_in_place_of_one_that_was_thrown_away_while_active_says_so() -> None:
    run_python("""
import sys
import moto.cognitoidp, moto_cognito_devices
moto_cognito_devices.activate()
for name in [name for name in sys.modules if name.startswith("moto_cognito_devices")]:
    del sys.modules[name]
import moto_cognito_devices as again
try:
    again.activate()
except again.IncompatibleMotoError as error:
    assert "has been replaced by moto_cognito_devices.cognitoidp.models" in str(error), error
else:
    raise AssertionError
""")


# The table of what we build on, against what our classes override and call.
OURS = ROOT / "moto_cognito_devices" / "cognitoidp"
OVERRIDDEN = {
    "moto.cognitoidp.models.CognitoIdpBackend": ours_models.CognitoIdpBackend,
    "moto.cognitoidp.models.RegionAgnosticBackend": ours_models.RegionAgnosticBackend,
    "moto.cognitoidp.models.CognitoIdpUserPool": ours_user_pools.CognitoIdpUserPool,
    "moto.cognitoidp.responses.CognitoIdpResponse": ours_responses.CognitoIdpResponse,
}


def listed() -> set[str]:
    return {f"{module}.{name}" for module, names in compatibility.REQUIRED.items() for name in names}


def test_all_that_our_classes_override_is_in_the_table() -> None:
    overridden = {
        f"{motos}.{name}"
        for motos, ours in OVERRIDDEN.items()
        for name, value in vars(ours).items()
        if callable(value) and not name.startswith("__") and hasattr(ours.__mro__[1], name)
    }
    assert len(overridden) > 30
    # Not each moto has it, and those that have can do without.
    assert overridden - {"moto.cognitoidp.responses.CognitoIdpResponse.determine_response_protocol"} <= listed()


def test_all_of_motos_methods_that_our_code_calls_is_in_the_table() -> None:
    motos = [*(ours.__mro__[1] for ours in OVERRIDDEN.values()), moto_models.CognitoIdpUser]
    own = {name for ours in OVERRIDDEN.values() for name in vars(ours)}
    by_name: dict[str, set[str]] = {}
    for owner in motos:
        for name, value in vars(owner).items():
            if inspect.isfunction(value):
                by_name.setdefault(name, set()).add(f"{owner.__module__}.{owner.__name__}.{name}")
    called = set()
    for path in OURS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in by_name:
                called.add(node.func.attr)
    assert {"create_refresh_token", "update_attributes", "_validate_password"} <= called
    unlisted = {name for name in called - own if not by_name[name] & listed()}
    assert not unlisted
