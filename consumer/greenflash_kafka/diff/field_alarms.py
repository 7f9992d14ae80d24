"""Alarms of a diff about fields: what an event means, whose it is, when it happened, and all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenflash_kafka.diff.alarm import HAS, SHOWN, Alarm, alarm, moved, some, sum_of
from greenflash_kafka.diff.event_moves import APART
from greenflash_kafka.diff.report import Change, DiffReport
from greenflash_kafka.diff.time_moves import TimeMoves
from greenflash_kafka.model.counted import counted

_FIELDS: Final = (
    ("external_user_id", "user"),
    ("user_id", "user"),
    ("external_organization_id", "organization"),
    ("organization_id", "organization"),
    ("external_conversation_id", "conversation"),
    ("conversation_id", "conversation"),
    ("product_id", "product"),
    ("event_at", "time"),
    ("sample_rate", "sample rate"),
    ("force_sample", "word on sampling"),
)
"""Fields that say whose an event is, and when it happened."""


def meaning_alarms(report: DiffReport) -> Iterator[Alarm]:
    """Influence and type."""
    yield from moved(report, "influence", HAS, "another influence", "influence changes")
    yield from moved(report, "event_type", ("gets", "get"), "another event type", "event types change")


def owner_alarms(report: DiffReport) -> Iterator[Alarm]:
    """Fields that say whose an event is, and when it happened; fields that can't be read any longer."""
    changed = report.of("changed")
    for name, whose in _FIELDS:
        yield from _owner(report, name, whose, [each for each in changed if each.field == name])
    unreadable: dict[str, list[Change]] = {}
    for each in report.of("unreadable"):
        unreadable.setdefault(each.field, []).append(each)
    for field, found in unreadable.items():
        name, _, code = field.rpartition(": ")
        instead = ", so the record's timestamp is sent" if name == "event_at" else ""
        said = f"{name}: it can't be read any longer ({code}){instead}"
        short = f"{name} can't be read any longer: {counted(sum_of(found), 'event')}"
        yield alarm(sum_of(found), ("loses", "lose"), said, (each.rule for each in found), short)


def _owner(report: DiffReport, name: str, whose: str, found: list[Change]) -> Iterator[Alarm]:
    other = sum(each.count - each.missing - each.added for each in found)
    missing, added = sum(each.missing for each in found), sum(each.added for each in found)
    rules = [each.rule for each in found]
    if other:
        more = f": {_by(report)}" if name == "event_at" and report.times else _together(report, name, missing=False)
        short = f"{name} changes: {counted(other, 'event')}{more.replace(':', ',', 1)}"
        yield alarm(other, HAS, f"another {whose} ({name}){more}", rules, short)
    if missing:
        said = f"no {whose} any longer ({name} is missing now)"
        yield alarm(missing, HAS, said, rules, f"{name} is missing now: {counted(missing, 'event')}")
    if added:
        together = _together(report, name, missing=True)
        short = f"{counted(added, 'event has', 'events have')} {name} now{together}"
        harmful = name == "sample_rate" or bool(together)
        yield alarm(added, HAS, f"a {whose} now ({name}){together}", rules, short, harmful=harmful)


def _by(report: DiffReport) -> str:
    """How far times move."""
    whole = TimeMoves()
    for each in report.times:
        whole.add(TimeMoves(each.count, each.least_ms, each.most_ms))
    return whole.words


def _together(report: DiffReport, field: str, *, missing: bool) -> str:
    """The rules whose events have one owner together now."""
    found = [each for each in report.one_owner if each.field == field and each.missing == missing]
    return "".join(f"; all {each.count:,} of {each.rule} the same one" for each in found[:SHOWN])


def other_field_alarms(report: DiffReport) -> Iterator[Alarm]:
    """All other fields, together."""
    if not report.changed_others:
        return
    said = {("properties.currency", each.rule) for each in report.moves("currency")}
    said |= {("value_type", each.rule) for each in report.moves("money")}
    found = [each for each in report.of("changed") if each.field not in APART and (each.field, each.rule) not in said]
    fields: dict[str, int] = {}
    for each in found:
        name = each.field or "other properties"
        for kind, count in ((name, each.count - each.missing), (f"{name} (missing now)", each.missing)):
            if count:
                fields[kind] = fields.get(kind, 0) + count
    names = sorted(fields, key=lambda name: (-fields[name], name))
    words = f"in other fields: {some(f'{name} {fields[name]:,}' for name in names)}"
    short = f"other fields change: {some(names)}"
    rules = (each.rule for each in found)
    yield alarm(report.changed_others, ("changes", "change"), words, rules, short, harmful=False)
