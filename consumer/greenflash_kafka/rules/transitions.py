"""The earlier value of a path: where the row before the change is, in each shape that producers send it.

In this order: the shape that the file declares (`source: {before, after}`); Stripe's (`data.previous_attributes.q`
for `data.object.q`, an absent key there means unchanged); lists of changed fields (`changedFields`,
`changed_fields`, Salesforce's `ChangeEventHeader`), which only say that a field changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto

import msgspec

from greenflash_kafka.rules.expressions.emitter import Constants, Emitter, load
from greenflash_kafka.rules.expressions.path_parser import Path

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


Getter = Callable[[object], object]
"""Gives the earlier value (None: it was null), or an `Earlier`, from the payload, or the item."""


class Declared(msgspec.Struct, frozen=True):
    """`source: {before, after}`: the paths under which the two rows stand."""

    before: Path
    after: Path


_ABSENT = object()
_LISTS = ("changedFields", "changed_fields")
_HEADER = "ChangeEventHeader"


def getter(path: Path, declared: Declared | None) -> Getter | None:
    """How to read the earlier value of a path, as compiled code; None when no shape can ever tell it."""
    if path.root not in ("payload", "item"):
        return None
    code = _TransitionCode()
    if declared is not None and _under(path, declared.after) and declared.before.root == path.root:
        code.declared(declared, path.steps[len(declared.after.steps) :])
    if path.steps[:2] == ("data", "object") and len(path.steps) > 2:
        code.stripe(path.steps[2:])
    return code.lists(path.steps)


def reads(path: Path, declared: Declared | None) -> Iterable[Steps]:
    """Where `getter` looks in the payload (or the item) for the earlier value."""
    if declared is not None and _under(path, declared.after) and declared.before.root == path.root:
        yield (*declared.before.steps, *path.steps[len(declared.after.steps) :])
    if path.steps[:2] == ("data", "object") and len(path.steps) > 2:
        yield ("data", "previous_attributes", *path.steps[2:])
        yield ("type",)
    for depth in range(len(path.steps)):
        for name in (*_LISTS, _HEADER):
            yield (*path.steps[:depth], name)


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


class _TransitionCode:
    """Writes the function, one shape after the other; each returns what it knows."""

    def __init__(self) -> None:
        self._out = Emitter("earlier", "root")
        self._constants = Constants()

    def declared(self, declared: Declared, rest: Steps) -> None:
        """The rows stand where the file says: a missing one before is a new object, if there is one after."""
        out, absent = self._out, self._constants.name(_ABSENT)
        self._walk("row", "root", declared.before.steps)
        with out.block("if row is None:"):
            self._walk("now", "root", declared.after.steps)
            with out.block(f"if now is not None and now is not {absent}:"):
                out.line(f"return {self._constants.name(Earlier.CREATED)}")
        with out.block(f"elif row is not {absent}:"):
            self._walk("value", "row", rest)
            with out.block(f"if value is not {absent}:"):
                out.line("return value")

    def stripe(self, rest: Steps) -> None:
        """What changed stands in `previous_attributes`; what isn't there did not."""
        out, name = self._out, self._constants.name
        out.line(f"data = root.get({name('data')}) if root.__class__ is dict else None")
        out.line(f"before = data.get({name('previous_attributes')}) if data.__class__ is dict else None")
        with out.block("if before.__class__ is dict:"):
            self._walk("value", "before", rest)
            out.line(f"return {name(Earlier.UNCHANGED)} if value is {name(_ABSENT)} else value")
        with out.block(f"if {name(_is_created)}(root):"):
            out.line(f"return {name(Earlier.CREATED)}")

    def lists(self, steps: Steps) -> Getter:
        """What nothing else tells, a list of changed fields may."""
        self._out.line(f"return {self._constants.name(_lists(steps))}(root)")
        return load([self._out], self._constants)

    def _walk(self, target: str, start: str, steps: Steps) -> None:
        """`_walk` written out."""
        out, absent = self._out, self._constants.name(_ABSENT)
        out.line(f"{target} = {start}")
        for step in steps:
            key = self._constants.name(step)
            with out.block(f"if {target}.__class__ is {'dict' if isinstance(step, str) else 'list'}:"):
                if isinstance(step, str):
                    out.line(f"{target} = {target}.get({key}, {absent})")
                else:
                    # A list is always given whole: what isn't in it wasn't there.
                    out.line(f"{target} = at({target}, {key})")
            with out.block(f"elif {target} is not None:"):
                out.line(f"{target} = {absent}")


def _is_created(root: object) -> bool:
    kind = root.get("type") if isinstance(root, dict) else None
    return isinstance(kind, str) and kind.endswith(".created")


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
