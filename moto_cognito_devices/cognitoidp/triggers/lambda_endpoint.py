"""Lambda functions that answer at a URL, by the path of AWS Lambda's operation Invoke.

``sam local start-lambda``, serverless-offline and the runtime interface emulator serve it, and look at no signature.
"""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from socket import SHUT_RDWR, socket
from typing import NamedTuple
from urllib.parse import urlsplit

from ...testing import lambda_handlers
from ...testing.lambda_handlers import FunctionError, LambdaUnavailable, lambda_arn

# A pool's trigger has no use for more, of the 6 MB that Lambda lets a function answer with.
_BYTES = 1024 * 1024
_SERVICE = "ServiceException"
# What Lambda calls a failure, by the HTTP status.
_ERRORS = {403: "AccessDeniedException", 404: "ResourceNotFoundException", 429: "TooManyRequestsException"}
# The statuses that come with a function's own answer, or its error. The runtime interface emulator (its handlers.go)
# sends the last if a function's process has ended, which is a function error on AWS.
_BY_THE_FUNCTION = {*range(200, 300), 502}


class _Answer(NamedTuple):
    status: int
    function_error: bool
    body: bytes  # none where the status tells all


def invoke(url: str, name: str, event_text: str) -> str:
    """Call a function, unsigned. Of this machine's settings proxies and netrc don't count, and certificates do, those
    of ``SSL_CERT_FILE`` too.

    :param url: of http or https; ``/2015-03-31/functions/NAME/invocations`` is put behind it, unless it ends with
        ``/invocations``, as the runtime interface emulator's does, which knows its one function by another name
    :param event_text: JSON
    :returns: the answer, which may be no JSON
    :raises FunctionError: if the function failed
    :raises LambdaUnavailable: if it can't be called, or has not wholly answered after ``lambda_handlers.SECONDS``
    """
    try:
        lambda_arn(name)
    except ValueError as error:
        raise LambdaUnavailable(why=str(error)) from None
    try:
        answer = _Call(url, name, event_text.encode()).made()
    except TimeoutError:
        hint = f"{url} has not answered within {lambda_handlers.SECONDS} seconds."
        raise LambdaUnavailable("Socket timeout while invoking Lambda function", hint) from None
    except OSError as error:
        raise LambdaUnavailable(_SERVICE, f"{url} can't be called: {error}") from None
    except HTTPException as error:  # its text may be a piece of the answer
        raise LambdaUnavailable(_SERVICE, f"{url} does not speak HTTP as it should: {type(error).__name__}") from None
    return _text_of(answer, url, name)


class _Call:
    """One request, made in a thread of its own: so one time limit is for all of it, from the look-up of the host to the
    last byte, however the server spreads them, and also where a test has stopped the clock.
    """

    def __init__(self, url: str, name: str, body: bytes):
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        self._path = path if path.endswith("/invocations") else f"{path}/2015-03-31/functions/{name}/invocations"
        self._body = body
        host, seconds = parts.hostname or "", lambda_handlers.SECONDS
        self._connection = (
            HTTPSConnection(host, parts.port or 443, timeout=seconds, context=ssl.create_default_context())
            if parts.scheme == "https"
            else HTTPConnection(host, parts.port or 80, timeout=seconds)
        )
        self._thread = threading.Thread(target=self._make, name=f"{__name__}:{name}", daemon=True)
        self._socket: socket | None = None
        self._given_up = False
        self._answer: _Answer | Exception | None = None

    def made(self) -> _Answer:
        """
        :raises TimeoutError: if there is no whole answer in time
        :raises OSError, HTTPException: if there is none
        """
        self._thread.start()
        try:
            self._thread.join(lambda_handlers.SECONDS)
            answer = self._answer
        finally:
            self._give_up()
        if answer is None:
            raise TimeoutError
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _make(self) -> None:
        try:
            self._connection.connect()
            self._socket = self._connection.sock
            if not self._given_up:
                self._answer = self._ask()
        except Exception as error:
            self._answer = error
        finally:
            self._connection.close()

    def _ask(self) -> _Answer:
        self._connection.request("POST", self._path, self._body, {"Content-Type": "application/json"})
        with self._connection.getresponse() as response:
            body = b""
            if response.status in _BY_THE_FUNCTION:
                body = response.read(_BYTES + 1)
                if response.length and len(body) <= _BYTES:  # http.client takes a part without complaint
                    raise IncompleteRead(b"")
            return _Answer(response.status, "X-Amz-Function-Error" in response.headers, body)

    def _give_up(self) -> None:
        """A thread that waits for the server waits no longer; one that has ended is not touched."""
        self._given_up = True
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)


def _text_of(answer: _Answer, url: str, name: str) -> str:
    """
    :raises FunctionError, LambdaUnavailable: see :func:`invoke`
    """
    if len(answer.body) > _BYTES:
        raise LambdaUnavailable(_SERVICE, f"{url} answers with more than {_BYTES} bytes.")
    # JSON is UTF-8; what is not becomes no JSON by this.
    text = answer.body.decode(errors="backslashreplace")
    message = _error_message(text)
    if answer.status in _BY_THE_FUNCTION and (answer.function_error or message is not None):
        raise FunctionError("no errorMessage was given" if message is None else message)
    if not 200 <= answer.status < 300:
        redirect = " Redirects are not followed." if 300 <= answer.status < 400 else ""
        hint = f"{url} answers HTTP {answer.status} for the function {name}.{redirect}"
        raise LambdaUnavailable(_ERRORS.get(answer.status, _SERVICE), hint)
    return text


def _error_message(text: str) -> str | None:
    """What the runtime of a function that failed says, if it is there: not each emulator sets the header."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    message = given.get("errorMessage") if isinstance(given, dict) else None
    return message if isinstance(message, str) else None
