"""The reasons why a conversation was chosen for an event, or wasn't, in words for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from greenflash_kafka.cases.asked import AskedConversations
from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.model.conversations import Answer, Candidate, Link, Question

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

MOST: Final = 10
"""So many conversations are named of each search, and of those that no search looked at."""

PREFIX: Final = re.compile(r"^[A-Za-z]+[_:|/-]")
"""The beginning of an id that says what it is the id of: `cus_`, `user:`."""

_AHEAD_MS: Final = 60_000
"""An activity that is so much later than its own record has a wrong zone or unit; clocks differ by less."""

RESULTS: Final = {
    "linked": "a conversation was found",
    "own": "the rule gave the id itself, so nothing was searched",
    "none": "no conversation had an activity in the lookback that was logged before the horizon",
    "no-key": "the event has no value for any key of the link",
    "no-time": "the message has no timestamp, so its horizon isn't known: give it a `timestamp`",
    "ambiguous": "several conversations had an activity in the lookback, and `touch` is single",
    "crowded": "the key has too many activities: a bot, or a login that is shared",
    "reported-late": "the outcome was reported more than a day after it happened, and nothing that counts was found",
    "history": "nothing was found, and the lookback reaches further back than the conversations that are known",
    "not-ready": "there are no conversations to search in",
}
"""Each result of linking, in words."""


class Searched(msgspec.Struct, frozen=True):
    """One question of a link, its answer, and everything that was looked at for it."""

    question: Question
    answer: Answer
    candidates: tuple[Candidate, ...]


def searched(asked: AskedConversations) -> tuple[Searched, ...]:
    """The questions that were asked, in order, each once."""
    found = dict.fromkeys(asked.asked)
    return tuple(Searched(question, answer, tuple(asked.candidates(question))) for question, answer in found)


def link_words(link: Link | None) -> str:
    """The result of linking an event, in one line."""
    if link is None:
        return "the rule has no `link`"
    if link.result != "linked":
        return f"{link.result}: {RESULTS[link.result]}"
    return f"linked to {link.conversation} of {link.source}, {duration(link.before_ms)} before the event"


def search_lines(each: Searched) -> list[str]:
    """What was searched, and one line a candidate, at most `MOST`: why it was chosen, or wasn't."""
    question = each.question
    by = " or ".join(f"{name} {value}" for name, value in question.keys)
    where = f" in {', '.join(question.to)}" if question.to else ""
    said = f"searched{where} by {by or 'nothing'}, from {duration(question.lookback)} before {moment(question.at)}"
    lines = [f"{said}: {each.answer.result}"]
    lines += [f"  {candidate_words(candidate, each)}" for candidate in each.candidates[:MOST]]
    if len(each.candidates) > MOST:
        lines.append(f"  and {len(each.candidates) - MOST} more")
    return lines


def candidate_words(candidate: Candidate, search: Searched) -> str:
    """Why a conversation was chosen, or wasn't."""
    question = search.question
    near = question.at
    at, logged = moment(candidate.at, near), moment(candidate.logged, near)
    match candidate.verdict:
        case "chosen":
            before = max(0, question.at - candidate.at)
            said = f"chosen: {at}, {duration(before)} before the event, logged {logged}"
        case "earlier":
            said = f"{at} is earlier than the one that was chosen"
        case "later":
            said = f"{at} is later than the one that was chosen"
        case "after-event":
            said = f"{at} is after the event, {moment(question.at, near)}"
            ahead = candidate.at - candidate.logged
            if ahead >= _AHEAD_MS:
                said += (
                    f"; it was logged {logged}, {duration(ahead)} before its own time: are zone and unit of `at` right?"
                )
        case "before-lookback":
            said = f"{at} is before the lookback, which begins {moment(question.at - question.lookback, near)}"
        case "reported-late":
            begin = moment(question.begin(), near)
            said = (
                f"{at} doesn't count: the outcome was reported {moment(question.recorded, near)}, so its "
                f"lookback begins {begin}"
            )
        case "logged-too-late":
            said = f"{at}, but it was logged {logged}, after the horizon {moment(candidate.horizon, near)}"
        case "ambiguous":
            many = "one of too many" if search.answer.result == "crowded" else "one of several, and `touch` is single"
            said = f"{at}, {many}"
    return f"{candidate.conversation} ({candidate.source}): {said}"


def unasked(told: Iterable[ToldActivity], searches: Sequence[Searched]) -> Iterator[str]:
    """Conversations that no search looked at, and why not; if the keys of some are almost the wanted ones, those
    alone."""
    seen = {candidate.conversation for each in searches for candidate in each.candidates}
    wanted = {key for each in searches for key in each.question.keys}
    near: list[str] = []
    others: list[str] = []
    for each in told:
        activity = each.activity
        if activity.conversation in seen:
            continue
        seen.add(activity.conversation)
        known = ", ".join(f"{name} {value}" for name, value in activity.keys) or "no key"
        said = f"{activity.conversation} ({activity.rule}): wasn't looked at: "
        if not wanted.isdisjoint(activity.keys):
            by = [each.question for each in searches if not set(each.question.keys).isdisjoint(activity.keys)]
            near.append(said + _left_out(activity.rule, by))
        elif differs := almost(activity.keys, wanted):
            near.append(f"{said}it is known by {known}, which differs from {differs}")
        else:
            others.append(f"{said}it is known by {known}")
    shown = (near or others)[:MOST]
    yield from shown
    left = len(near) + len(others) - len(shown)
    if left:
        yield f"and {left} more"


def almost(keys: Iterable[tuple[str, str]], wanted: Iterable[tuple[str, str]]) -> str:
    """The wanted key that one of these almost is, and how they differ; empty if there is none."""
    changes: tuple[tuple[Callable[[str], str], str], ...] = (
        (_plain, "in capitals or blanks only: write lower(trim(...)) on both sides"),
        (_bare, "by a prefix: take it away, or write it on both sides"),
    )
    pairs = [(mine, value) for name, mine in keys for other, value in wanted if name == other]
    found = (f"{value} {words}" for change, words in changes for mine, value in pairs if change(mine) == change(value))
    return next(found, "")


def _plain(value: str) -> str:
    return value.strip().casefold()


def _bare(value: str) -> str:
    return PREFIX.sub("", _plain(value))


def _left_out(source: str, questions: Sequence[Question]) -> str:
    """Why none of these questions, by a key that it has, looked at a conversation of the source."""
    to = sorted({name for each in questions for name in each.to})
    if to and source not in to:
        return f"the link is to {', '.join(to)} only (`to`)"
    products = ", ".join(sorted({each.product for each in questions if each.product})) or "none"
    return f"the product of its source isn't that of the event, {products}: compare their `product_id`"


def moment(ms: int, near: int | None = None) -> str:
    """A time in UTC; without its date if it is on the day of `near`."""
    try:
        time = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return f"{ms} ms"
    with_ms = "milliseconds" if ms % 1000 else "seconds"
    same_day = near is not None and ms // 86_400_000 == near // 86_400_000
    text = time.isoformat(timespec=with_ms).replace("+00:00", "Z")
    return text.partition("T")[2].removesuffix("Z") if same_day else text


def duration(ms: int) -> str:
    """Milliseconds in the largest unit that leaves no more than one decimal: 90000 is 90 s, 5400000 is 90 min."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if ms >= 2 * size or (ms >= size and ms % size == 0):
            return f"{round(ms / size, 1):g} {unit}"
    return f"{ms} ms" if ms else "0 s"
