"""The last screen of the demo: which conversations made money, which cost some, and how far to trust that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.demo.link_report import LinkReport

MADE_LINES: Final = 8
LOST_LINES: Final = 3
_OF_THE_FIRST: Final = 4
"""Lines of the currency that most conversations have; the others have one each."""


def money_lines(report: LinkReport) -> Iterator[tuple[str, str]]:
    """(label, text) line by line; the label is empty where a line goes on."""
    yield "", _columns("conversation", "what followed", "amount", "after", "user")
    for side, most in (("made", MADE_LINES), ("lost", LOST_LINES)):
        label = side
        for line in _some(report.told[side], most):
            yield label, _line(line)
            label = ""


def share_lines(report: LinkReport) -> Iterator[tuple[str, str]]:
    """(label, text) of the shares."""
    told = report.told
    for side, label in (("made", "money"), ("lost", "refunds")):
        shares = [_money(each) for each in told["money"] if each["side"] == side]
        if shares:
            yield label, "; ".join(shares)
    known = told["found"] + told["no_chat"]
    yield (
        "linked",
        f"{told['found']:,} of the {known:,} outcomes whose user is known ({_percent(told['found'], known)}), to the "
        f"user's last chat before them; {told['told']:,} more name their conversation themselves",
    )
    if report.by_chance is not None:
        chance = report.by_chance
        yield (
            "by chance",
            f"{_percent(chance.linked, chance.of)}: so many would be linked if they had happened one lookback "
            f"earlier ({chance.linked:,} of {chance.of:,})",
        )
    yield (
        "unlinked",
        f"{told['no_chat']:,} had no chat in the time that their rule looks back; {told['no_user']:,} don't say whose "
        "they are",
    )
    if report.planned:
        wrong = report.planned - report.as_planned
        yield (
            "check",
            f"{report.as_planned:,} of {report.planned:,} linked as planned"
            + (f", {wrong:,} OTHERWISE" if wrong else "")
            + f": {report.led:,} of the {report.linked:,} linked ones came of their chat, as only the generator knows",
        )


def _some(lines: Sequence[Mapping[str, Any]], most: int) -> Iterable[Mapping[str, Any]]:
    taken: dict[str, int] = {}
    for line in lines:
        first = not taken or line["currency"] in list(taken)[:1]
        if taken.get(line["currency"], 0) < (_OF_THE_FIRST if first else 1) and sum(taken.values()) < most:
            taken[line["currency"]] = taken.get(line["currency"], 0) + 1
            yield line


def _line(line: Mapping[str, Any]) -> str:
    more = f" +{line['events'] - 1}" if line["events"] > 1 else ""
    return _columns(
        line["conversation"],
        line["event_type"] + more,
        f"{Decimal(line['amount']):,} {line['currency']}",
        after(line["minutes"]),
        line["user"],
    )


def _columns(conversation: str, event: str, amount: str, late: str, user: str) -> str:
    return f"{conversation:<13} {event:<18} {amount:>16} {late:>8}  {user}"


def after(minutes: int | None) -> str:
    """A length of time for people: `12 min`, `3 h`, `2 d`."""
    if minutes is None:
        return ""
    if minutes < 90:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 2880 else f"{round(minutes / 1440)} d"


def _money(each: Mapping[str, str]) -> str:
    linked, total = Decimal(each["linked"]), Decimal(each["total"])
    return f"{linked:,} of {total:,} {each['currency']} ({_percent(linked, total)})"


def _percent(part: Decimal | int, whole: Decimal | int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "0 %"
