"""A server that checks codes, the app of ``examples/browser`` built for a user pool on it, and a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from moto_cognito_devices.testing import totp

from ..conftest import pool_maker
from ..interop.app import App, no_node
from ..scripts import ROOT
from ..support import CODES, OPT_IN, Target, UserPool, server_process

HERE = Path(__file__).parent
EXAMPLE = ROOT / "examples" / "browser"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def missing() -> str | None:
    """What the tests lack to run, if anything."""
    if CHROMIUM is None:
        return "there is no Chromium on PATH"
    reason = no_node()
    if reason:
        return reason
    folders = [folder for folder in (HERE, EXAMPLE) if not (folder / "node_modules").is_dir()]
    if folders:
        return f"nothing is installed in {' and '.join(str(folder.relative_to(ROOT)) for folder in folders)}"
    return None


def pytest_collect_file() -> None:
    """The whole folder is skipped, which is told in one line."""
    lacking = missing()
    if lacking:
        reason = f"{lacking}: run tox -e browser, with chromium, node and npm installed"
        pytest.skip(reason, allow_module_level=True)


class AuthenticatorApp:
    """Its codes, each given once, as the server takes each once.

    :param at: the moment of the set-up, in seconds, whose code has been used
    """

    def __init__(self, secret: str, at: float):
        self.secret = secret
        self._last = int(at // 30)

    def code(self) -> str:
        """One of those that the server takes now: of this half minute, or of the next. May wait for it to come."""
        self._last = max(int(time.time() // 30), self._last + 1)
        time.sleep(max(0.0, (self._last - 1) * 30 - time.time()))
        return totp(self.secret, self._last * 30)


def set_up_totp(pool: UserPool, username: str) -> AuthenticatorApp:
    """From now on the user is asked for a code of an authenticator app."""
    token = pool.tokens(username)["AccessToken"]
    secret = pool.cognito.associate_software_token(AccessToken=token)["SecretCode"]
    # That of the half minute before, but at the end of one, when the server might see it too late.
    at = time.time() - 25
    pool.cognito.verify_software_token(AccessToken=token, UserCode=totp(secret, at))
    pool.cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return AuthenticatorApp(secret, at)


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UserPool]:
    """A pool that remembers a device, in place of MFA, when its user says so."""
    log = tmp_path_factory.mktemp("server") / "log"
    with server_process(log, environment={CODES: "checked"}) as (url, _), ExitStack() as clean_up:
        yield pool_maker(Target("server", url), clean_up)(OPT_IN)


@pytest.fixture(scope="session")
def app_url(pool: UserPool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app is served, for the pool, from another origin than the server's."""
    settings = {
        "VITE_USER_POOL_ENDPOINT": str(pool.target.endpoint),
        "VITE_USER_POOL_ID": pool.id,
        "VITE_USER_POOL_CLIENT_ID": pool.client_id,
    }
    with built_and_served(tmp_path_factory.mktemp("app"), **settings) as url:
        yield url


@contextmanager
def built_and_served(folder: Path, **settings: str) -> Iterator[str]:
    """The app as for production; yields its URL."""
    subprocess.run(
        ["npm", "run", "build", "--", "--outDir", str(folder), "--emptyOutDir"],
        cwd=EXAMPLE,
        env={**os.environ, **settings},
        timeout=120,
        check=True,
    )
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[App]:
    with subprocess.Popen(
        ["node", str(HERE / "chromium.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            app = App(process)
            app("launch", CHROMIUM)
            yield app
            assert process.stdin is not None
            process.stdin.close()  # it closes the browser, and ends
            process.wait(30)
        finally:
            process.kill()


@pytest.fixture
def browser(chromium: App, app_url: str) -> Iterator[App]:
    """The app, in a browser that has never been there. Whatever the page complains of is an error."""
    chromium("open", app_url)
    yield chromium
    assert chromium("complaints") == []


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """Where they go: the folder that TESTS_SCREENSHOTS names, or one that pytest forgets in time."""
    folder = Path(os.environ.get("TESTS_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def user(pool: UserPool) -> Iterator[str]:
    username = pool.add_user()
    yield username
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username=username)


@pytest.fixture
def authenticator(pool: UserPool, user: str) -> AuthenticatorApp:
    return set_up_totp(pool, user)
