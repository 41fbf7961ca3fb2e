"""pycognito, unmodified, signs in with passwords and devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pycognito
import pytest
import requests
from moto import mock_aws
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import (
    ForceChangePasswordException,
    SMSMFAChallengeException,
    SoftwareTokenMFAChallengeException,
)

from moto_cognito_devices.testing import totp

from .conftest import MakePool, pool_maker
from .support import ALWAYS, CODE, DEVICE_UNKNOWN, OPT_IN, PASSWORD, REGION, WRONG_PROOF, Target, UserPool, refused

NEW_PASSWORD = "Battery-staple-8"
AWS = f"https://cognito-idp.{REGION}.amazonaws.com"


def public_keys() -> str:
    """What moto signs tokens with. Not every moto's server can be asked for it, but each moto in process."""
    with mock_aws():
        pool_id = Target("in_process").client().create_user_pool(PoolName="keys")["UserPool"]["Id"]
        return requests.get(f"{AWS}/{pool_id}/.well-known/jwks.json", timeout=10).text


@pytest.fixture(params=["in_process", "server"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePool]:
    """Makes user pools in this process and on a server. There pycognito's own requests have to be led to it."""
    with ExitStack() as clean_up:
        if request.param == "in_process":
            clean_up.enter_context(mock_aws())
            yield pool_maker(Target("in_process"), clean_up)
        else:
            server = request.getfixturevalue("server_url")
            real_request = requests.Session.request

            def lead_to_server(session: requests.Session, method: str, url: str, **options: Any) -> Any:
                return real_request(session, method, url.replace(AWS, server), **options)

            monkeypatch.setenv("COGNITO_JWKS", public_keys())
            monkeypatch.setattr(requests.Session, "request", lead_to_server)
            yield pool_maker(Target("server", server), clean_up)


@pytest.fixture(params=[False, True], ids=["", "secret"])
def pool(request: pytest.FixtureRequest, make: MakePool) -> UserPool:
    """A pool that remembers each confirmed device, with the user ada; its app client without and with a secret."""
    made = make(ALWAYS, secret=request.param)
    made.add_user()
    return made


def user_of(pool: UserPool, username: str = "ada") -> Any:
    user = pycognito.Cognito(pool.id, pool.client_id, username=username, client_secret=pool.client_secret)
    user.client = pool.cognito
    return user


def srp_of(pool: UserPool, username: str = "ada", password: str = PASSWORD, **device: str) -> Any:
    return AWSSRP(
        username, password, pool.id, pool.client_id, client=pool.cognito, client_secret=pool.client_secret, **device
    )


def device_of(pool: UserPool, username: str = "ada", password: str = PASSWORD) -> tuple[dict[str, str], dict[str, Any]]:
    """Sign in, and confirm the device.

    :returns: what AWSSRP takes to sign in with the device, and the tokens
    """
    srp = srp_of(pool, username, password)
    tokens = srp.authenticate_user()
    return confirmed(srp, tokens), tokens["AuthenticationResult"]


def confirmed(srp: Any, tokens: dict[str, Any]) -> dict[str, str]:
    response, device_password = srp.confirm_device(tokens, "a test's device")
    assert (response.status_code, response.json().keys()) == (200, {"UserConfirmationNecessary"})
    return {
        "device_key": srp.device_key,
        "device_group_key": srp.device_group_key,
        "device_password": device_password,
    }


# The user's password
@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "untracked"])
@pytest.mark.parametrize("secret", [True, False], ids=["secret", "no secret"])
def test_the_right_password_signs_in_and_the_tokens_verify(make: MakePool, tracked: bool, secret: bool) -> None:
    pool = make(ALWAYS if tracked else None, secret=secret)
    pool.add_user(email="ada@example.com")
    user = user_of(pool)
    user.authenticate(PASSWORD)
    assert user.access_claims["username"] == "ada"
    assert ("device_key" in user.access_claims) is tracked
    assert user.get_user().email == "ada@example.com"


def test_a_wrong_password_is_refused(pool: UserPool) -> None:
    user = user_of(pool)
    with refused(*WRONG_PROOF):
        user.authenticate("Wrong-horse-7")
    user.authenticate(PASSWORD)


def test_a_wrong_client_secret_is_refused(make: MakePool) -> None:
    pool = make(ALWAYS, secret=True)
    pool.add_user()
    pool.client_secret = "wrong"
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {pool.client_id}"):
        user_of(pool).authenticate(PASSWORD)


def test_after_a_password_change_only_the_new_one_signs_in(pool: UserPool) -> None:
    user = user_of(pool)
    user.authenticate(PASSWORD)
    user.change_password(PASSWORD, NEW_PASSWORD)
    with refused(*WRONG_PROOF):
        user_of(pool).authenticate(PASSWORD)
    user_of(pool).authenticate(NEW_PASSWORD)


@pytest.mark.parametrize("password", ["Pässwörd-7", "Пароль-Password-7", "Password-7-密碼-🔑"])
def test_a_password_beyond_ascii_signs_in(make: MakePool, password: str) -> None:
    pool = make(ALWAYS)
    pool.add_user(password=password)
    with refused(*WRONG_PROOF):
        user_of(pool).authenticate(f"{password}x")
    user_of(pool).authenticate(password)


def test_a_temporary_password_has_to_be_replaced(pool: UserPool) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    user = user_of(pool)
    with pytest.raises(ForceChangePasswordException):
        user.authenticate("Temporary-1")
    with refused(*WRONG_PROOF):
        user.new_password_challenge("Temporary-2", NEW_PASSWORD)
    user.new_password_challenge("Temporary-1", NEW_PASSWORD)
    assert "device_key" in user.access_claims
    user_of(pool).authenticate(NEW_PASSWORD)


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "no secret"])
def test_a_user_signs_in_by_email(make: MakePool, secret: bool) -> None:
    pool = make(ALWAYS, secret=secret, UsernameAttributes=["email"])
    username = pool.add_user("ada@example.com", email="ada@example.com")
    user = user_of(pool, "ada@example.com")
    with refused(*WRONG_PROOF):
        user.authenticate("Wrong-horse-7")
    user.authenticate(PASSWORD)
    assert user.access_claims["username"] == username


def test_an_administrator_signs_a_user_in(pool: UserPool) -> None:
    user = user_of(pool)
    user.admin_authenticate(PASSWORD)
    assert "device_key" in user.access_claims


# MFA
def test_a_code_of_an_authenticator_app_is_asked_for(pool: UserPool) -> None:
    user = user_of(pool)
    user.authenticate(PASSWORD)
    secret = user.associate_software_token()
    assert user.verify_software_token(totp(secret))
    user.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

    again = user_of(pool)
    with pytest.raises(SoftwareTokenMFAChallengeException):
        again.authenticate(PASSWORD)
    again.respond_to_software_token_mfa_challenge(totp(secret))
    assert "device_key" in again.access_claims


def test_a_code_of_a_text_message_is_asked_for(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    user = user_of(pool)
    with refused(*WRONG_PROOF):
        user.authenticate("Wrong-horse-7")
    with pytest.raises(SMSMFAChallengeException):
        user.authenticate(PASSWORD)
    user.respond_to_sms_mfa_challenge(CODE)
    assert "device_key" in user.access_claims


# Devices
def test_a_confirmed_device_is_listed(pool: UserPool) -> None:
    device, tokens = device_of(pool)
    assert pool.user_devices(tokens["AccessToken"]) == [device["device_key"]]
    assert pool.admin_devices()[device["device_key"]]["device_name"] == "a test's device"


@pytest.mark.parametrize("username", ["ada", "ada@example.com"])
def test_a_remembered_device_signs_in_without_a_code(make: MakePool, username: str) -> None:
    pool = make(ALWAYS, UsernameAttributes=["email"]) if "@" in username else make(ALWAYS)
    canonical = pool.add_user(username, **({"email": username} if "@" in username else {}))
    pool.enable_sms_mfa(username)
    # pycognito's AWSSRP answers no MFA challenge: the device's first sign-in is another client's.
    first, _ = pool.confirmed_device(canonical)
    device = {name: getattr(first, name) for name in ("device_key", "device_group_key")}
    device["device_password"] = first.password
    with pytest.raises(SMSMFAChallengeException):
        srp_of(pool, username).authenticate_user()

    tokens = srp_of(pool, username, **device).authenticate_user()["AuthenticationResult"]

    assert "NewDeviceMetadata" not in tokens
    assert pool.user_devices(tokens["AccessToken"]) == [device["device_key"]]


def test_a_wrong_device_password_is_refused(make: MakePool) -> None:
    pool = make(ALWAYS)
    pool.add_user()
    device, _ = device_of(pool)
    with refused(*WRONG_PROOF):
        srp_of(pool, **{**device, "device_password": "wrong"}).authenticate_user()


def test_a_device_does_not_replace_the_password(make: MakePool) -> None:
    pool = make(ALWAYS)
    pool.add_user()
    device, _ = device_of(pool)
    with refused(*WRONG_PROOF):
        srp_of(pool, password="Wrong-horse-7", **device).authenticate_user()


def test_a_client_with_a_secret_cannot_sign_in_with_its_device(make: MakePool) -> None:
    """pycognito leaves SECRET_HASH out of its answer to DEVICE_SRP_AUTH, and of that one only."""
    pool = make(ALWAYS, secret=True)
    pool.add_user()
    device, _ = device_of(pool)
    missing = f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
    with refused("NotAuthorizedException", missing):
        srp_of(pool, **device).authenticate_user()


def test_a_device_that_came_with_a_new_password_signs_in(make: MakePool) -> None:
    pool = make(ALWAYS)
    pool.add_user()
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    srp = srp_of(pool, password="Temporary-1")
    device = confirmed(srp, srp.set_new_password_challenge(NEW_PASSWORD))
    assert "AuthenticationResult" in srp_of(pool, password=NEW_PASSWORD, **device).authenticate_user()


def test_a_device_is_remembered_when_the_user_agrees(make: MakePool) -> None:
    pool = make(OPT_IN)
    pool.add_user()
    device, tokens = device_of(pool)
    key = device["device_key"]
    assert pool.admin_devices()[key]["dev:device_remembered_status"] == "not_remembered"

    for remembered, status in [(True, "remembered"), (False, "not_remembered")]:
        srp = srp_of(pool)
        assert srp.update_device_status(remembered, tokens["AccessToken"], key).startswith("<Response [200]>")
        assert pool.admin_devices()[key]["dev:device_remembered_status"] == status


def test_a_forgotten_device_signs_in_no_more(pool: UserPool) -> None:
    device, tokens = device_of(pool)
    answer = srp_of(pool).forget_device(tokens["AccessToken"], device["device_key"])
    assert answer.startswith("<Response [200]>")
    assert pool.admin_devices() == {}
    with refused(*DEVICE_UNKNOWN):
        srp_of(pool, **device).authenticate_user()


def test_a_key_that_is_not_the_users_is_not_confirmed(pool: UserPool) -> None:
    srp = srp_of(pool)
    tokens = srp.authenticate_user()
    metadata = tokens["AuthenticationResult"]["NewDeviceMetadata"]
    metadata["DeviceKey"] = f"{REGION}_00000000-0000-4000-8000-000000000000"
    response, _ = srp.confirm_device(tokens)
    assert response.status_code == 400
    assert response.json()["message"] == "Invalid device key given."


# Refresh
def test_tokens_are_renewed_in_a_pool_without_tracking(make: MakePool) -> None:
    pool = make(None)
    pool.add_user()
    user = user_of(pool)
    user.authenticate(PASSWORD)
    user.renew_access_token()
    assert user.access_claims["username"] == "ada"


def test_tokens_are_not_renewed_in_a_pool_with_tracking(pool: UserPool) -> None:
    """pycognito sends no DEVICE_KEY with a refresh token."""
    user = user_of(pool)
    user.authenticate(PASSWORD)
    with refused("NotAuthorizedException", "Invalid Refresh Token."):
        user.renew_access_token()
