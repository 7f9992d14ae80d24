"""The report of a diff for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from greenflash_kafka.diff.report import Amounts, Change, DiffReport, TypeReport
from greenflash_kafka.diff.verdict import warnings
from greenflash_kafka.model.offset_range import OffsetRange


def as_text(report: DiffReport) -> str:
    """The report, the most important first."""
    lines = [*heading(report), ""]
    found = list(warnings(report))
    lines += [f"! {count:>9,} events {said}{f'   {rules}' if rules else ''}" for count, said, rules in found]
    if report.changed_values:
        lines.append(f"  {report.changed_values:>9,} events change in other fields")
    lines.append(f"  {report.unchanged:>9,} events are byte for byte the same")
    before, after = report.invalid_messages.old, report.invalid_messages.new
    if before or after:
        lines.append(f"  {before:>9,} messages are invalid, then {after:,}")
    if report.event_types:
        lines += ["", *_table(report)]
    lines += _changes(report)
    lines += ["", closing(report)]
    return "\n".join(line.rstrip() for line in lines)


def heading(report: DiffReport) -> Iterator[str]:
    """What was compared, over which messages."""
    yield f"{report.old.name} -> {report.new.name}  (rules {report.old.version} -> {report.new.version})"
    partial = "PARTIAL, it was ended early: " if report.partial else ""
    yield f"{partial}{report.messages:,} messages: {_ranges(report.ranges) or 'none'}"
    if report.same:
        yield f"not read, since their rules are the same on both sides: {', '.join(report.same)}"
    for each in report.missing:
        yield f"missing, retention took it meanwhile: {each}"
    yield from (f"NOT COMPARED: {name} has other rules, and it isn't there" for name in report.absent)
    if report.empty:
        yield f"no message in this window: {', '.join(report.empty)}"


def closing(report: DiffReport) -> str:
    """What putting the new rules into production does."""
    if report.partial:
        return "It was ended early: what the rest of the messages would show isn't known."
    if not report.compared:
        return "NOTHING WAS COMPARED." if not report.messages else "Not everything was compared."
    if not report.changed_messages:
        return "Nothing changes for these messages."
    said = "Put into production, the new rules hold for new messages only; what was sent stays as it is."
    if report.ids.changed:
        said += f" Not for a backfill: {', '.join(report.ids.rules)}, whose events are stored under their old ids."
    return said


def _ranges(ranges: Iterable[OffsetRange]) -> str:
    topics: dict[str, list[OffsetRange]] = {}
    for each in ranges:
        topics.setdefault(each.topic, []).append(each)
    said = []
    for topic, found in topics.items():
        if len(found) <= 3:
            said += [str(each) for each in found]
        else:
            said.append(f"{topic}, {len(found)} partitions, {sum(each.count for each in found):,} offsets")
    return "; ".join(said)


def _table(report: DiffReport) -> Iterator[str]:
    name_width = max(len("event type"), *(len(name) for name in report.event_types))
    stored = ", as stored" if report.stored is not None else ", as sent"
    yield f"{'event type':<{name_width}}  {'events':>21}  money{stored}"
    same = []
    for name, each in report.event_types.items():
        rows = [money_row(currency, amounts) for currency, amounts in money_of(each).items()]
        moved = any(amounts.old != amounts.new for amounts in money_of(each).values())
        if each.unchanged == each.old == each.new and not moved:
            same.append(each)
            continue
        yield f"{name:<{name_width}}  {counts(each.old, each.new):>21}  {rows[0] if rows else '-'}"
        yield from (f"{'':<{name_width}}  {'':>21}  {row}" for row in rows[1:])
    if same:
        events = sum(each.old for each in same)
        others = "1 other" if len(same) == 1 else f"{len(same)} others"
        yield f"{others:<{name_width}}  {f'{events:,} the same':>21}"


def money_of(each: TypeReport) -> dict[str, Amounts]:
    """Money as stored, where that is known, else as sent."""
    return each.money if each.money_stored is None else each.money_stored


def counts(old: int, new: int) -> str:
    """A number before and after."""
    return f"{old:,} the same" if old == new else f"{old:,} -> {new:,}"


def money_row(currency: str, amounts: Amounts) -> str:
    """An amount before and after, and the difference."""
    if amounts.old == amounts.new:
        return f"{currency} {amounts.old:,f} the same"
    difference: Decimal = amounts.new - amounts.old
    return f"{currency} {amounts.old:,f} -> {amounts.new:,f}  {difference:+,f}"


def _changes(report: DiffReport) -> Iterator[str]:
    sections = (
        ("changed fields", report.of("changed")),
        ("newly wrong", report.of("problem")),
        ("gone", [*report.of("gone"), *report.of("draft"), *report.of("sampled")]),
        ("new", report.of("new")),
    )
    for title, found in sections:
        if found:
            yield ""
            yield title
            width = max(len(label(each)) for each in found)
            yield from (f"  {label(each):<{width}}  {each.count:>9,}   {examples(each)}" for each in found)


def label(change: Change) -> str:
    """The rule, and its field."""
    return f"{change.rule}  {change.field}" if change.field else change.rule


def examples(change: Change, most: int = 2) -> str:
    """Where to look at it; with values, if there are any."""
    said = []
    for each in change.examples[:most]:
        values = f"{each.old} -> {each.new}  " if each.old or each.new else ""
        said.append(f"{values}{each.at}")
    return ", ".join(said)
