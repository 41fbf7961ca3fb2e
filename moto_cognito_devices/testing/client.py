"""The client's side of device tracking: sign in, confirm a device, sign in with that device.

For tests without a client library. Works on a boto3 client, mocked or not. Secrets are random, from :mod:`secrets`, and
stay with the caller.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from .. import credentials, srp

_NO_METADATA = """\
The sign-in gave no NewDeviceMetadata, so there is no device to confirm. Possible causes:
- The user pool does not track devices: it has no DeviceConfiguration, or an empty one. Give create_user_pool one, such
  as DeviceConfiguration={"ChallengeRequiredOnNewDevice": True}.
- The request named a known device by DEVICE_KEY: sign in without it to get a new one.
- The plugin is not active: check moto_cognito_devices.is_active(). "-p no:moto_cognito_devices" and
  MOTO_COGNITO_DEVICES=false switch it off, and if it does not support this moto there is a warning, under pytest at the
  end.
- The server is a plain moto_server: start "moto-cognito-devices server" instead."""

_MFA_CODE = "give sign_in() an mfa_code. If a device should waive it, the log moto_cognito_devices says why it did not"
_REMEDIES = {
    "CUSTOM_CHALLENGE": "give sign_in() a challenge_answer that is right, or a function that has one for each round",
    "EMAIL_OTP": _MFA_CODE,
    "MFA_SETUP": "the pool requires MFA, and the user has none: AdminSetUserMFAPreference enables SMS for a test",
    "NEW_PASSWORD_REQUIRED": "give sign_in() a new_password, or give the user a Permanent one by AdminSetUserPassword",
    "PASSWORD_VERIFIER": "give sign_in() the user_pool_id",
    "SELECT_CHALLENGE": "the pool's SignInPolicy does not allow this first factor",
    "SELECT_MFA_TYPE": "prefer one of the user's methods by AdminSetUserMFAPreference",
    "SMS_MFA": _MFA_CODE,
    "SOFTWARE_TOKEN_MFA": _MFA_CODE,
}


class ChallengeError(Exception):
    """:func:`sign_in` was given nothing to answer a challenge with.

    :param response: the service's response; ``challenge_name`` is its ``ChallengeName``
    """

    def __init__(self, response: Mapping[str, Any]):
        self.response = response
        self.challenge_name: str = response["ChallengeName"]
        remedy = _REMEDIES.get(self.challenge_name, "sign_in() was not given what answers it")
        super().__init__(
            f"The sign-in stopped at {self.challenge_name}: {remedy}. To answer it yourself use this error's response."
        )


@dataclass(frozen=True)
class SrpClient:
    """The client's side of one SRP exchange: first ``SRP_A``, then the answer to the challenge.

    :param a: the client's private exponent; random by default
    """

    a: int = field(default_factory=lambda: secrets.randbits(srp.PRIVATE_BITS), repr=False)

    @cached_property
    def srp_a(self) -> str:
        """``SRP_A``, hexadecimal."""
        return f"{srp.client_public_key(self.a):x}"

    def answer(
        self,
        challenge_parameters: Mapping[str, str],
        realm: str,
        name: str,
        password: str,
        at: datetime | None = None,
    ) -> dict[str, str]:
        """Return the members of ``ChallengeResponses`` that prove the password.

        :param challenge_parameters: of PASSWORD_VERIFIER or DEVICE_PASSWORD_VERIFIER
        :param realm: the device group key, or the part of the user pool's id after the underscore
        :param name: the device key, or the challenge's ``USER_ID_FOR_SRP``
        :param at: for ``TIMESTAMP``, in UTC; now by default
        :raises ValueError: if the server's ``SRP_B`` is a multiple of N
        """
        x = srp.private_key(int(challenge_parameters["SALT"], 16), realm, name, password)
        A, B = int(self.srp_a, 16), int(challenge_parameters["SRP_B"], 16)  # noqa: N806 (RFC 5054 tells A from a)
        session_key = srp.client_session_key(self.a, A, B, x)
        secret_block = challenge_parameters["SECRET_BLOCK"]
        timestamp = srp.timestamp(at or datetime.now(timezone.utc))
        signature = srp.signature(session_key, realm, name, base64.b64decode(secret_block), timestamp)
        return {
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": secret_block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
        }


@dataclass(frozen=True)
class Device:
    """A device and its secret, as an app stores them.

    :param password: any text; :meth:`from_metadata` makes a random one
    :param salt: a positive number
    """

    device_key: str
    device_group_key: str
    password: str = field(repr=False)
    salt: int = field(repr=False)

    @classmethod
    def from_metadata(cls, new_device_metadata: Mapping[str, str] | None) -> Device:
        """Make a secret for a new device.

        Each call makes another secret, and the device is authenticated by the one that was sent to ConfirmDevice: use
        the same object for all sign-ins.

        :param new_device_metadata: ``result.get("NewDeviceMetadata")`` of a sign-in's ``AuthenticationResult``
        :raises ValueError: if it is missing, with the possible causes; or if it is something else
        """
        if not new_device_metadata:
            raise ValueError(_NO_METADATA)
        if "DeviceKey" not in new_device_metadata:
            raise ValueError(f'This has {", ".join(new_device_metadata)}: give result.get("NewDeviceMetadata") of it.')
        return cls(
            new_device_metadata["DeviceKey"],
            new_device_metadata["DeviceGroupKey"],
            password=base64.b64encode(secrets.token_bytes(40)).decode(),
            salt=secrets.randbits(128) or 1,
        )

    @property
    def secret_verifier_config(self) -> dict[str, str]:
        """``DeviceSecretVerifierConfig`` for ConfirmDevice."""
        x = srp.private_key(self.salt, self.device_group_key, self.device_key, self.password)
        numbers = {"Salt": self.salt, "PasswordVerifier": srp.verifier(x)}
        return {name: base64.b64encode(srp.pad(number)).decode() for name, number in numbers.items()}

    def confirm(self, cognito: Any, access_token: str, name: str | None = None) -> bool:
        """Call ConfirmDevice.

        :param cognito: a boto3 client for ``cognito-idp``
        :returns: whether the user has to be asked before the device is remembered
        """
        optional = {} if name is None else {"DeviceName": name}
        response = cognito.confirm_device(
            AccessToken=access_token,
            DeviceKey=self.device_key,
            DeviceSecretVerifierConfig=self.secret_verifier_config,
            **optional,
        )
        necessary: bool = response.get("UserConfirmationNecessary", False)
        return necessary


def totp(secret_code: str, at: datetime | float | None = None) -> str:
    """The code of an authenticator app (RFC 6238).

    :param secret_code: ``SecretCode`` of AssociateSoftwareToken, base32
    :param at: a moment, or seconds since 1970; now by default
    :returns: six digits, for the half minute of that moment
    :raises ValueError: if the secret is no base32
    """
    key = base64.b32decode(secret_code + "=" * (-len(secret_code) % 8), casefold=True)
    seconds = at.timestamp() if isinstance(at, datetime) else time.time() if at is None else at
    return credentials.totp(key, int(seconds // credentials.TOTP_STEP))


def sign_in(
    cognito: Any,
    client_id: str,
    username: str,
    password: str,
    *,
    device: Device | None = None,
    user_pool_id: str | None = None,
    client_secret: str | None = None,
    mfa_code: str | Callable[[], str] | None = None,
    new_password: str | None = None,
    auth_flow: str | None = None,
    challenge_answer: str | Callable[[], str] | None = None,
) -> dict[str, Any]:
    """Sign in, and answer the challenges.

    :param cognito: a boto3 client for ``cognito-idp``
    :param device: a confirmed device; each request has its key, and its challenges are answered
    :param user_pool_id: if given, the password is proven by SRP (USER_SRP_AUTH), otherwise it is sent
        (USER_PASSWORD_AUTH)
    :param mfa_code: the code for SMS_MFA, SOFTWARE_TOKEN_MFA or EMAIL_OTP, or a function that returns it
    :param auth_flow: "USER_AUTH" for choice-based sign-in, with PASSWORD or PASSWORD_SRP as the preferred challenge;
        "CUSTOM_AUTH" for custom challenges, preceded by the password's SRP challenges if user_pool_id is given; None
        for the flows above
    :param challenge_answer: ANSWER to the first CUSTOM_CHALLENGE, or a function that returns it, called for each one
    :returns: ``AuthenticationResult``, with ``NewDeviceMetadata`` if the device is new to the pool
    :raises ChallengeError: if a challenge cannot be answered with the arguments
    :raises ValueError: if auth_flow is another one
    :raises botocore.exceptions.ClientError: if the service rejects a request
    """

    def with_device_and_secret(parameters: dict[str, str]) -> dict[str, str]:
        if device:
            parameters = {**parameters, "DEVICE_KEY": device.device_key}
        if client_secret:
            parameters["SECRET_HASH"] = credentials.secret_hash(client_id, client_secret, parameters["USERNAME"])
        return parameters

    if auth_flow not in (None, "USER_AUTH", "CUSTOM_AUTH"):
        raise ValueError(
            f"auth_flow is {auth_flow!r}: give USER_AUTH or CUSTOM_AUTH. Without it the flow is USER_SRP_AUTH if "
            "user_pool_id is given, and USER_PASSWORD_AUTH if not."
        )
    srp_client = SrpClient()
    if user_pool_id:
        flow, factor = "USER_SRP_AUTH", {"SRP_A": srp_client.srp_a}
    else:
        flow, factor = "USER_PASSWORD_AUTH", {"PASSWORD": password}
    if auth_flow == "USER_AUTH":
        flow, factor = auth_flow, {"PREFERRED_CHALLENGE": "PASSWORD_SRP" if user_pool_id else "PASSWORD", **factor}
    elif auth_flow:
        flow, factor = auth_flow, {"CHALLENGE_NAME": "SRP_A", **factor} if user_pool_id else {}
    response = cognito.initiate_auth(
        ClientId=client_id, AuthFlow=flow, AuthParameters=with_device_and_secret({"USERNAME": username, **factor})
    )
    while "AuthenticationResult" not in response:
        name, parameters = response["ChallengeName"], response["ChallengeParameters"]
        # The challenge has the canonical username, also if the user typed an alias.
        username = parameters.get("USER_ID_FOR_SRP") or parameters.get("USERNAME") or username
        if name == "PASSWORD_VERIFIER" and user_pool_id:
            answer = srp_client.answer(parameters, user_pool_id.partition("_")[2], username, password)
        elif name == "NEW_PASSWORD_REQUIRED" and new_password:
            answer = {"NEW_PASSWORD": new_password}
        elif name in ("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP") and mfa_code:
            answer = {f"{name}_CODE": mfa_code() if callable(mfa_code) else mfa_code}
        elif name == "CUSTOM_CHALLENGE" and challenge_answer is not None:
            answer = {"ANSWER": challenge_answer() if callable(challenge_answer) else challenge_answer}
            if not callable(challenge_answer):
                challenge_answer = None  # it was wrong if there is another CUSTOM_CHALLENGE
        elif name == "DEVICE_SRP_AUTH" and device:
            srp_client = SrpClient()
            answer = {"SRP_A": srp_client.srp_a}
        elif name == "DEVICE_PASSWORD_VERIFIER" and device:
            answer = srp_client.answer(parameters, device.device_group_key, device.device_key, device.password)
        else:
            raise ChallengeError(response)
        session = {"Session": response["Session"]} if response.get("Session") else {}
        response = cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName=name,
            ChallengeResponses=with_device_and_secret({"USERNAME": username, **answer}),
            **session,
        )
    result: dict[str, Any] = response["AuthenticationResult"]
    return result
