"""Refresh tokens are bound to the device of their sign-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from freezegun import freeze_time

from moto_cognito_devices.testing import secret_hash, sign_in

from .conftest import MakePool
from .support import ALWAYS, OPT_IN, PASSWORD, UserPool, refused

INVALID = ("NotAuthorizedException", "Invalid Refresh Token.")

Refresh = Callable[..., dict[str, Any]]


def _initiate(pool: UserPool, flow: str, admin: bool) -> Refresh:
    def refresh(token: str, device_key: str | None = None, client_id: str | None = None) -> dict[str, Any]:
        parameters = {"REFRESH_TOKEN": token, **({"DEVICE_KEY": device_key} if device_key is not None else {})}
        if pool.client_secret:
            parameters["SECRET_HASH"] = secret_hash(pool.client_id, pool.client_secret, "ada")
        common = {"ClientId": client_id or pool.client_id, "AuthFlow": flow, "AuthParameters": parameters}
        if admin:
            response = pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **common)
        else:
            response = pool.cognito.initiate_auth(**common)
        result: dict[str, Any] = response["AuthenticationResult"]
        return result

    return refresh


def refresh_token(pool: UserPool) -> Refresh:
    return _initiate(pool, "REFRESH_TOKEN", admin=False)


def refresh_token_auth(pool: UserPool) -> Refresh:
    return _initiate(pool, "REFRESH_TOKEN_AUTH", admin=False)


def admin_refresh_token_auth(pool: UserPool) -> Refresh:
    return _initiate(pool, "REFRESH_TOKEN_AUTH", admin=True)


def get_tokens_from_refresh_token(pool: UserPool) -> Refresh:
    def refresh(token: str, device_key: str | None = None, client_id: str | None = None) -> dict[str, Any]:
        optional = {"DeviceKey": device_key, "ClientSecret": pool.client_secret}
        result: dict[str, Any] = pool.cognito.get_tokens_from_refresh_token(
            RefreshToken=token,
            ClientId=client_id or pool.client_id,
            **{name: value for name, value in optional.items() if value},
        )["AuthenticationResult"]
        return result

    return refresh


WAYS = [refresh_token, refresh_token_auth, admin_refresh_token_auth, get_tokens_from_refresh_token]
every_way = pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
Way = Callable[[UserPool], Refresh]


@pytest.mark.documented("the developer guide, Refresh tokens; the claim is kept by inference")
@every_way
@pytest.mark.parametrize("secret", [False, True])
def test_the_device_refreshes_its_tokens(make_pool: MakePool, way: Way, secret: bool) -> None:
    pool = make_pool(ALWAYS, secret=secret)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    refreshed = way(pool)(tokens["RefreshToken"], device.device_key)
    assert set(refreshed) == {"AccessToken", "ExpiresIn", "IdToken", "TokenType"}
    claims = jwt.decode(refreshed["AccessToken"], options={"verify_signature": False})
    assert claims["device_key"] == device.device_key
    assert list(claims)[list(claims).index("sub") + 1] == "device_key"
    assert pool.user_devices(refreshed["AccessToken"]) == [device.device_key]


@pytest.mark.documented("https://repost.aws/knowledge-center/cognito-invalid-refresh-token-error")
@every_way
def test_without_its_device_a_token_is_refused(pool: UserPool, way: Way) -> None:
    device, tokens = pool.confirmed_device()
    other, _ = pool.confirmed_device()
    refresh = way(pool)
    for key in (None, other.device_key, "eu-west-1_00000000-0000-4000-8000-000000000000"):
        with refused(*INVALID):
            refresh(tokens["RefreshToken"], key)
    assert refresh(tokens["RefreshToken"], device.device_key)


@pytest.mark.documented("https://repost.aws/knowledge-center/cognito-invalid-refresh-token-error: not confirmed")
@every_way
def test_an_unconfirmed_device_does_not_refresh(pool: UserPool, way: Way) -> None:
    tokens = pool.tokens()
    with refused(*INVALID):
        way(pool)(tokens["RefreshToken"], tokens["NewDeviceMetadata"]["DeviceKey"])
    with refused(*INVALID):
        way(pool)(tokens["RefreshToken"])


@pytest.mark.documented("the AWS blog on remembered devices: a forgotten device's tokens")
@every_way
def test_a_forgotten_device_does_not_refresh(pool: UserPool, way: Way) -> None:
    device, tokens = pool.confirmed_device()
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=device.device_key)
    with refused(*INVALID):
        way(pool)(tokens["RefreshToken"], device.device_key)


@pytest.mark.observed("a client's comment only: a device that is not remembered refreshes")
@every_way
def test_a_device_that_is_not_remembered_refreshes(make_pool: MakePool, way: Way) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    assert way(pool)(tokens["RefreshToken"], device.device_key)


@pytest.mark.inferred("tokens that a device's proof has released are bound to it as well")
@every_way
def test_a_device_sign_in_binds_its_tokens(pool: UserPool, way: Way) -> None:
    device, _ = pool.confirmed_device()
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    with refused(*INVALID):
        way(pool)(tokens["RefreshToken"])
    assert way(pool)(tokens["RefreshToken"], device.device_key)


@pytest.mark.inferred("tokens from before tracking was switched on have no device")
@every_way
def test_tokens_from_before_tracking_need_no_key(make_pool: MakePool, way: Way) -> None:
    pool = make_pool(None)
    pool.add_user()
    tokens = pool.tokens()
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    refreshed = way(pool)(tokens["RefreshToken"])
    assert "device_key" not in jwt.decode(refreshed["AccessToken"], options={"verify_signature": False})


@pytest.mark.observed("aws-sdk-cpp #851: without tracking refresh works without a key")
@every_way
def test_without_tracking_no_key_is_needed(pool: UserPool, way: Way) -> None:
    tokens = pool.tokens()
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    assert way(pool)(tokens["RefreshToken"])


@every_way
def test_the_binding_can_be_switched_off(make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_REQUIRE_DEVICE_TO_REFRESH", "false")
    pool = make_moto_pool()
    pool.add_user()
    assert way(pool)(pool.tokens()["RefreshToken"])


@pytest.mark.observed("the texts of a bad and of a revoked token")
@every_way
def test_bad_tokens_are_told(pool: UserPool, way: Way) -> None:
    device, tokens = pool.confirmed_device()
    refresh = way(pool)
    with refused(*INVALID):
        refresh("no-such-token", device.device_key)
    with refused(*INVALID):
        refresh(tokens["AccessToken"], device.device_key)
    pool.cognito.global_sign_out(AccessToken=tokens["AccessToken"])
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        refresh(tokens["RefreshToken"], device.device_key)


@pytest.mark.documented("https://repost.aws/knowledge-center/cognito-invalid-refresh-token-error: another client's id")
@every_way
def test_another_client_does_not_refresh(pool: UserPool, way: Way) -> None:
    device, tokens = pool.confirmed_device()
    other = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other")["UserPoolClient"]
    with refused(*INVALID):
        way(pool)(tokens["RefreshToken"], device.device_key, client_id=other["ClientId"])


@pytest.mark.inferred("the text that Cognito has for a disabled user elsewhere")
@every_way
def test_a_disabled_user_does_not_refresh(pool: UserPool, way: Way) -> None:
    device, tokens = pool.confirmed_device()
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        way(pool)(tokens["RefreshToken"], device.device_key)


@pytest.mark.observed("the texts of a client with a secret")
@pytest.mark.parametrize("flow", ["REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"])
def test_a_client_with_a_secret_proves_it(make_pool: MakePool, flow: str) -> None:
    pool = make_pool(secret=True)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    given = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    with refused(
        "NotAuthorizedException", f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
    ):
        pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow=flow, AuthParameters=given)
    of_bob = secret_hash(pool.client_id, str(pool.client_secret), "bob")
    for wrong in ({"SECRET_HASH": "wrong"}, {"SECRET_HASH": of_bob}, {"USERNAME": "bob", "SECRET_HASH": of_bob}):
        with refused("NotAuthorizedException", f"SecretHash does not match for the client: {pool.client_id}"):
            pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow=flow, AuthParameters={**given, **wrong})


@pytest.mark.observed(
    "net-extensions #122, #94, amplify-android #3111: over the owner's canonical name, whatever USERNAME is"
)
@pytest.mark.parametrize("name", [None, "ada@example.com", "nobody"])
def test_the_secret_hash_at_refresh_is_over_the_tokens_owner(make_pool: MakePool, name: str | None) -> None:
    pool = make_pool(secret=True, UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    device, tokens = pool.confirmed_device(canonical)
    given = {
        "REFRESH_TOKEN": tokens["RefreshToken"],
        "DEVICE_KEY": device.device_key,
        "SECRET_HASH": secret_hash(pool.client_id, str(pool.client_secret), canonical),
        **({"USERNAME": name} if name else {}),
    }
    request = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    assert "AuthenticationResult" in pool.cognito.initiate_auth(**request, AuthParameters=given)


@pytest.mark.observed("AWS's SDKs for iOS and Android, dart-2 PR #213: the client secret itself, without a USERNAME")
def test_the_client_secret_itself_refreshes_without_a_username(make_pool: MakePool) -> None:
    pool = make_pool(secret=True)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    given = {
        "REFRESH_TOKEN": tokens["RefreshToken"],
        "DEVICE_KEY": device.device_key,
        "SECRET_HASH": str(pool.client_secret),
    }
    request = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    assert "AuthenticationResult" in pool.cognito.initiate_auth(**request, AuthParameters=given)
    with refused("NotAuthorizedException", f"SecretHash does not match for the client: {pool.client_id}"):
        pool.cognito.initiate_auth(**request, AuthParameters={**given, "USERNAME": "ada"})
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {pool.client_id}"):
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, "SECRET_HASH": str(pool.client_secret)},
        )


@pytest.mark.inferred("ClientSecret is given as it is; the texts are not known")
def test_get_tokens_from_refresh_token_checks_the_secret(make_pool: MakePool) -> None:
    pool = make_pool(secret=True)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    given = {"RefreshToken": tokens["RefreshToken"], "ClientId": pool.client_id, "DeviceKey": device.device_key}
    told = {
        f"Client {pool.client_id} is configured with secret but secret was not received": {},
        f"Unable to verify secret hash for client {pool.client_id}": {"ClientSecret": "x" * 30},
    }
    for text, secret in told.items():
        with refused("NotAuthorizedException", text):
            pool.cognito.get_tokens_from_refresh_token(**given, **secret)


@pytest.mark.inferred("Cognito checks the constraints of each operation's members")
@pytest.mark.parametrize("operation", ["GetTokensFromRefreshToken", "RevokeToken"])
def test_a_refresh_with_members_that_break_a_constraint_is_told(pool: UserPool, operation: str) -> None:
    response = pool.target.post(operation, {"ClientId": "no client!", "RefreshToken": "!", "Token": "!"})
    assert response.status_code == 400
    assert response.json()["__type"] == "InvalidParameterException"
    assert "'clientId' failed to satisfy constraint" in response.json()["message"]


@pytest.mark.observed("aws-sdk-js-v3 #3548, localstack #8462: no RefreshToken comes of a refresh")
def test_a_refresh_that_rotates_nothing_has_no_null_in_its_answer(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    body = {"ClientId": pool.client_id, "RefreshToken": tokens["RefreshToken"], "DeviceKey": device.device_key}
    result = pool.target.post("GetTokensFromRefreshToken", body).json()["AuthenticationResult"]
    assert set(result) == {"AccessToken", "ExpiresIn", "IdToken", "TokenType"}


@pytest.mark.documented("GetTokensFromRefreshToken without devices")
def test_get_tokens_from_refresh_token_works_without_tracking(make_pool: MakePool) -> None:
    pool = make_pool(None)
    pool.add_user()
    assert get_tokens_from_refresh_token(pool)(pool.tokens()["RefreshToken"])["IdToken"]


@pytest.mark.documented("ResourceNotFoundException")
@pytest.mark.parametrize("operation", ["get_tokens_from_refresh_token", "revoke_token"])
def test_an_unknown_client_is_told(pool: UserPool, operation: str) -> None:
    member = "Token" if operation == "revoke_token" else "RefreshToken"
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        getattr(pool.cognito, operation)(ClientId="unknown", **{member: "x"})


@pytest.mark.documented("RefreshTokenRotation")
def test_a_rotated_token_is_good_for_its_grace_period(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}})
    pool.add_user()
    with freeze_time("2031-01-01") as clock:
        device, tokens = pool.confirmed_device()
        refresh = get_tokens_from_refresh_token(pool)
        first = refresh(tokens["RefreshToken"], device.device_key)
        clock.tick(29)
        assert refresh(tokens["RefreshToken"], device.device_key)
        clock.tick(1)
        with pytest.raises(pool.cognito.exceptions.RefreshTokenReuseException):
            refresh(tokens["RefreshToken"], device.device_key)
        with refused(*INVALID):
            refresh(first["RefreshToken"])
        assert refresh(first["RefreshToken"], device.device_key)


@pytest.mark.inferred("a token ends with its user, though the pool be moto's at that time")
def test_a_user_who_was_deleted_while_tracking_was_off_refreshes_nothing(pool: UserPool) -> None:
    tokens = pool.tokens()
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    for refresh in (get_tokens_from_refresh_token(pool), refresh_token_auth(pool)):
        with refused(*INVALID):
            refresh(tokens["RefreshToken"])


@pytest.mark.documented("RefreshTokenRotation: DISABLED")
def test_a_rotation_that_is_switched_off_rotates_nothing(make_pool: MakePool) -> None:
    pool = make_pool(client={"RefreshTokenRotation": {"Feature": "DISABLED", "RetryGracePeriodSeconds": 0}})
    pool.add_user()
    device, tokens = pool.confirmed_device()
    for refresh in (get_tokens_from_refresh_token(pool), refresh_token_auth(pool)):
        assert "RefreshToken" not in refresh(tokens["RefreshToken"], device.device_key)


@pytest.mark.documented("RevokeToken: the access tokens of the same refresh token are revoked too")
@pytest.mark.parametrize("secret", [False, True])
def test_revoke_token_ends_one_sign_in(make_pool: MakePool, secret: bool) -> None:
    pool = make_pool(secret=secret)
    pool.add_user()
    device, tokens = pool.confirmed_device()
    other = pool.tokens()
    given = {"ClientId": pool.client_id, **({"ClientSecret": pool.client_secret} if secret else {})}
    refreshed = get_tokens_from_refresh_token(pool)(tokens["RefreshToken"], device.device_key)
    for _ in range(2):
        pool.cognito.revoke_token(Token=tokens["RefreshToken"], **given)
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        refresh_token_auth(pool)(tokens["RefreshToken"], device.device_key)
    for token in (tokens["AccessToken"], refreshed["AccessToken"]):
        with refused("NotAuthorizedException", "Access Token has been revoked"):
            pool.cognito.list_devices(AccessToken=token)
    assert pool.user_devices(other["AccessToken"]) == [device.device_key]


@pytest.mark.documented("RevokeToken in the service model: its errors; RFC 7009 for an unknown token")
def test_revoke_token_refuses_what_is_no_refresh_token_of_the_client(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.add_user()
    tokens = pool.tokens()
    errors = pool.cognito.exceptions
    for name in ("AccessToken", "IdToken"):
        with pytest.raises(errors.UnsupportedTokenTypeException):
            pool.cognito.revoke_token(Token=tokens[name], ClientId=pool.client_id)
    pool.cognito.revoke_token(Token="unknown", ClientId=pool.client_id)
    other = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other")["UserPoolClient"]
    with pytest.raises(errors.UnauthorizedException):
        pool.cognito.revoke_token(Token=tokens["RefreshToken"], ClientId=other["ClientId"])
    pool.cognito.update_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id, EnableTokenRevocation=False)
    with pytest.raises(errors.UnsupportedOperationException):
        pool.cognito.revoke_token(Token=tokens["RefreshToken"], ClientId=pool.client_id)


def test_a_moto_that_has_the_operations_keeps_them_in_pools_without_tracking(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a moto's response calls its own backend, by other parameters than ours have."""
    from moto.cognitoidp import models, responses

    called: list[tuple[str, dict[str, Any]]] = []

    def backend_method(name: str) -> Callable[..., dict[str, Any]]:
        def method(self: Any, **given: Any) -> dict[str, Any]:
            called.append((name, given))
            return {"by": f"moto's {name}"}

        return method

    def response_method(name: str) -> Callable[[Any], str]:
        def method(self: Any) -> str:
            given = json.loads(self.body)
            agnostic = getattr(self._get_region_agnostic_backend(), name)(**given)
            assert agnostic == getattr(self.backend, name)(**given)
            return json.dumps(agnostic)

        return method

    for name in ("get_tokens_from_refresh_token", "revoke_token"):
        monkeypatch.setattr(responses.CognitoIdpResponse, name, response_method(name), raising=False)
        for owner in (models.RegionAgnosticBackend, models.CognitoIdpBackend):
            monkeypatch.setattr(owner, name, backend_method(name), raising=False)
    plain, tracked = make_moto_pool(None), make_moto_pool(ALWAYS)
    of_plain = {"ClientId": plain.client_id}
    refreshed = plain.target.post("GetTokensFromRefreshToken", {**of_plain, "RefreshToken": "x"}, signed=True)
    assert refreshed.json() == {"by": "moto's get_tokens_from_refresh_token"}
    revoked = plain.target.post("RevokeToken", {**of_plain, "Token": "x"}, signed=True)
    assert revoked.json() == {"by": "moto's revoke_token"}
    assert len(called) == 4
    tracked.add_user()
    device, tokens = tracked.confirmed_device()
    assert get_tokens_from_refresh_token(tracked)(tokens["RefreshToken"], device.device_key)["AccessToken"]
    tracked.cognito.revoke_token(ClientId=tracked.client_id, Token=tokens["RefreshToken"])
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        refresh_token_auth(tracked)(tokens["RefreshToken"], device.device_key)
    assert len(called) == 4


# The end of a refresh token
EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")


@every_way
@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 30 * 86400),
        ({"RefreshTokenValidity": 2}, 2 * 86400),
        ({"RefreshTokenValidity": 90, "TokenValidityUnits": {"RefreshToken": "minutes"}}, 5400),
    ],
)
def test_a_refresh_token_ends_and_its_device_is_still_remembered(
    make_moto_pool: MakePool, way: Way, options: dict[str, Any], seconds: int
) -> None:
    """amplify-js #4542, HA core #142306: the text; amplify-js #884: the next sign-in needs no MFA."""
    pool = make_moto_pool(client=options)
    pool.add_user()
    pool.enable_sms_mfa()
    with freeze_time("2031-01-01") as clock:
        device, tokens = pool.confirmed_device()
        refresh = way(pool)
        clock.tick(seconds - 1)
        assert refresh(tokens["RefreshToken"], device.device_key)
        clock.tick(1)
        with refused(*EXPIRED):
            refresh(tokens["RefreshToken"], device.device_key)
        assert sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)


def test_a_rotated_token_ends_with_the_first(make_moto_pool: MakePool) -> None:
    """authts/oidc-client-ts #2039."""
    pool = make_moto_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}})
    pool.add_user()
    with freeze_time("2031-01-01") as clock:
        device, tokens = pool.confirmed_device()
        refresh = get_tokens_from_refresh_token(pool)
        token = tokens["RefreshToken"]
        for _ in range(2):
            clock.tick(10 * 86400)
            token = refresh(token, device.device_key)["RefreshToken"]
        clock.tick(10 * 86400)
        with refused(*EXPIRED):
            refresh(token, device.device_key)


@every_way
def test_a_token_from_before_tracking_ends_too(make_moto_pool: MakePool, way: Way) -> None:
    pool = make_moto_pool(None)
    pool.add_user()
    with freeze_time("2031-01-01") as clock:
        token = pool.tokens()["RefreshToken"]
        pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
        clock.tick(30 * 86400 - 1)
        assert way(pool)(token)
        clock.tick(1)
        with refused(*EXPIRED):
            way(pool)(token)


@pytest.mark.inferred("a sub is never used again: what is a deleted user's is not the next one's")
@every_way
@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "from before tracking"])
def test_the_token_of_a_deleted_user_is_not_the_next_ones_of_that_name(
    make_pool: MakePool, way: Way, tracked: bool
) -> None:
    pool = make_pool(ALWAYS if tracked else None)
    pool.add_user()
    token = pool.tokens()["RefreshToken"]
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    pool.add_user()
    if way is not get_tokens_from_refresh_token:
        pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    with refused(*INVALID):
        way(pool)(token)


# Rotation
@pytest.mark.documented(
    "the developer guide, Refresh tokens: a client that rotates refreshes by GetTokensFromRefreshToken"
)
@pytest.mark.parametrize("way", [refresh_token, refresh_token_auth, admin_refresh_token_auth])
def test_a_client_that_rotates_does_not_refresh_by_initiate_auth(make_pool: MakePool, way: Way) -> None:
    pool = make_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}})
    pool.add_user()
    device, tokens = pool.confirmed_device()
    with refused("InvalidParameterException", "REFRESH_TOKEN_AUTH flow not enabled for this client"):
        way(pool)(tokens["RefreshToken"], device.device_key)
    # It is not spent.
    rotated = get_tokens_from_refresh_token(pool)(tokens["RefreshToken"], device.device_key)["RefreshToken"]
    for token in (tokens["RefreshToken"], rotated):
        with refused("InvalidParameterException", "REFRESH_TOKEN_AUTH flow not enabled for this client"):
            way(pool)(token, device.device_key)


def test_without_a_grace_period_a_rotated_token_is_good_no_more(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED"}})
    pool.add_user()
    with freeze_time("2031-01-01"):
        device, tokens = pool.confirmed_device()
        refresh = get_tokens_from_refresh_token(pool)
        refresh(tokens["RefreshToken"], device.device_key)
        with pytest.raises(pool.cognito.exceptions.RefreshTokenReuseException):
            refresh(tokens["RefreshToken"], device.device_key)


@pytest.mark.documented("RevokeToken: all tokens of the sign-in, rotated ones too")
def test_revoke_token_ends_each_rotated_token_of_the_sign_in(make_pool: MakePool) -> None:
    pool = make_pool(client={"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60}})
    pool.add_user()
    device, tokens = pool.confirmed_device()
    refresh = get_tokens_from_refresh_token(pool)
    rotated = refresh(tokens["RefreshToken"], device.device_key)["RefreshToken"]
    pool.cognito.revoke_token(ClientId=pool.client_id, Token=tokens["RefreshToken"])
    for token in (tokens["RefreshToken"], rotated):
        with refused("NotAuthorizedException", "Refresh Token has been revoked"):
            refresh(token, device.device_key)


@pytest.mark.observed("aws-sdk-js-v3 #3548, localstack #8462, both raw: ChallengeParameters is there, and empty")
def test_the_answer_of_a_refresh_by_initiate_auth(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    parameters = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key}
    body = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
    answer = pool.target.post("InitiateAuth", body).json()
    assert set(answer) == {"AuthenticationResult", "ChallengeParameters"}
    assert answer["ChallengeParameters"] == {}


@pytest.mark.observed("Pyhive #63: an ID token is no refresh token")
@every_way
def test_an_id_token_does_not_refresh(pool: UserPool, way: Way) -> None:
    device, tokens = pool.confirmed_device()
    with refused(*INVALID):
        way(pool)(tokens["IdToken"], device.device_key)
