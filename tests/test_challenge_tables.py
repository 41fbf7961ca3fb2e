"""The tables that must agree: rules and handlers, MFA methods and AWS's model, our operations and moto's dispatch."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from moto.cognitoidp import responses as moto_responses
from moto.core.utils import camelcase_to_underscores, get_service_model

from moto_cognito_devices import compatibility
from moto_cognito_devices.cognitoidp import responses
from moto_cognito_devices.cognitoidp.auth import challenges
from moto_cognito_devices.cognitoidp.auth.challenges import CHALLENGES, FIRST_FACTOR_CHALLENGES
from moto_cognito_devices.sign_in_rules import DECIDABLE, MFA_METHODS, FirstFactor

MODEL: Any = get_service_model("cognito-idp")
#: A Session of ConfirmSignUp is answered by InitiateAuth: no challenge has this name.
NO_CHALLENGES = {"ConfirmSignUp"}


def test_every_challenge_that_the_rules_name_has_a_handler() -> None:
    assert CHALLENGES.keys() >= DECIDABLE
    assert {factor.value for factor in FirstFactor} == FIRST_FACTOR_CHALLENGES.keys()
    assert {"SELECT_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "PASSWORD_VERIFIER"} <= CHALLENGES.keys()


def test_every_next_challenge_of_a_handler_has_a_handler() -> None:
    sources = "".join(path.read_text() for path in Path(challenges.__file__).parent.glob("*.py"))
    named = set(re.findall(r'next_challenge="(\w+)"', sources))
    assert named == {"PASSWORD_VERIFIER", "DEVICE_PASSWORD_VERIFIER"}
    assert named <= CHALLENGES.keys()


def test_every_handler_accepts_the_session_of_its_own_challenge() -> None:
    assert {name: handler.names[0] for name, handler in CHALLENGES.items()} == {name: name for name in CHALLENGES}


def test_every_challenge_is_one_of_the_service_model() -> None:
    assert CHALLENGES.keys() - NO_CHALLENGES <= set(MODEL.shape_for("ChallengeNameType").enum)


@pytest.mark.parametrize("method", MFA_METHODS.values(), ids=lambda method: method.challenge)
def test_an_mfa_method_has_aws_names(method: Any) -> None:
    assert method.challenge in MODEL.shape_for("ChallengeNameType").enum
    assert method.settings in MODEL.operation_model("SetUserMFAPreference").input_shape.members
    assert method.config in MODEL.operation_model("SetUserPoolMfaConfig").input_shape.members
    assert method.challenge in CHALLENGES


def test_the_operations_table_is_what_moto_dispatches_to() -> None:
    for name in responses.OPERATIONS:
        assert name in MODEL.operation_names
        method = vars(responses.CognitoIdpResponse)[camelcase_to_underscores(name)]
        assert inspect.isfunction(method)
        assert method.__name__ == camelcase_to_underscores(name)


def test_the_operations_that_are_always_ours_are_the_device_operations() -> None:
    always = {name for name, row in responses.OPERATIONS.items() if row.when is responses._always and row.validated}
    assert always == set(compatibility.device_operations())
    assert not any(hasattr(moto_responses.CognitoIdpResponse, camelcase_to_underscores(name)) for name in always)
