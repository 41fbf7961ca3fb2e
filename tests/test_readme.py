"""The README's code runs as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

from moto_cognito_devices.testing import ChallengeError, last_code, sign_in

from .scripts import PASSWORD, ROOT, cognito_client, device_keys, environment, pool_with_user, run_python
from .support import Target

#: What the README's tests take for granted, as their comments say.
FIXTURES = """
import boto3
import pytest
from moto import mock_aws
from tests.scripts import cognito_client, pool_with_user

@pytest.fixture
def cognito():
    with mock_aws():
        # As users have it: with botocore's own retries.
        yield boto3.client("cognito-idp", "eu-west-1")

@pytest.fixture
def pool(cognito):
    user_pool_id, client_id = pool_with_user(cognito)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=user_pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return user_pool_id, client_id

@pytest.fixture
def user_pool_id(pool):
    return pool[0]

@pytest.fixture
def client_id(pool):
    return pool[1]
"""


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.rst").read_text()
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    return [textwrap.dedent(block) for block in found]


def test_the_blocks_of_python(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(FIXTURES)
    for number, block in enumerate(blocks("python")):
        (tmp_path / f"test_block_{number}.py").write_text(block)
    code = "import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    assert f"{len(blocks('python'))} passed" in run_python(code, cwd=tmp_path, **credentials)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's shell uses curl")
def test_the_blocks_of_shell(checking_server: str) -> None:
    cognito = cognito_client(endpoint_url=checking_server)
    user_pool_id, client_id = pool_with_user(cognito)
    cognito.admin_set_user_mfa_preference(
        UserPoolId=user_pool_id, Username="ada", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(cognito, client_id, "ada", PASSWORD)
    [block] = blocks("shell")
    script = "set -e\n" + block.replace("http://localhost:5000", checking_server).replace("curl ", "curl -fsS ")
    done = subprocess.run(
        ["sh", "-c", script],
        env=environment(USER_POOL_ID=user_pool_id, NO_PROXY="127.0.0.1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [device_key] = device_keys(cognito, user_pool_id)
    assert device_key in done.stdout
    assert last_code(cognito, user_pool_id, "ada") in done.stdout
    target = Target("server", checking_server)
    assert target.moto_api("GET", "errors").json()["errors"][0]["times"] == 2
    target.moto_api("DELETE", "errors")
    cognito.delete_user_pool(UserPoolId=user_pool_id)
