"""Lambda handlers in Python, for the triggers of mocked user pools: who is registered, and how they are called.

They are called as the Python runtime of AWS Lambda calls them. Event and answer go through JSON, so that a handler sees
what AWS sends, and can't reach the state of the mock. Registered is whoever is between :meth:`Triggers.start` and
:meth:`Triggers.stop`, for the whole process: a server's threads call the same handlers.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from ..credentials import constant_time_equal

Handler = Callable[[Any, Any], Any]

#: The triggers that are called, by their names in LambdaConfig.
TRIGGERS = (
    "PreAuthentication",
    "PostAuthentication",
    "PreTokenGeneration",
    "UserMigration",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
)
_NOT_CALLED = (
    *("PreSignUp", "PostConfirmation", "CustomMessage", "CustomSMSSender", "CustomEmailSender"),
    # A member of LambdaConfig, whose function is PreTokenGeneration's.
    "PreTokenGenerationConfig",
)

# Cognito waits so long for an answer.
SECONDS = 5

_ARN = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d+:function:([A-Za-z0-9_-]{1,64})(:[A-Za-z0-9$_-]+)?")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

_lock = threading.Lock()
_started: list[Triggers] = []


class LambdaUnavailable(Exception):
    """A function that can't be invoked: raised by a handler, or registered in the place of one.

    :param error: what AWS Lambda says, "AccessDeniedException" for instance
    :param why: the cause in words, for the reader of a log
    """

    def __init__(self, error: str = "ResourceNotFoundException", why: str = ""):
        super().__init__(error)
        self.error = error
        self.why = why


@dataclass(frozen=True)
class TriggerCall:
    """One call of a function.

    :param trigger: its name in LambdaConfig
    :param source: the event's ``triggerSource``, "DefineAuthChallenge_Authentication"
    :param answer: what the handler returned, once it went through JSON; None if it failed
    :param error: what the handler raised, or what kept it from being called
    """

    trigger: str
    source: str
    event: dict[str, Any] = field(repr=False)
    answer: Any = field(repr=False)
    error: BaseException | None = None


class LambdaContext:
    """What a handler gets beside the event, with the members that the Python runtime of AWS Lambda gives it."""

    function_version = "$LATEST"
    memory_limit_in_mb = "128"
    client_context = None

    def __init__(self, arn: str, request_id: str):
        self.function_name = name_of(arn) or "handler"
        self.invoked_function_arn = arn
        self.aws_request_id = request_id
        # Of an identity pool, which has no part in it.
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = f"{datetime.now(timezone.utc):%Y/%m/%d}/[$LATEST]{request_id.replace('-', '')}"
        self._until = time.monotonic() + SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Of the five seconds that Cognito waits for an answer; a handler that takes longer is waited for here."""
        return max(0, round(1000 * (self._until - time.monotonic())))

    def log(self, message: object) -> None:
        """The runtime has it beside ``print``."""
        sys.stdout.write(str(message))


class FunctionError(Exception):
    """A function was called, and failed.

    :param message: its runtime's ``errorMessage``
    """

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class Triggers:
    """Handlers that answer for the functions of user pools, from :meth:`start` to :meth:`stop`, or in a ``with`` block.

    :ivar calls: those that were made, in their order
    """

    def __init__(self, handlers: Mapping[str, Handler | LambdaUnavailable]):
        for key, handler in handlers.items():
            _check(key, handler)
        self._handlers = dict(handlers)
        self.calls: list[TriggerCall] = []

    def start(self) -> Triggers:
        """From now on these handlers come before those that were started earlier."""
        with _lock:
            _started.append(self)
        return self

    def stop(self) -> None:
        """
        :raises RuntimeError: if they were not started
        """
        with _lock:
            if self not in _started:
                raise RuntimeError("These triggers were not started, or were stopped already.")
            # The latest start is the one that is taken back.
            del _started[len(_started) - 1 - _started[::-1].index(self)]

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    def handler_for(self, trigger: str, arn: str) -> Handler | LambdaUnavailable | None:
        """The ARN counts before the function's name, and that before the trigger's."""
        return next((self._handlers[key] for key in (arn, name_of(arn), trigger) if key in self._handlers), None)

    def call(
        self, handler: Handler | LambdaUnavailable, trigger: str, arn: str, event: dict[str, Any], request_id: str
    ) -> str:
        """
        :param event: is not changed, whatever the handler does
        :returns: the answer, as JSON
        :raises FunctionError: if the handler raised an error, or its answer is no JSON
        :raises LambdaUnavailable: if it can't be called
        """
        text = json.dumps(event)
        answer, shown = "", None
        error: BaseException | None = None
        try:
            if isinstance(handler, LambdaUnavailable):
                raise LambdaUnavailable(handler.error, handler.why)
            answer, shown = _marshalled(handler(json.loads(text), LambdaContext(arn, request_id)))
        except BaseException as raised:
            error = raised
            if isinstance(raised, (LambdaUnavailable, FunctionError)) or not isinstance(raised, Exception):
                raise  # as it is: a test that fails in a handler fails
            raise FunctionError(_text_of(raised)) from raised
        finally:
            self.calls.append(TriggerCall(trigger, event["triggerSource"], json.loads(text), shown, error))
        return answer


def _marshalled(returned: object) -> tuple[str, Any]:
    """
    :returns: an answer as JSON, and what that says
    :raises FunctionError: as the runtime, if it is nothing that JSON knows
    """
    try:
        text = json.dumps(returned, default=_number)
        return text, json.loads(text)
    except Exception as unfit:
        raise FunctionError(f"Unable to marshal response: {unfit}") from unfit


def _number(value: object) -> float:
    """DynamoDB's numbers, which the runtime takes.

    :raises TypeError: if it is something else
    """
    if not isinstance(value, Decimal):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


def _text_of(error: Exception) -> str:
    try:
        return str(error)
    except Exception:
        return type(error).__name__


def triggers(handlers: Mapping[str, Handler | LambdaUnavailable]) -> Triggers:
    """Python functions that answer for the Lambda functions of user pools, as a context manager::

        with triggers({"PostAuthentication": handler}) as made:
            ...
        assert [call.source for call in made.calls] == ["PostAuthentication_Authentication"]

    ``start()`` and ``stop()`` do the same without a block. The pool names its functions in LambdaConfig, as on AWS;
    :func:`lambda_arn` makes an ARN for it. Only for a moto in this process.

    :param handlers: each as it would be deployed, ``handler(event, context)``; by a trigger's name in LambdaConfig, for
        that trigger of every pool, or by a function's name or ARN
    :raises ValueError: if a key is none of these
    :raises TypeError: if a handler can't be called, or a key is no text
    """
    return Triggers(handlers)


def lambda_arn(name: str, region: str = "us-east-1", account_id: str = "123456789012") -> str:
    """The ARN of a function, for LambdaConfig. There needn't be such a function.

    :raises ValueError: if a function can't have this name
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a function: it has 1 to 64 letters, digits, - and _.")
    return f"arn:aws:lambda:{region}:{account_id}:function:{name}"


def name_of(arn: str) -> str | None:
    """The function's name in an ARN; None if it is no ARN of a function."""
    found = _ARN.fullmatch(arn)
    return found[1] if found else None


def custom_challenge(right: str = "1234", tries: int = 3, password_first: bool = False) -> dict[str, Handler]:
    """The three handlers of CUSTOM_AUTH, for :func:`triggers`: one answer is right.

    The challenge has ``{"question": "What is the answer?"}`` as its parameters.

    :param tries: how many wrong answers end the sign-in
    :param password_first: whether the user proves the password before, by SRP (``CHALLENGE_NAME`` ``SRP_A``)
    """
    proofs = ["SRP_A", "PASSWORD_VERIFIER"] if password_first else []

    def define(event: Any, _: Any) -> Any:
        session, response = event["request"]["session"], event["response"]
        before = [entry for entry in session if entry["challengeName"] != "CUSTOM_CHALLENGE"]
        answers = [entry["challengeResult"] for entry in session if entry not in before]
        # What else Cognito asked for after the password, a code for instance: all of it was right or would not be here.
        passed = [entry["challengeName"] for entry in before][: len(proofs)]
        if not password_first and before:
            response["failAuthentication"] = True
        elif passed == proofs:
            response["issueTokens"] = any(answers)
            response["failAuthentication"] = len(answers) >= tries and not any(answers)
            response["challengeName"] = "CUSTOM_CHALLENGE"
        elif passed == proofs[:1]:
            response["challengeName"] = proofs[1]
        else:
            response["failAuthentication"] = True
        return event

    def create(event: Any, _: Any) -> Any:
        event["response"]["publicChallengeParameters"] = {"question": "What is the answer?"}
        event["response"]["privateChallengeParameters"] = {"answer": right}
        return event

    def verify(event: Any, _: Any) -> Any:
        request = event["request"]
        same = constant_time_equal(request["challengeAnswer"], request["privateChallengeParameters"]["answer"])
        event["response"]["answerCorrect"] = same and not request.get("userNotFound")
        return event

    return {"DefineAuthChallenge": define, "CreateAuthChallenge": create, "VerifyAuthChallengeResponse": verify}


def registered(trigger: str, arn: str) -> tuple[Triggers, Handler | LambdaUnavailable] | None:
    """Who answers for a function, the latest that was started."""
    with _lock:
        started = _started[::-1]
    for made in started:
        handler = made.handler_for(trigger, arn)
        if handler is not None:
            return made, handler
    return None


def _check(key: str, handler: object) -> None:
    """
    :raises ValueError, TypeError: see :func:`triggers`
    """
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is no name: give that of a trigger or a function, or an ARN.")
    if key in _NOT_CALLED:
        raise ValueError(f"{key} is not called by this mock: choose from {', '.join(TRIGGERS)}.")
    if not _NAME.fullmatch(key) and name_of(key) is None:
        raise ValueError(f"{key!r} is neither a trigger of LambdaConfig ({', '.join(TRIGGERS)}) nor a function.")
    if handler is LambdaUnavailable or not (callable(handler) or isinstance(handler, LambdaUnavailable)):
        raise TypeError(
            f"What answers for {key} is {handler!r}: give a function of event and context, or LambdaUnavailable()."
        )
