"""Inverses of `proto_values`: from values as rules see them to Protobuf's scalars and well-known messages.

All raise ValueError, whose text says what was expected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import time
from decimal import Decimal
from struct import Struct, error
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from greenflash_kafka.decoding import encoded_values as values
from greenflash_kafka.decoding.exact import double_of, single_of
from greenflash_kafka.decoding.proto_values import amount_of
from greenflash_kafka.documents.did_you_mean import did_you_mean

_BITS: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), 1 << 31, 32),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), 1 << 63, 64),
    FieldDescriptor.CPPTYPE_UINT32: (0, 1 << 32, 32),
    FieldDescriptor.CPPTYPE_UINT64: (0, 1 << 64, 64),
}
_NOT_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_SINGLE: Final = Struct("<f")
_NANO: Final = 1_000_000_000
_DATE: Final = re.compile(r"(?:(\d{4})|-)(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def scalar_of(field: Any, value: object) -> object:
    """The value of a field that is no message."""
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_BOOL:
            if not isinstance(value, bool):
                raise values.NotThis("true or false", value)
            return value
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return _floating(field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT, value)
        case FieldDescriptor.CPPTYPE_ENUM:
            return _symbol(field.enum_type, value)
        case FieldDescriptor.CPPTYPE_STRING:
            if field.type == FieldDescriptor.TYPE_BYTES:
                return values.bytes_of(value)
            if not isinstance(value, str):
                raise values.NotThis("text", value)
            return value
        case cpp_type:
            least, end, bits = _BITS[cpp_type]
            number = values.integer_of(value)
            if not least <= number < end:
                sign = "" if least else ", without a sign"
                raise ValueError(f"the schema's numbers have {bits} bits{sign}; this one is out of their range")
            return number


def _floating(single: bool, value: object) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    number = values.number_of(value)
    found = float(number)
    if single:
        try:
            found = _SINGLE.unpack(_SINGLE.pack(found))[0]
        except (OverflowError, error):
            found = math.inf
    if (single_of if single else double_of)(found) != number:
        kind = "float" if single else "double"
        raise ValueError(f"a {kind} has no such number: it has too many digits, or is too large")
    return found


def _symbol(enum: Any, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -(1 << 31) <= value < 1 << 31:
        return value
    if not isinstance(value, str):
        raise values.NotThis("a symbol as text", value)
    symbol = enum.values_by_name.get(value)
    if symbol is None:
        hint = did_you_mean(value, enum.values_by_name)
        raise ValueError(f"`{value[:60]}` is no symbol of {enum.full_name}" + (f": {hint}" if hint else ""))
    number: int = symbol.number
    return number


def _fill_timestamp(message: Any, value: object) -> None:
    if isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        _fill_duration(message, value)
        return
    micros = values.time_number(value, "micros")
    message.seconds, rest = divmod(micros, 1_000_000)
    message.nanos = rest * 1_000


def _fill_duration(message: Any, value: object) -> None:
    nanos = values.unscaled_of(value, 9)
    sign = -1 if nanos < 0 else 1
    seconds, rest = divmod(abs(nanos), _NANO)
    message.seconds, message.nanos = _int64(sign * seconds), sign * rest


def _int64(number: int) -> int:
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError("the schema's numbers have 64 bits; this one is out of their range")
    return number


def _fill_paths(message: Any, value: object) -> None:
    if not isinstance(value, str):
        raise values.NotThis("paths as text, with commas between them", value)
    message.paths.extend(path for path in value.split(",") if path)


def _fill_struct(message: Any, value: object) -> None:
    if not isinstance(value, dict):
        raise values.NotThis("an object", value)
    for name, each in value.items():
        _fill_value(message.fields[name], each)


def _fill_list(message: Any, value: object) -> None:
    if not isinstance(value, list):
        raise values.NotThis("a list", value)
    for each in value:
        _fill_value(message.values.add(), each)


def _fill_value(message: Any, value: object) -> None:
    match value:
        case None:
            message.null_value = 0
        case bool():
            message.bool_value = value
        case str():
            message.string_value = value
        case dict():
            message.struct_value.SetInParent()
            _fill_struct(message.struct_value, value)
        case list():
            message.list_value.SetInParent()
            _fill_list(message.list_value, value)
        case _:
            message.number_value = _floating(False, value)


def _fill_date(message: Any, value: object) -> None:
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise values.NotThis("a date, like 2026-11-20, 2026-11, 2026 or --11-20", value)
    message.year, message.month, message.day = (int(part or 0) for part in found.groups())


def _fill_clock(message: Any, value: object) -> None:
    nanos = values.clock_number(value, "nanos")
    if not isinstance(value, str | time):
        raise values.NotThis("a time of the day, like 14:30:00", value)
    seconds, message.nanos = divmod(nanos, _NANO)
    minutes, message.seconds = divmod(seconds, 60)
    message.hours, message.minutes = divmod(minutes, 60)


def _fill_google_decimal(message: Any, value: object) -> None:
    message.value = value if isinstance(value, str) else format(values.number_of(value), "f")


def _fill_confluent_decimal(message: Any, value: object) -> None:
    number = values.number_of(value)
    exponent = number.as_tuple().exponent
    message.scale = max(-exponent, 0) if isinstance(exponent, int) else 0
    unscaled = values.unscaled_of(number, message.scale)
    message.precision = len(str(abs(unscaled)))
    message.value = unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True)


def fill_money(value: Mapping[str, object]) -> dict[str, object]:
    """The fields of google.type.Money, where `amount` may stand for units and nanos."""
    fields = {name: each for name, each in value.items() if name != "amount"}
    amount = value.get("amount")
    if amount is None:
        return fields
    if fields.get("units") is None and fields.get("nanos") is None:
        nanos = values.unscaled_of(amount, 9)
        units, rest = divmod(abs(nanos), _NANO)
        sign = -1 if nanos < 0 else 1
        return {**fields, "units": sign * units, "nanos": sign * rest}
    written = amount_of(values.integer_of(fields.get("units") or 0), values.integer_of(fields.get("nanos") or 0))
    if written != values.number_of(amount):
        raise ValueError(f"its units and nanos are {written}, its amount is another one")
    return fields


FILLS: Final[Mapping[str, Callable[[Any, object], None]]] = MappingProxyType(
    {
        "google.protobuf.Timestamp": _fill_timestamp,
        "google.protobuf.Duration": _fill_duration,
        "google.protobuf.FieldMask": _fill_paths,
        "google.protobuf.Struct": _fill_struct,
        "google.protobuf.ListValue": _fill_list,
        "google.protobuf.Value": _fill_value,
        "google.type.Date": _fill_date,
        "google.type.TimeOfDay": _fill_clock,
        "google.type.Decimal": _fill_google_decimal,
        "confluent.type.Decimal": _fill_confluent_decimal,
    }
)
"""What writes a value into a message of a full name; the same names as `proto_values.WELL_KNOWN` has."""
