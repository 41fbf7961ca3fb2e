"""My app skips MFA on a remembered device, and asks for a code again when the device is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cognito_devices.testing import ChallengeError, Device, add_device, sign_in

PASSWORD = "Correct-horse-7"


def test_a_remembered_device_skips_mfa(cognito: Any, client_id: str) -> None:
    # Without a device a code is asked for.
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(cognito, client_id, "ada", PASSWORD)

    first = sign_in(cognito, client_id, "ada", PASSWORD, mfa_code="123456")
    device = Device.from_metadata(first.get("NewDeviceMetadata"))
    device.confirm(cognito, first["AccessToken"], name="laptop")

    # With the device none is, or this would raise the same error.
    assert sign_in(cognito, client_id, "ada", PASSWORD, device=device)["AccessToken"]


def test_a_forgotten_device_asks_for_a_code_again(cognito: Any, user_pool_id: str, client_id: str) -> None:
    laptop = add_device(cognito, user_pool_id, "ada", name="laptop")
    tokens = sign_in(cognito, client_id, "ada", PASSWORD, device=laptop)
    cognito.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=laptop.device_key)

    # An app that still has the key is told so, drops the key, and is then as good as new.
    with pytest.raises(cognito.exceptions.ResourceNotFoundException, match="Device does not exist"):
        sign_in(cognito, client_id, "ada", PASSWORD, device=laptop)
    with pytest.raises(ChallengeError, match="SMS_MFA"):
        sign_in(cognito, client_id, "ada", PASSWORD)
