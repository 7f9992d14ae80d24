"""Detection of other rules in the group, before and beside this process, from the metadata of commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from greenflash_kafka.ports import Listener, RulesInUse, TopicPartition
from greenflash_kafka.source.marks import Committed, under_other_ids

LOOK_SECONDS: Final = 10.0
"""Seconds between queries of the other members' commits: a rolling deployment takes longer."""

LOOK_AGAIN_SECONDS: Final = 60.0
"""The same after a query without a response, since the loop waits for it."""

MOST_PARTITIONS: Final = 1000
"""Most partitions that are queried: a few are enough to find other rules."""

Rules = Callable[[TopicPartition], RulesInUse | None]
"""Gives the rules that evaluate a partition's messages."""

Ask = Callable[[Sequence[TopicPartition]], Mapping[TopicPartition, Committed] | None]
"""The group's commits of these partitions; None when no response comes at once."""


class OtherRules:
    """Reports that other members' partitions of our topics are committed by other rules, and the end of this condition.

    Each member marks its partitions with its rules at the first commit after their assignment, whether or not there
    is something new to commit: what stands there is what the partition's owner works with.
    """

    def __init__(self, ask: Ask, listener: Listener, monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._listener = listener
        self._monotonic = monotonic
        self._next = monotonic() + LOOK_SECONDS
        self._told: set[str] = set()
        self.partitions: Collection[TopicPartition] = ()
        """The partitions of our topics, of any member."""

    def watch(self, ours: Collection[TopicPartition], rules: Rules) -> None:
        """Query when it is time; once an iteration of the loop. A member that has all partitions sends no query."""
        now = self._monotonic()
        if now < self._next:
            return
        theirs = [each for each in self.partitions if each not in ours][:MOST_PARTITIONS]
        committed = self._ask(theirs) if theirs else {}
        self._next = now + (LOOK_AGAIN_SECONDS if committed is None else LOOK_SECONDS)
        if committed is not None:
            self._judge(committed, rules)

    def _judge(self, theirs: Mapping[TopicPartition, Committed], rules: Rules) -> None:
        mine, others = "", Counter[str]()
        for each, was in theirs.items():
            now = rules(each)
            if now is not None and was.rules not in ("", now.version):
                mine = now.version
                others[was.rules] += 1
        self._listener.gauge("partitions_under_other_rules", others.total())
        if others.keys() - self._told:
            self._listener.notice("rules_differ", rules=mine, others=dict(others), partitions=others.total())
        elif self._told and not others:
            self._listener.notice("rules_alike")
        self._told = set(others)


def report_other_ids(committed: Mapping[TopicPartition, Committed], rules: Rules, listener: Listener) -> None:
    """Report messages that an earlier member handed on, and didn't commit, under other ids than they get now."""
    changed: dict[str, dict[int, str]] = {}
    before: set[str] = set()
    for (topic, partition), was in sorted(committed.items()):
        now = rules((topic, partition))
        if now is not None and under_other_ids(was, now):
            changed.setdefault(topic, {})[partition] = f"{was.offset}-{was.reach - 1}"
            before.add(was.rules)
            listener.count("offsets_under_other_ids", was.reach - was.offset)
    for topic, offsets in changed.items():
        listener.notice("rules_changed_over_uncommitted", topic=topic, offsets=offsets, before=sorted(before))
