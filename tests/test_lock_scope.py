"""No lock is held while a challenge is verified: other users sign in, and changes made meanwhile are respected."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from moto_cognito_devices import srp
from moto_cognito_devices.cognitoidp.auth.challenges.one_time_code import OneTimeCode
from moto_cognito_devices.cognitoidp.pool_state import lock
from moto_cognito_devices.testing import sign_in

from .scripts import run_python
from .support import CODE, PASSWORD, UserPool, refused
from .test_attacks import INVALID_SESSION, SPENT_SESSION
from .test_process_faults import needs_fork


def free_for_others() -> bool:
    """Whether another thread could have the lock now."""

    def attempt() -> bool:
        had = lock.acquire(timeout=5)
        if had:
            lock.release()
        return had

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(attempt).result()


def test_no_lock_is_held_during_a_modular_exponentiation(moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    device, _ = moto_pool.confirmed_device()
    computed: list[str] = []

    def watched(name: str) -> None:
        original: Callable[..., Any] = getattr(srp, name)

        def unlocked(*arguments: Any) -> Any:
            computed.append(name)
            assert free_for_others()
            return original(*arguments)

        monkeypatch.setattr(srp, name, unlocked)

    for name in ("verifier", "server_public_key", "server_session_key"):
        watched(name)
    assert sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, device=device, user_pool_id=moto_pool.id)
    server_side = [name for name in computed if name.startswith("server")]
    assert server_side == ["server_public_key", "server_session_key"] * 2
    assert "verifier" in computed


def test_no_lock_is_held_while_tokens_are_signed(moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    import jwt

    original = jwt.encode
    signed = []

    def encode(*arguments: Any, **options: Any) -> str:
        signed.append(free_for_others())
        return original(*arguments, **options)

    monkeypatch.setattr(jwt, "encode", encode)
    moto_pool.tokens()
    assert signed == [True, True]


def checking(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Let something happen while an SMS code is looked at: as a factor does that asks somebody else."""
    original = OneTimeCode.verify

    def check(self: OneTimeCode, *arguments: Any) -> Any:
        monkeypatch.setattr(OneTimeCode, "verify", original)  # once
        meanwhile()
        return original(self, *arguments)

    monkeypatch.setattr(OneTimeCode, "verify", check)


def test_while_a_factor_is_checked_another_user_signs_in(moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    moto_pool.add_user("bob")
    moto_pool.enable_sms_mfa()
    challenge = moto_pool.initiate()
    tokens: list[Any] = []
    with ThreadPoolExecutor(1) as executor:
        checking(monkeypatch, lambda: tokens.append(executor.submit(moto_pool.tokens, "bob").result(30)))
        assert "AuthenticationResult" in moto_pool.answer(challenge, SMS_MFA_CODE=CODE)
    assert tokens[0]["AccessToken"]


def test_a_user_who_is_deleted_while_a_factor_is_checked_gets_no_tokens(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto_pool.enable_sms_mfa()
    challenge = moto_pool.initiate()

    def replace() -> None:
        moto_pool.cognito.admin_delete_user(UserPoolId=moto_pool.id, Username="ada")
        moto_pool.add_user("ada")

    checking(monkeypatch, replace)
    with refused(*INVALID_SESSION):
        moto_pool.answer(challenge, SMS_MFA_CODE=CODE)


def test_a_user_who_is_disabled_while_a_factor_is_checked_gets_no_tokens(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto_pool.enable_sms_mfa()
    challenge = moto_pool.initiate()
    checking(monkeypatch, lambda: moto_pool.cognito.admin_disable_user(UserPoolId=moto_pool.id, Username="ada"))
    with refused("NotAuthorizedException", "User is disabled."):
        moto_pool.answer(challenge, SMS_MFA_CODE=CODE)


def test_a_second_answer_while_the_first_is_checked_is_refused(
    moto_pool: UserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto_pool.enable_sms_mfa()
    challenge = moto_pool.initiate()

    def answer_again() -> None:
        with refused(*SPENT_SESSION):
            moto_pool.answer(challenge, SMS_MFA_CODE=CODE)

    checking(monkeypatch, answer_again)
    assert "AuthenticationResult" in moto_pool.answer(challenge, SMS_MFA_CODE=CODE)


def test_of_many_answers_at_once_one_gets_tokens(moto_pool: UserPool) -> None:
    moto_pool.enable_sms_mfa()
    for _ in range(10):
        challenge = moto_pool.initiate()
        barrier = threading.Barrier(8)

        def attempt(challenge: dict[str, Any] = challenge, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            try:
                return "AuthenticationResult" in moto_pool.answer(challenge, SMS_MFA_CODE=CODE)
            except moto_pool.cognito.exceptions.NotAuthorizedException:
                return False

        with ThreadPoolExecutor(8) as executor:
            got = [future.result() for future in [executor.submit(attempt) for _ in range(8)]]
        assert got.count(True) == 1


@pytest.mark.slow
@needs_fork
def test_a_child_forked_while_another_thread_has_the_lock_is_not_stuck() -> None:
    run_python("""
import os, threading, time
import moto_cognito_devices.auto
from moto import mock_aws
from tests.scripts import cognito_client, confirm_device, pool_with_user, tracks_devices

with mock_aws():
    cognito = cognito_client()
    user_pool_id, client_id = pool_with_user(cognito)
    from moto_cognito_devices.cognitoidp.pool_state import lock
    held, release = threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            time.sleep(0.5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()  # waits for who has the lock
    if not child:
        status = 1
        try:
            assert lock.acquire(timeout=5)
            lock.release()
            confirm_device(cognito, client_id)
            status = 0
        finally:
            os._exit(status)
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert tracks_devices(cognito)
""")
