"""The second factor: which one is asked for, and how it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from moto_cognito_devices.testing import ChallengeError, Device, sign_in

from .conftest import MakePool
from .support import ALWAYS, CODE, OPT_IN, PASSWORD, UserPool, attributes_of, refused

SMS = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}}
TOTP = {"Enabled": True}
PREFERENCE = "SetUserMFAPreference in the service model"

# Every flow that proves a password. ADMIN_NO_SRP_AUTH is another name of the last (test_sign_in).
FLOWS = ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH"]
every_flow = pytest.mark.parametrize("flow", FLOWS)


def of_choice(flow: str) -> dict[str, str]:
    """What a password in InitiateAuth needs beside it in choice-based sign-in."""
    return {"PREFERRED_CHALLENGE": "PASSWORD"} if flow == "USER_AUTH" else {}


def first_challenge(
    pool: UserPool, flow: str, username: str = "ada", password: str = PASSWORD
) -> dict[str, Any] | None:
    """What follows the right password; None: tokens."""
    if flow == "USER_SRP_AUTH":
        try:
            sign_in(pool.cognito, pool.client_id, username, password, user_pool_id=pool.id)
        except ChallengeError as error:
            return dict(error.response)
        return None
    request: dict[str, Any] = {
        "ClientId": pool.client_id,
        "AuthFlow": flow,
        "AuthParameters": pool.parameters(username, PASSWORD=password, **of_choice(flow)),
    }
    if flow.startswith("ADMIN"):
        response = pool.cognito.admin_initiate_auth(UserPoolId=pool.id, **request)
    else:
        response = pool.cognito.initiate_auth(**request)
    return None if "AuthenticationResult" in response else response


def asked(pool: UserPool, flow: str, username: str = "ada") -> str | None:
    challenge = first_challenge(pool, flow, username)
    return challenge["ChallengeName"] if challenge else None


def prefer(pool: UserPool, **settings: dict[str, bool]) -> None:
    pool.cognito.admin_set_user_mfa_preference(UserPoolId=pool.id, Username="ada", **settings)


def configure(pool: UserPool, configuration: str, sms: bool = False, totp: bool = False) -> None:
    settings: dict[str, Any] = {}
    if sms:
        settings["SmsMfaConfiguration"] = SMS
    if totp:
        settings["SoftwareTokenMfaConfiguration"] = TOTP
    pool.cognito.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration=configuration, **settings)


# Which one
@pytest.mark.documented(f"{PREFERENCE}: an active method is asked for, in every flow")
@every_flow
@pytest.mark.parametrize("preferred", [True, False])
def test_the_only_active_method_is_asked_for_preferred_or_not(pool: UserPool, flow: str, preferred: bool) -> None:
    assert asked(pool, flow) is None
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": preferred})
    assert asked(pool, flow) == "SMS_MFA"
    prefer(pool, SMSMfaSettings={"Enabled": False, "PreferredMfa": False})
    pool.enable_totp(preferred=preferred)
    assert asked(pool, flow) == "SOFTWARE_TOKEN_MFA"


@pytest.mark.documented(f"{PREFERENCE}: of several active methods the preferred one")
@every_flow
@pytest.mark.parametrize("preferred", ["SMS_MFA", "SOFTWARE_TOKEN_MFA"])
def test_of_two_methods_the_preferred_one_is_asked_for(pool: UserPool, flow: str, preferred: str) -> None:
    pool.enable_totp(preferred=False)
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": False})
    name = "SMSMfaSettings" if preferred == "SMS_MFA" else "SoftwareTokenMfaSettings"
    prefer(pool, **{name: {"Enabled": True, "PreferredMfa": True}})
    assert asked(pool, flow) == preferred


@pytest.mark.documented(f"{PREFERENCE}: with no preference set, a challenge to choose is returned")
@every_flow
def test_of_two_methods_without_preference_the_user_selects(pool: UserPool, flow: str) -> None:
    pool.enable_totp(preferred=False)
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": False})
    challenge = first_challenge(pool, flow)
    assert challenge
    assert challenge["ChallengeName"] == "SELECT_MFA_TYPE"
    # What amazon-cognito-identity-js, aws-amplify and amplify-android parse.
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]

    for method in ("SMS_MFA", "SOFTWARE_TOKEN_MFA"):
        challenge = first_challenge(pool, flow)
        assert challenge
        chosen = pool.answer(challenge, ANSWER=method)
        assert chosen["ChallengeName"] == method
        assert chosen["Session"] != challenge["Session"]
        assert "AuthenticationResult" in pool.answer(chosen, **{f"{method}_CODE": CODE})


@pytest.mark.inferred("the text is not known; what is chosen is one of what may be chosen")
@pytest.mark.parametrize("answer", ["EMAIL_OTP", "sms_mfa", "MFA_SETUP"])
def test_only_an_active_method_can_be_selected(pool: UserPool, answer: str) -> None:
    pool.enable_totp(preferred=False)
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": False})
    challenge = pool.initiate()
    with pytest.raises(pool.cognito.exceptions.InvalidParameterException, match="SMS_MFA, SOFTWARE_TOKEN_MFA"):
        pool.answer(challenge, ANSWER=answer)
    assert pool.answer(challenge, ANSWER="SMS_MFA")["ChallengeName"] == "SMS_MFA"


@pytest.mark.documented(f"{PREFERENCE}: a method that is switched off is not asked for")
@every_flow
@pytest.mark.parametrize("configuration", ["OPTIONAL", "OFF"])
def test_a_verified_app_that_was_switched_off_is_not_asked_for(pool: UserPool, flow: str, configuration: str) -> None:
    configure(pool, configuration, totp=True)
    pool.enable_totp()
    assert asked(pool, flow) == "SOFTWARE_TOKEN_MFA"
    prefer(pool, SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False})
    assert asked(pool, flow) is None


@pytest.mark.documented("MfaConfiguration ON: a user without a method has to set one up")
@every_flow
@pytest.mark.parametrize(
    ("offered", "can_set_up"),
    [
        ({"totp": True}, ["SOFTWARE_TOKEN_MFA"]),
        ({"sms": True}, ["SMS_MFA"]),
        ({"sms": True, "totp": True}, ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]),
    ],
)
def test_where_mfa_is_required_a_user_without_it_sets_it_up(
    pool: UserPool, flow: str, offered: dict[str, bool], can_set_up: list[str]
) -> None:
    configure(pool, "ON", **offered)
    challenge = first_challenge(pool, flow)
    assert challenge
    assert challenge["ChallengeName"] == "MFA_SETUP"
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]) == can_set_up


@pytest.mark.inferred("a username is no sub, though it be the text of one")
def test_an_app_is_set_up_for_who_signs_in_and_not_for_a_user_named_as_the_sub(pool: UserPool) -> None:
    configure(pool, "ON", totp=True)
    session = pool.initiate()["Session"]
    user = pool.cognito.admin_get_user(UserPoolId=pool.id, Username="ada")
    pool.add_user(attributes_of(user)["sub"])
    associated = pool.cognito.associate_software_token(Session=session)
    pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)
    assert asked(pool, "USER_PASSWORD_AUTH") == "SOFTWARE_TOKEN_MFA"


@pytest.mark.inferred("a session ends with its user")
def test_no_app_is_set_up_for_a_user_who_was_deleted(pool: UserPool) -> None:
    configure(pool, "ON", totp=True)
    session = pool.initiate()["Session"]
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    with refused("NotAuthorizedException", "Invalid session for the user."):
        pool.cognito.associate_software_token(Session=session)


@pytest.mark.inferred("the session tells whose it is; a client with a secret proves it over a USERNAME")
@pytest.mark.parametrize("secret", [False, True])
def test_the_set_up_is_answered_without_a_name(make_pool: MakePool, secret: bool) -> None:
    pool = make_pool(secret=secret)
    pool.add_user()
    configure(pool, "ON", totp=True)
    associated = pool.cognito.associate_software_token(Session=pool.initiate()["Session"])
    verified = pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)
    answer = {"ClientId": pool.client_id, "ChallengeName": "MFA_SETUP", "Session": verified["Session"]}
    if secret:
        with refused("InvalidParameterException", "Missing required parameter USERNAME"):
            pool.cognito.respond_to_auth_challenge(**answer, ChallengeResponses={})
        answer["ChallengeResponses"] = pool.parameters("ada")
    assert "AuthenticationResult" in pool.cognito.respond_to_auth_challenge(**answer)


@pytest.mark.documented("MfaConfiguration ON: a verified app counts by itself; it can't be switched off")
@every_flow
def test_where_mfa_is_required_a_verified_app_counts_by_itself(pool: UserPool, flow: str) -> None:
    pool.enable_totp()
    prefer(pool, SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False})
    configure(pool, "ON", totp=True)
    assert asked(pool, flow) == "SOFTWARE_TOKEN_MFA"


@pytest.mark.documented("MFA_SETUP in the service model: a phone number is enough where the pool sends SMS codes")
@every_flow
@pytest.mark.parametrize("by", ["SetUserPoolMfaConfig", "CreateUserPool"])
def test_where_mfa_is_required_a_phone_number_counts_by_itself(make_pool: MakePool, flow: str, by: str) -> None:
    if by == "CreateUserPool":
        pool = make_pool(MfaConfiguration="ON", SmsConfiguration=SMS["SmsConfiguration"])
    else:
        pool = make_pool()
        configure(pool, "ON", sms=True)
    pool.add_user(phone_number="+15555550108")
    pool.add_user("bob")
    assert asked(pool, flow) == "SMS_MFA"
    assert asked(pool, flow, "bob") == "MFA_SETUP"


@pytest.mark.inferred("a pool that sends no messages has nothing to send a code with")
@every_flow
def test_an_address_does_not_count_where_the_pool_sends_nothing(make_pool: MakePool, flow: str) -> None:
    pool = make_pool(MfaConfiguration="ON")
    pool.add_user(phone_number="+15555550108", email="ada@example.com")
    challenge = first_challenge(pool, flow)
    assert challenge
    assert challenge["ChallengeName"] == "MFA_SETUP"
    # Nobody has said what the pool offers: it offers what the mock knows.
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]


@pytest.mark.observed("amplify-js #11260: a method that the pool does not offer is passed over, preferred or not")
@every_flow
@pytest.mark.parametrize("configuration", ["ON", "OPTIONAL"])
def test_a_method_that_the_pool_does_not_offer_is_passed_over(
    make_pool: MakePool, flow: str, configuration: str
) -> None:
    pool = make_pool()
    pool.add_user(phone_number="+15555550108")
    pool.enable_totp(preferred=False)
    pool.enable_sms_mfa()
    configure(pool, configuration, totp=True)
    assert asked(pool, flow) == "SOFTWARE_TOKEN_MFA"
    configure(pool, configuration, sms=True)
    assert asked(pool, flow) == "SMS_MFA"


@pytest.mark.documented("the developer guide: the new password comes first, and MFA follows it")
@every_flow
def test_mfa_follows_a_new_password(pool: UserPool, flow: str) -> None:
    pool.enable_sms_mfa()
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    challenge = first_challenge(pool, flow, password="Temporary-1")
    assert challenge
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    code = pool.answer(challenge, NEW_PASSWORD="New-horse-9")
    assert code["ChallengeName"] == "SMS_MFA"
    assert "AuthenticationResult" in pool.answer(code, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("moto lets a user's methods count in a pool whose MfaConfiguration is OFF: its users rely on it")
@every_flow
def test_a_users_method_counts_though_the_pools_mfa_is_off(pool: UserPool, flow: str) -> None:
    pool.enable_sms_mfa()
    assert pool.cognito.get_user_pool_mfa_config(UserPoolId=pool.id)["MfaConfiguration"] == "OFF"
    assert asked(pool, flow) == "SMS_MFA"


# What the challenges carry
@pytest.mark.observed("the AWS CLI's example of admin-initiate-auth, a Whoop capture: USER_ID_FOR_SRP, and no USERNAME")
@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow != "USER_SRP_AUTH"])
def test_a_challenge_from_initiate_auth_has_the_canonical_name(make_pool: MakePool, flow: str) -> None:
    pool = make_pool(UsernameAttributes=["email"])
    canonical = pool.add_user("ada@example.com", email="ada@example.com")

    def named(password: str = PASSWORD) -> tuple[str, str]:
        challenge = first_challenge(pool, flow, "ada@example.com", password)
        assert challenge
        assert "USERNAME" not in challenge["ChallengeParameters"]
        return challenge["ChallengeName"], challenge["ChallengeParameters"]["USER_ID_FOR_SRP"]

    pool.cognito.admin_set_user_password(
        UserPoolId=pool.id, Username=canonical, Password="Temporary-1", Permanent=False
    )
    assert named("Temporary-1") == ("NEW_PASSWORD_REQUIRED", canonical)
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username=canonical, Password=PASSWORD, Permanent=True)
    configure(pool, "ON", totp=True)
    assert named() == ("MFA_SETUP", canonical)
    configure(pool, "OPTIONAL", sms=True, totp=True)
    pool.enable_totp("ada@example.com", preferred=False)
    assert named() == ("SOFTWARE_TOKEN_MFA", canonical)
    pool.cognito.admin_set_user_mfa_preference(
        UserPoolId=pool.id, Username=canonical, SMSMfaSettings={"Enabled": True, "PreferredMfa": False}
    )
    assert named() == ("SELECT_MFA_TYPE", canonical)
    pool.enable_sms_mfa(canonical)
    assert named() == ("SMS_MFA", canonical)


@pytest.mark.observed("the AWS CLI's example of respond-to-auth-challenge, identity-js #236: no name later")
def test_a_later_challenge_names_nobody(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = first_challenge(pool, "USER_SRP_AUTH")
    assert challenge
    assert set(challenge["ChallengeParameters"]) == {"CODE_DELIVERY_DELIVERY_MEDIUM", "CODE_DELIVERY_DESTINATION"}


@pytest.mark.observed("amazon-cognito-identity-js #236; franken-srp refuses SMS_MFA without a destination")
@every_flow
def test_sms_tells_where_the_code_went(make_pool: MakePool, flow: str) -> None:
    pool = make_pool()
    pool.add_user(phone_number="+15555550108")
    pool.enable_sms_mfa()
    challenge = first_challenge(pool, flow)
    assert challenge
    parameters = challenge["ChallengeParameters"]
    assert parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] == "SMS"
    assert parameters["CODE_DELIVERY_DESTINATION"] == "+*******0108"


@pytest.mark.inferred("a user of the mock may have SMS MFA on without a phone number")
def test_sms_tells_a_destination_without_a_number_too(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    assert pool.initiate()["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "+*******0000"


@pytest.mark.documented("SOFTWARE_TOKEN_MFA: FRIENDLY_DEVICE_NAME if VerifySoftwareToken was given one")
def test_totp_tells_the_name_of_the_app(pool: UserPool) -> None:
    pool.enable_totp()
    assert "FRIENDLY_DEVICE_NAME" not in pool.initiate()["ChallengeParameters"]
    token = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, mfa_code=CODE)["AccessToken"]
    pool.cognito.associate_software_token(AccessToken=token)
    pool.cognito.verify_software_token(AccessToken=token, UserCode=CODE, FriendlyDeviceName="Ada's phone")
    assert pool.initiate()["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "Ada's phone"


# The answer
@pytest.mark.observed("'Missing required parameter SMS_MFA_CODE'; Android and Swift match on the type")
@pytest.mark.parametrize("code", [None, ""])
def test_an_answer_without_its_code_is_told(pool: UserPool, code: str | None) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    with refused("InvalidParameterException", "Missing required parameter SMS_MFA_CODE"):
        pool.answer(challenge, SMS_MFA_CODE=code)
    assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.inferred("the same for each challenge")
def test_an_answer_without_its_member_is_told(pool: UserPool) -> None:
    pool.enable_totp()
    challenge = pool.initiate()
    with refused("InvalidParameterException", "Missing required parameter SOFTWARE_TOKEN_MFA_CODE"):
        pool.answer(challenge)
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": False})
    prefer(pool, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": False})
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        pool.answer(pool.initiate())
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    with refused("InvalidParameterException", "Missing required parameter NEW_PASSWORD"):
        pool.answer(pool.initiate(password="Temporary-1"))


@pytest.mark.observed("tokapi-beta #27: wrong codes spend nothing")
def test_a_device_that_is_unknown_spends_no_selection(pool: UserPool) -> None:
    pool.enable_totp(preferred=False)
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": False})
    challenge = pool.initiate()
    with refused("ResourceNotFoundException", "Device does not exist."):
        pool.answer(challenge, ANSWER="SMS_MFA", DEVICE_KEY=f"{pool.target.region}_0")
    assert pool.answer(challenge, ANSWER="SMS_MFA")["ChallengeName"] == "SMS_MFA"


# A device and MFA
def remembered(pool: UserPool, **mfa: Any) -> Device:
    tokens = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, **mfa)
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    return device


def last_step_with(pool: UserPool, device: Device) -> list[str]:
    """The challenges of a sign-in that names the device in each request."""
    names: list[str] = []

    def code() -> str:
        names.append("MFA")
        return CODE

    sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device, mfa_code=code)
    return names


@pytest.mark.observed("amplify-js #8977, #4174, #932, amplify-android #2688: MFA once more, and then never again")
def test_a_device_remembered_before_mfa_was_switched_on_is_asked_for_a_code_once_more(pool: UserPool) -> None:
    device = remembered(pool)
    pool.enable_sms_mfa()
    assert last_step_with(pool, device) == ["MFA"]
    assert last_step_with(pool, device) == []
    assert last_step_with(pool, device) == []


@pytest.mark.observed("amplify-js #932: it is the last answer that must name the device")
def test_a_code_in_a_sign_in_that_does_not_name_the_device_at_its_end_is_another_devices(pool: UserPool) -> None:
    device = remembered(pool)
    pool.enable_sms_mfa()
    challenge = pool.initiate(device_key=device.device_key)
    assert "NewDeviceMetadata" in pool.answer(challenge, SMS_MFA_CODE=CODE)["AuthenticationResult"]
    assert last_step_with(pool, device) == ["MFA"]


@pytest.mark.observed("amplify-js #932: a device that came with a new password is asked for a code once more")
def test_a_device_that_came_with_a_new_password_is_asked_for_a_code_once_more(pool: UserPool) -> None:
    pool.cognito.admin_set_user_password(UserPoolId=pool.id, Username="ada", Password="Temporary-1", Permanent=False)
    tokens = pool.answer(pool.initiate(password="Temporary-1"), NEW_PASSWORD=PASSWORD)["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    pool.enable_sms_mfa()
    assert last_step_with(pool, device) == ["MFA"]
    assert last_step_with(pool, device) == []


@pytest.mark.observed("AWS's Java example SRPDemo: the device of the sign-in that set MFA up waives it in the next")
def test_a_device_of_the_sign_in_that_set_mfa_up_waives_it(pool: UserPool) -> None:
    configure(pool, "ON", totp=True)
    challenge = set_up(pool, pool.initiate())
    tokens = pool.answer(challenge)["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    assert asked(pool, "USER_PASSWORD_AUTH") == "SOFTWARE_TOKEN_MFA"
    assert last_step_with(pool, device) == []


@pytest.mark.inferred("a confirmed device that the user has not agreed to remember was in the sign-in all the same")
def test_a_device_that_was_in_a_sign_in_with_mfa_waives_it_once_it_is_remembered(make_pool: MakePool) -> None:
    pool = make_pool(OPT_IN)
    pool.add_user()
    device = remembered(pool)
    pool.enable_sms_mfa()
    token = sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device, mfa_code=CODE)["AccessToken"]
    pool.cognito.update_device_status(
        AccessToken=token, DeviceKey=device.device_key, DeviceRememberedStatus="remembered"
    )
    assert last_step_with(pool, device) == []


def test_a_switch_lets_a_remembered_device_waive_mfa_at_once(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = remembered(moto_pool)
    moto_pool.enable_sms_mfa()
    monkeypatch.setenv("MOTO_COGNITO_DEVICES_MFA_ONCE_MORE", "false")
    assert last_step_with(moto_pool, device) == []


@pytest.mark.inferred("SELECT_MFA_TYPE asks for SMS or TOTP, and is waived like them")
def test_a_remembered_device_waives_the_selection(pool: UserPool) -> None:
    pool.enable_totp(preferred=False)
    prefer(pool, SMSMfaSettings={"Enabled": True, "PreferredMfa": False})
    code = pool.answer(pool.initiate(), ANSWER="SMS_MFA")
    tokens = pool.answer(code, SMS_MFA_CODE=CODE)["AuthenticationResult"]
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(pool.cognito, tokens["AccessToken"])
    assert pool.initiate()["ChallengeName"] == "SELECT_MFA_TYPE"
    assert pool.initiate(device_key=device.device_key)["ChallengeName"] == "DEVICE_SRP_AUTH"
    # And a key that comes with the selection counts there.
    assert (
        pool.answer(pool.initiate(), ANSWER="SMS_MFA", DEVICE_KEY=device.device_key)["ChallengeName"]
        == "DEVICE_SRP_AUTH"
    )


# The set-up
def set_up(pool: UserPool, challenge: dict[str, Any], name: str | None = None) -> dict[str, Any]:
    """
    :returns: the challenge, to be answered in the session that is good now
    """
    associated = pool.cognito.associate_software_token(Session=challenge["Session"])
    optional = {"FriendlyDeviceName": name} if name else {}
    verified = pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE, **optional)
    assert verified["Status"] == "SUCCESS"
    assert len({challenge["Session"], associated["Session"], verified["Session"]}) == 3
    return {**challenge, "Session": verified["Session"]}


@pytest.mark.documented("MFA_SETUP: Session to AssociateSoftwareToken, VerifySoftwareToken, answer")
@every_flow
def test_the_set_up_ends_in_tokens_and_the_app_is_asked_for_from_then_on(pool: UserPool, flow: str) -> None:
    configure(pool, "ON", totp=True)
    challenge = first_challenge(pool, flow)
    assert challenge
    assert "AuthenticationResult" in pool.answer(set_up(pool, challenge, "Ada's phone"))
    again = first_challenge(pool, flow)
    assert again
    assert again["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert again["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "Ada's phone"


@pytest.mark.observed("a sign-in's set-up is its own: aws-amplify #5271")
def test_the_set_up_belongs_to_one_sign_in(pool: UserPool) -> None:
    configure(pool, "ON", totp=True)
    first, second = pool.initiate(), pool.initiate()
    associated = pool.cognito.associate_software_token(Session=first["Session"])
    with refused("NotAuthorizedException", "Invalid session for the user."):
        pool.cognito.verify_software_token(Session=second["Session"], UserCode=CODE)
    for session in (first["Session"], associated["Session"], second["Session"]):
        with pytest.raises(ClientError, match=r"not verified software token|only be used once"):
            pool.answer({**first, "Session": session})
    verified = pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)
    assert "AuthenticationResult" in pool.answer({**first, "Session": verified["Session"]})


@pytest.mark.observed("amplify-js #13123: each session is good once")
def test_each_session_of_the_set_up_is_good_once(pool: UserPool) -> None:
    configure(pool, "ON", totp=True)
    challenge = pool.initiate()
    spent = "Invalid session for the user, session can only be used once."
    associated = pool.cognito.associate_software_token(Session=challenge["Session"])
    with refused("NotAuthorizedException", spent):
        pool.cognito.associate_software_token(Session=challenge["Session"])
    verified = pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)
    with refused("NotAuthorizedException", spent):
        pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)
    pool.answer({**challenge, "Session": verified["Session"]})
    with refused("NotAuthorizedException", spent):
        pool.answer({**challenge, "Session": verified["Session"]})


@pytest.mark.inferred("the password alone replaces no second factor")
def test_an_app_that_was_set_up_is_not_replaced_from_an_older_sign_in(pool: UserPool) -> None:
    configure(pool, "ON", totp=True)
    early, associated, first = pool.initiate(), pool.initiate(), pool.initiate()
    session = pool.cognito.associate_software_token(Session=associated["Session"])["Session"]
    assert "AuthenticationResult" in pool.answer(set_up(pool, first, "Ada's phone"))
    with refused("NotAuthorizedException", "Invalid session for the user."):
        pool.cognito.associate_software_token(Session=early["Session"])
    with refused("NotAuthorizedException", "Invalid session for the user."):
        pool.cognito.verify_software_token(Session=session, UserCode=CODE)
    assert pool.initiate()["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "Ada's phone"


@pytest.mark.inferred("what is a deleted user's is not the next one's")
@pytest.mark.parametrize("created_again", [False, True])
def test_the_set_up_ends_with_its_user(pool: UserPool, created_again: bool) -> None:
    configure(pool, "ON", totp=True)
    early, later = pool.initiate(), pool.initiate()
    associated = pool.cognito.associate_software_token(Session=later["Session"])
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    if created_again:
        pool.add_user()
    with refused("NotAuthorizedException", "Invalid session for the user."):
        pool.cognito.associate_software_token(Session=early["Session"])
    with refused("NotAuthorizedException", "Invalid session for the user."):
        pool.cognito.verify_software_token(Session=associated["Session"], UserCode=CODE)


@pytest.mark.inferred("a client's SECRET_HASH is over USERNAME: there is none over nothing")
def test_a_client_with_a_secret_names_the_user_of_the_set_up(make_pool: MakePool) -> None:
    pool = make_pool(secret=True)
    pool.add_user()
    configure(pool, "ON", totp=True)
    challenge = set_up(pool, pool.initiate())
    over_nothing = pool.parameters("")["SECRET_HASH"]
    request = {"ClientId": pool.client_id, "ChallengeName": "MFA_SETUP", "Session": challenge["Session"]}
    with refused("InvalidParameterException", "Missing required parameter USERNAME"):
        pool.cognito.respond_to_auth_challenge(**request, ChallengeResponses={"SECRET_HASH": over_nothing})
    assert "AuthenticationResult" in pool.answer(challenge)


@pytest.mark.inferred("SoftwareTokenMFANotFoundException in the service model: TOTP is not on in this pool")
def test_an_app_can_not_be_set_up_where_the_pool_has_none(pool: UserPool) -> None:
    configure(pool, "ON", sms=True)
    challenge = pool.initiate()
    with pytest.raises(pool.cognito.exceptions.SoftwareTokenMFANotFoundException):
        pool.cognito.associate_software_token(Session=challenge["Session"])
    with refused("InvalidParameterException", "User has not verified software token mfa"):
        pool.answer(challenge)


@pytest.mark.documented("a session of another challenge sets nothing up")
def test_the_session_of_another_challenge_sets_nothing_up(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    challenge = pool.initiate()
    for operation, more in (("associate_software_token", {}), ("verify_software_token", {"UserCode": CODE})):
        call: Callable[..., Any] = getattr(pool.cognito, operation)
        with refused("NotAuthorizedException", "Invalid session for the user."):
            call(Session=challenge["Session"], **more)
    assert "AuthenticationResult" in pool.answer(challenge, SMS_MFA_CODE=CODE)


@pytest.mark.documented("DeviceConfiguration: without tracking no device waives anything")
def test_a_device_waives_nothing_while_tracking_is_off(pool: UserPool) -> None:
    pool.enable_sms_mfa()
    device = remembered(pool, mfa_code=CODE)
    assert last_step_with(pool, device) == []
    pool.cognito.update_user_pool(UserPoolId=pool.id)
    assert pool.initiate(device_key=device.device_key)["ChallengeName"] == "SMS_MFA"
    pool.cognito.update_user_pool(UserPoolId=pool.id, DeviceConfiguration=ALWAYS)
    assert last_step_with(pool, device) == []
