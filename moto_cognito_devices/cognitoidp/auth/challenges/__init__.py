"""The challenges of a sign-in: one handler each."""

from __future__ import annotations

from .base import ChallengeHandler, ChallengeResult, FirstFactorHandler, answering_user, is_answer_for, session_user
from .custom import CustomChallenge
from .device import DevicePasswordVerifier, DeviceSrpAuth
from .first_factor import Password, PasswordSrp, PasswordVerifier, SelectChallenge, SignUpSession
from .mfa import MfaSetup, SelectMfaType, SoftwareTokenMfa
from .new_password import NewPasswordRequired
from .one_time_code import OneTimeCode

__all__ = [
    "CHALLENGES",
    "FIRST_FACTOR_CHALLENGES",
    "ChallengeHandler",
    "ChallengeResult",
    "FirstFactorHandler",
    "answering_user",
    "is_answer_for",
    "session_user",
]

#: The first factors, by their challenges in USER_AUTH. Each of the other flows has one of them.
FIRST_FACTOR_CHALLENGES: dict[str, FirstFactorHandler] = {
    "PASSWORD_SRP": PasswordSrp(),
    "PASSWORD": Password(),
    "EMAIL_OTP": OneTimeCode("EMAIL_OTP", "EMAIL"),
    "SMS_OTP": OneTimeCode("SMS_OTP", "SMS"),
}

#: All handlers by ChallengeName. EMAIL_OTP is a first and a second factor.
CHALLENGES: dict[str, ChallengeHandler] = {
    **FIRST_FACTOR_CHALLENGES,
    "SELECT_CHALLENGE": SelectChallenge(FIRST_FACTOR_CHALLENGES),
    "ConfirmSignUp": SignUpSession(),
    "PASSWORD_VERIFIER": PasswordVerifier(),
    "NEW_PASSWORD_REQUIRED": NewPasswordRequired(),
    "CUSTOM_CHALLENGE": CustomChallenge(),
    "MFA_SETUP": MfaSetup(),
    "SELECT_MFA_TYPE": SelectMfaType(),
    "SMS_MFA": OneTimeCode("SMS_MFA", "SMS"),
    "SOFTWARE_TOKEN_MFA": SoftwareTokenMfa(),
    "DEVICE_SRP_AUTH": DeviceSrpAuth(),
    "DEVICE_PASSWORD_VERIFIER": DevicePasswordVerifier(),
}
