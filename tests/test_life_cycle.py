"""What ends a device: its user's deletion, its pool's, a reset; and what doesn't."""

from __future__ import annotations

from typing import Any

import pytest

from moto_cognito_devices.testing import sign_in

from .support import DEVICE_UNKNOWN, PASSWORD, UserPool, refused


@pytest.mark.observed("amplify-js #8895, #10083: a deleted user's device does not exist")
def test_a_user_who_is_created_again_has_no_devices(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    pending = pool.tokens()["NewDeviceMetadata"]["DeviceKey"]
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    pool.add_user("ada")
    assert pool.admin_devices() == {}
    with refused(*DEVICE_UNKNOWN):
        pool.initiate(device_key=device.device_key)
    with refused("InvalidParameterException", "Invalid device key given."):
        pool.cognito.confirm_device(AccessToken=pool.tokens()["AccessToken"], DeviceKey=pending)


@pytest.mark.inferred("a pool's devices end with the pool")
def test_a_deleted_pools_devices_are_gone(pool: UserPool) -> None:
    device, _ = pool.confirmed_device()
    pool.cognito.delete_user_pool(UserPoolId=pool.id)
    with refused("ResourceNotFoundException", f"User pool {pool.id} does not exist."):
        pool.cognito.admin_get_device(UserPoolId=pool.id, Username="ada", DeviceKey=device.device_key)


@pytest.mark.inferred("the documentation speaks of tokens only")
def test_devices_outlive_sign_outs_and_new_passwords(pool: UserPool) -> None:
    device, tokens = pool.confirmed_device()
    pool.cognito.change_password(
        AccessToken=tokens["AccessToken"], PreviousPassword=PASSWORD, ProposedPassword="Another-horse-8"
    )
    pool.cognito.global_sign_out(AccessToken=tokens["AccessToken"])
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username="ada")
    pool.cognito.admin_enable_user(UserPoolId=pool.id, Username="ada")

    assert pool.admin_devices()[device.device_key]["dev:device_remembered_status"] == "remembered"
    assert "NewDeviceMetadata" not in sign_in(
        pool.cognito, pool.client_id, "ada", "Another-horse-8", device=device, user_pool_id=pool.id
    )


@pytest.mark.observed("some 50 devices of one user were seen (amplify-swift #4254); no quota is documented")
def test_a_user_may_have_many_devices(pool: UserPool) -> None:
    tokens = pool.tokens()
    for _ in range(65):
        new = pool.tokens()["NewDeviceMetadata"]["DeviceKey"]
        pool.cognito.confirm_device(AccessToken=tokens["AccessToken"], DeviceKey=new)
    assert len(pool.admin_devices()) == 60


def test_nothing_is_kept_of_a_deleted_user(moto_pool: UserPool) -> None:
    from moto.cognitoidp.models import cognitoidp_backends

    moto_pool.confirmed_device()
    moto_pool.enable_totp()
    user_pool: Any = cognitoidp_backends["123456789012"][moto_pool.target.region].user_pools[moto_pool.id]
    state, sub = user_pool.state, user_pool.users["ada"].id
    kept = (state.devices, state.totp_tokens, state.temporary_passwords)
    assert all(sub in by_sub for by_sub in kept)
    moto_pool.cognito.admin_delete_user(UserPoolId=moto_pool.id, Username="ada")
    assert not any(sub in by_sub for by_sub in kept)
    assert user_pool.refresh_tokens == {}


@pytest.mark.inferred("a deleted user's refresh tokens end, and nobody else's")
def test_another_user_is_not_signed_out_by_a_deletion(pool: UserPool) -> None:
    pool.add_user("bob")
    device, tokens = pool.confirmed_device("bob")
    revoked = pool.tokens()["RefreshToken"]
    pool.cognito.revoke_token(ClientId=pool.client_id, Token=revoked)
    pool.cognito.admin_delete_user(UserPoolId=pool.id, Username="ada")
    refreshed = pool.cognito.get_tokens_from_refresh_token(
        ClientId=pool.client_id, RefreshToken=tokens["RefreshToken"], DeviceKey=device.device_key
    )
    assert pool.user_devices(refreshed["AuthenticationResult"]["AccessToken"]) == [device.device_key]
