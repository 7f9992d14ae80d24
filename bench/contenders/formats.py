"""CPU of decoding an order event, without Kafka: prints us a message of each reader, as JSON.

`python -m bench.contenders.formats`
"""

from __future__ import annotations

import copy
import gc
import io
import time
from collections.abc import Callable
from typing import Any, Final

import fastavro
import msgspec

from bench.order_event import AVRO, ONE, PAYLOAD, PROTOBUF, SIX
from greenflash_kafka.decoding import json_format, protobuf_format, protobuf_writer
from greenflash_kafka.decoding.avro_format import body_reader
from greenflash_kafka.decoding.avro_writer import encode
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema

COUNT: Final = 1_000
ROUNDS: Final = 25


def main() -> None:
    """The readers in turns, each at its best: what disturbs only adds."""
    readers = {**_avro(), **_fastavro(), **_protobuf(), **_json()}
    best = dict.fromkeys(readers, float("inf"))
    gc.disable()
    for _ in range(ROUNDS):
        for name, read in readers.items():
            began = time.process_time()
            for _ in range(COUNT):
                read()
            best[name] = min(best[name], (time.process_time() - began) / COUNT * 1e6)
    print(msgspec.json.encode(best).decode())


def _avro() -> dict[str, Callable[[], object]]:
    schema = Schema("avro", msgspec.json.encode(AVRO).decode())
    body = encode(schema, PAYLOAD)
    six, one, whole = (body_reader(schema, shape).read for shape in (SIX, ONE, None))
    return {
        "Avro, six fields": lambda: six(body),
        "Avro, one field": lambda: one(body),
        "Avro, whole": lambda: whole(body),
    }


def _fastavro() -> dict[str, Callable[[], object]]:
    """fastavro alone: no framing, nothing checked, no exact decimals."""
    parsed = fastavro.parse_schema(copy.deepcopy(AVRO))
    body = encode(Schema("avro", msgspec.json.encode(AVRO).decode()), PAYLOAD)
    six, one = (fastavro.parse_schema(_part(AVRO, shape)) for shape in (SIX, ONE))
    read = fastavro.schemaless_reader
    return {
        "fastavro, six fields": lambda: read(io.BytesIO(body), parsed, six),
        "fastavro, one field": lambda: read(io.BytesIO(body), parsed, one),
        "fastavro, whole": lambda: read(io.BytesIO(body), parsed, None),
    }


def _protobuf() -> dict[str, Callable[[], object]]:
    schema = Schema("protobuf", PROTOBUF)
    body = protobuf_writer.encode(schema, (0,), PAYLOAD)
    six, one, whole = (protobuf_format.body_reader(schema, shape, (0,)).read for shape in (SIX, ONE, None))
    return {
        "Protobuf, six fields": lambda: six(body),
        "Protobuf, one field": lambda: one(body),
        "Protobuf, whole": lambda: whole(body),
    }


def _json() -> dict[str, Callable[[], object]]:
    message = Message("t", 0, 0, value=msgspec.json.encode(PAYLOAD, order="deterministic"))
    six, whole = json_format.decoder(SIX), json_format.decoder(None)
    return {"JSON, six fields": lambda: six(message), "JSON, whole": lambda: whole(message)}


def _part(schema: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """The reader's schema that has only these fields."""
    fields = [
        {**field, "type": _part(field["type"], inner) if (inner := shape[field["name"]]) else field["type"]}
        for field in copy.deepcopy(schema["fields"])
        if field["name"] in shape
    ]
    return {**schema, "fields": fields}


if __name__ == "__main__":
    main()
