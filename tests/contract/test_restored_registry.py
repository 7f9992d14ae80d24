"""A registry that was restored with other ids: how often a message that is read by another schema is noticed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import fastavro
import pytest

from greenflash_kafka.decoding.body_reader import body_reader
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.schema import Schema

Fields = list[dict[str, Any]]

TYPES: list[Any] = [
    "string",
    "long",
    "double",
    "boolean",
    ["null", "string"],
    ["null", "long"],
    {"type": "array", "items": "string"},
    {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
]
LETTERS = "abcdefgh-0123456789"


def fields(random: Random) -> Fields:
    return [{"name": f"f{number}", "type": random.choice(TYPES)} for number in range(random.randint(3, 12))]


def one_more(random: Random, given: Fields) -> Fields:
    at = random.randint(0, len(given))
    return [*given[:at], {"name": "added", "type": random.choice(TYPES[:2])}, *given[at:]]


def one_less(random: Random, given: Fields) -> Fields:
    at = random.randrange(len(given))
    return given[:at] + given[at + 1 :]


def swapped(random: Random, given: Fields) -> Fields:
    at = random.randrange(len(given) - 1)
    return [*given[:at], given[at + 1], given[at], *given[at + 2 :]]


def value(random: Random, kind: Any) -> object:
    match kind:
        case ["null", inner]:
            return None if random.random() < 0.4 else value(random, inner)
        case {"type": "array"}:
            return [value(random, "string") for _ in range(random.randint(0, 3))]
        case {"type": "bytes"}:
            return Decimal(random.randint(-99_999, 9_999_999)) / 100
        case "string":
            return "".join(random.choice(LETTERS) for _ in range(random.randint(1, 36)))
        case "long":
            return random.choice((random.randint(0, 200), random.randint(0, 2**40)))
        case "boolean":
            return random.random() < 0.5
    return random.random() * 1000


def record(own: Fields) -> dict[str, Any]:
    return {"type": "record", "name": "Order", "fields": own}


@pytest.mark.parametrize(
    ("other", "noticed"),
    [(lambda random, _: fields(random), 0.99), (one_more, 0.95), (one_less, 0.95), (swapped, 0.7)],
)
def test_most_messages_that_are_read_by_another_schema_do_not_fit(
    other: Callable[[Random, Fields], Fields], noticed: float
) -> None:
    random, found, messages = Random(15), 0, 0
    for _ in range(60):
        own = fields(random)
        writer = fastavro.parse_schema(record(own))
        reader = body_reader(Schema("avro", json.dumps(record(other(random, own)))), None)
        for _ in range(10):
            body = io.BytesIO()
            fastavro.schemaless_writer(body, writer, {each["name"]: value(random, each["type"]) for each in own})
            messages += 1
            try:
                reader.read(body.getvalue())
            except DecodeError:
                found += 1
    assert found / messages > noticed
