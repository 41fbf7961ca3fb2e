"""Checks of CreateUserPool and UpdateUserPool that moto lacks."""

from __future__ import annotations

from typing import Any

from . import validation
from .exceptions import ConflictingTriggersError
from .request import LEAVE_TO_MOTO, Call


def check(call: Call) -> Any:
    """Check the members that concern devices and, in a pool that tracks them, how a sign-in begins. Then moto answers.

    :raises SerializationException, ValidationError: if such a member is malformed
    :raises ConflictingTriggersError: if PreTokenGeneration and PreTokenGenerationConfig name different functions
    """
    names = ["DeviceConfiguration"]
    tracks_already = call.user_pool is not None and call.user_pool.tracks_devices
    if tracks_already or call.members.get("DeviceConfiguration"):
        names += ["Policies", "LambdaConfig"]
    typed = validation.typed(call.operation, {name: call.members.get(name) for name in names})
    required = {"PoolName": "x"} if call.operation == "CreateUserPool" else {"UserPoolId": "x_x"}
    triggers = typed.get("LambdaConfig", {})
    sign_in_policy = typed.get("Policies", {}).get("SignInPolicy", {})
    checked = {**required, "Policies": {"SignInPolicy": sign_in_policy}, "LambdaConfig": triggers}
    validation.validate(call.operation, checked)
    versioned = triggers.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    if versioned and triggers.get("PreTokenGeneration", versioned) != versioned:
        raise ConflictingTriggersError
    return LEAVE_TO_MOTO
