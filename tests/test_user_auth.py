"""USER_AUTH, choice-based sign-in: the user, or the client, chooses the first factor."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun import freeze_time
from moto.cognitoidp import responses
from moto.cognitoidp.models import cognitoidp_backends

from moto_cognito_devices.testing import ChallengeError, Device, SrpClient, sign_in

from .conftest import MakePool
from .support import ALWAYS, CODE, DEVICE_UNKNOWN, PASSWORD, WRONG_PROOF, UserPool, open_handles, refused
from .test_attacks import EXPIRED_SESSION, INVALID_SESSION, SPENT_SESSION
from .test_device_sign_in import Proof
from .test_sign_in import RESET_REQUIRED, UNCONFIRMED, UNKNOWN, another_client, require_reset

CHOICES = ["PASSWORD_SRP", "PASSWORD"]
WRONG = "Wrong-horse-7"


def begin(
    pool: UserPool,
    username: str = "ada",
    admin: bool = False,
    client_id: str | None = None,
    session: str | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """InitiateAuth or AdminInitiateAuth with USER_AUTH."""
    request: dict[str, Any] = {
        "ClientId": client_id or pool.client_id,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": pool.parameters(username, **parameters),
        **({"Session": session} if session else {}),
    }
    if admin:
        response: dict[str, Any] = pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **request)
    else:
        response = pool.cognito.initiate_auth(**request)
    return response


class Choosing:
    """A sign-in up to the challenge that the password answers: in each of the ways in which it can come to that."""

    def __init__(self, pool: UserPool, way: str, username: str = "ada"):
        self.pool, self.way, self.username = pool, way, username
        self.srp = SrpClient()
        first: dict[str, Any] = {} if way.startswith("select") else {"PREFERRED_CHALLENGE": way.partition(" ")[0]}
        if way == "PASSWORD_SRP at once":
            first["SRP_A"] = self.srp.srp_a
        self.challenge = begin(pool, username, **first)
        if way == "select PASSWORD_SRP":
            self.challenge = pool.answer(self.challenge, username, ANSWER="PASSWORD_SRP", SRP_A=self.srp.srp_a)
        elif way == "PASSWORD_SRP":
            self.challenge = pool.answer(self.challenge, username, SRP_A=self.srp.srp_a)

    def members(self, password: str) -> dict[str, str]:
        if self.challenge["ChallengeName"] == "SELECT_CHALLENGE":
            return {"ANSWER": "PASSWORD", "PASSWORD": password}
        if self.challenge["ChallengeName"] == "PASSWORD":
            return {"PASSWORD": password}
        parameters = self.challenge["ChallengeParameters"]
        return self.srp.answer(parameters, self.pool.id.partition("_")[2], parameters["USERNAME"], password)

    def answer(self, password: str = PASSWORD, **further: str | None) -> dict[str, Any]:
        return self.pool.answer(self.challenge, self.username, **{**self.members(password), **further})


WAYS = ["select PASSWORD", "select PASSWORD_SRP", "PASSWORD", "PASSWORD_SRP", "PASSWORD_SRP at once"]
every_way = pytest.mark.parametrize("way", WAYS)


# What is asked first
@pytest.mark.observed("notes on a real pool, September 2026: the list, in this order; the name is inferred")
@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("state", ["confirmed", "temporary password"])
def test_without_a_preference_the_user_selects(pool: UserPool, admin: bool, state: str) -> None:
    if state == "temporary password":
        pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temp-1-x", Permanent=False)
    challenge = begin(pool, admin=admin)
    assert challenge["ChallengeName"] == "SELECT_CHALLENGE"
    assert challenge["AvailableChallenges"] == CHOICES
    assert challenge["ChallengeParameters"] == {"USER_ID_FOR_SRP": "ada"}
    assert challenge["Session"]


@pytest.mark.documented("InitiateAuth: a preferred challenge that is not available leads to SELECT_CHALLENGE")
@pytest.mark.parametrize("preferred", ["WEB_AUTHN", "EMAIL_OTP", "SMS_OTP", "SELECT_CHALLENGE", "ConfirmSignUp", ""])
def test_what_is_not_available_can_not_be_preferred(pool: UserPool, preferred: str) -> None:
    challenge = begin(pool, PREFERRED_CHALLENGE=preferred, PASSWORD=PASSWORD, SRP_A=SrpClient().srp_a)
    assert challenge["ChallengeName"] == "SELECT_CHALLENGE"
    assert challenge["AvailableChallenges"] == CHOICES


@pytest.mark.documented("InitiateAuth: PREFERRED_CHALLENGE with what answers it, and without")
@pytest.mark.parametrize("admin", [False, True])
def test_a_preferred_challenge_is_answered_at_once_or_asked_for(pool: UserPool, admin: bool) -> None:
    assert "AuthenticationResult" in begin(pool, admin=admin, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    with refused(*WRONG_PROOF):
        begin(pool, admin=admin, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=WRONG)
    srp_a = SrpClient().srp_a
    verifier = begin(pool, admin=admin, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp_a)
    assert verifier["ChallengeName"] == "PASSWORD_VERIFIER"
    for preferred in CHOICES:
        challenge = begin(pool, admin=admin, PREFERRED_CHALLENGE=preferred)
        assert challenge["ChallengeName"] == preferred
        assert challenge["Session"]
        assert "AvailableChallenges" not in challenge


@pytest.mark.documented("SELECT_CHALLENGE, PASSWORD and PASSWORD_SRP in RespondToAuthChallenge")
@every_way
def test_the_password_signs_in(pool: UserPool, way: str) -> None:
    tokens = Choosing(pool, way).answer()["AuthenticationResult"]
    assert tokens["NewDeviceMetadata"]
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


@pytest.mark.inferred("by USER_SRP_AUTH and USER_PASSWORD_AUTH; that it spends the challenge, as any proof")
@every_way
def test_a_wrong_password_is_refused_and_spends_the_challenge(pool: UserPool, way: str) -> None:
    choosing = Choosing(pool, way)
    with refused(*WRONG_PROOF):
        choosing.answer(WRONG)
    with refused(*(WRONG_PROOF if "SRP" in way else SPENT_SESSION)):
        choosing.answer()


@pytest.mark.documented("ALLOW_USER_AUTH: password and SRP need no flows of their own")
def test_the_clients_list_names_the_flow_and_nothing_else(pool: UserPool) -> None:
    password: dict[str, Any] = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}
    srp: dict[str, Any] = {"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": SrpClient().srp_a}
    client_id = another_client(pool, ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    assert "AuthenticationResult" in begin(pool, client_id=client_id, **password)
    assert begin(pool, client_id=client_id, **srp)["ChallengeName"] == "PASSWORD_VERIFIER"
    for listed in (["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"], ["USER_PASSWORD_AUTH"]):
        client_id = another_client(pool, ExplicitAuthFlows=listed)
        for parameters in (password, srp, {}):
            with refused("InvalidParameterException", "USER_AUTH flow not enabled for this client"):
                begin(pool, client_id=client_id, **parameters)


@pytest.mark.inferred("the error of a pool without the feature: step-up authentication is not mocked")
@pytest.mark.parametrize("parameter", ["ACCESS_TOKEN", "TARGET_ACR_VALUES"])
def test_a_step_up_is_refused(pool: UserPool, parameter: str) -> None:
    value: Any = pool.tokens()["AccessToken"] if parameter == "ACCESS_TOKEN" else "urn:aws:cognito:level"
    with refused(
        "FeatureUnavailableInTierException", "Step-up authentication is not available in this user pool's tier."
    ):
        begin(pool, **{"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD, parameter: value})


# Answers
@pytest.mark.inferred("what is missing is told as everywhere, and nothing is spent")
def test_a_bad_choice_leaves_the_challenge_open(pool: UserPool) -> None:
    challenge = begin(pool)
    for choice in ("WEB_AUTHN", "EMAIL_OTP", "SELECT_CHALLENGE", "password"):
        with refused("InvalidParameterException", "ANSWER is none of the AvailableChallenges: PASSWORD_SRP, PASSWORD."):
            pool.answer(challenge, ANSWER=choice, PASSWORD=PASSWORD)
    for members, missing in (
        ({"PASSWORD": PASSWORD}, "ANSWER"),
        ({"ANSWER": "PASSWORD"}, "PASSWORD"),
        ({"ANSWER": "PASSWORD_SRP"}, "SRP_A"),
    ):
        with refused("InvalidParameterException", f"Missing required parameter {missing}"):
            pool.answer(challenge, **members)
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException, match="SRP_A is zero"):
        pool.answer(challenge, ANSWER="PASSWORD_SRP", SRP_A="0")
    assert "AuthenticationResult" in pool.answer(challenge, ANSWER="PASSWORD", PASSWORD=PASSWORD)


@pytest.mark.observed("the texts of sessions, as at any challenge")
@pytest.mark.parametrize("way", ["select PASSWORD", "PASSWORD", "PASSWORD_SRP at once"])
def test_a_challenge_is_bound_to_its_user_client_and_kind(make_pool: MakePool, way: str) -> None:
    pool = make_pool()
    pool.add_user()
    pool.add_user("bob")
    choosing = Choosing(pool, way)
    name, members = choosing.challenge["ChallengeName"], choosing.members(PASSWORD)
    error = WRONG_PROOF if way == "PASSWORD_SRP at once" else INVALID_SESSION

    def respond(username: str, client_id: str, session: str) -> dict[str, Any]:
        response: dict[str, Any] = pool.cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName=name,
            Session=session,
            ChallengeResponses={"USERNAME": username, **members},
        )
        return response

    session = choosing.challenge["Session"]
    elsewhere = begin(pool, PREFERRED_CHALLENGE="PASSWORD" if name != "PASSWORD" else "PASSWORD_SRP")["Session"]
    for other in (elsewhere, "never-issued-by-anybody"):
        with refused(*INVALID_SESSION):
            respond("ada", pool.client_id, other)
    if way == "PASSWORD_SRP at once":  # a proof is spent by who is wrong
        with refused(*error):
            respond("bob", pool.client_id, session)
        return
    with refused(*error):
        respond("bob", pool.client_id, session)
    with refused(*error):
        respond("ada", another_client(pool), session)
    assert "AuthenticationResult" in respond("ada", pool.client_id, session)
    with refused(*SPENT_SESSION):
        respond("ada", pool.client_id, session)


@pytest.mark.observed("aws-amplify sends PASSWORD_VERIFIER's Session back if there was one; USER_SRP_AUTH gives none")
@pytest.mark.parametrize("way", [way for way in WAYS if "SRP" in way])
def test_a_proof_comes_with_its_session_or_without(pool: UserPool, way: str) -> None:
    for sent in (True, False):
        choosing = Choosing(pool, way)
        assert choosing.challenge["ChallengeName"] == "PASSWORD_VERIFIER"
        assert choosing.challenge["Session"]
        if not sent:
            del choosing.challenge["Session"]
        assert "AuthenticationResult" in choosing.answer()
    by_srp = pool.cognito.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": SrpClient().srp_a},
    )
    assert "Session" not in by_srp


def test_a_choice_expires_with_the_clients_session_validity(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(client={"AuthSessionValidity": 5, "PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    for way in ("select PASSWORD", "PASSWORD"):
        with freeze_time("2031-01-01") as clock:
            in_time, late, unknown = Choosing(pool, way), Choosing(pool, way), Choosing(pool, way, "nobody")
            clock.tick(299)
            assert "AuthenticationResult" in in_time.answer()
            clock.tick(1)
            for choosing in (late, unknown):
                with refused(*EXPIRED_SESSION):
                    choosing.answer()


# Who may
@pytest.mark.documented("PreventUserExistenceErrors ENABLED: nothing tells an unknown user, at no step")
@every_way
def test_who_exists_is_not_told_where_the_client_says_so(make_pool: MakePool, way: str) -> None:
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    known, unknown = Choosing(pool, way), Choosing(pool, way, "nobody")
    for name in known.challenge.keys() - {"ResponseMetadata", "Session", "ChallengeParameters"}:
        assert known.challenge[name] == unknown.challenge[name]
    assert known.challenge.keys() == unknown.challenge.keys()
    assert known.challenge["ChallengeParameters"].keys() == unknown.challenge["ChallengeParameters"].keys()
    for choosing in (known, unknown):
        with refused(*WRONG_PROOF):
            choosing.answer(WRONG)
        with refused(*(WRONG_PROOF if "SRP" in way else SPENT_SESSION)):
            choosing.answer()


@pytest.mark.inferred("an unknown user's challenge is as bound as another's, also if the user comes to be meanwhile")
def test_an_unknown_users_challenge_is_nobody_elses(make_pool: MakePool) -> None:
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user()
    for username, client_id in (("ada", pool.client_id), ("nobody", another_client(pool))):
        with refused(*INVALID_SESSION):
            pool.cognito.respond_to_auth_challenge(
                ClientId=client_id,
                ChallengeName="PASSWORD",
                Session=begin(pool, "nobody", PREFERRED_CHALLENGE="PASSWORD")["Session"],
                ChallengeResponses={"USERNAME": username, "PASSWORD": PASSWORD},
            )
    choosing = Choosing(pool, "select PASSWORD", "nobody")
    pool.add_user("nobody")
    with refused(*WRONG_PROOF):
        choosing.answer()
    assert "AuthenticationResult" in Choosing(pool, "select PASSWORD", "nobody").answer()


@pytest.mark.observed("LEGACY tells; aws-amplify makes steps of these errors of InitiateAuth")
def test_a_state_that_refuses_is_told_before_the_choice(pool: UserPool) -> None:
    with refused(*UNKNOWN):
        begin(pool, "nobody")
    pool.cognito.sign_up(ClientId=pool.client_id, Username="new", Password=PASSWORD)
    with refused(*UNCONFIRMED):
        begin(pool, "new")
    require_reset(pool)
    with refused(*RESET_REQUIRED):
        Choosing(pool, "select PASSWORD").answer()


@pytest.mark.documented("MFA and a new password follow the choice as any first factor")
@every_way
def test_a_new_password_and_mfa_follow(pool: UserPool, way: str) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    pool.enable_sms_mfa()
    challenge = Choosing(pool, way).answer("Temporary-1")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    challenge = pool.answer(challenge, NEW_PASSWORD=PASSWORD)
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert "NewDeviceMetadata" in pool.answer(challenge, SMS_MFA_CODE=CODE)["AuthenticationResult"]


@pytest.mark.observed("a client with a secret proves it at each step")
def test_the_secret_is_proven_at_each_step(make_pool: MakePool) -> None:
    pool = make_pool(secret=True)
    pool.add_user()
    text = f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
    challenge = begin(pool)
    with refused("NotAuthorizedException", text):
        pool.cognito.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="SELECT_CHALLENGE",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "ada", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD},
        )
    with refused("NotAuthorizedException", text):
        pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow="USER_AUTH", AuthParameters={"USERNAME": "ada"})
    assert "AuthenticationResult" in pool.answer(challenge, ANSWER="PASSWORD", PASSWORD=PASSWORD)


@pytest.mark.observed("by alias too, and the canonical name comes with the choice")
@every_way
def test_an_alias_signs_in(make_pool: MakePool, way: str) -> None:
    pool = make_pool(UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")
    assert begin(pool, "ada@example.com")["ChallengeParameters"] == {"USER_ID_FOR_SRP": canonical}
    tokens = Choosing(pool, way, canonical).answer()["AuthenticationResult"]
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == canonical
    assert "AuthenticationResult" in Choosing(pool, way, "ada@example.com").answer()


# Devices
@pytest.mark.inferred("the table of devices holds in this flow too: the key counts in the request with the password")
@every_way
def test_a_remembered_device_skips_mfa(pool: UserPool, way: str) -> None:
    pool.enable_sms_mfa()
    device, _ = pool.confirmed_device()
    key: dict[str, Any] = {"DEVICE_KEY": device.device_key}
    assert Choosing(pool, way).answer()["ChallengeName"] == "SMS_MFA"
    due = Choosing(pool, way).answer(**key)
    assert due["ChallengeName"] == "DEVICE_SRP_AUTH"
    proof = Proof(pool, device)
    verifier = proof.start(due["Session"])
    tokens = proof.finish(verifier["Session"])["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    # The tokens are that device's.
    refresh = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    token = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    with refused("NotAuthorizedException", "Invalid Refresh Token."):
        pool.cognito.initiate_auth(**refresh, AuthParameters=token)
    assert "AuthenticationResult" in pool.cognito.initiate_auth(**refresh, AuthParameters={**token, **key})


@pytest.mark.inferred("amplify-swift PR #4254 of USER_SRP_AUTH: a key that was given earlier does not count")
@pytest.mark.parametrize("preferred", ["", *CHOICES])
def test_a_key_that_only_an_earlier_request_had_does_not_count(pool: UserPool, preferred: str) -> None:
    device, _ = pool.confirmed_device()
    key: dict[str, Any] = {"DEVICE_KEY": device.device_key}
    challenge = begin(pool, PREFERRED_CHALLENGE=preferred, **key)
    answer = {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    if preferred == "PASSWORD_SRP":
        srp = SrpClient()
        challenge = pool.answer(challenge, SRP_A=srp.srp_a, **key)
        answer = srp.answer(challenge["ChallengeParameters"], pool.id.partition("_")[2], "ada", PASSWORD)
    assert "NewDeviceMetadata" in pool.answer(challenge, **answer)["AuthenticationResult"]


@pytest.mark.observed("a key that was forgotten: the same answer without it is then right")
@every_way
def test_a_forgotten_key_leaves_the_challenge_open(pool: UserPool, way: str) -> None:
    device, _ = pool.confirmed_device()
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=device.device_key)
    choosing = Choosing(pool, way)
    with refused(*DEVICE_UNKNOWN):
        choosing.answer(DEVICE_KEY=device.device_key)
    assert "NewDeviceMetadata" in choosing.answer()["AuthenticationResult"]
    with refused(*DEVICE_UNKNOWN):
        begin(pool, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD, DEVICE_KEY=device.device_key)


# The pool's policy
def policies(pool: UserPool) -> dict[str, Any]:
    found: dict[str, Any] = pool.cognito.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Policies"]
    return found


@pytest.mark.inferred("each policy is a member of its own: what was not given stays, or is AWS's default")
def test_the_sign_in_policy_is_kept_beside_the_passwords(make_pool: MakePool) -> None:
    factors = {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}
    pool = make_pool(Policies={"SignInPolicy": factors})
    assert pool.made["Policies"] == policies(pool)
    assert policies(pool)["SignInPolicy"] == factors
    assert policies(pool)["PasswordPolicy"]["MinimumLength"] == 8
    update = {"UserPoolId": pool.id, "DeviceConfiguration": ALWAYS}
    pool.cognito.update_user_pool(**update)
    assert policies(pool)["SignInPolicy"] == factors
    pool.cognito.update_user_pool(**update, Policies={"PasswordPolicy": {"MinimumLength": 10}})
    assert policies(pool)["SignInPolicy"] == factors
    assert policies(pool)["PasswordPolicy"]["MinimumLength"] == 10
    pool.cognito.update_user_pool(**update, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}})
    assert policies(pool)["SignInPolicy"] == {"AllowedFirstAuthFactors": ["PASSWORD"]}
    assert policies(pool)["PasswordPolicy"]["MinimumLength"] == 10


@pytest.mark.inferred("null is absent")
def test_a_policy_that_is_null_is_not_given(make_pool: MakePool) -> None:
    pool = make_pool()
    factors = {"AllowedFirstAuthFactors": ["PASSWORD"]}
    given = {"PasswordPolicy": None, "SignInPolicy": factors}
    body = {"UserPoolId": pool.id, "DeviceConfiguration": ALWAYS, "Policies": given}
    assert pool.target.post("UpdateUserPool", body, signed=True).status_code == 200
    assert policies(pool)["SignInPolicy"] == factors
    assert policies(pool)["PasswordPolicy"]["MinimumLength"] == 8


def test_what_the_policy_does_not_allow_is_not_offered(make_moto_pool: MakePool) -> None:
    """On AWS no pool is without passwords; here one may be, and they are then no choice."""
    pool = make_moto_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN"]}})
    pool.add_user()
    challenge = begin(pool, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert (challenge["ChallengeName"], challenge["AvailableChallenges"]) == ("SELECT_CHALLENGE", [])
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException, match="AvailableChallenges"):
        pool.answer(challenge, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    assert "AuthenticationResult" in pool.initiate()
    # A policy that is taken away in mid sign-in counts from the next step on.
    pool.cognito.update_user_pool(
        UserPoolId=pool.id,
        DeviceConfiguration=ALWAYS,
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
    )
    assert "AuthenticationResult" in pool.answer(challenge, ANSWER="PASSWORD", PASSWORD=PASSWORD)


@pytest.mark.documented("SignInPolicyType in the service model")
def test_a_sign_in_policy_that_is_none_is_refused(pool: UserPool) -> None:
    before = policies(pool)
    for operation, identity in (("CreateUserPool", {"PoolName": "p"}), ("UpdateUserPool", {"UserPoolId": pool.id})):
        for wrong, code in (
            ({"SignInPolicy": {"AllowedFirstAuthFactors": ["PIN"]}}, "InvalidParameterException"),
            ({"SignInPolicy": {"AllowedFirstAuthFactors": "PASSWORD"}}, "SerializationException"),
            ("none", "SerializationException"),
        ):
            body = {**identity, "DeviceConfiguration": ALWAYS, "Policies": wrong}
            response = pool.target.post(operation, body, signed=True)
            assert (response.status_code, response.json()["__type"]) == (400, code)
    assert policies(pool) == before


# ConfirmSignUp's Session
def signed_up(pool: UserPool, username: str = "new", **confirmation: str) -> dict[str, Any]:
    """The answer of ConfirmSignUp."""
    pool.cognito.sign_up(ClientId=pool.client_id, Username=username, Password=PASSWORD)
    response: dict[str, Any] = pool.cognito.confirm_sign_up(
        ClientId=pool.client_id, Username=username, ConfirmationCode=CODE, **confirmation
    )
    return response


@pytest.mark.documented("InitiateAuth.Session: ConfirmSignUp's code counts for the first factor, once")
@pytest.mark.parametrize("admin", [False, True])
def test_after_a_sign_up_its_session_signs_in_once(pool: UserPool, admin: bool) -> None:
    session = signed_up(pool)["Session"]
    with refused(*INVALID_SESSION):
        begin(pool, "ada", admin, session=session)
    with refused(*INVALID_SESSION):
        begin(pool, "new", admin, client_id=another_client(pool), session=session)
    with refused(*INVALID_SESSION):
        begin(pool, "new", admin, session=begin(pool, "new")["Session"])
    tokens = begin(pool, "new", admin, session=session)["AuthenticationResult"]
    assert pool.cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "new"
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    with refused(*SPENT_SESSION):
        begin(pool, "new", admin, session=session)


@pytest.mark.documented("it is for users who sign in for the first time")
def test_after_another_sign_in_the_session_of_the_sign_up_is_of_no_use(pool: UserPool) -> None:
    session = signed_up(pool)["Session"]
    pool.tokens("new")
    with refused(*INVALID_SESSION):
        begin(pool, "new", session=session)


@pytest.mark.inferred("a session is of one user; whether there is another one is not told by it")
def test_the_session_of_a_sign_up_is_of_no_use_to_who_is_not_there(pool: UserPool) -> None:
    session = signed_up(pool)["Session"]
    with refused(*INVALID_SESSION):
        begin(pool, "nobody", session=session)


@pytest.mark.inferred("a challenge that this mock never asks has no session")
def test_an_answer_to_a_challenge_that_is_never_asked_is_refused(pool: UserPool) -> None:
    challenge = {"ChallengeName": "WEB_AUTHN", "Session": begin(pool)["Session"]}
    with refused(*INVALID_SESSION):
        pool.answer(challenge, CREDENTIAL="{}")


@pytest.mark.documented("MFA that is due is asked for, also after a sign-up")
def test_mfa_follows_a_sign_up(pool: UserPool) -> None:
    session = signed_up(pool)["Session"]
    pool.enable_sms_mfa("new")
    challenge = begin(pool, "new", session=session)
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] == "new"
    assert "NewDeviceMetadata" in pool.answer(challenge, "new", SMS_MFA_CODE=CODE)["AuthenticationResult"]


@pytest.mark.inferred("a refused request changes nothing; a Session is for USER_AUTH, and other flows don't look at it")
def test_a_refused_sign_in_leaves_the_session_of_the_sign_up(pool: UserPool) -> None:
    session = signed_up(pool)["Session"]
    with refused(*DEVICE_UNKNOWN):
        begin(pool, "new", session=session, DEVICE_KEY=f"{pool.target.region}_00000000-0000-4000-8000-000000000000")
    with refused(*WRONG_PROOF):
        pool.cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            Session=session,
            AuthParameters={"USERNAME": "new", "PASSWORD": WRONG},
        )
    assert "AuthenticationResult" in begin(pool, "new", session=session)


def test_the_session_of_a_sign_up_ends(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    with freeze_time("2031-01-01") as clock:
        session = signed_up(pool)["Session"]
        clock.tick(180)
        with refused(*EXPIRED_SESSION):
            begin(pool, "new", session=session)


def test_who_was_confirmed_already_gets_no_session(make_moto_pool: MakePool) -> None:
    """moto takes any code for anybody: a Session would let everybody in."""
    pool = make_moto_pool()
    pool.add_user()
    confirm = {"ClientId": pool.client_id, "ConfirmationCode": CODE}
    assert "Session" not in pool.cognito.confirm_sign_up(Username="ada", **confirm)
    untracked = make_moto_pool(None)
    assert "Session" not in signed_up(untracked)
    with pytest.raises(pool.cognito.exceptions.UserNotFoundException):
        pool.cognito.confirm_sign_up(Username="nobody", **confirm)


def test_what_a_sign_up_leaves_goes_with_the_user(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool()
    session = signed_up(pool)["Session"]
    user_pool = _in_this_process(pool)
    assert len(user_pool.state.sign_up_sessions) == 1
    assert open_handles(user_pool) == [session]
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="new")
    assert user_pool.state.sign_up_sessions == {}
    pool.add_user("new")
    with refused(*INVALID_SESSION):
        begin(pool, "new", session=session)


def _in_this_process(pool: UserPool) -> Any:
    return cognitoidp_backends["123456789012"][pool.target.region].user_pools[pool.id]


# GetUserAuthFactors
@pytest.mark.documented("GetUserAuthFactors in the service model")
def test_a_users_factors_are_told(pool: UserPool) -> None:
    token = {"AccessToken": pool.tokens()["AccessToken"]}
    factors = pool.cognito.get_user_auth_factors(**token)
    factors.pop("ResponseMetadata")
    assert factors == {"Username": "ada", "ConfiguredUserAuthFactors": ["PASSWORD"]}
    pool.enable_totp(preferred=False)
    pool.enable_sms_mfa()
    factors = pool.cognito.get_user_auth_factors(**token)
    assert factors["PreferredMfaSetting"] == "SMS_MFA"
    assert sorted(factors["UserMFASettingList"]) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]
    pool.cognito.global_sign_out(**token)
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        pool.cognito.get_user_auth_factors(**token)


@pytest.mark.inferred("the operation has nothing to do with devices")
def test_a_users_factors_are_told_without_tracking(make_pool: MakePool) -> None:
    pool = make_pool(None)
    pool.add_user()
    assert pool.cognito.get_user_auth_factors(AccessToken=pool.tokens()["AccessToken"])["Username"] == "ada"
    with refused("NotAuthorizedException", "Invalid Access Token"):
        pool.cognito.get_user_auth_factors(AccessToken="x.y.z")


def test_a_moto_that_tells_a_users_factors_itself_does_so_without_tracking(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        responses.CognitoIdpResponse, "get_user_auth_factors", lambda _: '{"Username": "moto\'s"}', raising=False
    )
    plain, tracked = make_moto_pool(None), make_moto_pool(ALWAYS)
    for pool in (plain, tracked):
        pool.add_user()
    assert plain.cognito.get_user_auth_factors(AccessToken=plain.tokens()["AccessToken"])["Username"] == "moto's"
    assert tracked.cognito.get_user_auth_factors(AccessToken=tracked.tokens()["AccessToken"])["Username"] == "ada"


# The helper for tests
@pytest.mark.inferred("the helper prefers the challenge that it can answer")
@pytest.mark.parametrize("by_srp", [False, True])
def test_the_helper_signs_in_by_choice(pool: UserPool, by_srp: bool) -> None:
    client_id = another_client(pool, ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    options: dict[str, Any] = {"auth_flow": "USER_AUTH", **({"user_pool_id": pool.id} if by_srp else {})}
    pool.enable_sms_mfa()
    tokens = sign_in(pool.cognito, client_id, "ada", PASSWORD, mfa_code=CODE, **options)
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    assert "NewDeviceMetadata" not in sign_in(pool.cognito, client_id, "ada", PASSWORD, device=device, **options)
    with refused(*WRONG_PROOF):
        sign_in(pool.cognito, client_id, "ada", WRONG, **options)


def test_the_helper_tells_a_password_that_is_no_choice(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN"]}})
    pool.add_user()
    with pytest.raises(ChallengeError, match="SELECT_CHALLENGE: the pool's SignInPolicy does not allow this first"):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, auth_flow="USER_AUTH")


def test_a_pool_without_tracking_refuses_the_flow_as_moto_does(make_moto_pool: MakePool) -> None:
    pool = make_moto_pool(None)
    pool.add_user()
    for admin in (False, True):
        with pytest.raises(pool.cognito.exceptions.InvalidParameterException):
            begin(pool, admin=admin, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)


def test_always_brings_the_flow_to_every_pool(make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_VERIFY_USER_SRP", "always")
    pool = make_moto_pool(None)
    pool.add_user()
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, user_pool_id=pool.id, auth_flow="USER_AUTH")
    assert "NewDeviceMetadata" not in tokens
