"""What follows a passed factor of a sign-in, in a user pool with device tracking.

After each factor that a user passed (password, new password, MFA code) two things are known: the state of the device
that *this* request named in ``DEVICE_KEY``, and what is due next without devices. Every pair of the two stands in
:data:`RULES`, with the one step that follows. Nothing else decides.

Two rules keep this file honest: it imports nothing but enum, and a pair that is not in the table is an error.

Source: "Working with user devices in your user pool" of the Amazon Cognito developer guide, and what its clients were
seen to get: only the key of the request that ends a factor counts, not one that was sent earlier
(https://github.com/aws-amplify/amplify-swift/pull/4254, https://github.com/aws-amplify/amplify-js/issues/14622).
"""

from __future__ import annotations

from enum import Enum


class Device(Enum):
    """The device that a request names."""

    NONE = "no DEVICE_KEY (or an empty one)"
    UNKNOWN = "not this user's, never confirmed, or forgotten"
    CONFIRMED = "confirmed, not remembered"
    REMEMBERED = "remembered"


class Due(Enum):
    """What comes next without devices."""

    TOKENS = "tokens"
    WAIVABLE_MFA = "SMS or TOTP code, with ChallengeRequiredOnNewDevice"
    MFA = "any other MFA code"
    OTHER = "any other challenge"


class Step(Enum):
    """What the server does."""

    PASS_ON = "ask for what is due"
    REFUSE = "Device does not exist."
    NEW_DEVICE = "tokens and NewDeviceMetadata"
    BIND = "tokens, bound to the device"
    PROVE = "DEVICE_SRP_AUTH"


RULES: dict[tuple[Device, Due], Step] = {
    (Device.NONE, Due.TOKENS): Step.NEW_DEVICE,
    (Device.NONE, Due.WAIVABLE_MFA): Step.PASS_ON,
    (Device.NONE, Due.MFA): Step.PASS_ON,
    (Device.NONE, Due.OTHER): Step.PASS_ON,
    (Device.UNKNOWN, Due.TOKENS): Step.REFUSE,
    (Device.UNKNOWN, Due.WAIVABLE_MFA): Step.REFUSE,
    (Device.UNKNOWN, Due.MFA): Step.REFUSE,
    (Device.UNKNOWN, Due.OTHER): Step.PASS_ON,
    (Device.CONFIRMED, Due.TOKENS): Step.BIND,
    (Device.CONFIRMED, Due.WAIVABLE_MFA): Step.PASS_ON,
    (Device.CONFIRMED, Due.MFA): Step.PASS_ON,
    (Device.CONFIRMED, Due.OTHER): Step.PASS_ON,
    (Device.REMEMBERED, Due.TOKENS): Step.PROVE,
    (Device.REMEMBERED, Due.WAIVABLE_MFA): Step.PROVE,
    (Device.REMEMBERED, Due.MFA): Step.PASS_ON,
    (Device.REMEMBERED, Due.OTHER): Step.PASS_ON,
}

#: The challenges that ask for a code which a device can stand in for. E-mail codes are not named by AWS's guide.
_WAIVABLE = frozenset({"SMS_MFA", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE"})
_MFA = _WAIVABLE | {"EMAIL_OTP"}


def due_next(challenge_name: str | None, challenge_required_on_new_device: bool) -> Due:
    """What is due, from the challenge that would be sent now (None: tokens) and the pool's configuration."""
    if challenge_name is None:
        return Due.TOKENS
    if challenge_name in _WAIVABLE and challenge_required_on_new_device:
        return Due.WAIVABLE_MFA
    if challenge_name in _MFA:
        return Due.MFA
    return Due.OTHER


def next_step(device: Device, due: Due) -> Step:
    """The step that follows a passed factor."""
    return RULES[device, due]
