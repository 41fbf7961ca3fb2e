"""The situations that moto may be in when the plugin comes: each must end with device tracking."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.moto_proxy.certificate_creator import CertificateCreator
from moto.moto_proxy.proxy3 import ProxyRequestHandler
from moto.server import ThreadedMotoServer

from moto_cognito_devices import activate, deactivate, is_active

from .scripts import cognito_client, pool_with_user, run_python, sign_in_without_device, tracks_devices


@pytest.fixture(autouse=True)
def _plain_moto() -> Iterator[None]:
    """Moto as if the plugin had never been there; the test calls activate()."""
    before = is_active()
    deactivate()
    BackendDict.reset()
    yield
    deactivate()
    BackendDict.reset()
    if before:
        activate()


@contextmanager
def threaded_server() -> Iterator[Any]:
    """moto's server in a thread of this process; yields what makes a client of it."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield lambda region="eu-west-1": cognito_client(region, endpoint_url=f"http://{host}:{port}")
    finally:
        server.stop()


@contextmanager
def threaded_proxy(certificates: Path) -> Iterator[Any]:
    """moto's proxy in a thread of this process; yields what makes a client of it."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), ProxyRequestHandler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    proxies = {"https": f"http://127.0.0.1:{httpd.server_port}"}
    try:
        yield lambda: cognito_client(config=Config(proxies=proxies), verify=CertificateCreator.cacert)
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(60)


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for the proxy's certificates; by default it writes them into moto's installation."""
    shutil.copy(Path(CertificateCreator.certdir) / "req.conf.tmpl", tmp_path)
    monkeypatch.setattr(CertificateCreator, "certdir", f"{tmp_path}/")
    return tmp_path


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="moto's proxy runs openssl")


@pytest.mark.slow
def test_before_import() -> None:
    run_python("""
import sys
from moto_cognito_devices import activate
activate()
from moto import mock_aws
assert "moto.cognitoidp" not in sys.modules
from tests.scripts import cognito_client, tracks_devices
with mock_aws():
    assert tracks_devices(cognito_client())
""")


def test_after_import() -> None:
    activate()
    with mock_aws():
        assert tracks_devices(cognito_client())


def test_live_user_pool() -> None:
    with mock_aws():
        ids = pool_with_user(cognito_client())
        assert not tracks_devices(cognito_client(), ids)
        activate()
        assert tracks_devices(cognito_client(), ids)


def test_live_backend_without_pools() -> None:
    with mock_aws():
        cognito = cognito_client()
        assert cognito.list_user_pools(MaxResults=1)["UserPools"] == []
        activate()
        assert tracks_devices(cognito)


def test_new_region() -> None:
    with mock_aws():
        pool_with_user(cognito_client("eu-west-1"))
        activate()
        assert tracks_devices(cognito_client("us-west-2"))
        assert tracks_devices(cognito_client("us-east-1"))


def test_between_two_mocks() -> None:
    with mock_aws():
        assert not tracks_devices(cognito_client())
    activate()
    with mock_aws():
        assert tracks_devices(cognito_client())


def test_inside_nested_mocks() -> None:
    with mock_aws():
        outer = pool_with_user(cognito_client())
        with mock_aws():
            inner = pool_with_user(cognito_client())
            activate()
            assert tracks_devices(cognito_client(), inner)
            assert tracks_devices(cognito_client())
        assert tracks_devices(cognito_client(), outer)


def test_several_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = ("111111111111", "222222222222", "333333333333")
    with mock_aws():
        ids = {}
        for account in accounts[:2]:
            monkeypatch.setenv("MOTO_ACCOUNT_ID", account)
            ids[account] = pool_with_user(cognito_client())
        activate()
        for account in accounts:
            monkeypatch.setenv("MOTO_ACCOUNT_ID", account)
            assert tracks_devices(cognito_client(), ids.get(account))
            assert tracks_devices(cognito_client("us-east-1"))


def test_server_before_it_served_cognito() -> None:
    with threaded_server() as client:
        activate()
        assert tracks_devices(client())


def test_server_after_it_served_cognito() -> None:
    with threaded_server() as client:
        ids = pool_with_user(client())
        assert not tracks_devices(client(), ids)
        activate()
        assert tracks_devices(client(), ids)
        assert tracks_devices(client("us-east-1"))


@pytest.mark.slow
@needs_openssl
def test_proxy_before_it_served_cognito(certificates: Path) -> None:
    with threaded_proxy(certificates) as client:
        activate()
        assert tracks_devices(client())


@pytest.mark.slow
@needs_openssl
def test_proxy_after_it_served_cognito(certificates: Path) -> None:
    with threaded_proxy(certificates) as client:
        ids = pool_with_user(client())
        assert not tracks_devices(client(), ids)
        activate()
        assert tracks_devices(client(), ids)


def test_after_reset() -> None:
    activate()
    with mock_aws() as mock:
        pool_with_user(cognito_client())
        mock.reset()  # type: ignore[attr-defined, unused-ignore]
        assert tracks_devices(cognito_client())
        assert tracks_devices(cognito_client("us-east-1"))


# And on the way back.


def test_server_is_plain_motos_again_after_deactivate() -> None:
    activate()
    with threaded_server() as client:
        ids = pool_with_user(client())
        assert tracks_devices(client(), ids)
        deactivate()
        assert not tracks_devices(client(), ids)
        assert not tracks_devices(client())
        activate()
        assert tracks_devices(client(), ids)


@pytest.mark.slow
def test_server_in_a_program_that_called_activate() -> None:
    run_python("""
from moto_cognito_devices import activate
activate()
from moto.server import ThreadedMotoServer
from tests.scripts import cognito_client, tracks_devices
server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
assert tracks_devices(cognito_client(endpoint_url=f"http://{host}:{port}"))
server.stop()
""")


def test_pool_made_while_inactive_between_two_activations() -> None:
    activate()
    with mock_aws():
        first = pool_with_user(cognito_client())
        deactivate()
        second = pool_with_user(cognito_client())
        tokens = sign_in_without_device(cognito_client(), second[1])
        activate()
        assert tracks_devices(cognito_client(), first)
        assert tracks_devices(cognito_client(), second)
        assert cognito_client().list_devices(AccessToken=tokens["AccessToken"])["Devices"] == []


def test_an_activation_that_is_taken_back_in_its_midst_touches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto_cognito_devices import compatibility

    with monkeypatch.context() as patch:  # what comes after this test activates, too
        patch.setattr(compatibility, "check", lambda _: deactivate())
        activate()
    assert not is_active()
    with mock_aws():
        assert not tracks_devices(cognito_client())
