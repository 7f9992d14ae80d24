"""Names of events' fields as rules write them: a property that only messages name isn't named by a report."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.snapshot import Snapshot

NAMED_BY_MESSAGES: Final = "properties.*"
"""Properties that a rule takes from messages with their names (`properties: = payload.attributes`)."""

_PROPERTY: Final = "properties."


class WrittenNames:
    """The fields that either rule set writes, topic by topic."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self._sides = old, new
        self._names: dict[str, frozenset[str]] = {}

    def shown(self, topic: str, field: str) -> str:
        """The field's name, unless it is a value of messages."""
        if not field.startswith(_PROPERTY):
            return field
        names = self._names.get(topic)
        if names is None:
            readings = [side.by_topic[topic] for side in self._sides]
            rules = [rule for reading in readings if reading is not None for rule in reading[0].rules]
            names = frozenset(field.name for rule in rules for field in rule.info.fields)
            self._names[topic] = names
        return field if field in names else NAMED_BY_MESSAGES

    def has_id(self, topic: str, rule: str) -> bool:
        """Whether a rule of the new rules writes an `insert_id`; one that doesn't has its name in its ids."""
        reading = self._sides[1].by_topic[topic]
        return reading is None or all(each.has_key for each in reading[0].rules if each.name == rule)
