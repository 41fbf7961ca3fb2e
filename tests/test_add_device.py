"""``testing.add_device`` and its URL: a device without a sign-in, in each of moto's modes."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from moto import mock_aws
from moto.moto_api._internal import mock_random
from moto.moto_proxy.certificate_creator import CertificateCreator
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from moto_cognito_devices import activated
from moto_cognito_devices.testing import ChallengeError, Device, MotoNotReachedError, add_device, sign_in

from .conftest import MakePool
from .scripts import cognito_client, device_keys, pool_with_user, run_python
from .support import ALWAYS_WITHOUT_MFA_WAIVER, CODE, OPT_IN, PASSWORD, Target, UserPool, attributes, server_process

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="moto's proxy runs openssl")


def test_the_device_signs_in_and_waives_mfa(pool_of_moto: UserPool) -> None:
    pool = pool_of_moto
    pool.enable_sms_mfa()
    device = add_device(pool.cognito, pool.id, "ada", name="laptop")
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    assert "NewDeviceMetadata" not in tokens
    assert pool.user_devices(tokens["AccessToken"]) == [device.device_key]
    shown = pool.admin_devices()[device.device_key]
    assert (shown["device_name"], shown["dev:device_remembered_status"]) == ("laptop", "remembered")
    assert shown["dev:device_owner"] == f"ada.{pool.id}"
    assert device.device_key.startswith("eu-west-1_")


def test_its_secret_is_needed(pool_of_moto: UserPool) -> None:
    device = add_device(pool_of_moto.cognito, pool_of_moto.id, "ada")
    wrong = Device(device.device_key, device.device_group_key, device.password[::-1], device.salt)
    with pytest.raises(ClientError, match="Incorrect username or password"):
        sign_in(pool_of_moto.cognito, pool_of_moto.client_id, "ada", PASSWORD, device=wrong)


def test_its_salt_is_that_of_the_verifier(pool_of_moto: UserPool) -> None:
    pool = pool_of_moto
    device = add_device(pool.cognito, pool.id, "ada")
    due = pool.initiate("ada", device.device_key)
    challenge = pool.answer(due, "ada", DEVICE_KEY=device.device_key, SRP_A="5")
    assert int(challenge["ChallengeParameters"]["SALT"], 16) == device.salt


def test_one_that_has_not_passed_mfa_is_asked_for_a_code_once(pool_of_moto: UserPool) -> None:
    pool = pool_of_moto
    pool.enable_sms_mfa()
    device = add_device(pool.cognito, pool.id, "ada", mfa_passed=False)
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device, mfa_code=CODE)
    sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)


def test_one_that_is_not_remembered_is_confirmed(pool_of_moto: UserPool) -> None:
    pool = pool_of_moto
    device = add_device(pool.cognito, pool.id, "ada", remembered=False)
    assert pool.admin_devices()[device.device_key]["dev:device_remembered_status"] == "not_remembered"
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    assert "NewDeviceMetadata" not in tokens
    assert pool.user_devices(tokens["AccessToken"]) == []
    pool.cognito.update_device_status(
        AccessToken=tokens["AccessToken"], DeviceKey=device.device_key, DeviceRememberedStatus="remembered"
    )
    assert pool.user_devices(tokens["AccessToken"]) == [device.device_key]


def test_what_the_pool_would_do_with_a_confirmed_device_does_not_count(make_moto_pool: MakePool) -> None:
    for configuration in (OPT_IN, ALWAYS_WITHOUT_MFA_WAIVER):
        pool = make_moto_pool(configuration)
        pool.add_user()
        devices = [add_device(pool.cognito, pool.id, "ada", remembered=remembered) for remembered in (True, False)]
        shown = pool.admin_devices()
        statuses = [shown[device.device_key]["dev:device_remembered_status"] for device in devices]
        assert statuses == ["remembered", "not_remembered"]


def test_aliases_and_the_sub_name_the_user(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(UsernameAttributes=["email"])
    sub = pool.add_user("ada@example.com", email="ada@example.com")
    devices = [add_device(pool.cognito, pool.id, name) for name in ("ada@example.com", sub)]
    assert list(pool.admin_devices(sub)) == [device.device_key for device in devices]
    assert {shown["dev:device_owner"] for shown in pool.admin_devices(sub).values()} == {f"{sub}.{pool.id}"}

    of_usernames = make_moto_pool()
    of_usernames.add_user("bob")
    user = pool.cognito.admin_get_user(UserPoolId=of_usernames.id, Username="bob")
    [sub] = (attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == "sub")
    device = add_device(pool.cognito, of_usernames.id, sub)
    assert list(of_usernames.admin_devices("bob")) == [device.device_key]


def test_secrets_are_not_shown(pool_of_moto: UserPool, capfd: pytest.CaptureFixture[str]) -> None:
    device = add_device(pool_of_moto.cognito, pool_of_moto.id, "ada")
    endpoint = pool_of_moto.target.endpoint or "http://motoapi.amazonaws.com"
    text = requests.get(f"{endpoint}/moto-api/data.json", timeout=60).text
    assert device.device_key in text
    out, err = capfd.readouterr()
    for shown in (text, repr(device), out, err):
        assert device.password not in shown
        assert str(device.salt) not in shown


@pytest.mark.slow
def test_a_server_logs_no_secret(log: Path) -> None:
    with server_process(log) as (url, _):
        cognito = cognito_client(endpoint_url=url)
        device = add_device(cognito, pool_with_user(cognito)[0], "ada")
    text = log.read_text()
    assert "POST /moto-api/static/cognito-idp/devices" in text
    assert device.password not in text


def test_a_seed_makes_devices_repeat() -> None:
    def made(seed: int) -> Device:
        with mock_aws():
            cognito = cognito_client()
            user_pool_id, _ = pool_with_user(cognito)
            mock_random.seed(seed)
            return add_device(cognito, user_pool_id, "ada")

    state = mock_random.getstate()
    assert made(7) == made(7) != made(8)
    mock_random.setstate(state)


def test_a_device_that_a_seed_repeats_is_there_once(moto_pool: UserPool) -> None:
    state = mock_random.getstate()
    for name in ("laptop", "phone"):
        mock_random.seed(7)
        device = add_device(moto_pool.cognito, moto_pool.id, "ada", name=name)
    mock_random.setstate(state)
    listed = moto_pool.cognito.admin_list_devices(UserPoolId=moto_pool.id, Username="ada")["Devices"]
    assert [attributes(one)["device_name"] for one in listed] == ["phone"]
    moto_pool.cognito.admin_forget_device(UserPoolId=moto_pool.id, Username="ada", DeviceKey=device.device_key)
    assert moto_pool.admin_devices() == {}


# By HTTP


def test_by_http_with_what_is_needed(pool_of_moto: UserPool) -> None:
    sdk = {"User-Agent": "aws-sdk-js/3.1.2"}
    body = {"user_pool_id": pool_of_moto.id, "username": "ada"}
    response = pool_of_moto.target.moto_api("POST", "devices", body, **sdk)
    assert (response.status_code, response.headers["Content-Type"]) == (201, "application/json")
    made = response.json()
    assert list(made) == ["DeviceKey", "DeviceGroupKey", "DevicePassword", "DeviceSalt"]
    salt = int.from_bytes(base64.b64decode(made["DeviceSalt"]), "big")
    device = Device(made["DeviceKey"], made["DeviceGroupKey"], made["DevicePassword"], salt)
    assert pool_of_moto.admin_devices()[device.device_key]["dev:device_sdk"] == "aws-sdk-js-3.1.2"
    pool_of_moto.enable_sms_mfa()
    assert sign_in(pool_of_moto.cognito, pool_of_moto.client_id, "ada", PASSWORD, device=device)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""])
def test_the_content_type_does_not_matter(pool_of_moto: UserPool, content_type: str) -> None:
    """curl calls any data a form."""
    body = {"user_pool_id": pool_of_moto.id, "username": "ada", "device_name": "a=b&c", "mfa_passed": None}
    response = pool_of_moto.target.moto_api("POST", "devices", body, **{"Content-Type": content_type})
    assert response.status_code == 201, response.text
    assert pool_of_moto.admin_devices()[response.json()["DeviceKey"]]["device_name"] == "a=b&c"


def bad_requests(user_pool_id: str, untracked: str) -> Iterator[tuple[Any, int, str]]:
    good = {"user_pool_id": user_pool_id, "username": "ada"}
    for name, value in {
        "device_name": 1,
        "remembered": "true",
        "mfa_passed": 1,
        "account_id": 123456789012,
        "region": ["eu-west-1"],
        "user_pool_id": {},
        "username": True,
    }.items():
        yield {**good, name: value}, 400, f"{name} is not "
    yield {**good, "device_name": ""}, 400, "device_name must have 1 to 1024 characters"
    yield {**good, "device_name": "x" * 1025}, 400, "device_name must have 1 to 1024 characters"
    yield {**good, "name": "laptop"}, 400, "name is not a known member: choose from user_pool_id, username, device_name"
    yield {"username": "ada"}, 400, "user_pool_id is missing"
    yield {**good, "username": None}, 400, "username is missing"
    yield {**good, "username": "bob"}, 404, f"There is no user bob in user pool {user_pool_id}"
    yield {**good, "username": ""}, 404, "There is no user  in"
    yield {**good, "user_pool_id": "eu-west-1_none"}, 404, "There is no user pool eu-west-1_none in account 1234567890"
    yield {**good, "user_pool_id": ""}, 404, "There is no user pool"
    yield {**good, "region": "us-east-1"}, 404, "and region us-east-1"
    yield {**good, "region": "mars-north-9"}, 404, "and region mars-north-9"
    yield {**good, "account_id": "999"}, 404, "in account 999"
    yield {**good, "user_pool_id": untracked}, 400, "tracks no devices: give it a DeviceConfiguration (CreateUserPool"
    bodies = [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"user_pool_id=x&username=ada", b"\x1f\x8b\x08"]
    bodies += [b"[" * 100_000, b'{"username": ' + b"9" * 5000 + b"}", b'{"username": "\\ud800", "user_pool_id": "x"}']
    for body in bodies:
        yield body, 400, "The body is not a JSON object."


def test_a_bad_request_says_what_is_wrong_and_changes_nothing(pool_of_moto: UserPool) -> None:
    target = pool_of_moto.target
    untracked = pool_of_moto.cognito.create_user_pool(PoolName="untracked")["UserPool"]["Id"]
    pool_of_moto.cognito.admin_create_user(UserPoolId=untracked, Username="ada")
    before = mock_random.getstate()
    for body, status, text in bad_requests(pool_of_moto.id, untracked):
        response = target.moto_api("POST", "devices", body)
        assert response.status_code == status, (body, response.text)
        assert list(response.json()) == ["Error"], body
        assert text in response.json()["Error"], (body, response.text)
        assert response.headers["Content-Type"] == "application/json"
    if not target.endpoint:
        assert mock_random.getstate() == before
    assert pool_of_moto.admin_devices() == {}
    pool_of_moto.cognito.delete_user_pool(UserPoolId=untracked)


@pytest.mark.parametrize("what", ["devices", "errors"])
def test_other_methods_are_refused(moto_target: Target, what: str) -> None:
    allowed = {"devices": "POST", "errors": "POST, GET, DELETE"}[what]
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD"):
        if method not in allowed:
            response = moto_target.moto_api(method, what)
            assert (response.status_code, response.headers["Allow"]) == (405, allowed)
            if method != "HEAD":
                told = f"{method} is not allowed here: use {allowed.replace(', ', ' or ')}."
                assert response.json() == {"Error": told}
    assert moto_target.moto_api("OPTIONS", what).status_code == 200


def test_other_urls_are_motos(moto_target: Target) -> None:
    for what in ("device", "devices/x", "devicesx", ""):
        assert moto_target.moto_api("POST", what).status_code == 404


# What the helper's answer says


def test_wrong_arguments_are_told(pool_of_moto: UserPool) -> None:
    cognito = pool_of_moto.cognito
    with pytest.raises(ValueError, match="There is no user bob in user pool"):
        add_device(cognito, pool_of_moto.id, "bob")
    with pytest.raises(ValueError, match="There is no user pool eu-west-1_none"):
        add_device(cognito, "eu-west-1_none", "ada")
    with pytest.raises(ValueError, match="remembered is not true or false"):
        add_device(cognito, pool_of_moto.id, "ada", remembered="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="and region us-east-1"):
        add_device(pool_of_moto.target.client("us-east-1"), pool_of_moto.id, "ada")
    assert pool_of_moto.admin_devices() == {}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What botocore would send over the network; nothing is."""
    urls: list[str] = []

    def send(_: Any, request: Any) -> Any:
        urls.append(request.url)
        raise AssertionError(request.url)

    monkeypatch.setattr(URLLib3Session, "send", send)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return urls


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("eu-west-1", None),
        ("cn-north-1", None),
        ("us-gov-west-1", None),
        ("eu-west-1", "https://cognito-idp.us-east-1.amazonaws.com"),
        ("eu-west-1", "https://vpce-1-2.cognito-idp.us-east-1.vpce.amazonaws.com./"),
        ("eu-west-1", "https://cognito-idp.eu-west-1.API.aws"),
    ],
)
def test_nothing_is_sent_to_aws(sent: list[str], region: str, endpoint: str | None) -> None:
    cognito = cognito_client(region, endpoint_url=endpoint)
    with pytest.raises(MotoNotReachedError, match="nothing was sent there"):
        add_device(cognito, "eu-west-1_pool", "ada")
    assert sent == []
    for operation, parameters in (("list_user_pools", {"MaxResults": 1}), ("get_csv_header", {"UserPoolId": "none_0"})):
        with pytest.raises(AssertionError):  # the client itself is as it was
            getattr(cognito, operation)(**parameters)
    assert sent == [f"{cognito.meta.endpoint_url.rstrip('/')}/"] * 2


def test_a_moto_without_the_plugin_is_told(inactive: None) -> None:
    with mock_aws(), pytest.raises(MotoNotReachedError, match=r"HTTP 404.*call moto_cognito_devices.activate\(\)"):
        add_device(cognito_client(), "eu-west-1_pool", "ada")


@pytest.mark.slow
def test_a_server_without_the_plugin_is_told(log: Path) -> None:
    told = pytest.raises(MotoNotReachedError, match=r"127\.0\.0\.1.*`moto-cognito-devices server`")
    plain = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
    with server_process(log, *plain) as (url, _), told:
        add_device(cognito_client(endpoint_url=url), "eu-west-1_pool", "ada")


# By which way the helper goes


def test_a_client_from_before_the_mock_and_one_within() -> None:
    before = cognito_client()
    with mock_aws():
        user_pool_id, _ = pool_with_user(before)
        devices = [
            add_device(client, user_pool_id, "ada") for client in (before, boto3.client("cognito-idp", "eu-west-1"))
        ]
        assert device_keys(before, user_pool_id) == [device.device_key for device in devices]


def test_the_client_is_then_as_it_was(pool_of_moto: UserPool) -> None:
    seen: list[str] = []
    cognito = cognito_client(endpoint_url=pool_of_moto.target.endpoint)
    cognito.meta.events.register("before-call", lambda params, **_: seen.append(params["url"]))
    add_device(cognito, pool_of_moto.id, "ada")
    assert seen[0].endswith("/moto-api/static/cognito-idp/devices") or not pool_of_moto.target.endpoint
    cognito.list_user_pools(MaxResults=1)
    assert seen[-1] == f"{cognito.meta.endpoint_url.rstrip('/')}/"
    assert len(seen) == 2


def test_other_threads_go_on_with_the_client(pool_of_moto: UserPool) -> None:
    cognito, user_pool_id = cognito_client(endpoint_url=pool_of_moto.target.endpoint), pool_of_moto.id
    cognito.meta.events.register("before-call", lambda **_: time.sleep(0.005))  # in which the others get their turn

    def turn(number: int) -> str | None:
        if number % 2:
            return add_device(cognito, user_pool_id, "ada", name=f"device {number}").device_key
        assert cognito.describe_user_pool(UserPoolId=user_pool_id)["UserPool"]["Id"] == user_pool_id
        return None

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(turn, range(40)))
    shown = pool_of_moto.admin_devices()
    assert {key: f"device {number}" for number, key in enumerate(made) if key} == {
        key: attributes["device_name"] for key, attributes in shown.items()
    }
    assert len(shown) == 20


def test_the_clients_account_counts(moto_target: Target) -> None:
    """As for its other calls: by moto's header here."""

    def add_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = "222222222222"

    theirs = cognito_client(endpoint_url=moto_target.endpoint)
    theirs.meta.events.register("before-call.cognito-identity-provider", add_account)
    user_pool_id, _ = pool_with_user(theirs)
    device = add_device(theirs, user_pool_id, "ada")
    [shown] = theirs.admin_list_devices(UserPoolId=user_pool_id, Username="ada")["Devices"]
    assert shown["DeviceKey"] == device.device_key
    with pytest.raises(ValueError, match="in account 123456789012"):
        add_device(moto_target.client(), user_pool_id, "ada")
    by_http = {"user_pool_id": user_pool_id, "username": "ada", "account_id": "222222222222"}
    assert moto_target.moto_api("POST", "devices", by_http).status_code == 201
    theirs.delete_user_pool(UserPoolId=user_pool_id)


def test_the_account_of_an_assumed_role_counts() -> None:
    with mock_aws():
        role = boto3.client("sts", "eu-west-1").assume_role(
            RoleArn="arn:aws:iam::333333333333:role/tester", RoleSessionName="test"
        )["Credentials"]
        theirs = boto3.client(
            "cognito-idp",
            "eu-west-1",
            aws_access_key_id=role["AccessKeyId"],
            aws_secret_access_key=role["SecretAccessKey"],
            aws_session_token=role["SessionToken"],
        )
        user_pool_id, _ = pool_with_user(theirs)
        assert ":333333333333:" in theirs.describe_user_pool(UserPoolId=user_pool_id)["UserPool"]["Arn"]
        device = add_device(theirs, user_pool_id, "ada")
        assert device_keys(theirs, user_pool_id) == [device.device_key]


def test_motos_account_setting_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        monkeypatch.setenv("MOTO_ACCOUNT_ID", "444444444444")
        cognito = cognito_client()
        user_pool_id, _ = pool_with_user(cognito)
        device = add_device(cognito, user_pool_id, "ada")
        assert device_keys(cognito, user_pool_id) == [device.device_key]


def test_a_client_that_does_not_sign(pool_of_moto: UserPool) -> None:
    unsigned = boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        endpoint_url=pool_of_moto.target.endpoint,
        config=Config(signature_version=UNSIGNED),
    )
    device = add_device(unsigned, pool_of_moto.id, "ada")
    assert list(pool_of_moto.admin_devices()) == [device.device_key]


def test_a_client_without_credentials_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where mock_aws was forgotten."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)
    with pytest.raises(MotoNotReachedError, match=r"no credentials. Use mock_aws"):
        add_device(boto3.session.Session().client("cognito-idp", "eu-west-1"), "eu-west-1_a", "ada")


def test_a_server_that_does_not_answer_is_told(server_url: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        for endpoint in (f"http://127.0.0.1:{port}", server_url.replace("http:", "https:")):
            with pytest.raises(MotoNotReachedError, match=rf"{endpoint}.*Start moto's server, or look at the client's"):
                add_device(cognito_client(endpoint_url=endpoint), "eu-west-1_a", "ada")


def test_a_user_agent_that_names_another_region_does_not_matter(pool_of_moto: UserPool) -> None:
    """moto's TEST_SERVER_MODE writes it so."""
    cognito = cognito_client(
        endpoint_url=pool_of_moto.target.endpoint, config=Config(user_agent_extra="region/us-west-2")
    )
    assert add_device(cognito, pool_of_moto.id, "ada")


@pytest.mark.slow
def test_under_test_server_mode(server_url: str) -> None:
    run_python(
        """
from moto import mock_aws
from moto_cognito_devices.testing import add_device
from tests.scripts import cognito_client, device_keys, pool_with_user

@mock_aws
def test():
    cognito = cognito_client("ap-northeast-1")
    user_pool_id, _ = pool_with_user(cognito)
    device = add_device(cognito, user_pool_id, "ada")
    assert device_keys(cognito, user_pool_id) == [device.device_key]

test()
""",
        TEST_SERVER_MODE="true",
        TEST_SERVER_MODE_ENDPOINT=server_url,
        MOTO_CALL_RESET_API="false",
    )


@pytest.mark.slow
@needs_openssl
def test_through_the_proxy(log: Path) -> None:
    from .test_server_mode import PROXY

    certificates = log.with_name("certificates")
    certificates.mkdir()
    shutil.copy(Path(CertificateCreator.certdir) / "req.conf.tmpl", certificates)
    with server_process(log, sys.executable, "-c", PROXY, f"{certificates}/") as (url, _):
        port = url.rpartition(":")[2]
        for proxies in ({"https": url}, {"https": f"localhost:{port}", "http": url}):
            cognito = cognito_client(config=Config(proxies=proxies), verify=CertificateCreator.cacert)
            user_pool_id, client_id = pool_with_user(cognito)
            device, described = while_another_thread_describes(cognito, user_pool_id)
            assert described == [user_pool_id]
            assert "NewDeviceMetadata" not in sign_in(cognito, client_id, "ada", PASSWORD, device=device)
            with pytest.raises(ValueError, match="There is no user bob"):
                add_device(cognito, user_pool_id, "bob")
        run_python(
            f"""
from moto_cognito_devices.testing import add_device
from tests.scripts import cognito_client, device_keys
device = add_device(cognito_client(), {user_pool_id!r}, "ada")
assert device.device_key in device_keys(cognito_client(), {user_pool_id!r})
""",
            HTTPS_PROXY=url,
            AWS_CA_BUNDLE=str(CertificateCreator.cacert),
        )


def while_another_thread_describes(cognito: Any, user_pool_id: str) -> tuple[Device, list[str]]:
    """A device that is added while another thread calls by the same client: that call goes its way."""
    described: list[str] = []

    def describe() -> None:
        described.append(cognito.describe_user_pool(UserPoolId=user_pool_id)["UserPool"]["Id"])

    event = "before-call.cognito-identity-provider.MotoApi"
    with ThreadPoolExecutor(1) as other:

        def meanwhile(**_: Any) -> None:
            other.submit(describe).result(60)

        cognito.meta.events.register(event, meanwhile)
        device = add_device(cognito, user_pool_id, "ada")
        cognito.meta.events.unregister(event, meanwhile)
    return device, described


class OtherProxy(BaseHTTPRequestHandler):
    """Answers, and is not moto's."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.asked.append(f"{self.path} {self.headers}")
        self.send_error(400)

    do_CONNECT = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None: ...


def test_another_proxy_is_told_and_not_asked_for_a_host_of_aws() -> None:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), OtherProxy)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{httpd.server_port}"
    try:
        cognito = cognito_client(config=Config(proxies={"https": url, "http": url}))
        with pytest.raises(MotoNotReachedError, match="HTTP 400"):
            add_device(cognito, "eu-west-1_none", "ada")
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(60)
    [asked] = OtherProxy.asked
    assert f"Host: localhost:{httpd.server_port}" in asked
    assert "amazonaws" not in asked
    with pytest.raises(MotoNotReachedError, match=rf"127\.0\.0\.1:{httpd.server_port} is not moto's"):
        add_device(cognito, "eu-west-1_none", "ada")


# Servers from before the plugin, and after it


def test_a_server_whose_api_was_called_before_the_plugin_was_activated(inactive: None) -> None:
    from .test_registration import threaded_server

    with threaded_server() as client:
        cognito = client()
        url = cognito.meta.endpoint_url
        assert requests.get(f"{url}/moto-api/data.json", timeout=60).ok
        pool = cognito.create_user_pool(PoolName="test", DeviceConfiguration={"ChallengeRequiredOnNewDevice": True})
        user_pool_id = pool["UserPool"]["Id"]
        cognito.admin_create_user(UserPoolId=user_pool_id, Username="ada")
        helper = Target("server", url)
        body = {"user_pool_id": user_pool_id, "username": "ada"}
        plain = helper.moto_api("POST", "devices", body)
        assert plain.status_code == 404
        for _ in range(2):
            with activated():
                made = helper.moto_api("POST", "devices", body)
                assert made.status_code == 201, made.text
                assert made.json()["DeviceKey"] in device_keys(cognito, user_pool_id)
                assert requests.get(f"{url}/moto-api/data.json", timeout=60).ok
            again = helper.moto_api("POST", "devices", body)
            assert (again.status_code, again.content) == (plain.status_code, plain.content)
            assert requests.get(f"{url}/moto-api/data.json", timeout=60).ok


def test_a_server_builds_its_api_once_more_and_no_more(inactive: None) -> None:
    server = DomainDispatcherApplication(create_backend_app)
    of_others, of_ours = ({"PATH_INFO": f"/moto-api/{path}"} for path in ("data.json", "static/cognito-idp/errors"))
    before = server.get_application(of_others)
    assert server.get_application(of_ours) is before
    with activated():
        assert server.get_application(of_others) is before
        after = server.get_application(of_ours)
        assert after is not before
        assert server.get_application(of_ours) is server.get_application(of_others) is after


@pytest.mark.slow
def test_a_server_that_has_served_nothing_yet(log: Path) -> None:
    with server_process(log) as (url, _):
        response = Target("server", url).moto_api("POST", "devices", {"user_pool_id": "us-east-1_x", "username": "ada"})
        assert response.status_code == 404
        assert "There is no user pool us-east-1_x" in response.json()["Error"]


@pytest.mark.slow
def test_before_anything_of_cognito_is_imported() -> None:
    run_python("""
import sys
import moto_cognito_devices
moto_cognito_devices.activate()
import requests
from moto import mock_aws
with mock_aws():
    url = "http://motoapi.amazonaws.com/moto-api/"
    requests.post(url + "seed?a=1")
    assert "moto.moto_api._internal.urls" in sys.modules and "moto.cognitoidp" not in sys.modules
    answer = requests.get(url + "static/cognito-idp/errors")
    assert (answer.status_code, answer.json()) == (200, {"errors": []}), answer.text
""")


@pytest.mark.slow
def test_the_recorder_replays_it(log: Path) -> None:
    recording = {"MOTO_RECORDER_FILEPATH": str(log.with_name("recording"))}
    with server_process(log, environment=recording) as (url, _):

        def api(path: str) -> None:
            assert requests.post(f"{url}/moto-api/{path}", timeout=60).ok

        cognito = cognito_client(endpoint_url=url)
        api("seed?a=7")
        api("recorder/start-recording")
        user_pool_id, client_id = pool_with_user(cognito)
        device = add_device(cognito, user_pool_id, "ada")
        api("recorder/stop-recording")
        api("reset")
        api("seed?a=7")
        api("recorder/replay-recording")
        assert device_keys(cognito, user_pool_id) == [device.device_key]
        assert "NewDeviceMetadata" not in sign_in(cognito, client_id, "ada", PASSWORD, device=device)
        assert device.password not in log.with_name("recording").read_text()


def test_no_browser_is_kept_out(server_url: str) -> None:
    """A page of another origin that asks first, as browsers do."""
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    asked = Target("server", server_url).moto_api("OPTIONS", "devices", None, **headers)
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] in ("*", "http://localhost:3000")
