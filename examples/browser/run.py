"""The app, with a server and a user pool of its own: ``python examples/browser/run.py``.

Needs node and npm, and ``pip install 'moto-cognito-devices[server]'``. All is gone when it ends.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

import moto_cognito_devices
from moto_cognito_devices.testing import totp

HERE = Path(__file__).parent
USERNAME, PASSWORD = "ada", "Correct-horse-7"


def make_user_pool(cognito: Any) -> tuple[str, str]:
    """A pool in which the user decides whether a device is remembered, and one that is skips MFA.

    :returns: the ids of the pool and of its app client
    """
    user_pool_id = cognito.create_user_pool(
        PoolName="app",
        DeviceConfiguration={"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    )["UserPool"]["Id"]
    app_client = cognito.create_user_pool_client(
        UserPoolId=user_pool_id,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    return user_pool_id, app_client["ClientId"]


def add_user(cognito: Any, user_pool_id: str, client_id: str) -> str:
    """
    :returns: the secret of the user's authenticator app
    """
    cognito.admin_create_user(UserPoolId=user_pool_id, Username=USERNAME, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=user_pool_id, Username=USERNAME, Password=PASSWORD, Permanent=True)
    token = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USERNAME, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    secret: str = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    # Each code is good once, and that of this half minute is for the sign-in.
    cognito.verify_software_token(AccessToken=token, UserCode=totp(secret, time.time() - 25))
    cognito.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    return secret


def main() -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        sys.exit("There is no node or npm on PATH: install node 20.19 or newer, and its npm.")
    if not (HERE / "node_modules").is_dir():
        subprocess.run([npm, "ci"], cwd=HERE, check=True)

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request
    os.environ["MOTO_COGNITO_DEVICES_CODES"] = "checked"
    moto_cognito_devices.activate()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    cognito = boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        endpoint_url=endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    user_pool_id, client_id = make_user_pool(cognito)
    secret = add_user(cognito, user_pool_id, client_id)
    settings = {
        "VITE_USER_POOL_ENDPOINT": endpoint,
        "VITE_USER_POOL_ID": user_pool_id,
        "VITE_USER_POOL_CLIENT_ID": client_id,
    }
    print(f"Sign in as {USERNAME} with the password {PASSWORD}.")
    print(f"The authenticator app's secret is {secret}.")
    print("Press Enter here for a code, Ctrl-C to end.", flush=True)
    # Not by npm, which would not end it.
    command = [node, "node_modules/vite/bin/vite.js", "--host", "127.0.0.1"]
    vite = subprocess.Popen(command, cwd=HERE, stdin=subprocess.DEVNULL, env={**os.environ, **settings})
    with suppress(KeyboardInterrupt):
        for _ in sys.stdin:
            print(totp(secret), flush=True)
        vite.wait()
    vite.terminate()
    vite.wait()
    server.stop()


if __name__ == "__main__":
    main()
