"""User pools with everything that a hostile request can name, and one valid request of each kind."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

from moto_cognito_devices.testing import Device, SrpClient, add_device, custom_challenge, lambda_arn, secret_hash
from moto_cognito_devices.testing.lambda_handlers import Handler

from ..support import ALWAYS, CODE, OPT_IN, PASSWORD, Target

TEMPORARY = "Temporary-1"
# The longest that there is.
SESSION_MINUTES = 15

Parameters = dict[str, Any]


def _define(event: Any, _: Any) -> Any:
    """The password first where the client begins with it."""
    session = event["request"]["session"]
    right = any(entry["challengeName"] == "CUSTOM_CHALLENGE" and entry["challengeResult"] for entry in session)
    asks = "PASSWORD_VERIFIER" if session and session[-1]["challengeName"] == "SRP_A" else "CUSTOM_CHALLENGE"
    event["response"] |= {"issueTokens": right, "failAuthentication": len(session) > 5, "challengeName": asks}
    return event


#: What answers for the functions of a world; whoever has one starts them (``testing.triggers``).
FUNCTIONS: dict[str, Handler] = {
    **dict.fromkeys(("PreAuthentication", "PostAuthentication", "PreTokenGeneration"), lambda event, _: event),
    **custom_challenge("1234"),
    "DefineAuthChallenge": _define,
}


@dataclass
class World:
    """
    :param materials: values that mean something to the service, by what they are
    :param valid: by what it does: the operation, and parameters that it accepts now
    """

    target: Target
    materials: dict[str, str] = field(default_factory=dict)
    valid: dict[str, tuple[str, Parameters]] = field(default_factory=dict)

    @classmethod
    def create(cls, target: Target) -> World:
        world = cls(target)
        world._make_devices()
        world._make_challenges()
        world._make_choices()
        world._make_custom_challenges()
        world._make_mfa_challenges()
        world._make_secret_pool()
        world._make_tokens_that_end()
        return world

    def check(self) -> None:
        """That the pools still serve."""
        cognito = self.target.client()
        page = cognito.admin_list_devices(UserPoolId=self.materials["pool"], Username="ada")
        assert isinstance(page["Devices"], list)

    # Making it
    def _make_devices(self) -> None:
        cognito = self.target.client()
        self.pool, self.client = _make_pool(cognito, ALWAYS)
        other_pool, other_client = _make_pool(cognito, OPT_IN)
        for name in ("ada", "bob", "eve"):
            _add_user(cognito, self.pool, name)
        _add_user(cognito, other_pool, "ada")
        cognito.admin_set_user_mfa_preference(
            UserPoolId=self.pool, Username="bob", SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
        )
        tokens = _sign_in(cognito, self.client, "ada")
        self.remembered, pending = (
            Device.from_metadata(t["NewDeviceMetadata"]) for t in (tokens, _sign_in(cognito, self.client, "ada"))
        )
        self.remembered.confirm(cognito, tokens["AccessToken"], "Ada's phone")
        known = Device.from_metadata(_sign_in(cognito, self.client, "ada")["NewDeviceMetadata"])
        known.confirm(cognito, tokens["AccessToken"])
        cognito.update_device_status(
            AccessToken=tokens["AccessToken"], DeviceKey=known.device_key, DeviceRememberedStatus="not_remembered"
        )
        forgotten = Device.from_metadata(_sign_in(cognito, self.client, "ada")["NewDeviceMetadata"])
        forgotten.confirm(cognito, tokens["AccessToken"])
        cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=forgotten.device_key)
        elsewhere = _sign_in(cognito, other_client, "ada")
        signed_out = _sign_in(cognito, self.client, "eve")
        cognito.admin_user_global_sign_out(UserPoolId=self.pool, Username="eve")
        token = cognito.admin_list_devices(UserPoolId=self.pool, Username="ada", Limit=1)["PaginationToken"]
        users_token = self._users_token(cognito, tokens, known)
        self.materials |= {
            "pool": self.pool,
            "other pool": other_pool,
            "client": self.client,
            "other client": other_client,
            "access token": tokens["AccessToken"],
            "id token": tokens["IdToken"],
            "refresh token": tokens["RefreshToken"],
            "revoked access token": signed_out["AccessToken"],
            "revoked refresh token": signed_out["RefreshToken"],
            "access token of another pool": elsewhere["AccessToken"],
            "refresh token of another pool": elsewhere["RefreshToken"],
            "remembered key": self.remembered.device_key,
            "known key": known.device_key,
            "pending key": pending.device_key,
            "forgotten key": forgotten.device_key,
            "key of another pool": elsewhere["NewDeviceMetadata"]["DeviceKey"],
            "group key": self.remembered.device_group_key,
            "pagination token": token,
            "user's pagination token": users_token,
            "password": PASSWORD,
            "username": "ada",
            "name of another user": "bob",
            "status": "remembered",
        }
        user = {"AccessToken": tokens["AccessToken"]}
        admin = {"UserPoolId": self.pool, "Username": "ada"}
        of_device = {"DeviceKey": self.remembered.device_key}
        confirmation = {"DeviceKey": pending.device_key, "DeviceSecretVerifierConfig": pending.secret_verifier_config}
        self.valid |= {
            "confirm": ("ConfirmDevice", {**user, **confirmation, "DeviceName": "Ada's laptop"}),
            "get": ("GetDevice", {**user, **of_device}),
            "list": ("ListDevices", {**user, "Limit": 1, "PaginationToken": users_token}),
            "update": ("UpdateDeviceStatus", {**user, **of_device, "DeviceRememberedStatus": "not_remembered"}),
            "forget": ("ForgetDevice", {**user, **of_device}),
            "admin get": ("AdminGetDevice", {**admin, **of_device}),
            "admin list": ("AdminListDevices", {**admin, "Limit": 1, "PaginationToken": token}),
            "admin update": ("AdminUpdateDeviceStatus", {**admin, **of_device, "DeviceRememberedStatus": "remembered"}),
            "admin forget": ("AdminForgetDevice", {**admin, **of_device}),
            "refresh": ("InitiateAuth", self._initiation("REFRESH_TOKEN_AUTH", self._refresh(tokens))),
            "admin refresh": (
                "AdminInitiateAuth",
                {"UserPoolId": self.pool, **self._initiation("REFRESH_TOKEN", self._refresh(tokens))},
            ),
            "get tokens": (
                "GetTokensFromRefreshToken",
                {"ClientId": self.client, "RefreshToken": tokens["RefreshToken"], **of_device},
            ),
            "auth factors": ("GetUserAuthFactors", user),
            "revoke": ("RevokeToken", {"ClientId": self.client, "Token": tokens["RefreshToken"]}),
        }

    def _users_token(self, cognito: Any, tokens: Parameters, known: Device) -> str:
        """A user is shown remembered devices only, so two of them make pages for a moment."""
        status = {"AccessToken": tokens["AccessToken"], "DeviceKey": known.device_key}
        cognito.update_device_status(**status, DeviceRememberedStatus="remembered")
        token: str = cognito.list_devices(AccessToken=tokens["AccessToken"], Limit=1)["PaginationToken"]
        cognito.update_device_status(**status, DeviceRememberedStatus="not_remembered")
        return token

    def _refresh(self, tokens: Parameters) -> Parameters:
        return {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": self.remembered.device_key}

    def _initiation(self, flow: str, parameters: Parameters) -> Parameters:
        return {"ClientId": self.client, "AuthFlow": flow, "AuthParameters": parameters}

    def _make_challenges(self) -> None:
        """Each is left open, and the valid request is the answer to it."""
        cognito = self.target.client()
        password = {"USERNAME": "ada", "PASSWORD": PASSWORD}
        device = {"USERNAME": "ada", "DEVICE_KEY": self.remembered.device_key}
        srp_client = SrpClient(a=int.from_bytes(hashlib.sha256(b"a").digest(), "big"))
        begin_srp = self._initiation("USER_SRP_AUTH", {"USERNAME": "ada", "SRP_A": srp_client.srp_a})
        admin = {"UserPoolId": self.pool}
        self.valid |= {
            "sign in": ("InitiateAuth", self._initiation("USER_PASSWORD_AUTH", password)),
            "sign in with device": ("InitiateAuth", self._initiation("USER_PASSWORD_AUTH", {**password, **device})),
            "begin srp": ("InitiateAuth", begin_srp),
            "admin sign in": ("AdminInitiateAuth", admin | self._initiation("ADMIN_USER_PASSWORD_AUTH", password)),
            "admin sign in without srp": ("AdminInitiateAuth", admin | self._initiation("ADMIN_NO_SRP_AUTH", password)),
            "admin begin srp": ("AdminInitiateAuth", admin | begin_srp),
        }
        proof = cognito.initiate_auth(**begin_srp)
        answer = srp_client.answer(proof["ChallengeParameters"], self.pool.partition("_")[2], "ada", PASSWORD)
        self._answer("password verifier", proof, {"USERNAME": "ada", **answer})

        code = cognito.initiate_auth(**self._initiation("USER_PASSWORD_AUTH", {**password, "USERNAME": "bob"}))
        self._answer("mfa", code, {"USERNAME": "bob", "SMS_MFA_CODE": CODE})

        _add_user(cognito, self.pool, "eli")
        cognito.admin_set_user_mfa_preference(
            UserPoolId=self.pool, Username="eli", EmailMfaSettings={"Enabled": True, "PreferredMfa": False}
        )
        code = cognito.initiate_auth(**self._initiation("USER_PASSWORD_AUTH", {**password, "USERNAME": "eli"}))
        self._answer("email otp", code, {"USERNAME": "eli", "EMAIL_OTP_CODE": CODE})

        _add_user(cognito, self.pool, "new", permanent=False)
        new = {"USERNAME": "new", "PASSWORD": TEMPORARY}
        choice = cognito.initiate_auth(**self._initiation("USER_PASSWORD_AUTH", new))
        self._answer("new password", choice, {"USERNAME": "new", "NEW_PASSWORD": PASSWORD})

        with_device = self._initiation("USER_PASSWORD_AUTH", {**password, **device})
        first = cognito.initiate_auth(**with_device)
        second = cognito.respond_to_auth_challenge(
            ClientId=self.client,
            ChallengeName="DEVICE_SRP_AUTH",
            Session=first["Session"],
            ChallengeResponses={**device, "SRP_A": srp_client.srp_a},
        )
        realm, key, secret = self.remembered.device_group_key, self.remembered.device_key, self.remembered.password
        proof = srp_client.answer(second["ChallengeParameters"], realm, key, secret)
        self._answer("device password verifier", second, {**device, **proof})
        first = cognito.initiate_auth(**with_device)
        self._answer("device srp", first, {**device, "SRP_A": srp_client.srp_a})

    def _make_choices(self) -> None:
        """USER_AUTH with each first factor, and after a sign-up."""
        cognito = self.target.client()
        srp_client = SrpClient(a=int.from_bytes(hashlib.sha256(b"a").digest(), "big"))
        ada, password, srp_a = {"USERNAME": "ada"}, {"PASSWORD": PASSWORD}, {"SRP_A": srp_client.srp_a}

        def begin(**parameters: str) -> Parameters:
            challenge: Parameters = cognito.initiate_auth(**self._initiation("USER_AUTH", {**ada, **parameters}))
            return challenge

        firsts = {"password": ("PASSWORD", password), "srp": ("PASSWORD_SRP", srp_a)}
        self.valid["choose"] = ("InitiateAuth", self._initiation("USER_AUTH", ada))
        for name, (preferred, members) in firsts.items():
            at_once = self._initiation("USER_AUTH", {**ada, "PREFERRED_CHALLENGE": preferred, **members})
            self.valid[f"{name} by choice"] = ("InitiateAuth", at_once)
            self.valid[f"admin {name} by choice"] = ("AdminInitiateAuth", {"UserPoolId": self.pool, **at_once})
            self._answer(f"chosen {name}", begin(), {**ada, "ANSWER": preferred, **members})
            self._answer(f"preferred {name}", begin(PREFERRED_CHALLENGE=preferred), {**ada, **members})
        proof = begin(PREFERRED_CHALLENGE="PASSWORD_SRP", **srp_a)
        answer = srp_client.answer(proof["ChallengeParameters"], self.pool.partition("_")[2], "ada", PASSWORD)
        self._answer("chosen password verifier", proof, {**ada, **answer})

        allowed = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
        cognito.update_user_pool(UserPoolId=self.pool, DeviceConfiguration=ALWAYS, Policies=allowed)
        _add_user(cognito, self.pool, "mia")
        cognito.admin_update_user_attributes(
            UserPoolId=self.pool,
            Username="mia",
            UserAttributes=[
                {"Name": "email", "Value": "mia@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        mia = {"USERNAME": "mia"}
        sent = cognito.initiate_auth(**self._initiation("USER_AUTH", {**mia, "PREFERRED_CHALLENGE": "EMAIL_OTP"}))
        self._answer("one-time password", sent, {**mia, "EMAIL_OTP_CODE": CODE})

        sign_up = {"ClientId": self.client, "Username": "guest"}
        cognito.sign_up(**sign_up, Password=PASSWORD)
        confirm = {**sign_up, "ConfirmationCode": CODE}
        session = cognito.confirm_sign_up(**confirm)["Session"]
        self.materials["session of a sign-up"] = session
        by_session = {**self._initiation("USER_AUTH", {"USERNAME": "guest"}), "Session": session}
        self.valid |= {"confirm sign-up": ("ConfirmSignUp", confirm), "after sign-up": ("InitiateAuth", by_session)}

    def _make_custom_challenges(self) -> None:
        """What the pool's own functions ask for, with the password before it and without."""
        cognito = self.target.client()
        functions = {trigger: lambda_arn(trigger) for trigger in FUNCTIONS}
        pool, client = _make_pool(cognito, ALWAYS, LambdaConfig=functions)
        _add_user(cognito, pool, "ada")
        key = add_device(cognito, pool, "ada").device_key
        srp_client = SrpClient(a=int.from_bytes(hashlib.sha256(b"a").digest(), "big"))
        ada = {"USERNAME": "ada"}
        by_srp = {**ada, "CHALLENGE_NAME": "SRP_A", "SRP_A": srp_client.srp_a}
        metadata = {"ClientMetadata": {"page": "checkout"}}

        def begin(parameters: Parameters) -> Parameters:
            return {"ClientId": client, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": parameters, **metadata}

        for name, parameters in {"custom": ada, "custom by srp": by_srp}.items():
            begun = begin({**parameters, "DEVICE_KEY": key})
            self.valid[f"begin {name}"] = ("InitiateAuth", begun)
            self.valid[f"admin begin {name}"] = ("AdminInitiateAuth", {"UserPoolId": pool, **begun})
        self.materials |= {"custom client": client, "key of the custom pool": key}

        asked = cognito.initiate_auth(**begin(ada))
        self._answer("custom challenge", asked, {**ada, "ANSWER": "1234"}, (pool, client), **metadata)
        wrong = {**ada, "ANSWER": "wrong"}
        self._answer("wrong answer", cognito.initiate_auth(**begin(ada)), wrong, (pool, client))
        with_device = {**ada, "ANSWER": "1234", "DEVICE_KEY": key}
        self._answer("custom challenge with device", cognito.initiate_auth(**begin(ada)), with_device, (pool, client))
        proof = cognito.initiate_auth(**begin(by_srp))
        answer = srp_client.answer(proof["ChallengeParameters"], pool.partition("_")[2], "ada", PASSWORD)
        self._answer("custom password verifier", proof, {**ada, **answer}, (pool, client), **metadata)

    def _make_mfa_challenges(self) -> None:
        """An app that is set up, one that is being set up, and a choice between two methods."""
        cognito = self.target.client()
        pool, client = _make_pool(cognito, ALWAYS)
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool,
            MfaConfiguration="ON",
            SoftwareTokenMfaConfiguration={"Enabled": True},
            SmsMfaConfiguration={"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}},
            EmailMfaConfiguration={},
        )

        def begin(name: str) -> Parameters:
            password = {"USERNAME": name, "PASSWORD": PASSWORD}
            challenge: Parameters = cognito.initiate_auth(
                ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=password
            )
            return challenge

        def set_up(name: str) -> tuple[Parameters, str]:
            challenge = begin(name)
            session = cognito.associate_software_token(Session=challenge["Session"])["Session"]
            session = cognito.verify_software_token(Session=session, UserCode=CODE)["Session"]
            return challenge, session

        for name in ("ada", "new", "both", "eli", "amy"):
            _add_user(cognito, pool, name)
        for name in ("ada", "both"):
            challenge, session = set_up(name)
            cognito.respond_to_auth_challenge(
                ClientId=client,
                ChallengeName="MFA_SETUP",
                Session=session,
                ChallengeResponses={"USERNAME": name},
            )
        cognito.admin_set_user_mfa_preference(
            UserPoolId=pool, Username="both", SMSMfaSettings={"Enabled": True, "PreferredMfa": False}
        )
        totp, select = begin("ada"), begin("both")
        self._answer("totp", totp, {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": CODE}, (pool, client))
        self._answer("select mfa type", select, {"USERNAME": "both", "ANSWER": "SMS_MFA"}, (pool, client))
        self.valid["associate"] = ("AssociateSoftwareToken", {"Session": begin("amy")["Session"]})
        session = cognito.associate_software_token(Session=begin("amy")["Session"])["Session"]
        self.valid["verify"] = ("VerifySoftwareToken", {"Session": session, "UserCode": CODE})
        challenge, session = set_up("new")
        self._answer("mfa setup", {**challenge, "Session": session}, {"USERNAME": "new"}, (pool, client))
        address = {"USERNAME": "eli", "EMAIL": "eli@example.com"}
        self._answer("mfa setup by email", begin("eli"), address, (pool, client))

    def _answer(
        self,
        title: str,
        challenge: Parameters,
        responses: Parameters,
        app: tuple[str, str] | None = None,
        **further: Parameters,
    ) -> None:
        """
        :param app: the ids of the user pool and of its client, if they are not the world's
        """
        pool, client = app or (self.pool, self.client)
        session = {"Session": challenge["Session"]} if challenge.get("Session") else {}
        request = {
            "ClientId": client,
            "ChallengeName": challenge["ChallengeName"],
            "ChallengeResponses": responses,
            **session,
            **further,
        }
        self.valid[title] = ("RespondToAuthChallenge", request)
        self.valid[f"admin {title}"] = ("AdminRespondToAuthChallenge", {"UserPoolId": pool, **request})
        self.materials |= {f"session of {title}": challenge["Session"]} if session else {}
        for name in ("PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP", "SRP_A"):
            if name in responses:
                self.materials[f"{name} of {title}"] = responses[name]

    def _make_secret_pool(self) -> None:
        """A client that has to prove its secret, in a pool with TOTP for everybody."""
        cognito = self.target.client()
        pool, _ = _make_pool(cognito, ALWAYS)
        app = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="app", GenerateSecret=True, AuthSessionValidity=SESSION_MINUTES
        )["UserPoolClient"]
        _add_user(cognito, pool, "ada")
        hashed = secret_hash(app["ClientId"], app["ClientSecret"], "ada")
        parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD, "SECRET_HASH": hashed}
        request = {"ClientId": app["ClientId"], "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        self.materials |= {"secret client": app["ClientId"], "secret": app["ClientSecret"], "secret hash": hashed}
        self.valid["sign in with secret"] = ("InitiateAuth", request)

    def _make_tokens_that_end(self) -> None:
        """Rotated, revoked and expired ones, and a client that doesn't tell whether there is a user."""
        cognito = self.target.client()
        validities = ("AccessToken", "IdToken", "RefreshToken")
        clients: dict[str, Parameters] = {
            "discreet": {"PreventUserExistenceErrors": "ENABLED"},
            "rotating": {"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}},
            "brief": {f"{token}Validity": 1 for token in validities}
            | {"TokenValidityUnits": dict.fromkeys(validities, "seconds")},
        }
        for name, settings in clients.items():
            made = cognito.create_user_pool_client(UserPoolId=self.pool, ClientName=name, **settings)
            self.materials[f"{name} client"] = made["UserPoolClient"]["ClientId"]

        discreet = {"ClientId": self.materials["discreet client"], "AuthFlow": "USER_PASSWORD_AUTH"}
        password = {"USERNAME": "ada", "PASSWORD": PASSWORD}
        self.valid["discreet sign in"] = ("InitiateAuth", {**discreet, "AuthParameters": password})

        signed_in = [
            _sign_in(cognito, self.materials[f"{client} client"], "ada") for client in ("rotating", "rotating", "brief")
        ]
        rotated, revoked, expired = signed_in
        for tokens in signed_in:  # with a token that lasts: the last one's may end before it is used
            Device.from_metadata(tokens["NewDeviceMetadata"]).confirm(cognito, rotated["AccessToken"])
        rotating = self.materials["rotating client"]
        refresh = {"ClientId": rotating, "DeviceKey": rotated["NewDeviceMetadata"]["DeviceKey"]}
        new = cognito.get_tokens_from_refresh_token(**refresh, RefreshToken=rotated["RefreshToken"])
        new_token = new["AuthenticationResult"]["RefreshToken"]
        self.valid["rotate"] = ("GetTokensFromRefreshToken", {**refresh, "RefreshToken": new_token})
        cognito.revoke_token(ClientId=rotating, Token=revoked["RefreshToken"])
        time.sleep(1)
        self.materials |= {
            "rotated refresh token": rotated["RefreshToken"],
            "revoked sign-in's refresh token": revoked["RefreshToken"],
            "revoked sign-in's access token": revoked["AccessToken"],
            "expired refresh token": expired["RefreshToken"],
            "expired access token": expired["AccessToken"],
        }


def _make_pool(cognito: Any, configuration: dict[str, bool], **options: Any) -> tuple[str, str]:
    pool = cognito.create_user_pool(PoolName="fuzz", DeviceConfiguration=configuration, **options)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="app", AuthSessionValidity=SESSION_MINUTES)
    return pool, client["UserPoolClient"]["ClientId"]


def _add_user(cognito: Any, pool: str, name: str, permanent: bool = True) -> None:
    cognito.admin_create_user(UserPoolId=pool, Username=name, TemporaryPassword=TEMPORARY, MessageAction="SUPPRESS")
    if permanent:
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)


def _sign_in(cognito: Any, client: str, name: str) -> Parameters:
    parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
    result: Parameters = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]
    return result
