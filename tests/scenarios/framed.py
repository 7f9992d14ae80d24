"""Orders in Avro behind Confluent's prefix, and the registry's own schema of them."""

from __future__ import annotations

import io
import json
from typing import Any, Final

import fastavro

from tests.brokers.kafka import Record

ORDER: Final[dict[str, Any]] = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "type", "type": "string"},
        {"name": "id", "type": "string"},
        {"name": "cents", "type": "long"},
        {"name": "currency", "type": "string"},
        {"name": "user", "type": "string"},
    ],
}
TEXT: Final = json.dumps(ORDER)

_PARSED: Final = fastavro.parse_schema(ORDER)


def orders(schema: int, count: int, first: int = 0, partition: int = 0) -> list[Record]:
    """Paid orders that name this schema's id."""
    return [Record(_order(schema, number), partition=partition) for number in range(first, first + count)]


def _order(schema: int, number: int) -> bytes:
    body = io.BytesIO(b"")
    body.write(b"\x00" + schema.to_bytes(4, "big"))
    value = {"type": "paid", "id": f"a{number}", "cents": number, "currency": "EUR", "user": f"u{number % 7}"}
    fastavro.schemaless_writer(body, _PARSED, value)
    return body.getvalue()
