"""The tables of a sign-in, on their own: complete, and with the properties that AWS documents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest

from docs.extensions.rules import TABLES
from moto_cognito_devices.sign_in_rules import (
    DEVICES,
    EMAIL,
    MFA,
    MFA_METHODS,
    SMS,
    STATES,
    TOTP,
    Action,
    Decision,
    DeviceState,
    Factor,
    MfaMethodCount,
    PendingChallenge,
    SignInContext,
    StatusRule,
    UserState,
    active_mfa_methods,
    decide,
    rejected_before_first_factor,
)

TOKENS = {Action.TOKENS, Action.NEW_DEVICE, Action.BIND}
FIRST = frozenset({Factor.FIRST})
CUSTOM = frozenset({Factor.CUSTOM})
REMEMBERED = (DeviceState.REMEMBERED, DeviceState.REMEMBERED_BEFORE_MFA)


METHODS = tuple(MFA_METHODS.values())


def subsets(members: Collection[Any]) -> list[frozenset]:  # type: ignore[type-arg]
    listed = list(members)
    return [frozenset(c) for c in chain.from_iterable(combinations(listed, n) for n in range(len(listed) + 1))]


#: Every situation that there can be: 36,864.
SITUATIONS = [
    SignInContext(*parts)
    for parts in product(
        UserState,
        [FIRST | further for further in subsets(frozenset(Factor) - FIRST - CUSTOM)],
        DeviceState,
        (False, True),
        subsets(METHODS),
        (None, *METHODS),
        (False, True),
    )
]


#: The same of CUSTOM_AUTH, without the methods and preferences that no rule of its own looks at.
CUSTOM_SITUATIONS = [
    SignInContext(state, passed, device, required, methods, None, waives, True)
    for state, passed, device, required, methods, waives in product(
        UserState,
        subsets(frozenset(Factor)),
        DeviceState,
        (False, True),
        [
            frozenset(),
            frozenset({SMS}),
            frozenset({EMAIL}),
            frozenset({SMS, TOTP}),
        ],
        (False, True),
    )
]


def test_the_tables_are_complete() -> None:
    assert set(STATES) == set(UserState)
    assert set(MFA) == set(product(MfaMethodCount, (False, True)))
    assert set(DEVICES) == set(product(DeviceState, PendingChallenge))


def test_every_situation_has_a_next_step() -> None:
    for situation in SITUATIONS:
        following = decide(situation)
        assert (following.challenge is not None) is (following.action is Action.ASK), situation


def test_nothing_comes_before_the_first_factor() -> None:
    for situation in SITUATIONS[::97]:
        with pytest.raises(ValueError, match="first factor"):
            decide(replace(situation, passed=situation.passed - FIRST))


def test_no_tokens_without_each_factor_that_is_due() -> None:
    for situation in SITUATIONS:
        following = decide(situation)
        if following.action not in TOKENS:
            continue
        assert situation.state in (UserState.CONFIRMED, UserState.TEMPORARY_PASSWORD)
        if situation.state is UserState.TEMPORARY_PASSWORD:
            assert Factor.NEW_PASSWORD in situation.passed
        if (situation.methods or situation.mfa_required) and Factor.MFA not in situation.passed:
            # A device has stood in for the code.
            assert situation.device is DeviceState.REMEMBERED
            assert Factor.DEVICE in situation.passed
            assert situation.challenge_required_on_new_device
            assert situation.methods
            assert following.action is Action.BIND
        if situation.device in REMEMBERED:
            assert Factor.DEVICE in situation.passed


def test_custom_auth_gives_no_tokens_and_asks_for_no_device_before_the_functions_have_let_in() -> None:
    for situation in CUSTOM_SITUATIONS:
        step = decide(situation).action
        if Factor.CUSTOM not in situation.passed:
            assert step not in {*TOKENS, Action.PROVE}
        else:
            assert step is not Action.DEFINE


def test_custom_auth_with_the_password_asks_for_all_that_a_password_does() -> None:
    for situation in CUSTOM_SITUATIONS:
        if Factor.FIRST not in situation.passed:
            continue
        following, without = decide(situation), decide(replace(situation, custom=False))
        if Factor.CUSTOM in situation.passed or without.action in (
            Action.ASK,
            Action.REFUSE_USER,
            Action.REFUSE_DEVICE,
        ):
            assert following == without
        else:
            assert following == Decision(Action.DEFINE)


def test_custom_auth_without_the_password_asks_for_nothing_else_and_a_remembered_device_proves_itself() -> None:
    for situation in CUSTOM_SITUATIONS:
        if Factor.FIRST in situation.passed:
            continue
        following = decide(situation)
        assert following.challenge is None
        refused_before = situation.state in (UserState.UNCONFIRMED, UserState.DISABLED)
        if Factor.CUSTOM not in situation.passed:
            assert following.action is (Action.REFUSE_USER if refused_before else Action.DEFINE)
        elif refused_before or situation.state is UserState.RESET_REQUIRED:
            assert following.action is Action.REFUSE_USER
        else:
            assert (following.action is Action.PROVE) is (
                situation.device in REMEMBERED and Factor.DEVICE not in situation.passed
            )
            assert (following.action is Action.REFUSE_DEVICE) is (situation.device is DeviceState.UNKNOWN)


def test_a_device_waives_exactly_sms_and_totp() -> None:
    for situation in SITUATIONS:
        asked = decide(replace(situation, device=DeviceState.NONE)).challenge
        if asked is None:
            continue
        waivable = (
            asked in {"SMS_MFA", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE"} and situation.challenge_required_on_new_device
        )
        waives = waivable and situation.device is DeviceState.REMEMBERED
        step = Action.BIND if Factor.DEVICE in situation.passed else Action.PROVE
        assert (decide(situation).action is step) is waives


def test_exactly_a_remembered_device_is_asked_for_a_proof_and_once() -> None:
    for situation in SITUATIONS:
        if decide(situation).action is Action.PROVE:
            assert situation.device in REMEMBERED
            assert Factor.DEVICE not in situation.passed
        elif situation.device in REMEMBERED and Factor.DEVICE not in situation.passed:
            assert decide(situation).action not in TOKENS


def test_a_device_is_new_exactly_where_tokens_come_and_no_key_was_given() -> None:
    for situation in SITUATIONS:
        step = decide(situation).action
        assert (step is Action.NEW_DEVICE) is (step in TOKENS and situation.device is DeviceState.NONE)
        assert (step is Action.TOKENS) is (step in TOKENS and situation.device is DeviceState.UNTRACKED)


def test_an_unknown_key_is_refused_exactly_where_the_key_counts() -> None:
    for situation in SITUATIONS:
        without = decide(replace(situation, device=DeviceState.NONE))
        if situation.device is DeviceState.UNKNOWN:
            counts = without.action is Action.NEW_DEVICE or without.challenge in {
                "SELECT_MFA_TYPE",
                *(m.challenge for m in METHODS),
            }
            assert decide(situation) == (Decision(Action.REFUSE_DEVICE) if counts else without)
        else:
            assert decide(situation).action is not Action.REFUSE_DEVICE


def test_without_a_remembered_device_the_challenge_does_not_depend_on_devices() -> None:
    for situation in SITUATIONS:
        if situation.device in (DeviceState.UNTRACKED, DeviceState.CONFIRMED):
            without = decide(replace(situation, device=DeviceState.NONE))
            assert decide(situation).challenge == without.challenge


def test_a_new_password_comes_before_mfa_and_mfa_before_the_device() -> None:
    for situation in SITUATIONS:
        following = decide(situation)
        due = situation.state is UserState.TEMPORARY_PASSWORD and Factor.NEW_PASSWORD not in situation.passed
        assert (following.challenge == "NEW_PASSWORD_REQUIRED") is due
        if following.challenge and not due:
            assert Factor.MFA not in situation.passed


def test_a_state_that_refuses_gives_nothing_away() -> None:
    for situation in SITUATIONS:
        refuses = STATES[situation.state][1] is StatusRule.REFUSE
        assert (decide(situation) == Decision(Action.REFUSE_USER)) is refuses
    assert {state for state in UserState if rejected_before_first_factor(state)} == {
        UserState.UNCONFIRMED,
        UserState.DISABLED,
    }


def test_one_method_is_asked_for_and_of_several_the_preferred_one() -> None:
    for situation in SITUATIONS:
        if situation.device is not DeviceState.NONE or Factor.MFA in situation.passed:
            continue
        if situation.state is not UserState.CONFIRMED:
            continue
        challenge = decide(situation).challenge
        if len(situation.methods) == 1:
            assert challenge == next(iter(situation.methods)).challenge
        elif situation.preferred in situation.methods:
            assert situation.preferred
            assert challenge == situation.preferred.challenge
        elif situation.methods:
            assert challenge == "SELECT_MFA_TYPE"
        else:
            assert challenge == ("MFA_SETUP" if situation.mfa_required else None)


def test_the_methods_that_count() -> None:
    for required, offered, enabled, at_hand in product(
        (False, True), (None, *subsets(METHODS)), subsets(METHODS), subsets(METHODS)
    ):
        counting = active_mfa_methods(required, offered, enabled, at_hand)
        assert counting <= enabled | at_hand
        assert required or counting <= enabled
        assert offered is None or counting <= offered
        wanted = enabled | at_hand if required else enabled
        assert all(method in counting for method in wanted if offered is None or method in offered)


def simple_table(head: list[str], rows: list[list[str]]) -> str:
    """In reStructuredText."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    line = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    ]
    return "\n".join([line, texts[0], line, *texts[1:], line])


@pytest.mark.parametrize("name", ["states", "mfa", "devices"])
def test_the_readme_shows_the_rules(name: str) -> None:
    readme = (Path(__file__).parent.parent / "README.rst").read_text()
    shown = readme.split(f".. begin {name}\n\n")[1].split(f"\n\n.. end {name}")[0]
    assert shown == simple_table(*TABLES[name]())
