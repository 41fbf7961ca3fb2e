"""The situations that moto may be in when the plugin comes: each must end with device tracking."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
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
from moto_cognito_devices.testing import lambda_arn, triggers

from .scripts import PASSWORD, cognito_client, pool_with_user, run_python, sign_in_without_device, tracks_devices


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


@pytest.mark.slow
def test_requests_that_are_served_while_the_plugin_comes_and_goes_are_answered() -> None:
    """Nobody's class is switched under a request."""
    with threaded_server() as client:
        activate()
        user_pool_id, client_id = pool_with_user(client())
        stop = threading.Event()
        statuses: list[int] = []

        def work(number: int) -> None:
            cognito = client()
            while not stop.is_set():
                if number % 2:
                    answer = cognito.describe_user_pool(UserPoolId=user_pool_id)
                else:
                    password = {"USERNAME": "ada", "PASSWORD": PASSWORD}
                    answer = cognito.initiate_auth(
                        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=password
                    )
                statuses.append(answer["ResponseMetadata"]["HTTPStatusCode"])

        with ThreadPoolExecutor(4) as executor:
            working = [executor.submit(work, number) for number in range(4)]
            for _ in range(5000):  # an end in any case
                deactivate()
                activate()
                if len(statuses) > 150 or any(future.done() for future in working):
                    break
            stop.set()
            for future in working:
                future.result()  # an HTTP 500 is an error
        assert set(statuses) == {200}
        assert len(statuses) > 100


def test_a_request_can_not_deactivate() -> None:
    from moto_cognito_devices.cognitoidp.gate import gate

    activate()
    with mock_aws():
        with gate.inside(), pytest.raises(RuntimeError, match="in the midst of a request"):
            deactivate()
        assert is_active()
        deactivate()
        assert not tracks_devices(cognito_client())


def test_deactivate_waits_for_a_request_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    activate()
    from moto_cognito_devices.cognitoidp.auth.challenges.one_time_code import OneTimeCode

    check = OneTimeCode.check
    waited: list[bool] = []
    with mock_aws(), ThreadPoolExecutor(1) as executor:
        cognito = cognito_client()
        user_pool_id, client_id = pool_with_user(cognito)
        mfa = {"Enabled": True, "PreferredMfa": True}
        cognito.admin_set_user_mfa_preference(UserPoolId=user_pool_id, Username="ada", SMSMfaSettings=mfa)
        challenge = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )

        def slow(*arguments: Any) -> Any:
            future = executor.submit(deactivate)
            with suppress(FutureTimeoutError):
                future.result(0.5)
            waited.append(not future.done())
            return check(*arguments)

        monkeypatch.setattr(OneTimeCode, "check", slow)
        answer = cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="SMS_MFA",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "ada", "SMS_MFA_CODE": "1"},
        )
        executor.shutdown()
        assert "NewDeviceMetadata" in answer["AuthenticationResult"]
        assert waited == [True]
        assert not is_active()
        assert not tracks_devices(cognito)


def test_deactivate_waits_for_a_handler_that_waits_for_another_request() -> None:
    activate()
    with mock_aws(), ThreadPoolExecutor(2) as executor:
        cognito = cognito_client()
        user_pool_id, client_id = pool_with_user(cognito, LambdaConfig={"PostAuthentication": lambda_arn("greet")})
        deactivated: list[Future[None]] = []

        def handler(event: Any, _: Any) -> Any:
            deactivated.append(executor.submit(deactivate))
            with suppress(FutureTimeoutError):
                deactivated[0].result(0.5)
            # Another thread's call, while deactivate() waits: without it this one can't be answered.
            executor.submit(cognito.describe_user_pool, UserPoolId=user_pool_id).result(10)
            return event

        with triggers({"PostAuthentication": handler}) as made:
            tokens = sign_in_without_device(cognito, client_id)
        deactivated[0].result(10)
        assert made.calls[0].error is None
        assert "NewDeviceMetadata" in tokens
        assert not is_active()


def test_who_comes_waits_for_deactivate_though_a_handler_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else deactivate() would never come to its turn among requests that all ask one."""
    from moto_cognito_devices.cognitoidp import gate as module

    monkeypatch.setattr(module, "_PATIENCE", 60)
    gate = module.Gate()
    asked, answered = threading.Event(), threading.Event()
    order: list[str] = []

    def ask() -> None:
        with gate.inside(), gate.asking():
            asked.set()
            answered.wait(30)
            order.append("asked")

    def be_alone() -> None:
        with gate.alone():
            order.append("alone")

    def come() -> None:
        with gate.inside():
            order.append("came")

    with ThreadPoolExecutor(3) as executor:
        futures = [executor.submit(ask)]
        assert asked.wait(30)
        for step in (be_alone, come):
            futures.append(executor.submit(step))
            with suppress(FutureTimeoutError):
                futures[-1].result(0.2)
        answered.set()
        for future in futures:
            future.result(30)
    assert order == ["asked", "alone", "came"]


def test_a_deactivate_that_is_interrupted_shuts_nobody_out() -> None:
    from moto_cognito_devices.cognitoidp.gate import Gate

    gate = Gate()

    def interrupt() -> None:
        raise RuntimeError

    with ThreadPoolExecutor(1) as executor, gate.inside():

        def attempt() -> None:
            gate._changed.wait = interrupt  # type: ignore[assignment, method-assign]
            with pytest.raises(RuntimeError), gate.alone():
                pass
            with gate.inside():  # would wait
                pass

        executor.submit(attempt).result(10)


def test_an_activation_that_is_taken_back_in_its_midst_touches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto_cognito_devices import compatibility

    with monkeypatch.context() as patch:  # what comes after this test activates, too
        patch.setattr(compatibility, "check", lambda _: deactivate())
        activate()
    assert not is_active()
    with mock_aws():
        assert not tracks_devices(cognito_client())


def test_a_request_that_came_before_deactivate_and_begins_after_it_is_motos(monkeypatch: pytest.MonkeyPatch) -> None:
    activate()
    with mock_aws():
        cognito = cognito_client()
        _, client_id = pool_with_user(cognito)
        from moto_cognito_devices.cognitoidp.gate import gate

        inside = gate.inside

        def late() -> Any:
            deactivate()
            return inside()

        monkeypatch.setattr(gate, "inside", late)
        assert "NewDeviceMetadata" not in sign_in_without_device(cognito, client_id)
        assert not is_active()
