"""What the tests of activation share: the shortest story of a device, and programs of their own processes.

Imports nothing of moto, so that a program can import this first and look at what moto's import does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from moto_cognito_devices.testing import Device

ROOT = Path(__file__).parent.parent
PASSWORD = "Correct-horse-7"
TRACKING = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}


def cognito_client(region: str = "eu-west-1", **options: Any) -> Any:
    """A client as a user's program makes it: without an endpoint, so that moto may choose one."""
    config = Config(retries={"max_attempts": 1}).merge(options.pop("config", Config()))
    return boto3.client(
        "cognito-idp",
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=config,
        **options,
    )


def pool_with_user(cognito: Any, **options: Any) -> tuple[str, str]:
    """A pool that tracks devices, with the user ada.

    :returns: the ids of the pool and of its app client
    """
    options.setdefault("DeviceConfiguration", TRACKING)
    user_pool_id = cognito.create_user_pool(PoolName="test", **options)["UserPool"]["Id"]
    app = cognito.create_user_pool_client(UserPoolId=user_pool_id, ClientName="test")["UserPoolClient"]
    cognito.admin_create_user(UserPoolId=user_pool_id, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=user_pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    return user_pool_id, app["ClientId"]


def sign_in_without_device(cognito: Any, client_id: str) -> dict[str, Any]:
    tokens: dict[str, Any] = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return tokens


def confirm_device(cognito: Any, client_id: str) -> tuple[Device, str]:
    """
    :returns: a new device of ada's, and an access token
    """
    tokens = sign_in_without_device(cognito, client_id)
    device = Device.from_metadata(tokens["NewDeviceMetadata"])
    device.confirm(cognito, tokens["AccessToken"])
    return device, tokens["AccessToken"]


def device_keys(cognito: Any, user_pool_id: str) -> list[str]:
    """The keys of ada's devices, as administrators see them."""
    devices = cognito.admin_list_devices(UserPoolId=user_pool_id, Username="ada")["Devices"]
    return [device["DeviceKey"] for device in devices]


def tracks_devices(cognito: Any, ids: tuple[str, str] | None = None) -> bool:
    """Whether a pool, a new one by default, goes through the life of a device. Plain moto gives no device key."""
    user_pool_id, client_id = ids or pool_with_user(cognito)
    if "NewDeviceMetadata" not in sign_in_without_device(cognito, client_id):
        return False
    device, access_token = confirm_device(cognito, client_id)
    assert device.device_key in device_keys(cognito, user_pool_id)
    cognito.forget_device(AccessToken=access_token, DeviceKey=device.device_key)
    assert device.device_key not in device_keys(cognito, user_pool_id)
    return True


def environment(**changes: str) -> dict[str, str]:
    """This process's environment, without moto's switches, for a process that can import this module."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MOTO_", "TEST_SERVER_MODE"))}
    path = os.pathsep.join(filter(None, [str(ROOT), clean.get("PYTHONPATH")]))
    return {**clean, "PYTHONPATH": path, "AWS_EC2_METADATA_DISABLED": "true", **changes}


UNFIT_MOTO = """
import sys
from importlib.machinery import PathFinder

class Unfit:
    def find_spec(self, name, path=None, target=None):
        if name != {module!r}:
            return None
        spec = PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module
        def exec_module(module):
            execute(module)
            del module.{name}
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Unfit())
"""


def unfit_moto(folder: Path, name: str = "moto.cognitoidp.models:CognitoIdpBackend.initiate_auth") -> str:
    """A PYTHONPATH with which moto lacks something from its import on.

    :param name: the module, a colon, and what it lacks
    """
    module, _, lacking = name.partition(":")
    (folder / "sitecustomize.py").write_text(UNFIT_MOTO.format(module=module, name=lacking))
    return os.pathsep.join([str(folder), str(ROOT)])


def run_python(code: str, *options: str, cwd: Path | None = None, **changes: str) -> str:
    """Run a program in a process of its own, which must succeed.

    :param options: Python's, and the program's arguments behind it
    :param changes: of the environment
    :returns: what it printed, errors and warnings included
    """
    return run_process(*options, "-c", code, env=environment(**changes), cwd=cwd)


def run_process(*arguments: str, env: dict[str, str], cwd: Path | None = None, seconds: int = 120) -> str:
    """Run this Python with such arguments, which must succeed.

    :returns: what it printed, errors and warnings included
    """
    finished = subprocess.run(
        [sys.executable, *arguments],
        env=env,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout
