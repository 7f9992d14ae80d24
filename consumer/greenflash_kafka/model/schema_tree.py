"""A schema as the paths that it has: names, types and an enum's symbols, the same for all kinds of schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from greenflash_kafka.model.change_lists import CHANGE_LISTS
from greenflash_kafka.model.payload import Shape

TreeKind = Literal["any", "boolean", "list", "map", "null", "number", "object", "text", "time"]

_DEEPEST = 30
"""Steps of a path past which nothing is said: schemas may refer to themselves."""


class SchemaTree(msgspec.Struct, eq=False):
    """A value that a schema describes, in the types that rules see. Trees of recursive schemas refer to themselves.

    `fields` are an object's; `open` says that it may have others. `inner` is what lists and maps hold. `symbols` are
    an enum's, empty for any other text. "any": nothing is known.
    """

    kind: TreeKind
    fields: dict[str, SchemaTree] = {}
    inner: SchemaTree | None = None
    symbols: tuple[str, ...] = ()
    open: bool = False

    def field(self, name: str) -> SchemaTree | None:
        """What is under a name; ANYTHING where that isn't known, None where nothing can be."""
        if self.kind == "object":
            return self.fields.get(name) or (ANYTHING if self.open else None)
        if self.kind == "map":
            return self.inner or ANYTHING
        return ANYTHING if self.kind == "any" else None

    def at(self, steps: Sequence[str | int]) -> tuple[SchemaTree | None, int]:
        """What is at a path, and how many of its steps lead somewhere: all of them, or those before the one that the
        schema lacks."""
        found = self
        for place, step in enumerate(steps):
            if isinstance(step, int):
                inner = found.inner if found.kind == "list" else ANYTHING if found.kind == "any" else None
            else:
                # A field of a list is no mistake that a schema could tell: lists have functions of their own.
                inner = ANYTHING if found.kind == "list" else found.field(step)
            if inner is None:
                return None, place
            found = inner
        return found, len(steps)


ANYTHING = SchemaTree("any")
"""Of which nothing is known."""


def lacks(tree: SchemaTree, shape: Shape | None) -> list[str]:
    """The fields that are read (`shape`) and that the schema lacks, as paths with dots. Not lists of changed fields:
    transitions look for those wherever they may be."""
    return [".".join(steps) for steps in _lacking(tree, shape, ())]


def merged(trees: Iterable[SchemaTree]) -> SchemaTree:
    """What one of several schemas describes: the branches of a union."""
    found: SchemaTree | None = None
    for each in trees:
        found = each if found is None else _merge(found, each, 0)
    return found or SchemaTree("null")


def _lacking(tree: SchemaTree, shape: Shape | None, steps: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, inner in (shape or {}).items():
        own, place = (*steps, name), tree.at((name,))[0]
        if place is None:
            if name not in CHANGE_LISTS:
                yield own
        elif len(own) < _DEEPEST:
            yield from _lacking(place, inner, own)


def _merge(one: SchemaTree, other: SchemaTree, depth: int) -> SchemaTree:
    if one is other or other.kind == "null":
        return one
    if one.kind == "null":
        return other
    if one.kind != other.kind or depth > _DEEPEST:
        return ANYTHING
    fields = dict(one.fields)
    for name, tree in other.fields.items():
        fields[name] = _merge(fields[name], tree, depth + 1) if name in fields else tree
    symbols = (*one.symbols, *other.symbols) if one.symbols and other.symbols else ()
    inner = one.inner if other.inner is None else other.inner
    if one.inner is not None and other.inner is not None:
        inner = _merge(one.inner, other.inner, depth + 1)
    return SchemaTree(one.kind, fields, inner, tuple(dict.fromkeys(symbols)), one.open or other.open)
