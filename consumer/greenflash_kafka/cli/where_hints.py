"""Hints for conditions of `peek --where` that hold for no message, as `try` gives them for rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve_whole
from greenflash_kafka.snapshot import Snapshot

TRIED: Final = 30
"""So many of the messages for which the conditions don't hold are explained."""

_MOST: Final = 3

_LISTS: Final = "messages are lists: write payload: {any: {FIELD: VALUE}}"


def where_hints(conditions: Snapshot, messages: Sequence[Message]) -> list[str]:
    """A line for each hint, the most frequent first; of messages that are lists how conditions on their elements are
    written. No value of a message is in it that isn't in the conditions."""
    hints: Counter[str] = Counter()
    for message in messages:
        if isinstance(resolve_whole(message, conditions).payload, list):
            hints[_LISTS] += 1
            continue
        for rule in explain_fully(message, conditions):
            for line in rule.failed:
                if line.hint.startswith(("did you mean", "the message has")) and "no such field" in line.found:
                    hints[f"{line.text}: {line.hint}"] += 1
    return [
        f"hint, of {times} of {counted(len(messages), 'message')}: {said}" for said, times in hints.most_common(_MOST)
    ]
