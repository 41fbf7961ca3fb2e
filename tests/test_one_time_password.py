"""EMAIL_OTP and SMS_OTP as first factors of USER_AUTH."""

from __future__ import annotations

from typing import Any

import pytest
from moto.cognitoidp.models import cognitoidp_backends

from moto_cognito_devices.testing import Device, SrpClient, last_code

from .conftest import MakePool
from .support import ALWAYS, CODE, CODES, PASSWORD, REGION, UserPool, refused
from .test_mfa import configure
from .test_user_auth import CHOICES, begin

WRONG_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
ALLOWED = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]
POLICIES = {"SignInPolicy": {"AllowedFirstAuthFactors": ALLOWED}}
VERIFIED = {
    "email": "jane@gmail.com",
    "email_verified": "true",
    "phone_number": "+15555550108",
    "phone_number_verified": "true",
}
WAYS = {"EMAIL_OTP": ("EMAIL", "j***@g***"), "SMS_OTP": ("SMS", "+*******0108")}


@pytest.fixture
def otp_pool(make_pool: MakePool) -> UserPool:
    """A pool that allows one-time passwords, with the user ada, whose addresses are verified."""
    pool = make_pool(Policies=POLICIES)
    pool.add_user(**VERIFIED)
    return pool


def answer(pool: UserPool, challenge: dict[str, Any], code: str = CODE, username: str = "ada", **more: str) -> Any:
    return pool.answer(challenge, username, **{f"{challenge['ChallengeName']}_CODE": code}, **more)


@pytest.mark.observed("a real pool, September 2026: AvailableChallenges and the masked address come with EMAIL_OTP")
@pytest.mark.parametrize("factor", WAYS)
@pytest.mark.parametrize("admin", [False, True])
def test_a_preferred_one_time_password_is_sent_at_once(otp_pool: UserPool, factor: str, admin: bool) -> None:
    challenge = begin(otp_pool, admin=admin, PREFERRED_CHALLENGE=factor)
    medium, destination = WAYS[factor]
    assert challenge["ChallengeName"] == factor
    assert challenge["AvailableChallenges"] == [factor]
    assert challenge["Session"]
    assert challenge["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": destination,
        "USER_ID_FOR_SRP": "ada",
    }
    assert answer(otp_pool, challenge)["AuthenticationResult"]["NewDeviceMetadata"]


@pytest.mark.documented("RespondToAuthChallenge: SELECT_CHALLENGE with EMAIL_OTP or SMS_OTP leads to that challenge")
@pytest.mark.parametrize("factor", WAYS)
def test_a_chosen_one_time_password_is_sent_then(otp_pool: UserPool, factor: str) -> None:
    choice = begin(otp_pool)
    assert choice["AvailableChallenges"] == [*CHOICES, "EMAIL_OTP", "SMS_OTP"]
    challenge = otp_pool.answer(choice, ANSWER=factor)
    assert challenge["ChallengeName"] == factor
    assert challenge["Session"] != choice["Session"]
    assert "USER_ID_FOR_SRP" not in challenge["ChallengeParameters"]
    assert answer(otp_pool, challenge)["AuthenticationResult"]["AccessToken"]


@pytest.mark.inferred("the same table for every path: a device that is remembered proves itself after the code")
def test_a_remembered_device_proves_itself_after_a_one_time_password(otp_pool: UserPool) -> None:
    tokens = answer(otp_pool, begin(otp_pool, PREFERRED_CHALLENGE="EMAIL_OTP"))["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(otp_pool.cognito, tokens["AccessToken"])
    challenge = answer(otp_pool, begin(otp_pool, PREFERRED_CHALLENGE="EMAIL_OTP"), DEVICE_KEY=device.device_key)
    assert challenge["ChallengeName"] == "DEVICE_SRP_AUTH"
    client = SrpClient()
    challenge = otp_pool.answer(challenge, DEVICE_KEY=device.device_key, SRP_A=client.srp_a)
    proof = client.answer(challenge["ChallengeParameters"], device.device_group_key, device.device_key, device.password)
    result = otp_pool.answer(challenge, DEVICE_KEY=device.device_key, **proof)["AuthenticationResult"]
    assert "NewDeviceMetadata" not in result
    assert otp_pool.user_devices(result["AccessToken"]) == [device.device_key]


@pytest.mark.documented("SignInPolicyType: what is not in AllowedFirstAuthFactors is not offered")
@pytest.mark.parametrize("allowed", [["PASSWORD"], ["PASSWORD", "SMS_OTP"], None])
def test_what_the_pool_does_not_allow_is_not_offered(make_pool: MakePool, allowed: list[str] | None) -> None:
    pool = make_pool(**({"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": allowed}}} if allowed else {}))
    pool.add_user(**VERIFIED)
    challenge = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")
    assert challenge["ChallengeName"] == "SELECT_CHALLENGE"
    assert challenge["AvailableChallenges"] == [*CHOICES, *(["SMS_OTP"] if allowed and len(allowed) > 1 else [])]


@pytest.mark.inferred("a one-time password goes to a verified address only")
@pytest.mark.parametrize("verified", ["false", None])
def test_an_address_that_is_not_verified_gets_none(otp_pool: UserPool, verified: str | None) -> None:
    attributes = {"email": "bob@example.com", **({"email_verified": verified} if verified else {})}
    otp_pool.add_user("bob", **attributes)
    challenge = begin(otp_pool, "bob", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert challenge["AvailableChallenges"] == CHOICES


@pytest.mark.documented("the developer guide, passwordless sign-in: not for users with MFA")
def test_a_user_with_mfa_is_offered_none(otp_pool: UserPool) -> None:
    otp_pool.enable_sms_mfa()
    challenge = begin(otp_pool, PREFERRED_CHALLENGE="SMS_OTP")
    assert challenge["ChallengeName"] == "SELECT_CHALLENGE"
    assert challenge["AvailableChallenges"] == CHOICES
    with pytest.raises(otp_pool.cognito.exceptions.InvalidParameterException, match="ANSWER is none"):
        otp_pool.answer(challenge, ANSWER="SMS_OTP")


@pytest.mark.inferred("users who are asked to set MFA up have it due as well")
def test_where_mfa_is_required_none_is_offered(make_pool: MakePool) -> None:
    pool = make_pool(Policies=POLICIES)
    pool.add_user(**VERIFIED)
    configure(pool, "ON", totp=True)
    assert pool.initiate()["ChallengeName"] == "MFA_SETUP"
    assert begin(pool)["AvailableChallenges"] == CHOICES


@pytest.mark.inferred("MFA that was switched on in the midst of the sign-in is due after the code, as after a password")
def test_mfa_that_is_due_by_then_follows_the_code(otp_pool: UserPool) -> None:
    challenge = begin(otp_pool, PREFERRED_CHALLENGE="EMAIL_OTP")
    otp_pool.enable_sms_mfa()
    challenge = answer(otp_pool, challenge)
    assert challenge["ChallengeName"] == "SMS_MFA"
    assert "AvailableChallenges" not in challenge
    assert "AuthenticationResult" in answer(otp_pool, challenge)


@pytest.mark.observed("a real pool, September 2026: a temporary password leaves PASSWORD_SRP and PASSWORD")
def test_a_user_with_a_temporary_password_is_offered_none(otp_pool: UserPool) -> None:
    otp_pool.cognito.admin_set_user_password(
        UserPoolId=otp_pool.id, Username="ada", Password="Temporary-1", Permanent=False
    )
    assert begin(otp_pool, PREFERRED_CHALLENGE="EMAIL_OTP")["AvailableChallenges"] == CHOICES


@pytest.mark.observed("a real pool, September 2026: an unknown user gets a challenge too")
@pytest.mark.parametrize("chosen", [False, True])
def test_an_unknown_user_gets_a_challenge_that_no_code_answers(make_pool: MakePool, chosen: bool) -> None:
    pool = make_pool(Policies=POLICIES, client={"PreventUserExistenceErrors": "ENABLED"})
    pool.add_user(**VERIFIED)
    first: dict[str, Any] = {} if chosen else {"PREFERRED_CHALLENGE": "EMAIL_OTP"}
    known, unknown = (begin(pool, name, **first) for name in ("ada", "nora@example.com"))
    assert known.keys() == unknown.keys()
    assert known["AvailableChallenges"] == unknown["AvailableChallenges"]
    if chosen:
        unknown = pool.answer(unknown, "nora@example.com", ANSWER="EMAIL_OTP")
    assert unknown["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "n***@e***"
    for _ in range(2):
        with refused(*WRONG_CODE):
            answer(pool, unknown, username="nora@example.com")


def test_no_code_answers_the_challenge_of_an_unknown_user(
    make_moto_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where codes are checked one is made, and nobody gets it."""
    monkeypatch.setenv(CODES, "checked")
    pool = make_moto_pool(Policies=POLICIES, client={"PreventUserExistenceErrors": "ENABLED"})
    challenge = begin(pool, "nora@example.com", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert challenge["ChallengeName"] == "EMAIL_OTP"
    user_pool: Any = cognitoidp_backends["123456789012"][REGION].user_pools[pool.id]
    [(_, sign_in)] = user_pool.state.auth_sessions._issued.values()
    with refused(*WRONG_CODE):
        pool.answer(challenge, "nora@example.com", EMAIL_OTP_CODE=sign_in.challenge_data)


@pytest.mark.documented("GetUserAuthFactors: ConfiguredUserAuthFactors are those that the user can sign in with")
def test_the_factors_that_a_user_has_are_told(otp_pool: UserPool) -> None:
    token = otp_pool.tokens()["AccessToken"]
    told = otp_pool.cognito.get_user_auth_factors(AccessToken=token)
    assert told["ConfiguredUserAuthFactors"] == ALLOWED
    otp_pool.enable_sms_mfa()
    told = otp_pool.cognito.get_user_auth_factors(AccessToken=token)
    assert told["ConfiguredUserAuthFactors"] == ["PASSWORD"]
    assert told["UserMFASettingList"] == ["SMS_MFA"]
    assert told["PreferredMfaSetting"] == "SMS_MFA"


@pytest.mark.inferred("an answer without its code is told as everywhere, and spends nothing")
def test_a_code_is_needed(otp_pool: UserPool) -> None:
    challenge = begin(otp_pool, PREFERRED_CHALLENGE="EMAIL_OTP", EMAIL_OTP_CODE=CODE, PASSWORD=PASSWORD)
    assert challenge["ChallengeName"] == "EMAIL_OTP"
    with refused("InvalidParameterException", "Missing required parameter EMAIL_OTP_CODE"):
        otp_pool.answer(challenge)
    assert "AuthenticationResult" in answer(otp_pool, challenge)


@pytest.mark.observed("a real pool, September 2026: six wrong codes, each CodeMismatchException, and no lock-out")
@pytest.mark.parametrize("factor", WAYS)
def test_where_codes_are_checked_only_the_one_that_was_sent_passes(pool_that_checks: UserPool, factor: str) -> None:
    pool = pool_that_checks
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS, Policies=POLICIES)
    pool.add_user("bob", **VERIFIED)
    challenge = begin(pool, "bob", PREFERRED_CHALLENGE=factor)
    code = last_code(pool.cognito, pool.id, "bob")
    assert len(code) == (8 if factor == "EMAIL_OTP" else 6)
    wrong = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
    for _ in range(6):
        with refused(*WRONG_CODE):
            answer(pool, challenge, wrong, "bob")
    assert "AuthenticationResult" in answer(pool, challenge, code, "bob")
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        answer(pool, challenge, code, "bob")
