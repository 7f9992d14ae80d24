"""The report of coverage for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from greenflash_kafka.coverage.coverage_report import CoverageReport, Drift, EventName, PathCoverage, TopicCoverage
from greenflash_kafka.model.counted import counted

MOST: Final = 40
"""So many lines of one kind are shown; --json has all."""

_SHOWN: Final = 40


def as_text(report: CoverageReport) -> str:
    """The report: topics and their names first, then what somebody should look at."""
    lines = [*_heading(report)]
    for topic, each in report.topics.items():
        lines += ["", *_topic(topic, each)]
    lines += _section("rules that match nothing", list(_idle(report)))
    lines += _section("rules that look users up in a table of a file", list(_userless(report)))
    lines += _section("paths that rules read for events, and no message has", list(_never(report)))
    lines += _section(
        "paths that conditions read, missing in messages that a rule asks for and doesn't take", list(_dropped(report))
    )
    some = sum(1 for each in report.paths if _sometimes(each))
    if some:
        lines += ["", f"paths that rules read for events, missing in a part of the messages: {some}, see --json"]
    lines += _section("not as in the baseline", [_drift(each) for each in report.drift])
    lines += _section("ignored, and taken by a rule all the same", list(_taken(report)))
    lines += _section("linked to a conversation, beside chance", list(_links(report)))
    return "\n".join([*lines, "", *_closing(report)])


def _heading(report: CoverageReport) -> Iterator[str]:
    partial = "PARTIAL, it was ended early: " if report.partial else ""
    rules = counted(len(report.rules), "rule")
    yield f"{partial}{counted(report.messages, 'message')}, {rules} (version {report.rules_version})"
    for each in report.missing:
        yield f"missing, retention took it meanwhile: {each}"
    yield from (f"NOT READ: the topic {name} {why}" for name, why in report.unread.items())
    yield from report.notes


def _topic(topic: str, found: TopicCoverage) -> Iterator[str]:
    by = f" by {found.by}" if found.by else ", whose rules test no field for literals"
    yield f"{topic}{by}: {counted(found.messages, 'message')}"
    names = list(found.names.items())
    if names:
        width = max(len("event name"), *(len(_name(name)) for name, _ in names[:MOST]))
        yield f"  {'event name':<{width}}  {'messages':>11}  {'events':>11}  {'invalid':>8}  rules"
        for name, each in names[:MOST]:
            counts = f"{each.messages:>11,}  {each.events:>11,}  {each.invalid:>8,}"
            yield f"  {_name(name):<{width}}  {counts}  {_rules(each)}"
        if len(names) > MOST:
            yield f"  and {counted(len(names) - MOST, 'more name')}: --json"
    if found.more:
        others = counted(found.more, "message has another name", "messages have other names")
        yield f"  {others} still: is {found.by} an event name?"
    if found.unreadable:
        yield f"  {counted(found.unreadable, 'message')} can't be read"
    for what, count in found.skipped.items():
        yield f"  {counted(count, 'is', 'are')} skipped: {what}"


def _name(name: str) -> str:
    shown = "".join(each if each.isprintable() else "?" for each in name)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _rules(name: EventName) -> str:
    if name.status == "ignored":
        return "ignored"
    if name.status == "none":
        since = f"   first seen {name.first.time} ({name.first.coordinates})" if name.first is not None else ""
        some = f"   {name.ignored:,} of them ignored" if name.ignored else ""
        return f"NONE{'   NEW' if name.new else ''}{some}{since}"
    if not name.rules:
        return "(events that aren't sent)"
    first, *others = name.rules
    return f"{first} +{len(others)}" if others else first


def _idle(report: CoverageReport) -> Iterator[str]:
    """Each rule with the reason, if it is one of the paths that its conditions read."""
    for rule in report.idle:
        paths = [
            each
            for each in report.paths
            if (each.file, each.rule, each.of) == (rule.file, rule.rule, "condition") and each.missing == each.asked
        ]
        why = "".join(
            f"   none of {counted(each.asked, 'message')} that it asks for has {each.path}" for each in paths[:1]
        )
        yield f"{rule.rule}  ({rule.file}){why}"


def _userless(report: CoverageReport) -> Iterator[str]:
    for rule in report.rules:
        if rule.userless:
            tables = " and ".join(f"{each.name} ({counted(each.rows, 'row')})" for each in rule.user_tables)
            of = counted(rule.events, "event has", "events have")
            todo = "if that is a sample, give it all rows, or take them from a topic: docs/linking.md"
            yield f"{rule.rule}  ({rule.file})   NO USER: {of} none, looked up in {tables}; {todo}"


def _never(report: CoverageReport) -> Iterator[str]:
    for each in report.paths:
        if each.of != "condition" and each.missing == each.asked:
            taken = counted(each.asked, "message")
            yield f"{each.rule}  {each.path}  for {each.of}: missing in all {taken} that it takes"


def _dropped(report: CoverageReport) -> Iterator[str]:
    """Those for whose lack a condition may drop messages: with it the rule can't have taken as many as have it."""
    taken = {(each.file, each.rule): each.taken for each in report.rules}
    for each in report.paths:
        has, takes = each.asked - each.missing, taken.get((each.file, each.rule), 0)
        if each.of == "condition" and each.missing and takes and takes <= has:
            missing = f"{each.missing:,} of {counted(each.asked, 'message')}"
            yield f"{each.rule}  {each.path}: missing in {missing} that it asks for; it takes {takes:,}"


def _sometimes(each: PathCoverage) -> bool:
    return each.of != "condition" and 0 < each.missing < each.asked


def _drift(each: Drift) -> str:
    if not each.path:
        return f"{each.rule} takes nothing any more (it took {each.was:.2%} of messages)   DRIFT"
    since = f"   first {each.since.time} ({each.since.coordinates})" if each.since is not None else ""
    return f"{each.rule}  {each.path}  {each.of}: {each.now:.0%} missing (was {each.was:.0%}){since}   DRIFT"


def _taken(report: CoverageReport) -> Iterator[str]:
    for each in report.ignored:
        if each.taken:
            at = f", first {each.first_taken.coordinates}" if each.first_taken is not None else ""
            yield f"{each.file}:{each.line}  {each.because}: {each.taken:,} of {counted(each.messages, 'message')}{at}"


def _links(report: CoverageReport) -> Iterator[str]:
    for each in report.links:
        share, chance = each.linked / each.events, each.by_chance / each.events
        weak = "   less than 1.5 times chance: such links say little" if each.weak else ""
        if not each.linked:
            weak = "   NONE: `greenflash-kafka doctor` compares the ids of both sides"
        events = counted(each.events, "event")
        yield f"{each.rule}  {each.lookback:>3}: {share:.1%} of {events}, {chance:.1%} by chance{weak}"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    more = [f"  and {len(found) - MOST} more: --json"] if len(found) > MOST else []
    return ["", title, *(f"  {each}" for each in found[:MOST]), *more] if found else []


def _closing(report: CoverageReport) -> Iterator[str]:
    unmatched = list(report.unmatched)
    if unmatched:
        count = sum(each.unmatched for _, _, each in unmatched)
        names = counted(len(unmatched), "event name")
        yield f"{names} without a rule, {counted(count, 'message')}: write rules, or name them in ignored"
        new = sum(each.new for _, _, each in unmatched)
        if new:
            yield f"{counted(new, 'of them is', 'of them are')} new"
    elif report.unread:
        topics = counted(len(report.unread), "topic")
        yield f"Not known: {topics} can't be read. Of what was read every event name has a rule, or is ignored."
    else:
        yield "Every event name has a rule, or is ignored."
