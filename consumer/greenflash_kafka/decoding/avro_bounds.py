"""Measures of an Avro type: which of its records are recursive, how deep its values nest, what takes no bytes."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.decoding.avro_type import AvroType
from greenflash_kafka.decoding.schema_error import SchemaError

MAX_LEVELS: Final = 100
"""Deepest nesting of a type that doesn't refer to itself; real ones stay below 20. The compiler recurses as deep."""

MAX_WEIGHTLESS: Final = 10_000
"""Most values in one value that take no bytes: a body of a few bytes can't become more."""

_CONTAINERS: Final = ("array", "map", "record")


def measure(root: AvroType) -> None:
    """Fill in `recursive`, `levels` and `weightless` of all types that values of this one can hold.

    Raises SchemaError for a type whose values nest more than MAX_LEVELS levels, or have too many parts that take no
    bytes. Raises RecursionError for a chain of a thousand types.
    """
    _measure(root, set(), set())


def _measure(kind: AvroType, begun: set[int], done: set[int]) -> None:
    if id(kind) in done:
        return
    if id(kind) in begun:
        # A record inside of itself: each circle of types is closed by one.
        kind.recursive = True
        return
    begun.add(id(kind))
    parts = [*kind.branches, *([kind.inner] if kind.inner else []), *(field.type for field in kind.fields)]
    levels = 0
    for part in parts:
        _measure(part, begun, done)
        levels = max(levels, 0 if part.recursive else part.levels)
    kind.levels = levels + (kind.kind in _CONTAINERS)
    if kind.kind == "record":
        kind.weightless = 1 + sum(field.type.weightless for field in kind.fields)
    elif kind.kind == "null" or (kind.kind == "fixed" and not kind.size):
        kind.weightless = 1
    if kind.levels > MAX_LEVELS:
        raise SchemaError(f"values of `{kind.name or kind.kind}` nest more than {MAX_LEVELS} levels deep")
    if kind.weightless > MAX_WEIGHTLESS:
        raise SchemaError(f"`{kind.name[:100]}` has more than {MAX_WEIGHTLESS:,} parts that take no bytes")
    done.add(id(kind))
