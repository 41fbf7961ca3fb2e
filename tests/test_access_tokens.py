"""Which access tokens are taken: one verdict in each operation that has one."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto import mock_aws
from moto.cognitoidp.models import CognitoIdpUserPool

from .conftest import MakePool, pool_maker
from .support import CODE, PASSWORD, REGION, Target, UserPool, refused

KEY = "eu-west-1_00000000-0000-4000-8000-000000000000"

Call = Callable[[Any, str], Any]
OPERATIONS: dict[str, Call] = {
    "ConfirmDevice": lambda cognito, token: cognito.confirm_device(AccessToken=token, DeviceKey=KEY),
    "GetDevice": lambda cognito, token: cognito.get_device(AccessToken=token, DeviceKey=KEY),
    "ListDevices": lambda cognito, token: cognito.list_devices(AccessToken=token),
    "UpdateDeviceStatus": lambda cognito, token: cognito.update_device_status(AccessToken=token, DeviceKey=KEY),
    "ForgetDevice": lambda cognito, token: cognito.forget_device(AccessToken=token, DeviceKey=KEY),
}
#: moto's own: they go through the same door where the token is of a pool that tracks devices.
MOTOS: dict[str, Call] = {
    "GetUser": lambda cognito, token: cognito.get_user(AccessToken=token),
    "ChangePassword": lambda cognito, token: cognito.change_password(
        AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="Another-horse-8"
    ),
    "SetUserMFAPreference": lambda cognito, token: cognito.set_user_mfa_preference(
        AccessToken=token, SMSMfaSettings={"Enabled": True}
    ),
    "UpdateUserAttributes": lambda cognito, token: cognito.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "nickname", "Value": "x"}]
    ),
    "AssociateSoftwareToken": lambda cognito, token: cognito.associate_software_token(AccessToken=token),
    "VerifySoftwareToken": lambda cognito, token: cognito.verify_software_token(AccessToken=token, UserCode=CODE),
    "GlobalSignOut": lambda cognito, token: cognito.global_sign_out(AccessToken=token),  # the last that it is good for
}


def each_of_motos(cognito: Any, token: str) -> None:
    """All of them, which must have one verdict."""
    verdicts: dict[str, ClientError | None] = dict.fromkeys(MOTOS)
    for name, call in MOTOS.items():
        try:
            call(cognito, token)
        except ClientError as error:
            verdicts[name] = error
    assert len({str(verdict and verdict.response["Error"]) for verdict in verdicts.values()}) == 1, verdicts
    verdict = verdicts["GetUser"]
    if verdict is not None:
        raise verdict


each = pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
every = pytest.mark.parametrize("call", [*OPERATIONS.values(), each_of_motos], ids=[*OPERATIONS, "moto's own"])


def not_authorized(message: str) -> AbstractContextManager[None]:
    return refused("NotAuthorizedException", message)


@cache
def motos_key() -> Any:
    """The private key that moto signs every pool's tokens with, in this process and in a server."""
    return CognitoIdpUserPool("123456789012", REGION, "any", {}).json_web_key.private_key


def signed(token: str, **changes: Any) -> str:
    """A token with other claims, signed as moto signs; None takes a claim out."""
    claims = {**jwt.decode(token, options={"verify_signature": False}), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, motos_key(), algorithm="RS256", headers={"kid": "dummy"})


@pytest.mark.conflicting("no source for the text")
@each
@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "MQ.MQ.MQ", "eyJhbGciOiJSUzI1NiJ9.e30.AA", "=" * 300])
def test_garbage_is_refused(pool: UserPool, call: Call, token: str) -> None:
    with not_authorized("Invalid Access Token"):
        call(pool.cognito, token)


@pytest.mark.conflicting("no source for the text")
@each
@pytest.mark.parametrize("which", ["IdToken", "RefreshToken"])
def test_other_tokens_are_refused(pool: UserPool, call: Call, which: str) -> None:
    with not_authorized("Invalid Access Token"):
        call(pool.cognito, pool.tokens()[which])


@pytest.mark.conflicting("no source for the text; a signature is checked")
@every
def test_a_foreign_signature_is_refused(pool: UserPool, call: Call) -> None:
    token = pool.tokens()["AccessToken"]
    head, body, signature = token.split(".")
    forged = jwt.encode(jwt.decode(token, options={"verify_signature": False}), "x" * 32, algorithm="HS256")
    unsigned = jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", algorithm="none")
    changed = f"{head}.{body}.{'A' * 20}{signature[20:]}"
    for bad in (forged, unsigned, changed, f"{head}.{body}."):
        with not_authorized("Invalid Access Token"):
            call(pool.cognito, bad)


@pytest.mark.observed("aws-sdk-ios #1376")
@every
def test_an_expired_token_is_refused(pool: UserPool, call: Call) -> None:
    token = pool.tokens()["AccessToken"]
    for exp in (int(time.time()) - 1, "never", None):
        with not_authorized("Access Token has expired"):
            call(pool.cognito, signed(token, exp=exp))


@every
def test_a_token_expires_by_a_frozen_clock(make_moto_pool: MakePool, call: Call) -> None:
    pool = make_moto_pool()
    pool.add_user()
    with freeze_time("2031-01-01") as clock:
        token = pool.tokens()["AccessToken"]
        pool.cognito.list_devices(AccessToken=token)
        clock.tick(3600)  # exp is the first second that it is not good for
        with not_authorized("Access Token has expired"):
            call(pool.cognito, token)


@pytest.mark.observed("amplify-android #1592, amplify-js #5921")
@every
@pytest.mark.parametrize("scope", ["", "openid email", "aws.cognito.signin.user.administrator"])
def test_a_token_without_the_scope_is_refused(pool: UserPool, call: Call, scope: str) -> None:
    token = signed(pool.tokens()["AccessToken"], scope=scope)
    with not_authorized("Access Token does not have required scopes"):
        call(pool.cognito, token)


@pytest.mark.documented("GlobalSignOut; the text from amplify-js #2205")
@every
@pytest.mark.parametrize("by", ["user", "administrator"])
def test_a_revoked_token_is_refused(pool: UserPool, call: Call, by: str) -> None:
    token = pool.tokens()["AccessToken"]
    if by == "user":
        pool.cognito.global_sign_out(AccessToken=token)
    else:
        pool.cognito.admin_user_global_sign_out(UserPoolId=pool.id, Username="ada")
    with not_authorized("Access Token has been revoked"):
        call(pool.cognito, token)


@pytest.mark.documented("AdminUserGlobalSignOut takes an alias as Username")
def test_a_sign_out_by_alias_revokes_tokens(make_pool: MakePool) -> None:
    pool = make_pool(UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    for signed_in_as in ("ada@example.com", canonical):
        for signed_out_as in ("ada@example.com", canonical):
            token = pool.tokens(signed_in_as)["AccessToken"]
            pool.cognito.admin_user_global_sign_out(UserPoolId=pool.id, Username=signed_out_as)
            with not_authorized("Access Token has been revoked"):
                pool.cognito.list_devices(AccessToken=token)


@pytest.mark.inferred("what Cognito did not issue is not good, however well it is signed")
@every
def test_a_token_that_was_not_issued_is_refused(pool: UserPool, call: Call) -> None:
    token = signed(pool.tokens()["AccessToken"], jti="another")
    with not_authorized("Access Token has been revoked"):
        call(pool.cognito, token)


@pytest.mark.inferred("a pool's tokens end with the pool")
@each
def test_a_deleted_pools_token_is_refused(pool: UserPool, call: Call) -> None:
    token = pool.tokens()["AccessToken"]
    pool.cognito.delete_user_pool(UserPoolId=pool.id)
    with not_authorized("Invalid Access Token"):
        call(pool.cognito, token)


@pytest.mark.documented("UserNotFoundException of ConfirmDevice in the service model")
@every
@pytest.mark.parametrize("created_again", [False, True])
def test_a_deleted_users_token_is_refused(pool: UserPool, call: Call, created_again: bool) -> None:
    token = pool.tokens()["AccessToken"]
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    if created_again:
        pool.add_user("ada")
    with refused("UserNotFoundException", "User does not exist."):
        call(pool.cognito, token)


@pytest.mark.inferred("the text that Cognito has for a disabled user elsewhere")
@every
def test_a_disabled_users_token_is_refused(pool: UserPool, call: Call) -> None:
    token = pool.tokens()["AccessToken"]
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    with not_authorized("User is disabled."):
        call(pool.cognito, token)


@pytest.mark.documented("PasswordResetRequiredException of ConfirmDevice in the service model")
@every
def test_a_user_who_must_reset_the_password_is_refused(pool: UserPool, call: Call) -> None:
    token = pool.tokens()["AccessToken"]
    pool.cognito.admin_update_user_attributes(
        UserPoolId=pool.id,
        Username="ada",
        UserAttributes=[{"Name": "email", "Value": "a@example.com"}, {"Name": "email_verified", "Value": "true"}],
    )
    pool.cognito.admin_reset_user_password(UserPoolId=pool.id, Username="ada")
    with pytest.raises(pool.cognito.exceptions.PasswordResetRequiredException):
        call(pool.cognito, token)


@every
def test_an_unconfirmed_user_is_refused(moto_pool: UserPool, call: Call) -> None:
    from moto.cognitoidp.models import UserStatus, cognitoidp_backends

    token = moto_pool.tokens()["AccessToken"]
    backend = cognitoidp_backends["123456789012"][moto_pool.target.region]
    backend.user_pools[moto_pool.id].users["ada"].status = UserStatus.UNCONFIRMED
    with refused("UserNotConfirmedException", "User is not confirmed."):
        call(moto_pool.cognito, token)


@pytest.mark.inferred("AccessToken is optional in the model of two operations, which can't do without")
@pytest.mark.parametrize("operation", ["GetDevice", "ForgetDevice"])
def test_a_missing_token_is_refused(pool: UserPool, operation: str) -> None:
    response = pool.target.post(operation, {"DeviceKey": KEY})
    assert response.status_code == 400
    assert response.json() == {
        "__type": "InvalidParameterException",
        "message": "Missing required parameter AccessToken",
    }


def test_each_of_motos_operations_with_an_access_token_goes_through_the_door() -> None:
    from moto.cognitoidp.responses import CognitoIdpResponse
    from moto.core.utils import camelcase_to_underscores, get_service_model

    model = get_service_model("cognito-idp")
    with_token = {
        name
        for name in model.operation_names
        if "AccessToken" in model.operation_model(name).input_shape.members
        and hasattr(CognitoIdpResponse, camelcase_to_underscores(name))
    }
    assert with_token - set(OPERATIONS) == set(MOTOS)


@pytest.mark.inferred("a token of a good sign-in is good in every operation")
@every
def test_a_good_token_is_taken(pool: UserPool, call: Call) -> None:
    token = pool.tokens()["AccessToken"]
    try:
        call(pool.cognito, token)
    except pool.cognito.exceptions.NotAuthorizedException as error:
        raise AssertionError from error
    except ClientError:  # the device is not there
        pass


def test_a_pool_without_tracking_has_motos_verdict(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(None)
    pool.add_user()
    token = pool.tokens()["AccessToken"]
    pool.cognito.get_user(AccessToken=signed_again(pool, token))
    pool.cognito.global_sign_out(AccessToken=token)
    with not_authorized(token):
        pool.cognito.global_sign_out(AccessToken=token)


def signed_again(pool: UserPool, token: str) -> str:
    """The token, put into moto's registry as one that has expired: moto looks at no expiry."""
    from moto.cognitoidp.models import cognitoidp_backends

    user_pool = cognitoidp_backends["123456789012"][REGION].user_pools[pool.id]
    expired = signed(token, exp=1)
    user_pool.access_tokens[expired] = user_pool.access_tokens[token]
    return expired


def test_each_of_two_accounts_with_one_pool_id_has_its_own_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto makes ids of the configuration, if it is asked to."""
    monkeypatch.setenv("MOTO_COGNITO_IDP_USER_POOL_ID_STRATEGY", "HASH")
    with mock_aws(), ExitStack() as clean_up:
        pools = []
        for account in ("111111111111", "222222222222"):
            monkeypatch.setenv("MOTO_ACCOUNT_ID", account)
            made = pool_maker(Target("in_process"), clean_up)()
            made.add_user()
            pools.append((made, *made.confirmed_device()))
        assert pools[0][0].id == pools[1][0].id
        monkeypatch.delenv("MOTO_ACCOUNT_ID")
        for pool, device, tokens in pools:
            assert pool.user_devices(tokens["AccessToken"]) == [device.device_key]
            assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
        for account in ("111111111111", "222222222222"):  # what cleans up finds them
            monkeypatch.setenv("MOTO_ACCOUNT_ID", account)
