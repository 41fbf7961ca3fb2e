"""Lambda functions that answer at a URL: what they are sent, and what is made of each answer, or of none."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from freezegun import freeze_time
from moto import mock_aws

from moto_cognito_devices.cognitoidp.triggers import lambda_endpoint
from moto_cognito_devices.cognitoidp.triggers.lambda_endpoint import invoke
from moto_cognito_devices.testing import lambda_handlers
from moto_cognito_devices.testing.lambda_handlers import FunctionError, LambdaUnavailable

from .scripts import run_python

EVENT = '{"version": "1", "userName": "ada", "request": {"password": "Correct-horse-7"}, "response": {}}'
TIMED_OUT = "Socket timeout while invoking Lambda function"
MEBIBYTE = 1024 * 1024


class Call(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: str


class Server(NamedTuple):
    url: str
    calls: list[Call]
    written: list[bytes]  # the pieces of its answers


class Answer(NamedTuple):
    """What a server writes, and how: it waits before each piece, until the test is over."""

    pieces: list[bytes]
    seconds: float = 0


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers on 127.0.0.1, which give one answer to whatever they are asked."""
    over = threading.Event()
    with ExitStack() as clean_up:

        def start(answer: Answer | bytes, tls: ssl.SSLContext | None = None) -> Server:
            pieces, seconds = answer if isinstance(answer, Answer) else ([answer], 0)
            calls: list[Call] = []
            written: list[bytes] = []

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                    calls.append(Call(self.command, self.path, dict(self.headers), body))
                    self.close_connection = True
                    with suppress(OSError):  # who asks may have enough
                        for piece in pieces:
                            over.wait(seconds)
                            self.wfile.write(piece)
                            written.append(piece)

                do_GET = do_CONNECT = do_POST  # noqa: N815

                def log_message(self, *_: Any) -> None: ...

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a handshake that was refused
            if tls:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            for undo in (thread.join, server.server_close, server.shutdown):
                clean_up.callback(undo)
            return Server(f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}", calls, written)

        clean_up.callback(over.set)
        yield start
        over.set()


def http(body: bytes | str = EVENT, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer of HTTP."""
    content = body if isinstance(body, bytes) else body.encode()
    given = {"Content-Length": str(len(content)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content


def unavailable(url: str, name: str = "define") -> LambdaUnavailable:
    """That, why a function can't be invoked; neither event nor answer is in it."""
    with pytest.raises(LambdaUnavailable) as caught:
        invoke(url, name, EVENT)
    told = caught.value
    assert told.why
    shown = f"{told} {told!r} {told.why} {''.join(traceback.format_exception(told))}"
    for secret in ("Correct-horse", "hunter2"):
        assert secret not in shown
    return told


def threads_of_calls_end() -> bool:
    left = [thread for thread in threading.enumerate() if thread.name.startswith(lambda_endpoint.__name__)]
    for thread in left:
        thread.join(60)
    return not any(thread.is_alive() for thread in left)


# What is asked


def test_posts_the_event_to_the_path_of_invoke(serve: Serve) -> None:
    server = serve(http('{"answer": "é"}'))
    assert invoke(server.url, "my-Function_1", EVENT) == '{"answer": "é"}'
    [call] = server.calls
    assert (call.method, call.path) == ("POST", "/2015-03-31/functions/my-Function_1/invocations")
    assert call.body == EVENT
    assert call.headers == {
        "Host": server.url.removeprefix("http://"),
        "Content-Type": "application/json",
        "Content-Length": str(len(EVENT)),
        "Accept-Encoding": "identity",
    }


@pytest.mark.parametrize(
    ("behind", "path"),
    [
        ("", "/2015-03-31/functions/define/invocations"),
        ("/", "/2015-03-31/functions/define/invocations"),
        ("/dev/a", "/dev/a/2015-03-31/functions/define/invocations"),
        ("/dev/a/", "/dev/a/2015-03-31/functions/define/invocations"),
        ("/2015-03-31/functions/function/invocations", "/2015-03-31/functions/function/invocations"),
        ("/2015-03-31/functions/function/invocations/", "/2015-03-31/functions/function/invocations"),
        ("/my-invocations", "/my-invocations/2015-03-31/functions/define/invocations"),
    ],
)
def test_a_path_is_put_before_and_that_of_one_function_is_used_whole(serve: Serve, behind: str, path: str) -> None:
    server = serve(http())
    assert invoke(server.url + behind, "define", EVENT) == EVENT
    assert [call.path for call in server.calls] == [path]


@pytest.mark.parametrize("name", ["../x", "a/b?c", "", "a" * 65, "a\r\nX-Evil: 1", "a%2fb", "define:live", "é"])
@pytest.mark.parametrize("behind", ["", "/2015-03-31/functions/function/invocations"])
def test_what_is_no_name_of_a_function_is_asked_of_nobody(serve: Serve, name: str, behind: str) -> None:
    server = serve(http())
    told = unavailable(server.url + behind, name)
    assert told.error == "ResourceNotFoundException"
    assert told.why == f"{name!r} is no name of a function: it has 1 to 64 letters, digits, - and _."
    assert server.calls == []


def test_proxies_credentials_and_netrc_of_this_machine_do_not_count(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, proxy = serve(http()), serve(http('"of the proxy"'))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert invoke(server.url, "define", EVENT) == EVENT
    assert proxy.calls == []
    assert "Authorization" not in server.calls[0].headers


def test_under_mock_aws_the_server_is_called_all_the_same(serve: Serve) -> None:
    server = serve(http())
    with mock_aws():
        assert invoke(server.url, "define", EVENT) == EVENT
    assert len(server.calls) == 1


# What is answered


@pytest.mark.parametrize("body", ["", "null", "no JSON {", "[1]", '{"errorMessage": 1}', '{"errorMessage": null}'])
def test_the_answer_is_the_text_that_came(serve: Serve, body: str) -> None:
    assert invoke(serve(http(body)).url, "define", EVENT) == body


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
def test_each_status_of_success_is_one(serve: Serve, status: str) -> None:
    assert invoke(serve(http("", status)).url, "define", EVENT) == ""


def test_an_answer_that_is_not_utf_8_is_no_json(serve: Serve) -> None:
    text = invoke(serve(http(b'{"name": "\xff"}')).url, "define", EVENT)
    with pytest.raises(ValueError, match=r"Invalid \\escape"):
        json.loads(text)


def test_json_that_is_nested_too_deep_to_read_is_handed_on(serve: Serve) -> None:
    body = "[" * 200_000
    assert invoke(serve(http(body)).url, "define", EVENT) == body


def test_an_answer_in_chunks_and_one_that_ends_with_the_connection(serve: Serve) -> None:
    for answer in (
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n',
        b'HTTP/1.0 200 OK\r\n\r\n{"a": 1}',
    ):
        assert invoke(serve(answer).url, "define", EVENT) == '{"a": 1}'


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", {"X-Amz-Function-Error": "Unhandled"}),
        ("200 OK", {"x-amz-function-error": "Handled"}),
        ("200 OK", {}),  # the runtime interface emulator has no such header
        ("502 Bad Gateway", {}),  # its answer for a process that has ended
    ],
)
def test_a_function_that_fails_says_why(serve: Serve, status: str, headers: dict[str, str]) -> None:
    body = '{"errorMessage": "wrong \\u00e9", "errorType": "ValueError", "stackTrace": []}'
    with pytest.raises(FunctionError) as caught:
        invoke(serve(http(body, status, **headers)).url, "define", EVENT)
    assert caught.value.message == "wrong é"


@pytest.mark.parametrize("body", ["", "null", "hunter2", '{"errorMessage": 1}', '{"errorType": "hunter2"}', "[" * 9999])
def test_a_function_that_fails_without_a_message(serve: Serve, body: str) -> None:
    with pytest.raises(FunctionError) as caught:
        invoke(serve(http(body, **{"X-Amz-Function-Error": "Unhandled"})).url, "define", EVENT)
    assert caught.value.message == "no errorMessage was given"


# Who does not answer


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", "ResourceNotFoundException"),
        ("403 Forbidden", "AccessDeniedException"),
        ("429 Too Many Requests", "TooManyRequestsException"),
        ("400 Bad Request", "ServiceException"),
        ("500 Internal Server Error", "ServiceException"),
        ("503 Slow Down", "ServiceException"),
        ("101 Switching Protocols", "ServiceException"),
        ("304 Not Modified", "ServiceException"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"X-Amz-Function-Error": "ResourceNotFoundException"}])
def test_a_status_that_is_no_success(serve: Serve, status: str, error: str, headers: dict[str, str]) -> None:
    server = serve(http('{"Message": "hunter2", "Type": "User"}', status, **headers))
    told = unavailable(server.url)
    assert told.error == error
    assert told.why.startswith(f"{server.url} answers HTTP {status[:3]} for the function define.")
    assert ("Redirects" in told.why) == status.startswith("3")


def test_whose_error_it_is(serve: Serve) -> None:
    assert unavailable(serve(http('{"errorMessage": "hunter2"}', "500 Oops")).url).error == "ServiceException"
    assert unavailable(serve(http("hunter2", "502 Bad Gateway")).url).error == "ServiceException"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(serve: Serve, status: str) -> None:
    other = serve(http())
    told = unavailable(serve(http("", status, Location=other.url)).url)
    assert told.error == "ServiceException"
    assert "Redirects are not followed" in told.why
    assert other.calls == []


def test_nobody_is_there() -> None:
    with socket.socket() as taken:  # bound and not listening
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        told = unavailable(url)
    assert told.error == "ServiceException"
    assert told.why.startswith(f"{url} can't be called: ")
    assert "refused" in told.why


def test_there_is_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told = unavailable("http://functions.invalid")
    assert told.error == "ServiceException"
    assert (
        told.why == f"http://functions.invalid can't be called: [Errno {socket.EAI_NONAME}] Name or service not known"
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hunter2\r\n\r\n",
        b"HTTP/1.1 hunter2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhunter2",
        b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhunter2",
        b"HTTP/1.1 200 OK\r\nX: " + b"hunter2" * 10_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: hunter2\r\n" * 200 + b"\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
    ],
    ids=["nothing", "no-http", "status", "cut", "no-body", "no-chunk", "cut-chunk", "long-line", "many-lines", "tls"],
)
def test_an_answer_that_is_no_whole_http(serve: Serve, answer: bytes) -> None:
    assert unavailable(serve(answer).url).error == "ServiceException"


def test_a_mebibyte_is_taken_and_no_more(serve: Serve) -> None:
    body = json.dumps("x" * (MEBIBYTE - 2))
    assert invoke(serve(http(body)).url, "define", EVENT) == body
    told = unavailable(serve(http(body + " ")).url)
    assert (told.error, told.why.partition(" ")[2]) == ("ServiceException", "answers with more than 1048576 bytes.")


@pytest.mark.parametrize("size", [b"Content-Length: 99999999999", b"Transfer-Encoding: chunked", b"Connection: close"])
def test_of_an_endless_answer_no_more_is_read(serve: Serve, size: bytes) -> None:
    """The server goes on for longer than a caller waits; who reads on gets no answer in time."""
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    server = serve(Answer([b"HTTP/1.1 200 OK\r\n" + size + b"\r\n\r\n", *[piece] * 40, *[b""] * 1000], 0.01))
    assert unavailable(server.url).why == f"{server.url} answers with more than {MEBIBYTE} bytes."


# Who takes too long

WHOLE = http()
#: A hundred pieces and more, each in time.
DRIPS = [WHOLE[position : position + 1] for position in range(len(WHOLE))]
HEAD = WHOLE.index(b"{")


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        Answer([WHOLE], 30),
        Answer(DRIPS, 0.1),
        Answer([WHOLE[:HEAD], *DRIPS[HEAD:]], 0.1),
        Answer([b"HTTP/1.1 100 Continue\r\n\r\n"] * 100, 0.1),
        Answer([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 100], 0.1),
    ],
    ids=["nothing", "headers", "body", "continue", "chunks"],
)
@pytest.mark.parametrize("clock", ["goes", "stands"])
def test_who_has_not_wholly_answered_in_time(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, answer: Answer, clock: str
) -> None:
    monkeypatch.setattr(lambda_handlers, "SECONDS", 0.5)
    server = serve(answer)
    with freeze_time() if clock == "stands" else ExitStack():
        told = unavailable(server.url)
    assert told.error == TIMED_OUT
    assert told.why == f"{server.url} has not answered within 0.5 seconds."
    assert len(server.calls) == 1
    assert threads_of_calls_end()
    assert len(server.written) < len(answer.pieces)  # nobody was there to take the rest


def test_of_a_status_that_tells_all_the_body_is_not_waited_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_handlers, "SECONDS", 5)
    server = serve(Answer([b"", b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 100], 0.1))
    assert unavailable(server.url).error == "ResourceNotFoundException"


def test_the_look_up_of_the_host_counts(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after it is not done any more: nobody waits for the answer."""
    server, over, look_up = serve(http()), threading.Event(), socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        over.wait(30)
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(lambda_handlers, "SECONDS", 0.2)
    try:
        assert unavailable(server.url).error == TIMED_OUT
    finally:
        over.set()
    assert threads_of_calls_end()
    assert server.calls == []


@pytest.mark.slow
def test_a_program_ends_though_a_look_up_does_not() -> None:
    output = run_python("""
import socket, threading
from moto_cognito_devices.cognitoidp.triggers import lambda_endpoint
from moto_cognito_devices.testing import lambda_handlers
socket.getaddrinfo = lambda *_: threading.Event().wait()
lambda_handlers.SECONDS = 0.2
try:
    lambda_endpoint.invoke("http://127.0.0.1:1", "define", "{}")
except lambda_handlers.LambdaUnavailable as told:
    print(told)
""")
    assert output == f"{TIMED_OUT}\n"


def test_an_error_that_is_not_the_servers_is_not_hidden(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that may use no network says so itself."""

    def blocked(*_: Any) -> Any:
        raise RuntimeError("no sockets in this test")

    monkeypatch.setattr(socket, "getaddrinfo", blocked)
    with pytest.raises(RuntimeError, match="no sockets in this test"):
        invoke(serve(http()).url, "define", EVENT)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for 127.0.0.1 with its key, which no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(pem) + private)
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_this_machine_trusts(
    serve: Serve, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = serve(http(), tls)
    assert invoke(server.url, "define", EVENT) == EVENT
    told = unavailable(server.url.replace("127.0.0.1", "localhost"))  # which the certificate is not for
    assert (told.error, "Hostname mismatch" in told.why) == ("ServiceException", True)


def test_a_certificate_that_nobody_has_signed(serve: Serve, tls: ssl.SSLContext) -> None:
    server = serve(http(), tls)
    told = unavailable(server.url)
    assert (told.error, "CERTIFICATE_VERIFY_FAILED" in told.why) == ("ServiceException", True)
    assert server.calls == []


def test_https_where_http_is_spoken_and_the_other_way_about(serve: Serve, tls: ssl.SSLContext) -> None:
    assert unavailable(serve(http()).url.replace("http:", "https:")).error == "ServiceException"
    assert unavailable(serve(http(), tls).url.replace("https:", "http:")).error == "ServiceException"


def test_a_drip_by_tls(serve: Serve, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(lambda_handlers, "SECONDS", 1)
    server = serve(Answer(DRIPS, 0.1), tls)
    assert unavailable(server.url).error == TIMED_OUT
    assert threads_of_calls_end()
    assert len(server.written) < len(DRIPS)


def test_nothing_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    invoke(serve(http()).url, "define", EVENT)
    unavailable(serve(http("hunter2", "500 Oops")).url)
    assert caplog.records == []
