"""Attacks on the proof, by name. Whatever was wrong, the answer is the same: nothing tells which part it was."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from freezegun import freeze_time

from moto_cognito_devices import srp
from moto_cognito_devices.testing import SrpClient

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
    refused,
)
from .test_access_tokens import signed
from .test_device_sign_in import FIRST_FACTOR_MISSING, Proof, due_device, proof_in_progress

INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")
SPENT_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED_SESSION = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
GUIDE = "the developer guide: a device proves its secret by SRP after the user's first factor"


@pytest.mark.inferred("RFC 5054, 2.5.4")
@pytest.mark.parametrize("multiple", [0, 1, 2, 3])
def test_a_public_key_that_is_a_multiple_of_n(pool: UserPool, multiple: int) -> None:
    """Would make S zero, and the session key known to everybody."""
    device, _ = pool.confirmed_device()
    due_device(pool, device)
    proof = Proof(pool, device)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        proof.start(SRP_A=f"{multiple * srp.N:x}")
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": "ada", "SRP_A": f"{multiple * srp.N:x}"},
        )
    proof.start()  # the challenge is still there


@pytest.mark.inferred("a challenge is good once")
def test_a_replayed_answer(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    answer = proof.members()
    assert "AuthenticationResult" in proof.finish(**answer)
    with refused(*WRONG_PROOF):
        proof.finish(**answer)


@pytest.mark.inferred("a challenge is for one user")
def test_the_secret_block_of_another_user(pool: UserPool) -> None:
    pool.add_user("bob")
    device, _ = pool.confirmed_device()
    bobs, _ = pool.confirmed_device("bob")
    proof, other = proof_in_progress(pool, device), proof_in_progress(pool, bobs, "bob")
    with refused(*WRONG_PROOF):
        other.finish(**proof.members())
    with refused(*WRONG_PROOF):
        proof.finish(PASSWORD_CLAIM_SECRET_BLOCK=str(other.members()["PASSWORD_CLAIM_SECRET_BLOCK"]))


@pytest.mark.inferred("a challenge is for one device")
def test_the_secret_block_of_another_device(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    second, _ = pool.confirmed_device()
    proof, other = proof_in_progress(pool, device), proof_in_progress(pool, second)
    with refused(*WRONG_PROOF):
        other.finish(PASSWORD_CLAIM_SECRET_BLOCK=str(proof.members()["PASSWORD_CLAIM_SECRET_BLOCK"]))
    other = proof_in_progress(pool, second)
    with refused(*WRONG_PROOF):
        other.finish(DEVICE_KEY=device.device_key)


@pytest.mark.inferred("a challenge is for one app client")
def test_the_secret_block_of_another_client(pool: UserPool) -> None:
    other = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other")["UserPoolClient"]
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    proof.client_id = other["ClientId"]
    with refused(*WRONG_PROOF):
        proof.finish()


@pytest.mark.inferred("a challenge is of one pool")
def test_the_secret_block_of_another_pool(make_pool: MakePool) -> None:
    pool, other = make_pool(), make_pool()
    for each in (pool, other):
        each.add_user()
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    proof.client_id = other.client_id
    with refused(*WRONG_PROOF):
        proof.finish()


@pytest.mark.inferred("a challenge is of one kind")
def test_the_secret_block_of_the_other_kind_of_proof(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    answer = {name: value for name, value in proof.members().items() if name != "DEVICE_KEY"}
    with refused(*WRONG_PROOF):
        proof.respond("PASSWORD_VERIFIER", None, **answer)
    # It was not for that step, and so it is still there for its own.
    assert "AuthenticationResult" in proof.finish()


def test_an_answer_after_the_session_has_expired(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    device, _ = pool.confirmed_device()
    with freeze_time("2031-01-01") as clock:
        proof = proof_in_progress(pool, device)
        clock.tick(181)
        with refused(*WRONG_PROOF):
            proof.finish()


def test_an_mfa_answer_after_the_session_has_expired(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    pool.enable_sms_mfa()
    with freeze_time("2031-01-01") as clock:
        challenge = pool.initiate()
        clock.tick(181)
        with refused(*EXPIRED_SESSION):
            pool.answer(challenge, SMS_MFA_CODE=CODE)


def test_an_mfa_answer_after_its_clients_time_though_an_older_session_is_good_still(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    pool.add_user()
    pool.enable_sms_mfa()
    patient = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="patient", AuthSessionValidity=15)
    with freeze_time("2031-01-01") as clock:
        replace(pool, client_id=patient["UserPoolClient"]["ClientId"]).initiate()
        challenge = pool.initiate()
        clock.tick(181)
        with refused(*EXPIRED_SESSION):
            pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.documented(GUIDE)
def test_a_proof_that_was_made_for_another_timestamp(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    later = datetime.now(timezone.utc) + timedelta(minutes=1)
    timestamp = SrpClient().answer({"SALT": "1", "SRP_B": "2", "SECRET_BLOCK": "AAAA"}, "-g", "d", "p", at=later)[
        "TIMESTAMP"
    ]
    with refused(*WRONG_PROOF):
        proof.finish(TIMESTAMP=timestamp)


@pytest.mark.observed("a stale or foreign key at sign-in: 'Device does not exist.'")
def test_the_device_key_of_another_user(pool: UserPool) -> None:
    pool.add_user("mallory")
    device, _ = pool.confirmed_device("ada")
    with refused(*DEVICE_UNKNOWN):
        pool.initiate("mallory", device_key=device.device_key)
    mallorys, _ = pool.confirmed_device("mallory")
    due_device(pool, mallorys, "mallory")
    with refused(*DEVICE_UNKNOWN):
        Proof(pool, mallorys, "mallory").start(DEVICE_KEY=device.device_key)


@pytest.mark.inferred("a key is issued to a user of a pool")
def test_the_tokens_of_another_pool(make_pool: MakePool) -> None:
    pool, other = make_pool(), make_pool()
    for each in (pool, other):
        each.add_user()
    device, _ = pool.confirmed_device()
    pending = pool.tokens()["NewDeviceMetadata"]["DeviceKey"]
    foreign = other.tokens()["AccessToken"]
    with refused("InvalidParameterException", "Invalid device key given."):
        pool.cognito.confirm_device(AccessToken=foreign, DeviceKey=pending)
    for operation in ("get_device", "forget_device", "update_device_status"):
        with refused(*DEVICE_UNKNOWN):
            getattr(pool.cognito, operation)(AccessToken=foreign, DeviceKey=device.device_key)
    assert list(pool.admin_devices()) == [device.device_key]


@pytest.mark.inferred("a device belongs to the user who confirmed it")
def test_a_device_that_one_user_confirmed_and_another_presents(pool: UserPool) -> None:
    pool.add_user("mallory")
    pool.enable_sms_mfa("mallory")
    device, _ = pool.confirmed_device("ada")
    with refused(*DEVICE_UNKNOWN):
        pool.initiate("mallory", device_key=device.device_key)
    due_device(pool, device, "ada")
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device, "mallory").start()


@pytest.mark.observed("amplify-js #10582: 'without first authenticating'")
def test_the_password_step_skipped(pool: UserPool) -> None:
    """Who has a device but no password gets nowhere."""
    device, _ = pool.confirmed_device()
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()
    with refused(*WRONG_PROOF):
        pool.initiate(device_key=device.device_key, password="wrong")
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()
    proof = Proof(pool, device)
    block = base64.b64encode(bytes(384)).decode()
    proof.challenge = {"ChallengeParameters": {"SALT": "1", "SRP_B": "2", "SECRET_BLOCK": block}}
    with refused(*WRONG_PROOF):
        proof.finish()


@pytest.mark.documented("DeviceConfigurationType: devices that are not remembered must provide a second factor")
def test_the_mfa_step_skipped_by_a_device_that_is_only_confirmed(make_pool: MakePool) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    challenge = pool.initiate(device_key=device.device_key)
    assert challenge["ChallengeName"] == "SMS_MFA"
    for session in (None, challenge["Session"]):
        with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
            Proof(pool, device).start(session)


@pytest.mark.documented("DeviceConfigurationType: only with ChallengeRequiredOnNewDevice does a device replace MFA")
def test_the_mfa_step_skipped_where_the_pool_does_not_waive_it(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS_WITHOUT_MFA_WAIVER)
    pool.add_user()
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    challenge = pool.initiate(device_key=device.device_key)
    with refused(*INVALID_SESSION):
        Proof(pool, device).start(challenge["Session"])
    with refused(*FIRST_FACTOR_MISSING):
        Proof(pool, device).start()


@pytest.mark.inferred("a session awaits one challenge; moto binds it to none")
@pytest.mark.parametrize(
    ("name", "responses"),
    [
        ("NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": "Mallorys-horse-7"}),
        ("MFA_SETUP", {}),
        ("SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": CODE}),
        ("SELECT_MFA_TYPE", {"ANSWER": "SMS_MFA"}),
        ("CUSTOM_CHALLENGE", {"ANSWER": "5"}),
    ],
)
def test_mfa_answered_as_another_challenge(pool: UserPool, name: str, responses: dict[str, str]) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    with refused(*INVALID_SESSION):
        pool.answer({**challenge, "ChallengeName": name}, **responses)
    assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)
    assert pool.initiate()["ChallengeName"] == "SMS_MFA"


@pytest.mark.inferred("a session is its user's and its client's")
def test_mfa_answered_in_another_users_name(pool: UserPool) -> None:
    pool.add_user("mallory")
    pool.enable_sms_mfa("mallory")
    challenge = pool.initiate("mallory")
    for username in ("ada", "nobody"):
        with refused(*INVALID_SESSION):
            pool.answer(challenge, username, SMS_MFA_CODE=CODE)
    other = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other")["UserPoolClient"]
    with refused(*INVALID_SESSION):
        pool.cognito.respond_to_auth_challenge(
            ClientId=other["ClientId"],
            ChallengeName="SMS_MFA",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "mallory", "SMS_MFA_CODE": CODE},
        )


@pytest.mark.observed("amplify-js #13123, reapit/foundations #9684: a session is good once, and this text")
def test_an_mfa_session_used_twice(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    pool.answer(challenge, SMS_MFA_CODE=CODE)
    with refused(*SPENT_SESSION):
        pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.documented("MFA_SETUP: the user sets a factor up before the answer")
def test_mfa_setup_answered_without_a_set_up(pool: UserPool) -> None:
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = pool.answer(pool.initiate(password="Temporary-1"), NEW_PASSWORD=PASSWORD)
    assert challenge["ChallengeName"] == "MFA_SETUP"
    with refused("InvalidParameterException", "User has not verified software token mfa"):
        pool.answer(challenge)


@pytest.mark.inferred("a session comes of a sign-in; moto makes one for each TOTP verification")
def test_the_session_of_a_totp_verification_used_to_sign_in(pool: UserPool) -> None:
    pool.add_user("mallory")
    token = pool.tokens("mallory")["AccessToken"]
    pool.cognito.associate_software_token(AccessToken=token)
    session = pool.cognito.verify_software_token(AccessToken=token, UserCode=CODE).get("Session", "x" * 36)
    for name, username, responses in (
        ("MFA_SETUP", "ada", {}),
        ("NEW_PASSWORD_REQUIRED", "ada", {"NEW_PASSWORD": "Mallorys-horse-7"}),
        ("SMS_MFA", "ada", {"SMS_MFA_CODE": CODE}),
    ):
        with refused(*INVALID_SESSION):
            pool.answer({"ChallengeName": name, "Session": session}, username, **responses)


@pytest.mark.documented("the AWS blog on remembered devices: a forgotten device's tokens")
def test_the_refresh_token_of_a_forgotten_device(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    pool.cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.device_key)
    with refused("NotAuthorizedException", "Invalid Refresh Token."):
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key},
        )


@pytest.mark.inferred("what is a deleted user's is not the next one's")
def test_a_user_who_was_deleted_and_created_again(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    proof = proof_in_progress(pool, device)
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    pool.add_user("ada")
    with refused(*WRONG_PROOF):
        proof.finish()
    with refused(*INVALID_SESSION):
        pool.answer(challenge, SMS_MFA_CODE=CODE)
    with refused(*DEVICE_UNKNOWN):
        pool.initiate(device_key=device.device_key)
    with refused("UserNotFoundException", "User does not exist."):
        pool.cognito.list_devices(AccessToken=tokens["AccessToken"])
    with pytest.raises(pool.cognito.exceptions.NotAuthorizedException):
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.device_key},
        )


@pytest.mark.inferred("a signature is the pool's own")
def test_access_tokens_of_alg_none_and_of_a_foreign_key(pool: UserPool) -> None:
    pool.add_user("mallory")
    device, tokens = pool.confirmed_device()
    claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
    forged = [
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "k" * 32, algorithm="HS256"),
        tokens["AccessToken"].rpartition(".")[0] + ".",
    ]
    for token in forged:
        with refused("NotAuthorizedException", "Invalid Access Token"):
            pool.cognito.forget_device(AccessToken=token, DeviceKey=device.device_key)
    mallory = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="mallory")["UserAttributes"]
    sub = next(attribute["Value"] for attribute in mallory if attribute["Name"] == "sub")
    for changes in ({"sub": sub}, {"exp": int(time.time()) + 10**6}):
        with refused("NotAuthorizedException", "Access Token has been revoked"):
            pool.cognito.forget_device(
                AccessToken=signed(tokens["AccessToken"], **changes), DeviceKey=device.device_key
            )
    assert list(pool.admin_devices()) == [device.device_key]


@pytest.mark.inferred("nothing tells which part of a proof was wrong")
def test_every_wrong_proof_gets_the_same_answer(make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS, client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    pool.add_user("bob")
    device, _ = pool.confirmed_device()
    bobs, _ = pool.confirmed_device("bob")

    def answer(**changes: str | None) -> Any:
        proof = proof_in_progress(pool, device)
        username = changes.pop("USERNAME", None) or "ada"
        body = {
            "ClientId": pool.client_id,
            "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
            "ChallengeResponses": {"USERNAME": username, **proof.members(), **changes},
        }
        response = pool.target.post("RespondToAuthChallenge", body)
        return response.status_code, response.headers["x-amzn-ErrorType"], response.json()

    wrong = [
        answer(PASSWORD_CLAIM_SIGNATURE=base64.b64encode(bytes(32)).decode()),
        answer(PASSWORD_CLAIM_SIGNATURE=base64.b64encode(bytes(31)).decode()),
        answer(PASSWORD_CLAIM_SECRET_BLOCK=base64.b64encode(bytes(384)).decode()),
        answer(PASSWORD_CLAIM_SECRET_BLOCK="no base64!"),
        answer(TIMESTAMP="Tue Sep 5 00:09:40 UTC 2023"),
        answer(TIMESTAMP="Tue Sep 05 00:09:40 UTC 2023"),
        answer(DEVICE_KEY=bobs.device_key),
        answer(DEVICE_KEY="eu-west-1_0"),
        answer(USERNAME="bob"),
        answer(USERNAME="nobody"),
    ]
    assert wrong == [wrong[0]] * len(wrong)
    assert wrong[0][2] == {"__type": "NotAuthorizedException", "message": "Incorrect username or password."}
