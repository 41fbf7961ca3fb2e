"""Modular exponentiations: CPython's and GMP's (the extra ``fast``) are equal, and none is computed twice."""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moto_cognito_devices import srp
from moto_cognito_devices.testing import SrpClient, sign_in

from .scripts import run_python
from .support import PASSWORD, UserPool
from .test_srp import VECTORS

needs_gmpy2 = pytest.mark.skipif(
    importlib.util.find_spec("gmpy2") is None, reason='gmpy2 is not installed (the extra "fast")'
)


def backend(name: str) -> Callable[[int, int, int], int]:
    powmod: Callable[[int, int, int], int] = pow if name == "cpython" else importlib.import_module("gmpy2").powmod
    return powmod


@needs_gmpy2
@settings(max_examples=50)
@given(st.integers(-4 * srp.N * srp.N, 4 * srp.N * srp.N), st.integers(0, 1 << 520))
@example(0, 0)
@example(0, 1)
@example(srp.N, 0)
@example(srp.N, 1)
@example(-srp.N, 3)
@example(2 * srp.N, 1 << 256)
@example(srp.N - 1, 2)
@example(srp.N - 1, 3)
@example(srp.N + 1, 1 << 256)
@example(-1, 1)
@example(-1, 2)
@example(srp.g, srp.N - 1)
def test_gmp_and_cpython_are_equal(base: int, exponent: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(srp, "_modexp_backend", backend("gmp"))
        given = srp._modexp(base, exponent)
    assert given == pow(base, exponent, srp.N)
    assert type(given) is int


@pytest.mark.parametrize("name", ["cpython", pytest.param("gmp", marks=needs_gmpy2)])
def test_vectors_with_either_backend(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(srp, "_modexp_backend", backend(name))
    for vector in VECTORS:
        a, b = int(vector["client_private_a_hex"], 16), int(vector["server_private_b_hex"], 16)
        x = srp.private_key(
            int(vector["salt_hex"], 16), vector["device_group_key"], vector["device_key"], vector["device_password"]
        )
        v, A = srp.verifier(x), srp.client_public_key(a)
        B = srp.server_public_key(v, b)
        assert v == int.from_bytes(base64.b64decode(vector["verifier_base64"]), "big")
        assert (f"{A:x}", f"{B:x}") == (vector["srp_a_hex"], vector["srp_b_hex"])
        assert {type(number) for number in (v, A, B)} == {int}
        for key in (srp.server_session_key(A, B, v, b), srp.client_session_key(a, A, B, x)):
            assert key.hex() == vector["session_key_hex"]


WHICH = (
    "from moto_cognito_devices import srp; print(srp._modexp_backend.__name__, type(srp.verifier(3)), srp.verifier(3))"
)


@pytest.mark.slow
@needs_gmpy2
def test_gmpy2_is_used_if_it_is_installed() -> None:
    assert run_python(WHICH) == "powmod <class 'int'> 8\n"


@pytest.mark.slow
def test_cpythons_pow_is_used_if_gmpy2_is_not_installed() -> None:
    assert run_python(f"import sys; sys.modules['gmpy2'] = None; {WHICH}") == "pow <class 'int'> 8\n"


@pytest.fixture
def modexps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Record base and exponent of each modular exponentiation."""
    computed: list[tuple[int, int]] = []

    def modexp(base: int, exponent: int, modulus: int) -> int:
        assert modulus == srp.N
        computed.append((base % srp.N, exponent))
        return pow(base, exponent, modulus)

    monkeypatch.setattr(srp, "_modexp_backend", modexp)
    return computed


def test_a_client_computes_three_modexps_and_none_twice(modexps: list[tuple[int, int]]) -> None:
    client = SrpClient()
    challenge = {"SALT": "1", "SRP_B": "2", "SECRET_BLOCK": "AAAA"}
    assert client.srp_a == client.srp_a
    client.answer(challenge, "-group", "device", "secret")
    assert len(set(modexps)) == len(modexps) == 3


def test_a_sign_in_with_a_device_computes_three_modexps_on_each_side(
    moto_pool: UserPool, modexps: list[tuple[int, int]]
) -> None:
    device, _ = moto_pool.confirmed_device()
    modexps.clear()
    assert sign_in(moto_pool.cognito, moto_pool.client_id, "ada", PASSWORD, device=device)["AccessToken"]
    assert len(set(modexps)) == len(modexps) == 6


def test_a_sign_in_by_srp_computes_the_verifier_on_each_side(
    moto_pool: UserPool, modexps: list[tuple[int, int]]
) -> None:
    """The client computes it from the typed password, the pool from the stored one."""
    cognito, client_id = moto_pool.cognito, moto_pool.client_id
    assert sign_in(cognito, client_id, "ada", PASSWORD, user_pool_id=moto_pool.id)["AccessToken"]
    assert (len(modexps), len(set(modexps))) == (7, 6)
