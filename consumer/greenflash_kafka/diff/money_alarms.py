"""Alarms of a diff about money: other amounts and currencies, and money that was invalid and is sent now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from greenflash_kafka.diff.alarm import HAS, IS, Alarm, alarm, money, moved, some, sum_of
from greenflash_kafka.diff.report import AmountChange, DiffReport
from greenflash_kafka.model.counted import counted


def money_alarms(report: DiffReport) -> Iterator[Alarm]:
    """Amounts, currencies, and what counts as money."""
    amounts = [each for each in report.amounts if each.currency]
    numbers = [each for each in report.amounts if not each.currency]
    for found, what in ((amounts, "amount"), (numbers, "value")):
        if found:
            count = sum(each.count for each in found)
            words = _directions(found)
            short = f"{what}s change: {counted(count, 'event')}, {words}"
            yield alarm(count, HAS, f"another {what}: {words}", (each.rule for each in found), short)
    yield from moved(report, "currency", HAS, "another currency", "currencies change")
    yield from moved(report, "money", HAS, "another kind of value", "what counts as money changes")


def sent_now_alarms(report: DiffReport) -> Iterator[Alarm]:
    """Events that were invalid. Nobody has seen their amounts yet: money is marked."""
    found = report.of("mended")
    if not found:
        return
    count = sum_of(found)
    wrong: dict[str, int] = {}
    for each in found:
        wrong[each.field] = wrong.get(each.field, 0) + each.count
    problems = some(f"{field} {wrong[field]:,}" for field in sorted(wrong, key=lambda field: (-wrong[field], field)))
    amounts = money(report.money_of("mended"))
    new = f"; money that is new: {amounts}" if amounts else ""
    said = f"sent now, invalid before ({problems}){new}"
    short = f"{counted(count, 'event is', 'events are')} sent now, invalid before{new}"
    yield alarm(count, IS, said, (each.rule for each in found), short, harmful=bool(amounts))


def _directions(amounts: Iterable[AmountChange]) -> str:
    """The factor or direction, with the currencies of it if there are several."""
    found: dict[str, dict[str, None]] = {}
    for each in amounts:
        found.setdefault(each.words, {})[each.currency or each.rule] = None
    if len(found) == 1:
        return next(iter(found))
    return some(f"{words} ({' '.join(found[words])})" for words in sorted(found, key=lambda each: -len(found[each])))
