"""The earlier value of a path: where the row before the change is, in each shape that producers send it.

In this order: the shape that the file declares (`source: {before, after}`); Stripe's (`data.previous_attributes.q`
for `data.object.q`, an absent key there means unchanged); lists of changed fields (`changedFields`,
`changed_fields`, Salesforce's `ChangeEventHeader`), which only say that a field changed.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import msgspec

from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.path_code import PathCode
from greenflash_kafka.expressions.paths import EnvelopePaths, Steps
from greenflash_kafka.model.change_lists import CHANGE_HEADER, CHANGED_FIELDS


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


class Declared(msgspec.Struct, frozen=True):
    """`source: {before, after}`: the paths under which the two rows stand."""

    before: Path
    after: Path


DEBEZIUM_ROWS: Final = Declared(Path("payload", ("before",)), Path("payload", ("after",)))
"""Where the rows of a change are under `envelope: debezium`, which needs no declaration."""


_ABSENT = object()


def by_list(path: Path) -> bool:
    """Whether a list of changed fields can say that a path's value changed."""
    return path.root in ("payload", "item")


def has_shape(path: Path, declared: Declared | None, envelope: EnvelopePaths) -> bool:
    """Whether more than a list of changed fields can tell this path's earlier value."""
    own = path.steps[len(_lead(path, envelope)) :]
    return by_list(path) and (_is_declared(path, declared) or _is_stripe(own))


def _lead(path: Path, envelope: EnvelopePaths) -> Steps:
    """The steps of a path that lead to the payload."""
    lead = envelope.payload
    return lead if path.root == "payload" and path.steps[: len(lead)] == lead else ()


def _is_declared(path: Path, declared: Declared | None) -> bool:
    if declared is None:
        return False
    above = declared.after
    return path.root == above.root and path.steps[: len(above.steps)] == above.steps and path.steps != above.steps


def _is_stripe(steps: Steps) -> bool:
    return steps[:2] == ("data", "object")


def write_earlier(code: PathCode, path: Path, declared: Declared | None) -> None:
    """Write the body of a function of `root`, the payload or the item: it gives the path's earlier value (None if it
    was null), or an `Earlier`. What it reads is noted as the expression's paths are."""
    out, name, absent = code.emitter, code.constants.name, code.constants.name(_ABSENT)
    if declared is not None and _is_declared(path, declared) and declared.before.root == path.root:
        _write_declared(code, declared, path.steps[len(declared.after.steps) :])
    lead = _lead(path, code.names.envelope)
    own = path.steps[len(lead) :]
    if _is_stripe(own) and len(own) > 2:
        code.note(path.root, (*lead, "data", "previous_attributes", *own[2:]))
        code.note(path.root, (*lead, "type"))
        payload = code.follow_row("root", lead, absent)
        before = code.follow_row(payload, ("data", "previous_attributes"), absent)
        with out.block(f"if {before}.__class__ is dict:"):
            value = code.follow_row(before, own[2:], absent)
            # What changed stands there; what isn't there did not.
            out.line(f"return {name(Earlier.UNCHANGED)} if {value} is {absent} else {value}")
        with out.block(f"if {name(_is_created)}({payload}):"):
            out.line(f"return {name(Earlier.CREATED)}")
    _write_lists(code, path, lead)


def _write_declared(code: PathCode, declared: Declared, rest: Steps) -> None:
    """The rows stand where the file says: a missing one before is a new object, if there is one after."""
    out, absent = code.emitter, code.constants.name(_ABSENT)
    code.note(declared.before.root, (*declared.before.steps, *rest))
    row = code.follow_row("root", declared.before.steps, absent)
    with out.block(f"if {row} is None:"):
        now = code.follow_row("root", declared.after.steps, absent)
        with out.block(f"if {now} is not None and {now} is not {absent}:"):
            out.line(f"return {code.constants.name(Earlier.CREATED)}")
    with out.block(f"elif {row} is not {absent}:"):
        value = code.follow_row(row, rest, absent)
        with out.block(f"if {value} is not {absent}:"):
            out.line(f"return {value}")


def _write_lists(code: PathCode, path: Path, lead: Steps) -> None:
    """What nothing else tells, a list of changed fields may: the one nearest to the field decides."""
    out, name, absent = code.emitter, code.constants.name, code.constants.name(_ABSENT)
    own = path.steps[len(lead) :]
    unknown, holders = name(Earlier.UNKNOWN), [code.follow_row("root", lead, absent) if lead else "root"]
    for depth, step in enumerate(own):
        for key in (*CHANGED_FIELDS, CHANGE_HEADER):
            code.note(path.root, (*lead, *own[:depth], key))
        if depth < len(own) - 1:
            holders.append(code.follow_row(holders[-1], (step,), absent))
    for depth in range(len(own) - 1, -1, -1):
        with out.block(f"if {holders[depth]}.__class__ is dict:"):
            out.line(f"found = {name(_listed)}({holders[depth]}, {name(own[depth:])})")
            with out.block(f"if found is not {unknown}:"):
                out.line("return found")
    out.line(f"return {unknown}")


def _is_created(root: object) -> bool:
    kind = root.get("type") if isinstance(root, dict) else None
    return isinstance(kind, str) and kind.endswith(".created")


def _listed(holder: dict[str, object], rest: Steps) -> Earlier:
    header = holder.get(CHANGE_HEADER)
    for container in (holder, header) if isinstance(header, dict) else (holder,):
        if container is header and container.get("changeType") == "CREATE":
            return Earlier.CREATED
        for name in CHANGED_FIELDS:
            fields = container.get(name)
            # Avro's bitmaps ("0x1A") name no fields, so nothing is known.
            if isinstance(fields, list) and all(isinstance(f, str) and not f.startswith("0x") for f in fields):
                full = ".".join(str(step) for step in rest)
                return Earlier.CHANGED if full in fields or rest[-1] in fields else Earlier.UNCHANGED
    return Earlier.UNKNOWN
