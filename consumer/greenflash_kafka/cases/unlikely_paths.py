"""Warnings of paths in `set`, `unset` and `payload` of a case that the message doesn't have, and probably should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from greenflash_kafka.cases.payload_changes import Steps
from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Place, Scalar, place
from greenflash_kafka.expressions.names import Path

_CLOSE: Final = 0.85
"""A name in `set` so close to one of the message is a slip of the pen; others may be new on purpose."""

_MOST_LETTERS: Final = 2
"""So many letters more or less a slip of the pen has."""


def warn_of_unset(payload: Any, steps: Steps, written: Scalar, report: FileReport) -> None:
    """Warn of a path that is to be taken away and isn't there."""
    parent, missing = _first_missing(payload, steps)
    if missing is None:
        return
    hint = _nearest(payload, parent, steps, len(parent), 0.7)
    report.add(place(written), "unknown-path", f"the message has no `{written.text}`, so nothing is unset", hint)


def warn_of_set(payload: Any, steps: Steps, written: Scalar, report: FileReport) -> None:
    """Warn of a path that is to be set, is new, and is nearly one that the message has."""
    parent, missing = _first_missing(payload, steps)
    hint = _nearest(payload, parent, steps, len(parent), _CLOSE) if missing is not None else ""
    if hint:
        report.add(place(written), "unknown-path", f"the message has no `{written.text}` before it is set", hint)


def warn_of_file(value: object, at: Place, report: FileReport) -> None:
    """Warn of a payload that is probably the name of a file."""
    name = value.get("file") if isinstance(value, dict) and list(value) == ["file"] else value
    if isinstance(name, str) and name.removeprefix("@").endswith(".json"):
        hint = f"write message: {{file: {name.removeprefix('@')}}}"
        report.add(at, "file-as-payload", "this payload is the name of a file, not what the file holds", hint)


def _first_missing(payload: Any, steps: Steps) -> tuple[Steps, str | int | None]:
    """The steps that are there, and the first that isn't; None if all are."""
    for number, step in enumerate(steps):
        if isinstance(step, int):
            if not isinstance(payload, list) or not -len(payload) <= step < len(payload):
                return steps[:number], step
            payload = payload[step]
        elif not isinstance(payload, dict) or step not in payload:
            return steps[:number], step
        else:
            payload = payload[step]
    return steps, None


def _nearest(payload: Any, parent: Steps, steps: Steps, number: int, closeness: float) -> str:
    """The path that was probably meant: with another name at this step, or of this last name elsewhere."""
    for step in parent:
        payload = payload[step]
    wrong = steps[number]
    found = None
    if closeness < _CLOSE:
        found = next((path for path in _paths(payload, parent) if path[-1] == steps[-1]), None)
    if found is None and isinstance(payload, dict) and isinstance(wrong, str):
        near = closest_word(wrong, (str(name) for name in payload), closeness)
        if near is not None and abs(len(near) - len(wrong)) <= _MOST_LETTERS:
            found = (*parent, near, *steps[number + 1 :])
    return f"did you mean {Path('payload', found, bare=True)}?" if found is not None else ""


def _paths(payload: Any, parent: Steps) -> Iterator[Steps]:
    if isinstance(payload, dict):
        for name, value in payload.items():
            yield (*parent, name)
            yield from _paths(value, (*parent, name))
