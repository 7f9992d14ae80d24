"""Python code that turns a Protobuf message into the payload that rules read, compiled for its descriptor.

Names are those of the .proto. A field without presence that isn't on the wire is 0, false, the enum's first symbol, []
or {}; an empty text and empty bytes are missing. A field with presence that isn't set is missing, or has the default
that proto2 declares. Of a message only what `shape` names is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from keyword import iskeyword
from types import MethodDescriptorType
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.timestamp_pb2 import Timestamp

from greenflash_kafka.decoding import proto_values as values
from greenflash_kafka.decoding.exact import base64_of, double_of, single_of
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.payload import Shape

Read = Callable[[Any], object]
"""From a message of Protobuf's library to its value."""

HAS_FIELD: Final[Callable[[Any, str], bool]] = next(
    (
        vars(kind)["HasField"]
        for kind in Timestamp.__mro__
        if isinstance(vars(kind).get("HasField"), MethodDescriptorType)
    ),
    lambda message, name: bool(message.HasField(name)),
)
"""Of messages of any class; their own attribute may be a field of that name."""

_MAPS: Final = {FieldDescriptor.TYPE_BOOL: "bool_key({})", FieldDescriptor.TYPE_STRING: "{}"}
"""The text of a map's key by its type; of others, `str`."""


class ProtoCode:
    """Compiled readers of messages, by descriptor and shape. `any_of` reads a google.protobuf.Any."""

    def __init__(self, any_of: Read) -> None:
        self.recursive = False
        """Whether a value may nest deeper than its descriptors do."""

        self._names: dict[str, Any] = {
            "any_of": any_of,
            "amount_of": values.amount_of,
            "base64_of": base64_of,
            "bool_key": _bool_key,
            "double_of": double_of,
            "has": HAS_FIELD,
            "single_of": single_of,
            "text_of": _text_of,
        }
        self._functions: dict[tuple[str, str], str] = {}
        self._ready: dict[str, Read] = {}
        self._wanted: list[tuple[str, Any, Shape | None]] = []
        self._inside: dict[str, set[str]] = {}
        self._checked: dict[str, bool] = {}

    def reader(self, descriptor: Any, shape: Shape | None) -> Read:
        """The function from a message to its value."""
        value = self._message(descriptor, shape)
        lines = [f"def read(m): return {value.format('m')}"]
        while self._wanted:
            lines += self._function(*self._wanted.pop())
        exec(compile("\n".join(lines), f"<{descriptor.full_name}>", "exec"), self._names)
        self.recursive |= _has_cycle(self._inside)
        read: Read = self._names["read"]
        return read

    def _function(self, name: str, descriptor: Any, shape: Shape | None) -> Iterator[str]:
        yield f"def {name}(m):"
        yield " d = {}"
        for field in descriptor.fields:
            if shape is None or field.name in shape:
                yield from self._field(field, None if shape is None else shape[field.name])
        if values.is_money(descriptor) and (shape is None or "amount" in shape):
            yield " d['amount'] = amount_of(m.units, m.nanos)"
        yield " return d"

    def _field(self, field: Any, shape: Shape | None) -> Iterator[str]:
        name = field.name
        read = f"getattr(m, {name!r})" if iskeyword(name) else f"m.{name}"
        put = f"d[{name!r}]"
        if is_map(field):
            yield from (f" {line}" for line in self._map(field, shape, read, put))
        elif field.is_repeated:
            value = self._value(field, None)
            yield f" {put} = list({read})" if value == "{}" else f" {put} = [{value.format('x')} for x in {read}]"
        elif field.has_presence and not field.has_default_value:
            yield f" if has(m, {name!r}): {put} = {self._value(field, shape).format(read)}"
        elif not field.has_presence and field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
            yield f" v = {read}"
            yield f" if v: {put} = {self._value(field, shape).format('v')}"
        else:
            yield f" {put} = {self._value(field, shape).format(read)}"

    def _map(self, field: Any, shape: Shape | None, read: str, put: str) -> Iterator[str]:
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        text = self._text(key) if key.type == FieldDescriptor.TYPE_STRING else _MAPS.get(key.type, "str({})")
        one = self._value(value, None)
        yield f"f = {read}"
        if shape is not None and key.type == FieldDescriptor.TYPE_STRING:
            yield f"{put} = {{k: {one.format('f[k]')} for k in {sorted(shape)!r} if k in f}}"
        else:
            # The order in which a map gives its keys is another one in each process.
            keys = "map(text_of, f)" if "text_of" in text else "f"
            name = "k" if "text_of" in text else text.format("k")
            yield f"{put} = {{{name}: {one.format('f[k]')} for k in sorted({keys})}}"

    def _value(self, field: Any, shape: Shape | None) -> str:
        """An expression's text, in which {} stands for the field's value."""
        match field.type:
            case FieldDescriptor.TYPE_DOUBLE:
                return "double_of({})"
            case FieldDescriptor.TYPE_FLOAT:
                return "single_of({})"
            case FieldDescriptor.TYPE_BYTES:
                return "base64_of({})"
            case FieldDescriptor.TYPE_STRING:
                return self._text(field)
            case FieldDescriptor.TYPE_ENUM:
                return f"{self._symbols(field.enum_type)}[{{}}]"
            case FieldDescriptor.TYPE_MESSAGE | FieldDescriptor.TYPE_GROUP:
                self._inside.setdefault(field.containing_type.full_name, set()).add(field.message_type.full_name)
                return self._message(field.message_type, shape)
            case _:
                return "{}"

    def _text(self, field: Any) -> str:
        """Texts of proto3 were checked to be UTF-8 when the message was parsed."""
        file = field.file
        if file.name not in self._checked:
            self._checked[file.name] = FileDescriptorProto.FromString(file.serialized_pb).syntax == "proto3"
        return "{}" if self._checked[file.name] else "text_of({})"

    def _symbols(self, enum: Any) -> str:
        name = f"e_{enum.full_name.replace('.', '_')}"
        # Of symbols with one number the first is its name, as in the JSON mapping.
        self._names[name] = _Symbols({value.number: value.name for value in reversed(list(enum.values))})
        return name

    def _message(self, descriptor: Any, shape: Shape | None) -> str:
        full_name = descriptor.full_name
        known = values.WELL_KNOWN.get(full_name)
        if known is not None and values.has_fields(descriptor, known[1]):
            self.recursive |= full_name in values.RECURSIVE
            self._names[known[0].__name__] = known[0]
            return f"{known[0].__name__}({{}})"
        if values.is_wrapper(descriptor):
            return self._value(descriptor.fields[0], None).format("{}.value")
        if values.is_any(descriptor):
            self.recursive = True
            return "any_of({})"
        key = (full_name, repr(shape))
        if key not in self._functions:
            self._functions[key] = f"read_{len(self._functions)}"
            self._wanted.append((self._functions[key], descriptor, shape))
        return f"{self._functions[key]}({{}})"


class _Symbols(dict[int, str | int]):
    """An enum's symbols by number; a number without a symbol stands for itself."""

    def __missing__(self, number: int) -> int:
        return number


def is_map(field: Any) -> bool:
    """True for a map."""
    kind = field.message_type
    return field.is_repeated and kind is not None and bool(kind.has_options and kind.GetOptions().map_entry)


def _bool_key(key: bool) -> str:
    return "true" if key else "false"


def _text_of(value: str | bytes) -> str:
    """Protobuf's library gives a text that isn't UTF-8 as bytes."""
    if isinstance(value, bytes):
        raise DecodeError("a text isn't UTF-8")
    return value


def _has_cycle(inside: Mapping[str, set[str]]) -> bool:
    try:
        TopologicalSorter(inside).prepare()
    except CycleError:
        return True
    return False
