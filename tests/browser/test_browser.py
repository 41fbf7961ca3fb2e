"""The app of ``examples/browser``, unmodified, in Chromium: what AWS Amplify says to a server from there, and hears."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from moto_cognito_devices.testing import add_device, totp

from ..interop.app import App
from ..scripts import environment
from ..support import PASSWORD, UserPool
from .conftest import EXAMPLE, AuthenticatorApp, built_and_served

pytestmark = pytest.mark.slow

CODE_LABEL = "Code of your authenticator app"
SIGNED_OUT = "Sign in"
ASKED = "One more step"
SIGNED_IN = "Hello, ada"
NO_DEVICES = "None yet: each sign-in asks for a code."

PASSWORD_STEPS = ["InitiateAuth USER_SRP_AUTH", "RespondToAuthChallenge PASSWORD_VERIFIER"]
TOTP_STEPS = ["RespondToAuthChallenge SOFTWARE_TOKEN_MFA", "ConfirmDevice"]
DEVICE_STEPS = ["RespondToAuthChallenge DEVICE_SRP_AUTH", "RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER"]


def give_password(browser: App, password: str = PASSWORD, remember: bool = False) -> None:
    browser("heading", SIGNED_OUT)
    browser("fill", "Username", "ada")
    browser("fill", "Password", password)
    if remember:
        browser("check", "Remember this device")
    browser("click", "Sign in")


def give_code(browser: App, code: str) -> None:
    browser("heading", ASKED)
    browser("fill", CODE_LABEL, code)
    browser("click", "Confirm")


def sign_in_with_code(browser: App, authenticator: AuthenticatorApp, remember: bool = False) -> None:
    give_password(browser, remember=remember)
    give_code(browser, authenticator.code())
    browser("heading", SIGNED_IN)
    browser("see", "this device" if remember else NO_DEVICES)


def sign_out(browser: App) -> None:
    browser("click", "Sign out")
    browser("heading", SIGNED_OUT)


def sent(browser: App) -> list[str]:
    """Of a sign-in, what was said since the last look."""
    steps: list[str] = browser("requests")
    return [step for step in steps if step.partition(" ")[0] in ("InitiateAuth", "RespondToAuthChallenge")]


def test_a_remembered_device_asks_for_no_code_until_it_is_forgotten(
    browser: App, pool: UserPool, authenticator: AuthenticatorApp
) -> None:
    sign_in_with_code(browser, authenticator, remember=True)
    assert browser("requests") == [*PASSWORD_STEPS, *TOTP_STEPS, "ListDevices", "UpdateDeviceStatus", "ListDevices"]
    [(_, shown)] = pool.admin_devices().items()
    assert shown["dev:device_remembered_status"] == "remembered"
    sign_out(browser)
    browser("requests")

    give_password(browser)
    browser("heading", SIGNED_IN)
    assert sent(browser) == [*PASSWORD_STEPS, *DEVICE_STEPS]

    browser("click", "Forget Chrome on Linux")
    browser("see", NO_DEVICES)
    assert pool.admin_devices() == {}
    sign_out(browser)
    browser("requests")
    give_password(browser)
    give_code(browser, authenticator.code())
    browser("heading", SIGNED_IN)
    assert sent(browser) == [*PASSWORD_STEPS, TOTP_STEPS[0]]


def test_a_device_that_is_not_remembered_asks_for_a_code_until_its_user_agrees(
    browser: App, authenticator: AuthenticatorApp
) -> None:
    sign_in_with_code(browser, authenticator)
    sign_out(browser)
    sign_in_with_code(browser, authenticator)
    browser("click", "Remember this device")
    browser("see", "this device")
    sign_out(browser)
    browser("requests")
    give_password(browser)
    browser("heading", SIGNED_IN)
    assert sent(browser) == [*PASSWORD_STEPS, *DEVICE_STEPS]


def test_a_device_that_was_forgotten_elsewhere_asks_for_a_code(
    browser: App, pool: UserPool, authenticator: AuthenticatorApp
) -> None:
    sign_in_with_code(browser, authenticator, remember=True)
    sign_out(browser)
    [key] = pool.admin_devices()
    pool.cognito.admin_forget_device(UserPoolId=pool.id, Username="ada", DeviceKey=key)
    sign_in_with_code(browser, authenticator)
    [new] = pool.admin_devices()
    assert new != key


def test_another_device_is_listed_and_forgotten_from_here(
    browser: App, pool: UserPool, authenticator: AuthenticatorApp, screenshots: Path
) -> None:
    phone = add_device(pool.cognito, pool.id, "ada", name="Ada's phone")
    sign_in_with_code(browser, authenticator, remember=True)
    assert sorted(text.split("\n")[0] for text in browser("devices")) == ["Ada's phone", "Chrome on Linux this device"]
    browser("screenshot", str(screenshots / "devices.png"))
    browser("click", "Forget Ada's phone")
    browser("gone", "Ada's phone")
    assert phone.device_key not in pool.admin_devices()
    sign_out(browser)
    give_password(browser)
    browser("heading", SIGNED_IN)


def test_what_is_wrong_is_told_and_can_be_tried_again(browser: App, authenticator: AuthenticatorApp) -> None:
    give_password(browser, "Wrong-horse-7")
    browser("see", "Incorrect username or password.")
    give_password(browser)
    browser("heading", ASKED)
    assert browser("focused") == "code"
    browser("click", "Back")
    assert browser("value", "Password") == ""
    give_password(browser)
    give_code(browser, "wrong")
    browser("see", "Invalid code received for user")
    give_code(browser, authenticator.code())
    browser("heading", SIGNED_IN)
    browser("reload")
    browser("heading", SIGNED_IN)


def test_tokens_that_were_revoked_are_told_and_end_by_signing_out(
    browser: App, pool: UserPool, authenticator: AuthenticatorApp
) -> None:
    sign_in_with_code(browser, authenticator)
    pool.cognito.admin_user_global_sign_out(UserPoolId=pool.id, Username="ada")
    browser("reload")
    browser("heading", SIGNED_IN)
    browser("see", "Access Token has been revoked")
    sign_out(browser)


def test_settings_that_are_missing_are_told_on_the_page(chromium: App, tmp_path: Path) -> None:
    with built_and_served(tmp_path) as url:
        chromium("open", url)
        chromium(
            "see", "Start Vite with VITE_USER_POOL_ID and VITE_USER_POOL_CLIENT_ID, or run run.py, which makes a pool."
        )


def test_preflights_from_another_origin_are_answered(
    browser: App, pool: UserPool, app_url: str, authenticator: AuthenticatorApp
) -> None:
    sign_in_with_code(browser, authenticator)
    preflights = browser("preflights")
    assert preflights
    for preflight in preflights:
        asked, answered = ({name.lower(): text for name, text in preflight[of].items()} for of in ("asked", "answered"))
        assert urlsplit(preflight["url"]).netloc == urlsplit(str(pool.target.endpoint)).netloc
        assert preflight["status"] == 200
        assert asked["access-control-request-method"] == "POST"
        assert asked["origin"] == app_url.rstrip("/")
        assert answered["access-control-allow-origin"] in ("*", asked["origin"])
        assert "POST" in answered["access-control-allow-methods"]
        wanted = asked["access-control-request-headers"].split(",")
        assert "x-amz-target" in wanted
        assert set(wanted) <= {name.strip().lower() for name in answered["access-control-allow-headers"].split(",")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width", "height"), [("narrow", 320, 640), ("wide", 1000, 700)])
def test_nothing_is_wider_than_the_screen(
    chromium: App,
    app_url: str,
    pool: UserPool,
    authenticator: AuthenticatorApp,
    screenshots: Path,
    scheme: str,
    name: str,
    width: int,
    height: int,
) -> None:
    """Screenshots are left for those who want to look."""
    add_device(pool.cognito, pool.id, "ada", name="Ada's phone, which has a name that is longer than most of them are")

    def look(at: str) -> None:
        chromium("screenshot", str(screenshots / f"{at}-{name}-{scheme}.png"))
        assert chromium("width") <= width, at

    chromium("open", app_url, {"colorScheme": scheme, "viewport": {"width": width, "height": height}})
    give_password(chromium, "Wrong-horse-7")
    chromium("see", "Incorrect username or password.")
    look("refused")
    give_password(chromium, remember=True)
    chromium("heading", ASKED)
    look("code")
    give_code(chromium, authenticator.code())
    chromium("see", "this device")
    look("account")


@pytest.mark.skipif(os.name == "nt", reason="a process of Windows gets no Ctrl-C from another")
def test_run_starts_all_that_the_app_needs(chromium: App) -> None:
    with subprocess.Popen(
        [sys.executable, str(EXAMPLE / "run.py")],
        env=environment(NO_COLOR="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        # A shell's background job, as this run may be, ignores Ctrl-C, and so would what it starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        watch = threading.Timer(120, process.kill)
        watch.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            output = ""
            while not (url := re.search(r"Local: +(\S+)", output)):
                line = process.stdout.readline()
                assert line, output
                output += line
            secret = re.search(r"secret is (\w+)", output)
            assert secret, output

            authenticator = AuthenticatorApp(secret[1], time.time())
            chromium("open", url[1])
            sign_in_with_code(chromium, authenticator)
            chromium("click", "Remember this device")
            chromium("see", "this device")
            sign_out(chromium)
            give_password(chromium)
            chromium("heading", SIGNED_IN)

            now = time.time()
            process.stdin.write("\n")
            process.stdin.flush()
            lines = iter(process.stdout.readline, "")
            code = next(line.strip() for line in lines if re.fullmatch(r"\d{6}", line.strip()))
            assert code in {totp(secret[1], at) for at in (now, time.time())}

            process.send_signal(signal.SIGINT)
            process.stdin.close()
            assert process.wait(30) == 0
            with pytest.raises(requests.ConnectionError):
                requests.get(url[1], timeout=60)
        finally:
            watch.cancel()
            process.kill()
