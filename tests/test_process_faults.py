"""Clients that hang up, servers that are killed, forked processes, and pickled or copied state."""

from __future__ import annotations

import copy
import io
import json
import multiprocessing
import os
import pickle
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from moto import mock_aws
from moto.cognitoidp.models import cognitoidp_backends

from moto_cognito_devices.testing import Device, SrpClient, custom_challenge, lambda_arn, triggers

from .scripts import (
    PASSWORD,
    cognito_client,
    confirm_device,
    device_keys,
    pool_with_user,
    run_python,
    sign_in_without_device,
    tracks_devices,
)
from .support import server_process

ACCOUNT = "123456789012"

# Clients that hang up


def hang_up(url: str, data: bytes, abruptly: bool) -> None:
    """Send a part of a request, and go."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port or 0), timeout=60)
    if abruptly:  # a reset, and no orderly end
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(data)
    connection.close()


def raw_request(operation: str, parameters: dict[str, str]) -> bytes:
    body = json.dumps(parameters).encode()
    lines = (
        "POST / HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-Amz-Target: AWSCognitoIdentityProviderService.{operation}",
        "Content-Type: application/x-amz-json-1.1",
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize("abruptly", [False, True])
def test_a_client_that_hangs_up_leaves_the_server_serving(server_url: str, abruptly: bool) -> None:
    cognito = cognito_client(endpoint_url=server_url)
    user_pool_id, client_id = pool_with_user(cognito)
    device, token = confirm_device(cognito, client_id)
    request = raw_request("ForgetDevice", {"AccessToken": token, "DeviceKey": device.device_key})
    head = request.index(b"\r\n\r\n") + 4
    # Never more than a part: a request that arrived in full may be served.
    for end in (0, 1, 20, head - 2, head, head + 1, len(request) // 2, len(request) - 1):
        hang_up(server_url, request[:end], abruptly)
    assert device_keys(cognito, user_pool_id) == [device.device_key]
    assert tracks_devices(cognito)


def test_a_client_that_does_not_wait_for_the_answer_leaves_the_server_serving(server_url: str) -> None:
    cognito = cognito_client(endpoint_url=server_url)
    user_pool_id, client_id = pool_with_user(cognito)
    _, token = confirm_device(cognito, client_id)
    for _ in range(20):
        hang_up(server_url, raw_request("ListDevices", {"AccessToken": token}), abruptly=True)
    assert len(device_keys(cognito, user_pool_id)) == 1
    assert tracks_devices(cognito)


# Servers that die


@pytest.mark.slow
def test_a_server_that_was_killed_starts_again_empty(log: Path) -> None:
    with server_process(log) as (url, process):
        cognito = cognito_client(endpoint_url=url)
        user_pool_id, client_id = pool_with_user(cognito)
        device, token = confirm_device(cognito, client_id)
        process.kill()
        process.wait(60)
    port = str(urlsplit(url).port)
    command = (sys.executable, "-m", "moto_cognito_devices", "server", "-H", "127.0.0.1", "-p", port)
    with server_process(log, *command) as (again, _):
        assert again == url
        with pytest.raises(cognito.exceptions.NotAuthorizedException, match="Invalid Access Token"):
            cognito.get_device(AccessToken=token, DeviceKey=device.device_key)
        with pytest.raises(cognito.exceptions.ResourceNotFoundException):
            device_keys(cognito, user_pool_id)
        assert tracks_devices(cognito)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are other signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_at_once_when_it_is_told_to(log: Path, number: signal.Signals) -> None:
    with server_process(log) as (url, process):
        assert tracks_devices(cognito_client(endpoint_url=url))
        process.send_signal(number)
        assert process.wait(60) == 0


# Fork and spawn

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

# In a process of its own: this one may have threads.
FORK = """
import os
import moto_cognito_devices.auto
from moto import mock_aws
from tests.scripts import cognito_client, confirm_device, device_keys, pool_with_user, tracks_devices

with mock_aws():
    cognito = cognito_client()
    user_pool_id, client_id = pool_with_user(cognito)
    first, token = confirm_device(cognito, client_id)
    child = os.fork()
    if not child:
        status = 1
        try:
            assert device_keys(cognito, user_pool_id) == [first.device_key]
            second, _ = confirm_device(cognito, client_id)
            assert device_keys(cognito, user_pool_id) == [first.device_key, second.device_key]
            cognito.forget_device(AccessToken=token, DeviceKey=first.device_key)
            assert tracks_devices(cognito_client("us-east-1"))
            moto_cognito_devices.deactivate()
            assert not tracks_devices(cognito, (user_pool_id, client_id))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert device_keys(cognito, user_pool_id) == [first.device_key]
    assert moto_cognito_devices.is_active()
    assert tracks_devices(cognito)
"""


@pytest.mark.slow
@needs_fork
def test_a_forked_child_has_the_devices_and_changes_only_its_own() -> None:
    run_python(FORK)


@pytest.mark.slow
@needs_fork
def test_a_child_forked_before_moto_was_imported_waits_for_it_too() -> None:
    run_python("""
import os
import moto_cognito_devices.auto
child = os.fork()
from moto import mock_aws
from tests.scripts import cognito_client, tracks_devices
with mock_aws():
    assert tracks_devices(cognito_client())
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
""")


@pytest.mark.slow
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_of_a_pool_track_devices(tmp_path: Path, method: str) -> None:
    """A spawned process starts anew: what activates must stand in the module, as anything that workers need."""
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing
import moto_cognito_devices.auto
from moto import mock_aws
from tests.scripts import cognito_client, tracks_devices

@mock_aws
def work(region):
    return tracks_devices(cognito_client(region))

if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        assert pool.map(work, ["eu-west-1", "us-east-1"]) == [True, True]
""")
    run_python(f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, {str(program)!r}]))")


# Copies of the state


def private_key(pem: bytes) -> Any:
    return serialization.load_pem_private_key(pem, None)


def public_key(pem: bytes) -> Any:
    return serialization.load_pem_public_key(pem)


class MotosKeyPickler(pickle.Pickler):
    """Writes moto's signing key, which pickle can't, as PEM. All else is pickled as it is."""

    def reducer_override(self, obj: Any) -> Any:
        if type(obj).__name__ == "RSAPrivateKey":
            pem = obj.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            return private_key, (pem,)
        if type(obj).__name__ == "RSAPublicKey":
            pem = obj.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            return public_key, (pem,)
        return NotImplemented


def pickled(state: Any) -> Any:
    written = io.BytesIO()
    MotosKeyPickler(written).dump(state)
    return pickle.loads(written.getvalue())  # noqa: S301


class SignIns:
    """A pool with a device of each state, and a sign-in that stopped at each step of the device's proof."""

    def __init__(self) -> None:
        self.cognito = cognito_client()
        self.user_pool_id, self.client_id = pool_with_user(self.cognito)
        self.device, self.token = confirm_device(self.cognito, self.client_id)
        self.pending = sign_in_without_device(self.cognito, self.client_id)["NewDeviceMetadata"]
        self.handshake = SrpClient()
        self.asked = self.initiate()
        self.challenged = self.respond(self.initiate(), SRP_A=self.handshake.srp_a)

    def initiate(self) -> dict[str, Any]:
        response: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, "DEVICE_KEY": self.device.device_key},
        )
        return response

    def respond(self, challenge: dict[str, Any], **responses: str) -> dict[str, Any]:
        response: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "ada", "DEVICE_KEY": self.device.device_key, **responses},
        )
        return response

    def prove(self, challenge: dict[str, Any]) -> None:
        d = self.device
        proof = self.handshake.answer(challenge["ChallengeParameters"], d.device_group_key, d.device_key, d.password)
        assert "AccessToken" in self.respond(challenge, **proof)["AuthenticationResult"]

    def go_on(self) -> None:
        """All that was begun can be ended."""
        assert device_keys(self.cognito, self.user_pool_id) == [self.device.device_key]
        self.prove(self.challenged)
        self.prove(self.respond(self.asked, SRP_A=self.handshake.srp_a))
        second = Device.from_metadata(self.pending)
        second.confirm(self.cognito, self.token)
        self.cognito.forget_device(AccessToken=self.token, DeviceKey=self.device.device_key)
        assert device_keys(self.cognito, self.user_pool_id) == [second.device_key]


def test_moto_can_not_pickle_its_backends_because_of_its_key() -> None:
    """Why the tests below need a pickler. Where moto can one day, they can go without."""
    with mock_aws():
        SignIns()
        with pytest.raises(TypeError, match="RSAPrivateKey"):
            pickle.dumps(cognitoidp_backends[ACCOUNT]["eu-west-1"])


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_backend_put_back_from_a_copy_goes_on_where_it_stopped(copied: Any) -> None:
    with mock_aws():
        sign_ins = SignIns()
        saved = copied(cognitoidp_backends[ACCOUNT]["eu-west-1"])
        sign_ins.go_on()  # on the original: the copy must not notice
        cognitoidp_backends[ACCOUNT]["eu-west-1"] = saved
        sign_ins.go_on()


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_what_functions_have_asked_is_asked_by_a_copy_too(copied: Any) -> None:
    functions = custom_challenge("1234", password_first=True)
    with mock_aws(), triggers(functions):
        cognito = cognito_client()
        user_pool_id, client_id = pool_with_user(cognito, LambdaConfig={name: lambda_arn(name) for name in functions})
        client = SrpClient()

        def begin() -> dict[str, Any]:
            parameters = {"USERNAME": "ada", "CHALLENGE_NAME": "SRP_A", "SRP_A": client.srp_a}
            begun: dict[str, Any] = cognito.initiate_auth(
                ClientId=client_id, AuthFlow="CUSTOM_AUTH", AuthParameters=parameters
            )
            return begun

        def answer(challenge: dict[str, Any], **responses: str) -> dict[str, Any]:
            answered: dict[str, Any] = cognito.respond_to_auth_challenge(
                ClientId=client_id,
                ChallengeName=challenge["ChallengeName"],
                Session=challenge["Session"],
                ChallengeResponses={"USERNAME": "ada", **responses},
            )
            return answered

        def prove(challenge: dict[str, Any]) -> dict[str, Any]:
            realm = user_pool_id.partition("_")[2]
            return answer(challenge, **client.answer(challenge["ChallengeParameters"], realm, "ada", PASSWORD))

        proof_asked, question_asked = begin(), prove(begin())
        saved = copied(cognitoidp_backends[ACCOUNT]["eu-west-1"])
        for backend in (cognitoidp_backends[ACCOUNT]["eu-west-1"], saved):
            cognitoidp_backends[ACCOUNT]["eu-west-1"] = backend
            assert "AuthenticationResult" in answer(question_asked, ANSWER="1234")
            assert "AuthenticationResult" in answer(prove(proof_asked), ANSWER="1234")


def test_all_that_the_plugin_keeps_on_a_pool_is_plain() -> None:
    with mock_aws():
        sign_ins = SignIns()
        user_pool = cognitoidp_backends[ACCOUNT]["eu-west-1"].user_pools[sign_ins.user_pool_id]
        again = pickle.loads(pickle.dumps(vars(user_pool)["_state"]))  # noqa: S301
        assert list(again.devices) == list(user_pool.state.devices) != []  # type: ignore[attr-defined]
        assert len(again.auth_sessions) == len(user_pool.state.auth_sessions) == 4  # type: ignore[attr-defined]
