"""The report of a diff for a pull request: folded, bounded, without values of messages unless they were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.diff.alarms import alarms
from greenflash_kafka.diff.report import Change, DiffReport
from greenflash_kafka.diff.report_text import (
    AS_STORED,
    STORED_ONCE,
    closing,
    counts,
    examples,
    heading,
    money_rows,
    notes,
    outside,
    same_types,
    sections,
    split_types,
    unchanged,
    unshown_currencies,
)
from greenflash_kafka.diff.verdict import verdict
from greenflash_kafka.model.counted import counted

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
    found = verdict(report)
    yield f"### Rules: {_plain(first)}"
    yield ""
    yield f"{':white_check_mark:' if found.safe else ':warning:'} **{_plain(found.words)}**"
    yield ""
    yield from (f"{_plain(each)}  " for each in more)
    yield ""
    for each in alarms(report):
        rules = f": {_plain(each.in_rules)}" if each.rules else ""
        yield f"- {':warning: ' * each.harmful}**{each.count:,}** {_plain(each.words)}{rules}"
    yield from (f"- {count:,} {said}" for count, said in unchanged(report))
    yield from (f"- {_plain(each)}" for each in notes(report))
    found_outside = list(outside(report))
    if found_outside:
        yield ""
        yield "Beside these messages:"
        yield ""
        yield from (f"- {_plain(each)}" for each in found_outside)
    yield ""
    yield _plain(closing(report))


def _sections(report: DiffReport) -> Iterator[str]:
    moved, same = split_types(report)
    if moved:
        stored = report.stored is not None
        rows = [
            f"| {_plain(name)} | {counts(each.old, each.new)} | "
            + (f"{counts(each.stored.old, each.stored.new)} | " if stored and each.stored is not None else "")
            + f"{'<br>'.join(map(_plain, money_rows(each))) or '-'} |"
            for name, each in moved.items()
        ]
        heads = ("event type", "events sent", *(["stored"] if stored else []), "money")
        yield "\n".join(["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows])
    if any(AS_STORED in row for each in moved.values() for row in money_rows(each)):
        yield f"\n{_plain(STORED_ONCE)}."
    yield from (f"\n{_plain(each)}" for each in unshown_currencies(report))
    if same:
        yield f"\n{same_types(report)}: {counted(sum(each.old for each in same), 'event')}, the same."
    for title, found in sections(report):
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
