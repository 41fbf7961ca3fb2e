"""A room for each factor of a sign-in: how it is asked for, and how its answer is checked."""

from __future__ import annotations

from .base import FirstFactorRoom, Passed, Question, Request, Room
from .custom import CustomChallenge
from .device import DeviceProof, DeviceSrp
from .mfa import SelectMfaType, TotpCode
from .mfa_setup import MfaSetup
from .new_password import NewPassword
from .one_time_code import EMAIL, SMS, OneTimeCode
from .password import Password
from .select_challenge import SelectChallenge
from .sign_up import SignUp
from .user_srp import PasswordSrp, UserSrp

__all__ = ["FIRST_FACTOR_ROOMS", "ROOMS", "Passed", "Question", "Request", "Room"]

#: The first factors, by the challenge's name in USER_AUTH. The other flows have one of them each.
FIRST_FACTOR_ROOMS: dict[str, FirstFactorRoom] = {
    "PASSWORD_SRP": PasswordSrp(),
    "PASSWORD": Password(),
    "EMAIL_OTP": OneTimeCode("EMAIL_OTP", EMAIL),
    "SMS_OTP": OneTimeCode("SMS_OTP", SMS),
}

#: By the challenge's name, EMAIL_OTP as second factor too; a sign-up's by that of its operation.
ROOMS: dict[str, Room] = {
    **FIRST_FACTOR_ROOMS,
    "SELECT_CHALLENGE": SelectChallenge(FIRST_FACTOR_ROOMS),
    "ConfirmSignUp": SignUp(),
    "PASSWORD_VERIFIER": UserSrp(),
    "NEW_PASSWORD_REQUIRED": NewPassword(),
    "CUSTOM_CHALLENGE": CustomChallenge(),
    "MFA_SETUP": MfaSetup(),
    "SELECT_MFA_TYPE": SelectMfaType(),
    "SMS_MFA": OneTimeCode("SMS_MFA", SMS),
    "SOFTWARE_TOKEN_MFA": TotpCode(),
    "DEVICE_SRP_AUTH": DeviceSrp(),
    "DEVICE_PASSWORD_VERIFIER": DeviceProof(),
}
