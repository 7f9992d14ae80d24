"""Known mistakes of tables from topics, planted into the real code one at a time: seeds with a table find each.

One that needs a coincidence has a test in `tests/unit/linking/test_logged_tables.py` alone: a process that goes on with
the file of another doesn't know that versions were deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import msgspec

import greenflash_kafka.linking.row_table as row_table
from greenflash_kafka.linking.conversations_and_tables import ConversationsAndTables
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import Frontier
from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.row_intake import RowIntake
from greenflash_kafka.linking.row_table import RowTable
from tests.simulation.customers import Customers
from tests.simulation.planted_links import LINKING_BUGS

_EVER = 1 << 45


def _takes_the_row_that_it_knows_by_now() -> Any:
    latest = RowTable.latest
    return patch.object(RowTable, "latest", lambda table, key, _: latest(table, key, _EVER))


def _does_not_wait_for_the_table() -> Any:
    return patch.object(LoggedTables, "known", lambda *_: True)


def _waits_only_for_the_table() -> Any:
    known = ConversationsAndTables.known
    return patch.object(
        ConversationsAndTables,
        "known",
        lambda both, sources, recorded: known(
            both, tuple(each for each in sources if each.startswith("tables.")), recorded
        ),
    )


def _keeps_the_row_of_who_is_deleted() -> Any:
    keep = RowIntake._keep

    def kept(intake: RowIntake, found: Any, message: Any, logged: int) -> None:
        rows = tuple(each for each in found.found if each.fields is not None)
        keep(intake, msgspec.structs.replace(found, found=rows), message, logged)

    return patch.object(RowIntake, "_keep", kept)


def _takes_the_version_with_the_largest_offset() -> Any:
    return patch.object(row_table, "_LATEST", row_table._LATEST.replace("logged desc, ", ""))


def _gives_who_is_new_to_messages_before() -> Any:
    return patch.object(RowTable, "gap", lambda *_: ALWAYS)


def _takes_transactions_for_compaction() -> Any:
    return patch.object(Customers, "forgets", lambda _: lambda _: True)


def _loses_who_was_compacted_away() -> Any:
    return patch.object(LoggedTables, "_later", lambda *_: None)


def _looks_up_before_it_has_read_what_replaces_a_version() -> Any:
    return patch.object(Frontier, "gap", lambda *_: None)


TABLE_BUGS: dict[str, Callable[[], Any]] = {
    each.__name__.strip("_"): each
    for each in (
        _takes_the_row_that_it_knows_by_now,
        _does_not_wait_for_the_table,
        _waits_only_for_the_table,
        _keeps_the_row_of_who_is_deleted,
        _takes_the_version_with_the_largest_offset,
        _gives_who_is_new_to_messages_before,
        _takes_transactions_for_compaction,
        _loses_who_was_compacted_away,
        _looks_up_before_it_has_read_what_replaces_a_version,
        LINKING_BUGS["takes_the_furthest_partition_for_the_frontier"],
        LINKING_BUGS["takes_a_records_own_stamp_for_the_time_by_the_log"],
        LINKING_BUGS["counts_what_is_not_written_yet"],
    )
}
"""What is planted, by what the code then does."""
