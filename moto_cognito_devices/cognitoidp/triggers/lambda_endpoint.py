"""Call Lambda functions at a URL, by the path of AWS Lambda's operation Invoke.

``sam local start-lambda``, serverless-offline and the runtime interface emulator serve it, and check no signature.
"""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from socket import SHUT_RDWR, socket
from typing import NamedTuple
from urllib.parse import urlsplit

from ... import json_input
from ...testing import lambda_handlers
from ...testing.lambda_handlers import FunctionError, LambdaUnavailable, lambda_arn

# Bytes; enough for a trigger, and less than the 6 MB that Lambda allows.
_MAX_SIZE = 1024 * 1024
_SERVICE = "ServiceException"
# Lambda's errors by HTTP status.
_ERRORS = {403: "AccessDeniedException", 404: "ResourceNotFoundException", 429: "TooManyRequestsException"}
# A function's own answer or error has one of these. The runtime interface emulator (its handlers.go) sends 502 if the
# function's process has ended, which is a function error on AWS.
_FROM_FUNCTION = {*range(200, 300), 502}


class _Answer(NamedTuple):
    status: int
    function_error: bool
    body: bytes  # empty unless the status is in _FROM_FUNCTION


def invoke(url: str, name: str, event_text: str) -> str:
    """Call a function, unsigned. Proxy settings and netrc are ignored; ``SSL_CERT_FILE`` is used.

    :param url: of http or https. ``/2015-03-31/functions/NAME/invocations`` is appended unless it ends with
        ``/invocations``: the runtime interface emulator has one function, under another name
    :param event_text: JSON
    :returns: the answer, which may be any text
    :raises FunctionError: if the function failed
    :raises LambdaUnavailable: if it cannot be called, or the answer is not complete after ``lambda_handlers.SECONDS``
    """
    try:
        lambda_arn(name)
    except ValueError as error:
        raise LambdaUnavailable(why=str(error)) from None
    try:
        answer = _Request(url, name, event_text.encode()).send()
    except TimeoutError:
        hint = f"{url} has not answered within {lambda_handlers.SECONDS} seconds."
        raise LambdaUnavailable("Socket timeout while invoking Lambda function", hint) from None
    except OSError as error:
        raise LambdaUnavailable(_SERVICE, f"{url} can't be called: {error}") from None
    except HTTPException as error:  # its text may be a piece of the answer
        raise LambdaUnavailable(_SERVICE, f"{url} does not speak HTTP as it should: {type(error).__name__}") from None
    return _text_of(answer, url, name)


class _Request(threading.Thread):
    """A request in a thread of its own, so that one deadline covers all of it, from the look-up of the host to the last
    byte, however slowly the server sends, and under frozen time too.
    """

    def __init__(self, url: str, name: str, body: bytes):
        super().__init__(name=f"{__name__}:{name}", daemon=True)
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        self._path = path if path.endswith("/invocations") else f"{path}/2015-03-31/functions/{name}/invocations"
        self._body = body
        connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = connection(parts.netloc, timeout=lambda_handlers.SECONDS)
        self._socket: socket | None = None
        self._abandoned = False
        self._result: _Answer | Exception | None = None

    def send(self) -> _Answer:
        """Send the request, and wait for the answer.

        :raises TimeoutError: if the deadline has passed
        :raises OSError, HTTPException: if there is no answer
        """
        self.start()
        try:
            self.join(lambda_handlers.SECONDS)
            result = self._result
        finally:
            self._abandon()
        if result is None:
            raise TimeoutError
        if isinstance(result, Exception):
            raise result
        return result

    def run(self) -> None:
        try:
            with closing(self._connection):
                self._connection.connect()
                self._socket = self._connection.sock
                if not self._abandoned:
                    self._result = self._exchange()
        except Exception as error:
            self._result = error

    def _exchange(self) -> _Answer:
        self._connection.request("POST", self._path, self._body, {"Content-Type": "application/json"})
        with self._connection.getresponse() as response:
            body = b""
            if response.status in _FROM_FUNCTION:
                body = response.read(_MAX_SIZE + 1)
                if response.length and len(body) <= _MAX_SIZE:  # http.client accepts a truncated body
                    raise IncompleteRead(b"")
            return _Answer(response.status, "X-Amz-Function-Error" in response.headers, body)

    def _abandon(self) -> None:
        """Wake the thread if it is still waiting for the server."""
        self._abandoned = True
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)


def _text_of(answer: _Answer, url: str, name: str) -> str:
    """Return the function's answer.

    :raises FunctionError, LambdaUnavailable: see :func:`invoke`
    """
    if len(answer.body) > _MAX_SIZE:
        raise LambdaUnavailable(_SERVICE, f"{url} answers with more than {_MAX_SIZE} bytes.")
    text = answer.body.decode(errors="backslashreplace")  # which makes invalid JSON of what is not UTF-8
    # Not every emulator sets the header for a function error.
    message = json_input.lenient_object(text).get("errorMessage")
    if not isinstance(message, str):
        message = "no errorMessage was given" if answer.function_error else None
    if answer.status in _FROM_FUNCTION and message is not None:
        raise FunctionError(message)
    if not 200 <= answer.status < 300:
        redirect = " Redirects are not followed." if 300 <= answer.status < 400 else ""
        hint = f"{url} answers HTTP {answer.status} for the function {name}.{redirect}"
        raise LambdaUnavailable(_ERRORS.get(answer.status, _SERVICE), hint)
    return text
