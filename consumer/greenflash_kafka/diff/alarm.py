"""One part of a diff that somebody must look at before it is merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, Literal

import msgspec

from greenflash_kafka.diff.report import Change, DiffReport, MoveOf
from greenflash_kafka.model.counted import in_number

SHOWN: Final = 4
"""Pairs of words, or rules, that one line names."""

Verb = tuple[str, str]
"""How it is said of one, and of many."""

IS: Final[Verb] = ("is", "are")
HAS: Final[Verb] = ("has", "have")


class Alarm(msgspec.Struct, frozen=True):
    """So many `unit`s of which this is `said`, in these rules. `short` is for the verdict; `harmful`: data is lost,
    stored twice, or another one, if it isn't meant; `named`: the verdict has it beside those."""

    count: int
    unit: Literal["events", "messages"]
    said: str
    rules: tuple[str, ...]
    short: str
    harmful: bool = True
    named: bool = False

    @property
    def words(self) -> str:
        """What is said of them, with their unit."""
        return f"{in_number(self.count, self.unit[:-1], self.unit)} {self.said}"

    @property
    def in_rules(self) -> str:
        """The rules, those that are too many counted."""
        return some(self.rules)


def alarm(
    count: int,
    verb: Verb,
    said: str,
    rules: Iterable[str],
    short: str,
    *,
    unit: Literal["events", "messages"] = "events",
    harmful: bool = True,
    named: bool = False,
) -> Alarm:
    """So many of them, of which that is said in their number; each rule once, of those that have a name."""
    return Alarm(
        count,
        unit,
        f"{in_number(count, *verb)} {said}",
        tuple(dict.fromkeys(filter(None, rules))),
        short,
        harmful,
        named,
    )


def moved(report: DiffReport, what: MoveOf, verb: Verb, said: str, short: str) -> Iterable[Alarm]:
    """Events of which a word is another one, with the pairs of words; none if there are none."""
    found = report.moves(what)
    if not found:
        return
    counts: dict[str, int] = {}
    for each in found:
        words = f"{each.old} -> {each.new}" if each.old or each.new else "others"
        if {each.old, each.new} == {"positive", "negative"}:
            words += " (turned round)"
        counts[words] = counts.get(words, 0) + each.count
    pairs = some(sorted(counts, key=lambda words: (-counts[words], words)))
    count = sum(counts.values())
    events = f"{count:,} {in_number(count, 'event')}"
    yield alarm(count, verb, f"{said}: {pairs}", (each.rule for each in found), f"{short}: {events}, {pairs}")


def sum_of(found: Iterable[Change]) -> int:
    """The events of these changes."""
    return sum(each.count for each in found)


def money(sums: Mapping[str, Decimal]) -> str:
    """Amounts of some currencies; "" for none."""
    return some(f"{currency} {amount:,f}" for currency, amount in sums.items())


def some(names: Iterable[str]) -> str:
    """The first of them, and how many more."""
    found = list(names)
    more = len(found) - SHOWN
    return ", ".join(found[:SHOWN]) + (f" and {more} more" if more > 0 else "")
