"""Kafka Connect's semantic types, which a schema names by `connect.name`: Connect's own and Debezium's.

Sources: `org.apache.kafka.connect.data` (Decimal, Date, Time, Timestamp), `io.debezium.time` and `io.debezium.data` of
Debezium 3.6, and what its PostgreSQL connector wrote (tests/debezium). A name that isn't here (Enum, Json, Uuid, Xml,
ZonedTimestamp, Bits, the durations) needs no conversion: rules see what is sent.

Times without a zone come in three forms, by the connector's `time.precision.mode`: numbers of several units, and ISO
text with a "Z" that says nothing. Each becomes the same text, so that a rule gives the same events in all modes.
"""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from greenflash_kafka.decoding import exact

Convert = Callable[[object], object]
"""From a value as it is sent to the value that rules see. Total: what isn't of the type stays as it is."""

_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"


def converter(name: str, parameters: Mapping[str, str]) -> Convert | None:
    """How values of the semantic type `name` are converted; None if they stay as they are. `parameters` are the
    schema's (`connect.parameters` in Avro, `parameters` in JSON): the scale of Decimal.

    A value may be in JSON's form (bytes are base64 text) or in Avro's.
    """
    if name == _DECIMAL:
        return _decimals_of(parameters.get("scale"))
    return _CONVERTERS.get(name)


def _decimals_of(scale: object) -> Convert | None:
    try:
        places = int(str(scale))
    except ValueError:
        return None
    return lambda value: _decimal(value, places)


def _decimal(value: object, scale: int) -> object:
    if isinstance(value, str):
        try:
            return exact.decimal_of(a2b_base64(value, strict_mode=True), scale)
        except (Error, ValueError):
            return value
    # A number is exact already: JsonConverter with decimal.format=NUMERIC.
    return exact.decimal_of(value, scale) if isinstance(value, bytes) else value


def _of_its_own_scale(value: object) -> object:
    """VariableScaleDecimal: a struct of scale and unscaled value."""
    if not isinstance(value, dict):
        return value
    scale, unscaled = value.get("scale"), value.get("value")
    if not _is_integer(scale) or not isinstance(unscaled, str | bytes):
        return value
    found = _decimal(unscaled, scale)  # type: ignore[arg-type]
    return found if isinstance(found, Decimal) else value


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _of_integers(make: Callable[[int], object]) -> Convert:
    def convert(value: object) -> object:
        return make(value) if _is_integer(value) else value  # type: ignore[arg-type]

    return convert


def _without_zone(value: object) -> object:
    """IsoTimestamp, IsoTime and IsoDate: "2026-11-18T11:06:40.120Z" as the numbers' conversion writes it."""
    if not isinstance(value, str):
        return value
    text, point, fraction = value.removesuffix("Z").partition(".")
    digits = fraction[:6].rstrip("0")
    return f"{text}{point}{digits}" if digits else text


_DATE: Final = _of_integers(exact.date_of_days)

_CONVERTERS: Final[Mapping[str, Convert]] = {
    "org.apache.kafka.connect.data.Date": _DATE,
    "org.apache.kafka.connect.data.Time": _of_integers(exact.clock_of_millis),
    "org.apache.kafka.connect.data.Timestamp": _of_integers(exact.time_of_millis),
    "io.debezium.data.VariableScaleDecimal": _of_its_own_scale,
    "io.debezium.time.Date": _DATE,
    "io.debezium.time.IsoDate": _without_zone,
    "io.debezium.time.IsoTime": _without_zone,
    "io.debezium.time.IsoTimestamp": _without_zone,
    "io.debezium.time.MicroTime": _of_integers(exact.clock_of_micros),
    "io.debezium.time.MicroTimestamp": _of_integers(exact.local_of_micros),
    "io.debezium.time.NanoTime": _of_integers(exact.clock_of_nanos),
    "io.debezium.time.NanoTimestamp": _of_integers(exact.local_of_nanos),
    "io.debezium.time.Time": _of_integers(exact.clock_of_millis),
    "io.debezium.time.Timestamp": _of_integers(exact.local_of_millis),
}
