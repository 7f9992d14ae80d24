"""The verdict of a diff in one sentence, and what makes it fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.diff.alarms import alarms
from greenflash_kafka.diff.report import Amounts, DiffReport
from greenflash_kafka.model.counted import counted, in_number

_CONDITION: Final = re.compile(r"(ids|invalid|unmatched|any|money)(?::([0-9]+(?:\.[0-9]+)?)%)?")

FORMS: Final = "ids, invalid, unmatched, any, money, money:2%"


class MergeVerdict(msgspec.Struct, frozen=True):
    """`safe`: nothing changes in what is sent, as far as messages and settings say; None: that isn't known."""

    safe: bool | None
    words: str


def verdict(report: DiffReport) -> MergeVerdict:
    """One sentence, that says of the whole whether it may be merged."""
    if report.partial or not report.compared:
        return MergeVerdict(None, "Not known whether it is safe to merge: not everything was compared.")
    found = alarms(report)
    said = "; ".join(each.short for each in found[:_NAMED])
    said += f"; {len(found) - _NAMED} more" * (len(found) > _NAMED)
    said += f"; {_settings(report)}" if report.settings else ""
    if any(each.harmful for each in found):
        return MergeVerdict(False, f"Not safe to merge, unless this is meant: {said}.")
    if found:
        return MergeVerdict(False, f"Check before you merge: {said}.")
    return _unchanged(report)


_NAMED: Final = 4


def _unchanged(report: DiffReport) -> MergeVerdict:
    if report.empty:
        said = f"nothing changes for these messages, and of {', '.join(report.empty)} there were none"
        return MergeVerdict(None, f"Not known whether it is safe to merge: {said}.")
    if report.settings or report.new_topics:
        said = _settings(report) if report.settings else "the new rules read more topics"
        return MergeVerdict(False, f"Check before you merge: nothing changes for these messages, but {said}.")
    if report.changed_messages:
        return MergeVerdict(False, "Check before you merge: no event changes, but what is wrong with messages does.")
    renamed = report.moves("renamed")
    if renamed:
        return MergeVerdict(True, "Safe to merge: rules are renamed, and nothing else changes for these messages.")
    if not report.messages:
        return MergeVerdict(True, "Safe to merge: every topic has the same rules on both sides.")
    these = f"{in_number(report.messages, 'this', 'these')} {counted(report.messages, 'message')}"
    return MergeVerdict(True, f"Safe to merge: nothing changes for {these}.")


def _settings(report: DiffReport) -> str:
    names = list(dict.fromkeys(each.name or f"{each.owner} (takes none of these)" for each in report.settings))
    count = sum(each.new - each.old for each in report.too_old if each.new > each.old)
    shown = names[:_NAMED] + ["more"] * (len(names) > _NAMED)
    aged = f"; {counted(count, 'event here is', 'events here are')} older than max_age" if count else ""
    return f"settings change that these messages don't show, or only in part: {', '.join(shown)}{aged}"


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
