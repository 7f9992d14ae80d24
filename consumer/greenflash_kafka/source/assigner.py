"""Assigned partitions from their begin to their end: asks for what a plan needs, and applies the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import Listener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.gaps import out_of_range, replaced
from greenflash_kafka.source.kafka_offsets import KafkaOffsets
from greenflash_kafka.source.other_rules import report_other_ids
from greenflash_kafka.source.partitions import Partitions
from greenflash_kafka.source.plan import (
    NOTHING_SAID,
    GroupAtStart,
    InitialOffsets,
    Known,
    OnMissing,
    Plan,
    plan_assignment,
    plan_gaps,
    unsaid,
)
from greenflash_kafka.source.topic_ids import TopicIds


class Assigner:
    """Begins partitions at the right offsets, and handles messages of them that are gone."""

    def __init__(
        self,
        partitions: Partitions,
        offsets: KafkaOffsets,
        ids: TopicIds,
        listener: Listener,
        start: StartAt,
        on_missing: OnMissing,
        initial: InitialOffsets = NOTHING_SAID,
    ) -> None:
        self._partitions = partitions
        self._assignment = partitions.assignment
        self._offsets = offsets
        self._ids = ids
        self._listener = listener
        self._start: StartAt = start
        self._on_missing: OnMissing = on_missing
        self._initial = initial
        self._said: dict[Partition, StartAt] = {}
        self._read_again: dict[Partition, int] = {}
        self.group = GroupAtStart(True, set())
        """The group when this process began."""

    def begin(self, partitions: Sequence[Partition], anchors: Mapping[Partition, int] = MappingProxyType({})) -> None:
        """Begin partitions that were assigned; `anchors` are starts that were found before and aren't committed yet."""
        committed = self._offsets.committed(partitions)
        answered, changed = self._ids.identify({topic for topic, _ in partitions})
        known = Known(partitions, committed, self._ids.known, answered, changed)
        new = known.uncommitted()
        starts = self._resolve([each for each in new if each not in anchors])
        starts |= {each: anchors[each] for each in new if each in anchors}
        self._apply(plan_assignment(known, starts, self._offsets.logs(known.replaced()), self._on_missing))

    def end(self, partitions: Collection[Partition]) -> None:
        """Give these up."""
        for each in partitions:
            self._read_again.pop(each, None)
        self._partitions.end(partitions)
        self._ids.forget(partitions)

    def watch(self) -> None:
        """Compare the topics' ids with those at the partitions' begin; once an iteration of the loop, not inside
        `consume()`."""
        self._compare(self._ids.poll({topic for topic, _ in self._assignment.partitions}))
        self._ids.ask(self._partitions.positions, soon=self._assignment.unidentified)

    def catch_up(self) -> None:
        """Compare ids that came inside `consume()`, which is over now."""
        self._compare(self._ids.late())

    def _compare(self, ids: Mapping[str, str]) -> None:
        """Compare these topic ids with those at the partitions' begin."""
        if not ids:
            return
        gone = self._assignment.replaced(ids)
        if gone:
            # A classic group goes on at the old topic's offsets until this is noticed.
            positions, logs = self._partitions.positions(), self._offsets.logs(gone)
            gaps = {}
            for each, log in logs.items():
                at = positions.get(each, 0)
                gaps[each] = replaced(min(at, self._ids.certain(each, self._partitions.begun(each))), at, log)
            self._apply(plan_gaps(gaps, self._on_missing))
        late = self._assignment.identified(ids)
        if late:
            # Nothing of them was handed on, and their commit may belong to another topic of that name.
            anchors = self._assignment.anchors(late)
            self.end(late)
            self.begin(late, anchors)

    def out_of_range(self, partition: Partition, at: int | None) -> None:
        """Handle a fetch offset at which the broker has no message. A log that was cut is reported without an offset:
        then it is the position.

        An offset that isn't the position says nothing of the topic: librdkafka 2.16 reads on inside a batch whose
        checksum is wrong, takes text for an offset, and reports that fetch also after a pause has dropped what it said
        of the batch. So the position is read again, and once more is the answer.
        """
        position = self._partitions.positions().get(partition, 0)
        at = position if at is None else at
        began = self._assignment.identities.get(partition)
        if began is None or self._assignment.is_halted(partition):
            return  # not ours any more, it begins again once its topic's id is known, or the reason is known already
        if at != position and self._read_again.get(partition) != position:
            self._read_again[partition] = position
            self._partitions.move(partition, position)
            return
        ids, _ = self._ids.identify([partition[0]])
        self.catch_up()
        if ids.get(partition[0], began) == began:
            log = self._offsets.logs([partition])[partition]
            gap = out_of_range(at, self._partitions.commits.confirmed.get(partition), log)
            self._apply(plan_gaps({partition: gap}, self._on_missing))

    def unreadable(self, partition: Partition, said: str) -> None:
        """Halt a partition in which the client can't read a batch and has gone on behind it: nobody wants that loss."""
        if partition in self._assignment.partitions and not self._assignment.is_halted(partition):
            self._apply(Plan(halt={partition: f"messages can't be read: {said}"}))

    def _resolve(self, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Start offsets for partitions that have none committed."""
        yields = self._initial.yields and self.group.is_new
        if yields:
            self._say_passed_over(partitions)
        by_start = self.group.starts(partitions, self._start, unsaid if yields else self._initial.said)
        # Should they ever lose their offsets while we run, they have been ours before: then from the beginning.
        self.group.known.difference_update(partitions)
        found: dict[Partition, int] = {}
        for start, group in by_start.items():
            found |= self._offsets.starts(group, start)
            self._said |= dict.fromkeys(group, start)
        return found

    def _say_passed_over(self, partitions: Sequence[Partition]) -> None:
        """Name the lines of mapping files that don't hold now."""
        for topic in sorted({topic for topic, _ in partitions} & {topic for topic, _ in self.group.known}):
            said = self._initial.said(topic)
            if said is not None and said != self._start:
                place = self._initial.place(topic)
                self._listener.notice("initial_offset_overridden", topic=topic, start=str(self._start), file=place)

    def _apply(self, plan: Plan) -> None:
        """Do what is planned, in the order of a plan's fields."""
        for (topic, partition), reason in plan.skip.items():
            self._listener.notice("partition_skipped_ahead", topic=topic, partition=partition, reason=reason)
        if plan.drop:
            self._partitions.notified.lost(list(plan.drop))
            # `seek()` raises after an error of its fetches; assigning anew doesn't.
            self.end(plan.drop)
        commits = self._partitions.commits
        if plan.begin:
            commits.begin(plan.begin, plan.kept)
            self._partitions.begin(plan.begin, plan.anchor, plan.unidentified)
        self._say_started(plan.started)
        report_other_ids(plan.taken_over, commits.marks.rules, self._listener)
        for each, offset in plan.move.items():
            self._partitions.move(each, offset)
        for each, reason in plan.halt.items():
            self._partitions.halt(each, reason)

    def _say_started(self, started: Mapping[Partition, int]) -> None:
        by_start: dict[StartAt, dict[Partition, int]] = {}
        for each, offset in started.items():
            by_start.setdefault(self._said.pop(each, self._start), {})[each] = offset
        for start, offsets in by_start.items():
            self._listener.notice("start_resolved", start=str(start), offsets=_by_topic(offsets))


def _by_topic(offsets: Mapping[Partition, int]) -> dict[str, dict[int, int]]:
    topics: dict[str, dict[int, int]] = {}
    for (topic, partition), offset in sorted(offsets.items()):
        topics.setdefault(topic, {})[partition] = offset
    return topics
