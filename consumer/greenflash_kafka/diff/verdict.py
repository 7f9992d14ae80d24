"""The verdict of a diff in one sentence, and what makes it fail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.diff.alarm import some
from greenflash_kafka.diff.alarms import alarms
from greenflash_kafka.diff.report import Amounts, DiffReport
from greenflash_kafka.diff.setting_changes import SettingChange
from greenflash_kafka.model.counted import counted, in_number

_CONDITION: Final = re.compile(r"(ids|invalid|unmatched|any|money)(?::([0-9]+(?:\.[0-9]+)?)%)?")

FORMS: Final = "ids, invalid, unmatched, any, money, money:2%"


class MergeVerdict(msgspec.Struct, frozen=True):
    """`safe`: nothing changes in what is sent, as far as messages and settings say; None: that isn't known."""

    safe: bool | None
    words: str


def verdict(report: DiffReport) -> MergeVerdict:
    """One sentence, that says of the whole whether it may be merged."""
    found = alarms(report)
    harmful = [each for each in found if each.harmful]
    if report.partial or not report.compared:
        known = "; ".join(each.short for each in harmful[:_NAMED])
        said = f", and what was isn't safe, unless it is meant: {known}" if known else ""
        return MergeVerdict(None, f"Not known whether it is safe to merge: not everything was compared{said}.")
    named = [*harmful, *(each for each in found if each.named and not each.harmful)] if harmful else found
    said = "; ".join(each.short for each in named[:_NAMED])
    said += f"; {len(named) - _NAMED} more" * (len(named) > _NAMED)
    if not harmful or report.topic_changes:
        # Of what isn't known only other topics may be as harmful as this.
        said += "".join(f"; {each}" for each in _beside(report))
    if harmful:
        return MergeVerdict(False, f"Not safe to merge, unless this is meant: {said}.")
    if found:
        return MergeVerdict(False, f"Check before you merge: {said}.")
    return _unchanged(report)


_NAMED: Final = 4


def _unchanged(report: DiffReport) -> MergeVerdict:
    nothing = "nothing changes for these messages"
    unknown = [*report.left_out, *(each.topic for each in report.topic_changes if each.unknown)]
    if report.empty or unknown:
        said = [f"of {', '.join(report.empty)} there were none"] if report.empty else []
        said += [f"not compared: {', '.join(report.left_out)}"] if report.left_out else []
        said += list(_beside(report))
        return MergeVerdict(None, f"Not known whether it is safe to merge: {'; '.join((nothing, *said))}.")
    beside = list(_beside(report))
    if report.new_topics:
        beside.append("the new rules read more topics")
    if beside:
        return MergeVerdict(False, f"Check before you merge: {'; '.join((nothing, *beside))}.")
    if report.changed_messages:
        said_of = "no event changes, but what is wrong with invalid messages does"
        return MergeVerdict(
            False, f"Check before you merge: {said_of} ({counted(report.changed_messages, 'message')})."
        )
    renamed = report.moves("renamed")
    if renamed:
        return MergeVerdict(True, "Safe to merge: rules are renamed, and nothing else changes for these messages.")
    if not report.messages:
        return MergeVerdict(True, "Safe to merge: every topic has the same rules on both sides.")
    these = f"{in_number(report.messages, 'this', 'these')} {counted(report.messages, 'message')}"
    return MergeVerdict(True, f"Safe to merge: nothing changes for {these}.")


def _beside(report: DiffReport) -> Iterator[str]:
    """What may change beside these messages."""
    if report.topic_changes:
        read = [each.short for each in report.topic_changes]
        shown = read[:_NAMED] + [f"{len(read) - _NAMED} more"] * (len(read) > _NAMED)
        asked = "; a recording doesn't tell which topics fit" * any(each.unknown for each in report.topic_changes)
        yield f"other topics are read: {', '.join(shown)}{asked}"
    unshown = [_named(each) for each in report.settings if each.kind == "unshown"]
    if unshown:
        yield f"changed, and no message here shows what it does: {some(unshown)}"
    others = [each for each in report.settings if each.kind != "unshown"]
    if others:
        names = list(dict.fromkeys(map(_named, others)))
        count = sum(each.new - each.old for each in report.too_old if each.new > each.old)
        shown = names[:_NAMED] + [f"{len(names) - _NAMED} more"] * (len(names) > _NAMED)
        aged = f"; {counted(count, 'event here is', 'events here are')} older than max_age" if count else ""
        yield f"not compared, or only in part: {', '.join(shown)}{aged}"


def _named(each: SettingChange) -> str:
    """Where it stands, and the key: `FILE:LINE KEY`."""
    match each.kind:
        case "variable":
            return f"{each.at} ${{{each.name}}}"
        case "setting":
            return f"{each.at} {each.name}"
        case "unshown":
            return f"{each.at} {each.parts[0]} of {in_number(len(each.rules), 'rule', 'rules')} {some(each.rules)}"
        case "parts":
            return f"{each.at} {each.parts[0]} of {each.owner}, which gives no event of these"
        case "there":
            return f"{each.at} {each.owner}{', which gives no event of these' * each.owner.startswith('rule ')}"


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
    "any": lambda report: (
        report.changed_messages > 0 or bool(report.settings or report.topic_changes or report.new_topics)
    ),
}
