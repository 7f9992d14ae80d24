"""The report of a diff for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from greenflash_kafka.diff.alarm import some
from greenflash_kafka.diff.alarms import alarms
from greenflash_kafka.diff.report import NOTHING, Amounts, Change, DiffReport, TypeReport
from greenflash_kafka.diff.setting_changes import NONE, SettingChange
from greenflash_kafka.diff.verdict import verdict
from greenflash_kafka.model.counted import counted, in_number
from greenflash_kafka.model.event_money import unshown
from greenflash_kafka.model.offset_range import OffsetRange


def as_text(report: DiffReport) -> str:
    """The report, the most important first."""
    lines = [verdict(report).words, "", *heading(report), ""]
    lines += [
        f"{'!' if each.harmful else ' '} {each.count:>9,} {each.words}{f'   {each.in_rules}' if each.rules else ''}"
        for each in alarms(report)
    ]
    lines += [f"  {count:>9,} {said}" for count, said in unchanged(report)]
    lines += map(f"{'':12}{{}}".format, notes(report))
    if report.event_types:
        lines += ["", *_table(report)]
    lines += _outside(report)
    lines += _changes(report)
    lines += ["", closing(report)]
    return "\n".join(line.rstrip() for line in lines)


def unchanged(report: DiffReport) -> Iterator[tuple[int, str]]:
    """The events that are the same, and in which way."""
    bytes_alike = report.unchanged - report.reordered
    yield bytes_alike, f"{in_number(bytes_alike, 'event is', 'events are')} byte for byte the same"
    if report.reordered:
        are = in_number(report.reordered, "event is", "events are")
        yield report.reordered, f"{are} the same, with the keys in another order"


def notes(report: DiffReport) -> Iterator[str]:
    """What is no alarm, and yet to be known."""
    before, after = report.invalid_messages.old, report.invalid_messages.new
    if before or after:
        yield f"invalid messages: {before:,} before, {after:,} now"
    yield from (f"gone: {each.words()}" for each in report.gone_because)
    for each in report.moves("renamed"):
        names = f"{each.old} -> {each.new}" if each.new else "others"
        said = "and metrics and dead letters have the new name"
        yield f"a rule has another name: {names}. Its {counted(each.count, 'event is', 'events are')} the same, {said}"
    for each in report.moves("taken_over"):
        names = f"{each.old} -> {each.new}" if each.new else "others"
        yield f"events come from another rule, and aren't the same: {names} ({counted(each.count, 'event')})"


def outside(report: DiffReport) -> Iterator[str]:
    """What production does otherwise, and these messages show not at all, or in part."""
    yield from (each.words() for each in report.topic_changes)
    yield from (each.words() for each in report.new_topics)
    yield from (each.words() for each in report.too_old)
    yield from map(_setting, report.settings)


def _setting(each: SettingChange) -> str:
    was = f" (rule {each.was} before)" if each.was else ""
    match each.kind:
        case "variable":
            return f"the new rules need the variable {each.name}, which the old ones don't name ({each.at})"
        case "unshown":
            of = f"{each.parts[0]} of {in_number(len(each.rules), 'rule', 'rules')} {some(each.rules)}{was}"
            return f"changed, and no message here shows what it does: {of} ({each.at})"
        case "parts":
            parts = f"({each.at}: {some(each.parts)})"
            return f"not compared: {each.owner}{was} differs {parts}, and gives no event of these messages"
        case "there":
            which = "only the new rules have" if each.old == NONE else "only the old rules have"
            if each.owner.startswith("rule "):
                return f"{each.owner}, which {which}, gives no event of these messages ({each.at})"
            return f"{which} {each.owner}: links are compared for these messages, not for others ({each.at})"
    counted = "counted for these messages, not for others" if each.shown else "not counted here"
    changed = f"{each.name} of {each.owner}{was}, {each.old} -> {each.new} ({each.at})"
    return f"changed, {counted}: {changed}{_WHY.get(each.name, '')}"


_WHY: Final = {
    "source.initial_offset": ": it acts on a group that has read nothing of the topic yet",
    "source.max_age": ": it acts on messages that `run` reads so late, after a reset, a replay or an outage",
}


def _outside(report: DiffReport) -> Iterator[str]:
    found = list(outside(report))
    if found:
        yield ""
        yield "beside these messages"
        yield from (f"  {each}" for each in found)


def heading(report: DiffReport) -> Iterator[str]:
    """What was compared, over which messages."""
    yield f"{report.old.name} -> {report.new.name}  (rules {report.old.version} -> {report.new.version})"
    partial = "PARTIAL, it was ended early: " if report.partial else ""
    yield f"{partial}{counted(report.messages, 'message')}: {_ranges(report.ranges) or 'none'}"
    if report.same:
        yield f"not read, since their rules are the same on both sides: {', '.join(report.same)}"
    for each in report.missing:
        yield f"missing, retention took it meanwhile: {each}"
    yield from (
        f"NOT COMPARED: {name} has other rules, and it isn't there, or this user may not read it"
        for name in report.absent
    )
    if report.left_out:
        yield f"NOT COMPARED, though the rules differ: {', '.join(report.left_out)}"
    if report.empty:
        yield f"no message in this window: {', '.join(report.empty)}"


def closing(report: DiffReport) -> str:
    """What putting the new rules into production does."""
    if report.partial:
        return "It was ended early: what the rest of the messages would show isn't known."
    if not report.compared:
        return "NOTHING WAS COMPARED." if not report.messages else "Not everything was compared."
    if not report.changed_messages:
        if report.settings or report.new_topics or report.topic_changes or report.left_out:
            return "No event of these messages changes. What is named beside them may change others."
        return "Nothing changes for these messages."
    said = "Put into production, the new rules hold for new messages only; what was sent stays as it is."
    sent = [each.topic for each in report.new_topics if each.sends_history]
    if sent:
        said = f"Put into production, the new rules hold for new messages, and for the history of {', '.join(sent)}."
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
    """Events and money of each type: as sent, and as stored (each id once) where that is known."""
    width = max(len("10 event types"), *(len(name) for name in report.event_types))
    stored = f"  {'stored':>21}" if report.stored is not None else ""
    moved, same = split_types(report)
    if moved:
        yield f"{'event type':<{width}}  {'events sent':>21}{stored}  money"
    for name, each in moved.items():
        rows = list(money_rows(each))
        kept = "" if each.stored is None else f"  {counts(each.stored.old, each.stored.new):>21}"
        yield f"{name:<{width}}  {counts(each.old, each.new):>21}{kept}  {rows[0] if rows else '-'}"
        yield from (f"{'':<{width}}  {'':>21}{' ' * len(kept)}  {row}" for row in rows[1:])
    if any(AS_STORED in row for each in moved.values() for row in money_rows(each)):
        yield f"{'':<{width}}  {STORED_ONCE}"
    yield from (f"{'':<{width}}  {each}" for each in unshown_currencies(report))
    if same:
        yield f"{same_types(report):<{width}}  {f'{sum(each.old for each in same):,} the same':>21}"


def unshown_currencies(report: DiffReport) -> Iterator[str]:
    """What those names of currencies are, among the sums that are shown, that are no codes."""
    summed = {currency for each in split_types(report)[0].values() for currency in each.money}
    for currency, example in report.unshown_currencies.items():
        if currency in summed:
            yield unshown(currency, example)


def split_types(report: DiffReport) -> tuple[dict[str, TypeReport], list[TypeReport]]:
    """The event types of which anything differs, as sent or as stored, and the others."""
    moved: dict[str, TypeReport] = {}
    same = []
    for name, each in report.event_types.items():
        money = [*each.money.values(), *(each.money_stored or {}).values()]
        money += [found for found in (each.numbers, each.numbers_stored) if found is not None]
        kept = each.stored is None or each.stored.old == each.stored.new
        if each.unchanged == each.old == each.new and kept and all(found.old == found.new for found in money):
            same.append(each)
        else:
            moved[name] = each
    return moved, same


def same_types(report: DiffReport) -> str:
    """The number of types of which nothing differs, in words."""
    moved, same = split_types(report)
    if moved:
        return "1 other" if len(same) == 1 else f"{len(same)} others"
    return "1 event type" if len(same) == 1 else f"{len(same)} event types"


def money_rows(each: TypeReport) -> Iterator[str]:
    """Each currency, and numbers without one whose sum differs: once where it is the same as sent and as stored, else
    both."""
    kept = each.money_stored
    for currency, amounts in each.money.items():
        yield _sent_and_stored(currency, amounts, None if kept is None else kept.get(currency, NOTHING))
    numbers, stored = each.numbers, each.numbers_stored
    if numbers is not None and (numbers.old != numbers.new or (stored is not None and stored.old != stored.new)):
        yield _sent_and_stored("sum of values", numbers, stored)


def _sent_and_stored(of: str, amounts: Amounts, stored: Amounts | None) -> str:
    if stored is None:
        return f"{money_row(of, amounts)}  as sent"
    if stored == amounts:
        return money_row(of, amounts)
    kept_row = f"{stored.old:,f}" if stored.old == stored.new else money_row("", stored).strip()
    return f"{money_row(of, amounts)} ({kept_row} {AS_STORED})"


AS_STORED: Final = "as stored"

STORED_ONCE: Final = "as stored: the service stores each insert_id once, so events that repeat an id count once"
"""Why the figures differ."""


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
    for title, found in sections(report):
        if found:
            yield ""
            yield title.lower()
            width = max(len(label(each)) for each in found)
            yield from (f"  {label(each):<{width}}  {each.count:>9,}   {examples(each)}" for each in found)


def sections(report: DiffReport) -> tuple[tuple[str, list[Change]], ...]:
    """The changes with their examples, by what they are."""
    return (
        ("Changed fields", report.of("changed")),
        ("Newly wrong", report.of("problem")),
        ("Unreadable now", report.of("unreadable")),
        ("Dead letters now", report.of("letter")),
        ("Filtered in silence now", report.of("silenced")),
        ("Gone", [*report.of("gone"), *report.of("draft"), *report.of("sampled")]),
        ("Sent now, invalid before", report.of("mended")),
        ("New", report.of("new")),
    )


def label(change: Change) -> str:
    """The rule, and its field."""
    rule = change.rule or "(no rule)"
    return f"{rule}  {change.field}" if change.field else rule


def examples(change: Change, most: int = 2) -> str:
    """Where to look at it; with values, if there are any."""
    said = []
    kinds = ((change.missing, "missing now"), (change.added, "missing before"))
    said += [f"{count:,} {word}" for count, word in kinds if count]
    for each in change.examples[:most]:
        values = f"{each.old} -> {each.new}  " if each.old or each.new else ""
        said.append(f"{values}{each.at}")
    return ", ".join(said)
