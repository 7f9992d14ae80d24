"""Values of Protobuf's well-known messages, of google.type and of confluent.type, as rules read them.

The functions take a message, and are total. A message that only has the name of a well-known one, with other fields, is
read as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException
from math import isfinite
from types import MappingProxyType
from typing import Any, Final

from greenflash_kafka.decoding.exact import decimal_of, double_of
from greenflash_kafka.model.payload import exact

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NANO: Final = 1_000_000_000
_MAX_WHOLE: Final = 2.0**53
"""Whole doubles up to it stand for themselves alone, so JSON's programs print them without a fraction."""


def time_of(message: Any) -> datetime | int | Decimal:
    """google.protobuf.Timestamp: the time, cut to microseconds; seconds since 1970 outside of the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(seconds=message.seconds, microseconds=message.nanos // 1_000)
    except OverflowError:
        return amount_of(message.seconds, message.nanos)


def seconds_of(message: Any) -> int | Decimal:
    """google.protobuf.Duration: seconds."""
    return amount_of(message.seconds, message.nanos)


def amount_of(units: int, nanos: int) -> int | Decimal:
    """units + nanos / 10^9, exactly."""
    if not nanos:
        return units
    digits, places = units * _NANO + nanos, 9
    while not digits % 10 and places:
        digits, places = digits // 10, places - 1
    return Decimal(f"{digits}E-{places}")


def paths_of(message: Any) -> str:
    """google.protobuf.FieldMask: its paths, with commas between them."""
    return ",".join(message.paths)


def struct_of(message: Any) -> dict[str, object]:
    """google.protobuf.Struct: an object."""
    fields = message.fields
    # The order in which a map gives its keys is another one in each process.
    return {name: value_of(fields[name]) for name in sorted(fields)}


def list_of(message: Any) -> list[object]:
    """google.protobuf.ListValue: a list."""
    return [value_of(each) for each in message.values]


def value_of(message: Any) -> object:
    """google.protobuf.Value: the value; None for null, and for none. A whole number has no fraction, as in JSON."""
    match message.WhichOneof("kind"):
        case "string_value":
            return message.string_value
        case "number_value":
            return _number(message.number_value)
        case "bool_value":
            return message.bool_value
        case "struct_value":
            return struct_of(message.struct_value)
        case "list_value":
            return list_of(message.list_value)
        case _:
            return None


def _number(value: float) -> int | Decimal | str:
    return int(value) if isfinite(value) and value.is_integer() and abs(value) <= _MAX_WHOLE else double_of(value)


def date_of(message: Any) -> str | None:
    """google.type.Date: ISO text, without the parts that it leaves out: 2026-11-18, 2026-11, 2026, --11-18."""
    year, month, day = message.year, message.month, message.day
    if not (year or month or day):
        return None
    text = f"{year:04}" if year else "-"
    return text + (f"-{month:02}" + (f"-{day:02}" if day else "") if month or day else "")


def clock_of(message: Any) -> str:
    """google.type.TimeOfDay: ISO text, 14:30:00 or 14:30:00.5."""
    second = f"{message.hours:02}:{message.minutes:02}:{message.seconds:02}"
    return f"{second}.{message.nanos:09}".rstrip("0") if message.nanos else second


def google_decimal_of(message: Any) -> Decimal | str | None:
    """google.type.Decimal: the number that its text is; the text, if it is none; None for an empty one."""
    text: str = message.value
    if text.isascii() and "_" not in text:
        with suppress(DecimalException):
            number = exact(text)
            return number if number.is_finite() else text
    return text or None


def confluent_decimal_of(message: Any) -> Decimal | str:
    """confluent.type.Decimal: the number; its precision tells nothing of the value."""
    return decimal_of(message.value, message.scale)


def _fields(**types: int) -> Mapping[str, int]:
    return MappingProxyType(types)


_DOUBLE, _INT64, _INT32, _BOOL, _STRING, _MESSAGE, _BYTES, _UINT32, _ENUM = 1, 3, 5, 8, 9, 11, 12, 13, 14
"""FieldDescriptor.TYPE_*."""

_MOMENT: Final = _fields(seconds=_INT64, nanos=_INT32)

WELL_KNOWN: Final[Mapping[str, tuple[Callable[[Any], object], Mapping[str, int]]]] = MappingProxyType(
    {
        "google.protobuf.Timestamp": (time_of, _MOMENT),
        "google.protobuf.Duration": (seconds_of, _MOMENT),
        "google.protobuf.FieldMask": (paths_of, _fields(paths=_STRING)),
        "google.protobuf.Struct": (struct_of, _fields(fields=_MESSAGE)),
        "google.protobuf.ListValue": (list_of, _fields(values=_MESSAGE)),
        "google.protobuf.Value": (
            value_of,
            _fields(
                null_value=_ENUM,
                number_value=_DOUBLE,
                string_value=_STRING,
                bool_value=_BOOL,
                struct_value=_MESSAGE,
                list_value=_MESSAGE,
            ),
        ),
        "google.type.Date": (date_of, _fields(year=_INT32, month=_INT32, day=_INT32)),
        "google.type.TimeOfDay": (
            clock_of,
            _fields(hours=_INT32, minutes=_INT32, seconds=_INT32, nanos=_INT32),
        ),
        "google.type.Decimal": (google_decimal_of, _fields(value=_STRING)),
        "confluent.type.Decimal": (confluent_decimal_of, _fields(value=_BYTES, precision=_UINT32, scale=_INT32)),
    }
)
"""What becomes of a message of a full name that has these fields."""

_MONEY: Final = _fields(currency_code=_STRING, units=_INT64, nanos=_INT32)

_ANY: Final = _fields(type_url=_STRING, value=_BYTES)

_WRAPPERS: Final = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)

RECURSIVE: Final = frozenset(f"google.protobuf.{name}" for name in ("ListValue", "Struct", "Value"))


def has_fields(descriptor: Any, types: Mapping[str, int]) -> bool:
    """True if the message has these fields, of these types."""
    return {field.name: field.type for field in descriptor.fields} == types


def is_money(descriptor: Any) -> bool:
    """True for google.type.Money: an object, to which `amount` is added."""
    return descriptor.full_name == "google.type.Money" and has_fields(descriptor, _MONEY)


def is_well_known(descriptor: Any) -> bool:
    """True for a message that rules see as another value than the object of its fields: a time, a number, an Any."""
    name = descriptor.full_name
    if name in WELL_KNOWN:
        return has_fields(descriptor, WELL_KNOWN[name][1])
    return is_wrapper(descriptor) or is_any(descriptor)


def is_wrapper(descriptor: Any) -> bool:
    """True for the messages of one field, `value`, which stand for it where it may be missing."""
    return descriptor.full_name in _WRAPPERS and [field.name for field in descriptor.fields] == ["value"]


def is_any(descriptor: Any) -> bool:
    """True for google.protobuf.Any."""
    return descriptor.full_name == "google.protobuf.Any" and has_fields(descriptor, _ANY)
