"""Known mistakes of linking, planted into the real code one at a time: seeds that link have to find each of them.

Two that need a coincidence are planted in `tests/unit/linking/test_cut.py` alone: the largest stamp is forgotten when
the table is opened again, and the time of an answer is taken for that of its question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

import msgspec

import greenflash_kafka.linking.table as table
import tests.simulation.linked as linked
from greenflash_kafka.delivery.link_fallback import LinkFallback
from greenflash_kafka.linking.batch_writer import BatchWriter
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import Frontier
from greenflash_kafka.linking.intake import Intake
from greenflash_kafka.linking.reading_progress import ReadingProgress
from greenflash_kafka.linking.search import Search
from greenflash_kafka.linking.table import ActivityTable
from greenflash_kafka.ports import LogEnds
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from tests.simulation.kafka.log_cluster import MemoryLogCluster
from tests.simulation.planted import BUGS

_EVER = 1 << 45


def _takes_the_furthest_partition_for_the_frontier() -> Any:
    of = Frontier.of
    return patch.object(Frontier, "of", lambda frontier, keys: max((of(frontier, (each,)) for each in keys), default=0))


def _goes_too_far_by_four_tenths_of_a_second() -> Any:
    of = Frontier.of
    return patch.object(Frontier, "of", lambda frontier, keys: of(frontier, keys) + 400)


def _keeps_of_a_minute_what_it_has_read_first() -> Any:
    first = table.PUT[: table.PUT.index(" do update")] + " do nothing"
    return patch.object(table, "PUT", first)


def _links_to_whatever_it_knows_by_now() -> Any:
    find = Search.find

    def found(search: Search, question: Any, places: Any, floor: int) -> Any:
        return find(search, question, [(*each[:4], _EVER) for each in places], floor)

    return patch.object(Search, "find", found)


def _links_a_late_outcome_to_whatever_was_not_deleted_yet() -> Any:
    init = Search.__init__

    def made(search: Search, sources: Any, table: Any, late: int = 0) -> None:
        del late
        init(search, sources, table, _EVER)

    return patch.object(Search, "__init__", made)


def _takes_a_records_own_stamp_for_the_time_by_the_log() -> Any:
    add = Intake.add

    def added(intake: Intake[Any], part: Any, message: Any) -> bool:
        clock, part.clock = part.clock, ALWAYS
        done = add(intake, part, message)
        part.clock = max(clock, part.clock)
        return done

    return patch.object(Intake, "add", added)


def _begins_to_read_too_late() -> Any:
    class Careless(KafkaConversationLog):
        def ask_starts(self, partitions: Any, since: int) -> None:
            del since
            super().ask_starts(partitions, int(self._now() * 1000) - 3_000)

    return patch.object(linked, "KafkaConversationLog", Careless)


def _takes_the_end_of_what_is_committed_for_the_end() -> Any:
    offset = MemoryLogCluster.offset

    def looked(cluster: MemoryLogCluster, key: Any, at: Any) -> Any:
        committed: Any = "latest" if at == "end" else at
        return offset(cluster, key, committed)

    return patch.object(MemoryLogCluster, "offset", looked)


def _takes_the_end_of_what_was_fetched_for_the_end() -> Any:
    """As `_PARTITION_EOF` invites to: nothing came, so everything is read."""
    answered = Frontier.answered

    def ended(frontier: Frontier, ends: LogEnds) -> None:
        known = dict(ends.partitions)
        for key, each in ends.partitions.items():
            with suppress(KeyError):
                known[key] = msgspec.structs.replace(each, end=min(each.end, frontier.next(key)))
        answered(frontier, msgspec.structs.replace(ends, partitions=known))

    return patch.object(Frontier, "answered", ended)


@contextmanager
def _keeps_positions_before_rows() -> Iterator[None]:
    init, begin = BatchWriter.__init__, BatchWriter.begin
    tables: WeakKeyDictionary[BatchWriter, ActivityTable] = WeakKeyDictionary()

    def made(writer: BatchWriter, table: ActivityTable, portion: int) -> None:
        init(writer, table, portion)
        tables[writer] = table

    def begun(writer: BatchWriter, rows: Any, partitions: Any) -> None:
        tables[writer].commit(partitions)
        begin(writer, rows, partitions)

    with patch.multiple(BatchWriter, __init__=made, begin=begun):
        yield


def _counts_what_is_not_written_yet() -> Any:
    mark_positions = ReadingProgress.mark_positions

    def marked(progress: ReadingProgress) -> None:
        progress.keep_seen()
        mark_positions(progress)

    return patch.object(ReadingProgress, "mark_positions", marked)


def _takes_the_partitions_that_it_knows_for_all() -> Any:
    answered = Frontier.answered

    def told(frontier: Frontier, ends: LogEnds) -> None:
        answered(frontier, ends)
        answered(frontier, LogEnds(_EVER, {}))

    return patch.object(Frontier, "answered", told)


def _sends_no_event_whose_conversation_is_refused() -> Any:
    return patch.object(LinkFallback, "may_be_why", lambda *_: False)


LINKING_BUGS: dict[str, Callable[[], Any]] = {
    each.__name__.strip("_"): each
    for each in (
        _takes_the_furthest_partition_for_the_frontier,
        _goes_too_far_by_four_tenths_of_a_second,
        _keeps_of_a_minute_what_it_has_read_first,
        _links_to_whatever_it_knows_by_now,
        _links_a_late_outcome_to_whatever_was_not_deleted_yet,
        _takes_a_records_own_stamp_for_the_time_by_the_log,
        _begins_to_read_too_late,
        _takes_the_end_of_what_is_committed_for_the_end,
        _takes_the_end_of_what_was_fetched_for_the_end,
        _keeps_positions_before_rows,
        _counts_what_is_not_written_yet,
        _takes_the_partitions_that_it_knows_for_all,
        _sends_no_event_whose_conversation_is_refused,
        BUGS["commits_past_what_waits"],
        BUGS["evaluates_what_waits_while_a_partition_goes"],
    )
}
"""What is planted, by what the code then does."""
