"""Hostile input: no request makes an HTTP 500 or a hang, and a refused one changes nothing.

1,000 requests, the same ones each time; with ``TESTS_NIGHTLY=true`` more than 100,000, other ones each
time. The seed is printed, and ``TESTS_FUZZ_SEED`` repeats a run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.core.utils import get_service_model
from moto.moto_api._internal import mock_random

from moto_cognito_devices.cognitoidp.devices import CognitoIdpDevice, UserDevices
from moto_cognito_devices.cognitoidp.exceptions import DeviceNotFoundError
from moto_cognito_devices.testing import triggers

from .fuzz.hostile import Hostile, Senseless, headers, json_values, senseless_requests, tampered_requests
from .fuzz.judge import Judge
from .fuzz.world import FUNCTIONS, World
from .scripts import pool_with_user
from .support import NIGHTLY, Target

TURNS = 104 if NIGHTLY else 1
SEED = int(os.environ.get("TESTS_FUZZ_SEED") or (time.time() if NIGHTLY else 5))

#: The titles of the valid requests that are tampered with; each target gets a share of the requests.
DEVICES = ("confirm", "get", "list", "update", "forget", "admin get", "admin list", "admin update", "admin forget")
CHALLENGES = tuple(
    f"{admin}{challenge}"
    for admin in ("", "admin ")
    for challenge in (
        *("device srp", "device password verifier", "password verifier", "new password"),
        *("mfa", "totp", "select mfa type", "mfa setup", "email otp", "mfa setup by email"),
        *("chosen password", "chosen srp", "preferred password", "preferred srp", "chosen password verifier"),
        *("custom challenge", "wrong answer", "custom challenge with device", "custom password verifier"),
        "one-time password",
    )
)

Requests = Callable[[World], st.SearchStrategy[Hostile | Senseless]]


def tampered(choose: Callable[[str], bool]) -> Requests:
    return lambda world: tampered_requests([title for title in world.valid if choose(title)], list(world.materials))


def senseless(world: World) -> st.SearchStrategy[Senseless]:
    operations = sorted({operation for operation, _ in world.valid.values()})
    models = [get_service_model("cognito-idp").operation_model(operation).input_shape for operation in operations]
    return senseless_requests(operations, sorted({member for model in models for member in model.members}))


TARGETS: dict[str, tuple[int, Requests]] = {
    "device operations": (300, tampered(lambda title: title in DEVICES)),
    "challenges": (250, tampered(lambda title: title in CHALLENGES)),
    "sign-in and refresh": (200, tampered(lambda title: title not in (*DEVICES, *CHALLENGES))),
    "senseless": (100, senseless),
}
ON_SERVER: dict[str, tuple[int, Requests]] = {
    "everything": (100, tampered(bool)),
    "senseless": (50, senseless),
}


@pytest.fixture
def fuzz_seed(request: pytest.FixtureRequest) -> int:
    """A turn's. There are many of few requests each: mock_aws keeps the requests that it served, and hypothesis too."""
    found = SEED + getattr(request, "param", 0)
    print(f"TESTS_FUZZ_SEED={found}")
    return found


every_turn = pytest.mark.parametrize("fuzz_seed", range(TURNS), indirect=True)


@pytest.fixture
def in_process(fuzz_seed: int) -> Iterator[Judge]:
    state = mock_random.getstate()
    mock_random.seed(fuzz_seed)
    with mock_aws(), triggers(FUNCTIONS):
        yield Judge(Target("in_process"))
    mock_random.setstate(state)


def run(judge: Judge, fuzz_seed: int, count: int, requests: Requests) -> None:
    @seed(fuzz_seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(judge.world))
    def judged(request: Hostile | Senseless) -> None:
        judge.judge(request)

    judged()
    judge.world.check()
    print(f"{judge.requests} requests, {judge.accepted} accepted")
    assert judge.requests >= count
    assert judge.accepted or requests is senseless


def test_each_valid_request_is_accepted(in_process: Judge) -> None:
    """Otherwise tampering with it would show little."""
    for title in in_process.world.valid:
        in_process.judge(Hostile(title, [], {}, bytes, "as it is", {}))
    assert in_process.accepted == in_process.requests


def test_a_refused_request_that_changes_something_is_noticed(
    in_process: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_late(user_devices: UserDevices, device: CognitoIdpDevice) -> None:
        forget(user_devices, device)
        raise DeviceNotFoundError("")

    forget = UserDevices.forget
    monkeypatch.setattr(UserDevices, "forget", refuse_late)
    for _ in range(2):  # it is put back after the first
        with pytest.raises(AssertionError, match="a refused request changed a record"):
            in_process.judge(Hostile("forget", [], {}, bytes, "as it is", {}))


@pytest.mark.slow
@every_turn
@pytest.mark.parametrize("share", TARGETS)
def test_no_request_breaks_the_mock_in_process(in_process: Judge, fuzz_seed: int, share: str) -> None:
    run(in_process, fuzz_seed, *TARGETS[share])


@pytest.mark.slow
@every_turn
@pytest.mark.parametrize("share", ON_SERVER)
def test_no_request_breaks_the_server(server_with_functions: str, fuzz_seed: int, share: str) -> None:
    with triggers(FUNCTIONS):
        run(Judge(Target("server", server_with_functions)), fuzz_seed, *ON_SERVER[share])


def helpers(world: World) -> st.SearchStrategy[tuple[str, bytes, dict[str, str]]]:
    """Requests to the helpers for tests, beside moto's own: good members, some of them replaced, and any JSON."""
    user_pool_id = world.materials["pool"]
    good: dict[str, dict[str, Any]] = {
        "devices": {"user_pool_id": user_pool_id, "username": "ada", "device_name": "x", "remembered": True},
        "errors": {"operation": "GetDevice", "error": "ForbiddenException", "message": "x", "times": 2},
    }
    values = json_values()
    further = st.sampled_from(["mfa_passed", "account_id", "region", "message", "times", "Username"])

    def requests(what: str) -> st.SearchStrategy[tuple[str, bytes, dict[str, str]]]:
        changes = st.dictionaries(st.sampled_from(sorted(good[what])) | further, values, max_size=3)
        bodies = changes.map(lambda changed: {**good[what], **changed}) | values
        content = bodies.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=200)
        return st.tuples(st.just(what), content, st.just({}) | headers())

    return st.sampled_from(sorted(good)).flatmap(requests)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["in_process", "server"])
def test_no_request_breaks_the_helpers_for_tests(mode: str, request: pytest.FixtureRequest, fuzz_seed: int) -> None:
    target = Target(mode, request.getfixturevalue("server_with_functions") if mode == "server" else None)
    with nullcontext() if target.endpoint else mock_aws(), triggers(FUNCTIONS):
        world, statuses = World.create(target), set()

        @seed(fuzz_seed)
        @settings(max_examples=100 * TURNS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(helpers(world))
        def judged(asked: tuple[str, bytes, dict[str, str]]) -> None:
            what, content, some_headers = asked
            some_headers.pop("Content-Encoding", None)
            response = target.moto_api("POST", what, content, **some_headers)
            statuses.add(response.status_code)
            assert response.status_code in (201, 400, 404), response.text
            assert ("Error" in response.json()) is (response.status_code != 201)

        try:
            judged()
        finally:
            target.moto_api("DELETE", "errors")
        world.check()
        assert {201, 400} <= statuses


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["in_process", "server"])
def test_no_query_breaks_the_helper_that_reads_codes(mode: str, request: pytest.FixtureRequest, fuzz_seed: int) -> None:
    target = Target(mode, request.getfixturevalue("checking_server") if mode == "server" else None)
    with nullcontext() if target.endpoint else mock_aws():
        user_pool_id, _ = pool_with_user(target.client())
        names = st.sampled_from(["user_pool_id", "username", "account_id", "region", "Username"])
        values = st.sampled_from([user_pool_id, "ada", "eu-west-1"]) | st.text(max_size=20)
        queries = st.dictionaries(names, values).map(urlencode) | st.text("%=&;+#?/aDf0\x00\x85é", max_size=40)
        statuses = set()

        @seed(fuzz_seed)
        @settings(max_examples=50 * TURNS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(queries)
        def judged(query: str) -> None:
            response = target.moto_api("GET", f"codes?{query}")
            statuses.add(response.status_code)
            assert list(response.json()) == ["Error"]

        judged()
        assert statuses == {400, 404}
        target.client().delete_user_pool(UserPoolId=user_pool_id)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_the_atheris_target_runs(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.atheris_target",
        f"-runs={100 * TURNS}",
        f"-seed={SEED}",
        "-len_control=0",
    ]
    root = str(Path(__file__).parents[1])
    # In a folder of its own, where libFuzzer leaves what made it fail.
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"Done {100 * TURNS} runs" in done.stderr
