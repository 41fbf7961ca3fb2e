"""Python handlers for the Lambda triggers of mocked user pools: their registration, and the call.

They are called as the Python runtime of AWS Lambda calls them. Event and answer pass through JSON, so that a handler
sees what AWS sends, and cannot reach the state of the mock. Handlers are registered for the whole process, from
:meth:`Triggers.start` to :meth:`Triggers.stop`: a server's threads call the same ones.
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

#: The triggers that the plugin calls, by their names in LambdaConfig.
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
    "PreTokenGenerationConfig",  # names a function for PreTokenGeneration
)

# How long Cognito waits for an answer.
SECONDS = 5

_NAME = "[A-Za-z0-9_-]{1,64}"
_ARN = rf"arn:[a-z-]+:lambda:[a-z0-9-]+:\d+:function:({_NAME})(:[A-Za-z0-9$_-]+)?"

_lock = threading.Lock()
_started: list[Triggers] = []  # the latest first


class LambdaUnavailable(Exception):
    """A function cannot be invoked. Raise it in a handler, or register it instead of one.

    :param error: AWS Lambda's error, for instance "AccessDeniedException"
    :param why: the cause, for the log
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
    :param answer: what the handler returned, after it has passed through JSON; None if it failed
    :param error: what the handler raised, or why it could not be called
    """

    trigger: str
    source: str
    event: dict[str, Any] = field(repr=False)
    answer: Any = field(repr=False)
    error: BaseException | None = None


class LambdaContext:
    """``context`` of a handler, with the members that it has in the Python runtime of AWS Lambda."""

    function_version = "$LATEST"
    memory_limit_in_mb = "128"
    client_context = None

    def __init__(self, arn: str, request_id: str):
        self.function_name = name_of(arn) or "handler"
        self.invoked_function_arn = arn
        self.aws_request_id = request_id
        # These are of identity pools, which call no function here.
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = f"{datetime.now(timezone.utc):%Y/%m/%d}/[$LATEST]{request_id.replace('-', '')}"
        self._deadline = time.monotonic() + SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of Cognito's five seconds. A handler that takes longer is not interrupted."""
        return max(0, round(1000 * (self._deadline - time.monotonic())))

    def log(self, message: object) -> None:
        """Write to stdout, as the runtime does."""
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

    :ivar calls: every :class:`TriggerCall`, in order
    """

    def __init__(self, handlers: Mapping[str, Handler | LambdaUnavailable]):
        for key, handler in handlers.items():
            _check(key, handler)
        self.handlers = dict(handlers)
        self.calls: list[TriggerCall] = []

    def start(self) -> Triggers:
        """Register the handlers. They take precedence over those that were started earlier."""
        with _lock:
            _started.insert(0, self)
        return self

    def stop(self) -> None:
        """Undo the latest start.

        :raises RuntimeError: if the handlers are not started
        """
        with _lock:
            if self not in _started:
                raise RuntimeError("These triggers were not started, or were stopped already.")
            _started.remove(self)

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call(
        self, handler: Handler | LambdaUnavailable, trigger: str, arn: str, event: dict[str, Any], request_id: str
    ) -> str:
        """Call a handler, and record the call.

        :param event: is not changed, whatever the handler does
        :returns: the answer, as JSON
        :raises FunctionError: if the handler raised an error, or its answer is not JSON
        :raises LambdaUnavailable: if it cannot be called
        """
        event_text, answer_text, answer = json.dumps(event), "", None
        error: BaseException | None = None
        try:
            if isinstance(handler, LambdaUnavailable):
                raise LambdaUnavailable(handler.error, handler.why)
            answer_text, answer = _marshal(handler(json.loads(event_text), LambdaContext(arn, request_id)))
        except BaseException as raised:
            error = raised
            if isinstance(raised, (LambdaUnavailable, FunctionError)) or not isinstance(raised, Exception):
                raise  # unchanged: pytest.fail() in a handler fails the test
            raise FunctionError(_message_of(raised)) from raised
        finally:
            self.calls.append(TriggerCall(trigger, event["triggerSource"], json.loads(event_text), answer, error))
        return answer_text


def _marshal(answer: object) -> tuple[str, Any]:
    """Convert an answer as the runtime does.

    :returns: the JSON, and its value
    :raises FunctionError: with the runtime's text, if the answer cannot be represented in JSON
    """
    try:
        text = json.dumps(answer, default=_number)
        return text, json.loads(text)
    except Exception as error:
        raise FunctionError(f"Unable to marshal response: {error}") from error


def _number(value: object) -> float:
    """Convert a Decimal, DynamoDB's type of numbers, which the runtime accepts.

    :raises TypeError: if it is something else
    """
    if not isinstance(value, Decimal):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


def _message_of(error: Exception) -> str:
    try:
        return str(error)
    except Exception:
        return type(error).__name__


def triggers(handlers: Mapping[str, Handler | LambdaUnavailable]) -> Triggers:
    """Let Python functions answer for the Lambda functions of user pools, as a context manager::

        with triggers({"PostAuthentication": handler}) as made:
            ...
        assert [call.source for call in made.calls] == ["PostAuthentication_Authentication"]

    ``start()`` and ``stop()`` do the same without a block. The pool names its functions in LambdaConfig, as on AWS;
    :func:`lambda_arn` makes an ARN for it. Only for moto in this process.

    :param handlers: each as it would be deployed, ``handler(event, context)``; by a trigger's name in LambdaConfig, for
        that trigger of every pool, or by a function's name or ARN
    :raises ValueError: if a key is none of these
    :raises TypeError: if a handler is not callable, or a key is not a string
    """
    return Triggers(handlers)


def lambda_arn(name: str, region: str = "us-east-1", account_id: str = "123456789012") -> str:
    """Return the ARN of a function, for LambdaConfig. The function need not exist.

    :raises ValueError: if the name is not valid for a function
    """
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"{name!r} is no name of a function: it has 1 to 64 letters, digits, - and _.")
    return f"arn:aws:lambda:{region}:{account_id}:function:{name}"


def name_of(arn: str) -> str | None:
    """Return the function's name; None if this is not the ARN of a function."""
    found = re.fullmatch(_ARN, arn)
    return found[1] if found else None


def custom_challenge(right: str = "1234", tries: int = 3, password_first: bool = False) -> dict[str, Handler]:
    """Return the three handlers of CUSTOM_AUTH for :func:`triggers`. They accept one answer.

    The challenge has ``{"question": "What is the answer?"}`` as its parameters.

    :param right: the answer
    :param tries: how many wrong answers end the sign-in
    :param password_first: whether the user must prove the password first, by SRP (``CHALLENGE_NAME`` ``SRP_A``)
    """
    password_challenges = ["SRP_A", "PASSWORD_VERIFIER"] if password_first else []

    def define(event: Any, _: Any) -> Any:
        session, response = event["request"]["session"], event["response"]
        before = [entry["challengeName"] for entry in session if entry["challengeName"] != "CUSTOM_CHALLENGE"]
        results = [entry["challengeResult"] for entry in session if entry["challengeName"] == "CUSTOM_CHALLENGE"]
        # Cognito may have issued more after the password, MFA for instance; all of it was passed.
        passed = before[: len(password_challenges)]
        if not password_first and before:
            response["failAuthentication"] = True
        elif passed == password_challenges:
            response["issueTokens"] = any(results)
            response["failAuthentication"] = len(results) >= tries and not any(results)
            response["challengeName"] = "CUSTOM_CHALLENGE"
        elif passed == ["SRP_A"]:
            response["challengeName"] = "PASSWORD_VERIFIER"
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
    """Find the handler for a function: by its ARN, else by its name, else by the trigger."""
    keys = (arn, name_of(arn) or trigger, trigger)
    with _lock:
        started = _started.copy()
    return next(((one, one.handlers[key]) for one in started for key in keys if key in one.handlers), None)


def _check(key: str, handler: object) -> None:
    """Check an argument of :func:`triggers`, and raise its errors."""
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is no name: give that of a trigger or a function, or an ARN.")
    if key in _NOT_CALLED:
        raise ValueError(f"{key} is not called by this mock: choose from {', '.join(TRIGGERS)}.")
    if not re.fullmatch(_NAME, key) and name_of(key) is None:
        raise ValueError(f"{key!r} is neither a trigger of LambdaConfig ({', '.join(TRIGGERS)}) nor a function.")
    if handler is LambdaUnavailable or not (callable(handler) or isinstance(handler, LambdaUnavailable)):
        raise TypeError(
            f"What answers for {key} is {handler!r}: give a function of event and context, or LambdaUnavailable()."
        )
