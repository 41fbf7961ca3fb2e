"""Sign-in in pools with device tracking: beside plain moto's in a pool without, and beside many other pools."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

from moto.cognitoidp.models import CognitoIdpBackend, cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

import moto_cognito_devices
from moto_cognito_devices.cognitoidp.auth_sessions import AuthSession
from tests.support import read_motos_key_once

from .measuring import WARM_UP, Line, paired, seconds
from .pools import REGION, TRACKED, Pool, add_pool, mocked_pool

_PAIRS = 100
_CALLS = 20
_ABANDONED = 20_000
_TIMES = 8
_POOLS = 300


def lines() -> Iterator[Line]:
    with mocked_pool(TRACKED) as pool:
        untracked = add_pool(pool.cognito)

        def tracked_sign_in() -> float:
            moto_cognito_devices.activate()
            return seconds(pool.initiate, _CALLS, warm_up=WARM_UP)

        def motos_sign_in() -> float:
            moto_cognito_devices.deactivate()
            return seconds(untracked.initiate, _CALLS, warm_up=WARM_UP)

        yield Line(
            "USER_PASSWORD_AUTH, with tracking / plain moto's without",
            1.00,
            paired(tracked_sign_in, motos_sign_in, _PAIRS),
        )
        moto_cognito_devices.activate()
        few = add_pool(pool.cognito, TRACKED)

        def after_many() -> float:
            _abandon(pool)
            return seconds(pool.initiate)

        yield Line(
            f"first request after {_ABANDONED:,} abandoned sign-ins ran out / with few",
            10,
            paired(after_many, lambda: seconds(few.initiate), _TIMES),
        )
    yield from _among_pools()


def _abandon(pool: Pool) -> None:
    """Begin sign-ins that nobody ends, and wait until they may be forgotten."""
    sign_ins = pool.model.state.auth_sessions
    for _ in range(_ABANDONED):
        sign_ins.open(AuthSession(pool.client_id, "ada", None, lifetime=1), "SMS_MFA", str(uuid4()))
    time.sleep(2.1)
    if len(sign_ins) < _ABANDONED:
        raise RuntimeError("They were forgotten while they were begun: nothing is left to measure.")


def _among_pools() -> Iterator[Line]:
    """Requests to the last pool of a backend that has many, and to the only pool of another backend, in turn."""
    with ExitStack() as clean_up, mocked_pool(TRACKED) as only:
        clean_up.callback(read_motos_key_once())  # moto needs 80 ms for each pool otherwise
        backends = cognitoidp_backends[DEFAULT_ACCOUNT_ID]
        calls_of_one = _calls(only)
        backend_of_one = backends.pop(REGION)
        *_, last = (add_pool(only.cognito, TRACKED) for _ in range(_POOLS))
        calls_of_many = _calls(last)
        backend_of_many = backends[REGION]

        def served_by(backend: CognitoIdpBackend, call: Callable[[], object]) -> Callable[[], float]:
            def measurement() -> float:
                backends[REGION] = backend
                return seconds(call, _CALLS, warm_up=3)

            return measurement

        for what, call in calls_of_many.items():
            ratios = paired(served_by(backend_of_many, call), served_by(backend_of_one, calls_of_one[what]), _PAIRS)
            yield Line(f"{what} with tracking, {_POOLS} user pools / one", 1.05, ratios)


def _calls(pool: Pool) -> dict[str, Callable[[], object]]:
    access_token = pool.initiate()["AuthenticationResult"]["AccessToken"]
    return {
        "USER_PASSWORD_AUTH": pool.initiate,
        "GetUser": lambda: pool.cognito.get_user(AccessToken=access_token),
    }
