"""Who answers for a Lambda function: a Python handler, else a URL, else nobody.

moto's own Lambda is not asked: it answers with results that were queued for it, can't fail, and what a test queued for
its own functions would be gone.
"""

from __future__ import annotations

import json
from typing import Any

from moto.moto_api._internal import mock_random

from ... import settings
from ...testing import lambda_handlers
from . import lambda_endpoint


def invoke(trigger: str, arn: str, event: dict[str, Any]) -> str | None:
    """
    :param trigger: its name in LambdaConfig
    :returns: the answer, which may be any text; None if nobody answers
    :raises FunctionError: if the function failed
    :raises LambdaUnavailable: if it can't be invoked
    """
    found = lambda_handlers.registered(trigger, arn)
    if found is not None:
        triggers, handler = found
        return triggers.call(handler, trigger, arn, event, str(mock_random.uuid4()))
    urls = settings.triggers()
    name = lambda_handlers.name_of(arn) if urls else None
    url = urls.get(name) or urls.get(None) if name else None
    return lambda_endpoint.invoke(url, name, json.dumps(event)) if url and name else None
