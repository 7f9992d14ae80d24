"""Protobuf bodies from the data of cases: values as rules are to see them, written by the topic's schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from greenflash_kafka.decoding import encoded_values as values
from greenflash_kafka.decoding import proto_values as known
from greenflash_kafka.decoding.encode_error import EncodeError
from greenflash_kafka.decoding.proto_code import is_map
from greenflash_kafka.decoding.proto_pool import ProtoPool
from greenflash_kafka.decoding.proto_schema import compile_schema
from greenflash_kafka.decoding.proto_written_values import FILLS, fill_money, scalar_of
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.model.schema import Schema

TYPE: Final = "@type"
_WHOLE: Final = re.compile(r"-?[0-9]{1,20}")
_URL: Final = "type.googleapis.com/"


def encode(schema: Schema, message: str | Sequence[int], payload: object) -> bytes:
    """The body of a payload; `message` as for `protobuf_format.body_reader`.

    A field that the payload lacks isn't written. Raises EncodeError with the place in the payload; SchemaError for the
    schema.
    """
    pool = compile_schema(schema)
    body = GetMessageClass(pool.find(message))()
    try:
        _Writer(pool).fill(body, payload, "")
    except RecursionError:
        raise EncodeError("the payload nests too deep") from None
    data: bytes = type(body).SerializePartialToString(body, deterministic=True)
    return data


class _Writer:
    def __init__(self, pool: ProtoPool) -> None:
        self._pool = pool

    def fill(self, message: Any, value: object, at: str) -> None:
        """Write a value into a message."""
        # A message's own attributes may be fields of these names.
        descriptor = type(message).DESCRIPTOR
        try:
            if not known.is_well_known(descriptor):
                self._object(message, value, at)
            elif known.is_wrapper(descriptor):
                self._set(message, descriptor.fields_by_name["value"], value, at)
            elif known.is_any(descriptor):
                self._any(message, value, at)
            else:
                FILLS[descriptor.full_name](message, value)
        except EncodeError:
            raise
        except ValueError as error:
            raise EncodeError(f"{at or 'the payload'}: {error}") from None

    def _object(self, message: Any, value: object, at: str) -> None:
        descriptor = type(message).DESCRIPTOR
        if not isinstance(value, dict):
            raise values.NotThis(f"an object ({descriptor.full_name})", value)
        if known.is_money(descriptor):
            value = fill_money(value)
        # Protobuf's own check (`FindInitializationErrors`) can end the process: see decision 34.
        for field in descriptor.fields:
            if field.is_required and value.get(field.name) is None:
                raise EncodeError(f"{_inside(at, field.name)}: is missing, and the schema requires it")
        chosen: dict[str, str] = {}
        for name, each in value.items():
            field = descriptor.fields_by_name.get(name)
            if field is None:
                hint = did_you_mean(str(name), [field.name for field in descriptor.fields])
                said = f"{_inside(at, name)}: {descriptor.full_name} has no such field"
                raise EncodeError(said + (f": {hint}" if hint else ""))
            if each is None:
                continue
            if field.containing_oneof is not None:
                other = chosen.setdefault(field.containing_oneof.name, name)
                if other != name:
                    raise EncodeError(f"{_inside(at, name)}: the schema has either this or {other}, not both")
            self._field(message, field, each, _inside(at, name))

    def _field(self, message: Any, field: Any, value: object, at: str) -> None:
        try:
            if is_map(field):
                self._map(message, field, value, at)
            elif field.is_repeated:
                if not isinstance(value, list):
                    raise values.NotThis("a list", value)
                items = getattr(message, field.name)
                for place, each in enumerate(value):
                    own = f"{at}[{place}]"
                    if field.message_type is None:
                        items.append(_scalar(field, each, own))
                    else:
                        self.fill(items.add(), each, own)
            else:
                self._set(message, field, value, at)
        except EncodeError:
            raise
        except ValueError as error:
            raise EncodeError(f"{at}: {error}") from None

    def _set(self, message: Any, field: Any, value: object, at: str) -> None:
        if field.message_type is None:
            setattr(message, field.name, _scalar(field, value, at))
        else:
            inner = getattr(message, field.name)
            type(inner).SetInParent(inner)
            self.fill(inner, value, at)

    def _map(self, message: Any, field: Any, value: object, at: str) -> None:
        if not isinstance(value, dict):
            raise values.NotThis("an object", value)
        entries = getattr(message, field.name)
        key_field = field.message_type.fields_by_name["key"]
        value_field = field.message_type.fields_by_name["value"]
        for name, each in value.items():
            key = _key(key_field, name, _inside(at, name))
            if value_field.message_type is None:
                entries[key] = _scalar(value_field, each, _inside(at, name))
            else:
                self.fill(entries[key], each, _inside(at, name))

    def _any(self, message: Any, value: object, at: str) -> None:
        if value == {}:
            return
        if not isinstance(value, dict) or not isinstance(value.get(TYPE), str):
            raise ValueError(f'expected an object with "{TYPE}", the full name of a message')
        name, rest = value[TYPE], {name: each for name, each in value.items() if name != TYPE}
        message.type_url = name if "/" in name else f"{_URL}{name}"
        try:
            descriptor = self._pool.pool.FindMessageTypeByName(name.rpartition("/")[2])
        except KeyError:
            message.value = values.bytes_of(rest.get("value"))
            return
        inner = GetMessageClass(descriptor)()
        self.fill(inner, rest.get("value") if known.is_well_known(descriptor) else rest, at)
        message.value = type(inner).SerializePartialToString(inner, deterministic=True)


def _scalar(field: Any, value: object, at: str) -> object:
    try:
        return scalar_of(field, value)
    except ValueError as error:
        raise EncodeError(f"{at}: {error}") from None


def _key(field: Any, name: object, at: str) -> object:
    """A map's key from its text."""
    if field.type == FieldDescriptor.TYPE_BOOL:
        keys: Mapping[object, bool] = {"true": True, "false": False}
        if name not in keys:
            raise EncodeError(f"{at}: the map's keys are true and false")
        return keys[name]
    if field.type != FieldDescriptor.TYPE_STRING:
        if not _WHOLE.fullmatch(str(name)):
            raise EncodeError(f"{at}: the map's keys are whole numbers")
        name = int(str(name))
    return _scalar(field, name, at)


def _inside(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)
