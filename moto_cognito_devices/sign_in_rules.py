"""The order of a sign-in, in a user pool with device tracking: what is due next.

The order is: first factor, new password, MFA, device, tokens. After each answer a sign-in is looked at anew, as a
:class:`SignInContext`, and three tables say the one step that follows:

* :data:`STATES`: what the state that a user is in makes of the sign-in, before and after the first factor;
* :data:`MFA`: which challenge asks for the second factor, by the methods that count;
* :data:`DEVICES`: what the device that *this* request names in ``DEVICE_KEY`` makes of what is due.

A fourth one, :data:`FIRST_FACTORS`, says what USER_AUTH lets the user choose from.

In CUSTOM_AUTH the pool's own functions stand before the tokens: where the tables come to tokens, or to a device's
proof, DefineAuthChallenge is asked first (:attr:`Action.DEFINE`), until it lets the user in. It is never asked about
devices. Without a password before it, it stands for all factors: no new password and no MFA is asked for then.

Two rules keep this file honest: it imports nothing but dataclasses, enum and types, and what is not in a table is an
error.

Sources: "Working with user devices in your user pool" and "Authentication" in the Amazon Cognito developer guide, the
service model's SetUserMFAPreference and RespondToAuthChallenge, and what clients were seen to get: only the key of
the request that ends a factor counts, not one that was sent earlier
(https://github.com/aws-amplify/amplify-swift/pull/4254, https://github.com/aws-amplify/amplify-js/issues/14622).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum


class Factor(Enum):
    """What can be passed in a sign-in."""

    FIRST = "the first factor"
    NEW_PASSWORD = "a new password"
    MFA = "an MFA code, or the set-up of MFA"
    CUSTOM = "the challenges of the pool's own functions"
    DEVICE = "the proof of the device that this request names"


class FirstFactor(Enum):
    """A first factor that USER_AUTH offers; the value is its challenge. In the order of AWS's lists."""

    PASSWORD_SRP = "PASSWORD_SRP"
    PASSWORD = "PASSWORD"
    EMAIL_OTP = "EMAIL_OTP"
    SMS_OTP = "SMS_OTP"


class UserState(Enum):
    """The state that a user is in."""

    CONFIRMED = "CONFIRMED"
    TEMPORARY_PASSWORD = "FORCE_CHANGE_PASSWORD"
    EXPIRED_PASSWORD = "FORCE_CHANGE_PASSWORD, and the temporary password has expired"
    RESET_REQUIRED = "RESET_REQUIRED"
    UNCONFIRMED = "UNCONFIRMED"
    DISABLED = "disabled"


class StatusRule(Enum):
    """What a user's state makes of a sign-in."""

    GO_ON = "goes on"
    NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"
    REFUSE = "is refused"


class MfaMethod(Enum):
    """A method of MFA; the value is its challenge."""

    SMS = "SMS_MFA"
    TOTP = "SOFTWARE_TOKEN_MFA"
    EMAIL = "EMAIL_OTP"


class MfaMethodCount(Enum):
    """How many methods of a user count."""

    NONE = "none"
    ONE = "one, preferred or not"
    PREFERRED = "several, one of them preferred or chosen"
    SEVERAL = "several, none of them preferred"


class Mfa(Enum):
    """What asks for the second factor."""

    NOTHING = "nothing"
    SET_UP = "MFA_SETUP"
    SELECT = "SELECT_MFA_TYPE"
    METHOD = "that method's challenge"


class DeviceState(Enum):
    """The device that a request names."""

    UNTRACKED = "any, where the pool tracks none"
    NONE = "no DEVICE_KEY (or an empty one)"
    UNKNOWN = "not this user's, never confirmed, or forgotten"
    CONFIRMED = "confirmed, not remembered"
    REMEMBERED_BEFORE_MFA = "remembered, and in no sign-in with MFA yet"
    REMEMBERED = "remembered"


class PendingChallenge(Enum):
    """What comes next without devices."""

    TOKENS = "tokens"
    WAIVABLE_MFA = "SMS or TOTP code, with ChallengeRequiredOnNewDevice"
    MFA = "any other MFA code"
    OTHER = "any other challenge"


class Action(Enum):
    """What the server does."""

    ASK = "ask for what is due"
    REFUSE_USER = "refuse: the user's state"
    REFUSE_DEVICE = "Device does not exist."
    NEW_DEVICE = "tokens and NewDeviceMetadata"
    BIND = "tokens, bound to the device"
    TOKENS = "tokens"
    PROVE = "DEVICE_SRP_AUTH"
    DEFINE = "ask DefineAuthChallenge"


#: A user's state → what is said before the first factor is looked at, after it was passed, and after the functions of
#: CUSTOM_AUTH have let in a user who gave no password.
STATES: dict[UserState, tuple[StatusRule, StatusRule, StatusRule]] = {
    UserState.CONFIRMED: (StatusRule.GO_ON, StatusRule.GO_ON, StatusRule.GO_ON),
    UserState.TEMPORARY_PASSWORD: (StatusRule.GO_ON, StatusRule.NEW_PASSWORD, StatusRule.GO_ON),
    UserState.EXPIRED_PASSWORD: (StatusRule.GO_ON, StatusRule.REFUSE, StatusRule.GO_ON),
    UserState.RESET_REQUIRED: (StatusRule.GO_ON, StatusRule.REFUSE, StatusRule.REFUSE),
    UserState.UNCONFIRMED: (StatusRule.REFUSE, StatusRule.REFUSE, StatusRule.REFUSE),
    UserState.DISABLED: (StatusRule.REFUSE, StatusRule.REFUSE, StatusRule.REFUSE),
}

#: A first factor of USER_AUTH → the member of the pool's AllowedFirstAuthFactors that allows it.
FIRST_FACTORS: dict[FirstFactor, str] = {
    FirstFactor.PASSWORD_SRP: "PASSWORD",
    FirstFactor.PASSWORD: "PASSWORD",
    FirstFactor.EMAIL_OTP: "EMAIL_OTP",
    FirstFactor.SMS_OTP: "SMS_OTP",
}

#: Those that need nothing but the password.
PASSWORDS = frozenset({FirstFactor.PASSWORD_SRP, FirstFactor.PASSWORD})

#: The methods that count, and whether the pool's MfaConfiguration is ON → what asks for the second factor.
MFA: dict[tuple[MfaMethodCount, bool], Mfa] = {
    (MfaMethodCount.NONE, False): Mfa.NOTHING,
    (MfaMethodCount.NONE, True): Mfa.SET_UP,
    (MfaMethodCount.ONE, False): Mfa.METHOD,
    (MfaMethodCount.ONE, True): Mfa.METHOD,
    (MfaMethodCount.PREFERRED, False): Mfa.METHOD,
    (MfaMethodCount.PREFERRED, True): Mfa.METHOD,
    (MfaMethodCount.SEVERAL, False): Mfa.SELECT,
    (MfaMethodCount.SEVERAL, True): Mfa.SELECT,
}

#: The device that the request names, and what is due → what follows. Where a proof is asked for and has been given in
#: this very sign-in, tokens follow, bound to the device.
DEVICES: dict[tuple[DeviceState, PendingChallenge], Action] = {
    (DeviceState.UNTRACKED, PendingChallenge.TOKENS): Action.TOKENS,
    (DeviceState.UNTRACKED, PendingChallenge.WAIVABLE_MFA): Action.ASK,
    (DeviceState.UNTRACKED, PendingChallenge.MFA): Action.ASK,
    (DeviceState.UNTRACKED, PendingChallenge.OTHER): Action.ASK,
    (DeviceState.NONE, PendingChallenge.TOKENS): Action.NEW_DEVICE,
    (DeviceState.NONE, PendingChallenge.WAIVABLE_MFA): Action.ASK,
    (DeviceState.NONE, PendingChallenge.MFA): Action.ASK,
    (DeviceState.NONE, PendingChallenge.OTHER): Action.ASK,
    (DeviceState.UNKNOWN, PendingChallenge.TOKENS): Action.REFUSE_DEVICE,
    (DeviceState.UNKNOWN, PendingChallenge.WAIVABLE_MFA): Action.REFUSE_DEVICE,
    (DeviceState.UNKNOWN, PendingChallenge.MFA): Action.REFUSE_DEVICE,
    (DeviceState.UNKNOWN, PendingChallenge.OTHER): Action.ASK,
    (DeviceState.CONFIRMED, PendingChallenge.TOKENS): Action.BIND,
    (DeviceState.CONFIRMED, PendingChallenge.WAIVABLE_MFA): Action.ASK,
    (DeviceState.CONFIRMED, PendingChallenge.MFA): Action.ASK,
    (DeviceState.CONFIRMED, PendingChallenge.OTHER): Action.ASK,
    (DeviceState.REMEMBERED_BEFORE_MFA, PendingChallenge.TOKENS): Action.PROVE,
    (DeviceState.REMEMBERED_BEFORE_MFA, PendingChallenge.WAIVABLE_MFA): Action.ASK,
    (DeviceState.REMEMBERED_BEFORE_MFA, PendingChallenge.MFA): Action.ASK,
    (DeviceState.REMEMBERED_BEFORE_MFA, PendingChallenge.OTHER): Action.ASK,
    (DeviceState.REMEMBERED, PendingChallenge.TOKENS): Action.PROVE,
    (DeviceState.REMEMBERED, PendingChallenge.WAIVABLE_MFA): Action.PROVE,
    (DeviceState.REMEMBERED, PendingChallenge.MFA): Action.ASK,
    (DeviceState.REMEMBERED, PendingChallenge.OTHER): Action.ASK,
}

#: The challenges that ask for a code which a device can stand in for. E-mail codes are not named by AWS's guide.
WAIVABLE = frozenset({MfaMethod.SMS.value, MfaMethod.TOTP.value, Mfa.SELECT.value})


@dataclass(frozen=True)
class SignInContext:
    """All that the next step depends on.

    :param passed: what this sign-in has passed; the device only if the request names the one that was proven
    :param mfa_required: whether the pool's MfaConfiguration is ON
    :param methods: those that count, see :func:`active_mfa_methods`
    :param preferred: the user's preferred one, or the one chosen in this sign-in
    :param challenge_required_on_new_device: the pool's ChallengeRequiredOnNewDevice
    :param custom: whether the flow is CUSTOM_AUTH
    """

    state: UserState
    passed: frozenset[Factor]
    device: DeviceState
    mfa_required: bool = False
    methods: frozenset[MfaMethod] = field(default_factory=frozenset)
    preferred: MfaMethod | None = None
    challenge_required_on_new_device: bool = False
    custom: bool = False


@dataclass(frozen=True)
class Decision:
    """The next step, and the challenge where something is asked for."""

    step: Action
    challenge: str | None = None


def rejected_before_first_factor(state: UserState) -> bool:
    """Whether a user in this state is refused before the first factor is looked at."""
    return STATES[state][0] is not StatusRule.GO_ON


def first_factors(allowed: Collection[str] | None, reachable: Collection[FirstFactor]) -> list[FirstFactor]:
    """What a user of USER_AUTH may choose from.

    :param allowed: the pool's AllowedFirstAuthFactors; None if it has none: the password
    :param reachable: the one-time passwords that the user can be sent, and may sign in with
    """
    usable = PASSWORDS.union(reachable)
    return [
        factor for factor, member in FIRST_FACTORS.items() if member in (allowed or ["PASSWORD"]) and factor in usable
    ]


def active_mfa_methods(
    mfa_required: bool,
    offered: frozenset[MfaMethod] | None,
    enabled: frozenset[MfaMethod],
    at_hand: frozenset[MfaMethod],
) -> frozenset[MfaMethod]:
    """The methods of MFA that a user may be asked for.

    :param mfa_required: whether the pool's MfaConfiguration is ON
    :param offered: those that the pool has on; None if nobody has said (SetUserPoolMfaConfig was never called)
    :param enabled: those that (Admin)SetUserMFAPreference has enabled for the user
    :param at_hand: those that count by themselves where MFA is required: a verified TOTP token, a phone number where
        the pool sends SMS codes, an e-mail address where it sends codes by e-mail
    """
    counting = enabled | at_hand if mfa_required else enabled
    return counting if offered is None else counting & offered


def decide(situation: SignInContext) -> Decision:
    """The step that follows the factors which were passed.

    :raises ValueError: if the first factor has not been passed, and the flow is not CUSTOM_AUTH
    """
    by_password = Factor.FIRST in situation.passed
    if not by_password and not situation.custom:
        raise ValueError("The first factor comes first.")
    define = situation.custom and Factor.CUSTOM not in situation.passed
    before, after, after_custom = STATES[situation.state]
    verdict = after if by_password else before if define else after_custom
    if verdict is StatusRule.REFUSE:
        return Decision(Action.REFUSE_USER)
    if define and not by_password:
        return Decision(Action.DEFINE)
    challenge = _challenge(situation, verdict) if by_password else None
    step = DEVICES[situation.device, _due(challenge, situation.challenge_required_on_new_device)]
    if define and step not in (Action.ASK, Action.REFUSE_DEVICE):
        step = Action.DEFINE
    if step is Action.PROVE and Factor.DEVICE in situation.passed:
        step = Action.BIND
    return Decision(step, challenge if step is Action.ASK else None)


def _challenge(situation: SignInContext, verdict: StatusRule) -> str | None:
    """What would be asked for without devices; None: tokens."""
    if verdict is StatusRule.NEW_PASSWORD and Factor.NEW_PASSWORD not in situation.passed:
        return str(verdict.value)
    if Factor.MFA in situation.passed:
        return None
    methods = situation.methods
    chosen = next(iter(methods)) if len(methods) == 1 else situation.preferred
    if len(methods) <= 1:
        counting = MfaMethodCount.ONE if methods else MfaMethodCount.NONE
    else:
        counting = MfaMethodCount.PREFERRED if chosen in methods else MfaMethodCount.SEVERAL
    asks = MFA[counting, situation.mfa_required]
    if asks is Mfa.NOTHING:
        return None
    return str(chosen.value if asks is Mfa.METHOD and chosen else asks.value)


def _due(challenge: str | None, challenge_required_on_new_device: bool) -> PendingChallenge:
    if challenge is None:
        return PendingChallenge.TOKENS
    if challenge in WAIVABLE and challenge_required_on_new_device:
        return PendingChallenge.WAIVABLE_MFA
    if challenge in WAIVABLE or challenge == MfaMethod.EMAIL.value:
        return PendingChallenge.MFA
    return PendingChallenge.OTHER
