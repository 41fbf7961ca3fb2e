"""activate() and deactivate(): at any time, any number of times, from any thread, and back to moto as it was."""

from __future__ import annotations

import importlib
import re
import sys
import threading
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import moto.moto_api._internal.urls
import moto.moto_proxy.proxy3
import moto.server  # noqa: F401
import pytest
from moto import mock_aws
from moto.cognitoidp import models as moto_models
from moto.cognitoidp.models import cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.base_backend import BackendDict
from moto.core.responses import ActionAuthenticatorMixin  # type: ignore[attr-defined]
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

import moto_cognito_devices
from moto_cognito_devices import MotoCognitoDevicesWarning, activate, deactivate, is_active, registration, settings

from .scripts import ROOT, cognito_client, confirm_device, device_keys, pool_with_user, run_python, tracks_devices
from .support import TRIGGERS

THREADS = 32
SWITCHES = [
    "MOTO_COGNITO_DEVICES",
    "MOTO_COGNITO_DEVICES_VERIFY_USER_SRP",
    "MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH",
    "MOTO_COGNITO_DEVICES_CODES",
    TRIGGERS,
    "MOTO_COGNITO_DEVICES_MFA_ONCE_MORE",
    "MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM",
    "MOTO_COGNITO_DEVICES_CUSTOM_AUTH_GIVES_DEVICE",
]

ACCOUNT = "123456789012"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = is_active()
    yield
    monkeypatch.undo()
    deactivate()
    if before:
        activate()


NEAR = (
    "moto.cognitoidp",
    "moto.core",
    "moto.moto_api",
    "moto.moto_proxy",
    "moto.moto_server",
    "moto.proxy",
    "moto.server",
)
#: What moto itself assigns while it serves; and annotations, which Python makes when they are first asked for.
MOTOS_OWN = {"__annotations__", "instances", "instances_tracked", "request_count", "_nested_count", "_mocks_active"}


def everything_of_moto() -> dict[tuple[str, ...], Any]:
    """Each attribute of moto's modules around Cognito, core and servers, and of each class in them."""
    found: dict[tuple[str, ...], Any] = {}
    for module_name, module in list(sys.modules.items()):
        if not module_name.startswith(NEAR):
            continue
        for name, value in vars(module).items():
            if isinstance(value, types.ModuleType):
                continue
            found[module_name, name] = value
            if isinstance(value, type) and value.__module__ == module_name:
                found.update(((module_name, name, attribute), of_class) for attribute, of_class in vars(value).items())
    return found


def differences(before: dict[tuple[str, ...], Any]) -> set[tuple[str, ...]]:
    after = everything_of_moto()
    nothing = object()
    loaded = {module for module, *_ in before}  # moto imports more of itself when it is first used
    return {
        name
        for name in before.keys() | after.keys()
        if name[0] in loaded and before.get(name, nothing) is not after.get(name, nothing) and name[-1] not in MOTOS_OWN
    }


def test_deactivate_leaves_nothing_of_moto_changed() -> None:
    activate()  # our modules import of moto what they need
    deactivate()
    before, finders = everything_of_moto(), list(sys.meta_path)
    public_operations = list(ActionAuthenticatorMixin.PUBLIC_OPERATIONS)
    activate()
    assert differences(before)
    deactivate()
    assert differences(before) == set()
    assert list(ActionAuthenticatorMixin.PUBLIC_OPERATIONS) == public_operations
    assert sys.meta_path == finders


def test_what_activate_changes_can_be_counted_on_one_hand() -> None:
    activate()
    deactivate()
    before = everything_of_moto()
    activate()
    assert {name[-1] for name in differences(before)} == {
        "__new__",
        "PUBLIC_OPERATIONS",
        "get_application",
        "infer_service_region_host",
        "url_paths",
    }
    assert cognitoidp_backends.backend is not moto_models.CognitoIdpBackend


def test_deactivate_gives_back_each_attribute_and_class() -> None:
    deactivate()
    infer = vars(DomainDispatcherApplication)["infer_service_region_host"]
    public_operations = ActionAuthenticatorMixin.PUBLIC_OPERATIONS
    assert "__new__" not in vars(CognitoIdpResponse)
    with mock_aws():
        activate()
        ids = [pool_with_user(cognito_client(region)) for region in ("eu-west-1", "us-east-1")]
        confirm_device(cognito_client(), ids[0][1])
        accounts = list(cognitoidp_backends.values())
        assert {type(backend).__module__ for backend in accounts[0].values()} != {"moto.cognitoidp.models"}

        deactivate()

        assert "__new__" not in vars(CognitoIdpResponse)
        assert type(CognitoIdpResponse()) is CognitoIdpResponse
        assert ActionAuthenticatorMixin.PUBLIC_OPERATIONS is public_operations
        assert vars(DomainDispatcherApplication)["infer_service_region_host"] is infer
        assert cognitoidp_backends.backend is moto_models.CognitoIdpBackend
        for account in accounts:
            assert account.backend is moto_models.CognitoIdpBackend
            for backend in account.values():
                assert type(backend) is moto_models.CognitoIdpBackend
                for user_pool in backend.user_pools.values():
                    assert type(user_pool) is moto_models.CognitoIdpUserPool


def test_device_state_waits_out_of_sight_while_inactive() -> None:
    activate()
    with mock_aws():
        cognito = cognito_client()
        ids = pool_with_user(cognito)
        device, _ = confirm_device(cognito, ids[1])
        deactivate()
        assert not tracks_devices(cognito, ids)
        activate()
        assert device_keys(cognito, ids[0]) == [device.device_key]


def test_each_can_be_called_again_without_effect() -> None:
    activate()
    active = everything_of_moto()
    activate()
    assert differences(active) == set()
    deactivate()
    inactive = everything_of_moto()
    deactivate()
    assert differences(inactive) == set()
    assert not is_active()


def test_a_hundred_turns_add_nothing() -> None:
    activate()
    deactivate()
    before = everything_of_moto()
    for _ in range(100):
        activate()
        deactivate()
    assert differences(before) == set()
    activate()
    with mock_aws():
        assert tracks_devices(cognito_client())


@pytest.mark.parametrize("last", [activate, deactivate])
def test_32_threads_may_activate_and_deactivate_at_once(last: Any) -> None:
    activate()
    deactivate()
    before = everything_of_moto()
    barrier = threading.Barrier(THREADS)

    def turn(number: int) -> None:
        barrier.wait(60)
        for _ in range(20):
            (activate if number % 2 else deactivate)()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(turn, range(THREADS)))
    last()

    assert is_active() is (last is activate)
    with mock_aws():
        assert tracks_devices(cognito_client()) is (last is activate)
    deactivate()
    assert differences(before) == set()


def test_activate_returns_in_each_of_32_threads_only_when_moto_is_ready() -> None:
    deactivate()
    barrier = threading.Barrier(THREADS)

    def turn(_: int) -> str:
        barrier.wait(60)
        activate()
        return type(CognitoIdpResponse()).__module__

    with ThreadPoolExecutor(THREADS) as threads:
        assert set(threads.map(turn, range(THREADS))) == {"moto_cognito_devices.cognitoidp.responses"}


def test_turns_while_other_threads_add_accounts_and_regions() -> None:
    """Dictionaries that grow under an iteration raise RuntimeError."""
    stop = threading.Event()

    def add(number: int) -> None:
        for turn in range(300):
            if stop.is_set():
                return
            account = f"{number}{turn:011}"
            for region in ("eu-west-1", "us-east-1", "us-west-2"):
                cognitoidp_backends[account][region]

    try:
        with ThreadPoolExecutor(4) as threads:
            adding = [threads.submit(add, number) for number in range(4)]
            try:
                for _ in range(50):
                    activate()
                    deactivate()
            finally:
                stop.set()
            for future in adding:
                future.result()
        classes = {type(b) for account in cognitoidp_backends.values() for b in account.values()}
        assert classes <= {moto_models.CognitoIdpBackend}
    finally:
        BackendDict.reset()


@pytest.mark.slow
def test_importing_the_package_imports_nothing_of_moto_nor_boto3() -> None:
    run_python(
        "import sys, moto_cognito_devices, moto_cognito_devices.auto, moto_cognito_devices.pytest_plugin\n"
        "wrong = [name for name in sys.modules if name.partition('.')[0] in ('moto', 'boto3', 'botocore')]\n"
        "assert not wrong, wrong"
    )


@pytest.mark.slow
def test_activating_first_imports_nothing_of_moto_until_someone_does() -> None:
    run_python("""
import sys
import moto_cognito_devices
moto_cognito_devices.activate()
assert moto_cognito_devices.is_active()
from tests.scripts import cognito_client, tracks_devices
assert not [name for name in sys.modules if name.partition(".")[0] == "moto"]
from moto import mock_aws
assert "moto.cognitoidp" not in sys.modules
with mock_aws():
    assert tracks_devices(cognito_client())
""")


@pytest.mark.slow
def test_deactivating_before_moto_was_imported_leaves_no_hook() -> None:
    run_python("""
import sys
finders = list(sys.meta_path)
import moto_cognito_devices
moto_cognito_devices.activate()
moto_cognito_devices.deactivate()
assert sys.meta_path == finders
import moto.cognitoidp.models, moto.cognitoidp.responses
assert moto.cognitoidp.models.cognitoidp_backends.backend is moto.cognitoidp.models.CognitoIdpBackend
assert "__new__" not in vars(moto.cognitoidp.responses.CognitoIdpResponse)
""")


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        "import moto_cognito_devices.auto",
        "import moto_cognito_devices; moto_cognito_devices.activate()",
        "import moto.cognitoidp, moto_cognito_devices.auto",
    ],
)
def test_a_unittest_needs_one_line(how: str) -> None:
    output = run_python(f"""
{how}
import unittest
from moto import mock_aws
from tests.scripts import cognito_client, tracks_devices

@mock_aws
class Case(unittest.TestCase):
    def test_it(self):
        self.assertTrue(tracks_devices(cognito_client()))

unittest.main()
""")
    assert "OK" in output


@pytest.mark.slow
def test_a_switch_keeps_automatic_activation_off_and_not_the_other() -> None:
    run_python(
        """
import moto_cognito_devices.auto
assert not moto_cognito_devices.is_active()
moto_cognito_devices.activate()
assert moto_cognito_devices.is_active()
""",
        MOTO_COGNITO_DEVICES="false",
    )


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("MOTO_COGNITO_DEVICES", "true, false"),
        ("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "tracked, always, never"),
        ("MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH", "true, false"),
        ("MOTO_COGNITO_DEVICES_CODES", "any, checked"),
        ("MOTO_COGNITO_DEVICES_MFA_ONCE_MORE", "true, false"),
        ("MOTO_COGNITO_DEVICES_ALIAS_BREAKS_CONFIRM", "true, false"),
    ],
)
def test_an_unknown_value_of_a_switch_names_the_choices(
    monkeypatch: pytest.MonkeyPatch, name: str, choices: str
) -> None:
    deactivate()
    before = everything_of_moto()
    monkeypatch.setenv(name, "perhaps")
    with pytest.raises(ValueError, match=f"^{name} is 'perhaps': choose one of {choices}.$"):
        activate()
    with pytest.raises(ValueError, match=f"^{name} is 'perhaps'"):
        registration.activate_automatically()
    assert not is_active()
    assert differences(before) == set()


def test_a_misspelled_switch_names_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    deactivate()
    before = everything_of_moto()
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_SRP", "always")
    for do in (activate, registration.activate_automatically):
        with pytest.raises(ValueError, match=r"^There is no switch MOTO_COGNITO_DEVICES_VERIFY_SRP: ") as caught:
            do()
        assert re.findall("MOTO_COGNITO_[A-Z_]+", str(caught.value))[1:] == SWITCHES
    assert not is_active()
    assert differences(before) == set()


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_switch_is_unset(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    deactivate()
    monkeypatch.setenv(name, value)
    assert registration.activate_automatically()
    assert settings.changed() == {}
    assert settings.triggers() == {}


def test_which_switches_are_not_at_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_CODES", "Checked")
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_MFA_ONCE_MORE", "true")
    assert settings.changed() == {"MOTO_COGNITO_DEVICES_CODES": "checked"}


ONE = "http://127.0.0.1:9000/2015-03-31/functions/function/invocations"


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        ("http://127.0.0.1:3001", {None: "http://127.0.0.1:3001"}),
        (" https://functions.example/dev/ ", {None: "https://functions.example/dev/"}),
        ("HTTP://[::1]:65535", {None: "HTTP://[::1]:65535"}),
        (f"define={ONE}", {"define": ONE}),
        (f"my-Create_1 = {ONE} ,http://host", {"my-Create_1": ONE, None: "http://host"}),
        (f"http://host,\n a={ONE}, A={ONE}/a=b", {None: "http://host", "a": ONE, "A": f"{ONE}/a=b"}),
    ],
)
def test_who_answers_for_lambda_functions(
    monkeypatch: pytest.MonkeyPatch, value: str, urls: dict[str | None, str]
) -> None:
    deactivate()
    assert settings.triggers() == {}
    monkeypatch.setenv(TRIGGERS, value)
    assert settings.triggers() == urls
    assert settings.changed() == {TRIGGERS: value.strip()}
    assert registration.activate_automatically()


@pytest.mark.parametrize(
    "value",
    [
        "perhaps",
        "127.0.0.1:3001",
        "localhost:3001",
        "//127.0.0.1",
        "ftp://127.0.0.1",
        "http://",
        "http://:3001",
        "http://127.0.0.1:port",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:0",
        "http://[::1",
        "http://a..example",
        f"http://{'a' * 64}.example",
        "http://a b",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\x7f",
        "http://bücher.example",
        "http://127.0.0.1/#",
        "http://127.0.0.1/?",
        f",{ONE}",
        f"a={ONE},",
        f"a={ONE},,{ONE}",
        "a=",
        f"={ONE}",
        f"a b={ONE}",
        f"{'a' * 65}={ONE}",
        f"arn:aws:lambda:eu-west-1:123456789012:function:a={ONE}",
    ],
)
def test_what_is_no_url_of_lambda_functions_is_told_with_the_form(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    deactivate()
    monkeypatch.setenv(TRIGGERS, value)
    for do in (activate, registration.activate_automatically, settings.triggers, settings.changed):
        with pytest.raises(ValueError, match=rf"^{TRIGGERS} has '[^']*': give a URL \(.*\), or NAME=URL ") as caught:
            do()
        assert len(str(caught.value).splitlines()) == 1
    assert not is_active()


@pytest.mark.parametrize("value", [f"{ONE},http://127.0.0.1", f"a={ONE},b={ONE},a=http://127.0.0.1"])
def test_of_two_urls_for_one_function_none_is_taken(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(TRIGGERS, value)
    with pytest.raises(ValueError, match=f"^{TRIGGERS} has '.*http://127.0.0.1' beside another for the same: give "):
        settings.check()


@pytest.mark.parametrize(
    "value",
    [
        "http://ada:hunter2@127.0.0.1",
        "http://ada:hun/ter2@127.0.0.1",
        "http://ada:ter2,x@127.0.0.1",
        "http://ada:ter2,x,ter2\nter2@127.0.0.1",
        "http://hunter2@127.0.0.1",
        "ada:hunter2@127.0.0.1",
        "a=http://ada:hunter2@127.0.0.1",
        "http://127.0.0.1/a?code=hunter2",
        "http://127.0.0.1/a#hunter2",
    ],
)
def test_neither_a_password_nor_a_key_is_taken_or_shown(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(TRIGGERS, f"http://127.0.0.1,{value}")
    with pytest.raises(ValueError, match=r"without user name, query and fragment\.$") as caught:
        settings.check()
    assert "127.0.0.1" in str(caught.value).partition(": give")[0]
    assert "ter2" not in str(caught.value)


def test_the_readme_has_each_switch_and_its_default() -> None:
    section = (ROOT / "README.rst").read_text().partition("\nSwitches\n")[2].partition("\nThe order of")[0]
    rows = dict(re.findall(r"^``(MOTO_COGNITO_DEVICES\w*)`` +(?:``)?(\w+)", section, re.MULTILINE))
    assert list(rows) == SWITCHES
    assert list(rows.values()) == ["true", "tracked", "true", "any", "none", "true", "true", "true"]


@pytest.mark.parametrize("value", ["TRUE", " true ", "True"])
def test_a_switch_takes_capitals_and_spaces(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    deactivate()
    monkeypatch.setenv("MOTO_COGNITO_DEVICES", value)
    assert registration.activate_automatically()


def test_automatic_activation_tells_whether_it_was_the_one() -> None:
    deactivate()
    assert registration.activate_automatically()
    assert not registration.activate_automatically()
    assert is_active()


def test_a_subclass_of_motos_responses_stays_what_it_is() -> None:
    class Mine(CognitoIdpResponse):
        def __init__(self, word: str):
            super().__init__()
            self.word = word

    activate()
    assert type(Mine("given")) is Mine
    assert Mine("given").word == "given"


STEPS = ["_extend_backends", "_set_classes", "_extend_responses", "_extend_moto_api", "_extend_server"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_fails_leaves_moto_untouched(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    activate()
    deactivate()
    with mock_aws():
        ids = pool_with_user(cognito_client())
        before, finders = everything_of_moto(), list(sys.meta_path)
        fail_in(step, monkeypatch)
        with pytest.raises(ZeroDivisionError):
            activate()
        assert not is_active()
        assert differences(before) == set()
        assert sys.meta_path == finders
        backend = cognitoidp_backends[ACCOUNT]["eu-west-1"]
        assert type(backend) is moto_models.CognitoIdpBackend
        assert not tracks_devices(cognito_client(), ids)

        monkeypatch.undo()
        activate()
        assert tracks_devices(cognito_client(), ids)


def fail_in(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a step of the registration do its work and then fail."""
    work, calls = getattr(registration, step), []

    def failing(*arguments: Any) -> None:
        work(*arguments)
        calls.append(arguments)
        if len(calls) == 1:  # the undoing may go the same way
            raise ZeroDivisionError

    monkeypatch.setattr(registration, step, failing)
    for module_name, extend in registration._EXTENDERS.items():
        if extend is work:
            monkeypatch.setitem(registration._EXTENDERS, module_name, failing)


@pytest.mark.slow
def test_a_step_that_fails_at_the_import_of_moto_is_a_warning_to_who_imports_it() -> None:
    run_python("""
import warnings
import moto_cognito_devices
from moto_cognito_devices import registration

def fail(*_):
    raise ZeroDivisionError("oops")

registration._extend_responses = fail
moto_cognito_devices.activate()
with warnings.catch_warnings(record=True) as caught:
    import moto.cognitoidp.models, moto.cognitoidp.responses
own = [w for w in caught if w.category is moto_cognito_devices.MotoCognitoDevicesWarning]
assert len(own) == 1 and "ZeroDivisionError('oops')" in str(own[0].message), caught
assert not moto_cognito_devices.is_active()
assert moto.cognitoidp.models.cognitoidp_backends.backend is moto.cognitoidp.models.CognitoIdpBackend
assert "__new__" not in vars(moto.cognitoidp.responses.CognitoIdpResponse)
""")


def test_a_step_that_fails_under_automatic_activation_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    deactivate()
    fail_in("_extend_responses", monkeypatch)
    with pytest.warns(MotoCognitoDevicesWarning, match="moto is as it was: ZeroDivisionError"):
        assert not registration.activate_automatically()
    assert not is_active()


@pytest.mark.filterwarnings("error")
def test_a_step_that_fails_under_automatic_activation_is_told_to_whom_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deactivate()
    fail_in("_extend_responses", monkeypatch)
    told: list[str] = []
    assert not registration.activate_automatically(report=told.append)
    assert told == ["moto-cognito-devices could not be activated, and moto is as it was: ZeroDivisionError()"]


@pytest.mark.parametrize("module", [registration, moto_cognito_devices, moto_cognito_devices.settings])
def test_a_reload_while_active_neither_doubles_nor_loses_anything(module: types.ModuleType) -> None:
    activate()
    deactivate()
    before = everything_of_moto()
    activate()
    active = everything_of_moto()
    importlib.reload(module)
    assert is_active()
    activate()
    assert differences(active) == set()
    with mock_aws():
        assert tracks_devices(cognito_client())
    deactivate()
    assert differences(before) == set()
    with mock_aws():
        assert not tracks_devices(cognito_client())


@pytest.mark.slow
def test_a_reload_keeps_what_waits_for_moto() -> None:
    run_python("""
import importlib, sys
import moto_cognito_devices
from moto_cognito_devices import registration
finders = list(sys.meta_path)
moto_cognito_devices.activate()
importlib.reload(registration)
importlib.reload(moto_cognito_devices)
moto_cognito_devices.activate()
assert len(sys.meta_path) == len(finders) + 3
from moto import mock_aws
from tests.scripts import cognito_client, tracks_devices
with mock_aws():
    assert tracks_devices(cognito_client())
moto_cognito_devices.deactivate()
assert not [finder for finder in sys.meta_path if type(finder).__name__ == "ImportHook"]
with mock_aws():
    assert not tracks_devices(cognito_client())
""")
