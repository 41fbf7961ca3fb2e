"""Checks of CreateUserPool and UpdateUserPool that moto lacks."""

from __future__ import annotations

from typing import Any

from . import validation
from .exceptions import ConflictingTriggersError
from .request import LEAVE_TO_MOTO, Call


def check_new(call: Call) -> Any:
    """Check CreateUserPool. Then moto answers.

    :raises SerializationException, ValidationError, ConflictingTriggersError: see :func:`_check`
    """
    return _check(call, {"PoolName": "x"}, tracks_devices=False)


def check_update(call: Call) -> Any:
    """Check UpdateUserPool. Then moto answers.

    :raises SerializationException, ValidationError, ConflictingTriggersError: see :func:`_check`
    """
    return _check(call, {"UserPoolId": "x_x"}, call.user_pool.tracks_devices)


def _check(call: Call, required: dict[str, Any], tracks_devices: bool) -> Any:
    """Check the members that concern devices and, in a pool that tracks them, how a sign-in begins.

    :raises SerializationException, ValidationError: if such a member is malformed
    :raises ConflictingTriggersError: if PreTokenGeneration and PreTokenGenerationConfig name different functions
    """
    names = ["DeviceConfiguration"]
    if tracks_devices or call.members.get("DeviceConfiguration"):
        names += ["Policies", "LambdaConfig"]
    typed = validation.typed(call.operation, {name: call.members.get(name) for name in names})
    sign_in_policy = typed.get("Policies", {}).get("SignInPolicy", {})
    triggers = typed.get("LambdaConfig", {})
    checked = {"Policies": {"SignInPolicy": sign_in_policy}, "LambdaConfig": triggers}
    validation.validate(call.operation, {**required, **checked})
    versioned = triggers.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    if versioned and triggers.get("PreTokenGeneration", versioned) != versioned:
        raise ConflictingTriggersError
    return LEAVE_TO_MOTO
