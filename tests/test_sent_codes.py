"""Codes that are sent by text message and e-mail, where they are checked, and how a test author reads them."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.config import Config
from freezegun import freeze_time
from moto import mock_aws
from moto.cognitoidp.models import cognitoidp_backends
from moto.moto_api._internal import mock_random
from moto.moto_proxy.certificate_creator import CertificateCreator

from moto_cognito_devices.testing import MotoNotReachedError, last_code, sign_in

from .conftest import MakePool
from .scripts import cognito_client, pool_with_user
from .support import CODE, CODES, PASSWORD, REGION, Target, UserPool, refused, server_process
from .test_email_mfa import ADDRESS, ON, configure
from .test_mfa import prefer

WRONG = ("CodeMismatchException", "Invalid code or auth state for the user.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
SETTINGS = {"SMS_MFA": "SMSMfaSettings", "EMAIL_OTP": "EmailMfaSettings"}
DIGITS = {"SMS_MFA": 6, "EMAIL_OTP": 8}
NUMBER = "+15555550108"

each_method = pytest.mark.parametrize("method", SETTINGS)


@pytest.fixture
def pool(pool_that_checks: UserPool) -> UserPool:
    pool_that_checks.cognito.admin_update_user_attributes(
        UserPoolId=pool_that_checks.id,
        Username="ada",
        UserAttributes=[{"Name": "email", "Value": ADDRESS}, {"Name": "phone_number", "Value": NUMBER}],
    )
    return pool_that_checks


def code_of(pool: UserPool, username: str = "ada") -> str:
    return last_code(pool.cognito, pool.id, username)


def asked(pool: UserPool, method: str) -> dict[str, Any]:
    prefer(pool, **{SETTINGS[method]: ON})
    challenge = pool.initiate()
    assert challenge["ChallengeName"] == method
    return challenge


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def by_http(pool: UserPool, **query: str) -> requests.Response:
    return read(pool.target, user_pool_id=pool.id, **{"username": "ada", **query})


def read(target: Target, method: str = "GET", **query: str) -> requests.Response:
    url = f"{target.endpoint or 'http://motoapi.amazonaws.com'}/moto-api/static/cognito-idp/codes"
    return requests.request(method, url, params=query, timeout=60)


# The code is checked
@each_method
def test_the_code_that_was_made_passes(pool: UserPool, method: str) -> None:
    """Six digits by text message; eight by e-mail, as notes on a real pool have it."""
    challenge = asked(pool, method)
    code = code_of(pool)
    assert re.fullmatch(rf"[0-9]{{{DIGITS[method]}}}", code)
    assert "AuthenticationResult" in pool.answer(challenge, **{f"{method}_CODE": code})


@each_method
def test_wrong_codes_are_refused_and_spend_nothing(pool: UserPool, method: str) -> None:
    """amplify-js #3066 and #11069 for the text; tokapi-beta #27 and notes on a real pool: no limit."""
    challenge = asked(pool, method)
    code = code_of(pool)
    for wrong in [other_than(code), code[:-1], f"{code}0", f" {code}", CODE * 2, "x", "é", "\x00"] * 2:
        with refused(*WRONG):
            pool.answer(challenge, **{f"{method}_CODE": wrong})
    assert code_of(pool) == code
    assert "AuthenticationResult" in pool.answer(challenge, **{f"{method}_CODE": code})


@each_method
def test_each_challenge_has_a_code_of_its_own(pool: UserPool, method: str) -> None:
    challenges, codes = [], []
    for _ in range(3):
        challenges.append(asked(pool, method))
        codes.append(code_of(pool))
    with refused(*WRONG):
        pool.answer(challenges[0], **{f"{method}_CODE": codes[-1]})
    # An older one is still good for its own challenge.
    for challenge, code in zip(challenges, codes, strict=True):
        assert "AuthenticationResult" in pool.answer(challenge, **{f"{method}_CODE": code})


def test_the_code_of_another_user_is_wrong(pool: UserPool) -> None:
    pool.add_user("bob")
    pool.enable_sms_mfa("bob")
    challenge, other = asked(pool, "SMS_MFA"), pool.initiate("bob")
    code = code_of(pool)
    with refused(*WRONG):
        pool.answer(challenge, SMS_MFA_CODE=code_of(pool, "bob"))
    with refused(*WRONG):
        pool.answer(other, "bob", SMS_MFA_CODE=code)


def test_a_selected_method_has_a_code_of_its_own(pool: UserPool) -> None:
    prefer(pool, SMSMfaSettings=ON, EmailMfaSettings=ON)
    for method, digits in DIGITS.items():
        challenge = pool.answer(pool.initiate(), ANSWER=method)
        assert len(code_of(pool)) == digits
        assert "AuthenticationResult" in pool.answer(challenge, **{f"{method}_CODE": code_of(pool)})


def test_an_address_that_sets_mfa_up_gets_a_code(pool: UserPool) -> None:
    pool.add_user("bob")
    configure(pool)
    challenge = pool.answer(pool.initiate("bob"), "bob", EMAIL="bob@example.com")
    with refused(*WRONG):
        pool.answer(challenge, "bob", EMAIL_OTP_CODE=other_than(code_of(pool, "bob")))
    assert "AuthenticationResult" in pool.answer(challenge, "bob", EMAIL_OTP_CODE=code_of(pool, "bob"))


@each_method
def test_a_code_is_good_until_its_session_ends(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Then the code is told to be expired; where any code passes, the session is."""
    monkeypatch.setenv(CODES, "checked")
    pool = make_moto_pool()
    pool.add_user(email=ADDRESS)
    with freeze_time("2031-01-01 00:00:00") as clock:
        challenge = asked(pool, method)
        code = code_of(pool)
        clock.tick(179)
        with refused(*WRONG):
            pool.answer(challenge, **{f"{method}_CODE": other_than(code)})
        clock.tick(2)
        with refused(*EXPIRED):
            pool.answer(challenge, **{f"{method}_CODE": code})


def test_a_challenge_from_before_codes_were_checked_has_none(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = asked(moto_pool, "SMS_MFA")
    monkeypatch.setenv(CODES, "checked")
    with refused(*WRONG):
        moto_pool.answer(challenge, SMS_MFA_CODE=CODE)
    monkeypatch.setenv(CODES, "any")
    assert "AuthenticationResult" in moto_pool.answer(challenge, SMS_MFA_CODE=CODE)


def test_codes_come_of_motos_chance_and_only_where_they_are_checked(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make_moto_pool()
    pool.add_user(email=ADDRESS)
    prefer(pool, EmailMfaSettings=ON)

    def session() -> str:
        mock_random.seed(7)
        made: str = pool.initiate()["Session"]
        return made

    state = mock_random.getstate()
    unchecked = session()
    mock_random.seed(7)
    assert unchecked == str(mock_random.uuid4())
    monkeypatch.setenv(CODES, "checked")
    first = session(), code_of(pool)
    assert (session(), code_of(pool)) == first
    mock_random.setstate(state)


# Who reads it, and how
def test_sign_in_takes_what_reads_it(pool: UserPool) -> None:
    for settings in SETTINGS.values():
        prefer(pool, **{settings: ON})
        tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, mfa_code=lambda: code_of(pool))
        assert tokens["AccessToken"]
        prefer(pool, **{settings: {"Enabled": False}})


@pytest.mark.parametrize(
    ("method", "medium", "destination"), [("SMS_MFA", "SMS", "+*******0108"), ("EMAIL_OTP", "EMAIL", "a***@e***")]
)
def test_by_http(pool: UserPool, method: str, medium: str, destination: str) -> None:
    challenge = asked(pool, method)
    assert challenge["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == medium
    assert challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == destination
    response = by_http(pool)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert response.json() == {"code": code_of(pool), "medium": medium, "destination": destination}
    where = {"account_id": "123456789012", "region": REGION}
    assert by_http(pool, **where).json() == response.json()


def test_aliases_and_the_sub_name_the_user(pool: UserPool) -> None:
    asked(pool, "SMS_MFA")
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada")
    [sub] = (attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == "sub")
    assert code_of(pool, sub) == code_of(pool)


def test_a_bad_request_says_what_is_wrong(pool: UserPool) -> None:
    asked(pool, "SMS_MFA")
    pool.add_user("bob")
    for query, status, text in [
        ({"username": "bob"}, 404, f"There is no code for bob in user pool {pool.id}."),
        ({"username": "eve"}, 404, f"There is no user eve in user pool {pool.id}"),
        ({"username": ""}, 404, "There is no user  in"),
        ({"username": "%ff\x00"}, 404, "There is no user %ff\x00 in"),
        ({"user_pool_id": f"{REGION}_none"}, 404, f"There is no user pool {REGION}_none in account 123456789012"),
        ({"region": "mars-north-9"}, 404, "and region mars-north-9"),
        ({"account_id": "999"}, 404, "in account 999"),
        ({"name": "ada"}, 400, "name is not a known member: choose from user_pool_id, username, account_id, region"),
    ]:
        response = read(pool.target, **{"user_pool_id": pool.id, "username": "ada", **query})
        assert response.status_code == status, response.text
        assert list(response.json()) == ["Error"]
        assert text in response.json()["Error"]
    assert read(pool.target, username="ada").json() == {"Error": "user_pool_id is missing."}
    assert read(pool.target, user_pool_id=pool.id).json() == {"Error": "username is missing."}
    with pytest.raises(ValueError, match=r"There is no code for bob .* MOTO_COGNITO_DEVICES_CODES is checked"):
        code_of(pool, "bob")
    with pytest.raises(ValueError, match="and region us-east-1"):
        last_code(pool.target.client("us-east-1"), pool.id, "ada")


def test_where_codes_are_not_checked_there_is_none(pool_of_moto: UserPool) -> None:
    asked(pool_of_moto, "SMS_MFA")
    with pytest.raises(ValueError, match="There is no code for ada"):
        code_of(pool_of_moto)


def test_other_methods_are_refused(pool: UserPool) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD"):
        response = read(pool.target, method, user_pool_id=pool.id, username="ada")
        assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert read(pool.target, "OPTIONS").status_code == 200


@pytest.mark.parametrize("end", ["delete the user", "reset"])
def test_a_code_goes_with_its_user(moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setenv(CODES, "checked")
    asked(moto_pool, "EMAIL_OTP")
    assert code_of(moto_pool)
    state = cognitoidp_backends["123456789012"][REGION].user_pools[moto_pool.id].state  # type: ignore[attr-defined]
    if end == "reset":
        requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=60)
        told = "There is no user pool"
    else:
        moto_pool.cognito.admin_delete_user(UserPoolId=moto_pool.id, Username="ada")
        moto_pool.add_user()
        assert (state.sent_codes, [*filter(None, state.mfa_preferences.values())]) == ({}, [])
        told = "There is no code for ada"
    with pytest.raises(ValueError, match=told):
        code_of(moto_pool)


def test_codes_are_shown_nowhere_else(
    pool: UserPool, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    challenge = asked(pool, "EMAIL_OTP")
    code = code_of(pool)
    with refused(*WRONG):
        pool.answer(challenge, EMAIL_OTP_CODE=other_than(code))
    endpoint = pool.target.endpoint or "http://motoapi.amazonaws.com"
    text = requests.get(f"{endpoint}/moto-api/data.json", timeout=60).text
    assert pool.id in text
    shown = [text, caplog.text, *capfd.readouterr()]
    if not pool.target.endpoint:
        state = cognitoidp_backends["123456789012"][REGION].user_pools[pool.id].state  # type: ignore[attr-defined]
        shown += [repr(state), repr(state.sent_codes), repr(list(state.auth_sessions._issued.values()))]
        assert "testing.last_code()" in caplog.text
    for place in shown:
        assert code not in place
        assert other_than(code) not in place


@pytest.mark.slow
def test_a_server_logs_no_code(log: Path) -> None:
    with server_process(log, environment={CODES: "checked"}) as (url, _):
        cognito = cognito_client(endpoint_url=url)
        user_pool_id, client_id = pool_with_user(cognito)
        cognito.admin_set_user_mfa_preference(UserPoolId=user_pool_id, Username="ada", SMSMfaSettings=ON)
        codes: list[str] = []

        def code() -> str:
            codes.append(last_code(cognito, user_pool_id, "ada"))
            return codes[-1]

        sign_in(cognito, client_id, "ada", PASSWORD, mfa_code=code)
    text = log.read_text()
    assert "GET /moto-api/static/cognito-idp/codes?user_pool_id=" in text
    assert codes[0] not in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="moto's proxy runs openssl")
def test_through_the_proxy(log: Path) -> None:
    from .test_server_mode import PROXY

    certificates = log.with_name("certificates")
    certificates.mkdir()
    shutil.copy(Path(CertificateCreator.certdir) / "req.conf.tmpl", certificates)
    command = (sys.executable, "-c", PROXY, f"{certificates}/")
    with server_process(log, *command, environment={CODES: "checked"}) as (url, _):
        cognito = cognito_client(config=Config(proxies={"https": url}), verify=CertificateCreator.cacert)
        user_pool_id, client_id = pool_with_user(cognito)
        cognito.admin_set_user_mfa_preference(UserPoolId=user_pool_id, Username="ada", EmailMfaSettings=ON)
        read_it: Callable[[], str] = lambda: last_code(cognito, user_pool_id, "ada")  # noqa: E731
        assert sign_in(cognito, client_id, "ada", PASSWORD, mfa_code=read_it)["AccessToken"]
        with pytest.raises(ValueError, match="There is no user bob"):
            last_code(cognito, user_pool_id, "bob")


def test_nothing_is_asked_of_aws() -> None:
    with pytest.raises(MotoNotReachedError, match="nothing was sent there"):
        last_code(cognito_client(config=Config(proxies={})), "eu-west-1_none", "ada")


def test_a_name_of_any_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CODES, "checked")
    name = "a+b&c=d/é %20#?"
    with mock_aws():
        cognito = cognito_client()
        user_pool_id, _ = pool_with_user(cognito)
        cognito.admin_create_user(UserPoolId=user_pool_id, Username=name, MessageAction="SUPPRESS")
        with pytest.raises(ValueError, match=re.escape(f"There is no code for {name} in")):
            last_code(cognito, user_pool_id, name)
