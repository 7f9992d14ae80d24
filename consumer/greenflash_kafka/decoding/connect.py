"""Kafka Connect's JSON with a schema: `{"schema": S, "payload": P}`, as JsonConverter writes it (`schemas.enable`).

It is found by itself: an object of these two keys whose `schema` is one of Connect, or null. The payload is P, with the
values that S means: decimals, times, dates (`connect_types`).

S is the same for all messages of a version of a table, and most of the bytes. So the text up to P is kept: another
message that begins with it needs only P decoded. That is as strict as decoding all of it, which was done once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from greenflash_kafka.decoding.connect_types import Convert, converter
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.model.payload import Shape

MAX_PREFIXES: Final = 16
"""Beginnings of messages that are kept for one topic: a schema each."""

MAX_PREFIX_BYTES: Final = 1024 * 1024
"""Bytes of all of them; the schema of a table of 30 columns takes 7 KB."""

THIRD_BYTES: Final = frozenset((b"s", b"p", b'"', b"{", b" ", b"\n", b"\r", b"\t"))
"""The third byte of a message with a schema: of one of the two keys, or what may stand before it."""

UNKNOWN: Final = object()
"""A message that begins with no text that is known."""

Read = Callable[[bytes], object]

_SCALARS: Final = frozenset(
    ("boolean", "bytes", "double", "float", "int8", "int16", "int32", "int64", "string"),
)
_BEGINS: Final = re.compile(rb'\s*\{\s*"(?:schema|payload)"\s*:').match
_ENDS_BEFORE_PAYLOAD: Final = re.compile(rb'"payload"\s*:\s*\Z').search


class _Wrapper(msgspec.Struct, forbid_unknown_fields=True):
    schema: msgspec.Raw
    payload: msgspec.Raw


_wrapper: Final = msgspec.json.Decoder(_Wrapper).decode


class _NoSchema(Exception):
    """The object under `schema` isn't Connect's."""


def has_schema(value: bytes) -> bool:
    """Whether a message of JSON brings the schema of its payload along."""
    try:
        conversion(decode(bytes(_wrapper(value).schema)), None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DecodeError, _NoSchema):
        return False
    return True


class Unwrapper:
    """Reads messages with a schema. `reader` makes what decodes the payload's own bytes, for what of it is read."""

    __slots__ = ("_bytes", "_prefixes", "_reader", "_shape", "known")

    def __init__(self, shape: Shape | None, reader: Callable[[Shape | None], Read]) -> None:
        self._shape = shape
        self._reader = reader
        self._prefixes: list[tuple[bytes, Read]] = []
        self._bytes = 0
        self.known = False
        """Whether any message with a schema was read yet."""

    def read(self, value: bytes) -> object:
        """The payload of a message that begins as one did before, else UNKNOWN: also if it isn't JSON."""
        for place, (prefix, read) in enumerate(self._prefixes):
            if value.startswith(prefix) and value.endswith(b"}"):
                if place:
                    self._prefixes.insert(0, self._prefixes.pop(place))
                try:
                    return read(value[len(prefix) : -1])
                except DecodeError:
                    # What is wrong, whoever reads all of it says. Or another key follows.
                    return UNKNOWN
        return UNKNOWN

    def unwrapped(self, value: bytes, payload: object) -> object:
        """The payload of a message with a schema; `payload` of any other. Raises DecodeError if a message with a schema
        has a payload that isn't decoded."""
        if _BEGINS(value) is None:
            return payload
        try:
            wrapper = _wrapper(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return payload
        try:
            shape, convert = conversion(decode(bytes(wrapper.schema)), self._shape)
        except (DecodeError, _NoSchema):
            return payload
        read = self._reader(shape) if convert is None else _converting(self._reader(shape), convert)
        body = bytes(wrapper.payload)
        found = read(body)
        prefix = value[: -len(body) - 1]
        if value == prefix + body + b"}" and _ENDS_BEFORE_PAYLOAD(prefix):
            self._keep(prefix, read)
        return found

    def _keep(self, prefix: bytes, read: Read) -> None:
        self._prefixes.insert(0, (prefix, read))
        self._bytes += len(prefix)
        while len(self._prefixes) > MAX_PREFIXES or self._bytes > MAX_PREFIX_BYTES:
            self._bytes -= len(self._prefixes.pop()[0])
        self.known = bool(self._prefixes)


def _converting(read: Read, convert: Convert) -> Read:
    return lambda value: convert(read(value))


def conversion(schema: object, shape: Shape | None) -> tuple[Shape | None, Convert | None]:
    """What has to be decoded for `shape`, and the conversion of what was (it may change it); None if nothing has to be
    converted. Null is a schema of any value. Raises _NoSchema for what is no schema of Connect."""
    return (shape, None) if schema is None else _conversion(schema, shape)


def _conversion(schema: object, shape: Shape | None) -> tuple[Shape | None, Convert | None]:
    if not isinstance(schema, dict):
        raise _NoSchema
    name, parameters = schema.get("name"), schema.get("parameters")
    convert = converter(name, parameters if isinstance(parameters, dict) else {}) if isinstance(name, str) else None
    match schema.get("type"):
        case "struct":
            found = _of_struct(schema.get("fields"), shape)
        case "array":
            found = shape, _each(_conversion(schema.get("items"), None)[1])
        case "map":
            _conversion(schema.get("keys"), None)
            found = None, _values(_conversion(schema.get("values"), None)[1])
        case str(kind) if kind in _SCALARS:
            found = shape, None
        case _:
            raise _NoSchema
    # What makes one value of a struct needs all of it, whatever of it is read.
    return found if convert is None else (None, convert)


def _of_struct(fields: object, shape: Shape | None) -> tuple[Shape | None, Convert | None]:
    if not isinstance(fields, list):
        raise _NoSchema
    parts: dict[str, Convert] = {}
    shapes = None if shape is None else dict(shape)
    for field in fields:
        name = field.get("field") if isinstance(field, dict) else None
        if not isinstance(name, str):
            raise _NoSchema
        inner, convert = _conversion(field, None if shape is None else shape.get(name))
        if shapes is not None:
            if name not in shapes:
                continue
            shapes[name] = inner
        if convert is not None:
            parts[name] = convert
    return shapes, _fields(parts)


def _fields(parts: Mapping[str, Convert]) -> Convert | None:
    if not parts:
        return None

    def convert(value: object) -> object:
        if isinstance(value, dict):
            for name, part in parts.items():
                found = value.get(name)
                if found is not None:
                    value[name] = part(found)
        return value

    return convert


def _each(part: Convert | None) -> Convert | None:
    if part is None:
        return None

    def convert(value: object) -> object:
        return [None if each is None else part(each) for each in value] if isinstance(value, list) else value

    return convert


def _values(part: Convert | None) -> Convert | None:
    """Of a map: an object; a list of pairs, if its keys aren't texts."""
    if part is None:
        return None

    def convert(value: object) -> object:
        if isinstance(value, dict):
            return {name: None if found is None else part(found) for name, found in value.items()}
        if isinstance(value, list):
            return [
                [pair[0], None if pair[1] is None else part(pair[1])]
                if isinstance(pair, list) and len(pair) == 2
                else pair
                for pair in value
            ]
        return value

    return convert
