"""The server's share of a device sign-in, beside the three modular powers that SRP needs of a server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from moto_cognito_devices import srp
from moto_cognito_devices.testing import Device, SrpClient

from .measuring import Line, paired, seconds
from .pools import TRACKED, Pool, mocked_pool

_PAIRS = 80


def lines() -> Iterator[Line]:
    with mocked_pool(TRACKED) as pool:
        tokens = pool.initiate()["AuthenticationResult"]
        device = Device.from_metadata(tokens["NewDeviceMetadata"])
        device.confirm(pool.cognito, tokens["AccessToken"])
        steps: list[float] = []
        powers: list[float] = []

        def two_steps() -> float:
            steps.append(_two_steps(pool, device))
            return steps[-1]

        def three_powers() -> float:
            powers.append(_three_powers())
            return powers[-1]

        ratios = paired(two_steps, three_powers, _PAIRS)
        both, alone = median(steps) * 1000, median(powers) * 1000
        yield Line(
            "device sign-in, the server's two steps / three powers",
            1.3,
            ratios,
            note=f"the powers dominate: {alone:.2f} ms, all else {both - alone:.2f} ms",
        )


def _two_steps(pool: Pool, device: Device) -> float:
    """DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER on the backend, what the client computes between them left out."""
    client = SrpClient()
    challenge = pool.initiate(DEVICE_KEY=device.device_key)

    def respond(name: str, responses: dict[str, str]) -> None:
        nonlocal challenge
        challenge = pool.backend.respond_to_auth_challenge(
            challenge["Session"],
            pool.client_id,
            name,
            {"USERNAME": "ada", "DEVICE_KEY": device.device_key, **responses},
        )

    first_answer = {"SRP_A": client.srp_a}
    taken = seconds(lambda: respond("DEVICE_SRP_AUTH", first_answer))
    second_answer = client.answer(
        challenge["ChallengeParameters"], device.device_group_key, device.device_key, device.password
    )
    taken += seconds(lambda: respond("DEVICE_PASSWORD_VERIFIER", second_answer))
    if "AuthenticationResult" not in challenge:
        raise RuntimeError("The device was not accepted, and only a part of the work was timed.")
    return taken


def _three_powers() -> float:
    """g^b, v^u and (A v^u)^b, of numbers as long as those of the sign-in."""
    A, v = (secrets.randbits(3072) % srp.N for _ in "Av")  # noqa: N806 (RFC 5054 tells A from a)
    b, u = (secrets.randbits(256) for _ in "bu")
    start = perf_counter()
    pow(srp.g, b, srp.N)
    pow(A * pow(v, u, srp.N), b, srp.N)
    return perf_counter() - start
