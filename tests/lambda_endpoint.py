"""AWS Lambda's operation Invoke at a URL of this process, as ``sam local start-lambda`` serves it.

Handlers of ``testing.triggers`` answer, so that a test has the same functions in this process and behind a server.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from moto_cognito_devices.testing import LambdaUnavailable, custom_challenge, lambda_arn
from moto_cognito_devices.testing.lambda_handlers import FunctionError, registered

_STATUS = {"ResourceNotFoundException": 404, "AccessDeniedException": 403, "TooManyRequestsException": 429}


class _Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        found = re.fullmatch("/2015-03-31/functions/([A-Za-z0-9_-]+)/invocations", self.path)
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # A test's functions have the names of their triggers.
        function = registered(found[1], lambda_arn(found[1])) if found else None
        if found is None or (function is None and found[1] in custom_challenge()):
            return self._answer(404, {"Message": "There is no such function."})
        if function is None:  # as in this process, where it would be passed over
            return self._answer(200, event)
        triggers, handler = function
        try:
            answer = triggers.call(handler, found[1], lambda_arn(found[1]), event, "0" * 32)
        except LambdaUnavailable as unavailable:
            return self._answer(_STATUS.get(unavailable.error, 500), {"Message": unavailable.error})
        except FunctionError as failed:
            error = {"errorMessage": failed.message, "errorType": "Exception"}
            return self._answer(200, error, {"X-Amz-Function-Error": "Unhandled"})
        return self._answer(200, answer)

    def _answer(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def lambda_endpoint() -> Iterator[str]:
    """
    :returns: its URL
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
