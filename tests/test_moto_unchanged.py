"""Pools without device tracking are moto's own: with the plugin each raw answer is the same, byte for byte."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import moto
import pytest
import requests
from freezegun import freeze_time
from moto import mock_aws
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.moto_api._internal import mock_random

import moto_cognito_devices
from moto_cognito_devices.compatibility import device_operations

from .support import CODE, PASSWORD, REGION, Target

NEW_PASSWORD = "Battery-staple-9"
USER_POOL, CLIENT = "eu-west-1_Nowhere00", "0123456789abcdefghijklmnop"

Answer = tuple[str, int | str, dict[str, str], bytes]


@dataclass
class Recorder:
    """Calls operations over HTTP, and notes each raw answer."""

    answers: list[Answer] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """
        :returns: the members of the answer; none if moto broke on the request, which is an answer too
        """
        self.operations.add(operation)
        target = Target("in_process")
        try:
            response = target.post(operation, parameters, signed=True)
        except Exception as error:  # in this process moto's bugs come as they are
            self.answers.append((operation, type(error).__name__, {}, str(error).encode()))
            return {}
        return self._note(operation, response)

    def get(self, path: str) -> None:
        """What applications fetch without the API."""
        self._note(path, requests.get(f"https://cognito-idp.{REGION}.amazonaws.com/{path}", timeout=60))

    def _note(self, what: str, response: requests.Response) -> dict[str, Any]:
        self.answers.append((what, response.status_code, dict(response.headers), response.content))
        parsed = json.loads(response.content or b"{}")
        return parsed if isinstance(parsed, dict) else {}


@contextmanager
def plugin(active: bool) -> Iterator[None]:
    was_active = moto_cognito_devices.is_active()
    (moto_cognito_devices.activate if active else moto_cognito_devices.deactivate)()
    try:
        yield
    finally:
        (moto_cognito_devices.activate if was_active else moto_cognito_devices.deactivate)()


def told(active: bool, story: Callable[[Recorder], object] | None = None) -> Recorder:
    """A story, by default the whole one, by the same clock and dice each time."""
    call = Recorder()
    state = mock_random.getstate()
    try:
        with plugin(active), mock_aws(), freeze_time("2026-01-02 03:04:05"):
            mock_random.seed(5)
            (story or tell)(call)
    finally:
        mock_random.setstate(state)
    return call


def implemented() -> set[str]:
    """Cognito's operations that the installed moto has."""
    names = get_service_model("cognito-idp").operation_names
    return {name for name in names if hasattr(CognitoIdpResponse, camelcase_to_underscores(name))}


@pytest.fixture(scope="module")
def without() -> Recorder:
    return told(active=False)


@pytest.fixture(scope="module")
def with_plugin() -> Recorder:
    return told(active=True)


def test_every_operation_of_moto_is_compared(without: Recorder) -> None:
    unknown = implemented() - without.operations - set(device_operations())
    assert not unknown, f"moto {moto.__version__} has operations that tell() below does not call: {sorted(unknown)}"


def test_every_operation_is_seen_to_succeed_and_most_to_fail(without: Recorder) -> None:
    succeeded = {name for name, status, _, _ in without.answers if status == 200}
    failed = {name for name, status, _, _ in without.answers if status == 400}
    assert implemented() <= succeeded
    assert len(failed & implemented()) > 50


def test_the_same_story_is_told_twice_alike(without: Recorder) -> None:
    """Otherwise the comparison below would prove nothing."""
    assert told(active=False).answers == without.answers


def test_answers_are_the_same_with_the_plugin(without: Recorder, with_plugin: Recorder) -> None:
    for number, (before, after) in enumerate(itertools.zip_longest(without.answers, with_plugin.answers)):
        assert without_user_id_for_srp(after) == without_user_id_for_srp(before), f"answer {number}"


def test_only_user_id_for_srp_is_the_username_instead_of_the_sub(without: Recorder, with_plugin: Recorder) -> None:
    compared = 0
    for before, after in zip(without.answers, with_plugin.answers, strict=True):
        sub = user_id_for_srp(before)
        if sub is None:
            assert after == before
            continue
        parameters = json.loads(after[3])["ChallengeParameters"]
        assert parameters["USER_ID_FOR_SRP"] == parameters["USERNAME"]
        assert before[3].replace(json.dumps(sub).encode(), json.dumps(parameters["USERNAME"]).encode()) == after[3]
        compared += 1
    assert compared > 3


def test_only_the_plugin_has_device_operations() -> None:
    parameters = {"AccessToken": "x.y.z", "DeviceKey": f"{REGION}_0"}
    with mock_aws():
        with plugin(active=False), pytest.raises(NotImplementedError, match="get_device"):
            Target("in_process").post("GetDevice", parameters)
        with plugin(active=True):
            response = Target("in_process").post("GetDevice", parameters)
    assert response.json()["__type"] == "NotAuthorizedException"


def user_id_for_srp(answer: Answer) -> str | None:
    _, status, _, body = answer
    parsed = json.loads(body) if status == 200 and body else {}
    parameters = parsed.get("ChallengeParameters") if isinstance(parsed, dict) else None
    return parameters.get("USER_ID_FOR_SRP") if parameters else None


def without_user_id_for_srp(answer: Answer | None) -> Answer | None:
    """Neither the name, nor the length that it makes."""
    if answer is None or user_id_for_srp(answer) is None:
        return answer
    operation, status, headers, body = answer
    parsed = json.loads(body)
    parsed["ChallengeParameters"].pop("USER_ID_FOR_SRP")
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return operation, status, kept, json.dumps(parsed).encode()


# The story
def tell(call: Recorder) -> None:
    pool, client = tell_of_pools(call)
    tell_of_clients(call, pool)
    tell_of_domains_and_providers(call, pool)
    tell_of_groups(call, pool)
    tell_of_users(call, pool)
    tell_of_sign_up(call, client)
    tell_of_sign_in(call, pool, client)
    tell_of_srp(call, pool, client)
    tell_of_mfa(call, pool, client)
    tell_of_mandatory_mfa(call)
    tell_of_tokens(call, pool, client)
    tell_of_secret_client(call, pool)
    tell_of_sign_in_by_email(call)
    tell_of_a_reset(call)
    tell_of_sign_out_by_email(call)
    tell_of_deletion(call, pool)


def tell_of_pools(call: Recorder) -> tuple[str, str]:
    pool = call(
        "CreateUserPool",
        PoolName="first",
        AutoVerifiedAttributes=["email"],
        Policies={"PasswordPolicy": {"MinimumLength": 8, "RequireUppercase": True, "RequireNumbers": True}},
        Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
        UserPoolTags={"a": "b"},
    )["UserPool"]["Id"]
    call("CreateUserPool", PoolName="bad", Schema=[{"Name": "sub", "AttributeDataType": "Number", "Required": False}])
    for name in ("second", "third"):
        call("CreateUserPool", PoolName=name)
    page = call("ListUserPools", MaxResults=2)
    call("ListUserPools", MaxResults=2, NextToken=page.get("NextToken"))
    for known in (pool, USER_POOL):
        call("DescribeUserPool", UserPoolId=known)
        call("GetUserPoolMfaConfig", UserPoolId=known)
        call("UpdateUserPool", UserPoolId=known, UserPoolTags={"c": "d"}, AutoVerifiedAttributes=["email"])
        call("AddCustomAttributes", UserPoolId=known, CustomAttributes=[{"Name": "x", "AttributeDataType": "String"}])
        call("SetUserPoolMfaConfig", UserPoolId=known, MfaConfiguration="ON")
        call("SetUserPoolMfaConfig", UserPoolId=known, MfaConfiguration="SOMETIMES")
        call(
            "SetUserPoolMfaConfig",
            UserPoolId=known,
            MfaConfiguration="OPTIONAL",
            SoftwareTokenMfaConfiguration={"Enabled": True},
            SmsMfaConfiguration={"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}},
        )
    call("GetUserPoolMfaConfig", UserPoolId=pool)
    call("SetUserPoolMfaConfig", UserPoolId=pool, MfaConfiguration="OFF")
    call("DescribeUserPool", UserPoolId=pool)
    call.get(f"{pool}/.well-known/jwks.json")
    if hasattr(moto.cognitoidp.responses, "CognitoIdpOpenIdConfigurationResponse"):
        call.get(f"{pool}/.well-known/openid-configuration")
    return pool, new_client(call, pool)["ClientId"]


def new_client(call: Recorder, pool: str, **options: Any) -> dict[str, Any]:
    client: dict[str, Any] = call("CreateUserPoolClient", UserPoolId=pool, ClientName="app", **options)[
        "UserPoolClient"
    ]
    return client


def tell_of_clients(call: Recorder, pool: str) -> None:
    client = new_client(call, pool, GenerateSecret=True, AllowedOAuthScopes=["email"])["ClientId"]
    call("CreateUserPoolClient", UserPoolId=USER_POOL, ClientName="app")
    for known_pool, known in ((pool, client), (USER_POOL, client), (pool, CLIENT)):
        call("DescribeUserPoolClient", UserPoolId=known_pool, ClientId=known)
        call("UpdateUserPoolClient", UserPoolId=known_pool, ClientId=known, ClientName="renamed")
        call("ListUserPoolClients", UserPoolId=known_pool, MaxResults=1)
    call("DeleteUserPoolClient", UserPoolId=pool, ClientId=client)
    call("DeleteUserPoolClient", UserPoolId=USER_POOL, ClientId=client)


def tell_of_domains_and_providers(call: Recorder, pool: str) -> None:
    call("CreateUserPoolDomain", UserPoolId=pool, Domain="tower")
    call("CreateUserPoolDomain", UserPoolId=USER_POOL, Domain="nowhere")
    custom = {"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}
    for domain in ("tower", "unknown"):
        call("DescribeUserPoolDomain", Domain=domain)
        call("UpdateUserPoolDomain", UserPoolId=pool, Domain=domain, CustomDomainConfig=custom)
    call("DeleteUserPoolDomain", UserPoolId=pool, Domain="tower")
    call("DeleteUserPoolDomain", UserPoolId=pool, Domain="tower")
    for known in (pool, USER_POOL):
        provider = {"UserPoolId": known, "ProviderName": "Other"}
        call("CreateIdentityProvider", **provider, ProviderType="OIDC", ProviderDetails={"client_id": "1"})
        call("DescribeIdentityProvider", **provider)
        call("UpdateIdentityProvider", **provider, ProviderDetails={"client_id": "2"})
        call("ListIdentityProviders", UserPoolId=known, MaxResults=5)
        call("DeleteIdentityProvider", **provider)
        call("DeleteIdentityProvider", **provider)
        server = {"UserPoolId": known, "Identifier": "https://api.example.com"}
        for _ in range(2):
            call(
                "CreateResourceServer",
                **server,
                Name="api",
                Scopes=[{"ScopeName": "read", "ScopeDescription": "reads"}],
            )
        call("DescribeResourceServer", **server)
        call("DescribeResourceServer", UserPoolId=known, Identifier="unknown")
        call("ListResourceServers", UserPoolId=known, MaxResults=5)


def tell_of_groups(call: Recorder, pool: str) -> None:
    add_user(call, pool, "member")
    for known in (pool, USER_POOL):
        group = {"UserPoolId": known, "GroupName": "staff"}
        for _ in range(2):
            call("CreateGroup", **group, Description="those who work here", Precedence=1)
        call("GetGroup", **group)
        call("UpdateGroup", **group, Description="changed")
        for name in ("member", "nobody"):
            call("AdminAddUserToGroup", **group, Username=name)
            call("AdminListGroupsForUser", UserPoolId=known, Username=name)
        call("ListGroups", UserPoolId=known)
        call("ListUsersInGroup", **group)
        for name in ("member", "nobody"):
            call("AdminRemoveUserFromGroup", **group, Username=name)
        call("DeleteGroup", **group)
        call("DeleteGroup", **group)
        call("GetGroup", **group)


def add_user(call: Recorder, pool: str, name: str, **attributes: str) -> None:
    user = {"UserPoolId": pool, "Username": name}
    given = [{"Name": attribute, "Value": value} for attribute, value in attributes.items()]
    call("AdminCreateUser", **user, TemporaryPassword="Temporary-1", UserAttributes=given, MessageAction="SUPPRESS")
    call("AdminSetUserPassword", **user, Password=PASSWORD, Permanent=True)


def tell_of_users(call: Recorder, pool: str) -> None:
    add_user(call, pool, "ada", email="ada@example.com")
    call("AdminCreateUser", UserPoolId=pool, Username="ada")
    call("AdminCreateUser", UserPoolId=pool, Username="eve", MessageAction="RESEND")
    for known_pool, name in ((pool, "ada"), (pool, "nobody"), (USER_POOL, "ada")):
        user = {"UserPoolId": known_pool, "Username": name}
        call("AdminGetUser", **user)
        call("AdminUpdateUserAttributes", **user, UserAttributes=[{"Name": "name", "Value": "Ada"}])
        call("AdminDeleteUserAttributes", **user, UserAttributeNames=["name"])
        call("AdminDisableUser", **user)
        call("AdminEnableUser", **user)
        call("AdminSetUserPassword", **user, Password="short", Permanent=True)
        call("AdminSetUserPassword", **user, Password=PASSWORD, Permanent=True)
        call("AdminConfirmSignUp", **user)
        call("AdminUserGlobalSignOut", **user)
        call("AdminSetUserMFAPreference", **user, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
        call("AdminSetUserMFAPreference", **user, SMSMfaSettings={"Enabled": False, "PreferredMfa": False})
        call("ListUsers", UserPoolId=known_pool, Filter=f'username = "{name}"')
    page = call("ListUsers", UserPoolId=pool, Limit=1, AttributesToGet=["email"])
    call("ListUsers", UserPoolId=pool, Limit=1, PaginationToken=page.get("PaginationToken"))


def tell_of_sign_up(call: Recorder, client: str) -> None:
    for app, name, password in (
        (client, "new", PASSWORD),
        (client, "new", PASSWORD),
        (client, "weak", "weak"),
        (CLIENT, "new", PASSWORD),
    ):
        call(
            "SignUp",
            ClientId=app,
            Username=name,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": "new@example.com"}],
        )
    sign_in(call, client, "new")
    for app, name in ((client, "new"), (client, "new"), (client, "nobody"), (CLIENT, "new")):
        call("ConfirmSignUp", ClientId=app, Username=name, ConfirmationCode=CODE)
    sign_in(call, client, "new")
    for app, name in ((client, "new"), (client, "nobody"), (CLIENT, "new")):
        call("ForgotPassword", ClientId=app, Username=name)
        call("ConfirmForgotPassword", ClientId=app, Username=name, Password=NEW_PASSWORD, ConfirmationCode=CODE)
    call(
        "ConfirmForgotPassword",
        ClientId=client,
        Username="new",
        Password=PASSWORD,
        ConfirmationCode="moto-confirmation-code:000000",
    )
    sign_in(call, client, "new", NEW_PASSWORD)


def sign_in(
    call: Recorder, client: str, name: str, password: str = PASSWORD, flow: str = "USER_PASSWORD_AUTH", **more: str
) -> dict[str, Any]:
    return call(
        "InitiateAuth",
        ClientId=client,
        AuthFlow=flow,
        AuthParameters={"USERNAME": name, "PASSWORD": password, **more},
    )


def answer(call: Recorder, client: str, challenge: dict[str, Any], **responses: str) -> dict[str, Any]:
    return call(
        "RespondToAuthChallenge",
        ClientId=client,
        ChallengeName=challenge.get("ChallengeName", "SMS_MFA"),
        Session=challenge.get("Session", "a-session-that-nobody-has-opened"),
        ChallengeResponses=responses,
    )


def tell_of_sign_in(call: Recorder, pool: str, client: str) -> None:
    for app, name, password in (
        (client, "ada", PASSWORD),
        (client, "ada", "wrong"),
        (client, "nobody", PASSWORD),
        (CLIENT, "ada", PASSWORD),
    ):
        sign_in(call, app, name, password)
        # No key means anything here.
        sign_in(call, app, name, password, DEVICE_KEY=f"{REGION}_0")
        for flow in ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "USER_SRP_AUTH", "NONE"):
            call(
                "AdminInitiateAuth",
                UserPoolId=pool,
                ClientId=app,
                AuthFlow=flow,
                AuthParameters={"USERNAME": name, "PASSWORD": password},
            )
    admin = {"AuthFlow": "ADMIN_NO_SRP_AUTH", "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD}}
    call("AdminInitiateAuth", UserPoolId=USER_POOL, ClientId=client, **admin)
    for flow in ("CUSTOM_AUTH", "ADMIN_NO_SRP_AUTH", "NONE"):
        sign_in(call, client, "ada", flow=flow)
    call("AdminDisableUser", UserPoolId=pool, Username="ada")
    sign_in(call, client, "ada")
    call("AdminInitiateAuth", UserPoolId=pool, ClientId=client, **admin)
    call("AdminEnableUser", UserPoolId=pool, Username="ada")
    call("AdminResetUserPassword", UserPoolId=pool, Username="ada")
    verified = [{"Name": "email_verified", "Value": "true"}]
    call("AdminUpdateUserAttributes", UserPoolId=pool, Username="ada", UserAttributes=verified)
    call("AdminResetUserPassword", UserPoolId=pool, Username="ada")
    call("AdminResetUserPassword", UserPoolId=pool, Username="nobody")
    sign_in(call, client, "ada")
    answer(call, client, call("AdminInitiateAuth", UserPoolId=pool, ClientId=client, **admin), USERNAME="ada")
    call("AdminSetUserPassword", UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True)
    call("AdminCreateUser", UserPoolId=pool, Username="bob", TemporaryPassword="Temporary-1")
    challenge = sign_in(call, client, "bob", "Temporary-1")
    answer(call, client, challenge, USERNAME="bob")
    answer(call, client, challenge, USERNAME="bob", NEW_PASSWORD="short")
    answer(call, client, challenge, USERNAME="nobody", NEW_PASSWORD=NEW_PASSWORD)
    answer(call, CLIENT, challenge, USERNAME="bob", NEW_PASSWORD=NEW_PASSWORD)
    answer(call, client, challenge, USERNAME="bob", NEW_PASSWORD=NEW_PASSWORD)
    answer(call, client, challenge, USERNAME="bob", NEW_PASSWORD=NEW_PASSWORD)
    call("AdminSetUserPassword", UserPoolId=pool, Username="bob", Password="Temporary-1", Permanent=False)
    challenge = call(
        "AdminInitiateAuth",
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "bob", "PASSWORD": "Temporary-1"},
    )
    call(
        "AdminRespondToAuthChallenge",
        UserPoolId=pool,
        ClientId=client,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "bob", "NEW_PASSWORD": PASSWORD},
    )
    answer(call, client, {"ChallengeName": "DEVICE_SRP_AUTH"}, USERNAME="bob")


def srp(call: Recorder, client: str, name: str, **more: str) -> dict[str, Any]:
    parameters = {"USERNAME": name, "SRP_A": "abc", **more}
    return call("InitiateAuth", ClientId=client, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)


def verifier(challenge: dict[str, Any], name: str, **changed: str) -> dict[str, str]:
    return {
        "USERNAME": name,
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["ChallengeParameters"]["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": "c2ln",
        "TIMESTAMP": "Fri Jan 2 03:04:05 UTC 2026",
        **changed,
    }


def tell_of_srp(call: Recorder, pool: str, client: str) -> None:
    srp(call, client, "nobody")
    srp(call, CLIENT, "ada")
    for changed in (
        {"USERNAME": "nobody"},
        {"PASSWORD_CLAIM_SECRET_BLOCK": "dW5rbm93bg=="},
        {"PASSWORD_CLAIM_SIGNATURE": ""},
        {"TIMESTAMP": ""},
        {},
    ):
        challenge = srp(call, client, "ada")
        answer(call, client, challenge, **verifier(challenge, "ada", **changed))
    answer(call, client, challenge, **verifier(challenge, "ada"))
    call("AdminSetUserPassword", UserPoolId=pool, Username="bob", Password="Temporary-1", Permanent=False)
    challenge = srp(call, client, "bob")
    challenge = answer(call, client, challenge, **verifier(challenge, "bob"))
    answer(call, client, challenge, USERNAME="bob", NEW_PASSWORD=PASSWORD)


def tell_of_mfa(call: Recorder, pool: str, client: str) -> None:
    preference = {"Enabled": True, "PreferredMfa": True}
    off = {"Enabled": False, "PreferredMfa": False}
    call("AdminSetUserMFAPreference", UserPoolId=pool, Username="ada", SMSMfaSettings=preference)
    challenge = sign_in(call, client, "ada")
    answer(call, client, challenge, USERNAME="ada")
    answer(call, client, challenge, USERNAME="nobody", SMS_MFA_CODE=CODE)
    answer(call, client, challenge, USERNAME="ada", SMS_MFA_CODE=CODE, DEVICE_KEY=f"{REGION}_0")
    answer(call, client, challenge, USERNAME="ada", SMS_MFA_CODE=CODE)
    challenge = srp(call, client, "ada")
    challenge = answer(call, client, challenge, **verifier(challenge, "ada"))
    token = answer(call, client, challenge, USERNAME="ada", SMS_MFA_CODE=CODE)["AuthenticationResult"]["AccessToken"]
    call("AssociateSoftwareToken", AccessToken=token)
    call("AssociateSoftwareToken", AccessToken="unknown")
    call("SetUserMFAPreference", AccessToken=token, SoftwareTokenMfaSettings=preference)
    call("VerifySoftwareToken", AccessToken=token, UserCode=CODE)
    call("VerifySoftwareToken", AccessToken="unknown", UserCode=CODE)
    call("SetUserMFAPreference", AccessToken=token, SMSMfaSettings=off, SoftwareTokenMfaSettings=preference)
    call("SetUserMFAPreference", AccessToken="unknown", SoftwareTokenMfaSettings=preference)
    challenge = sign_in(call, client, "ada")
    answer(call, client, challenge, USERNAME="ada")
    answer(call, client, challenge, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=CODE)
    call("SetUserMFAPreference", AccessToken=token, SMSMfaSettings=off, SoftwareTokenMfaSettings=off)
    call("AdminGetUser", UserPoolId=pool, Username="ada")


def tell_of_mandatory_mfa(call: Recorder) -> None:
    pool = call("CreateUserPool", PoolName="mandatory")["UserPool"]["Id"]
    call(
        "SetUserPoolMfaConfig",
        UserPoolId=pool,
        MfaConfiguration="ON",
        SoftwareTokenMfaConfiguration={"Enabled": True},
    )
    client = new_client(call, pool)["ClientId"]
    add_user(call, pool, "ada")
    challenge = sign_in(call, client, "ada")
    answer(call, client, challenge, USERNAME="ada")
    secret = call("AssociateSoftwareToken", Session=challenge.get("Session", "x" * 20))
    verified = call("VerifySoftwareToken", Session=secret.get("Session", "x" * 20), UserCode=CODE)
    answer(call, client, {"ChallengeName": "MFA_SETUP", "Session": verified.get("Session")}, USERNAME="ada")
    sign_in(call, client, "ada")
    challenge = srp(call, client, "ada")
    answer(call, client, challenge, **verifier(challenge, "ada"))


def tell_of_tokens(call: Recorder, pool: str, client: str) -> None:
    tokens = sign_in(call, client, "ada")["AuthenticationResult"]
    for token in (tokens["AccessToken"], tokens["IdToken"], "unknown"):
        call("GetUser", AccessToken=token)
        call("UpdateUserAttributes", AccessToken=token, UserAttributes=[{"Name": "name", "Value": "Ada L."}])
        call("ChangePassword", AccessToken=token, PreviousPassword="wrong", ProposedPassword=NEW_PASSWORD)
        call("ChangePassword", AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="short")
        call("ChangePassword", AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=NEW_PASSWORD)
    for flow, refresh_token in itertools.product(
        ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH"), (tokens["RefreshToken"], "unknown")
    ):
        parameters = {"REFRESH_TOKEN": refresh_token, "DEVICE_KEY": f"{REGION}_0"}
        call("InitiateAuth", ClientId=client, AuthFlow=flow, AuthParameters=parameters)
        call("InitiateAuth", ClientId=CLIENT, AuthFlow=flow, AuthParameters=parameters)
        call("AdminInitiateAuth", UserPoolId=pool, ClientId=client, AuthFlow=flow, AuthParameters=parameters)
    call("GlobalSignOut", AccessToken=tokens["AccessToken"])
    call("GlobalSignOut", AccessToken=tokens["AccessToken"])
    call("GetUser", AccessToken=tokens["AccessToken"])
    revoked = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    call("InitiateAuth", ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=revoked)
    tokens = sign_in(call, client, "ada", NEW_PASSWORD)["AuthenticationResult"]
    call("AdminUserGlobalSignOut", UserPoolId=pool, Username="ada")
    call("GetUser", AccessToken=tokens["AccessToken"])


def tell_of_secret_client(call: Recorder, pool: str) -> None:
    client = new_client(call, pool, GenerateSecret=True)
    message = f"ada{client['ClientId']}".encode()
    right = base64.b64encode(hmac.digest(client["ClientSecret"].encode(), message, hashlib.sha256)).decode()
    for more in ({}, {"SECRET_HASH": "wrong"}, {"SECRET_HASH": right}):
        sign_in(call, client["ClientId"], "ada", NEW_PASSWORD, **more)
        srp(call, client["ClientId"], "ada", **more)
        call("AdminSetUserMFAPreference", UserPoolId=pool, Username="ada", SMSMfaSettings={"Enabled": True})
        challenge = srp(call, client["ClientId"], "ada", SECRET_HASH=right)
        answers = {**verifier(challenge, "ada"), **more}
        challenge = answer(call, client["ClientId"], challenge, **answers)
        answer(call, client["ClientId"], challenge, USERNAME="ada", SMS_MFA_CODE=CODE, **more)
    call("AdminSetUserMFAPreference", UserPoolId=pool, Username="ada", SMSMfaSettings={"Enabled": False})


def tell_of_sign_in_by_email(call: Recorder) -> None:
    pool = call("CreateUserPool", PoolName="email", UsernameAttributes=["email", "phone_number"])["UserPool"]["Id"]
    client = new_client(call, pool)["ClientId"]
    for name in ("ada@example.com", "+15555550100", "ada"):
        call("SignUp", ClientId=client, Username=name, Password=PASSWORD)
        call("ConfirmSignUp", ClientId=client, Username=name, ConfirmationCode=CODE)
        tokens = sign_in(call, client, name).get("AuthenticationResult", {})
        call("GetUser", AccessToken=tokens.get("AccessToken", "unknown"))
        challenge = srp(call, client, name)
        if challenge.get("ChallengeName"):
            canonical = challenge["ChallengeParameters"]["USERNAME"]
            for username in (canonical, name):
                answer(call, client, challenge, **verifier(challenge, username))
                challenge = srp(call, client, name)
        call("AdminGetUser", UserPoolId=pool, Username=name)
        call("AdminDeleteUser", UserPoolId=pool, Username=name)


def tell_of_a_reset(call: Recorder) -> None:
    pool = call("CreateUserPool", PoolName="reset")["UserPool"]["Id"]
    client = new_client(call, pool)["ClientId"]
    verified = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]
    add_user(call, pool, "ada")
    call("AdminUpdateUserAttributes", UserPoolId=pool, Username="ada", UserAttributes=verified)
    call("AdminResetUserPassword", UserPoolId=pool, Username="ada")
    call("ConfirmForgotPassword", ClientId=client, Username="ada", Password=NEW_PASSWORD, ConfirmationCode=CODE)
    call("AdminGetUser", UserPoolId=pool, Username="ada")


def tell_of_sign_out_by_email(call: Recorder) -> None:
    pool = call("CreateUserPool", PoolName="signed out by e-mail", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = new_client(call, pool)["ClientId"]
    add_user(call, pool, "ada@example.com")
    canonical = call("AdminGetUser", UserPoolId=pool, Username="ada@example.com")["Username"]
    tokens = sign_in(call, client, canonical)["AuthenticationResult"]
    call("AdminUserGlobalSignOut", UserPoolId=pool, Username="ada@example.com")
    parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    call("InitiateAuth", ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)


def tell_of_deletion(call: Recorder, pool: str) -> None:
    for known in (pool, USER_POOL):
        for name in ("bob", "nobody"):
            call("AdminDeleteUser", UserPoolId=known, Username=name)
        call("DeleteUserPool", UserPoolId=known)
        call("DescribeUserPool", UserPoolId=known)
    call("ListUserPools", MaxResults=10)


@pytest.mark.parametrize(
    ("operation", "odd"),
    [
        ("InitiateAuth", {"ClientMetadata": {"n": 1}}),
        ("InitiateAuth", {"AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD, "n": 1}}),
        ("RespondToAuthChallenge", {"Session": ["x"]}),
        ("RespondToAuthChallenge", {"ChallengeResponses": ["x"]}),
        ("RespondToAuthChallenge", {"ChallengeResponses": {"PASSWORD_CLAIM_SECRET_BLOCK": ["x"]}}),
        ("RespondToAuthChallenge", {"ChallengeName": ["x"]}),
    ],
)
def test_odd_types_are_taken_as_moto_takes_them(operation: str, odd: dict[str, Any]) -> None:
    request: dict[str, Any] = {
        "InitiateAuth": {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        },
        "RespondToAuthChallenge": {
            "ChallengeName": "SMS_MFA",
            "Session": "x" * 20,
            "ChallengeResponses": {"USERNAME": "ada"},
        },
    }[operation]

    def story(call: Recorder) -> None:
        pool = call("CreateUserPool", PoolName="p")["UserPool"]["Id"]
        client = new_client(call, pool)["ClientId"]
        add_user(call, pool, "ada")
        call(operation, ClientId=client, **{**request, **odd})

    assert told(True, story).answers == told(False, story).answers
