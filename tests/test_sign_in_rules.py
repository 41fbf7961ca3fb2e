"""The table of rules, on its own: complete, and with the properties that AWS documents."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moto_cognito_devices.sign_in import RULES, Device, Due, Step, due_next, next_step

devices = st.sampled_from(Device)
dues = st.sampled_from(Due)

KNOWN = (Device.CONFIRMED, Device.REMEMBERED)


def test_every_pair_is_in_the_table() -> None:
    assert set(RULES) == set(product(Device, Due))


@given(devices, dues)
def test_tokens_come_at_once_only_if_nothing_else_is_due(device: Device, due: Due) -> None:
    if next_step(device, due) in (Step.NEW_DEVICE, Step.BIND):
        assert due is Due.TOKENS


@given(devices, dues)
def test_exactly_a_remembered_device_is_asked_for_a_proof(device: Device, due: Due) -> None:
    provable = device is Device.REMEMBERED and due in (Due.TOKENS, Due.WAIVABLE_MFA)
    assert (next_step(device, due) is Step.PROVE) is provable


@given(devices, dues)
def test_a_new_device_is_issued_exactly_where_tokens_are_due_and_no_key_was_given(device: Device, due: Due) -> None:
    assert (next_step(device, due) is Step.NEW_DEVICE) is (device is Device.NONE and due is Due.TOKENS)


@given(devices, dues)
def test_exactly_an_unknown_key_is_refused_wherever_the_key_counts(device: Device, due: Due) -> None:
    assert (next_step(device, due) is Step.REFUSE) is (device is Device.UNKNOWN and due is not Due.OTHER)


@given(dues)
def test_a_device_that_is_not_remembered_never_waives_mfa(due: Due) -> None:
    assert (next_step(Device.CONFIRMED, due) is Step.PASS_ON) is (due is not Due.TOKENS)


@given(devices)
def test_other_challenges_do_not_look_at_the_key(device: Device) -> None:
    assert next_step(device, Due.OTHER) is Step.PASS_ON


@pytest.mark.parametrize(
    ("challenge", "required", "due"),
    [
        (None, True, Due.TOKENS),
        (None, False, Due.TOKENS),
        ("SMS_MFA", True, Due.WAIVABLE_MFA),
        ("SMS_MFA", False, Due.MFA),
        ("SOFTWARE_TOKEN_MFA", True, Due.WAIVABLE_MFA),
        ("SOFTWARE_TOKEN_MFA", False, Due.MFA),
        ("SELECT_MFA_TYPE", True, Due.WAIVABLE_MFA),
        ("SELECT_MFA_TYPE", False, Due.MFA),
        ("EMAIL_OTP", True, Due.MFA),
        ("EMAIL_OTP", False, Due.MFA),
        ("NEW_PASSWORD_REQUIRED", True, Due.OTHER),
        ("MFA_SETUP", True, Due.OTHER),
        ("PASSWORD_VERIFIER", True, Due.OTHER),
    ],
)
def test_a_device_stands_in_for_sms_and_totp_codes_only(challenge: str | None, required: bool, due: Due) -> None:
    assert due_next(challenge, required) is due


def rules_as_table() -> str:
    """The table of the README, drawn from the rules themselves."""
    head = ["the device that the request names", *(due.value for due in Due)]
    rows = [[device.value, *(RULES[device, due].value for due in Due)] for device in Device]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    line = "  ".join("=" * width for width in widths)
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    ]
    return "\n".join([line, texts[0], line, *texts[1:], line])


def test_the_readme_shows_the_rules() -> None:
    readme = (Path(__file__).parent.parent / "README.rst").read_text()
    shown = readme.split(".. begin rules\n\n")[1].split("\n\n.. end rules")[0]
    assert shown == rules_as_table()
