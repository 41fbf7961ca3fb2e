"""Many threads at once: nothing lost, nothing doubled, no error that AWS would not give; and no memory kept after it.

3 seconds; 10 minutes with ``TESTS_NIGHTLY=true``.
"""

from __future__ import annotations

import gc
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from freezegun import freeze_time
from moto import mock_aws
from moto.cognitoidp.models import cognitoidp_backends

from moto_cognito_devices.cognitoidp.auth_sessions import AuthSession
from moto_cognito_devices.cognitoidp.user_pools import CognitoIdpUserPool
from moto_cognito_devices.testing import Device, SrpClient, sign_in

from .conftest import MakePool
from .support import (
    ALWAYS,
    CODE,
    DEVICE_UNKNOWN,
    NIGHTLY,
    OPT_IN,
    PASSWORD,
    REGION,
    Target,
    UserPool,
    open_handles,
    refused,
    server_process,
)

THREADS = 32
SECONDS = 600 if NIGHTLY else 3
# Enough to fill that time, and an end in any case.
MOST_STEPS = 100 * SECONDS
OTHER_REGIONS = ("us-west-2", "ap-south-1")
# Few, as each costs the server time to compute with.
MOST_DEVICES = 8


@dataclass
class Worker:
    """One thread's user, shared with another thread, and the devices that this thread made, by what became of them."""

    pool: UserPool
    elsewhere: dict[str, Any]
    username: str
    dice: random.Random
    devices: dict[str, Device] = field(default_factory=dict)
    remembered: dict[str, bool] = field(default_factory=dict)
    forgotten: list[Device] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, Any] = field(default_factory=dict)

    def work(self, until: float) -> None:
        steps: list[Callable[[], None]] = [
            *([self.confirm] * 2),
            *([self.update] * 3),
            *([self.sign_in_with_device] * 3),
            self.forget,
            self.list,
            self.refresh,
            self.use_forgotten,
            self.use_another_region,
        ]
        self.confirm()
        for _ in range(MOST_STEPS):
            if time.monotonic() > until:
                return
            step = self.dice.choice(steps)
            step()
            self.done[step.__name__] += 1

    def confirm(self) -> None:
        if len(self.devices) >= MOST_DEVICES:
            return
        self.tokens = sign_in(self.pool.cognito, self.pool.client_id, self.username, PASSWORD)
        device = Device.from_metadata(self.tokens["NewDeviceMetadata"])
        ask = device.confirm(self.pool.cognito, self.tokens["AccessToken"], self.username)
        assert device.device_key not in self.devices
        self.devices[device.device_key] = device
        self.remembered[device.device_key] = not ask

    def update(self) -> None:
        if key := self._any_key():
            self.remembered[key] = self.dice.random() < 0.7
            self.pool.cognito.update_device_status(
                AccessToken=self.tokens["AccessToken"],
                DeviceKey=key,
                DeviceRememberedStatus="remembered" if self.remembered[key] else "not_remembered",
            )

    def forget(self) -> None:
        if key := self._any_key():
            self.pool.cognito.admin_forget_device(UserPoolId=self.pool.id, Username=self.username, DeviceKey=key)
            self.forgotten.append(self.devices.pop(key))
            del self.remembered[key]

    def sign_in_with_device(self) -> None:
        if key := self._any_key():
            result = self._sign_in(self.devices[key])
            assert "NewDeviceMetadata" not in result

    def refresh(self) -> None:
        if key := self._any_key():
            result = self._sign_in(self.devices[key])
            parameters = {"REFRESH_TOKEN": result["RefreshToken"], "DEVICE_KEY": key}
            self.pool.cognito.initiate_auth(
                ClientId=self.pool.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
            )

    def list(self) -> None:
        shown = set(self.pool.user_devices(self.tokens["AccessToken"]))
        assert {key for key, remembered in self.remembered.items() if remembered} <= shown
        assert not {key for key, remembered in self.remembered.items() if not remembered} & shown
        assert not {device.device_key for device in self.forgotten} & shown

    def use_forgotten(self) -> None:
        if self.forgotten:
            with refused(*DEVICE_UNKNOWN):
                self._sign_in(self.dice.choice(self.forgotten))

    def use_another_region(self) -> None:
        cognito = self.elsewhere[self.dice.choice(OTHER_REGIONS)]
        made = cognito.create_user_pool(PoolName="elsewhere", DeviceConfiguration=ALWAYS)["UserPool"]["Id"]
        client = cognito.create_user_pool_client(UserPoolId=made, ClientName="elsewhere")["UserPoolClient"]
        pool = UserPool(self.pool.target, cognito, made, client["ClientId"])
        pool.add_user()
        device, _ = pool.confirmed_device()
        assert list(pool.admin_devices()) == [device.device_key]
        cognito.delete_user_pool(UserPoolId=made)

    def _sign_in(self, device: Device) -> dict[str, Any]:
        """Half of them with SRP."""
        by_srp = {"user_pool_id": self.pool.id} if self.dice.random() < 0.5 else {}
        client = (self.pool.cognito, self.pool.client_id)
        return sign_in(*client, self.username, PASSWORD, device=device, **by_srp)

    def _any_key(self) -> str | None:
        return self.dice.choice(list(self.devices)) if self.devices else None


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_by_many_threads(log: Path) -> None:
    with server_process(log) as (url, process):
        target = Target("server", url)
        pools = [_make_pool(target, configuration) for configuration in (ALWAYS, OPT_IN)]
        elsewhere = {region: _client(target, region) for region in OTHER_REGIONS}
        workers = []
        for number in range(THREADS):
            pool, username = pools[number % 2], f"user{number // 4}"
            if number % 4 < 2:
                pool.add_user(username)
            workers.append(Worker(pool, elsewhere, username, random.Random(number)))
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(THREADS) as executor:
            for future in [executor.submit(worker.work, until) for worker in workers]:
                future.result()
        print(sum((worker.done for worker in workers), Counter()))

        for (pool_id, username), of_user in _by_user(workers).items():
            pool = next(pool for pool in pools if pool.id == pool_id)
            expected = {key: is_remembered for worker in of_user for key, is_remembered in worker.remembered.items()}
            assert len(expected) == sum(len(worker.devices) for worker in of_user)
            assert _all_devices(pool, username) == expected
        for cognito in elsewhere.values():
            assert cognito.list_user_pools(MaxResults=60)["UserPools"] == []
        if NIGHTLY:
            _check_memory(pools[0], process.pid)


def _client(target: Target, region: str) -> Any:
    """One for all threads, with a connection for each."""
    config = Config(retries={"max_attempts": 1}, max_pool_connections=THREADS)
    return boto3.client(
        "cognito-idp",
        region_name=region,
        endpoint_url=target.endpoint,
        config=config,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def _make_pool(target: Target, configuration: dict[str, bool]) -> UserPool:
    cognito = _client(target, REGION)
    made = cognito.create_user_pool(PoolName="load", DeviceConfiguration=configuration)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=made, ClientName="load")["UserPoolClient"]["ClientId"]
    return UserPool(target, cognito, made, client)


def _by_user(workers: list[Worker]) -> dict[tuple[str, str], list[Worker]]:
    users: dict[tuple[str, str], list[Worker]] = {}
    for worker in workers:
        users.setdefault((worker.pool.id, worker.username), []).append(worker)
    return users


def _all_devices(pool: UserPool, username: str) -> dict[str, bool]:
    """Page by page, each device once."""
    found: dict[str, bool] = {}
    request: dict[str, Any] = {"UserPoolId": pool.id, "Username": username, "Limit": 7}
    for _ in range(THREADS * MOST_DEVICES):
        page = pool.cognito.admin_list_devices(**request)
        for device in page["Devices"]:
            assert device["DeviceKey"] not in found
            status = {a["Name"]: a["Value"] for a in device["DeviceAttributes"]}["dev:device_remembered_status"]
            found[device["DeviceKey"]] = status == "remembered"
        if "PaginationToken" not in page:
            return found
        request["PaginationToken"] = page["PaginationToken"]
    raise AssertionError("there is no last page")


# Memory
@pytest.mark.slow
def test_what_was_begun_and_not_ended_is_forgotten_after_it_has_run_out(make_moto_pool: MakePool) -> None:
    with freeze_time("2026-01-02 03:04:05") as clock:
        pool = make_moto_pool()
        for name in ("ada", "bob"):
            pool.add_user(name)
        pool.enable_sms_mfa("bob")
        device, tokens = pool.confirmed_device()
        backend_pool = _backend_pool(pool)
        kept = _kept(backend_pool)
        for _ in range(20):
            _begin_each_sign_in(pool, device)
        assert len(open_handles(backend_pool)) == 20 * 4
        clock.tick(3 * 60 + 1)
        pool.initiate("bob")
        assert len(backend_pool.state.auth_sessions) > 20 * 4  # they are told from those that never were
        clock.tick(3 * 60 + 1)
        for _ in range(20):  # none pays for all
            pool.initiate("bob")
        assert len(open_handles(backend_pool)) == len(backend_pool.state.auth_sessions) == 1 + 20
        clock.tick(2 * 3 * 60 + 1)
        for _ in range(2):
            pool.initiate("bob")
        clock.tick(2 * 3 * 60 + 1)
        pool.initiate("bob")
        assert _kept(backend_pool) == [1, *kept[1:]]
        gc.collect()
        of_this_test = [
            found for found in gc.get_objects() if isinstance(found, AuthSession) and found.client_id == pool.client_id
        ]
        assert len(of_this_test) == 1
        assert pool.user_devices(tokens["AccessToken"]) == [device.device_key]


def test_threads_that_begin_and_end_sign_ins_leave_nothing_open() -> None:
    with mock_aws():
        pool = _make_pool(Target("in_process"), ALWAYS)
        pool.add_user()
        device, _ = pool.confirmed_device()
        barrier = threading.Barrier(4)

        def work(number: int) -> None:
            barrier.wait()
            for turn in range(5):
                by_srp = {"user_pool_id": pool.id} if (number + turn) % 2 else {}
                sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device, **by_srp)

        with ThreadPoolExecutor(4) as executor:
            for future in [executor.submit(work, number) for number in range(4)]:
                future.result()
        backend_pool = _backend_pool(pool)
        assert len(open_handles(backend_pool)) == len(backend_pool.backend.sessions) == 0
        assert len(backend_pool.access_tokens) == len(backend_pool.refresh_tokens) == 1 + 4 * 5


def _begin_each_sign_in(pool: UserPool, device: Device) -> None:
    """Four challenges that nobody answers."""
    pool.initiate("bob")
    pool.initiate("ada", device.device_key)
    parameters = pool.parameters("ada", SRP_A=SrpClient().srp_a)
    pool.cognito.initiate_auth(ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    pool.answer(pool.initiate("ada", device.device_key), DEVICE_KEY=device.device_key, SRP_A=SrpClient().srp_a)


def _backend_pool(pool: UserPool) -> CognitoIdpUserPool:
    found: CognitoIdpUserPool = cognitoidp_backends["123456789012"][REGION].user_pools[pool.id]  # type: ignore[assignment]
    return found


def _kept(pool: CognitoIdpUserPool) -> list[int]:
    stores = (pool.state.auth_sessions, pool.backend.sessions, pool.access_tokens, pool.id_tokens, pool.refresh_tokens)
    return [len(store) for store in stores]


def _check_memory(pool: UserPool, process_id: int) -> None:
    """Twice the same load of sign-ins that nobody ends: after the second, the server has grown no further."""
    if not Path("/proc/self/status").exists():
        return
    pool.add_user("bob")
    pool.enable_sms_mfa("bob")
    pool.add_user()
    device, _ = pool.confirmed_device()
    used = []
    for _ in range(2):
        with ThreadPoolExecutor(THREADS) as executor:
            for future in [executor.submit(_begin_each_sign_in, pool, device) for _ in range(2000)]:
                future.result()
        _wait_until_forgotten(pool)
        used.append(_resident(process_id))
    print(f"KiB after the first and the second load: {used}")
    assert used[1] < used[0] * 1.05


def _wait_until_forgotten(pool: UserPool) -> None:
    """A session that ran out is told from one that never was for as long again."""
    challenge = pool.initiate("bob")
    deadline = time.monotonic() + 500
    while time.monotonic() < deadline:
        pool.initiate("bob")  # a new session takes some that may be forgotten with it
        try:
            pool.answer(challenge, "bob", SMS_MFA_CODE=CODE, DEVICE_KEY="eu-west-1_0")
        except pool.cognito.exceptions.ResourceNotFoundException:
            time.sleep(5)  # the key is refused, and the challenge stays open
        except pool.cognito.exceptions.NotAuthorizedException as error:
            if error.response["Error"]["Message"] == "Invalid session for the user.":
                return
            time.sleep(5)
    raise AssertionError("the session is not forgotten")


def _resident(process_id: int) -> int:
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
