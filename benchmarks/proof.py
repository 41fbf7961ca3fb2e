"""Modular powers: what a device sign-in takes beside those that SRP needs, and GMP's beside CPython's."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter

from botocore.awsrequest import AWSRequest

from moto_cognito_devices import srp
from moto_cognito_devices.cognitoidp.auth import flows
from moto_cognito_devices.cognitoidp.request import Call
from moto_cognito_devices.testing import Device, SrpClient, sign_in

from .measuring import Line, paired, seconds
from .pools import PASSWORD, TRACKED, Pool, mocked_pool

_PAIRS = 80
_COUNTS = 3
_Power = Callable[[int, int, int], int]


def lines() -> Iterator[Line]:
    with mocked_pool(TRACKED) as pool:
        tokens = pool.initiate()["AuthenticationResult"]
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(pool.cognito, tokens["AccessToken"])
        with _computing_by(pow):
            yield _two_steps_beside_powers(pool, device)
        counts = [float(_powers_computed(pool, device)) for _ in range(_COUNTS)]
        yield Line("testing.sign_in with a device, both sides", 6, counts, unit="powers")
    if srp._modexp_backend is not pow:
        ratios = paired(lambda: _three_powers(srp._modexp_backend), lambda: _three_powers(pow), _PAIRS)
        yield Line("three powers, gmpy2 / CPython", 1 / 6, ratios)


def _two_steps_beside_powers(pool: Pool, device: Device) -> Line:
    steps: list[float] = []
    powers: list[float] = []

    def two_steps() -> float:
        steps.append(_two_steps(pool, device))
        return steps[-1]

    def three_powers() -> float:
        powers.append(_three_powers(pow))
        return powers[-1]

    ratios = paired(two_steps, three_powers, _PAIRS)
    both, alone = median(steps) * 1000, median(powers) * 1000
    return Line(
        "device sign-in, the server's two steps / three powers",
        1.1,
        ratios,
        note=f"the powers: {alone:.2f} ms, all else {both - alone:.2f} ms",
    )


def _two_steps(pool: Pool, device: Device) -> float:
    """DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER without HTTP, and without what the client computes between them."""
    client = SrpClient()
    challenge = pool.initiate(DEVICE_KEY=device.device_key)

    def respond(name: str, responses: dict[str, str]) -> None:
        nonlocal challenge
        members = {
            "ClientId": pool.client_id,
            "ChallengeName": name,
            "Session": challenge["Session"],
            "ChallengeResponses": {"USERNAME": "ada", "DEVICE_KEY": device.device_key, **responses},
        }
        call = Call("RespondToAuthChallenge", members, AWSRequest())
        call.validate()
        call.user_pool, call.client = pool.model, pool.model.clients[pool.client_id]
        challenge = flows.respond_to_auth_challenge(call)

    first_answer = {"SRP_A": client.srp_a}
    taken = seconds(lambda: respond("DEVICE_SRP_AUTH", first_answer))
    second_answer = client.answer(
        challenge["ChallengeParameters"], device.device_group_key, device.device_key, device.password
    )
    taken += seconds(lambda: respond("DEVICE_PASSWORD_VERIFIER", second_answer))
    if "AuthenticationResult" not in challenge:
        raise RuntimeError("The device was not accepted, and only a part of the work was timed.")
    return taken


def _three_powers(power: _Power) -> float:
    """g^b, v^u and (A v^u)^b, of numbers as long as those of the sign-in."""
    A, v = (secrets.randbits(3072) % srp.N for _ in "Av")  # noqa: N806 (RFC 5054 tells A from a)
    b, u = (secrets.randbits(256) for _ in "bu")
    start = perf_counter()
    power(srp.g, b, srp.N)
    power(A * power(v, u, srp.N), b, srp.N)
    return perf_counter() - start


def _powers_computed(pool: Pool, device: Device) -> int:
    computed = []

    def counted(base: int, exponent: int, modulus: int) -> int:
        computed.append(exponent)
        return pow(base, exponent, modulus)

    with _computing_by(counted):
        sign_in(pool.cognito, pool.client_id, "ada", PASSWORD, device=device)
    return len(computed)


@contextmanager
def _computing_by(power: _Power) -> Iterator[None]:
    before = srp._modexp_backend
    srp._modexp_backend = power
    try:
        yield
    finally:
        srp._modexp_backend = before
