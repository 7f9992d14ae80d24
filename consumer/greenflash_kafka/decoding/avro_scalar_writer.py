"""Bytes of Avro's scalar types from values as rules are to see them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from struct import Struct
from typing import Final

from greenflash_kafka.decoding import encoded_values as values
from greenflash_kafka.decoding import exact
from greenflash_kafka.decoding.avro_type import AvroType
from greenflash_kafka.documents.did_you_mean import did_you_mean

_BITS: Final = {"int": 32, "long": 64}
_NOT_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

_FLOATING: Final = {"float": (Struct("<f"), exact.single_of), "double": (Struct("<d"), exact.double_of)}

_NUMBERS: Final[Mapping[str, Callable[[object], int]]] = {
    "date": values.date_number,
    "time-millis": partial(values.clock_number, unit="millis"),
    "time-micros": partial(values.clock_number, unit="micros"),
    "time-nanos": partial(values.clock_number, unit="nanos"),
    "timestamp-millis": partial(values.time_number, unit="millis"),
    "timestamp-micros": partial(values.time_number, unit="micros"),
    "timestamp-nanos": partial(values.time_number, unit="nanos"),
    "local-timestamp-millis": partial(values.local_number, unit="millis"),
    "local-timestamp-micros": partial(values.local_number, unit="micros"),
    "local-timestamp-nanos": partial(values.local_number, unit="nanos"),
}

_CONNECT: Final = {
    "io.debezium.time.Date": "date",
    "io.debezium.time.MicroTime": "time-micros",
    "io.debezium.time.MicroTimestamp": "local-timestamp-micros",
    "io.debezium.time.NanoTime": "time-nanos",
    "io.debezium.time.NanoTimestamp": "local-timestamp-nanos",
    "io.debezium.time.Time": "time-millis",
    "io.debezium.time.Timestamp": "local-timestamp-millis",
    "org.apache.kafka.connect.data.Date": "date",
    "org.apache.kafka.connect.data.Time": "time-millis",
    "org.apache.kafka.connect.data.Timestamp": "timestamp-millis",
}
"""Inverse of `connect_types.converter` for numbers: the logical type that writes what it reads."""

_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"


def scalar_bytes(kind: AvroType, value: object) -> bytes:
    """The bytes of a value of a primitive type, an enum or a fixed. Raises ValueError."""
    match kind.kind:
        case "null":
            if value is not None:
                raise values.NotThis("nothing (null)", value)
            return b""
        case "boolean":
            if not isinstance(value, bool):
                raise values.NotThis("true or false", value)
            return bytes([value])
        case "int" | "long":
            return _integer(kind, value)
        case "float" | "double":
            return _floating(kind, value)
        case "string":
            if not isinstance(value, str):
                raise values.NotThis("text", value)
            return sized_bytes(value.encode())
        case "enum":
            if not isinstance(value, str):
                raise values.NotThis("a symbol as text", value)
            if value not in kind.symbols:
                hint = did_you_mean(value, kind.symbols)
                raise ValueError(f"`{value[:60]}` is no symbol of {kind.name}" + (f": {hint}" if hint else ""))
            return long_bytes(kind.symbols.index(value))
        case _:
            return _bytes(kind, value)


def _integer(kind: AvroType, value: object) -> bytes:
    number = _NUMBERS.get(kind.logical or _CONNECT.get(kind.connect, ""), values.integer_of)(value)
    bits = _BITS[kind.kind]
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError(f"the schema's numbers have {bits} bits, this one has more")
    return long_bytes(number)


def _floating(kind: AvroType, value: object) -> bytes:
    width, read = _FLOATING[kind.kind]
    if isinstance(value, str) and value in _NOT_FINITE:
        return width.pack(_NOT_FINITE[value])
    number = values.number_of(value)
    with suppress(OverflowError):
        data = width.pack(float(number))
        if read(*width.unpack(data)) == number:
            return data
    raise ValueError(f"a {kind.kind} has no such number: it has too many digits, or is too large")


def _bytes(kind: AvroType, value: object) -> bytes:
    """Of bytes and fixed: decimals, durations, UUIDs, else base64."""
    scale = kind.scale if kind.logical == "decimal" else _connect_scale(kind)
    if kind.logical == "duration" and isinstance(value, dict):
        parts = [values.integer_of(value.get(part)) for part in ("months", "days", "milliseconds")]
        if not all(0 <= part < 1 << 32 for part in parts):
            raise ValueError("a part of a duration has 32 bits")
        data = Struct("<3I").pack(*parts)
    elif scale is not None:
        unscaled = values.unscaled_of(value, scale)
        size = kind.size or unscaled.bit_length() // 8 + 1
        if unscaled.bit_length() >= 8 * size:
            raise ValueError(f"the schema's numbers have {size} bytes, this one has more")
        data = unscaled.to_bytes(size, "big", signed=True)
    elif kind.logical == "uuid" and isinstance(value, str) and len(value) == 36:
        data = bytes.fromhex(value.replace("-", ""))
    else:
        data = values.bytes_of(value)
    if kind.kind == "bytes":
        return sized_bytes(data)
    if len(data) != kind.size:
        raise ValueError(f"the schema has {kind.size} bytes here, these are {len(data)}")
    return data


def _connect_scale(kind: AvroType) -> int | None:
    scale = kind.parameters.get("scale", "") if kind.connect == _DECIMAL else ""
    return int(scale) if scale.isdecimal() else None


def long_bytes(number: int) -> bytes:
    """A number, zig-zag coded, seven bits a byte."""
    left = number << 1 if number >= 0 else (-number << 1) - 1
    data = bytearray()
    while left > 127:
        data.append(left & 127 | 128)
        left >>= 7
    data.append(left)
    return bytes(data)


def sized_bytes(data: bytes) -> bytes:
    """Bytes with their length before them."""
    return long_bytes(len(data)) + data


def block_bytes(items: Sequence[bytes]) -> bytes:
    """The items of a list or map, and its end."""
    return long_bytes(len(items)) + b"".join(items) + b"\0" if items else b"\0"
