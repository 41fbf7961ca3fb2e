"""USER_SRP_AUTH and PASSWORD_VERIFIER: the user's own proof, which moto doesn't check."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from freezegun import freeze_time
from moto import mock_aws

from moto_cognito_devices import srp
from moto_cognito_devices.testing import Device, SrpClient, secret_hash, sign_in

from .conftest import MakePool
from .support import ALWAYS, CODE, OPT_IN, PASSWORD, WRONG_PROOF, Target, UserPool, refused


class Handshake:
    """One sign-in by SRP, step by step."""

    def __init__(self, pool: UserPool, username: str = "ada", admin: bool = False, srp_a: str | None = None):
        self.pool, self.admin = pool, admin
        self.client = SrpClient()
        parameters = pool.parameters(username, SRP_A=srp_a or self.client.srp_a)
        if admin:
            self.challenge = pool.cognito.admin_initiate_auth(
                UserPoolId=pool.id, ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
            )
        else:
            self.challenge = pool.cognito.initiate_auth(
                ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
            )
        self.parameters: dict[str, str] = self.challenge["ChallengeParameters"]
        self.name = self.parameters["USER_ID_FOR_SRP"]

    def proof(self, password: str = PASSWORD, at: datetime | None = None) -> dict[str, str]:
        return self.client.answer(self.parameters, self.pool.id.split("_", 1)[1], self.name, password, at)

    def answer(
        self, username: str | None = None, session: str | None = None, **responses: str | None
    ) -> dict[str, Any]:
        members = self.pool.parameters(username or self.name, **responses)
        optional = {"Session": session} if session else {}
        if self.admin:
            response = self.pool.cognito.admin_respond_to_auth_challenge(
                UserPoolId=self.pool.id,
                ClientId=self.pool.client_id,
                ChallengeName="PASSWORD_VERIFIER",
                ChallengeResponses=members,
                **optional,
            )
        else:
            response = self.pool.cognito.respond_to_auth_challenge(
                ClientId=self.pool.client_id,
                ChallengeName="PASSWORD_VERIFIER",
                ChallengeResponses=members,
                **optional,
            )
        result: dict[str, Any] = response
        return result


@pytest.mark.observed("measured on AWS (ministack PR #1758); a real response in floci #1305")
@pytest.mark.parametrize("admin", [False, True])
def test_the_challenge_has_awss_members_and_no_session(pool: UserPool, admin: bool) -> None:
    handshake = Handshake(pool, admin=admin)
    assert handshake.challenge["ChallengeName"] == "PASSWORD_VERIFIER"
    assert "Session" not in handshake.challenge
    parameters = handshake.parameters
    assert set(parameters) == {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"}
    assert parameters["USERNAME"] == parameters["USER_ID_FOR_SRP"] == "ada"
    assert len(parameters["SALT"]) == 32
    assert 0 < int(parameters["SRP_B"], 16) < srp.N
    assert len(base64.b64decode(parameters["SECRET_BLOCK"], validate=True)) > 100


@pytest.mark.observed("measured on AWS (ministack PR #1758)")
@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("secret", [False, True])
def test_the_right_password_gives_tokens(make_pool: MakePool, admin: bool, secret: bool) -> None:
    pool = make_pool(secret=secret)
    pool.add_user()
    handshake = Handshake(pool, admin=admin)
    assert "AccessToken" in handshake.answer(**handshake.proof())["AuthenticationResult"]


@pytest.mark.observed("measured on AWS (ministack PR #1758); getmoto/moto#7562 is about moto")
@pytest.mark.parametrize("admin", [False, True])
def test_a_wrong_password_does_not(pool: UserPool, admin: bool) -> None:
    handshake = Handshake(pool, admin=admin)
    with refused(*WRONG_PROOF):
        handshake.answer(**handshake.proof("Wrong-horse-7"))


def _flipped(text: str) -> str:
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    return base64.b64encode(data).decode()


@pytest.mark.observed("measured on AWS (ministack PR #1758): one text, whatever was wrong")
def test_a_wrong_signature_or_block_does_not(pool: UserPool) -> None:
    other = Handshake(pool)
    for member in ("PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"):
        handshake = Handshake(pool)
        proof = handshake.proof()
        with refused(*WRONG_PROOF):
            handshake.answer(**{**proof, member: _flipped(proof[member])})
    handshake = Handshake(pool)
    with refused(*WRONG_PROOF):
        handshake.answer(**{**handshake.proof(), "PASSWORD_CLAIM_SECRET_BLOCK": other.parameters["SECRET_BLOCK"]})
    with refused(*WRONG_PROOF):
        handshake.answer(**{**handshake.proof(), "PASSWORD_CLAIM_SECRET_BLOCK": "not a block"})


@pytest.mark.inferred("a challenge is for one user")
@pytest.mark.parametrize("name", ["bob", "nobody"])
def test_another_name_does_not(pool: UserPool, name: str) -> None:
    pool.add_user("bob")
    handshake = Handshake(pool)
    with refused(*WRONG_PROOF):
        handshake.answer(username=name, **handshake.proof())


@pytest.mark.inferred("a challenge is for one app client")
def test_another_client_does_not(pool: UserPool) -> None:
    other = pool.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName="other")["UserPoolClient"]
    handshake = Handshake(pool)
    with refused(*WRONG_PROOF):
        pool.cognito.respond_to_auth_challenge(
            ClientId=other["ClientId"],
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={"USERNAME": "ada", **handshake.proof()},
        )


@pytest.mark.inferred("a challenge is good once; the retry after a stale device key is another matter")
@pytest.mark.parametrize("first", [PASSWORD, "Wrong-horse-7"])
def test_a_challenge_is_spent_by_its_answer(pool: UserPool, first: str) -> None:
    handshake = Handshake(pool)
    if first == PASSWORD:
        handshake.answer(**handshake.proof())
    else:
        with refused(*WRONG_PROOF):
            handshake.answer(**handshake.proof(first))
    with refused(*WRONG_PROOF):
        handshake.answer(**handshake.proof())


@pytest.mark.inferred("PASSWORD_VERIFIER has no session, so each that is sent is wrong")
def test_a_session_is_refused_where_there_is_none(pool: UserPool) -> None:
    handshake = Handshake(pool)
    with refused("NotAuthorizedException", "Invalid session for the user."):
        handshake.answer(session="x" * 32, **handshake.proof())
    assert "AuthenticationResult" in handshake.answer(**handshake.proof())


@pytest.mark.observed("amazon-cognito-identity-js #683, pycognito #122: the text of a bad form")
@pytest.mark.parametrize(
    "timestamp",
    [
        "now",
        "2025-05-07T00:09:40Z",
        "Wed May 7 00:09:40 2025",
        "Mi Mai 7 00:09:40 UTC 2025",
        "Wed May 32 00:09:40 UTC 2025",
    ],
)
def test_a_timestamp_in_another_form_is_refused(pool: UserPool, timestamp: str) -> None:
    handshake = Handshake(pool)
    with refused("InvalidParameterException", "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."):
        handshake.answer(**{**handshake.proof(), "TIMESTAMP": timestamp})
    assert "AuthenticationResult" in handshake.answer(**handshake.proof())


@pytest.mark.observed("measured on AWS (ministack PR #1758): a zero-padded day, a wrong weekday")
@pytest.mark.parametrize("timestamp", ["Wed May 07 00:09:40 UTC 2025", "Tue May 7 00:09:40 UTC 2025"])
def test_a_timestamp_that_java_would_not_write_is_like_a_wrong_password(pool: UserPool, timestamp: str) -> None:
    handshake = Handshake(pool)
    x = srp.private_key(int(handshake.parameters["SALT"], 16), pool.id.split("_", 1)[1], "ada", PASSWORD)
    key = srp.client_session_key(
        handshake.client.a, int(handshake.client.srp_a, 16), int(handshake.parameters["SRP_B"], 16), x
    )
    block = handshake.parameters["SECRET_BLOCK"]
    signature = srp.signature(key, pool.id.split("_", 1)[1], "ada", base64.b64decode(block), timestamp)
    with refused(*WRONG_PROOF):
        handshake.answer(
            TIMESTAMP=timestamp,
            PASSWORD_CLAIM_SECRET_BLOCK=block,
            PASSWORD_CLAIM_SIGNATURE=base64.b64encode(signature).decode(),
        )


@pytest.mark.conflicting("the tolerance is not known: none is enforced")
def test_any_time_is_good(pool: UserPool) -> None:
    handshake = Handshake(pool)
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    assert "AuthenticationResult" in handshake.answer(**handshake.proof(at=yesterday))


@pytest.mark.observed("the texts of parameters that are missing")
@pytest.mark.parametrize("member", ["PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"])
def test_a_missing_member_is_told(pool: UserPool, member: str) -> None:
    handshake = Handshake(pool)
    with refused("InvalidParameterException", f"Missing required parameter {member}"):
        handshake.answer(**{**handshake.proof(), member: None})
    with refused("InvalidParameterException", f"Missing required parameter {member}"):
        handshake.answer(**{**handshake.proof(), member: ""})
    assert "AuthenticationResult" in handshake.answer(**handshake.proof())


@pytest.mark.inferred("a signature is base64")
def test_a_malformed_signature_is_told(pool: UserPool) -> None:
    handshake = Handshake(pool)
    with refused("InvalidParameterException", "PASSWORD_CLAIM_SIGNATURE is not valid base64."):
        handshake.answer(**{**handshake.proof(), "PASSWORD_CLAIM_SIGNATURE": "***"})


@pytest.mark.observed("the text of a missing SRP_A")
@pytest.mark.parametrize("member", ["SRP_A", "USERNAME"])
def test_a_missing_parameter_is_told(pool: UserPool, member: str) -> None:
    parameters = {"USERNAME": "ada", "SRP_A": "2"}
    del parameters[member]
    with refused("InvalidParameterException", f"Missing required parameter {member}"):
        pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)


@pytest.mark.inferred("RFC 5054, 2.5.4: A mod N must not be zero")
@pytest.mark.parametrize("srp_a", ["0", f"{srp.N:x}", f"{2 * srp.N:x}", "xyz", "-1", "0x2", "2" * 5000])
def test_a_bad_public_key_is_refused(pool: UserPool, srp_a: str) -> None:
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException, match="SRP_A is"):
        Handshake(pool, srp_a=srp_a)


@pytest.mark.inferred("a salt belongs to a user and password")
def test_the_salt_is_stable_for_user_and_password(pool: UserPool) -> None:
    pool.add_user("bob")
    first, second, bobs = (Handshake(pool, name).parameters for name in ("ada", "ada", "bob"))
    assert first["SALT"] == second["SALT"] != bobs["SALT"]
    assert first["SRP_B"] != second["SRP_B"]
    assert first["SECRET_BLOCK"] != second["SECRET_BLOCK"]
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Another-horse-8", Permanent=True)
    assert Handshake(pool).parameters["SALT"] != first["SALT"]


@pytest.mark.observed("measured on AWS (ministack PR #1758): LEGACY tells at InitiateAuth")
@pytest.mark.parametrize("admin", [False, True])
def test_an_unknown_user_is_told_by_default(pool: UserPool, admin: bool) -> None:
    sub = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada")["UserAttributes"]
    for name in ("nobody", next(attribute["Value"] for attribute in sub if attribute["Name"] == "sub")):
        with refused("UserNotFoundException", "User does not exist."):
            Handshake(pool, name, admin=admin)


@pytest.mark.documented("PreventUserExistenceErrors ENABLED")
def test_an_unknown_user_is_not_told_apart_where_the_client_says_so(make_pool: MakePool) -> None:
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    known, unknown, again = (Handshake(pool, name) for name in ("ada", "nobody", "nobody"))
    assert set(known.parameters) == set(unknown.parameters)
    assert {name: len(value) for name, value in known.parameters.items() if name in ("SALT", "SECRET_BLOCK")} == {
        name: len(value) for name, value in unknown.parameters.items() if name in ("SALT", "SECRET_BLOCK")
    }
    assert unknown.parameters["SALT"] == again.parameters["SALT"]
    for handshake in (known, unknown):
        with refused(*WRONG_PROOF):
            handshake.answer(**handshake.proof("Wrong-horse-7"))


@pytest.mark.inferred("who has no password proves none; it is not told that there is none")
def test_a_user_without_a_password_gets_a_challenge_that_nothing_answers(pool: UserPool) -> None:
    pool.cognito.admin_create_user(UserPoolId=pool.id, Username="bob", MessageAction="SUPPRESS")
    for password in (PASSWORD, "None", ""):
        handshake = Handshake(pool, "bob")
        with refused(*WRONG_PROOF):
            handshake.answer(**handshake.proof(password))


@pytest.mark.inferred("leading zeros change no number")
def test_a_public_key_may_have_leading_zeros(pool: UserPool) -> None:
    client = SrpClient()
    handshake = Handshake(pool, srp_a=client.srp_a.zfill(2048))
    handshake.client = client
    assert "AuthenticationResult" in handshake.answer(**handshake.proof())
    with refused("InvalidParameterException", "SRP_A is not a hexadecimal number of at most 2048 digits."):
        Handshake(pool, srp_a=client.srp_a.zfill(2049))


def test_proofs_that_are_checked_from_the_midst_of_a_sign_in_on_refuse_it(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began with a challenge that nobody could prove anything with."""
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "never")
    pool = make_moto_pool()
    pool.add_user()
    handshake = Handshake(pool)
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "always")
    with refused(*WRONG_PROOF):
        handshake.answer(**handshake.proof())


@pytest.mark.inferred("a pool that tracks no devices any more is moto's, which checks no proof")
def test_a_proof_is_not_checked_once_tracking_is_off(pool: UserPool) -> None:
    handshake = Handshake(pool)
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    assert "AuthenticationResult" in handshake.answer(**handshake.proof("Wrong-horse-7"))


@pytest.mark.observed("measured on AWS (ministack PR #1758): before the password is looked at")
def test_an_unconfirmed_user_is_refused_at_once(pool: UserPool) -> None:
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    with refused("UserNotConfirmedException", "User is not confirmed."):
        Handshake(pool, "new")


@pytest.mark.inferred("the text that Cognito has for a disabled user elsewhere")
def test_a_disabled_user_is_refused_at_once(pool: UserPool) -> None:
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        Handshake(pool)


@pytest.mark.observed("measured on AWS (ministack PR #1758): by e-mail too")
def test_a_user_signs_in_by_email(make_pool: MakePool) -> None:
    pool = make_pool(UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    handshake = Handshake(pool, "ada@example.com")
    assert handshake.name == canonical
    assert "AuthenticationResult" in handshake.answer(**handshake.proof())
    by_alias = Handshake(pool, "ada@example.com")
    assert "AuthenticationResult" in by_alias.answer(username="ada@example.com", **by_alias.proof())


@pytest.mark.observed("every client hashes UTF-8")
def test_a_password_is_hashed_as_utf8(make_pool: MakePool) -> None:
    pool = make_pool()
    pool.add_user("Zoë", password="Pässwörd-日本-1")
    assert sign_in(pool.cognito, pool.client_id, "Zoë", "Pässwörd-日本-1", user_pool_id=pool.id)["AccessToken"]


@pytest.mark.documented("NEW_PASSWORD_REQUIRED and MFA follow the password")
def test_a_new_password_and_mfa_follow(pool: UserPool) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    sign_in(pool.cognito, pool.client_id, "ada", "Temporary-1", user_pool_id=pool.id, new_password="New-horse-9")
    pool.enable_sms_mfa()
    assert sign_in(pool.cognito, pool.client_id, "ada", "New-horse-9", user_pool_id=pool.id, mfa_code=CODE)
    with refused(*WRONG_PROOF):
        sign_in(pool.cognito, pool.client_id, "ada", "Temporary-1", user_pool_id=pool.id, mfa_code=CODE)


# Clients with a secret
def _initiate(pool: UserPool, **parameters: str) -> None:
    pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": SrpClient().srp_a, **parameters},
    )


def _initiate_with_password(pool: UserPool, **parameters: str) -> None:
    pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, **parameters},
    )


def _answer(pool: UserPool, **responses: str) -> None:
    handshake = Handshake(pool)
    pool.cognito.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={"USERNAME": "ada", **handshake.proof(), **responses},
    )


def _answer_mfa(pool: UserPool, **responses: str) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    pool.cognito.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="SMS_MFA",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "ada", "SMS_MFA_CODE": CODE, **responses},
    )


def _answer_device(pool: UserPool, **responses: str) -> None:
    device, _ = pool.confirmed_device()
    pool.initiate(device_key=device.device_key)
    pool.cognito.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="DEVICE_SRP_AUTH",
        ChallengeResponses={
            "USERNAME": "ada",
            "DEVICE_KEY": device.device_key,
            "SRP_A": SrpClient().srp_a,
            **responses,
        },
    )


STEPS = [_initiate, _initiate_with_password, _answer, _answer_mfa, _answer_device]


@pytest.mark.observed("the texts; amplify-android #2504 met the first at the device's step")
@pytest.mark.parametrize("step", STEPS, ids=[step.__name__[1:] for step in STEPS])
def test_a_client_with_a_secret_proves_it_at_each_step(make_pool: MakePool, step: Callable[..., None]) -> None:
    pool = make_pool(secret=True)
    pool.add_user()
    assert pool.client_secret
    with refused(
        "NotAuthorizedException", f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
    ):
        step(pool)
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {pool.client_id}"):
        step(pool, SECRET_HASH=secret_hash(pool.client_id, pool.client_secret, "bob"))
    step(pool, SECRET_HASH=secret_hash(pool.client_id, pool.client_secret, "ada"))


@pytest.mark.observed("alexrudd/cognito-srp #1, #7: over the USERNAME of the same request")
def test_the_hash_is_over_the_name_that_is_sent(make_pool: MakePool) -> None:
    pool = make_pool(secret=True, UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    tokens = sign_in(
        pool.cognito,
        pool.client_id,
        "ada@example.com",
        PASSWORD,
        user_pool_id=pool.id,
        client_secret=pool.client_secret,
    )
    assert "NewDeviceMetadata" in tokens


@pytest.mark.observed("every client hashes UTF-8")
def test_the_hash_is_over_utf8(make_pool: MakePool) -> None:
    """moto hashes Latin-1, which has no letter for this name."""
    pool = make_pool(secret=True)
    pool.add_user("łukasz")
    assert "AuthenticationResult" in pool.initiate("łukasz")
    assert pool.client_secret
    by_srp = {"user_pool_id": pool.id, "client_secret": pool.client_secret}
    assert sign_in(pool.cognito, pool.client_id, "łukasz", PASSWORD, **by_srp)["AccessToken"]  # type: ignore[arg-type]


# The switch
def _sign_in_with_nonsense(pool: UserPool) -> dict[str, Any]:
    handshake = Handshake(pool)
    return handshake.answer(**handshake.proof("Wrong-horse-7"))


def test_by_default_a_pool_without_tracking_checks_no_proof(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(None)
    pool.add_user()
    handshake = Handshake(pool)
    assert handshake.parameters["SECRET_BLOCK"] == handshake.challenge["Session"]
    assert "AuthenticationResult" in handshake.answer(**handshake.proof("Wrong-horse-7"))


@pytest.mark.parametrize("value", ["always", "ALWAYS "])
def test_always_checks_the_proof_in_every_pool(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", value)
    pool = make_moto_pool(None)
    pool.add_user()
    pool.enable_sms_mfa()
    with refused(*WRONG_PROOF):
        _sign_in_with_nonsense(pool)
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, user_pool_id=pool.id, mfa_code=CODE)
    assert "NewDeviceMetadata" not in tokens
    assert Handshake(pool, admin=True).challenge["ChallengeName"] == "PASSWORD_VERIFIER"


def test_never_checks_it_nowhere(make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "never")
    pool = make_moto_pool(OPT_IN)
    pool.add_user()
    assert "NewDeviceMetadata" in _sign_in_with_nonsense(pool)["AuthenticationResult"]
    nonsense = {"PASSWORD_CLAIM_SIGNATURE": "x", "TIMESTAMP": "y"}
    handshake = Handshake(pool)
    block = handshake.parameters["SECRET_BLOCK"]
    assert "AuthenticationResult" in handshake.answer(PASSWORD_CLAIM_SECRET_BLOCK=block, **nonsense)


def test_never_still_binds_a_challenge_to_its_user(make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "never")
    pool = make_moto_pool(ALWAYS)
    pool.add_user()
    pool.add_user("bob")
    handshake = Handshake(pool)
    with refused("NotAuthorizedException", "Invalid session for the user."):
        handshake.answer(username="bob", **handshake.proof())


def test_a_challenge_expires_with_the_clients_session_validity(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(client={"AuthSessionValidity": 5})
    pool.add_user()
    with freeze_time("2031-01-01") as clock:
        in_time, late = Handshake(pool), Handshake(pool)
        clock.tick(299)
        assert "AuthenticationResult" in in_time.answer(**in_time.proof())
        clock.tick(1)
        with refused(*WRONG_PROOF):
            late.answer(**late.proof())


def test_it_works_on_a_moto_that_binds_the_challenge_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """getmoto/moto#10243 would: each member must be there, and block and user those of the session."""
    from moto.cognitoidp import models
    from moto.cognitoidp.exceptions import InvalidParameterException, NotAuthorizedError

    moto_respond = models.CognitoIdpBackend.respond_to_auth_challenge

    def respond(self: Any, session: str, client_id: str, challenge_name: str, challenge_responses: Any) -> Any:
        if challenge_name == "PASSWORD_VERIFIER":
            for member in ("USERNAME", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP"):
                if not challenge_responses.get(member):
                    raise InvalidParameterException(f"Missing required parameter {member}")
            block = challenge_responses["PASSWORD_CLAIM_SECRET_BLOCK"]
            username, user_pool = self.sessions[block]
            user = user_pool._get_user(username)
            if (session and session != block) or challenge_responses["USERNAME"] not in (
                username,
                user.username,
                user.id,
            ):
                raise NotAuthorizedError("Incorrect username or password.")
        return moto_respond(self, session, client_id, challenge_name, challenge_responses)

    monkeypatch.setattr(models.CognitoIdpBackend, "respond_to_auth_challenge", respond)
    with mock_aws():
        target = Target("in_process")
        cognito = target.client()
        for options in ({}, {"UsernameAttributes": ["email"]}):
            pool_id = cognito.create_user_pool(PoolName="p", DeviceConfiguration=ALWAYS, **options)["UserPool"]["Id"]
            client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="c")["UserPoolClient"]
            pool = UserPool(target, cognito, pool_id, client["ClientId"])
            pool.add_user("ada@example.com", email="ada@example.com")
            pool.enable_sms_mfa("ada@example.com")
            tokens = sign_in(cognito, pool.client_id, "ada@example.com", PASSWORD, user_pool_id=pool_id, mfa_code=CODE)
            device = Device.from_metadata(tokens["NewDeviceMetadata"])
            device.confirm(cognito, tokens["AccessToken"])
            assert sign_in(cognito, pool.client_id, "ada@example.com", PASSWORD, user_pool_id=pool_id, device=device)


def test_timestamps_are_written_as_java_writes_them() -> None:
    assert srp.timestamp(datetime(2023, 9, 5, 0, 9, 40, tzinfo=timezone.utc)) == "Tue Sep 5 00:09:40 UTC 2023"
