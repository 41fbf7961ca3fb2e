"""Sign-in in pools with device tracking, beside plain moto's in a pool without."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import moto_cognito_devices
from moto_cognito_devices.cognitoidp.auth_sessions import AuthSession

from .measuring import WARM_UP, Line, paired, seconds
from .pools import TRACKED, Pool, add_pool, mocked_pool

_PAIRS = 100
_CALLS = 20
_ABANDONED = 20_000
_TIMES = 8


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
            1.05,
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


def _abandon(pool: Pool) -> None:
    """Begin sign-ins that nobody ends, and wait until they may be forgotten."""
    sign_ins = pool.model.state.auth_sessions
    for _ in range(_ABANDONED):
        sign_ins.await_answer(AuthSession(pool.client_id, "ada", None, session_seconds=1), "SMS_MFA", str(uuid4()))
    time.sleep(2.1)
    if len(sign_ins) < _ABANDONED:
        raise RuntimeError("They were forgotten while they were begun: nothing is left to measure.")
