"""Pools without device tracking, with the plugin and without it, through boto3.

One pool in one process; ``deactivate()`` gives moto back as it was, so that plain moto serves the same pool in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import moto_cognito_devices

from .measuring import WARM_UP, Line, paired, seconds
from .pools import PASSWORD, Pool, mocked_pool

_PAIRS = 100
_CALLS = 20
_SRP_A = f"{(1 << 3071) + 7:x}"


def lines() -> Iterator[Line]:
    with mocked_pool() as pool:
        for what, call in _calls(pool).items():
            yield Line(f"no tracking, plugin / moto: {what}", 1.02, _compared(call))


def _compared(call: Callable[[], object]) -> list[float]:
    def with_plugin() -> float:
        moto_cognito_devices.activate()
        return seconds(call, _CALLS, warm_up=WARM_UP)

    def plain() -> float:
        moto_cognito_devices.deactivate()
        return seconds(call, _CALLS, warm_up=WARM_UP)

    try:
        return paired(with_plugin, plain, _PAIRS)
    finally:
        moto_cognito_devices.activate()


def _calls(pool: Pool) -> dict[str, Callable[[], object]]:
    cognito = pool.cognito
    access_token = pool.initiate()["AuthenticationResult"]["AccessToken"]

    def sign_in_by_srp() -> None:
        challenge = cognito.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": "ada", "SRP_A": _SRP_A},
        )
        # moto takes any proof, which is as well here: a client's arithmetic would hide what the server takes.
        cognito.respond_to_auth_challenge(
            ClientId=pool.client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={
                "USERNAME": "ada",
                "PASSWORD_CLAIM_SECRET_BLOCK": challenge["ChallengeParameters"]["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": PASSWORD,
                "TIMESTAMP": "Tue Sep 5 00:09:40 UTC 2023",
            },
        )

    return {
        "InitiateAuth, USER_PASSWORD_AUTH": pool.initiate,
        "USER_SRP_AUTH, both steps": sign_in_by_srp,
        "GetUser": lambda: cognito.get_user(AccessToken=access_token),
        "AdminGetUser": lambda: cognito.admin_get_user(UserPoolId=pool.id, Username="ada"),
        "DescribeUserPool": lambda: cognito.describe_user_pool(UserPoolId=pool.id),
    }
