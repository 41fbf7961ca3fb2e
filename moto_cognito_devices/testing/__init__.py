"""The client's side of device tracking, for tests: sign in, confirm a device, sign in with that device.

For test authors without a client library. Everything works on a boto3 client for ``cognito-idp``. :func:`add_device`,
:func:`fail_next` and :func:`last_code` need moto, in any of its modes; :func:`triggers` needs moto in this process.
"""

from __future__ import annotations

from ..credentials import secret_hash
from .client import ChallengeError, Device, SrpClient, sign_in, totp
from .helpers import add_device, fail_next, last_code
from .lambda_handlers import LambdaUnavailable, TriggerCall, custom_challenge, lambda_arn, triggers
from .moto_api_client import MotoNotReachedError

__all__ = [
    "ChallengeError",
    "Device",
    "LambdaUnavailable",
    "MotoNotReachedError",
    "SrpClient",
    "TriggerCall",
    "add_device",
    "custom_challenge",
    "fail_next",
    "lambda_arn",
    "last_code",
    "secret_hash",
    "sign_in",
    "totp",
    "triggers",
]
