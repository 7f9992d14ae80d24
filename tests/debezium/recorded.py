"""Messages that Debezium's own engine wrote, as `record.py` has recorded them."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from greenflash_kafka.model.schema import Schema, SchemaKey

FOLDER: Final = Path(__file__).parent / "messages"
CONNECT_SCHEMAS: Final = "connect-schemas.txt"
REGISTRY_SCHEMAS: Final = "registry-schemas.jsonl"

MODES: Final = ("precise", "string", "double")
"""`decimal.handling.mode`, with `time.precision.mode` adaptive (both are the defaults), isostring and connect."""

FORMATS: Final = ("json", "json-with-schema", "avro")
"""Converters of Kafka Connect: JSON without and with schemas, and Avro with a registry's ids in front."""


class Recorded(msgspec.Struct, frozen=True):
    """One record, as it stands in its topic."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@cache
def recorded(name: str) -> tuple[Recorded, ...]:
    """The records of an engine and a converter (`precise-avro`), in their order."""
    lines = (FOLDER / f"{name}.jsonl").read_text().splitlines()
    return tuple(map(_record, map(json.loads, lines)))


@cache
def schemas() -> dict[SchemaKey, Schema]:
    """The registry's schemas by id."""
    lines = (FOLDER / REGISTRY_SCHEMAS).read_text().splitlines()
    return {
        each["id"]: Schema("avro", each["schema"], subject=each["subject"], version=each["version"])
        for each in map(json.loads, lines)
    }


@cache
def _connect_schemas() -> tuple[str, ...]:
    return tuple((FOLDER / CONNECT_SCHEMAS).read_text().splitlines())


def _record(line: dict[str, Any]) -> Recorded:
    headers = tuple((name, _bytes(value)) for name, value in line["headers"])
    return Recorded(line["topic"], _bytes(line["key"]), _bytes(line["value"]), headers)


def _bytes(packed: Any) -> bytes | None:
    if packed is None or isinstance(packed, str):
        return None if packed is None else packed.encode()
    if "base64" in packed:
        return base64.b64decode(packed["base64"])
    return f'{{"schema":{_connect_schemas()[packed["schema"]]},"payload":{packed["payload"]}}}'.encode()
