"""A room for each factor of a sign-in: how it is asked for, and how its answer is checked."""

from __future__ import annotations

from .device_srp import DeviceProof, DeviceSrp
from .mfa import SelectMfaType, TotpCode
from .mfa_setup import MfaSetup
from .new_password import NewPassword
from .one_time_code import EMAIL, SMS, OneTimeCode
from .room import Passed, Question, Request, Room
from .user_srp import UserSrp

__all__ = ["ROOMS", "Passed", "Question", "Request", "Room"]

#: By the challenge's name.
ROOMS: dict[str, Room] = {
    "PASSWORD_VERIFIER": UserSrp(),
    "NEW_PASSWORD_REQUIRED": NewPassword(),
    "MFA_SETUP": MfaSetup(),
    "SELECT_MFA_TYPE": SelectMfaType(),
    "SMS_MFA": OneTimeCode("SMS_MFA", SMS),
    "SOFTWARE_TOKEN_MFA": TotpCode(),
    "EMAIL_OTP": OneTimeCode("EMAIL_OTP", EMAIL),
    "DEVICE_SRP_AUTH": DeviceSrp(),
    "DEVICE_PASSWORD_VERIFIER": DeviceProof(),
}
