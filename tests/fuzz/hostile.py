"""Hostile requests, as hypothesis strategies.

A request names what it takes from the :class:`~.world.World` by titles, and not by values: those are different in
each run, and a failing request must be the same in the next.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from .world import World


@dataclass(frozen=True)
class Material:
    """Stands for a value of the world."""

    title: str


@dataclass(frozen=True)
class Tampered:
    """Stands for the string that a valid request has in this place, changed."""

    change: Callable[[str], str]
    title: str

    def __repr__(self) -> str:
        return f"Tampered({self.title})"


_DROP = object()

Path = tuple[str, ...]


@dataclass(frozen=True)
class Hostile:
    """
    :param title: of the valid request that it comes from
    :param changes: what to put where; the place is a number, taken modulo the places there are
    :param encoding: what becomes of the body's bytes
    """

    title: str
    changes: list[tuple[int, Any]]
    headers: dict[str, str]
    encoding: Callable[[bytes], bytes]
    how_encoded: str
    dumps: dict[str, Any]
    duplicate: int | None = None

    def body(self, world: World) -> bytes:
        parameters = _copy(world.valid[self.title][1])
        for place, value in self.changes:
            _change(parameters, place, value, world)
        text = json.dumps(parameters, **self.dumps)
        if self.duplicate is not None and parameters:
            name = list(parameters)[self.duplicate % len(parameters)]
            text = f"{text[:-1]}, {json.dumps(name)}: {json.dumps(parameters[name])}}}"
        return self.encoding(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Senseless:
    """Not derived from anything."""

    operation: str
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


# Values
def _numbers() -> st.SearchStrategy[Any]:
    extremes = [0, -1, 1, 60, 61, 2**31, -(2**31) - 1, 2**63, -(2**63), 10**400, 1e308, -0.0, 1.5, 1e-320]
    return st.sampled_from(extremes) | st.integers() | st.floats()


def _texts() -> st.SearchStrategy[str]:
    odd = [
        "",
        " ",
        "\x00",
        "\ud800",
        "a\udfff",
        "\ufeff",
        "\u202eada",
        "İ",
        "ﬀ",
        "\uff41da",
        "ada\x00",
        "ADA",
        "null",
        "true",
        "-1",
        "0" * 769,
        "=" * 8,
        "%s%n{}",
        "../../etc/passwd",
        "' OR 1=1 --",
        "<script>",
        "a" * 1025,
        "é" * 2049,
        "\U0001f600" * 300,
        "a.b.c",
        "eyJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJub25lIn0." + "e30" * 4000 + ".",
        "eu-west-1_0",
        "_",
        "١٢٣",
        "Tue Sep 5 00:09:40 UTC 2023",
        "Tue Sep 31 25:61:61 UTC 0000",
        "Tue Sep 5 00:09:40 UTC ٢٠٢٣",
        "AQ==",
        "gA==",
        "A",
    ]
    surrogates = st.characters(categories=("Cs", "Cc", "Cf", "Lu", "Nd", "Zs", "So"))
    return (
        st.sampled_from(odd)
        | st.text(max_size=40)
        | st.text(surrogates, max_size=10)
        | st.text("0123456789abcdefABCDEF", max_size=60)
        | st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.sampled_from([2000, 70000]))
    )


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | _numbers() | _texts()
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts(), inner, max_size=4), max_leaves=8
    )


def _materials(titles: list[str]) -> st.SearchStrategy[Material]:
    return st.sampled_from(sorted(titles)).map(Material)


def _tampered() -> st.SearchStrategy[Tampered]:
    changes: dict[str, Callable[[str], str]] = {
        "cut": lambda text: text[:-1],
        "halved": lambda text: text[: len(text) // 2],
        "reversed": lambda text: text[::-1],
        "doubled": lambda text: text * 2,
        "upper": str.upper,
        "swapped": str.swapcase,
        "NUL behind": lambda text: text + "\x00",
        "NUL within": lambda text: text[: len(text) // 2] + "\x00" + text[len(text) // 2 :],
        "newline behind": lambda text: text + "\n",
        "space before": lambda text: " " + text,
        "surrogate behind": lambda text: text + "\udc80",
        "accent behind": lambda text: text + "é",
        "equals signs behind": lambda text: text + "==",
        "without equals signs": lambda text: text.rstrip("="),
        "url-safe": lambda text: text.replace("+", "-").replace("/", "_"),
        "zeros before": lambda text: "00" + text,
        "minus before": lambda text: "-" + text,
        "0x before": lambda text: "0x" + text,
        "first letter changed": lambda text: chr(ord(text[0]) ^ 1) + text[1:] if text else "x",
        "long": lambda text: text + "A" * 100_000,
    }
    return st.sampled_from(sorted(changes)).map(lambda title: Tampered(changes[title], title))


def _replacements(titles: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(_tampered(), _materials(titles), json_values(), st.just(_DROP))


# Headers
def _header_text() -> st.SearchStrategy[str]:
    # What http.client sends: Latin-1 without line ends, and no space before.
    letters = st.characters(codec="latin-1", exclude_characters="\r\n")
    return st.text(letters, max_size=40).map(str.strip)


def headers() -> st.SearchStrategy[dict[str, str]]:
    scope = "AKIAIOSFODNN7EXAMPLE/20260101/{}/cognito-idp/aws4_request"
    authorization = st.sampled_from(
        [
            "AWS4-HMAC-SHA256 Credential=" + scope.format("eu-west-1") + ", SignedHeaders=host, Signature=x",
            "AWS4-HMAC-SHA256 Credential=" + scope.format("mars-north-9") + ", SignedHeaders=host, Signature=x",
            "AWS4-HMAC-SHA256 Credential=" + scope.format("") + ", SignedHeaders=host, Signature=x",
            "AWS4-HMAC-SHA256 Credential=a/b/c",
            "AWS4-HMAC-SHA256 Credential=",
            "AWS4-HMAC-SHA256",
            "AWS4",
            "AWS x:y",
            "Bearer a.b.c",
            "Basic YTpi",
        ]
    )
    sdk = st.sampled_from(
        ["aws-sdk-js/3.1.2", "aws-sdk-" + "x" * 5000 + "/1", "Boto3/1.0 md/x region/eu-west-1", "region/xx-moon-1", ""]
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "Authorization": authorization | _header_text(),
            "User-Agent": sdk | _header_text(),
            "Content-Type": st.sampled_from(
                ["", "text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
            )
            | _header_text(),
            "Content-Encoding": st.sampled_from(["gzip", "GZIP", "deflate", "br", "identity", "gzip, gzip"]),
            "X-Amz-Target": st.sampled_from(["{0}", "X.{0}", "a.b.c.{0}", "AWSCognitoIdentityProviderService.{0}"]),
            "X-Amz-User-Agent": _header_text(),
            "X-Forwarded-For": st.sampled_from(["", "999.1.1.1", "::1", "a" * 3000]),
        },
    )


# Bodies
def _encodings() -> st.SearchStrategy[tuple[str, Callable[[bytes], bytes]]]:
    changes: dict[str, Callable[[bytes], bytes]] = {
        "as it is": lambda body: body,
        "cut": lambda body: body[: len(body) // 2],
        "followed": lambda body: body + b"}",
        "with a mark": lambda body: b"\xef\xbb\xbf" + body,
        "utf-16": lambda body: body.decode("utf-8", "replace").encode("utf-16"),
        "no utf-8": lambda body: body.replace(b"a", b"\xff", 1),
        "gzip": gzip.compress,
        "broken gzip": lambda body: gzip.compress(body)[:-9],
        "gzip of much": lambda body: gzip.compress(body + b" " * 5_000_000),
        "listed": lambda body: b"[" + body + b"]",
        "deep": lambda body: b'{"x": ' + b"[" * 50_000 + b"]" * 50_000 + b"," + body[1:],
        "not closed": lambda body: b'{"x": ' + b'{"x":' * 20_000 + body,
        "many digits": lambda body: b'{"Limit": ' + b"9" * 6000 + b"," + body[1:],
        "great exponent": lambda body: b'{"Limit": 1e99999,' + body[1:],
        "NaN": lambda body: b'{"Limit": NaN,' + body[1:],
        "Infinity": lambda body: b'{"DeviceName": -Infinity,' + body[1:],
        "surrogate": lambda body: b'{"DeviceName": "\\ud800",' + body[1:],
        "many members": lambda body: b"{" + b"".join(b'"%d":0,' % n for n in range(5000)) + body[1:],
        "spaces": lambda body: b" " * 100_000 + body,
    }
    # Most bodies reach what stands behind the parser.
    titles = ["as it is"] * 3 * len(changes) + sorted(changes)
    return st.sampled_from(titles).map(lambda title: (title, changes[title]))


# What a composite strategy draws from is made outside of it: to make it anew for each request costs more than to send
# the request.
def tampered_requests(titles: list[str], materials: list[str]) -> st.SearchStrategy[Hostile]:
    """Valid requests with something wrong about them."""
    titles_, encodings, some_headers = st.sampled_from(sorted(titles)), _encodings(), headers()
    changes = st.lists(st.tuples(st.integers(0, 30), _replacements(materials)), max_size=3)
    one_in, place = st.integers(0, 5), st.integers(0, 9)

    @st.composite
    def requests(draw: st.DrawFn) -> Hostile:
        how_encoded, encoding = draw(encodings)
        zipped = {"Content-Encoding": "gzip"} if "gzip" in how_encoded else {}
        return Hostile(
            title=draw(titles_),
            changes=draw(changes),
            headers={**zipped, **(draw(some_headers) if draw(one_in) == 0 else {})},
            encoding=encoding,
            how_encoded=how_encoded,
            dumps={"ensure_ascii": draw(st.booleans())},
            duplicate=draw(place) if draw(one_in) == 0 else None,
        )

    return requests()


def senseless_requests(operations: list[str], members: list[str]) -> st.SearchStrategy[Senseless]:
    """Any JSON, some of it with members that the operations have; and any bytes."""
    values = json_values()
    named = st.dictionaries(st.sampled_from(sorted(members)), values, max_size=5)
    text = (named | values).map(lambda value: json.dumps(value).encode())
    return st.builds(
        Senseless,
        operation=st.sampled_from(sorted(operations)),
        content=text | st.binary(max_size=200),
        headers=st.just({}) | headers(),
    )


# Tampering
def _copy(value: Any) -> Any:
    return {name: _copy(member) for name, member in value.items()} if isinstance(value, dict) else value


def _places(parameters: dict[str, Any], path: Path = ()) -> list[Path]:
    places = []
    for name, member in parameters.items():
        places.append((*path, name))
        if isinstance(member, dict):
            places += _places(member, (*path, name))
    return places


def _change(parameters: dict[str, Any], place: int, value: Any, world: World) -> None:
    places = _places(parameters)
    if not places:
        return
    *parents, name = places[place % len(places)]
    holder = parameters
    for parent in parents:
        holder = holder[parent]
    if value is _DROP:
        del holder[name]
    elif isinstance(value, Material):
        holder[name] = world.materials[value.title]
    elif isinstance(value, Tampered):
        before = holder[name]
        holder[name] = value.change(before) if isinstance(before, str) else [before]
    else:
        holder[name] = value
