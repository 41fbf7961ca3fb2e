"""The order of a sign-in in a user pool with device tracking: which challenge, or what else, comes next.

The order is: first factor, new password, MFA, device, tokens. Each correct answer is evaluated as a
:class:`SignInContext`, and three tables give the one :class:`Action` that follows:

* :data:`STATES`: whether a user in this state may sign in, before and after the first factor;
* :data:`MFA`: which challenge asks for the second factor, depending on the user's active methods;
* :data:`DEVICES`: how the device that *this* request names in ``DEVICE_KEY`` changes what is required.

:data:`FIRST_FACTORS` lists what USER_AUTH lets the user choose from, :data:`MFA_METHODS` the methods of MFA.

In CUSTOM_AUTH the pool's triggers decide before tokens are issued: if the tables come to tokens, or to a device's
proof, DefineAuthChallenge is asked first (:attr:`Action.DEFINE`), until it issues tokens. It is never asked about
devices. Without a password before it, CUSTOM_AUTH replaces all factors: neither a new password nor MFA is required
then.

Two rules keep this file honest: it imports nothing but dataclasses, enum and types, and what is not in a table is an
error.

Sources: "Working with user devices in your user pool" and "Authentication" in the Amazon Cognito developer guide, the
service model's SetUserMFAPreference and RespondToAuthChallenge, and clients' reports: only the DEVICE_KEY of the
request that completes a factor counts, not one that was sent earlier
(https://github.com/aws-amplify/amplify-swift/pull/4254, https://github.com/aws-amplify/amplify-js/issues/14622).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum


class Factor(Enum):
    """What a sign-in can pass."""

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
    """A user's state."""

    CONFIRMED = "CONFIRMED"
    TEMPORARY_PASSWORD = "FORCE_CHANGE_PASSWORD"
    EXPIRED_PASSWORD = "FORCE_CHANGE_PASSWORD, and the temporary password has expired"
    RESET_REQUIRED = "RESET_REQUIRED"
    UNCONFIRMED = "UNCONFIRMED"
    DISABLED = "disabled"


class StatusRule(Enum):
    """What a user's state means for a sign-in."""

    GO_ON = "goes on"
    NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"
    REFUSE = "is refused"


@dataclass(frozen=True, eq=False)
class MfaMethod:
    """A method of MFA.

    :param challenge: its ChallengeName
    :param settings: its member of (Admin)SetUserMFAPreference
    :param config: its member of SetUserPoolMfaConfig
    :param attribute: the user attribute that codes are sent to; None if none are sent
    :param medium: "SMS" or "EMAIL"; None if no codes are sent
    :param waivable: whether a remembered device can stand in for the code. AWS's guide does not name e-mail codes
    """

    challenge: str
    settings: str
    config: str
    attribute: str | None = None
    medium: str | None = None
    waivable: bool = False


SMS = MfaMethod("SMS_MFA", "SMSMfaSettings", "SmsMfaConfiguration", "phone_number", "SMS", waivable=True)
TOTP = MfaMethod("SOFTWARE_TOKEN_MFA", "SoftwareTokenMfaSettings", "SoftwareTokenMfaConfiguration", waivable=True)
EMAIL = MfaMethod("EMAIL_OTP", "EmailMfaSettings", "EmailMfaConfiguration", "email", "EMAIL")

#: The methods of MFA by challenge, in the order of AWS's lists. A new method is one row here, and its handler in
#: ``cognitoidp.auth.challenges.CHALLENGES``.
MFA_METHODS = {method.challenge: method for method in (SMS, TOTP, EMAIL)}


class MfaMethodCount(Enum):
    """How many MFA methods are active for a user."""

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


#: A user's state → what applies before the first factor is checked, after it was passed, and after the triggers of
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

#: Those that only need the password.
PASSWORDS = frozenset({FirstFactor.PASSWORD_SRP, FirstFactor.PASSWORD})

#: The number of active methods, and whether the pool's MfaConfiguration is ON → what asks for the second factor.
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

#: The device that the request names, and what is due → what follows. If a proof is due and was given in this sign-in,
#: tokens follow, bound to the device.
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

_MFA_CODES = frozenset({*MFA_METHODS, Mfa.SELECT.value})
#: The challenges that a device can stand in for.
WAIVABLE = frozenset({*(method.challenge for method in MFA_METHODS.values() if method.waivable), Mfa.SELECT.value})
#: All challenges that :func:`decide` can name.
DECIDABLE = frozenset({*_MFA_CODES, Mfa.SET_UP.value, StatusRule.NEW_PASSWORD.value})


@dataclass(frozen=True)
class SignInContext:
    """All that the next step depends on.

    :param passed: the factors that this sign-in has passed; the device only if the request names the proven one
    :param mfa_required: whether the pool's MfaConfiguration is ON
    :param methods: the active ones, see :func:`active_mfa_methods`
    :param preferred: the user's preferred method, or the one chosen in this sign-in
    :param challenge_required_on_new_device: of the pool's DeviceConfiguration
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
    """The next action, and the challenge if it is :attr:`Action.ASK`."""

    action: Action
    challenge: str | None = None


def rejected_before_first_factor(state: UserState) -> bool:
    """Whether a user in this state is rejected before the first factor is checked."""
    return STATES[state][0] is not StatusRule.GO_ON


def first_factors(allowed: Collection[str] | None, reachable: Collection[FirstFactor]) -> list[FirstFactor]:
    """Return what a user of USER_AUTH may choose from.

    :param allowed: the pool's AllowedFirstAuthFactors; None if it has none: the password
    :param reachable: the one-time passwords that can be sent to the user
    """
    usable = PASSWORDS.union(reachable)
    return [
        factor for factor, member in FIRST_FACTORS.items() if member in (allowed or ["PASSWORD"]) and factor in usable
    ]


def active_mfa_methods(
    mfa_required: bool,
    pool_enabled: frozenset[MfaMethod] | None,
    user_enabled: frozenset[MfaMethod],
    available: frozenset[MfaMethod],
) -> frozenset[MfaMethod]:
    """Return the methods that a user may be asked for.

    :param mfa_required: whether the pool's MfaConfiguration is ON
    :param pool_enabled: those that the pool has enabled; None if SetUserPoolMfaConfig has named none
    :param user_enabled: those that (Admin)SetUserMFAPreference has enabled for the user
    :param available: those that are active without it if MFA is required: a verified TOTP token, a phone number if the
        pool sends SMS codes, an e-mail address if it sends codes by e-mail
    """
    active = user_enabled | available if mfa_required else user_enabled
    return active if pool_enabled is None else active & pool_enabled


def decide(context: SignInContext) -> Decision:
    """Decide what follows the factors that were passed.

    :raises ValueError: if the first factor was not passed, and the flow is not CUSTOM_AUTH
    """
    by_password = Factor.FIRST in context.passed
    if not by_password and not context.custom:
        raise ValueError("The first factor comes first.")
    define = context.custom and Factor.CUSTOM not in context.passed
    before, after, after_custom = STATES[context.state]
    rule = after if by_password else before if define else after_custom
    if rule is StatusRule.REFUSE:
        return Decision(Action.REFUSE_USER)
    if define and not by_password:
        return Decision(Action.DEFINE)
    challenge = _challenge(context, rule) if by_password else None
    action = DEVICES[context.device, _pending(challenge, context.challenge_required_on_new_device)]
    if define and action not in (Action.ASK, Action.REFUSE_DEVICE):
        action = Action.DEFINE
    if action is Action.PROVE and Factor.DEVICE in context.passed:
        action = Action.BIND
    return Decision(action, challenge if action is Action.ASK else None)


def _challenge(context: SignInContext, rule: StatusRule) -> str | None:
    """Return the challenge that is due without devices; None if tokens are."""
    if rule is StatusRule.NEW_PASSWORD and Factor.NEW_PASSWORD not in context.passed:
        return str(rule.value)
    if Factor.MFA in context.passed:
        return None
    methods = context.methods
    chosen = next(iter(methods)) if len(methods) == 1 else context.preferred
    if len(methods) <= 1:
        count = MfaMethodCount.ONE if methods else MfaMethodCount.NONE
    else:
        count = MfaMethodCount.PREFERRED if chosen in methods else MfaMethodCount.SEVERAL
    mfa = MFA[count, context.mfa_required]
    if mfa is Mfa.NOTHING:
        return None
    return chosen.challenge if mfa is Mfa.METHOD and chosen else str(mfa.value)


def _pending(challenge: str | None, challenge_required_on_new_device: bool) -> PendingChallenge:
    if challenge is None:
        return PendingChallenge.TOKENS
    if challenge in WAIVABLE and challenge_required_on_new_device:
        return PendingChallenge.WAIVABLE_MFA
    return PendingChallenge.MFA if challenge in _MFA_CODES else PendingChallenge.OTHER
