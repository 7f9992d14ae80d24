"""The earlier value of a path: where the row before the change is, in each shape that producers send it.

In this order: the shape that the file declares (`source: {before, after}`); Stripe's (`data.previous_attributes.q`
for `data.object.q`, an absent key there means unchanged); lists of changed fields (`changedFields`,
`changed_fields`, Salesforce's `ChangeEventHeader`), which only say that a field changed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

import msgspec

from consumer.rules.expressions.paths import Path
from consumer.rules.expressions.scope import Scope

Steps = tuple[str | int, ...]


class Earlier(Enum):
    """What can be known of an earlier value beside the value itself."""

    UNKNOWN = auto()
    """Nothing tells."""
    UNCHANGED = auto()
    """It was what it is now."""
    CHANGED = auto()
    """It was something else, but nothing says what."""
    CREATED = auto()
    """There was nothing before: the object is new."""


Getter = Callable[[Scope], object]
"""Gives the earlier value (None: it was null), or an `Earlier`."""


class Declared(msgspec.Struct, frozen=True):
    """`source: {before, after}`: the paths under which the two rows stand."""

    before: Path
    after: Path


_ABSENT = object()
_LISTS = ("changedFields", "changed_fields")
_HEADER = "ChangeEventHeader"


def getter(path: Path, declared: Declared | None) -> Getter | None:
    """How to read the earlier value of a path; None when no shape can ever tell it."""
    if path.root not in ("payload", "item"):
        return None
    sources: list[Callable[[object], object]] = []
    if declared is not None and _under(path, declared.after):
        rest = path.steps[len(declared.after.steps) :]
        if declared.before.root == path.root:
            sources.append(_declared(declared, rest))
    if path.steps[:2] == ("data", "object") and len(path.steps) > 2:
        sources.append(_stripe(path.steps[2:]))
    sources.append(_lists(path.steps))
    item = path.root == "item"

    def earlier(scope: Scope) -> object:
        root = scope.item if item else scope.payload
        for source in sources:
            found = source(root)
            if found is not Earlier.UNKNOWN:
                return found
        return Earlier.UNKNOWN

    return earlier


def has_shape(path: Path, declared: Declared | None) -> bool:
    """Whether more than a list of changed fields can tell this path's earlier value (lint asks)."""
    if path.root not in ("payload", "item"):
        return False
    return (declared is not None and _under(path, declared.after)) or path.steps[:2] == ("data", "object")


def _under(path: Path, above: Path) -> bool:
    return path.root == above.root and path.steps[: len(above.steps)] == above.steps and path.steps != above.steps


def _walk(value: object, steps: Steps) -> object:
    """What is there; None under a null on the way (then it was null, too), `_ABSENT` where a key isn't there."""
    for step in steps:
        if value is None:
            return None
        if isinstance(step, str):
            value = value.get(step, _ABSENT) if isinstance(value, dict) else _ABSENT
        elif isinstance(value, list):
            # A list is always given whole: what isn't in it wasn't there.
            value = value[step] if -len(value) <= step < len(value) else None
        else:
            value = _ABSENT
        if value is _ABSENT:
            return _ABSENT
    return value


def _declared(declared: Declared, rest: Steps) -> Callable[[object], object]:
    before, after = declared.before.steps, declared.after.steps

    def read(root: object) -> object:
        row = _walk(root, before)
        if row is None:
            now = _walk(root, after)
            return Earlier.UNKNOWN if now is None or now is _ABSENT else Earlier.CREATED
        if row is _ABSENT:
            return Earlier.UNKNOWN
        value = _walk(row, rest)
        return Earlier.UNKNOWN if value is _ABSENT else value

    return read


def _stripe(rest: Steps) -> Callable[[object], object]:
    def read(root: object) -> object:
        data = root.get("data") if isinstance(root, dict) else None
        previous = data.get("previous_attributes") if isinstance(data, dict) else None
        if not isinstance(previous, dict):
            kind = root.get("type") if isinstance(root, dict) else None
            created = isinstance(kind, str) and kind.endswith(".created")
            return Earlier.CREATED if created else Earlier.UNKNOWN
        value = _walk(previous, rest)
        return Earlier.UNCHANGED if value is _ABSENT else value

    return read


def _lists(steps: Steps) -> Callable[[object], object]:
    def read(root: object) -> object:
        for depth in range(len(steps) - 1, -1, -1):
            holder = _walk(root, steps[:depth])
            if isinstance(holder, dict):
                found = _listed(holder, steps[depth:])
                if found is not Earlier.UNKNOWN:
                    return found
        return Earlier.UNKNOWN

    return read


def _listed(holder: dict[str, object], rest: Steps) -> Earlier:
    header = holder.get(_HEADER)
    for container in (holder, header) if isinstance(header, dict) else (holder,):
        if container is header and container.get("changeType") == "CREATE":
            return Earlier.CREATED
        for name in _LISTS:
            fields = container.get(name)
            # Avro's bitmaps ("0x1A") name no fields, so nothing is known.
            if isinstance(fields, list) and all(isinstance(f, str) and not f.startswith("0x") for f in fields):
                full = ".".join(str(step) for step in rest)
                return Earlier.CHANGED if full in fields or rest[-1] in fields else Earlier.UNCHANGED
    return Earlier.UNKNOWN
