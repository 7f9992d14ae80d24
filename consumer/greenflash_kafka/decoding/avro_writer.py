"""Avro bodies from the data of cases: values as rules are to see them, written by the topic's schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from greenflash_kafka.decoding import encoded_values as values
from greenflash_kafka.decoding.avro_compounds import TYPE
from greenflash_kafka.decoding.avro_scalar_writer import block_bytes, long_bytes, scalar_bytes, sized_bytes
from greenflash_kafka.decoding.avro_schema import parse
from greenflash_kafka.decoding.avro_type import NO_DEFAULT, AvroField, AvroType
from greenflash_kafka.decoding.encode_error import EncodeError
from greenflash_kafka.decoding.exact import base64_of
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.model.schema import Schema

_OWN_SCALE: Final = "io.debezium.data.VariableScaleDecimal"


def encode(schema: Schema, payload: object) -> bytes:
    """The body of a payload.

    A field that the payload lacks is null where the schema has null for it, else the schema's default. Of a union the
    branch is taken that writes the value, records by their "@type" if there are several. Raises EncodeError with the
    place in the payload; SchemaError for the schema.
    """
    root = parse(schema)
    try:
        if root.kind == "bytes" and not root.logical:
            # As `avro_format` reads it.
            return values.bytes_of(payload)
        return _write(root, payload, "")
    except RecursionError:
        raise EncodeError("the payload nests too deep") from None
    except EncodeError:
        raise
    except ValueError as error:
        raise EncodeError(f"the payload: {error}") from None


def _write(kind: AvroType, value: object, at: str) -> bytes:
    try:
        match kind.kind:
            case "array":
                return _array(kind, value, at)
            case "map":
                return _map(kind, value, at)
            case "record":
                return _record(kind, value, at)
            case "union":
                return _union(kind, value, at)
            case _:
                return scalar_bytes(kind, value)
    except EncodeError:
        raise
    except ValueError as error:
        raise EncodeError(f"{at or 'the payload'}: {error}") from None


def _array(kind: AvroType, value: object, at: str) -> bytes:
    if not isinstance(value, list):
        raise values.NotThis("a list", value)
    assert kind.inner is not None
    items = [_write(kind.inner, item, f"{at}[{number}]") for number, item in enumerate(value)]
    return block_bytes(items)


def _map(kind: AvroType, value: object, at: str) -> bytes:
    if not isinstance(value, dict):
        raise values.NotThis("an object", value)
    assert kind.inner is not None
    entries = [sized_bytes(name.encode()) + _write(kind.inner, item, _inside(at, name)) for name, item in value.items()]
    return block_bytes(entries)


def _record(kind: AvroType, value: object, at: str) -> bytes:
    if kind.connect == _OWN_SCALE and not isinstance(value, dict):
        value = _own_scale(value)
    if not isinstance(value, dict):
        raise values.NotThis(f"an object ({kind.name})", value)
    names = [field.name for field in kind.fields]
    for name in value:
        if name not in names and name != TYPE:
            hint = did_you_mean(str(name), names)
            raise EncodeError(f"{_inside(at, name)}: {kind.name} has no such field" + (f": {hint}" if hint else ""))
    return b"".join(_field(field, value, _inside(at, field.name)) for field in kind.fields)


def _field(field: AvroField, record: Mapping[str, object], at: str) -> bytes:
    value = record.get(field.name)
    if value is not None or field.name in record or _can_be_null(field.type):
        return _write(field.type, value, at)
    if field.default is NO_DEFAULT:
        raise EncodeError(f"{at}: is missing, and the schema has no default for it ({_described(field.type)})")
    return _default(field.type, field.default, at)


def _own_scale(value: object) -> dict[str, object]:
    exponent = values.number_of(value).as_tuple().exponent
    scale = max(-exponent, 0) if isinstance(exponent, int) else 0
    unscaled = values.unscaled_of(value, scale)
    data = unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True)
    return {"scale": scale, "value": base64_of(data)}


def _union(kind: AvroType, value: object, at: str) -> bytes:
    wanted = value.get(TYPE) if isinstance(value, dict) else None
    others = [branch for branch in kind.branches if branch.kind != "null"]
    refused: EncodeError | None = None
    # A whole number is exact as an integer, whatever stands first.
    order = sorted(range(len(kind.branches)), key=lambda number: kind.branches[number].kind not in ("int", "long"))
    for number in order:
        branch = kind.branches[number]
        if isinstance(wanted, str) and branch.name != wanted:
            continue
        try:
            return long_bytes(number) + _write(branch, value, at)
        except EncodeError as error:
            refused = error if branch.kind != "null" or not others else refused
    if refused is not None and (len(others) < 2 or isinstance(wanted, str)):
        raise refused
    raise ValueError(f"expected one of {', '.join(map(_described, kind.branches))}, found {values.found_name(value)}")


def _default(kind: AvroType, default: object, at: str) -> bytes:
    """A field's default, as Avro writes it in schemas: bytes as text of their code points, a union by its first branch
    (since Avro 1.12 by any that fits)."""
    match kind.kind:
        case "bytes" | "fixed" if isinstance(default, str):
            data = default.encode("latin-1", "replace")
            return data if kind.kind == "fixed" else sized_bytes(data)
        case "union":
            for number, branch in enumerate(kind.branches):
                try:
                    return long_bytes(number) + _default(branch, default, at)
                except EncodeError:
                    continue
            raise EncodeError(f"{at}: the schema's default fits no branch")
        case "record" if isinstance(default, dict):
            return b"".join(
                _default(field.type, default.get(field.name, field.default), _inside(at, field.name))
                for field in kind.fields
            )
        case "array" if isinstance(default, list) and kind.inner is not None:
            items = [_default(kind.inner, item, at) for item in default]
            return block_bytes(items)
        case "map" if isinstance(default, dict) and kind.inner is not None:
            return block_bytes(
                [sized_bytes(name.encode()) + _default(kind.inner, item, at) for name, item in default.items()]
            )
        case _:
            return _write(kind, default, at)


def _can_be_null(kind: AvroType) -> bool:
    return kind.kind == "null" or any(branch.kind == "null" for branch in kind.branches)


def _described(kind: AvroType) -> str:
    """A type for people: "decimal", "com.acme.Item", "long"."""
    return kind.logical or kind.name or (" or ".join(map(_described, kind.branches)) if kind.branches else kind.kind)


def _inside(at: str, name: object) -> str:
    return f"{at}.{name}" if at else str(name)
