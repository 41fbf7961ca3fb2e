"""MFA_SETUP, and the set-up of an authenticator app: AssociateSoftwareToken and VerifySoftwareToken.

In a sign-in each step has a session of its own: MFA_SETUP's goes to AssociateSoftwareToken, the one of that to
VerifySoftwareToken, and the one of that to the answer. With an access token there is no session.

Where the pool sends codes by e-mail, the answer may give the user's address instead, in ``EMAIL``, and EMAIL_OTP
follows: aws-amplify answers so (handleMFASetupChallenge).
"""

from __future__ import annotations

import json
import re

from moto.cognitoidp.exceptions import AliasExistsException
from moto.cognitoidp.models import CognitoIdpUser
from moto.moto_api._internal import mock_random

from ....sign_in_rules import Factor, MfaMethod
from ...auth_sessions import AuthSession
from ...exceptions import (
    AddressFormatError,
    EnableSoftwareTokenMFAException,
    InvalidSessionError,
    SoftwareTokenMFANotFoundException,
    TotpNotSetUpError,
)
from ...pool_state import TotpToken, lock
from ...user_pools import CognitoIdpUserPool, explain_unknown_challenge
from .. import mfa, totp
from .base import Passed, Question, Request, Room

_ASKED, _ASSOCIATED, _VERIFIED = "MFA_SETUP", "AssociateSoftwareToken", "VerifySoftwareToken"


class MfaSetup(Room):
    """Answered once an authenticator app was set up in this very sign-in, or by the address for codes by e-mail."""

    kinds = (_ASKED, _ASSOCIATED, _VERIFIED)

    def ask(self, request: Request, user: CognitoIdpUser | None, sign_in: AuthSession) -> Question:  # noqa: ARG002
        methods = [method.value for method in mfa.can_set_up(request.user_pool)]
        return Question({"MFAS_CAN_SETUP": json.dumps(methods)})

    def read(self, request: Request) -> str | None:
        """
        :returns: the address, if one is given
        :raises AddressFormatError: if it is none
        """
        address = request.parameters.get("EMAIL")
        if address and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise AddressFormatError
        return address

    def check(self, request: Request, sign_in: AuthSession, answer: str | None) -> Passed:
        """
        :raises TotpNotSetUpError: if nothing was set up
        :raises AliasExistsException: if another user signs in by this address
        """
        user_pool = request.user_pool
        if user_pool.state.auth_sessions.find(request.session, _VERIFIED):
            return Passed(Factor.MFA)
        by_email = MfaMethod.EMAIL in mfa.can_set_up(user_pool)
        if not answer or not by_email:
            raise TotpNotSetUpError(
                "Call AssociateSoftwareToken and VerifySoftwareToken, and answer in the Session of the latter"
                f"{', or give an address in EMAIL' if by_email else ''}."
            )
        user = request.user_of(sign_in)
        if user is None:
            raise InvalidSessionError
        _check_without_method(user_pool, user)
        signs_in = "email" in (user_pool.extended_config.get("UsernameAttributes") or [])
        if signs_in and user_pool.find_user(answer) is not None:  # not this user, who has no address yet
            raise AliasExistsException
        address = {"email": answer, "email_verified": "false"}
        return Passed(
            attributes=address,
            effect=lambda: user.update_attributes([{"Name": name, "Value": value} for name, value in address.items()]),
        )


def associate(user_pool: CognitoIdpUserPool, session: str) -> dict[str, str]:
    """AssociateSoftwareToken in a sign-in.

    :raises NotAuthorizedError: if the session awaits none, or the user has set a method up since
    :raises SoftwareTokenMFANotFoundException: if the pool's users can't set one up
    """
    with lock:
        sign_in, _ = _find(user_pool, session, _ASKED, _ASSOCIATED)
        if MfaMethod.TOTP not in mfa.can_set_up(user_pool):
            raise SoftwareTokenMFANotFoundException
        sign_in.totp_secret = totp.new_secret()
        return {
            "SecretCode": totp.secret_code(sign_in.totp_secret),
            "Session": _next_session(user_pool, sign_in, _ASSOCIATED),
        }


def verify(user_pool: CognitoIdpUserPool, session: str, code: str, name: str | None) -> dict[str, str]:
    """VerifySoftwareToken in a sign-in.

    :raises NotAuthorizedError: if the session is none of AssociateSoftwareToken, or the user has set a method up since
    :raises EnableSoftwareTokenMFAException: if the code is wrong; the set-up stays open
    """
    with lock:
        sign_in, user = _find(user_pool, session, _ASSOCIATED)
        _enroll(user_pool, user, sign_in.totp_secret or b"", code, name)
        return {"Status": "SUCCESS", "Session": _next_session(user_pool, sign_in, _VERIFIED)}


def associate_signed_in(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> dict[str, str]:
    """AssociateSoftwareToken with an access token: TOTP is suspended until the new secret is verified."""
    with lock:
        secret = user_pool.state.totp_secrets[user.id] = totp.new_secret()
        user.token_verified = False
        return {"SecretCode": totp.secret_code(secret)}


def verify_signed_in(
    user_pool: CognitoIdpUserPool, user: CognitoIdpUser, code: str, name: str | None
) -> dict[str, str]:
    """VerifySoftwareToken with an access token.

    :raises EnableSoftwareTokenMFAException: if the code is wrong; the set-up stays open
    """
    with lock:
        _enroll(user_pool, user, totp.pending_secret(user_pool.state, user), code, name)
        user_pool.state.totp_secrets.pop(user.id, None)
        return {"Status": "SUCCESS"}


def _enroll(user_pool: CognitoIdpUserPool, user: CognitoIdpUser, secret: bytes, code: str, name: str | None) -> None:
    step = totp.step_of(secret, code)
    if step is None:
        raise EnableSoftwareTokenMFAException
    token = TotpToken(secret, name)
    totp.use(token, step)
    user_pool.state.totp_tokens[user.id] = token
    user.token_verified = True


def _find(user_pool: CognitoIdpUserPool, session: str, *kinds: str) -> tuple[AuthSession, CognitoIdpUser]:
    sign_ins = user_pool.state.auth_sessions
    sign_in = sign_ins.find(session, *kinds)
    user = user_pool.user_by_id(sign_in.user_id) if sign_in else None
    if sign_in is None:
        raise InvalidSessionError(explain_unknown_challenge(user_pool, session, *kinds))
    if user is None:
        raise InvalidSessionError
    sign_ins.check_open(sign_in, session)
    _check_without_method(user_pool, user)
    return sign_in, user


def _check_without_method(user_pool: CognitoIdpUserPool, user: CognitoIdpUser) -> None:
    """
    :raises InvalidSessionError: if the user has set a method up since the challenge was asked: whoever has the
        password, and an old challenge, could replace it
    """
    if mfa.methods(user_pool, user):
        raise InvalidSessionError("A method of MFA was set up in the meantime: sign in anew.")


def _next_session(user_pool: CognitoIdpUserPool, sign_in: AuthSession, kind: str) -> str:
    session = str(mock_random.uuid4())
    user_pool.state.auth_sessions.await_answer(sign_in, kind, session)
    return session
