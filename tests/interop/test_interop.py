"""Client libraries, unmodified, sign in to a server with passwords and devices, as their users do."""

from __future__ import annotations

from typing import Any

import moto
import pytest

from moto_cognito_devices.testing import totp

from ..conftest import MakePool
from ..support import ALWAYS, ALWAYS_WITHOUT_MFA_WAIVER, CODE, OPT_IN, PASSWORD, UserPool
from .app import DEVICE_STEPS, App, RefusedError, asks_for, signed_in
from .conftest import StartApp

pytestmark = pytest.mark.slow

NEW_PASSWORD = "Battery-staple-8"

PASSWORD_STEPS = ["InitiateAuth USER_SRP_AUTH", "RespondToAuthChallenge PASSWORD_VERIFIER"]
TOTP_STEP = "RespondToAuthChallenge SOFTWARE_TOKEN_MFA"


@pytest.fixture
def pool(make_server_pool: MakePool) -> UserPool:
    """A pool that remembers each confirmed device, in place of MFA, with the user ada."""
    made = make_server_pool(ALWAYS)
    made.add_user()
    return made


@pytest.fixture
def answers_that_amplify_can_read(library: str) -> None:
    """To ChangePassword and SetUserMFAPreference."""
    if library == "amplify" and tuple(map(int, moto.__version__.split(".")[:3])) < (5, 1, 12):
        pytest.skip("moto before 5.1.12 answers with nothing where Amplify reads JSON")


@pytest.fixture
def app(start: StartApp, pool: UserPool) -> App:
    return start(pool)


def set_up_totp(pool: UserPool, username: str = "ada") -> str:
    """From now on the user is asked for a code of an authenticator app.

    :returns: the app's secret
    """
    token = pool.tokens(username)["AccessToken"]
    secret: str = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(secret))
    pool.cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret


def sign_in_with_totp(app: App, secret: str, username: str = "ada") -> None:
    assert asks_for(app("signIn", username, PASSWORD), "SOFTWARE_TOKEN_MFA")
    assert signed_in(app("answer", totp(secret)))


# The user's password
def test_the_right_password_signs_in(app: App) -> None:
    assert signed_in(app("signIn", "ada", PASSWORD))
    assert app.sent == [*PASSWORD_STEPS, "ConfirmDevice"]
    assert app("claims")["username"] == "ada"


def test_a_wrong_password_is_refused(app: App) -> None:
    with pytest.raises(RefusedError) as caught:
        app("signIn", "ada", "Wrong-horse-7")
    assert (caught.value.name, caught.value.message) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    assert signed_in(app("signIn", "ada", PASSWORD))


def test_an_unknown_user_is_refused(app: App) -> None:
    with pytest.raises(RefusedError) as caught:
        app("signIn", "nobody", PASSWORD)
    assert (caught.value.name, caught.value.message) == ("UserNotFoundException", "User does not exist.")


@pytest.mark.usefixtures("answers_that_amplify_can_read")
def test_after_a_password_change_only_the_new_one_signs_in(app: App) -> None:
    app("signIn", "ada", PASSWORD)
    app("changePassword", PASSWORD, NEW_PASSWORD)
    app("signOut")
    with pytest.raises(RefusedError, match=r"Incorrect username or password\."):
        app("signIn", "ada", PASSWORD)
    assert signed_in(app("signIn", "ada", NEW_PASSWORD))


def test_passwords_beyond_ascii_sign_in(start: StartApp, make_server_pool: MakePool) -> None:
    pool = make_server_pool(ALWAYS)
    passwords = {"ada": "Pässwörd-7", "bob": "Пароль-Password-7", "eve": "Password-7-密碼-🔑"}
    app = start(pool)
    for username, password in passwords.items():
        pool.add_user(username, password)
        with pytest.raises(RefusedError, match=r"Incorrect username or password\."):
            app("signIn", username, f"{password}x")
        assert signed_in(app("signIn", username, password))
        app("signOut")


def test_a_temporary_password_has_to_be_replaced(start: StartApp, make_server_pool: MakePool) -> None:
    pool = make_server_pool(ALWAYS)
    pool.cognito.admin_create_user(
        UserPoolId=pool.id, Username="ada", TemporaryPassword="Temporary-1", MessageAction="SUPPRESS"
    )
    app = start(pool)
    assert asks_for(app("signIn", "ada", "Temporary-1"), "NEW_PASSWORD_REQUIRED")
    assert signed_in(app("answer", NEW_PASSWORD))
    assert app.sent == ["RespondToAuthChallenge NEW_PASSWORD_REQUIRED", "ConfirmDevice"]
    app("signOut")
    assert signed_in(app("signIn", "ada", NEW_PASSWORD))


@pytest.mark.parametrize("tracked", [True, False], ids=["tracked", "untracked"])
def test_a_user_signs_in_by_email(start: StartApp, make_server_pool: MakePool, tracked: bool) -> None:
    pool = make_server_pool(ALWAYS if tracked else None, UsernameAttributes=["email"])
    username = pool.add_user("ada@example.com", email="ada@example.com")
    app = start(pool)
    assert signed_in(app("signIn", "ada@example.com", PASSWORD))
    assert app.sent == [*PASSWORD_STEPS, *(["ConfirmDevice"] if tracked else [])]
    if tracked:
        assert app("claims")["username"] == username
        assert len(pool.admin_devices("ada@example.com")) == 1


def test_a_pool_without_tracking_knows_no_devices(start: StartApp, make_server_pool: MakePool) -> None:
    pool = make_server_pool(None)
    pool.add_user()
    app = start(pool)
    assert signed_in(app("signIn", "ada", PASSWORD))
    assert app.sent == PASSWORD_STEPS
    assert "device_key" not in app("claims")


# MFA and devices
@pytest.mark.usefixtures("answers_that_amplify_can_read")
def test_an_authenticator_app_is_set_up_and_asked_for(app: App, pool: UserPool) -> None:
    app("signIn", "ada", PASSWORD)
    secret = app("setUpTotp")
    app("verifyTotp", totp(secret))
    app("preferTotp")
    app("forget")
    app("signOut")

    sign_in_with_totp(app, secret)
    assert app.sent == [TOTP_STEP, "ConfirmDevice"]


@pytest.mark.parametrize("library", ["identity_js", "amplify"], indirect=True)
def test_an_authenticator_app_is_set_up_in_mid_sign_in(start: StartApp, make_server_pool: MakePool) -> None:
    pool = make_server_pool(ALWAYS)
    pool.add_user()
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    app = start(pool)
    step = app("signIn", "ada", PASSWORD)
    assert asks_for(step, "MFA_SETUP")
    assert signed_in(app("answer", totp(step["secret"])))
    app("signOut")
    # amazon-cognito-identity-js confirms no device that comes with the set-up of MFA; Amplify does.
    if not signed_in(app("signIn", "ada", PASSWORD)):
        assert signed_in(app("answer", totp(step["secret"])))


def test_a_text_message_is_asked_for_only_once(app: App, pool: UserPool) -> None:
    pool.enable_sms_mfa()
    assert asks_for(app("signIn", "ada", PASSWORD), "SMS_MFA")
    assert signed_in(app("answer", CODE))
    app("signOut")
    assert signed_in(app("signIn", "ada", PASSWORD))


@pytest.fixture
def knows_email_otp(library: str) -> None:
    if library == "identity_js":
        pytest.skip("amazon-cognito-identity-js knows no EMAIL_OTP")


@pytest.mark.usefixtures("knows_email_otp")
def test_a_code_by_email_is_asked_for_each_time_and_the_device_proves_itself_then(app: App, pool: UserPool) -> None:
    pool.cognito.admin_set_user_mfa_preference(
        UserPoolId=pool.id, Username="ada", EmailMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    for later in ([], DEVICE_STEPS):
        assert asks_for(app("signIn", "ada", PASSWORD), "EMAIL_OTP")
        assert signed_in(app("answer", CODE))
        assert app.sent[0] == "RespondToAuthChallenge EMAIL_OTP"
        assert [step for step in app.sent if step in DEVICE_STEPS] == later
        app("signOut")


@pytest.mark.parametrize("library", ["amplify"], indirect=True)
def test_an_address_sets_mfa_up(app: App, pool: UserPool) -> None:
    pool.cognito.set_user_pool_mfa_config(
        UserPoolId=pool.id, MfaConfiguration="ON", EmailMfaConfiguration={"Message": "{####}", "Subject": "Code"}
    )
    assert asks_for(app("signIn", "ada", PASSWORD), "MFA_SETUP")
    assert asks_for(app("answer", "ada@example.com"), "EMAIL_OTP")
    assert signed_in(app("answer", CODE))


def test_a_remembered_device_signs_in_without_a_code(app: App, pool: UserPool) -> None:
    secret = set_up_totp(pool)
    sign_in_with_totp(app, secret)
    assert app.sent == [TOTP_STEP, "ConfirmDevice"]
    [key] = app("devices")
    assert app("claims")["device_key"] == key
    app("signOut")

    assert signed_in(app("signIn", "ada", PASSWORD))

    assert app.sent == [*PASSWORD_STEPS, *DEVICE_STEPS]
    assert app("devices") == [key]
    assert app("claims")["device_key"] == key


def test_a_remembered_device_of_an_email_user_signs_in_without_a_code(
    start: StartApp, make_server_pool: MakePool
) -> None:
    pool = make_server_pool(ALWAYS, UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    secret = set_up_totp(pool, "ada@example.com")
    app = start(pool)
    sign_in_with_totp(app, secret, "ada@example.com")
    app("signOut")

    assert signed_in(app("signIn", "ada@example.com", PASSWORD))
    assert app.sent == [*PASSWORD_STEPS, *DEVICE_STEPS]


def test_a_wrong_password_is_refused_on_a_remembered_device_too(app: App) -> None:
    app("signIn", "ada", PASSWORD)
    app("signOut")
    with pytest.raises(RefusedError, match=r"Incorrect username or password\."):
        app("signIn", "ada", "Wrong-horse-7")
    assert signed_in(app("signIn", "ada", PASSWORD))


def test_a_code_is_asked_for_before_the_device_where_devices_do_not_replace_it(
    start: StartApp, make_server_pool: MakePool
) -> None:
    pool = make_server_pool(ALWAYS_WITHOUT_MFA_WAIVER)
    pool.add_user()
    secret = set_up_totp(pool)
    app = start(pool)
    sign_in_with_totp(app, secret)
    app("signOut")

    sign_in_with_totp(app, secret)
    assert app.sent == [TOTP_STEP, *DEVICE_STEPS]


def test_after_forgetting_its_device_an_app_gets_a_new_one(app: App, pool: UserPool) -> None:
    secret = set_up_totp(pool)
    sign_in_with_totp(app, secret)
    [before] = app("devices")

    app("forget")
    assert pool.admin_devices() == {}
    app("signOut")
    sign_in_with_totp(app, secret)
    [after] = app("devices")
    assert after != before


@pytest.mark.parametrize("library", ["identity_js", "amplify"], indirect=True)
def test_an_app_whose_device_was_forgotten_elsewhere_tries_again_without_it(app: App, pool: UserPool) -> None:
    secret = set_up_totp(pool)
    sign_in_with_totp(app, secret)
    [stale] = app("devices")
    app("signOut")
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=stale)

    assert asks_for(app("signIn", "ada", PASSWORD), "SOFTWARE_TOKEN_MFA")

    assert app.sent.count(PASSWORD_STEPS[1]) == 2
    assert signed_in(app("answer", totp(secret)))
    [new] = app("devices")
    assert new != stale


@pytest.mark.parametrize("library", ["sdk_v3"], indirect=True)
def test_a_forgotten_device_is_told_to_whoever_signs_in_by_hand(app: App, pool: UserPool) -> None:
    app("signIn", "ada", PASSWORD)
    [stale] = app("devices")
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=stale)
    with pytest.raises(RefusedError) as caught:
        app("signIn", "ada", PASSWORD)
    assert (caught.value.name, caught.value.message) == ("ResourceNotFoundException", "Device does not exist.")


def test_tokens_are_renewed_for_their_device(app: App, pool: UserPool) -> None:
    app("signIn", "ada", PASSWORD)
    [key] = app("devices")
    assert app("refresh") == {"renewed": True}
    assert app("claims")["device_key"] == key
    assert app("devices") == [key]


def test_tokens_are_renewed_after_a_sign_in_with_the_device(app: App) -> None:
    app("signIn", "ada", PASSWORD)
    [key] = app("devices")
    app("signOut")
    app("signIn", "ada", PASSWORD)
    assert app("refresh") == {"renewed": True}
    assert app("claims")["device_key"] == key


def test_tokens_are_not_renewed_after_the_device_was_forgotten(app: App, pool: UserPool) -> None:
    app("signIn", "ada", PASSWORD)
    [key] = app("devices")
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=key)
    with pytest.raises(RefusedError) as caught:
        app("refresh")
    assert (caught.value.name, caught.value.message) == ("NotAuthorizedException", "Invalid Refresh Token.")


def test_an_opt_in_pool_remembers_a_device_when_the_user_agrees(start: StartApp, make_server_pool: MakePool) -> None:
    pool = make_server_pool(OPT_IN)
    pool.add_user()
    secret = set_up_totp(pool)
    app = start(pool)
    sign_in_with_totp(app, secret)
    assert app("devices") == []
    app("signOut")
    sign_in_with_totp(app, secret)  # not remembered yet
    assert app.sent == [TOTP_STEP]

    app("remember")

    [key] = app("devices")
    [(shown, device)] = pool.admin_devices().items()
    assert (shown, device["dev:device_remembered_status"]) == (key, "remembered")
    app("signOut")
    assert signed_in(app("signIn", "ada", PASSWORD))
    assert app.sent == [*PASSWORD_STEPS, *DEVICE_STEPS]


@pytest.mark.parametrize("library", ["sdk_v3"], indirect=True)
def test_a_client_with_a_secret_proves_it_at_each_step(start: StartApp, make_server_pool: MakePool) -> None:
    pool = make_server_pool(ALWAYS, secret=True, UsernameAttributes=["email"])
    pool.add_user("ada@example.com", email="ada@example.com")
    secret = set_up_totp(pool, "ada@example.com")
    app = start(pool)
    sign_in_with_totp(app, secret, "ada@example.com")
    app("signOut")
    assert signed_in(app("signIn", "ada@example.com", PASSWORD))
    assert app.sent == [*PASSWORD_STEPS, *DEVICE_STEPS]
    assert app("refresh") == {"renewed": True}


def test_signing_out_revokes_the_refresh_token(app: App, pool: UserPool) -> None:
    app("signIn", "ada", PASSWORD)
    app("signOut")
    assert app.sent == ["RevokeToken"]


# Choice-based sign-in, which only Amplify has
by_amplify = pytest.mark.parametrize("library", ["amplify"], indirect=True)
BEGIN = "InitiateAuth USER_AUTH"
CHOOSE = "RespondToAuthChallenge SELECT_CHALLENGE"
PROVE = "RespondToAuthChallenge PASSWORD_VERIFIER"


def sign_in_by_choice(app: App, preferred: str | None, selected: str | None) -> dict[str, Any]:
    """
    :returns: what follows the password
    """
    step: dict[str, Any] = app("signInByChoice", "ada", PASSWORD if preferred else None, preferred)
    if selected:
        assert asks_for(step, "SELECT_CHALLENGE")
        assert step["availableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
        assert asks_for(app("answer", selected), "PASSWORD")
        step = app("answer", PASSWORD)
    return step


@by_amplify
@pytest.mark.parametrize(
    ("preferred", "selected", "sent", "sends_key"),
    [
        ("PASSWORD_SRP", None, [BEGIN, PROVE], True),
        ("PASSWORD", None, [BEGIN], False),
        (None, "PASSWORD_SRP", [CHOOSE, PROVE], True),
        (None, "PASSWORD", [CHOOSE], False),
    ],
)
def test_amplify_signs_in_by_choice(
    app: App, pool: UserPool, preferred: str | None, selected: str | None, sent: list[str], sends_key: bool
) -> None:
    secret = set_up_totp(pool)
    assert asks_for(sign_in_by_choice(app, preferred, selected), "SOFTWARE_TOKEN_MFA")
    assert app.sent == sent
    assert signed_in(app("answer", totp(secret)))
    assert app.sent == [TOTP_STEP, "ConfirmDevice"]
    [key] = app("devices")
    app("signOut")

    # Its device: Amplify names it with the proof and with the code, and not with the password itself.
    step = sign_in_by_choice(app, preferred, selected)
    if sends_key:
        assert app.sent == [*sent, *DEVICE_STEPS]
    else:
        assert asks_for(step, "SOFTWARE_TOKEN_MFA")
        step = app("answer", totp(secret))
        assert app.sent == [TOTP_STEP, *DEVICE_STEPS]
    assert signed_in(step)
    assert app("claims")["device_key"] == key
    assert app("refresh") == {"renewed": True}

    if sends_key:  # forgotten elsewhere: with the code Amplify does not try again without the key
        pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=key)
    else:
        app("forget")
    app("signOut")
    assert asks_for(sign_in_by_choice(app, preferred, selected), "SOFTWARE_TOKEN_MFA")
    assert signed_in(app("answer", totp(secret)))
    [new] = app("devices")
    assert new != key


@pytest.mark.parametrize("library", ["amplify", "sdk_v3"], indirect=True)
@pytest.mark.parametrize("preferred", [True, False])
def test_a_one_time_password_signs_in_and_the_device_proves_itself_then(
    start: StartApp, make_server_pool: MakePool, preferred: bool
) -> None:
    pool = make_server_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}})
    pool.add_user(email="ada@example.com", email_verified="true")
    app = start(pool)

    def sign_in() -> None:
        step = app("signInByChoice", "ada", None, "EMAIL_OTP" if preferred else None)
        if not preferred:
            assert asks_for(step, "SELECT_CHALLENGE")
            assert step["availableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]
            step = app("answer", "EMAIL_OTP")
        assert asks_for(step, "EMAIL_OTP")
        assert signed_in(app("answer", CODE))

    sign_in()
    assert app.sent == ["RespondToAuthChallenge EMAIL_OTP", "ConfirmDevice"]
    [key] = app("devices")
    app("signOut")
    sign_in()
    assert app.sent == ["RespondToAuthChallenge EMAIL_OTP", *DEVICE_STEPS]
    assert app("claims")["device_key"] == key
    app("forget")
    app("signOut")
    sign_in()
    [new] = app("devices")
    assert new != key


@pytest.mark.parametrize("library", ["sdk_v3"], indirect=True)
def test_the_sdk_signs_in_by_choice_and_its_device_skips_the_code(app: App, pool: UserPool) -> None:
    secret = set_up_totp(pool)
    assert asks_for(app("signInByChoice", "ada", PASSWORD, "PASSWORD"), "SOFTWARE_TOKEN_MFA")
    assert signed_in(app("answer", totp(secret)))
    app("signOut")
    assert signed_in(app("signInByChoice", "ada", PASSWORD, "PASSWORD"))
    assert app.sent == [BEGIN, *DEVICE_STEPS]
    app("forget")
    app("signOut")
    assert asks_for(app("signInByChoice", "ada", PASSWORD, "PASSWORD"), "SOFTWARE_TOKEN_MFA")


@by_amplify
def test_a_wrong_password_is_refused_by_choice_too(app: App) -> None:
    for preferred in ("PASSWORD_SRP", "PASSWORD"):
        with pytest.raises(RefusedError, match=r"Incorrect username or password\."):
            app("signInByChoice", "ada", "Wrong-horse-7", preferred)


@by_amplify
def test_a_user_who_has_signed_up_is_signed_in(app: App, pool: UserPool) -> None:
    assert signed_in(app("signUp", "guest", PASSWORD))
    assert app.sent == ["SignUp", "ConfirmSignUp", BEGIN, "ConfirmDevice"]
    assert app("claims")["username"] == "guest"
    assert len(pool.admin_devices("guest")) == 1
