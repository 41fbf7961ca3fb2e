"""Around Cognito, in each of moto's modes: who is asked how, moto's own API, its proxy, TEST_SERVER_MODE."""

from __future__ import annotations

import base64
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from botocore.config import Config
from moto import mock_aws
from moto.moto_proxy.certificate_creator import CertificateCreator

from moto_cognito_devices import srp
from moto_cognito_devices.testing import Device, SrpClient, sign_in

from .conftest import pool_maker
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
from .support import WRONG_PROOF, Target, refused, server_process
from .test_refresh import refresh_token_auth

ACCOUNT = "x-moto-account-id"


@pytest.fixture(scope="module")
def own_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that a test may reset, seed and lock."""
    directory = tmp_path_factory.mktemp("own-server")
    recording = {"MOTO_RECORDER_FILEPATH": str(directory / "recording")}
    with server_process(directory / "log", environment=recording) as (url, _):
        yield url


@pytest.fixture
def server(own_url: str) -> Target:
    api(own_url, "reset")
    return Target("server", own_url)


@pytest.fixture
def cognito(server: Target) -> Any:
    return server.client()


def api(url: str, path: str, data: str | None = None) -> requests.Response:
    response = requests.post(f"{url}/moto-api/{path}", data=data, timeout=60)
    assert response.ok, response.text
    return response


def user_operations(access_token: str, device: Device) -> Iterator[tuple[str, dict[str, Any]]]:
    """The five operations that a user calls unsigned, in an order in which each works."""
    key = {"AccessToken": access_token, "DeviceKey": device.device_key}
    yield "ConfirmDevice", {**key, "DeviceSecretVerifierConfig": device.secret_verifier_config}
    yield "GetDevice", key
    yield "ListDevices", {"AccessToken": access_token}
    yield "UpdateDeviceStatus", {**key, "DeviceRememberedStatus": "not_remembered"}
    yield "ForgetDevice", key


def new_device(cognito: Any, client_id: str) -> tuple[str, Device]:
    tokens = sign_in_without_device(cognito, client_id)
    return tokens["AccessToken"], Device.from_metadata(tokens["NewDeviceMetadata"])


def proves_itself(cognito: Any, client_id: str, device: Device) -> bool:
    """Signs in through RespondToAuthChallenge."""
    return "NewDeviceMetadata" not in sign_in(cognito, client_id, "ada", PASSWORD, device=device)


# Bearer


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_header_does_not_lead_away_from_cognito(server: Target, cognito: Any, scheme: str) -> None:
    """pycognito sends its device operations so, and moto takes them for S3's."""
    _, client_id = pool_with_user(cognito)
    token, device = new_device(cognito, client_id)
    for operation, parameters in user_operations(token, device):
        response = server.post(operation, parameters, Authorization=f"{scheme} {token}")
        assert (response.status_code, "xml" in response.text) == (200, False), (operation, response.text)
        if operation == "ConfirmDevice":
            assert response.json() == {"UserConfirmationNecessary": False}
            assert device_keys(cognito, pool_with_device(cognito)) == [device.device_key]
    assert device_keys(cognito, pool_with_device(cognito)) == []


def pool_with_device(cognito: Any) -> str:
    pools = cognito.list_user_pools(MaxResults=2)["UserPools"]
    assert len(pools) == 1
    return str(pools[0]["Id"])


def test_a_bearer_call_of_other_operations_of_cognito_is_served_too(server: Target, cognito: Any) -> None:
    _, client_id = pool_with_user(cognito)
    token = sign_in_without_device(cognito, client_id)["AccessToken"]
    response = server.post("GetUser", {"AccessToken": token}, Authorization=f"Bearer {token}")
    assert response.json()["Username"] == "ada"


def test_other_bearer_calls_go_where_moto_sends_them(server: Target) -> None:
    bearer = {"Authorization": "Bearer abc"}
    to_s3 = requests.get(f"{server.endpoint}/", headers=bearer, timeout=60)
    assert "ListAllMyBucketsResult" in to_s3.text
    elsewhere = {**bearer, "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    assert "TableNames" not in requests.post(f"{server.endpoint}/", headers=elsewhere, data="{}", timeout=60).text


def test_a_header_that_only_looks_signed_does_not_break_the_server(server: Target, cognito: Any) -> None:
    assert tracks_devices(cognito)
    for header in ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b", "Bearer", "Basic YTpi"):
        response = server.post("ListDevices", {"AccessToken": "x"}, Authorization=header)
        assert response.status_code < 500, (header, response.text)
    assert tracks_devices(cognito)


@pytest.mark.parametrize("content", [b"a=\xff", '{"AccessToken": "x"}'.encode("utf-16"), b"{}"])
def test_a_body_that_is_called_a_form_is_answered(server: Target, content: bytes) -> None:
    """moto's server reads a form to find out whom it is for; of one that is no UTF-8 nothing is left to be read."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in (form, {**form, "Authorization": ""}):
        response = server.post("GetDevice", content, signed=False, **headers)
        assert response.status_code == 400
        assert response.json()["__type"] in ("SerializationException", "InvalidParameterException")


# Browsers


@pytest.fixture(scope="module")
def plain_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """moto's own server."""
    log = tmp_path_factory.mktemp("plain-server") / "log"
    with server_process(log, sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0") as (url, _):
        yield url


@pytest.mark.slow
@pytest.mark.parametrize("whose", ["own_url", "plain_url"])
def test_a_page_of_another_origin_may_ask(request: pytest.FixtureRequest, whose: str) -> None:
    """A browser asks first, without X-Amz-Target, and shows its page no answer that does not say whom it is for."""
    target = Target("server", request.getfixturevalue(whose))
    origin = "http://localhost:5173"
    names = "cache-control,content-type,x-amz-target,x-amz-user-agent"  # as Amplify's calls have them
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": names}
    preflight = requests.options(f"{target.endpoint}/", headers={**asked, "Origin": origin}, timeout=60)
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip() for name in preflight.headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed >= set(names.split(","))
    _, client_id = pool_with_user(target.client())
    begin = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
    answers = [
        target.post("InitiateAuth", {**begin, "AuthParameters": {"USERNAME": "ada", "PASSWORD": given}}, Origin=origin)
        for given in (PASSWORD, "Wrong-horse-7")
    ]
    assert [answer.status_code for answer in answers] == [200, 400]
    for answer in (preflight, *answers):
        assert answer.headers["Access-Control-Allow-Origin"] in ("*", origin)


# Region and account


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-2"])
def test_unsigned_calls_find_the_pool_in_its_region(server: Target, region: str) -> None:
    others = [pool_with_user(server.client(other)) for other in ("us-east-1", "eu-central-1")]
    _, client_id = pool_with_user(server.client(region))
    token, device = new_device(server.client(region), client_id)
    assert device.device_key.startswith(f"{region}_")
    for operation, parameters in user_operations(token, device):
        assert server.post(operation, parameters).status_code == 200, operation
    assert [device_keys(server.client(other[0].split("_")[0]), other[0]) for other in others] == [[], []]


def test_unsigned_calls_find_the_pool_in_its_account(server: Target, cognito: Any) -> None:
    def add_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"][ACCOUNT] = "222222222222"

    pool_with_user(cognito)
    theirs = cognito_client(endpoint_url=server.endpoint)
    theirs.meta.events.register("before-call.cognito-identity-provider", add_account)
    user_pool_id, client_id = pool_with_user(theirs)
    token, device = new_device(theirs, client_id)
    for operation, parameters in user_operations(token, device):
        response = server.post(operation, parameters)
        assert response.status_code == 200, (operation, response.text)
        if operation == "GetDevice":
            attributes = {a["Name"]: a["Value"] for a in response.json()["Device"]["DeviceAttributes"]}
            assert ":222222222222:owner/" in attributes["dev:device_arn"]
            assert device_keys(theirs, user_pool_id) == [device.device_key]
    signed = {"UserPoolId": user_pool_id, "Username": "ada"}
    assert server.post("AdminListDevices", signed, signed=True, **{ACCOUNT: "222222222222"}).status_code == 200
    refused = server.post("AdminListDevices", signed, signed=True)
    assert (refused.status_code, refused.json()["__type"]) == (400, "ResourceNotFoundException")
    signed_out = {"AccessToken": sign_in_without_device(theirs, client_id)["AccessToken"]}
    assert server.post("GlobalSignOut", signed_out).status_code == 200
    for operation in ("GlobalSignOut", "GetUser", "ListDevices"):
        again = server.post(operation, signed_out)
        assert (again.status_code, again.json()["message"]) == (400, "Access Token has been revoked")


def test_the_device_keeps_the_address_of_its_last_sign_in(server: Target, cognito: Any) -> None:
    """From another address of this machine than the one that confirmed it."""
    user_pool_id, client_id = pool_with_user(cognito)
    device, _ = confirm_device(cognito, client_id)

    def address() -> str:
        [shown] = cognito.admin_list_devices(UserPoolId=user_pool_id, Username="ada")["Devices"]
        return str(next(a["Value"] for a in shown["DeviceAttributes"] if a["Name"] == "last_ip_used"))

    assert address() == "127.0.0.1"
    served_at = urlsplit(str(server.endpoint))
    elsewhere = HTTPConnection(str(served_at.hostname), served_at.port, 60, source_address=("127.0.0.2", 0))
    client = SrpClient()
    named = {"USERNAME": "ada", "DEVICE_KEY": device.device_key}
    due = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={**named, "PASSWORD": PASSWORD}
    )
    step = {"ClientId": client_id, "Session": due["Session"]}
    challenge = cognito.respond_to_auth_challenge(
        **step, ChallengeName="DEVICE_SRP_AUTH", ChallengeResponses={**named, "SRP_A": client.srp_a}
    )
    proof = client.answer(challenge["ChallengeParameters"], device.device_group_key, device.device_key, device.password)
    body = {**step, "ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeResponses": {**named, **proof}}
    target = "AWSCognitoIdentityProviderService.RespondToAuthChallenge"
    elsewhere.request("POST", "/", json.dumps(body), {"X-Amz-Target": target})
    assert elsewhere.getresponse().status == 200
    elsewhere.close()
    assert address() == "127.0.0.2"


def test_in_process_the_token_finds_its_account(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        monkeypatch.setenv("MOTO_ACCOUNT_ID", "333333333333")
        cognito = cognito_client()
        _, client_id = pool_with_user(cognito)
        device, token = confirm_device(cognito, client_id)
        monkeypatch.delenv("MOTO_ACCOUNT_ID")
        for client in (cognito, cognito_client("us-east-1")):
            shown = client.get_device(AccessToken=token, DeviceKey=device.device_key)["Device"]
            assert shown["DeviceKey"] == device.device_key


# moto's own API


def test_the_dashboard_shows_devices_and_no_secret(server: Target, cognito: Any) -> None:
    _, client_id = pool_with_user(cognito)
    token, device = new_device(cognito, client_id)
    device.confirm(cognito, token, name="Ada's laptop")
    challenge = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, "DEVICE_KEY": device.device_key},
    )
    assert challenge["ChallengeName"] == "DEVICE_SRP_AUTH"

    text = requests.get(f"{server.endpoint}/moto-api/data.json", timeout=60).text

    shown = json.loads(text)["cognitoidp"]["CognitoIdpDevice"]
    assert [(one["device_key"], one["name"], one["remembered"]) for one in shown] == [
        (device.device_key, "Ada's laptop", True)
    ]
    assert json.loads(text)["cognitoidp"]["CognitoIdpUserPool"]
    verifier = int.from_bytes(base64.b64decode(device.secret_verifier_config["PasswordVerifier"]), "big")
    x = srp.private_key(device.salt, device.device_group_key, device.device_key, device.password)
    for secret in (device.salt, verifier, x):
        assert str(secret) not in text
        assert f"{secret:x}" not in text.lower()
    for words in (device.password, *device.secret_verifier_config.values()):
        assert words not in text
    assert not {"salt", "verifier", "secret"} & {part for name in shown[0] for part in name.lower().split("_")}


def test_the_dashboard_works_while_no_device_is_there(server: Target, cognito: Any) -> None:
    pool_with_user(cognito)
    assert requests.get(f"{server.endpoint}/moto-api/data.json", timeout=60).json()["cognitoidp"]["CognitoIdpUserPool"]


def test_a_seed_makes_device_keys_repeat(server: Target, cognito: Any) -> None:
    def keys(seed: int) -> list[dict[str, str]]:
        api(server.endpoint or "", "reset")
        _, client_id = pool_with_user(cognito)
        api(server.endpoint or "", f"seed?a={seed}")
        return [sign_in_without_device(cognito, client_id)["NewDeviceMetadata"] for _ in range(3)]

    first = keys(42)
    assert keys(42) == first
    assert keys(43) != first
    assert len({one["DeviceKey"] for one in first}) == 3


def test_reset_drops_devices(server: Target, cognito: Any) -> None:
    user_pool_id, client_id = pool_with_user(cognito)
    device, token = confirm_device(cognito, client_id)
    api(server.endpoint or "", "reset")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        device_keys(cognito, user_pool_id)
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.get_device(AccessToken=token, DeviceKey=device.device_key)
    assert requests.get(f"{server.endpoint}/moto-api/data.json", timeout=60).json()["cognitoidp"] is not None
    assert tracks_devices(cognito)


@pytest.mark.slow
def test_the_switches_work_in_a_server(log: Path) -> None:
    switches = {"VERIFY_USER_SRP": "always", "REQUIRE_DEVICE_TO_REFRESH": "false", "ALIAS_BREAKS_CONFIRM": "false"}
    environment = {f"MOTO_COGNITO_DEVICES_{name}": value for name, value in switches.items()}
    with server_process(log, environment=environment) as (url, _), ExitStack() as clean_up:
        make_pool = pool_maker(Target("server", url), clean_up)
        untracked = make_pool(None)
        untracked.add_user()
        with refused(*WRONG_PROOF):
            sign_in(untracked.cognito, untracked.client_id, "ada", "Wrong-horse-7", user_pool_id=untracked.id)
        assert sign_in(untracked.cognito, untracked.client_id, "ada", PASSWORD, user_pool_id=untracked.id)

        pool = make_pool(UsernameAttributes=["email"])
        pool.add_user("ada@example.com", email="ada@example.com")
        pool.enable_sms_mfa("ada@example.com")
        device, tokens = pool.confirmed_device("ada@example.com")  # with a code and the alias, which AWS refuses
        assert pool.user_devices(tokens["AccessToken"]) == [device.device_key]
        assert "AccessToken" in refresh_token_auth(pool)(tokens["RefreshToken"])


def record(endpoint: str, cognito: Any) -> tuple[str, str]:
    """Record a device's confirmation and its sign-in; both need what chance and clock gave before.

    :returns: the pool and the device's key
    """
    api(endpoint, "recorder/reset-recording")
    api(endpoint, "recorder/start-recording")
    user_pool_id, client_id = pool_with_user(cognito)
    device, _ = confirm_device(cognito, client_id)
    assert proves_itself(cognito, client_id, device)
    api(endpoint, "recorder/stop-recording")
    return user_pool_id, device.device_key


FROZEN_SERVER = """
import sys
from freezegun import freeze_time
from moto_cognito_devices.cli import main
freeze_time("2026-03-01 12:00:00").start()
main(["server", "-H", "127.0.0.1", "-p", "0"])
"""


@pytest.mark.slow
def test_a_recording_replays_a_confirmed_device_and_its_sign_in(log: Path) -> None:
    """Tokens tell the time: where the clock stands still, they are the same again."""
    recording = {"MOTO_RECORDER_FILEPATH": str(log.with_name("recording"))}
    with server_process(log, sys.executable, "-c", FROZEN_SERVER, environment=recording) as (url, _):
        cognito = Target("server", url).client()
        api(url, "seed?a=7")
        user_pool_id, device_key = record(url, cognito)
        before = cognito.admin_list_devices(UserPoolId=user_pool_id, Username="ada")["Devices"]
        api(url, "reset")
        api(url, "seed?a=7")
        api(url, "recorder/replay-recording")
        assert device_keys(cognito, user_pool_id) == [device_key]
        assert cognito.admin_list_devices(UserPoolId=user_pool_id, Username="ada")["Devices"] == before


# How often moto's folder is listed

LISTING = """
import os, sys
import moto.server
import moto_cognito_devices.auto
from moto_cognito_devices.cli import main

def witness(event, arguments):
    if event == "os.listdir" and arguments[0] == os.path.dirname(moto.__file__):
        print("LISTED", flush=True)

sys.addaudithook(witness)
options = ["-H", "127.0.0.1", "-p", "0"]
main(["server", *options]) if sys.argv[1] == "ours" else moto.server.main(options)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("whose", "each"), [("ours", 0), ("motos", 1)])
def test_only_our_command_keeps_the_list_of_services(log: Path, whose: str, each: int) -> None:
    with server_process(log, sys.executable, "-c", LISTING, whose) as (url, _):
        cognito = cognito_client(endpoint_url=url)
        assert tracks_devices(cognito)
        listed = log.read_text().count("LISTED")
        for _ in range(5):
            cognito.list_user_pools(MaxResults=1)
        assert log.read_text().count("LISTED") - listed == 5 * each


# Clients under TEST_SERVER_MODE, and requests under mock_aws


@pytest.mark.slow
def test_clients_under_test_server_mode(own_url: str) -> None:
    code = """
from moto import mock_aws
from tests.scripts import cognito_client, confirm_device, device_keys, pool_with_user, tracks_devices

@mock_aws
def test():
    user_pool_id, client_id = pool_with_user(cognito_client("ap-northeast-1"))
    device, _ = confirm_device(cognito_client("ap-northeast-1"), client_id)
    assert device_keys(cognito_client("ap-northeast-1"), user_pool_id) == [device.device_key]
    assert tracks_devices(cognito_client())

@mock_aws
def test_again():
    assert cognito_client("ap-northeast-1").list_user_pools(MaxResults=1)["UserPools"] == []

test()
test_again()
import moto_cognito_devices
assert not moto_cognito_devices.is_active()
"""
    run_python(code, TEST_SERVER_MODE="true", TEST_SERVER_MODE_ENDPOINT=own_url)


def test_requests_under_mock_aws_reach_each_operation() -> None:
    with mock_aws():
        cognito = cognito_client()
        user_pool_id, client_id = pool_with_user(cognito)
        token, device = new_device(cognito, client_id)
        target = Target("in_process")
        for operation, parameters in user_operations(token, device):
            response = target.post(operation, parameters)
            assert response.status_code == 200, (operation, response.text)
            if operation == "ListDevices":
                assert [one["DeviceKey"] for one in response.json()["Devices"]] == [device.device_key]
                signed = {"UserPoolId": user_pool_id, "Username": "ada"}
                listed = target.post("AdminListDevices", signed, signed=True)
                assert [one["DeviceKey"] for one in listed.json()["Devices"]] == [device.device_key]
        refused = target.post("GetDevice", {"AccessToken": token, "DeviceKey": device.device_key})
        assert (refused.status_code, refused.json()["message"]) == (400, "Device does not exist.")


# The proxy

PROXY = """
import sys
import moto.proxy
from http.server import ThreadingHTTPServer
from moto.moto_proxy.certificate_creator import CertificateCreator
from moto_cognito_devices.cli import main

class Announced(ThreadingHTTPServer):
    def serve_forever(self, poll_interval=0.5):
        print(f"Running on http://127.0.0.1:{self.server_port}", flush=True)
        super().serve_forever(poll_interval)

CertificateCreator.certdir = sys.argv[1]
moto.proxy.ThreadingHTTPServer = Announced
main(["proxy", "-H", "127.0.0.1", "-p", "0"])
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="moto's proxy runs openssl")
def test_boto3_through_the_proxy(log: Path) -> None:
    """As moto's documentation has it: the proxy's URL, and its certificate authority."""
    certificates = log.with_name("certificates")
    certificates.mkdir()
    # By default the proxy writes its certificates into moto's installation, where other tests' proxies do too.
    shutil.copy(Path(CertificateCreator.certdir) / "req.conf.tmpl", certificates)
    with server_process(log, sys.executable, "-c", PROXY, f"{certificates}/") as (url, _):
        config = Config(proxies={"https": url})
        cognito = cognito_client(config=config, verify=CertificateCreator.cacert)
        assert tracks_devices(cognito)
        user_pool_id, client_id = pool_with_user(cognito)
        device, token = confirm_device(cognito, client_id)
        assert proves_itself(cognito, client_id, device)
        run_python(
            f"""
from tests.scripts import cognito_client, device_keys
assert device_keys(cognito_client(), {user_pool_id!r}) == [{device.device_key!r}]
""",
            HTTPS_PROXY=url,
            AWS_CA_BUNDLE=str(CertificateCreator.cacert),
        )
        if sys.version_info < (3, 13):  # newer ones want a key usage in moto's authority, which it lacks
            bearer = requests.post(
                "https://cognito-idp.eu-west-1.amazonaws.com/",
                data=json.dumps({"AccessToken": token}),
                headers={
                    "X-Amz-Target": "AWSCognitoIdentityProviderService.ListDevices",
                    "Content-Type": "application/x-amz-json-1.1",
                    "Authorization": f"Bearer {token}",
                },
                proxies={"https": url},
                verify=str(CertificateCreator.cacert),
                timeout=60,
            )
            assert [one["DeviceKey"] for one in bearer.json()["Devices"]] == [device.device_key]
