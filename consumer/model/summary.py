"""What a run did: each process counts for itself, and their tallies come to one summary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

STOPPED_WITH: Final = ("consumed", "committed", "accepted", "unanswered")
"""What the last notice says of a summary."""


class PartitionTally(msgspec.Struct, frozen=True, array_like=True):
    """A partition that was a process's at some time: where it began for it, how far it is committed, and how many
    messages it is behind its end (None when it isn't this process's any more)."""

    topic: str
    partition: int
    start: int
    committed: int
    behind: int | None = None


class Tally(msgspec.Struct):
    """What one process did, in messages, but for `events` and `accepted`. `unanswered`: requests and dead letters
    without an answer when the time to drain was over."""

    consumed: int = 0
    filtered: int = 0
    mapped: int = 0
    dead_lettered: int = 0
    events: int = 0
    accepted: int = 0
    unanswered: int = 0
    partitions: list[PartitionTally] = []


class Summary(msgspec.Struct):
    """What a run did. Messages: `produced` is what the topics held for us (consumed and lag together); `committed`
    counts offsets. Events: `stored` and `duplicates` are None where only the service knows."""

    broker: str
    produced: int
    consumed: int
    filtered: int
    mapped: int
    dead_lettered: int
    committed: int
    lag: int
    events: int
    accepted: int
    stored: int | None = None
    duplicates: int | None = None
    stuck: list[str] = []
    """What waits for an operator, when that is why the run ended."""
    unanswered: int = 0
    """Requests and dead letters without an answer when the time to drain was over."""

    def to_json(self) -> str:
        """One JSON object."""
        return msgspec.json.encode(self).decode()


def together(tallies: Iterable[Tally]) -> Tally:
    """The sum, but of offsets: a partition that went from one process to another counts once, from the first start
    that any of them had to the last commit."""
    every = list(tallies)
    by_partition: dict[tuple[str, int], list[PartitionTally]] = {}
    for tally in every:
        for each in tally.partitions:
            by_partition.setdefault((each.topic, each.partition), []).append(each)
    return Tally(
        consumed=sum(each.consumed for each in every),
        filtered=sum(each.filtered for each in every),
        mapped=sum(each.mapped for each in every),
        dead_lettered=sum(each.dead_lettered for each in every),
        events=sum(each.events for each in every),
        accepted=sum(each.accepted for each in every),
        unanswered=sum(each.unanswered for each in every),
        partitions=[_one(same) for same in by_partition.values()],
    )


def _one(same: list[PartitionTally]) -> PartitionTally:
    committed = max(each.committed for each in same)
    ends = [each.committed + each.behind for each in same if each.behind is not None]
    # It may have gone on after the end was asked for.
    behind = max(0, max(ends) - committed) if ends else None
    return PartitionTally(same[0].topic, same[0].partition, min(each.start for each in same), committed, behind)


def summary_of(broker: str, tally: Tally) -> Summary:
    """What a tally comes to."""
    lag = sum(each.behind or 0 for each in tally.partitions)
    return Summary(
        broker=broker,
        produced=tally.consumed + lag,
        consumed=tally.consumed,
        filtered=tally.filtered,
        mapped=tally.mapped,
        dead_lettered=tally.dead_lettered,
        committed=sum(max(0, each.committed - each.start) for each in tally.partitions),
        lag=lag,
        events=tally.events,
        accepted=tally.accepted,
        unanswered=tally.unanswered,
    )
