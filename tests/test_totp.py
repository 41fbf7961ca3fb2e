"""Codes of authenticator apps where they are checked: in this process, and on a server of its own."""

from __future__ import annotations

import base64
import time
from datetime import datetime, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from freezegun import freeze_time

from moto_cognito_devices.cognitoidp.auth.software_token import use_code
from moto_cognito_devices.cognitoidp.pool_state import TotpToken
from moto_cognito_devices.testing import add_device, totp

from .conftest import MakePool
from .support import ALWAYS, CODE, CODES, UserPool, refused
from .test_mfa import configure, prefer

USED = ("ExpiredCodeException", "Your software token has already been used once.")
WRONG = ("CodeMismatchException", "Invalid code received for user")
NOT_ENABLED = ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
# RFC 6238, appendix B, the last six digits of the codes for SHA-1.
RFC_6238 = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"}


@pytest.fixture
def pool(pool_that_checks: UserPool) -> UserPool:
    return pool_that_checks


def set_up(pool: UserPool, at: float | None = None) -> str:
    """Set up an app, and switch it on.

    :returns: its SecretCode
    """
    token = pool.tokens()["AccessToken"]
    secret: str = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(secret, at))
    prefer(pool, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    return secret


def decide() -> float:
    """A moment whose code is not that of the set-up, and is taken all the same."""
    return time.time() + 30


def with_code(pool: UserPool, code: str) -> dict[str, Any]:
    return pool.answer(pool.initiate(), SOFTWARE_TOKEN_MFA_CODE=code)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in RFC_6238.items():
        assert totp(secret, seconds) == totp(secret.lower(), seconds) == code
    moment = datetime(2005, 3, 18, 1, 58, 29, tzinfo=timezone.utc)
    assert totp(secret, moment) == RFC_6238[1111111109]
    reference = TOTP(b"12345678901234567890", 6, SHA1(), 30)  # noqa: S303 (RFC 6238's)
    assert totp(secret) in {reference.generate(int(time.time()) + late).decode() for late in (0, -1)}


@pytest.mark.parametrize("length", range(16, 33))
def test_a_secret_of_any_length_needs_no_padding(length: int) -> None:
    secret = bytes(range(length))
    reference = TOTP(secret, 6, SHA1(), 30)  # noqa: S303 (RFC 6238's)
    code = base64.b32encode(secret).decode().rstrip("=")
    assert totp(code, 1234567890) == totp(code.lower(), 1234567890.5) == reference.generate(1234567890).decode()


def test_the_right_code_signs_in_and_a_wrong_one_leaves_the_challenge_open(pool: UserPool) -> None:
    secret = set_up(pool)
    code = totp(secret, decide())
    challenge = pool.initiate()
    for wrong in (other_than(code), "x", "é", code + "0"):
        with refused(*WRONG):
            pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=wrong)
    assert "AuthenticationResult" in pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=code)


def test_a_wrong_code_of_the_set_up_leaves_it_open(pool: UserPool) -> None:
    token = pool.tokens()["AccessToken"]
    secret = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    with refused(*NOT_ENABLED):
        pool.cognito.verify_software_token(AccessToken=token, UserCode=other_than(totp(secret)))
    answer = pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(secret))
    assert answer["Status"] == "SUCCESS"
    assert "Session" not in answer

    configure(pool, "ON", totp=True)
    pool.add_user("bob")
    challenge = pool.initiate("bob")
    given = pool.cognito.associate_software_token(Session=challenge["Session"])
    with refused(*NOT_ENABLED):
        pool.cognito.verify_software_token(Session=given["Session"], UserCode=other_than(totp(given["SecretCode"])))
    verified = pool.cognito.verify_software_token(Session=given["Session"], UserCode=totp(given["SecretCode"]))
    assert "AuthenticationResult" in pool.answer({**challenge, "Session": verified["Session"]}, "bob")


def test_a_code_is_good_once_the_one_of_the_set_up_included(pool: UserPool) -> None:
    now = time.time()
    secret = set_up(pool, now)
    with refused(*USED):
        with_code(pool, totp(secret, now))
    later = totp(secret, now + 30)
    challenge = pool.initiate()
    # A device key that is refused uses no code up.
    with refused("ResourceNotFoundException", "Device does not exist."):
        pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=later, DEVICE_KEY="eu-west-1_0")
    assert "AuthenticationResult" in pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=later)
    challenge = pool.initiate()
    with refused(*USED):
        pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=later)
    with refused(*WRONG):
        pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=other_than(later))


def test_a_code_that_has_been_used_is_no_sign_in_with_mfa_for_the_device(pool: UserPool) -> None:
    secret = set_up(pool)
    device_key = add_device(pool.cognito, pool.id, "ada", remembered=False, mfa_passed=False).device_key
    code = totp(secret, decide())
    assert "AuthenticationResult" in with_code(pool, code)
    with refused(*USED):
        pool.answer(pool.initiate(), SOFTWARE_TOKEN_MFA_CODE=code, DEVICE_KEY=device_key)
    pool.cognito.admin_update_device_status(
        UserPoolId=pool.id, Username="ada", DeviceKey=device_key, DeviceRememberedStatus="remembered"
    )
    assert pool.initiate(device_key=device_key)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_codes_that_no_one_takes_any_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CODES, "checked")
    token = TotpToken(b"")
    for step in range(100):
        use_code(token, step)
    assert token.used == {97, 98, 99}


def test_each_user_has_a_secret_of_their_own(pool: UserPool) -> None:
    secret = set_up(pool)
    assert len(secret) == 52
    assert set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    pool.add_user("bob")
    token = pool.tokens("bob")["AccessToken"]
    bobs = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    assert bobs != secret
    with refused(*NOT_ENABLED):
        pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(secret, decide()))


def test_a_new_secret_suspends_totp_until_it_is_verified(pool: UserPool) -> None:
    old = set_up(pool)
    token = with_code(pool, totp(old, decide()))["AuthenticationResult"]["AccessToken"]
    new = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    assert new != old
    assert "AuthenticationResult" in pool.initiate()
    with refused(*NOT_ENABLED):
        pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(old, decide()))
    pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(new))
    challenge = pool.initiate()
    with refused(*WRONG):
        pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=totp(old, decide()))
    assert "AuthenticationResult" in pool.answer(challenge, SOFTWARE_TOKEN_MFA_CODE=totp(new, decide()))


@pytest.mark.parametrize(("late", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_the_codes_of_the_step_before_and_of_the_one_to_come_are_taken(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch, late: int, good: bool
) -> None:
    """amplify-js #3873: by design; franken-srp's suite needs the one to come."""
    monkeypatch.setenv(CODES, "checked")
    pool = make_moto_pool()
    pool.add_user()
    with freeze_time("2031-01-01 00:00:10") as clock:
        secret = set_up(pool)
        clock.tick(600)
        code = totp(secret, time.time() + late)
        if good:
            assert "AuthenticationResult" in with_code(pool, code)
        else:
            with refused(*WRONG):
                with_code(pool, code)


def test_motos_own_setting_has_codes_checked_and_not_used_up(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import moto.settings

    if not hasattr(moto.settings, "get_cognito_idp_user_pool_enable_totp"):
        pytest.skip("this moto checks no codes")
    monkeypatch.setenv("MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP", "true")
    pool = make_moto_pool()
    pool.add_user()
    now = time.time()
    secret = set_up(pool, now)
    for _ in range(2):
        assert "AuthenticationResult" in with_code(pool, totp(secret, now))
    with refused(*WRONG):
        with_code(pool, other_than(totp(secret, now)))


def test_a_user_who_was_enrolled_under_plain_moto_keeps_motos_secret(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make_moto_pool(None)
    pool.add_user()
    token = pool.tokens()["AccessToken"]
    secret = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    pool.cognito.verify_software_token(AccessToken=token, UserCode=CODE)
    prefer(pool, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    monkeypatch.setenv(CODES, "checked")
    with refused(*WRONG):
        with_code(pool, other_than(totp(secret)))
    assert "AuthenticationResult" in with_code(pool, totp(secret))


def test_by_default_any_code_passes(moto_pool: UserPool) -> None:
    moto_pool.enable_totp()
    for _ in range(2):
        assert "AuthenticationResult" in with_code(moto_pool, CODE)


@pytest.mark.observed("aws-sdk-js-v3 #4645: the user's text, and the administrator's")
def test_totp_can_not_be_preferred_before_it_is_set_up(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.add_user()
    wanted = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    token = pool.tokens()["AccessToken"]
    with refused("InvalidParameterException", "User has not set up software token mfa"):
        pool.cognito.set_user_mfa_preference(AccessToken=token, **wanted)
    with refused("InvalidParameterException", "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"):
        prefer(pool, **wanted)
    pool.cognito.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": False})
    pool.enable_totp()
    pool.cognito.set_user_mfa_preference(AccessToken=token, **wanted)
