"""Steps over Avro values that nobody reads, checked like those that are read; but texts may be no UTF-8.

Most values tell by their first byte how long they are: a step is a table of lengths by that byte, and a function for
where the table has 0. A record's step is the steps of its fields, so a loop goes over it without a call a field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from greenflash_kafka.decoding.avro_budget import CHARGED_ABOVE, Budget, Skip
from greenflash_kafka.decoding.avro_primitives import (
    block,
    read_boolean,
    read_bytes,
    read_int,
    read_long,
    varint,
    zigzag,
)
from greenflash_kafka.decoding.json import DecodeError

Step = tuple[bytes, Skip]
Steps = Sequence[Step]

UNKNOWN: Final = bytes(256)
"""Table of a value of which the first byte doesn't tell the length."""


def run(steps: Steps) -> Skip:
    """The function that makes steps one after another."""
    if len(steps) == 1 and steps[0][0] is UNKNOWN:
        return steps[0][1]

    def skip_run(body: bytes, at: int) -> int:
        for sizes, skip in steps:
            size = sizes[body[at]]
            at = at + size if size else skip(body, at)
        return at

    return skip_run


def fixed_steps(size: int) -> Steps:
    """Over so many bytes."""

    def skip_fixed(body: bytes, at: int) -> int:
        # Not only at the end of all: a schema of a few lines can have a billion of them.
        if at + size > len(body):
            raise IndexError
        return at + size

    if not size:
        return ()
    return ((bytes([size] * 256) if size < 256 else UNKNOWN, skip_fixed),)


def _numbers(below: int) -> bytes:
    """Lengths of the numbers 0 to below - 1, as far as one byte holds them."""
    return bytes(1 if byte < min(2 * below, 128) and not byte & 1 else 0 for byte in range(256))


def _end_of_bytes(body: bytes, at: int) -> int:
    return read_bytes(body, at)[1]


def _end_of_long(body: bytes, at: int) -> int:
    """After a number of several bytes."""
    end = at + 1
    while body[end] > 127:
        end += 1
    # More of them may be more than 64 bits.
    return end + 1 if end - at < 9 else read_long(body, at)[1]


_TEXT: Final = bytes(1 + byte // 2 if byte < 128 and not byte & 1 else 0 for byte in range(256))
_NUMBER: Final = bytes(1 if byte < 128 else 0 for byte in range(256))

PRIMITIVE: Final[Mapping[str, Steps]] = {
    "boolean": ((bytes([1, 1]) + bytes(254), lambda body, at: read_boolean(body, at)[1]),),
    "bytes": ((_TEXT, _end_of_bytes),),
    "double": fixed_steps(8),
    "float": fixed_steps(4),
    "int": ((_NUMBER, lambda body, at: read_int(body, at)[1]),),
    "long": ((_NUMBER, _end_of_long),),
    "null": (),
    "string": ((_TEXT, _end_of_bytes),),
}


def enum_steps(symbols: int) -> Steps:
    """Over an enum of so many symbols."""

    def skip_enum(body: bytes, at: int) -> int:
        number, at = read_long(body, at)
        if not 0 <= number < symbols:
            raise DecodeError(f"an enum has no symbol {number}")
        return at

    return ((_numbers(symbols), skip_enum),)


def union_steps(branches: Sequence[Steps], weightless: Sequence[int], budget: Budget) -> Steps:
    """Over a union's number and value; `weightless` are the values of each branch that take no bytes."""
    known = {2 * number: steps for number, steps in enumerate(branches)}
    charges = {2 * number: values for number, values in enumerate(weightless) if values > CHARGED_ABOVE}
    empty = bytes(1 if byte < 128 and known.get(byte) == () and byte not in charges else 0 for byte in range(256))

    def skip_union(body: bytes, at: int) -> int:
        number = body[at]
        at += 1
        if number > 127:
            number, at = varint(body, at, number)
        try:
            steps = known[number]
        except KeyError:
            raise DecodeError(f"a union has no branch {zigzag(number)}") from None
        if number in charges:
            budget.take(charges[number])
        for sizes, skip in steps:
            size = sizes[body[at]]
            at = at + size if size else skip(body, at)
        return at

    if len(branches) == 2 and not branches[0] and len(branches[1]) == 1 and not charges:
        return ((empty, _optional(branches[1][0], skip_union)),)
    return ((empty, skip_union),)


@lru_cache(256)
def primitive_union(kinds: tuple[str, ...]) -> Steps:
    """Over a union of primitive types: the same for all schemas, since most fields of most schemas are such."""
    return union_steps([PRIMITIVE[kind] for kind in kinds], [0] * len(kinds), Budget())


def _optional(step: Step, skip_union: Skip) -> Skip:
    """Over a value that may be null, as most unions are, where it isn't."""
    sizes, skip = step

    def skip_optional(body: bytes, at: int) -> int:
        if body[at] != 2:
            return skip_union(body, at)
        size = sizes[body[at + 1]]
        return at + 1 + size if size else skip(body, at + 1)

    return skip_optional


def array_steps(steps: Steps, values: int, budget: Budget) -> Steps:
    """Over an array. A block's length in bytes isn't trusted: a wrong one would end at another place."""

    def skip_array(body: bytes, at: int) -> int:
        count, at = block(body, at)
        while count:
            budget.take(count * values)
            for _ in range(count):
                for sizes, skip in steps:
                    size = sizes[body[at]]
                    at = at + size if size else skip(body, at)
            count, at = block(body, at)
        return at

    return ((bytes([1]) + bytes(255), skip_array),)


def map_steps(steps: Steps, values: int, budget: Budget) -> Steps:
    """Over a map."""
    return array_steps((*PRIMITIVE["string"], *steps), values, budget)
