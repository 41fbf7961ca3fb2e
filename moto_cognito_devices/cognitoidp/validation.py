"""Checks of a request against botocore's own service model, worded as Cognito words them.

Two phases, as in AWS: a body whose JSON types don't fit is a SerializationException and nothing more is looked at;
then every constraint of every member (required, length, pattern, enum, range) that fails is named in one
InvalidParameterException. Values that the model calls sensitive are left out of the message.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.utils import get_service_model

from .exceptions import SerializationException, ValidationError

_SERVICE = "cognito-idp"
# Java's name of the JSON type that came, and the types of the service model that it fits.
_JSON_TYPES: list[tuple[type, str, frozenset[str]]] = [
    (bool, "{}_VALUE", frozenset({"boolean"})),
    (str, "STRING_VALUE", frozenset({"string", "timestamp"})),
    (int, "NUMBER_VALUE", frozenset({"integer", "long", "float", "double", "timestamp"})),
    (float, "DECIMAL_VALUE", frozenset({"float", "double", "timestamp"})),
]
# Also without the model's word: the message goes into the log.
_SENSITIVE = frozenset({"ConfirmationCodeType"})
_JAVA_NAMES = {"boolean": "Boolean", "integer": "Integer", "long": "Long", "timestamp": "Timestamp"}


def parse(operation: str, body: str | bytes | None) -> dict[str, Any]:
    """The parameters of a request, each of the JSON type that the service model gives it.

    Members that the model doesn't know are left out, null ones too: to AWS both are absent.

    :param operation: as in the service model, "ConfirmDevice"
    :raises SerializationException: if the body is no JSON object, or a member has another type
    """
    try:
        parameters = json.loads(body or b"{}")
        # Half of a surrogate pair is no text: JSON can name it, and nothing can be computed with it.
        json.dumps(parameters, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, or a number of too many digits
        raise SerializationException("The request body is not valid JSON.") from None
    return _typed(parameters, _input_shape(operation))  # type: ignore[no-any-return]


def validate(operation: str, parameters: dict[str, Any]) -> None:
    """Check parameters that :func:`parse` gave against the constraints of the service model.

    :raises ValidationError: naming each constraint that fails
    """
    failures = list(_failures(parameters, _input_shape(operation), ""))
    if failures:
        raise ValidationError(failures)


@cache
def _input_shape(operation: str) -> StructureShape:
    shape: StructureShape = get_service_model(_SERVICE).operation_model(operation).input_shape
    return shape


def _typed(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        members = shape.members
        return {
            name: _typed(member, members[name])
            for name, member in _expect(value, dict, shape).items()
            if member is not None and name in members
        }
    if isinstance(shape, MapShape):
        # A null stays: clients send "DEVICE_KEY": null, and a map has no member that could be absent.
        return {
            key: None if member is None else _typed(member, shape.value)
            for key, member in _expect(value, dict, shape).items()
        }
    if isinstance(shape, ListShape):
        return [_typed(member, shape.member) for member in _expect(value, list, shape) if member is not None]
    for json_type, name, fits in _JSON_TYPES:
        if isinstance(value, json_type):
            if shape.type_name in fits:
                return value
            expected = _JAVA_NAMES.get(shape.type_name, "String")
            raise SerializationException(f"{name.format(str(value).upper())} can not be converted to {_a(expected)}")
    kind = "list" if isinstance(value, list) else "structure or map"
    raise SerializationException(f"Start of {kind} found where not expected.")


def _expect(value: Any, json_type: type, shape: Shape) -> Any:
    if not isinstance(value, json_type):
        raise SerializationException(f"Unexpected value type in payload: {shape.name} is a {shape.type_name}.")
    return value


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _failures(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        prefix = f"{path}." if path else ""
        for name in shape.required_members:
            if name not in value:
                yield _failure(None, shape.members[name], prefix + _lower(name), "Member must not be null")
        for name, member in value.items():
            yield from _failures(member, shape.members[name], prefix + _lower(name))
    elif isinstance(shape, MapShape):
        for text in sorted({text for entry in value.values() for text in _broken(entry, shape.value)}):
            yield _failure(value, shape, path, f"Map value must satisfy constraint: [{text}]")
    elif isinstance(shape, ListShape):
        for number, member in enumerate(value, start=1):
            yield from _failures(member, shape.member, f"{path}.{number}.member")
    else:
        for text in _broken(value, shape):
            yield _failure(value, shape, path, text)


def _failure(value: Any, shape: Shape, path: str, text: str) -> str:
    if value is None:
        shown = "Value null"
    elif shape.metadata.get("sensitive") or shape.name in _SENSITIVE or isinstance(shape, MapShape):
        shown = "Value"
    else:
        shown = f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {text}"


def _broken(value: Any, shape: Shape) -> Iterator[str]:
    """The constraints of a simple shape that a value breaks."""
    rules = shape.metadata
    least, most = rules.get("min"), rules.get("max")
    if isinstance(value, str):
        if most is not None and len(value) > most:
            yield f"Member must have length less than or equal to {most}"
        if least is not None and len(value) < least:
            yield f"Member must have length greater than or equal to {least}"
        if "pattern" in rules and not _pattern(rules["pattern"])(value):
            yield f"Member must satisfy regular expression pattern: {rules['pattern']}"
        if "enum" in rules and value not in rules["enum"]:
            yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if most is not None and value > most:
            yield f"Member must have value less than or equal to {most}"
        if least is not None and value < least:
            yield f"Member must have value greater than or equal to {least}"


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
