"""Events that the API would reject, and the problems that say why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import UNSET

from greenflash_kafka.expressions.values import NAMES, number_text, type_of
from greenflash_kafka.model.event import FIELD, refusals
from greenflash_kafka.model.problem import Problem

SHOWN: Final = 60
"""Characters of a rejected value that a problem shows."""

_JSON: Final = json.JSONEncoder(ensure_ascii=True, default=str)


class RejectedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that the API would reject, with all its mistakes. `insert_id` is the one that it would have.

    `unwritable`: each value may stand where it stands, but no JSON can hold it; only then are `problems` about that.
    """

    rule: str
    item: int | None
    insert_id: str
    problems: tuple[Problem, ...]
    unwritable: bool = False


def rejected(rule: str, item: int | None, fields: Mapping[str, object], why: str) -> RejectedEvent:
    """The event of these fields, in the order of its JSON; UNSET stands for what is left out.

    `event_at` is None if the record's own timestamp, which stands in for it, is none. `why` says why the event can't be
    written, though all its fields can be what they are.
    """
    given = {name: value for name, value in fields.items() if value is not UNSET}
    found = [
        Problem("not-allowed", wrong + _fix(name, given), rule, item, name, _shown(given.get(name)))
        for name, wrong in refusals(given)
    ]
    if fields["event_at"] is None:
        said = "the record's own timestamp lies outside the years 1970 to 9999; give the rule an event_at"
        found.insert(0, Problem("bad-time", said, rule, item, "event_at"))
    unwritable = not found
    if unwritable:
        # What no JSON can hold is in the properties: the rest is text, or checked against its range.
        found.append(Problem("not-allowed", why, rule, item, "properties"))
    return RejectedEvent(rule, item, str(given["insert_id"]), tuple(found), unwritable)


def _fix(name: str, fields: Mapping[str, object]) -> str:
    """The fix for a number in a text field: ids are the usual case."""
    value = fields.get(name)
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return "; write text(...)" if number and FIELD[name].kind in ("text", "uuid") else ""


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        # Writing out ten megabytes to show sixty characters of them would hold up every other message.
        return NAMES[type_of(value)]
    if isinstance(value, str):
        value = value[: SHOWN + 1]
    text = number_text(value) if isinstance(value, Decimal) else _JSON.encode(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
