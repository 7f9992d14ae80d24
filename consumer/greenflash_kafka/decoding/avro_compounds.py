"""Readers of Avro's compound types, made of the readers of their parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.decoding.avro_budget import Budget
from greenflash_kafka.decoding.avro_logical import Convert
from greenflash_kafka.decoding.avro_primitives import Read, block, read_string, varint, zigzag
from greenflash_kafka.decoding.avro_steps import Steps
from greenflash_kafka.decoding.json import DecodeError

TYPE: Final = "@type"
"""Name of an object's type, where a union can be one of several records."""


def record_reader(fields: Sequence[tuple[str, Read]]) -> Read:
    """Reader of a record with all its fields."""

    def read_record(body: bytes, at: int) -> tuple[object, int]:
        record: dict[str, object] = {}
        for name, read in fields:
            record[name], at = read(body, at)
        return record, at

    return read_record


def parts_reader(parts: Sequence[tuple[Steps, str, Read]], rest: Steps) -> Read:
    """Reader of some fields of a record: each with the steps over the fields before it; `rest` is after the last."""

    def read_parts(body: bytes, at: int) -> tuple[object, int]:
        record: dict[str, object] = {}
        for steps, name, read in parts:
            for sizes, skip in steps:
                size = sizes[body[at]]
                at = at + size if size else skip(body, at)
            record[name], at = read(body, at)
        for sizes, skip in rest:
            size = sizes[body[at]]
            at = at + size if size else skip(body, at)
        return record, at

    return read_parts


def array_reader(read: Read, values: int, budget: Budget) -> Read:
    """Reader of an array; each item counts for so many values."""

    def read_array(body: bytes, at: int) -> tuple[object, int]:
        items: list[object] = []
        count, at = block(body, at)
        while count:
            budget.take(count * values)
            for _ in range(count):
                item, at = read(body, at)
                items.append(item)
            count, at = block(body, at)
        return items, at

    return read_array


def map_reader(read: Read, values: int, budget: Budget) -> Read:
    """Reader of a map; of two equal keys the last one holds."""

    def read_map(body: bytes, at: int) -> tuple[object, int]:
        entries: dict[str, object] = {}
        count, at = block(body, at)
        while count:
            budget.take(count * values)
            for _ in range(count):
                key, at = read_string(body, at)
                entries[key], at = read(body, at)
            count, at = block(body, at)
        return entries, at

    return read_map


def enum_reader(symbols: Sequence[str]) -> Read:
    """Reader of an enum's symbol."""
    known = {2 * number: symbol for number, symbol in enumerate(symbols)}

    def read_enum(body: bytes, at: int) -> tuple[str, int]:
        number = body[at]
        at += 1
        if number > 127:
            number, at = varint(body, at, number)
        try:
            return known[number], at
        except KeyError:
            raise DecodeError(f"an enum has no symbol {zigzag(number)}") from None

    return read_enum


def union_reader(branches: Sequence[Read]) -> Read:
    """Reader of a union's value, without its branch."""
    known = {2 * number: read for number, read in enumerate(branches)}

    def read_union(body: bytes, at: int) -> tuple[object, int]:
        number = body[at]
        at += 1
        if number > 127:
            number, at = varint(body, at, number)
        try:
            read = known[number]
        except KeyError:
            raise DecodeError(f"a union has no branch {zigzag(number)}") from None
        return read(body, at)

    return read_union


def optional_reader(read: Read) -> Read:
    """Reader of a union of null and another type, in this order: most of all unions."""
    other = union_reader((lambda _, at: (None, at), read))

    def read_optional(body: bytes, at: int) -> tuple[object, int]:
        number = body[at]
        if number == 2:
            return read(body, at + 1)
        return (None, at + 1) if number == 0 else other(body, at)

    return read_optional


def converted(read: Read, convert: Convert) -> Read:
    """Reader of what `convert` makes of another reader's values."""

    def read_converted(body: bytes, at: int) -> tuple[object, int]:
        value, at = read(body, at)
        return convert(value), at

    return read_converted


def tagged(read: Read, name: str) -> Read:
    """Reader of a record as an object that has the record's name."""

    def read_tagged(body: bytes, at: int) -> tuple[object, int]:
        value, at = read(body, at)
        return {TYPE: name, **value} if isinstance(value, dict) else value, at

    return read_tagged
