"""Sign-ins, devices, tokens and time in any order, against a model that says what each step may answer.

The model knows why a request can be refused, and not which reason is told first. 40 runs in this process and 10 on
each other target, or 600 with ``TESTS_NIGHTLY=true``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from moto_cognito_devices.testing import Device, sign_in

from .conftest import MakePool
from .support import ALWAYS, DEVICE_UNKNOWN, NIGHTLY, PASSWORD, WRONG_PROOF, Target, UserPool

Refusal = tuple[str, str]

ACCESS_EXPIRED = ("NotAuthorizedException", "Access Token has expired")
ACCESS_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
NO_USER = ("UserNotFoundException", "User does not exist.")
REFRESH_INVALID = ("NotAuthorizedException", "Invalid Refresh Token.")
REFRESH_EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
REFRESH_ROTATED = ("RefreshTokenReuseException", "Refresh token has been rotated")
ROTATION_ONLY = ("InvalidParameterException", "REFRESH_TOKEN_AUTH flow not enabled for this client")
KEY_INVALID = ("InvalidParameterException", "Invalid device key given.")
KEY_EXISTS = ("DeviceKeyExistsException", "Device key already exists.")

# Seconds.
ACCESS_VALIDITY, REFRESH_VALIDITY, GRACE = 300, 3600, 60
LIFETIMES = {
    "AccessTokenValidity": ACCESS_VALIDITY,
    "RefreshTokenValidity": REFRESH_VALIDITY,
    "TokenValidityUnits": {"AccessToken": "seconds", "RefreshToken": "seconds"},
}
CLIENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "rotating": {"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": GRACE}},
    "discreet": {"PreventUserExistenceErrors": "ENABLED"},
}


@dataclass(eq=False)
class Person:
    """One user: another one of that name is another person.

    :param devices: key to "pending", "remembered", "known" or "forgotten"
    """

    name: str
    exists: bool = True
    devices: dict[str, str] = field(default_factory=dict)

    def keys(self, *states: str) -> set[str]:
        return {key for key, state in self.devices.items() if state in states}


@dataclass(eq=False)
class Granted:
    """What a sign-in has given.

    :param access: token to its birth
    :param refresh: token to when another replaced it
    """

    person: Person
    client: str
    device: Device
    born: float
    revoked: bool = False
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float | None] = field(default_factory=dict)

    def refusals(self, access_token: str) -> set[Refusal]:
        found: set[Refusal] = {ACCESS_REVOKED} if self.revoked else set()
        if time.time() >= self.access[access_token] + ACCESS_VALIDITY:
            found.add(ACCESS_EXPIRED)
        if not self.person.exists:
            found.add(NO_USER)
        return found

    def refusals_to_refresh(self, refresh_token: str, device_key: str) -> set[Refusal]:
        found: set[Refusal] = {REFRESH_REVOKED} if self.revoked else set()
        if not self.person.exists:
            found.add(REFRESH_INVALID)
        if time.time() >= self.born + REFRESH_VALIDITY:
            found.add(REFRESH_EXPIRED)
        rotated = self.refresh[refresh_token]
        if rotated is not None and time.time() >= rotated + GRACE:
            found.add(REFRESH_ROTATED)
        if device_key != self.device.device_key or self.person.devices.get(device_key) not in ("remembered", "known"):
            found.add(REFRESH_INVALID)
        return found


@contextmanager
def answered(refusals: set[Refusal]) -> Iterator[None]:
    """Refused for one of the reasons; or served, if there is none."""
    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        assert (told["Code"], told["Message"]) in refusals, (told, refusals)
    else:
        assert not refusals


numbers = st.integers(0, 5)
often = st.sampled_from([True, True, True, False])
names = st.sampled_from(["ada", "ada", "bob"])
clients = st.sampled_from(sorted(CLIENTS))


class Machine(RuleBasedStateMachine):
    """
    :param clock: a frozen one; None where the service's clock is its own
    """

    def __init__(self, pool: UserPool, clock: Any) -> None:
        super().__init__()
        self.pool, self.cognito, self.clock = pool, pool.cognito, clock
        self.people: dict[str, Person] = {}
        self.all_devices: list[tuple[Person, Device]] = []
        self.sign_ins: list[Granted] = []
        self.clients = {
            name: self.cognito.create_user_pool_client(UserPoolId=pool.id, ClientName=name, **LIFETIMES, **client)[
                "UserPoolClient"
            ]["ClientId"]
            for name, client in CLIENTS.items()
        }

    def teardown(self) -> None:
        for person in self.people.values():
            if person.exists:
                self.cognito.admin_delete_user(UserPoolId=self.pool.id, Username=person.name)
        for client in self.clients.values():
            self.cognito.delete_user_pool_client(UserPoolId=self.pool.id, ClientId=client)

    def _person(self, name: str) -> Person:
        if name not in self.people or not self.people[name].exists:
            self.pool.add_user(name)
            self.people[name] = Person(name)
        return self.people[name]

    def _granted(self, number: int) -> Granted:
        return self.sign_ins[-1 - number % len(self.sign_ins)]  # the latest are shrunk to

    def _device(self, number: int) -> Device:
        return self.all_devices[-1 - number % len(self.all_devices)][1]

    @initialize(client=clients)
    def sign_in_for_the_first_time(self, client: str) -> None:
        self.sign_in("ada", client, None, confirms=True, by_choice=False)

    @rule(name=names, client=clients, number=st.none() | numbers, confirms=often, by_choice=st.booleans())
    def sign_in(self, name: str, client: str, number: int | None, confirms: bool, by_choice: bool) -> None:
        """With no device, or with any: another's, a forgotten one, one that was never confirmed."""
        person = self._person(name)
        device = None if number is None else self._device(number)
        known = device is None or person.devices.get(device.device_key) in ("remembered", "known")
        with answered(set() if known else {DEVICE_UNKNOWN}):
            flow = "USER_AUTH" if by_choice else None
            result = sign_in(self.cognito, self.clients[client], name, PASSWORD, device=device, auth_flow=flow)
            assert ("NewDeviceMetadata" in result) is (device is None)
            if device is None:
                device = Device.from_metadata(result["NewDeviceMetadata"])
                person.devices[device.device_key] = "pending"
                self.all_devices.append((person, device))
            granted = Granted(person, client, device, time.time())
            granted.access[result["AccessToken"]] = time.time()
            granted.refresh[result["RefreshToken"]] = None
            self.sign_ins.append(granted)
            if confirms and person.devices[device.device_key] == "pending":
                device.confirm(self.cognito, result["AccessToken"])
                person.devices[device.device_key] = "remembered"

    @rule(name=st.sampled_from(["ada", "bob", "nobody"]), client=clients, by_choice=st.booleans())
    def wrong_password(self, name: str, client: str, by_choice: bool) -> None:
        exists = name in self.people and self.people[name].exists
        told = WRONG_PROOF if exists or client == "discreet" else NO_USER
        with answered({told}):
            flow = "USER_AUTH" if by_choice else None
            sign_in(self.cognito, self.clients[client], name, "Wrong-horse-7", auth_flow=flow)

    @rule(number=numbers, device_number=numbers)
    def confirm(self, number: int, device_number: int) -> None:
        granted = self._granted(number)
        device = self._device(device_number)
        state = granted.person.devices.get(device.device_key)
        token = list(granted.access)[-1]
        refusals = granted.refusals(token)
        if not refusals and state != "pending":
            refusals = {KEY_EXISTS if state in ("remembered", "known") else KEY_INVALID}
        with answered(refusals):
            device.confirm(self.cognito, token)
            granted.person.devices[device.device_key] = "remembered"

    @rule(number=numbers, device_number=numbers, remembered=st.booleans())
    def update(self, number: int, device_number: int, remembered: bool) -> None:
        granted = self._granted(number)
        key = self._device(device_number).device_key
        token = list(granted.access)[-1]
        refusals = granted.refusals(token)
        if not refusals and granted.person.devices.get(key) not in ("remembered", "known"):
            refusals = {DEVICE_UNKNOWN}
        with answered(refusals):
            self.cognito.update_device_status(
                AccessToken=token,
                DeviceKey=key,
                DeviceRememberedStatus="remembered" if remembered else "not_remembered",
            )
            granted.person.devices[key] = "remembered" if remembered else "known"

    @rule(device_number=numbers)
    def forget(self, device_number: int) -> None:
        person, device = self.all_devices[-1 - device_number % len(self.all_devices)]
        if person.exists:
            confirmed = person.devices[device.device_key] in ("remembered", "known")
            with answered(set() if confirmed else {DEVICE_UNKNOWN}):
                self.cognito.admin_forget_device(
                    UserPoolId=self.pool.id, Username=person.name, DeviceKey=device.device_key
                )
                person.devices[device.device_key] = "forgotten"

    @rule()
    def use_all_access_tokens(self) -> None:
        for granted in self.sign_ins:
            for token in granted.access:
                with answered(granted.refusals(token)):
                    assert set(self.pool.user_devices(token)) == granted.person.keys("remembered")
                with answered(granted.refusals(token)):
                    assert self.cognito.get_user(AccessToken=token)["Username"] == granted.person.name

    @rule(number=numbers, its_device=often, device_number=numbers, its_client=often, client=clients)
    def refresh(self, number: int, its_device: bool, device_number: int, its_client: bool, client: str) -> None:
        """With its own device and client, or with any: its first and its last token, by each operation."""
        granted = self._granted(number)
        key = (granted.device if its_device else self._device(device_number)).device_key
        client = granted.client if its_client else client
        client_id, rotates = self.clients[client], client == "rotating"
        issued = list(granted.refresh)
        for token in dict.fromkeys((issued[0], issued[-1])):
            refusals = granted.refusals_to_refresh(token, key)
            refusals |= {REFRESH_INVALID} if client != granted.client else set()
            parameters = {"REFRESH_TOKEN": token, "DEVICE_KEY": key}
            with answered({ROTATION_ONLY} if rotates else refusals):
                result = self.cognito.initiate_auth(
                    ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
                )["AuthenticationResult"]
                granted.access[result["AccessToken"]] = time.time()
            with answered(refusals):
                result = self.cognito.get_tokens_from_refresh_token(
                    ClientId=client_id, RefreshToken=token, DeviceKey=key
                )["AuthenticationResult"]
                granted.access[result["AccessToken"]] = time.time()
                assert ("RefreshToken" in result) is rotates
                if rotates:
                    granted.refresh[result["RefreshToken"]] = None
                    granted.refresh[token] = granted.refresh[token] or time.time()

    @rule(number=numbers, which=numbers)
    def revoke(self, number: int, which: int) -> None:
        """Any of its refresh tokens ends the whole sign-in."""
        granted = self._granted(number)
        token = list(granted.refresh)[which % len(granted.refresh)]
        self.cognito.revoke_token(ClientId=self.clients[granted.client], Token=token)
        if granted.person.exists:
            granted.revoked = True

    @rule(number=numbers, spared=often)
    def sign_out_everywhere(self, number: int, spared: bool) -> None:
        person = self._granted(number).person
        if person.exists and not spared:
            self.cognito.admin_user_global_sign_out(UserPoolId=self.pool.id, Username=person.name)
            for granted in self.sign_ins:
                granted.revoked |= granted.person is person

    @rule(name=names, spared=often)
    def delete_user(self, name: str, spared: bool) -> None:
        person = self.people.get(name)
        if person is not None and person.exists and not spared:
            self.cognito.admin_delete_user(UserPoolId=self.pool.id, Username=name)
            person.exists = False

    @rule(name=names)
    def list_devices_as_administrator(self, name: str) -> None:
        person = self.people.get(name)
        if person is not None and person.exists:
            assert set(self.pool.admin_devices(name)) == person.keys("remembered", "known")

    @precondition(lambda self: self.clock is not None)
    @rule(seconds=st.sampled_from([GRACE - 1, GRACE, ACCESS_VALIDITY - 1, ACCESS_VALIDITY, REFRESH_VALIDITY]))
    def wait(self, seconds: int) -> None:
        self.clock.tick(seconds)


@pytest.mark.slow
@pytest.mark.inferred("all the rules together")
def test_every_step_is_answered_as_the_rules_say_whatever_the_order(target: Target, make_pool: MakePool) -> None:
    pool = make_pool(ALWAYS)
    steady = settings(
        max_examples=600 if NIGHTLY else 10 if target.endpoint else 40,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with nullcontext() if target.endpoint else freeze_time("2031-01-01") as clock:

        class ThisMachine(Machine):
            def __init__(self) -> None:
                super().__init__(pool, clock)

        run_state_machine_as_test(ThisMachine, settings=steady)
