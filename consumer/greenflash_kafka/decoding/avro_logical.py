"""Conversions of Avro's logical types, and of Kafka Connect's names of types, to what rules see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from greenflash_kafka.decoding import exact
from greenflash_kafka.decoding.avro_type import AvroType
from greenflash_kafka.decoding.connect_types import converter

Convert = Callable[[Any], object]


def _duration_of(data: bytes) -> object:
    months, days, millis = (int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8))
    return {"months": months, "days": days, "milliseconds": millis}


_LOGICAL: Final[Mapping[str, Convert]] = MappingProxyType(
    {
        "date": exact.date_of_days,
        "duration": _duration_of,
        "local-timestamp-micros": exact.local_of_micros,
        "local-timestamp-millis": exact.local_of_millis,
        "local-timestamp-nanos": exact.local_of_nanos,
        "time-micros": exact.clock_of_micros,
        "time-millis": exact.clock_of_millis,
        "timestamp-micros": exact.time_of_micros,
        "timestamp-millis": exact.time_of_millis,
        "timestamp-nanos": exact.time_of_nanos,
    }
)


def conversion(kind: AvroType) -> Convert | None:
    """From what the bytes of a type hold to what rules see: for an `int` or `long` of the number, for `bytes` and
    `fixed` of the bytes. None where both are the same."""
    if kind.logical == "decimal":
        scale = kind.scale
        return lambda data: exact.decimal_of(data, scale)
    if kind.kind == "fixed" and kind.logical == "uuid":
        return exact.uuid_of
    known = _LOGICAL.get(kind.logical)
    if known is not None:
        return known
    connect = _connect(kind)
    if kind.kind in ("bytes", "fixed"):
        return exact.base64_of if connect is None else lambda data: connect(exact.base64_of(data))
    return connect


def _connect(kind: AvroType) -> Convert | None:
    """Connect's conversion, of a value as Connect's JSON has it: of bytes, their base64 text."""
    return converter(kind.connect, kind.parameters) if kind.connect else None
