"""The parts of a diff that somebody must look at before it is merged, the most harmful first."""

from __future__ import annotations

from collections.abc import Iterator

from greenflash_kafka.diff.alarm import HAS, IS, Alarm, Verb, alarm, money, some, sum_of
from greenflash_kafka.diff.field_alarms import meaning_alarms, other_field_alarms, owner_alarms
from greenflash_kafka.diff.money_alarms import money_alarms, sent_now_alarms
from greenflash_kafka.diff.report import DiffReport, MoveOf, What
from greenflash_kafka.model.counted import counted


def alarms(report: DiffReport) -> list[Alarm]:
    """All of them, in the order of harm; beginning with what can't be put right by a later change."""
    return sorted(_alarms(report), key=lambda each: not each.harmful)


def _alarms(report: DiffReport) -> Iterator[Alarm]:
    yield from _identities(report)
    yield from _history(report)
    yield from money_alarms(report)
    yield from meaning_alarms(report)
    yield from owner_alarms(report)
    yield from _lost(report)
    yield from sent_now_alarms(report)
    yield from _new(report)
    yield from _values(report)
    yield from other_field_alarms(report)


def _identities(report: DiffReport) -> Iterator[Alarm]:
    changed = report.ids.changed
    if changed:
        said, short = _stored_again(report)
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
        yield alarm(changed, ("gets", "get"), said, report.ids.rules, short)
    dropped, shared = report.ids.dropped, report.ids.two_contents
    if dropped is not None and shared is not None and dropped.new > dropped.old:
        more = dropped.new - dropped.old
        said = "dropped by the service: a different event has their insert_id"
        said += f" ({counted(shared.old, 'such id')} before, {shared.new:,} now)"
        short = f"events are lost: {counted(more, 'more has', 'more have')} the id of a different event"
        yield alarm(more, ("more is", "more are"), said, (), short)


def _stored_again(report: DiffReport) -> tuple[str, str]:
    """What another insert_id does, in words, and for the verdict."""
    again, read = report.ids.again, "if their messages are read again"
    if again is None:
        twice = f"{counted(report.ids.changed, 'event')} would be stored twice {read}"
        return f"another insert_id: stored a SECOND TIME {read}", f"ids change: {twice}"
    sums = money(report.ids.money_again)
    counts = f", and {sums} counted twice" if sums else ""
    events = f"{counted(again, 'event')} would be stored"
    said = f"another insert_id: {events} a SECOND TIME {read}{counts}"
    return said, f"ids change: {events} twice {read}{counts}"


def _history(report: DiffReport) -> Iterator[Alarm]:
    for each in report.new_topics:
        if each.sends_history:
            said = f"sent, and {each.before}: {each.topic} is new, without `initial_offset: latest`"
            short = f"the history of {each.topic} would be sent"
            yield alarm(each.events, ("of the past is", "of the past are"), said, (), short)


_LOST: tuple[tuple[What, Verb, str, Verb, str], ...] = (
    ("invalid", ("becomes", "become"), "invalid", ("event becomes", "events become"), "invalid"),
    (
        "gone",
        IS,
        "gone: no rule matches any longer, and no dead letter tells it",
        ("event is", "events are"),
        "no longer sent",
    ),
    (
        "draft",
        ("isn't", "aren't"),
        "sent any longer: their rules are drafts",
        ("event is", "events are"),
        "no longer sent (drafts)",
    ),
    (
        "sampled",
        ("isn't", "aren't"),
        "sent any longer: they aren't in the sample",
        ("event is", "events are"),
        "no longer sent (sample)",
    ),
)
"""Kinds of events that are lost: what is said of them, and in the verdict."""


def _lost(report: DiffReport) -> Iterator[Alarm]:
    for what, verb, said, events, short in _LOST:
        found = report.of(what)
        if found:
            count = sum_of(found)
            rules = (each.rule for each in found)
            sums = money(report.money_of(what))
            lost = f" ({sums})" if sums else ""
            yield alarm(count, verb, said, rules, f"{counted(count, *events)} {short}{lost}")
    letters = report.new_letters
    if letters:
        said = "invalid now, and gave no event before: dead letters"
        short = f"{counted(letters, 'message is a new dead letter', 'messages are new dead letters')}"
        yield alarm(letters, IS, said, (each.rule for each in report.of("letter")), short, unit="messages")
    silenced = report.silenced_messages
    if silenced:
        said = "filtered in SILENCE now: no dead letter, and no event"
        short = f"{counted(silenced, 'invalid message is', 'invalid messages are')} filtered in silence now"
        were: Verb = ("was invalid and is", "were invalid and are")
        yield alarm(silenced, were, said, (each.rule for each in report.of("silenced")), short, unit="messages")


def _new(report: DiffReport) -> Iterator[Alarm]:
    found = report.of("new")
    if found:
        short = counted(sum_of(found), "new event is sent", "new events are sent")
        sums = money(report.money_of("new"))
        new = f"; money that is new: {sums}" if sums else ""
        rules = (each.rule for each in found)
        yield alarm(sum_of(found), IS, f"new{new}", rules, f"{short}{new}", harmful=False, named=bool(sums))


_VALUES: tuple[tuple[MoveOf, Verb, str, Verb], ...] = (
    ("value", HAS, "another value", ("value changes", "values change")),
    (
        "written",
        ("writes", "write"),
        "the same amount in other digits",
        ("amount is written otherwise", "amounts are written otherwise"),
    ),
)


def _values(report: DiffReport) -> Iterator[Alarm]:
    """Values that are texts, or the same amount."""
    for what, verb, said, short in _VALUES:
        found = report.moves(what)
        if found:
            count = sum(each.count for each in found)
            yield alarm(count, verb, said, (each.rule for each in found), counted(count, *short), harmful=False)
