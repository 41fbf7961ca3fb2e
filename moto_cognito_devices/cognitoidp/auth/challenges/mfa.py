"""SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE and MFA_SETUP. Codes that are sent are in ``one_time_code``."""

from __future__ import annotations

import json
import re

from moto.cognitoidp.exceptions import AliasExistsException, InvalidParameterException
from moto.cognitoidp.models import CognitoIdpUser

from ....sign_in_rules import EMAIL, MFA_METHODS, TOTP, Factor
from ...auth_sessions import AuthSession
from ...exceptions import AddressFormatError, InvalidSessionError, TotpCodeMismatchError, TotpNotSetUpError
from ...request import Call
from .. import mfa, software_token
from .base import ChallengeHandler, ChallengeResult, IssuedChallenge, answering_user


class SoftwareTokenMfa(ChallengeHandler):
    """SOFTWARE_TOKEN_MFA: the code of an authenticator app."""

    names = (TOTP.challenge,)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        token = call.user_pool.state.totp_tokens.get(user.id) if user else None
        return IssuedChallenge({"FRIENDLY_DEVICE_NAME": token.name} if token and token.name else {})

    def parse(self, call: Call) -> str:
        return call.required("SOFTWARE_TOKEN_MFA_CODE")

    def verify(self, call: Call, auth_session: AuthSession, answer: str) -> ChallengeResult:
        """
        :raises TotpCodeMismatchError: if the code is wrong; the challenge stays open
        """
        user = answering_user(call, auth_session)
        if user is None:
            raise InvalidSessionError
        token = software_token.token_of(call.user_pool.state, user)
        step = software_token.matching_step(token.secret, answer)
        if step is None:
            raise TotpCodeMismatchError
        return ChallengeResult(Factor.MFA, on_commit=lambda: software_token.use_code(token, step))


class SelectMfaType(ChallengeHandler):
    """SELECT_MFA_TYPE: the user chooses a method, whose challenge follows."""

    names = ("SELECT_MFA_TYPE",)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        return IssuedChallenge({"MFAS_CAN_CHOOSE": json.dumps(_choices(call, user))})

    def parse(self, call: Call) -> str:
        return call.required("ANSWER")

    def verify(self, call: Call, auth_session: AuthSession, answer: str) -> ChallengeResult:
        """
        :raises InvalidParameterException: if the method is not one of those to choose from
        """
        choices = _choices(call, answering_user(call, auth_session))
        if answer not in choices:
            raise InvalidParameterException(f"ANSWER is none of the methods to choose from: {', '.join(choices)}.")
        return ChallengeResult(chosen_mfa=MFA_METHODS[answer])


class MfaSetup(ChallengeHandler):
    """MFA_SETUP: answered once an authenticator app was set up in this sign-in.

    If the pool sends codes by e-mail, the answer may give the user's address in EMAIL instead, and EMAIL_OTP follows:
    aws-amplify answers like this (handleMFASetupChallenge).
    """

    names = (software_token.MFA_SETUP, software_token.ASSOCIATED, software_token.VERIFIED)

    def issue(self, call: Call, user: CognitoIdpUser | None, auth_session: AuthSession) -> IssuedChallenge:  # noqa: ARG002
        methods = [method.challenge for method in mfa.can_set_up(call.user_pool)]
        return IssuedChallenge({"MFAS_CAN_SETUP": json.dumps(methods)})

    def parse(self, call: Call) -> str | None:
        """
        :returns: the address, if one is given
        :raises AddressFormatError: if it is malformed
        """
        address = call.parameters.get("EMAIL")
        if address and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise AddressFormatError
        return address

    def verify(self, call: Call, auth_session: AuthSession, answer: str | None) -> ChallengeResult:
        """
        :raises TotpNotSetUpError: if nothing was set up
        :raises AliasExistsException: if another user signs in with this address
        """
        user_pool = call.user_pool
        if user_pool.state.auth_sessions.find(call.session, software_token.VERIFIED):
            return ChallengeResult(Factor.MFA)
        by_email = EMAIL in mfa.can_set_up(user_pool)
        if not answer or not by_email:
            raise TotpNotSetUpError(
                "Call AssociateSoftwareToken and VerifySoftwareToken, and answer in the Session of the latter"
                f"{', or give an address in EMAIL' if by_email else ''}."
            )
        user = answering_user(call, auth_session)
        if user is None:
            raise InvalidSessionError
        software_token.check_without_method(user_pool, user)
        signs_in_by_email = "email" in (user_pool.extended_config.get("UsernameAttributes") or [])
        if signs_in_by_email and user_pool.find_user(answer) is not None:  # not this user, who has no address yet
            raise AliasExistsException
        address = {"email": answer, "email_verified": "false"}
        return ChallengeResult(
            attributes=address,
            on_commit=lambda: user.update_attributes([{"Name": n, "Value": v} for n, v in address.items()]),
        )


def _choices(call: Call, user: CognitoIdpUser | None) -> list[str]:
    active = mfa.active_methods(call.user_pool, user) if user else frozenset()
    return [method.challenge for method in MFA_METHODS.values() if method in active]
