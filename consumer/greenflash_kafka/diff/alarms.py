"""The parts of a diff that somebody must look at before it is merged, the most harmful first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, Literal

import msgspec

from greenflash_kafka.diff.event_moves import APART
from greenflash_kafka.diff.report import AmountChange, Change, DiffReport, Moved, MoveOf, What
from greenflash_kafka.model.counted import counted

SHOWN: Final = 4
"""Pairs of words, or rules, that one line names."""


_OF_ONE: Final = {
    "are": "is",
    "aren't": "isn't",
    "become": "becomes",
    "change": "changes",
    "get": "gets",
    "have": "has",
    "lose": "loses",
    "more are": "more is",
    "of the past are": "of the past is",
    "were invalid and are": "was invalid and is",
    "write": "writes",
}
"""The words with which what is `said` begins, and how they are said of one."""


class Alarm(msgspec.Struct, frozen=True):
    """So many `unit`s of which this is `said`, in these rules. `short` is for the verdict; `harmful`: data is lost,
    stored twice, or another one, if it isn't meant."""

    count: int
    unit: Literal["events", "messages"]
    said: str
    rules: tuple[str, ...]
    short: str
    harmful: bool = True

    @property
    def words(self) -> str:
        """What is said of them, with their unit."""
        if self.count != 1:
            return f"{self.unit} {self.said}"
        many = next((each for each in _OF_ONE if self.said.startswith(f"{each} ")), "")
        return f"{self.unit[:-1]} {_OF_ONE.get(many, '')}{self.said.removeprefix(many)}"

    @property
    def in_rules(self) -> str:
        """The rules, those that are too many counted."""
        return some(self.rules)


def alarms(report: DiffReport) -> list[Alarm]:
    """All of them, in the order of harm; beginning with what can't be put right by a later change."""
    return sorted(_alarms(report), key=lambda each: not each.harmful)


def _alarms(report: DiffReport) -> Iterator[Alarm]:
    yield from _identities(report)
    yield from _history(report)
    yield from _money(report)
    yield from _meanings(report)
    yield from _owners(report)
    yield from _lost(report)
    yield from _sent_now(report)
    yield from _others(report)


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


def _identities(report: DiffReport) -> Iterator[Alarm]:
    changed = report.ids.changed
    if changed:
        said = "get another insert_id: stored a SECOND TIME if their messages are read again"
        short = f"ids change: {counted(changed, 'event')} would be stored twice if their messages are read again"
        by_name = report.moves("id_by_name")
        if by_name:
            count = sum(each.count for each in by_name)
            names = some(dict.fromkeys(f"{each.old} -> {each.new}" if each.new else "others" for each in by_name))
            of = "" if count == changed else f" of {count:,}"
            cause = (
                f"the rule's name makes the id{of}: a rule without insert_id whose name changed; give it an insert_id"
            )
            said += f"; {cause} ({names})"
            short += f" ({cause})"
        yield Alarm(changed, "events", said, tuple(report.ids.rules), short)
    dropped, shared = report.ids.dropped, report.ids.two_contents
    if dropped is not None and shared is not None and dropped.new > dropped.old:
        more = dropped.new - dropped.old
        said = "more are dropped by the service: a different event has their insert_id"
        said += f" ({counted(shared.old, 'such id')} before, {shared.new:,} now)"
        yield Alarm(
            more,
            "events",
            said,
            (),
            f"events are lost: {counted(more, 'more has', 'more have')} the id of a different event",
        )


def _history(report: DiffReport) -> Iterator[Alarm]:
    for each in report.new_topics:
        if each.sends_history:
            said = f"of the past are sent, and {each.before}: {each.topic} is new, without `initial_offset: latest`"
            yield Alarm(each.events, "events", said, (), f"the history of {each.topic} would be sent")


def _money(report: DiffReport) -> Iterator[Alarm]:
    if report.amounts:
        count = sum(each.count for each in report.amounts)
        words = _directions(report.amounts)
        rules = tuple(dict.fromkeys(each.rule for each in report.amounts))
        short = f"amounts change: {counted(count, 'event')}, {words}"
        yield Alarm(count, "events", f"have another amount: {words}", rules, short)
    yield from _moved(report, "currency", "have another currency", "currencies change")
    yield from _moved(report, "money", "have another kind of value", "what counts as money changes")


def _sent_now(report: DiffReport) -> Iterator[Alarm]:
    """Events that were invalid. Nobody has seen their amounts yet: money is marked."""
    found = report.of("mended")
    if not found:
        return
    count = sum(each.count for each in found)
    wrong: dict[str, int] = {}
    for each in found:
        wrong[each.field] = wrong.get(each.field, 0) + each.count
    problems = some(f"{field} {wrong[field]:,}" for field in sorted(wrong, key=lambda field: (-wrong[field], field)))
    sums: dict[str, Decimal] = {}
    for money in report.sent_now:
        sums[money.currency] = sums.get(money.currency, Decimal(0)) + money.amount
    amounts = some(f"{currency} {amount:,f}" for currency, amount in sorted(sums.items()))
    new = f"; money that is new: {amounts}" if amounts else ""
    said = f"are sent now, invalid before ({problems}){new}"
    short = f"{counted(count, 'event is', 'events are')} sent now, invalid before{new}"
    rules = tuple(dict.fromkeys(each.rule for each in found))
    yield Alarm(count, "events", said, rules, short, harmful=bool(report.sent_now))


def _directions(amounts: Iterable[AmountChange]) -> str:
    """The factor or direction, with the currencies of it if there are several."""
    found: dict[str, dict[str, None]] = {}
    for each in amounts:
        found.setdefault(each.words, {})[each.currency] = None
    if len(found) == 1:
        return next(iter(found))
    return some(f"{words} ({' '.join(found[words])})" for words in sorted(found, key=lambda each: -len(found[each])))


def _meanings(report: DiffReport) -> Iterator[Alarm]:
    yield from _moved(report, "influence", "have another influence", "influence changes")
    yield from _moved(report, "event_type", "get another event type", "event types change")


def _moved(report: DiffReport, what: MoveOf, said: str, short: str) -> Iterator[Alarm]:
    found = report.moves(what)
    if found:
        count = sum(each.count for each in found)
        words = some(_pairs(found))
        rules = tuple(dict.fromkeys(each.rule for each in found))
        yield Alarm(count, "events", f"{said}: {words}", rules, f"{short}: {counted(count, 'event')}, {words}")


def _pairs(found: Iterable[Moved]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for each in found:
        words = f"{each.old} -> {each.new}" if each.old or each.new else "others"
        if {each.old, each.new} == {"positive", "negative"}:
            words += " (turned round)"
        counts[words] = counts.get(words, 0) + each.count
    return tuple(sorted(counts, key=lambda words: (-counts[words], words)))


def _owners(report: DiffReport) -> Iterator[Alarm]:
    changed = report.of("changed")
    for name, whose in _FIELDS:
        found = [each for each in changed if each.field == name]
        other = sum(each.count - each.missing - each.added for each in found)
        missing, added = sum(each.missing for each in found), sum(each.added for each in found)
        rules = tuple(dict.fromkeys(each.rule for each in found))
        if other:
            yield Alarm(
                other, "events", f"have another {whose} ({name})", rules, f"{name} changes: {counted(other, 'event')}"
            )
        if missing:
            said = f"have no {whose} any longer ({name} is missing now)"
            yield Alarm(missing, "events", said, rules, f"{name} is missing now: {counted(missing, 'event')}")
        if added:
            short = f"{counted(added, 'event has', 'events have')} {name} now"
            yield Alarm(added, "events", f"have a {whose} now ({name})", rules, short, harmful=name == "sample_rate")
    unreadable: dict[str, list[Change]] = {}
    for each in report.of("unreadable"):
        unreadable.setdefault(each.field, []).append(each)
    for field, found in unreadable.items():
        name, _, code = field.rpartition(": ")
        instead = ", so the record's timestamp is sent" if name == "event_at" else ""
        said = f"lose {name}: it can't be read any longer ({code}){instead}"
        count = sum(each.count for each in found)
        rules = tuple(dict.fromkeys(each.rule for each in found))
        yield Alarm(count, "events", said, rules, f"{name} can't be read any longer: {counted(count, 'event')}")


_UNSENT: Final = ("event is no longer sent", "events are no longer sent")


def _lost(report: DiffReport) -> Iterator[Alarm]:
    kinds: tuple[tuple[What, str, tuple[str, str]], ...] = (
        ("invalid", "become invalid", ("event becomes invalid", "events become invalid")),
        ("gone", "are gone: no rule matches any longer, and no dead letter tells it", _UNSENT),
        (
            "draft",
            "aren't sent any longer: their rules are drafts",
            (f"{_UNSENT[0]} (drafts)", f"{_UNSENT[1]} (drafts)"),
        ),
        (
            "sampled",
            "aren't sent any longer: they aren't in the sample",
            (f"{_UNSENT[0]} (sample)", f"{_UNSENT[1]} (sample)"),
        ),
    )
    for what, said, short in kinds:
        found = report.of(what)
        if found:
            count = sum(each.count for each in found)
            rules = tuple(dict.fromkeys(each.rule for each in found))
            yield Alarm(count, "events", said, rules, counted(count, *short))
    silenced = report.silenced_messages
    if silenced:
        said = "were invalid and are filtered in SILENCE now: no dead letter, and no event"
        rules = tuple(dict.fromkeys(each.rule for each in report.of("silenced") if each.rule))
        yield Alarm(
            silenced,
            "messages",
            said,
            rules,
            f"{counted(silenced, 'invalid message is', 'invalid messages are')} filtered in silence now",
        )


_DIGITS: Final = "write the same amount in other digits"


def _others(report: DiffReport) -> Iterator[Alarm]:
    found = report.of("new")
    if found:
        count = sum(each.count for each in found)
        rules = tuple(dict.fromkeys(each.rule for each in found))
        yield Alarm(
            count, "events", "are new", rules, counted(count, "new event is sent", "new events are sent"), harmful=False
        )
    for move, said, short in (
        ("value", "have another value (no money)", ("value changes", "values change")),
        (
            "written",
            "write the same amount in other digits",
            ("amount is written otherwise", "amounts are written otherwise"),
        ),
    ):
        moved = report.moves("value" if move == "value" else "written")
        if moved:
            count = sum(each.count for each in moved)
            rules = tuple(dict.fromkeys(each.rule for each in moved))
            yield Alarm(count, "events", said, rules, counted(count, *short), harmful=False)
    if report.changed_others:
        yield _other_fields(report)


def _other_fields(report: DiffReport) -> Alarm:
    said = {("properties.currency", each.rule) for each in report.moves("currency")}
    said |= {("value_type", each.rule) for each in report.moves("money")}
    fields: dict[str, int] = {}
    rules: dict[str, None] = {}
    for each in report.of("changed"):
        if each.field in APART or (each.field, each.rule) in said:
            continue
        rules[each.rule] = None
        name = each.field or "other properties"
        for kind, count in ((name, each.count - each.missing), (f"{name} (missing now)", each.missing)):
            if count:
                fields[kind] = fields.get(kind, 0) + count
    names = sorted(fields, key=lambda name: (-fields[name], name))
    words = f"change in other fields: {some(f'{name} {fields[name]:,}' for name in names)}"
    short = f"other fields change: {some(names)}"
    return Alarm(report.changed_others, "events", words, tuple(each for each in rules if each), short, harmful=False)


def some(names: Iterable[str]) -> str:
    """The first of them, and how many more."""
    found = list(names)
    more = len(found) - SHOWN
    return ", ".join(found[:SHOWN]) + (f" and {more} more" if more > 0 else "")
