"""Findings of `doctor` about the look-ups of outcomes in a table, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from greenflash_kafka.cases.link_reasons import duration
from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.conversation_checks import proposal
from greenflash_kafka.link_study.id_joins import joined
from greenflash_kafka.link_study.id_shapes import shapes
from greenflash_kafka.link_study.id_steps import written
from greenflash_kafka.link_study.join_places import in_table
from greenflash_kafka.link_study.table_look_ups import TableLookUps
from greenflash_kafka.model.conversations import LONGEST_DELAY_MS
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.topic_tables import PREFIX, TopicTable
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.rule import Rule


def look_ups_check(
    table: TopicTable, found: TableLookUps, row_keys: Collection[str], rule: Rule, *, whole: bool = True
) -> Check:
    """How many look-ups found a row, how late rows are beside `max_delay`, and what joins keys that look alike.
    `row_keys` is a sample of the rows' keys, `rule` the one that finds the rows. Not `whole`: only the newest records
    were read, so that a row that wasn't found may be there; then nothing is concluded from that."""
    name = table.name.removeprefix(PREFIX)
    said = (
        f"of {found.count:,} look-ups of the latest outcomes {found.found:,} found a row, {found.late:,} have one only "
        f"by now, {found.none:,} have none"
    )
    if found.again:
        said += (
            f"; of those by now {found.again:,} had been deleted before the message, and were written again after it"
        )
    delays = sorted(found.delays)
    if delays:
        p50, p99, most = (delays[min(len(delays) - 1, len(delays) * each // 100)] for each in (50, 99, 100))
        said += (
            f"; {counted(len(delays), 'row')} came after the message: p50 {duration(p50)}, p99 {duration(p99)}, max "
            f"{duration(most)}"
        )
    said += f"; max_delay is {duration(table.max_delay_ms)}"
    if not whole:
        said += "; only the newest records of its topic were read: other rows may be there (--max-seconds)"
    late = _late(table, found, delays) if whole else []
    todo = [*late, *_none(found, name, row_keys, rule, whole=whole)]
    return Check(f"table {name}", "warning" if todo else "ok", said, "\n".join(todo))


def _late(table: TopicTable, found: TableLookUps, delays: list[int]) -> list[str]:
    if (found.late - found.again) * 100 <= found.count:
        return []
    near = [each for each in delays if each <= LONGEST_DELAY_MS]
    lines = []
    follows = proposal(near[min(len(near) - 1, len(near) * 99 // 100)]) if near else 0
    if follows > table.max_delay_ms:
        lines.append(f"rows come later than max_delay: max_delay: {duration_text(follows)}")
    far = len(delays) - len(near)
    if far:
        lines.append(
            f"{counted(far, 'row')} came more than {duration(LONGEST_DELAY_MS)} later: no max_delay waits for them"
        )
    return lines


def _none(found: TableLookUps, name: str, row_keys: Collection[str], rule: Rule, *, whole: bool) -> Iterator[str]:
    if found.none * 2 <= found.count:
        return
    join = joined(found.missing, row_keys)
    if not join.joins:
        if not whole:
            return
        yield f"most keys have no row: is what stands in tables.{name}[...] the table's `key`?"
        if row_keys:
            yield f"  what is looked up: {shapes(found.missing)}; keys of rows: {shapes(row_keys)}"
        return
    yield (
        f"keys without a row look alike and differ by {join.words}. Tried on these and on a sample of rows, "
        f"{join.before:,} -> {join.after:,} of {join.of:,} match if you write:"
    )
    if join.outcomes:
        yield f"  around what stands in tables.{name}[...]: {written(join.outcomes, '...')}"
    for place in in_table(rule, join.conversations, list(row_keys)) if join.conversations else ():
        yield f"  {place.where}, {place.part}:"
        yield from (f"    {line}" for line in place.lines)
