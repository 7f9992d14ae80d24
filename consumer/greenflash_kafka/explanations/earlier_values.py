"""Earlier values in words: what is known of a value before a change, or why nothing is."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.explanations.missing_paths import follow, is_absent, visited
from greenflash_kafka.explanations.shown_values import names_in, shown
from greenflash_kafka.expressions.paths import EnvelopePaths, Path, Steps
from greenflash_kafka.rules.transitions import Declared, Earlier

_PAIRS: Final = (("before", "after"), ("old", "new"), ("previous", "current"), ("oldImage", "newImage"))


def earlier_words(earlier: object, path: str) -> str:
    """What is known of the value of a path before the change."""
    match earlier:
        case Earlier.UNKNOWN:
            return f"the message doesn't contain the previous value of {path}"
        case Earlier.UNCHANGED:
            return "it did not change"
        case Earlier.CHANGED:
            return "it changed, and the message doesn't say from what"
        case Earlier.CREATED:
            return "the object is new, so there is no previous value"
    return f"before the change it was {shown(earlier)}"


def earlier_hint(
    earlier: object, path: Path, payload: object, declared: Declared | None, envelope: EnvelopePaths
) -> str:
    """What to do about an earlier value that isn't known; "" where nothing is to be done."""
    if earlier is Earlier.CREATED and declared is not None and follow(payload, declared.before.steps) is None:
        return f"{envelope.written(declared.before.steps)} is null; if the row was there before, {_IDENTITY}"
    if earlier is not Earlier.UNKNOWN:
        return ""
    if declared is not None:
        return _of_declared(path, payload, declared, envelope)
    rows = _rows(payload)
    if rows is None:
        return "name where it is: source: {before: payload.old, after: payload.new}"
    before, after = map(envelope.written, rows)
    row = follow(payload, rows[0])
    if row is None:
        return f"{before} is null: {_IDENTITY}"
    if path.steps[: len(rows[1])] == rows[1]:
        return f"say where the two rows are: source: {{before: {before}, after: {after}}}"
    return f"the rows are {before} and {after}: source: {{before: {before}, after: {after}}}, and lines like {after}.x"


_IDENTITY: Final = "the source must send the whole row before the change (Debezium on Postgres: REPLICA IDENTITY FULL)"


def _of_declared(path: Path, payload: object, declared: Declared, envelope: EnvelopePaths) -> str:
    before, after = envelope.written(declared.before.steps), envelope.written(declared.after.steps)
    rest = path.steps[len(declared.after.steps) :]
    if path.steps[: len(declared.after.steps)] != declared.after.steps or not rest:
        return f"`source` says that changes are below {after}; write the line as {after}.x"
    row = follow(payload, declared.before.steps)
    if is_absent(row) or row is None:
        return f"`before` is missing: the message has nothing at {before}; {_IDENTITY}"
    if isinstance(row, dict):
        return f"{before} holds only {names_in(row) or 'nothing'}: {_IDENTITY}"
    return f"{before} is {shown(row)}, not the row before the change"


def _rows(payload: object) -> tuple[Steps, Steps] | None:
    """Where a message has a row before and after a change."""
    for way, value in visited(payload):
        for before, after in _PAIRS:
            if isinstance(value, dict) and before in value and isinstance(value.get(after), dict):
                return (*way, before), (*way, after)
    return None
