"""The parts of a diff that somebody must look at before it is merged, and what makes it fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from greenflash_kafka.diff.report import Amounts, DiffReport, What

_CONDITION: Final = re.compile(r"(ids|invalid|unmatched|any|money)(?::([0-9]+(?:\.[0-9]+)?)%)?")

FORMS: Final = "ids, invalid, unmatched, any, money, money:2%"


def warnings(report: DiffReport) -> Iterator[tuple[int, str, str]]:
    """How many, of what, and in which rules: what isn't only another value."""
    if report.ids.changed:
        said = "get another insert_id: stored a SECOND TIME if their messages are read again"
        yield report.ids.changed, said, ", ".join(report.ids.rules)
    shared = report.ids.two_contents
    if shared is not None and shared.new > shared.old:
        yield shared.new - shared.old, "more ids are given to two different events: the service keeps one of each", ""
    kinds: Sequence[tuple[What, str]] = (
        ("invalid", "become invalid"),
        ("gone", "are gone: no rule matches any longer"),
        ("draft", "aren't sent any longer: their rules are drafts"),
        ("sampled", "aren't sent any longer: they aren't in the sample"),
        ("new", "are new"),
        ("mended", "are mended: invalid before"),
    )
    for what, said in kinds:
        found = report.of(what)
        if found:
            yield sum(each.count for each in found), said, ", ".join(dict.fromkeys(each.rule for each in found))


def check(conditions: Sequence[str]) -> None:
    """Raise ValueError for one that is none of FORMS."""
    for text in conditions:
        matched = _CONDITION.fullmatch(text)
        if matched is None or (matched[2] and matched[1] != "money"):
            raise ValueError(f"{text!r} is none of {FORMS}")


def failures(report: DiffReport, conditions: Sequence[str]) -> list[str]:
    """Those of the conditions, which are of FORMS, that hold; all of them if nothing could be compared."""
    if not report.compared:
        return list(conditions)
    found = []
    for text in conditions:
        matched = _CONDITION.fullmatch(text)
        assert matched is not None
        name, share = matched[1], matched[2]
        if _money_moves(report, Decimal(share or 0)) if name == "money" else _HOLDS[name](report):
            found.append(text)
    return found


def _money_moves(report: DiffReport, percent: Decimal) -> bool:
    """Whether money of any event type and currency differs by more than so many percent of what it was."""
    amounts: list[Amounts] = []
    for each in report.event_types.values():
        amounts += (each.money if each.money_stored is None else each.money_stored).values()
    return any(abs(each.new - each.old) * 100 > percent * abs(each.old) for each in amounts)


_HOLDS: Final[dict[str, Callable[[DiffReport], bool]]] = {
    "ids": lambda report: report.ids.changed > 0,
    "invalid": lambda report: bool(report.of("invalid")) or report.invalid_messages.new > report.invalid_messages.old,
    "unmatched": lambda report: any(report.of(each) for each in ("gone", "draft", "sampled")),
    "any": lambda report: report.changed_messages > 0,
}
