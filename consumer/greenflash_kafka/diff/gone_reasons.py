"""The conditions for which events are gone, found for a few messages of each rule when all are counted."""

from __future__ import annotations

import heapq

from greenflash_kafka.diff.tallies import MOST_REASONS, RankedReason, Reason
from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot

NO_RULE: Reason = ("the new rules have no rule of this name", "", False)
OTHER_TOPICS: Reason = ("the rule reads other topics now", "", False)
NOT_KNOWN: Reason = ("the reason isn't known", "", False)

_ABSENT = ("no such", "null", "nothing")
"""What an explanation says of a value that a message lacks begins so."""


class GoneEvents:
    """Keeps the messages of the lowest ranks, whoever counts them: two runs look at the same."""

    def __init__(self, rules: Snapshot) -> None:
        self._rules = rules
        self._kept: dict[str, list[tuple[int, int, Message]]] = {}

    def add(self, rank: int, rule: str, message: Message) -> None:
        """An event of a rule that the new rules don't give of this message."""
        kept = self._kept.setdefault(rule, [])
        each = (-rank, len(kept), message)
        if len(kept) < MOST_REASONS:
            heapq.heappush(kept, each)
        elif each[0] > kept[0][0]:
            heapq.heapreplace(kept, each)

    def reasons(self) -> dict[str, list[RankedReason]]:
        """Of each rule, those of the messages that were kept."""
        return {
            rule: sorted((-rank, self._reason(rule, message)) for rank, _, message in kept)
            for rule, kept in self._kept.items()
        }

    def _reason(self, rule: str, message: Message) -> Reason:
        explained = [each for each in explain_fully(message, self._rules) if each.explanation.rule == rule]
        if not explained:
            return OTHER_TOPICS if rule in self._rules.ruleset.rules else NO_RULE
        line = next((line for each in explained for line in each.failed), None)
        if line is None:
            return NOT_KNOWN
        place = f"{line.file}:{line.line}" if line.file else ""
        return f"{line.kind} {line.name}" if line.kind == "when" else line.name, place, line.found.startswith(_ABSENT)
