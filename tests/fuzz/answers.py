"""Hostile answers of Lambda functions, as hypothesis strategies: what they send, and what a handler does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from moto_cognito_devices.testing import LambdaUnavailable

from .hostile import json_values

Event = dict[str, Any]
Path = tuple[str | int, ...]

_DROP, _PASCAL, _DEEP = "dropped", "in PascalCase", "deep"


@dataclass(frozen=True)
class Member:
    """What becomes of one member of an answer.

    :param place: a number, taken modulo the places there are
    :param how: "dropped", "in PascalCase", "deep", or "" for another value
    :param said: whether it is a member of ``response``
    """

    place: int
    how: str = ""
    value: Any = None
    said: bool = False

    def change(self, answer: Event) -> None:
        places = [path for path in _places(answer) if not self.said or (path[0] == "response" and len(path) > 1)]
        if not places:
            return
        *parents, name = places[self.place % len(places)]
        holder: Any = answer
        for parent in parents:
            holder = holder[parent]
        if self.how == _DROP:
            del holder[name]
        elif self.how == _PASCAL and isinstance(name, str):
            holder[name[:1].upper() + name[1:]] = holder.pop(name)
        elif self.how == _DEEP:
            holder[name] = _deep(self.value)
        else:
            holder[name] = self.value


@dataclass(frozen=True)
class Hostile:
    """A handler that does something else than what it should.

    :param does: takes what the right handler would answer, and answers, or raises
    """

    title: str
    does: Callable[[Event], Any]

    def __repr__(self) -> str:
        return f"Hostile({self.title})"


def changes() -> st.SearchStrategy[list[Member]]:
    """Of an answer, one to three."""
    places, values, said = st.integers(0, 60), json_values(), st.sampled_from([True, True, False])
    members = (
        st.builds(Member, places, st.sampled_from([_DROP, _PASCAL]), said=said)
        | st.builds(Member, places, st.just(_DEEP), st.sampled_from([50, 101, 300]), said)
        | st.builds(Member, places, st.just(""), values | st.sampled_from([None, True, False, "", {}, []]), said)
    )
    return st.lists(members, min_size=1, max_size=3)


def changed(answer: Event, members: list[Member]) -> Event:
    copy: Event = json.loads(json.dumps(answer))
    for member in members:
        member.change(copy)
    return copy


def texts() -> st.SearchStrategy[str]:
    """What is no answer, of functions that can send any text."""
    odd = [
        *("", " ", "null", "true", "0", '""', "[]", "{}", "{", "NaN", "Infinity", "-Infinity", "1e400", "\ufeff{}"),
        *('"\\ud800"', '{"a": 1, "a": 2}', '{"response": {}}', "\x00", "None", "{'response': {}}", "<html>"),
        *("9" * 6000, "[" * 100_000, '{"a":' * 50_000, "[" * 300 + "]" * 300),
    ]
    return st.sampled_from(odd) | st.text(max_size=60) | json_values().map(json.dumps)


def handlers() -> st.SearchStrategy[Hostile]:
    """What handlers in Python do."""
    almost_right = changes().map(
        lambda members: Hostile(f"changes {members}", lambda answer: changed(answer, members)),
    )
    returned = st.sampled_from(_RETURNED) | json_values().map(lambda value: (f"returns {value!r}", lambda: value))
    instead = returned.map(lambda made: Hostile(made[0], lambda _: made[1]()))
    raised = st.sampled_from(_RAISED).map(lambda made: Hostile(made[0], lambda _: _raise(made[1]())))
    return almost_right | almost_right | instead | raised


class Untold(Exception):
    """An error without a text."""

    def __str__(self) -> str:
        raise ValueError("no text")


def _cycle() -> Event:
    cycle: Event = {}
    cycle["response"] = cycle
    return cycle


def _deep(levels: int) -> Any:
    deep: Any = None
    for _ in range(levels):
        deep = {"a": [deep]}
    return deep


def _raise(error: Exception) -> Any:
    raise error


_RETURNED: list[tuple[str, Callable[[], Any]]] = [
    ("a set", lambda: {1}),
    ("a moment", lambda: datetime(2026, 1, 1, tzinfo=timezone.utc)),
    ("a cycle", _cycle),
    ("bytes", lambda: b"{}"),
    ("an object", object),
    ("a number", lambda: Decimal("1.5")),
    ("keys that are none", lambda: {(1, 2): 3}),
    ("deep", lambda: _deep(400)),
    ("too deep", lambda: _deep(50_000)),
    ("many digits", lambda: 10**6000),
    ("no number", lambda: float("nan")),
    ("much", lambda: {"response": "a" * 2_000_000}),
]
_RAISED: list[tuple[str, Callable[[], Exception]]] = [
    ("raises", lambda: ValueError("no")),
    ("raises without a text", Exception),
    ("raises what has no text", Untold),
    ("raises lines", lambda: ValueError("a\r\nSet-Cookie: b\n\n<html>")),
    ("raises what is not ASCII", lambda: ValueError("é\u202e\x00\U0001f600")),
    ("raises half a letter", lambda: ValueError("\ud800")),
    ("raises much", lambda: ValueError("a" * 200_000)),
    ("raises what is no text", lambda: KeyError("a", 1)),
    ("recurses", lambda: RecursionError("deep")),
    ("stops", lambda: StopIteration("a")),
    ("can't be invoked", lambda: LambdaUnavailable("AccessDeniedException")),
    ("can't be invoked, in lines", lambda: LambdaUnavailable("a\nb", "c\nd")),
]


def _places(value: Any, path: Path = ()) -> list[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[Path] = []
    for name, member in members:
        found += [(*path, name), *_places(member, (*path, name))]
    return found
