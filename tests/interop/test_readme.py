"""The README's blocks of JavaScript lead to a server, as they stand there."""

from __future__ import annotations

import json
import subprocess

import pytest

from ..conftest import MakePool
from ..scripts import ROOT, environment
from ..support import PASSWORD
from ..test_readme import blocks
from .app import HERE

#: What an app goes on with, by the package of its block.
pytestmark = pytest.mark.slow

GOES_ON = {
    "@aws-sdk/client-cognito-identity-provider": """
const { InitiateAuthCommand } = await import("@aws-sdk/client-cognito-identity-provider");
const AuthParameters = { USERNAME: "ada", PASSWORD: process.env.PASSWORD };
const request = { ClientId: process.env.CLIENT_ID, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters };
console.log((await cognito.send(new InitiateAuthCommand(request))).AuthenticationResult.AccessToken);
""",
    "amazon-cognito-identity-js": """
const { AuthenticationDetails, CognitoUser } = await import("amazon-cognito-identity-js");
const details = new AuthenticationDetails({ Username: "ada", Password: process.env.PASSWORD });
const user = new CognitoUser({ Username: "ada", Pool: userPool });
user.authenticateUser(details, {
  onSuccess: (session) => console.log(session.getAccessToken().getJwtToken()),
  onFailure: (error) => { throw error; },
});
""",
    "aws-amplify": """
const { fetchAuthSession, signIn } = await import("aws-amplify/auth");
await signIn({ username: "ada", password: process.env.PASSWORD });
console.log((await fetchAuthSession()).tokens.accessToken.toString());
""",
}
BLOCKS = dict(zip(GOES_ON, blocks("javascript"), strict=True))


def test_the_readme_names_the_versions_that_are_tested() -> None:
    readme = " ".join((ROOT / "README.rst").read_text().split())
    names = {"@aws-sdk/client-cognito-identity-provider": "the AWS SDK for JavaScript"}
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    for package in [*GOES_ON, "cognito-srp-helper"]:
        assert f"{names.get(package, package)} {pinned[package]}" in readme


@pytest.mark.parametrize("package", list(GOES_ON))
def test_the_readmes_block_leads_to_the_server(make_server_pool: MakePool, package: str) -> None:
    pool = make_server_pool()
    pool.add_user()
    block = BLOCKS[package]
    assert f'"{package}"' in block
    assert pool.target.endpoint
    program = block.replace("http://127.0.0.1:5000", pool.target.endpoint) + GOES_ON[package]
    done = subprocess.run(
        ["node", "--input-type=module"],
        input=program,
        cwd=HERE,
        env=environment(USER_POOL_ID=pool.id, CLIENT_ID=pool.client_id, PASSWORD=PASSWORD),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert pool.cognito.get_user(AccessToken=done.stdout.strip())["Username"] == "ada", done.stderr
