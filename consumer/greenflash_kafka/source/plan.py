"""Plans for partitions: from what is known of them to what is to be done. Pure: no client, no query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.gaps import Gap, LogRange, replaced
from greenflash_kafka.source.marks import Committed

OnMissing = Literal["halt", "continue"]

InitialOffset = Callable[[str], StartAt | None]
"""From a topic to where a group begins in it that it is new to, as mapping files say it; None: they say nothing."""


def unsaid(_: str) -> StartAt | None:
    """The mapping files say nothing of any topic."""
    return None


class InitialOffsets(msgspec.Struct, frozen=True):
    """Where mapping files say that a group begins in topics that are new to it, and `place`, file and line of each.
    `yields`: in a group without any offsets the configuration's start goes before, since it was given for this run."""

    said: InitialOffset = unsaid
    place: Callable[[str], str] = lambda _: ""
    yields: bool = False


NOTHING_SAID: Final = InitialOffsets()
"""Of no topic."""


class GroupAtStart(msgspec.Struct):
    """The group as it was when this process began.

    `known` are the partitions that existed then and haven't been assigned to us since. With it a second member of a
    new group, which sees the first one's commits, still starts its own partitions where the configuration says.
    `read` are the topics of which the group had read something.
    """

    is_new: bool
    known: set[TopicPartition]
    read: frozenset[str] = frozenset()

    def starts(
        self, partitions: Iterable[TopicPartition], start: StartAt, initial_offset: InitialOffset = unsaid
    ) -> dict[StartAt, list[TopicPartition]]:
        """The starts of partitions without a committed offset, and which of them begin there.

        A topic that existed and that the group had read nothing of starts where its mapping files say, if they do. A
        group without any offsets starts where the configuration says. Else a partition without one is new (added, or a
        topic that appeared late): from its beginning, or its first messages would be lost.
        """
        found: dict[StartAt, list[TopicPartition]] = {}
        for each in partitions:
            said = initial_offset(each[0]) if each in self.known and each[0] not in self.read else None
            usual: StartAt = start if self.is_new and each in self.known else "earliest"
            found.setdefault(usual if said is None else said, []).append(each)
        return found


def group_at_start(existing: Collection[TopicPartition], committed: Collection[TopicPartition]) -> GroupAtStart:
    """The group by the partitions that exist, and those among them that have a committed offset."""
    return GroupAtStart(not committed, set(existing), frozenset(topic for topic, _ in committed))


class Known(msgspec.Struct, frozen=True):
    """Facts about partitions that were just assigned: the group's commits, and the topics' ids.

    `answered` are the topics whose id the cluster has told now, `changed` those of them with another id than this
    member knew.
    """

    partitions: Sequence[TopicPartition]
    committed: Mapping[TopicPartition, Committed]
    topic_ids: Mapping[str, str]
    answered: Collection[str]
    changed: Collection[str]

    def replaced(self) -> list[TopicPartition]:
        """Partitions of a topic that was created again since the group, or this member, read it."""
        return sorted(each for each in self.partitions if each[0] in self.changed or self._committed_for_another(each))

    def uncommitted(self) -> list[TopicPartition]:
        """Partitions without a commit, which need a start offset."""
        return [each for each in self.partitions if each not in self.committed and each[0] not in self.changed]

    def _committed_for_another(self, partition: TopicPartition) -> bool:
        was = self.committed.get(partition)
        return was is not None and bool(was.topic_id) and was.topic_id != self.topic_ids.get(partition[0], was.topic_id)


class Plan(msgspec.Struct, frozen=True):
    """Steps, in the order of the fields; most plans have a few of them.

    `skip`: partitions of which messages are passed over, and the reason. `drop`: partitions that are given up first,
    with all that is in hand of them. `begin`: partitions and the offsets that they are assigned at, of which `anchor`
    are committed before a message is handed on, `kept` are the group's commits that stand, and `unidentified` wait for
    their topic's id. `started` are starts that no commit gave, and `taken_over` the commits of earlier members. `move`:
    partitions that go on at another offset, with what is in hand of them. `halt`: partitions that stop, and the reason.
    """

    skip: Mapping[TopicPartition, str] = {}
    drop: Collection[TopicPartition] = ()
    begin: Mapping[TopicPartition, int] = {}
    anchor: Mapping[TopicPartition, int] = {}
    kept: Mapping[TopicPartition, Committed] = {}
    unidentified: Collection[TopicPartition] = ()
    started: Mapping[TopicPartition, int] = {}
    taken_over: Mapping[TopicPartition, Committed] = {}
    move: Mapping[TopicPartition, int] = {}
    halt: Mapping[TopicPartition, str] = {}


def plan_assignment(
    known: Known,
    starts: Mapping[TopicPartition, int],
    logs: Mapping[TopicPartition, LogRange],
    on_missing: OnMissing,
) -> Plan:
    """The plan for newly assigned partitions. `starts` are the start offsets of `known.uncommitted()`, `logs` the
    present ranges of `known.replaced()`."""
    kept = {each: was for each, was in known.committed.items() if each not in logs}
    # A recreated topic is read from its beginning, if at all: halted, it stays there, paused, and uncommitted: an
    # offset of a topic that is gone stays as it is. Committed again, it would be the new one's.
    beginnings = {each: log.begin for each, log in logs.items()}
    reasons = {each: replaced(0, 0, log).reason for each, log in logs.items()}
    halts = on_missing == "halt"
    unidentified = {each for each in known.partitions if each[0] not in known.answered}
    return Plan(
        begin={**{each: was.offset for each, was in kept.items()}, **starts, **beginnings},
        anchor=starts if halts else {**starts, **beginnings},
        kept=kept,
        # What we knew of a topic before this assignment doesn't count: it may have been created again since.
        unidentified=unidentified,
        started=starts,
        taken_over={each: was for each, was in known.committed.items() if each not in unidentified},
        skip={} if halts else reasons,
        halt=reasons if halts else {},
    )


def plan_gaps(gaps: Mapping[TopicPartition, Gap], on_missing: OnMissing) -> Plan:
    """The plan for partitions being read of which messages are gone: halt, or go on where there are some."""
    reasons = {each: gap.reason for each, gap in gaps.items()}
    if on_missing == "halt":
        return Plan(halt=reasons)
    anew = {each: gap.log.begin for each, gap in gaps.items() if not gap.keeps}
    move = {each: gap.log.begin for each, gap in gaps.items() if gap.keeps}
    return Plan(drop=tuple(anew), begin=anew, anchor=anew, move=move, skip=reasons)
