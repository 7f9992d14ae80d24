"""Compiled readers against Protobuf's own JSON mapping, on schemas and messages made at random.

The differences are those that docs/formats.md lists: numbers are numbers, times are times, an empty text is missing,
defaults of proto2 are there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.message_factory import GetMessageClass

from greenflash_kafka.decoding.proto_schema import compile_schema
from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.protobuf_writer import encode
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema
from tests.unit.decoding.random_protos import INTEGERS, fill, random_schema

SEEDS = range(40)
MESSAGES = 12


def messages(seed: int) -> tuple[Schema, str, list[Any]]:
    """A schema, the name of a message of it, and such messages."""
    chance = Random(seed)
    schema = random_schema(chance)
    name = f"r.{chance.choice('ABC')}"
    kind = GetMessageClass(compile_schema(schema).find(name))
    made = [kind() for _ in range(MESSAGES)]
    for message in made:
        fill(chance, message)
    return schema, name, made


@pytest.mark.parametrize("seed", SEEDS)
def test_a_payload_is_what_protobufs_json_says(seed: int) -> None:
    schema, name, made = messages(seed)
    reader = body_reader(schema, None, name)
    for message in made:
        said = json_format.MessageToDict(
            message,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
            descriptor_pool=compile_schema(schema).pool,
        )
        assert known(reader.read(message.SerializeToString())) == known(expected(message.DESCRIPTOR, said))


@pytest.mark.parametrize("seed", SEEDS)
def test_in_part_it_is_a_part_of_the_whole_and_a_case_writes_the_same_again(seed: int) -> None:
    schema, name, made = messages(seed)
    whole = body_reader(schema, None, name)
    chance = Random(seed)
    for message in made:
        body = message.SerializeToString()
        payload: Any = whole.read(body)
        shape = part_of(chance, payload)
        part = body_reader(schema, shape, name).read(body)
        assert cut(part, shape) == cut(payload, shape)
        assert known(whole.read(encode(schema, name, payload))) == known(payload)


def part_of(chance: Random, payload: Any) -> Shape:
    """Some fields of an object, and some of those."""
    return {
        name: part_of(chance, each) if isinstance(each, dict) and chance.random() < 0.5 else None
        for name, each in [*payload.items(), ("another", None)]
        if chance.random() < 0.5
    }


def cut(payload: Any, shape: Shape | None) -> Any:
    if shape is None or not isinstance(payload, dict):
        return payload
    return {name: cut(payload[name], inner) for name, inner in shape.items() if payload.get(name) is not None}


def known(payload: Any) -> Any:
    """Without what is null: rules see it as missing."""
    match payload:
        case dict():
            return {name: known(each) for name, each in payload.items() if each is not None}
        case list():
            return [known(each) for each in payload]
        case _:
            return payload


def expected(descriptor: Any, said: Any) -> Any:
    """A message as rules see it, from the JSON mapping's."""
    match descriptor.full_name.removeprefix("google.protobuf."):
        case "Timestamp":
            return datetime.fromisoformat(said).astimezone(UTC)
        case "Duration":
            return Decimal(said.removesuffix("s"))
        case "FieldMask":
            return said.replace("fooBar", "foo_bar")
        case "Struct" | "Value" | "ListValue":
            return exact(said)
        case "Any":
            return expected_any(said)
        case name if name.endswith("Value"):
            return scalar(descriptor.fields[0], said)
    found = {}
    for field in descriptor.fields:
        value = said.get(field.name)
        if value is None:
            if field.has_default_value:
                found[field.name] = field.default_value
            continue
        if value == "" and not field.has_presence:
            continue
        found[field.name] = of_field(field, value)
    return found


def of_field(field: Any, value: Any) -> Any:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return {name: one(kind.fields_by_name["value"], each) for name, each in value.items()}
    return [one(field, each) for each in value] if field.is_repeated else one(field, value)


def one(field: Any, value: Any) -> Any:
    return scalar(field, value) if field.message_type is None else expected(field.message_type, value)


def expected_any(said: dict[str, Any]) -> dict[str, Any]:
    if not said:
        return {}
    name, value = said["@type"].removeprefix("x/"), said["value"]
    return {"@type": name, "value": Decimal(value[:-1]) if name.endswith("Duration") else expected_any(value)}


def scalar(field: Any, value: Any) -> Any:
    if field.type in INTEGERS:
        return int(value)
    return exact(value) if field.type in (Field.TYPE_DOUBLE, Field.TYPE_FLOAT) else value


def exact(value: Any) -> Any:
    match value:
        case float():
            return Decimal(repr(value))
        case list():
            return [exact(each) for each in value]
        case dict():
            return {name: exact(each) for name, each in value.items()}
        case _:
            return value
