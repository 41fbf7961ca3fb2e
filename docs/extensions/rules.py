"""The tables of ``sign_in_rules.py``, and the steps that may follow each other, made from the rules themselves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations, product
from typing import NamedTuple

from moto_cognito_devices.sign_in_rules import (
    DEVICES,
    FIRST_FACTORS,
    MFA,
    MFA_METHODS,
    STATES,
    Action,
    DeviceState,
    Factor,
    Mfa,
    MfaMethod,
    MfaMethodCount,
    PendingChallenge,
    SignInContext,
    StatusRule,
    UserState,
    decide,
)


class Table(NamedTuple):
    head: list[str]
    rows: list[list[str]]


def states() -> Table:
    rows = [[state.value, *(verdict.value for verdict in STATES[state])] for state in UserState]
    return Table(["the user's state", "before the first factor", "after it", "after CUSTOM_AUTH alone"], rows)


def first_factors() -> Table:
    rows = [[factor.value, member] for factor, member in FIRST_FACTORS.items()]
    return Table(["what USER_AUTH offers", "if AllowedFirstAuthFactors has"], rows)


def mfa() -> Table:
    rows = [
        [counting.value, *(MFA[counting, required].value for required in (False, True))] for counting in MfaMethodCount
    ]
    return Table(["the user's methods that count", "MFA OPTIONAL or OFF", "MFA ON"], rows)


def devices() -> Table:
    rows = [[device.value, *(DEVICES[device, due].value for due in PendingChallenge)] for device in DeviceState]
    return Table(["the device that the request names", *(due.value for due in PendingChallenge)], rows)


TABLES: dict[str, Callable[[], Table]] = {
    "states": states,
    "first factors": first_factors,
    "mfa": mfa,
    "devices": devices,
}

FIRST = "first factor"
CODES = " / ".join(method.challenge for method in MFA_METHODS.values())
PROOF = "DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER"

#: What can be asked for, and the ends, from top to bottom.
ORDER = [
    FIRST,
    StatusRule.NEW_PASSWORD.value,
    Mfa.SELECT.value,
    CODES,
    Mfa.SET_UP.value,
    PROOF,
    Action.BIND.value,
    Action.NEW_DEVICE.value,
]
ENDS = {Action.BIND.value, Action.NEW_DEVICE.value}
_REFUSALS = (Action.REFUSE_USER, Action.REFUSE_DEVICE)


def followers() -> set[tuple[str, str]]:
    """What may follow what in a pool with tracking, found by going through every sign-in that the rules allow.

    A request may name another device than the one before, or none. Refusals are not among them: they end no sign-in.
    CUSTOM_AUTH is not among them: it stands between all of these and the proof of a device.
    """
    found = set()
    methods = chain.from_iterable(combinations(MFA_METHODS.values(), count) for count in range(len(MFA_METHODS) + 1))
    tracked = [device for device in DeviceState if device is not DeviceState.UNTRACKED]
    for state, required, counting, waives in product(UserState, (False, True), map(frozenset, methods), (False, True)):
        seen = set()
        ahead: list[tuple[str, frozenset[Factor], MfaMethod | None, DeviceState | None]]
        ahead = [(FIRST, frozenset({Factor.FIRST}), None, None)]
        while ahead:
            before = ahead.pop()
            if before in seen:
                continue
            seen.add(before)
            name, passed, chosen, proven = before
            for device in [proven] if proven else tracked:
                following = decide(SignInContext(state, passed, device, required, counting, chosen, waives))
                if following.action in _REFUSALS:
                    continue
                then = _name(following.action, following.challenge)
                found.add((name, then))
                if then == Mfa.SELECT.value:
                    ahead += [(then, passed, method, None) for method in counting]
                elif then == PROOF:
                    ahead.append((then, passed | {Factor.DEVICE}, chosen, device))
                elif then not in ENDS:
                    ahead.append((then, passed | {_PASSES[then]}, chosen, None))
    return found


_PASSES = {
    StatusRule.NEW_PASSWORD.value: Factor.NEW_PASSWORD,
    CODES: Factor.MFA,
    Mfa.SET_UP.value: Factor.MFA,
}


def _name(step: Action, challenge: str | None) -> str:
    if step is Action.PROVE:
        return PROOF
    if challenge in {method.challenge for method in MFA_METHODS.values()}:
        return CODES
    return challenge or step.value
