"""Checks of a request against botocore's own service model, worded as Cognito words them.

Two phases, as in AWS: if a member has a JSON type that does not fit, the error is a SerializationException and nothing
more is checked; then every constraint of every member (required, length, pattern, enum, range) that fails is named in
one InvalidParameterException. The message leaves out values that the model calls sensitive.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NoReturn

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.utils import get_service_model

from .. import json_input
from .exceptions import SerializationException, ValidationError

_SERVICE = "cognito-idp"
# Java's names for the types of JSON values.
_JSON_NAMES = {bool: "{}_VALUE", str: "STRING_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}
_JSON_TYPES: dict[str, set[type]] = {
    "boolean": {bool},
    "string": {str},
    "integer": {int},
    "long": {int},
    "float": {int, float},
    "double": {int, float},
    "timestamp": {str, int, float},
}
_JAVA_NAMES = {"boolean": "a Boolean", "integer": "an Integer", "long": "a Long", "timestamp": "a Timestamp"}
# Also without the model's word: the message goes into the log.
_SENSITIVE = {"ConfirmationCodeType"}
_NOT_JSON = object()


def parse(body: str | None) -> Any:
    """Parse a request's body as JSON, leniently: only :func:`typed` raises an error if it is not JSON."""
    try:
        # Only an escape can bring in a lone surrogate, for which json_input looks.
        return json_input.parse(body) if body and "\\u" in body else json.loads(body or "{}")
    except (ValueError, RecursionError):
        return _NOT_JSON


def typed(operation: str, members: Any) -> dict[str, Any]:
    """Return those members that have a value, if each has the JSON type that the service model gives it.

    Members that are null, or that the model does not know, are left out: to AWS both are absent.

    :param operation: as in the service model, "ConfirmDevice"
    :param members: as :func:`parse` returns them
    :raises SerializationException: if they are not a JSON object, or a member has another type
    """
    if members is _NOT_JSON:
        raise SerializationException("The request body is not valid JSON.")
    parameters: dict[str, Any] = _reader(_input_shape(operation))(members)
    return parameters


def validate(operation: str, parameters: dict[str, Any]) -> None:
    """Check what :func:`typed` returned against the constraints of the service model.

    :raises ValidationError: naming each constraint that fails
    """
    failures = list(_failures(parameters, _input_shape(operation), ()))
    if failures:
        raise ValidationError(failures)


@cache
def _input_shape(operation: str) -> StructureShape:
    shape: StructureShape = get_service_model(_SERVICE).operation_model(operation).input_shape
    return shape


@cache
def _reader(shape: Shape) -> Callable[[Any], Any]:
    """Compile :func:`typed` for a shape, since every request passes through it; for its members when they come."""
    if isinstance(shape, StructureShape):
        known = shape.members
        return lambda value: {
            name: _reader(known[name])(member)
            for name, member in _expect(dict, value, shape).items()
            if member is not None and name in known
        }
    if isinstance(shape, MapShape):
        read = _reader(shape.value)
        # A null stays: clients send "DEVICE_KEY": null, and a map has no member that could be absent.
        return lambda value: {
            key: None if member is None else read(member) for key, member in _expect(dict, value, shape).items()
        }
    if isinstance(shape, ListShape):
        read = _reader(shape.member)
        return lambda value: [read(member) for member in _expect(list, value, shape) if member is not None]
    types = _JSON_TYPES.get(shape.type_name, set())
    return lambda value: value if type(value) in types else _refuse(value, shape)


def _expect(json_type: type, value: Any, shape: Shape) -> Any:
    if not isinstance(value, json_type):
        raise SerializationException(f"Unexpected value type in payload: {shape.name} is a {shape.type_name}.")
    return value


def _refuse(value: Any, shape: Shape) -> NoReturn:
    if isinstance(value, (list, dict)):
        kind = "list" if isinstance(value, list) else "structure or map"
        raise SerializationException(f"Start of {kind} found where not expected.")
    found = _JSON_NAMES[type(value)].format(str(value).upper())
    raise SerializationException(f"{found} can not be converted to {_JAVA_NAMES.get(shape.type_name, 'a String')}")


def _failures(value: Any, shape: Shape, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if name not in value:
                yield _failure(None, shape.members[name], (*path, name), "Member must not be null")
        for name, member in value.items():
            yield from _failures(member, shape.members[name], (*path, name))
    elif isinstance(shape, ListShape):
        for number, member in enumerate(value, start=1):
            yield from _failures(member, shape.member, (*path, str(number), "member"))
    elif isinstance(shape, MapShape):
        members = [member for member in value.values() if member is not None]
        for text in sorted([text for check, text in _checks(shape.value) if not all(map(check, members))]):
            yield _failure(value, shape, path, f"Map value must satisfy constraint: [{text}]")
    else:
        for check, text in _checks(shape):
            if not check(value):
                yield _failure(value, shape, path, text)


def _failure(value: Any, shape: Shape, path: tuple[str, ...], text: str) -> str:
    if value is None:
        shown = "Value null"
    elif shape.metadata.get("sensitive") or shape.name in _SENSITIVE or isinstance(shape, MapShape):
        shown = "Value"
    else:
        shown = f"Value '{value}'"
    at = ".".join(f"{name[:1].lower()}{name[1:]}" for name in path)
    return f"{shown} at '{at}' failed to satisfy constraint: {text}"


@cache
def _checks(shape: Shape) -> list[tuple[Callable[[Any], object], str]]:
    """Checks of a simple shape's values, each with what Cognito says about a value that fails it."""
    rules, checks = shape.metadata, []
    is_text = shape.type_name == "string"
    measure = f"Member must have {'length' if is_text else 'value'}"
    if (most := rules.get("max")) is not None:
        text = f"{measure} less than or equal to {most}"
        checks.append((lambda value: (len(value) if is_text else value) <= most, text))
    if (least := rules.get("min")) is not None:
        text = f"{measure} greater than or equal to {least}"
        checks.append((lambda value: (len(value) if is_text else value) >= least, text))
    if pattern := rules.get("pattern"):
        checks.append((_pattern(pattern), f"Member must satisfy regular expression pattern: {pattern}"))
    if enum := rules.get("enum"):
        checks.append((enum.__contains__, f"Member must satisfy enum value set: [{', '.join(enum)}]"))
    return checks


@cache
def _pattern(pattern: str) -> Callable[[str], object]:
    r"""A full match by a Java pattern. Python's re has no \p{…}, a category of characters."""
    if r"\p{" not in pattern:
        return re.compile(pattern, re.ASCII).fullmatch
    matches = re.compile(re.sub(r"\\p\{(.)\}", lambda found: _class(found[1]), pattern), re.ASCII).fullmatch
    return lambda value: matches("".join(c if c.isascii() else _STAND_INS[unicodedata.category(c)[0]] for c in value))


# One for all the characters of a category that are not ASCII: there are more than 100,000.
_STAND_INS = {category: chr(0xE000 + number) for number, category in enumerate("CLMNPSZ")}


def _class(category: str) -> str:
    in_ascii = [f"\\x{number:02x}" for number in range(128) if unicodedata.category(chr(number))[0] == category]
    return "".join([*in_ascii, _STAND_INS[category]])
