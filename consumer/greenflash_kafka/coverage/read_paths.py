"""The paths of a message that a rule reads, and whether a message has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.rules.rule import Rule

CONDITION: Final = "condition"
"""What stands for a field of the event where a condition reads the path."""

_ROOTS: Final = ("payload", "item")


class ReadPath(msgspec.Struct, frozen=True):
    """A path, as a rule writes it (`text`), and where it is read: CONDITION, or the names of the event's fields."""

    of: str
    text: str
    root: str
    steps: tuple[str | int, ...]

    def missing(self, scope: Scope) -> bool:
        """Whether a message (an item) lacks it, or has null there."""
        value = scope.item if self.root == "item" else scope.payload
        for step in self.steps:
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, dict) else None
            else:
                value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
            if value is None:
                return True
        return False


class RulePaths(msgspec.Struct, frozen=True):
    """The paths of one rule's conditions, and those of its event's fields."""

    conditions: tuple[ReadPath, ...]
    fields: tuple[ReadPath, ...]


def paths_of(rule: Rule) -> RulePaths:
    """All paths that a rule reads, once for each of the two."""
    info = rule.info
    conditions = ((CONDITION, each.reads) for each in info.conditions)
    fields: dict[Path, list[str]] = {}
    for each in info.fields:
        for path in each.reads:
            fields.setdefault(path, []).append(each.name)
    return RulePaths(
        tuple(dict.fromkeys(_read(rule, conditions))),
        tuple(_read(rule, ((", ".join(names), (path,)) for path, names in fields.items()))),
    )


def _read(rule: Rule, reads: Iterable[tuple[str, Iterable[Path]]]) -> Iterator[ReadPath]:
    envelope = rule.code.parts.names.envelope
    for of, paths in reads:
        for path in paths:
            if path.root in _ROOTS and path.steps:
                text = envelope.written(path.steps) if path.root == "payload" else str(path)
                yield ReadPath(of, text, path.root, path.steps)
