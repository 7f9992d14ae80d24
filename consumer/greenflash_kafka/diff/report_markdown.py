"""The report of a diff for a pull request: folded, bounded, without values of messages unless they were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.diff.report import Change, DiffReport
from greenflash_kafka.diff.report_text import closing, counts, examples, heading, money_of, money_row
from greenflash_kafka.diff.verdict import warnings

MARK: Final = "<!-- greenflash-kafka diff -->"
"""The first line, by which CI finds its own comment to edit it."""

MOST: Final = 60_000
"""Characters: GitHub takes 65,536 in a comment."""

_CUT: Final = "*Cut at {most:,} characters: `greenflash-kafka diff` shows all of it.*"
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|#~@])")


def as_markdown(report: DiffReport) -> str:
    """At most MOST characters; what was cut is said on top."""
    sections = list(_sections(report))
    whole = "\n".join([MARK, *_top(report), *sections])
    if len(whole) <= MOST:
        return whole
    top = "\n".join([MARK, _CUT.format(most=MOST), "", *_top(report)])[:MOST]
    for each in sections:
        if len(top) + 1 + len(each) <= MOST:
            top += "\n" + each
    return top


def _top(report: DiffReport) -> Iterator[str]:
    first, *more = heading(report)
    yield f"### Rules: {_plain(first)}"
    yield ""
    yield from (f"{_plain(each)}  " for each in more)
    yield ""
    found = list(warnings(report))
    yield from (
        f"- :warning: **{count:,}** events {_plain(said)}{f': {_plain(rules)}' if rules else ''}"
        for count, said, rules in found
    )
    if report.changed_values:
        yield f"- **{report.changed_values:,}** events change in other fields"
    yield f"- {report.unchanged:,} events are byte for byte the same"
    yield ""
    yield _plain(closing(report))


def _sections(report: DiffReport) -> Iterator[str]:
    moved = {name: each for name, each in report.event_types.items() if not each.unchanged == each.old == each.new}
    if moved:
        rows = [
            f"| {_plain(name)} | {counts(each.old, each.new)} | "
            f"{'<br>'.join(_plain(money_row(*money)) for money in money_of(each).items()) or '-'} |"
            for name, each in moved.items()
        ]
        money = "as stored" if report.stored is not None else "as sent"
        yield "\n".join(["", f"| event type | events | money, {money} |", "|---|---|---|", *rows])
    others = len(report.event_types) - len(moved)
    if others:
        yield "\n1 other event type is the same." if others == 1 else f"\n{others} other event types are the same."
    for title, found in (
        ("Changed fields", report.of("changed")),
        ("Newly wrong", report.of("problem")),
        ("Gone", [*report.of("gone"), *report.of("draft"), *report.of("sampled")]),
        ("New", report.of("new")),
    ):
        if found:
            yield "\n".join(_details(title, found))


def _details(title: str, found: list[Change]) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{title}: {sum(each.count for each in found):,}</summary>"
    yield ""
    yield "| rule | field | events | for example |"
    yield "|---|---|---|---|"
    for each in found[:100]:
        yield f"| {_plain(each.rule)} | {_plain(each.field)} | {each.count:,} | {_plain(examples(each))} |"
    if len(found) > 100:
        yield f"| and {len(found) - 100} more | | | |"
    yield ""
    yield "</details>"


def _plain(text: str) -> str:
    """Text as text: nothing in it is markup, a mention, or the end of a cell."""
    return _SPECIAL.sub(r"\\\1", text.replace("\n", " ").replace("\r", " "))
