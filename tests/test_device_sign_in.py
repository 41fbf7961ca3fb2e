"""DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device stands in for the MFA code."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from freezegun import freeze_time

from moto_cognito_devices.cognitoidp.auth import password_claim
from moto_cognito_devices.testing import ChallengeError, Device, SrpClient, sign_in

from .conftest import MakePool
from .support import (
    ALWAYS,
    ALWAYS_WITHOUT_MFA_WAIVER,
    CODE,
    DEVICE_UNKNOWN,
    OPT_IN,
    PASSWORD,
    WRONG_PROOF,
    UserPool,
    attributes,
    refused,
)

FIRST_FACTOR_MISSING = (
    "NotAuthorizedException",
    "Cannot initiate DEVICE_SRP_AUTH flow without first authenticating",
)


class Proof:
    """The two steps of a device's proof, with whatever a test wants to do wrong."""

    def __init__(self, pool: UserPool, device: Device, username: str = "ada", client_id: str | None = None):
        self.pool, self.device, self.username = pool, device, username
        self.client_id = client_id or pool.client_id
        self.srp = SrpClient()
        self.challenge: dict[str, Any] = {}

    def respond(self, name: str, session: str | None, **responses: str | None) -> dict[str, Any]:
        optional = {"Session": session} if session else {}
        response: dict[str, Any] = self.pool.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=name,
            ChallengeResponses=self.pool.parameters(self.username, **responses),
            **optional,
        )
        return response

    def start(self, session: str | None = None, **responses: str | None) -> dict[str, Any]:
        members = {"DEVICE_KEY": self.device.device_key, "SRP_A": self.srp.srp_a, **responses}
        self.challenge = self.respond("DEVICE_SRP_AUTH", session, **members)
        return self.challenge

    def members(self, device: Device | None = None) -> dict[str, str | None]:
        by = device or self.device
        answer = self.srp.answer(self.challenge["ChallengeParameters"], by.device_group_key, by.device_key, by.password)
        return {"DEVICE_KEY": self.device.device_key, **answer}

    def finish(self, session: str | None = None, **responses: str | None) -> dict[str, Any]:
        return self.respond("DEVICE_PASSWORD_VERIFIER", session, **{**self.members(), **responses})


def due_device(pool: UserPool, device: Device, username: str = "ada") -> dict[str, Any]:
    """Pass the first factor with this device's key."""
    response = pool.initiate(username, device_key=device.device_key)
    assert response["ChallengeName"] == "DEVICE_SRP_AUTH"
    return response


def proof_in_progress(pool: UserPool, device: Device, username: str = "ada") -> Proof:
    """The password was right, and DEVICE_PASSWORD_VERIFIER waits for its answer."""
    due_device(pool, device, username)
    proof = Proof(pool, device, username)
    proof.start()
    return proof


# The story
@pytest.mark.observed("cognito-srp-helper and amplify-flutter need these members of the two challenges")
def test_the_challenges_have_what_clients_need(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    due = due_device(pool, device)
    assert due["ChallengeParameters"] == {"USERNAME": "ada", "DEVICE_KEY": device.device_key}
    assert due["Session"]
    assert "AuthenticationResult" not in due

    proof = Proof(pool, device)
    verifier = proof.start(due["Session"])
    assert verifier["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    assert verifier["Session"]
    parameters = verifier["ChallengeParameters"]
    assert set(parameters) == {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "DEVICE_KEY"}
    assert (parameters["USERNAME"], parameters["DEVICE_KEY"]) == ("ada", device.device_key)
    assert parameters["SALT"] == f"{device.salt:x}"
    assert int(parameters["SRP_B"], 16)
    assert base64.b64decode(parameters["SECRET_BLOCK"], validate=True)

    response = proof.finish(verifier["Session"])
    result = response["AuthenticationResult"]
    assert response["ChallengeParameters"] == {}
    assert set(result) == {"AccessToken", "ExpiresIn", "IdToken", "RefreshToken", "TokenType"}
    claims = jwt.decode(result["AccessToken"], options={"verify_signature": False})
    assert claims["device_key"] == device.device_key
    assert pool.cognito.get_user(AccessToken=result["AccessToken"])["Username"] == "ada"


@pytest.mark.documented("DeviceConfigurationType: a remembered device stands in for SMS and TOTP")
@pytest.mark.parametrize("by_srp", [False, True])
@pytest.mark.parametrize("secret", [False, True])
def test_a_remembered_device_skips_mfa(make_pool: MakePool, by_srp: bool, secret: bool) -> None:
    pool = make_pool(ALWAYS, secret=secret)
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    options: dict[str, Any] = {"user_pool_id": pool.id} if by_srp else {}
    if pool.client_secret:
        options["client_secret"] = pool.client_secret
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, **options)
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device, **options)
    assert "NewDeviceMetadata" not in tokens


@pytest.mark.documented("the same for TOTP")
def test_a_remembered_device_skips_totp(pool: UserPool) -> None:
    pool.enable_totp()
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, mfa_code=CODE)
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    assert pool.initiate()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device, user_pool_id=pool.id)


@pytest.mark.observed("one blog: MFA is asked; the transition after it is in amplify-js, -swift and -android")
def test_without_the_waiver_mfa_comes_first_and_the_device_then(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS_WITHOUT_MFA_WAIVER)
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    challenge = pool.initiate(device_key=device.device_key)
    assert challenge["ChallengeName"] == "SMS_MFA"
    due = pool.answer(challenge, SMS_MFA_CODE=CODE, DEVICE_KEY=device.device_key)
    assert due["ChallengeName"] == "DEVICE_SRP_AUTH"
    proof = Proof(pool, device)
    # amazon-cognito-identity-js still sends the session of the MFA challenge.
    proof.start(challenge["Session"])
    assert "AuthenticationResult" in proof.finish(challenge["Session"])


@pytest.mark.observed(".NET SDK extensions #139: a device proves itself in pools without MFA as well")
@pytest.mark.parametrize("configuration", [ALWAYS, ALWAYS_WITHOUT_MFA_WAIVER])
def test_without_mfa_the_device_comes_after_the_password(make_pool: MakePool, configuration: dict[str, bool]) -> None:
    pool = make_pool(configuration)
    pool.add_user()
    device, _ = pool.confirmed_device()
    due_device(pool, device)


@pytest.mark.documented("UpdateDeviceStatus: the user's choice")
def test_only_a_remembered_device_is_asked(make_pool: MakePool) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    pool.enable_sms_mfa()
    device, tokens = pool.confirmed_device()
    assert pool.initiate(device_key=device.device_key)["ChallengeName"] == "SMS_MFA"
    for status, challenge in (("remembered", "DEVICE_SRP_AUTH"), ("not_remembered", "SMS_MFA")):
        pool.cognito.update_device_status(
            AccessToken=tokens["AccessToken"], DeviceKey=device.device_key, DeviceRememberedStatus=status
        )
        assert pool.initiate(device_key=device.device_key)["ChallengeName"] == challenge


@pytest.mark.inferred("NEW_PASSWORD_REQUIRED comes before, and does not look at the key")
def test_a_new_password_comes_before_the_device(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.initiate(password="Temporary-1", device_key=device.device_key)
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    due = pool.answer(challenge, NEW_PASSWORD=PASSWORD, DEVICE_KEY=device.device_key)
    assert due["ChallengeName"] == "DEVICE_SRP_AUTH"
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    assert tokens["AccessToken"]


Initiate = Callable[[UserPool, str], dict[str, Any]]


@pytest.mark.observed("cognito-srp-helper's admin tests on AWS; ADMIN_USER_PASSWORD_AUTH the same by inference")
@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_SRP_AUTH"])
def test_administrators_steps_do_the_same(pool: UserPool, flow: str) -> None:
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    admin = {"UserPoolId": pool.id, "ClientId": pool.client_id}
    srp_client = SrpClient()
    given = {"SRP_A": srp_client.srp_a} if flow == "USER_SRP_AUTH" else {"PASSWORD": PASSWORD}
    response = pool.cognito.admin_initiate_auth(
        AuthFlow=flow, AuthParameters=pool.parameters("ada", DEVICE_KEY=device.device_key, **given), **admin
    )

    def respond(**responses: str | None) -> dict[str, Any]:
        session = {"Session": response["Session"]} if response.get("Session") else {}
        answered: dict[str, Any] = pool.cognito.admin_respond_to_auth_challenge(
            ChallengeName=response["ChallengeName"],
            ChallengeResponses=pool.parameters("ada", DEVICE_KEY=device.device_key, **responses),
            **session,
            **admin,
        )
        return answered

    if flow == "USER_SRP_AUTH":
        realm = pool.id.split("_", 1)[1]
        response = respond(**srp_client.answer(response["ChallengeParameters"], realm, "ada", PASSWORD))
    assert response["ChallengeName"] == "DEVICE_SRP_AUTH"
    response = respond(SRP_A=srp_client.srp_a)
    parameters = response["ChallengeParameters"]
    response = respond(**srp_client.answer(parameters, device.device_group_key, device.device_key, device.password))
    assert "AuthenticationResult" in response


@pytest.mark.observed("pycognito and the AWS Python sample send no session in the device's steps")
def test_sessions_are_not_required(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    assert "AuthenticationResult" in proof.finish()


@pytest.mark.inferred("a session that is sent is one of this sign-in")
def test_a_foreign_session_is_refused(pool: UserPool) -> None:
    pool.add_user("bob")
    device, _ = pool.confirmed_device()
    bobs, _ = pool.confirmed_device("bob")
    foreign = due_device(pool, bobs, "bob")["Session"]
    due_device(pool, device)
    for session in (foreign, "x" * 36):
        with refused("NotAuthorizedException", "Invalid session for the user."):
            Proof(pool, device).start(session)
    proof = Proof(pool, device)
    proof.start()
    with refused(*WRONG_PROOF):
        proof.finish(foreign)


@pytest.mark.observed("cognito-srp-helper and amplify-swift send the alias here")
def test_an_alias_is_a_name_too(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    device, _ = pool.confirmed_device("ada@example.com")
    due = due_device(pool, device, "ada@example.com")
    assert due["ChallengeParameters"]["USERNAME"] == canonical
    proof = Proof(pool, device, "ada@example.com")
    proof.start()
    assert "AuthenticationResult" in proof.finish()


@pytest.mark.observed("cognito-srp-helper sends further members at each step, and one SRP_A for both proofs")
def test_further_members_are_ignored(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    due_device(pool, device)
    proof = Proof(pool, device)
    proof.start(TIMESTAMP="whatever", SOMETHING="else")
    assert "AuthenticationResult" in proof.finish(SRP_A=proof.srp.srp_a)


@pytest.mark.inferred("a sign-in with the device dates it")
def test_the_record_follows_the_sign_in(pool: UserPool) -> None:
    tokens = pool.tokens()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    proof = proof_in_progress(pool, device)
    body = {
        "ClientId": pool.client_id,
        "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
        "ChallengeResponses": pool.parameters("ada", **proof.members()),
    }
    agent: dict[str, Any] = {"User-Agent": "aws-sdk-android/2.22 Linux/5"}
    assert pool.target.post("RespondToAuthChallenge", body, **agent).status_code == 200
    shown = pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)["Device"]
    assert attributes(shown)["dev:device_sdk"] == "aws-sdk-android-2.22"
    assert shown["DeviceLastAuthenticatedDate"] >= shown["DeviceCreateDate"].replace(microsecond=0)


def test_the_last_sign_in_is_dated_by_motos_clock(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    with freeze_time("2031-01-01 00:00:00") as clock:
        device, tokens = pool.confirmed_device()
        clock.tick(1800.7)
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
        shown = pool.cognito.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)["Device"]
        assert shown["DeviceLastAuthenticatedDate"].timestamp() == shown["DeviceCreateDate"].timestamp() + 1800
        assert shown["DeviceLastModifiedDate"] == shown["DeviceCreateDate"]


# What a device may look like
@pytest.mark.observed("clients' verifiers are 384 or 385 bytes, salts begin with any bit, hex has any length")
@pytest.mark.parametrize("salt", [1, 0x7F, 0x80, 1 << 119, (1 << 128) - 1, 0x0F << 120])
def test_every_salt_works(pool: UserPool, salt: int) -> None:
    tokens = pool.tokens()
    random = Device.from_metadata(tokens["NewDeviceMetadata"])
    device = Device(random.device_key, random.device_group_key, random.password, salt)
    device.confirm(pool.cognito, tokens["AccessToken"])
    assert sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)


@pytest.mark.observed("a device's password is any text")
@pytest.mark.parametrize("password", ["", " ", "Pässwörd:日本", "x" * 5000])
def test_every_password_works(pool: UserPool, password: str) -> None:
    tokens = pool.tokens()
    random = Device.from_metadata(tokens["NewDeviceMetadata"])
    device = Device(random.device_key, random.device_group_key, password, random.salt)
    device.confirm(pool.cognito, tokens["AccessToken"])
    assert sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)


@pytest.mark.conflicting("CLI examples confirm without a verifier; what a sign-in then gives is not known")
def test_a_device_without_a_verifier_can_prove_nothing(pool: UserPool) -> None:
    tokens = pool.tokens()
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    with refused(*WRONG_PROOF):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)


# What goes wrong
@pytest.mark.observed(".NET SDK extensions #44, #73, #139: a wrong device secret")
@pytest.mark.parametrize("wrong", ["password", "device_group_key"])
def test_a_wrong_secret_is_refused(pool: UserPool, wrong: str) -> None:
    device, _ = pool.confirmed_device()
    members = {"password": device.password, "device_group_key": device.device_group_key, wrong: "-Wrong000"}
    proof = proof_in_progress(pool, device)
    imposter = Device(device.device_key, salt=device.salt, **members)
    with refused(*WRONG_PROOF):
        proof.finish(**proof.members(imposter))
    # Nothing is left to try again with.
    with refused(*WRONG_PROOF):
        proof.finish()
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()


@pytest.mark.observed("amplify-js #10582: the text")
def test_a_device_is_not_asked_before_the_first_factor(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()
    pool.enable_sms_mfa()
    pool.initiate()
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()


@pytest.mark.observed("amplify-js #13123, reapit/foundations #9684: a session is good once, and this text")
def test_a_session_of_the_first_step_is_good_once(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    session = due_device(pool, device)["Session"]
    Proof(pool, device).start(session)
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        Proof(pool, device).start(session)
    pool.add_user("mallory")
    with refused("NotAuthorizedException", "Invalid session for the user."):
        Proof(pool, device, "mallory").start(session)


def test_a_session_of_the_first_step_runs_out(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    device, _ = pool.confirmed_device()
    with freeze_time("2031-01-01") as clock:
        session = due_device(pool, device)["Session"]
        clock.tick(180)
        with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
            Proof(pool, device).start(session)
        with refused(*FIRST_FACTOR_MISSING):
            Proof(pool, device).start()


@pytest.mark.inferred("only the device that the sign-in named can prove itself")
def test_another_device_of_the_user_is_not_asked(pool: UserPool) -> None:
    named, _ = pool.confirmed_device()
    other, _ = pool.confirmed_device()
    due_device(pool, named)
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, other).start()


@pytest.mark.observed("the texts of parameters that are missing")
@pytest.mark.parametrize("member", ["DEVICE_KEY", "SRP_A"])
def test_a_missing_member_of_the_first_step_is_told(pool: UserPool, member: str) -> None:
    device, _ = pool.confirmed_device()
    due_device(pool, device)
    proof = Proof(pool, device)
    for missing in (None, ""):
        with refused("InvalidParameterException", f"Missing required parameter {member}"):
            proof.start(**{member: missing})
    proof.start()
    assert "AuthenticationResult" in proof.finish()


@pytest.mark.observed("the texts of parameters that are missing")
@pytest.mark.parametrize(
    "member", ["DEVICE_KEY", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"]
)
def test_a_missing_member_of_the_second_step_is_told(pool: UserPool, member: str) -> None:
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    with refused("InvalidParameterException", f"Missing required parameter {member}"):
        proof.finish(**{member: None})
    with refused("InvalidParameterException", "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."):
        proof.finish(TIMESTAMP="2025-05-07")
    assert "AuthenticationResult" in proof.finish()


@pytest.mark.observed("a stale key at each step: 'Device does not exist.'")
def test_a_device_that_was_forgotten_meanwhile_does_not_exist(pool: UserPool) -> None:
    tokens = pool.tokens()
    for step in ("first", "second"):
        device, _ = pool.confirmed_device()
        due_device(pool, device)
        proof = Proof(pool, device)
        if step == "second":
            proof.start()
        pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
        with refused(*DEVICE_UNKNOWN):
            proof.start() if step == "first" else proof.finish()


@pytest.mark.inferred("the text that Cognito has for a disabled user elsewhere")
def test_a_user_who_was_disabled_meanwhile_gets_no_tokens(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        proof.finish()
    with refused("NotAuthorizedException", "User is disabled."):
        pool.initiate(device_key=device.device_key)


@pytest.mark.inferred("tokens come when the last factor has passed")
def test_no_tokens_come_before_the_proof(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    due = due_device(pool, device)
    assert set(due) == {"ChallengeName", "Session", "ChallengeParameters", "ResponseMetadata"}


def _moto_state(pool: UserPool) -> Any:
    from moto.cognitoidp.models import cognitoidp_backends

    backend = cognitoidp_backends["123456789012"][pool.target.region]
    return backend, backend.user_pools[pool.id]


def test_a_sign_in_that_is_not_finished_leaves_nothing(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    backend, user_pool = _moto_state(pool)
    registries = [user_pool.access_tokens, user_pool.id_tokens, user_pool.refresh_tokens, backend.sessions]
    before = [dict(registry) for registry in registries]
    with freeze_time("2031-01-01") as clock:
        due_device(pool, device)
        proof = Proof(pool, device)
        proof.start()
        pool.initiate()
        assert [dict(registry) for registry in registries[:3]] == before[:3]
        clock.tick(181)
        with refused(*WRONG_PROOF):
            proof.finish()
        assert [dict(registry) for registry in registries] == before


def test_a_device_that_got_no_challenge_may_ask_again(moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Session, as most clients do: it is still awaited."""

    def fail(*_: Any) -> Any:
        raise RuntimeError("no key could be made")

    device, _ = moto_pool.confirmed_device()
    due_device(moto_pool, device)
    proof = Proof(moto_pool, device)
    with monkeypatch.context() as patch:
        patch.setattr(password_claim.SrpExchange, "start", fail)
        with pytest.raises(RuntimeError, match="no key"):
            proof.start()
    proof.start()
    assert "AuthenticationResult" in proof.finish()


def test_a_sign_in_with_a_password_leaves_no_session(moto_pool: UserPool) -> None:
    backend, user_pool = _moto_state(moto_pool)
    for _ in range(3):
        moto_pool.tokens()
    assert backend.sessions == {}
    assert len(user_pool.state.auth_sessions) == 0


def test_the_steps_expire_with_the_clients_session_validity(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(client={"AuthSessionValidity": 5})
    pool.add_user()
    device, _ = pool.confirmed_device()
    with freeze_time("2031-01-01") as clock:
        due_device(pool, device)
        clock.tick(299)
        proof = Proof(pool, device)
        proof.start()
        due_device(pool, device)
        clock.tick(299)
        assert "AuthenticationResult" in proof.finish()
        clock.tick(2)
        with refused(*FIRST_FACTOR_MISSING):
            Proof(pool, device).start()
