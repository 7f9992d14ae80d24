"""Reasons of links in words: each verdict, times of the same day and others, and results without a conversation."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from greenflash_kafka.cases.asked import AskedConversations
from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.link_reasons import (
    MOST,
    RESULTS,
    Searched,
    candidate_words,
    duration,
    link_words,
    moment,
    search_lines,
    searched,
    unasked,
)
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import (
    Activity,
    Answer,
    Candidate,
    ConversationSource,
    Link,
    Question,
    Result,
)

NOON = 1_795_003_200_000  # 2026-11-18T12:00:00Z
HOUR = 3_600_000
QUESTION = Question(("chat",), "", (("email", "a@b.c"), ("user", "u")), NOON, NOON, 24 * HOUR)


@pytest.mark.parametrize(
    ("at", "logged", "verdict", "words"),
    [
        (NOON - HOUR, NOON, "chosen", "chosen: 11:00:00, 1 h before the event, logged 12:00:00"),
        (NOON + 2000, NOON, "chosen", "chosen: 12:00:02, 0 s before the event, logged 12:00:00"),
        (NOON - 24 * HOUR, NOON, "earlier", "2026-11-17T12:00:00Z is earlier than the one that was chosen"),
        (NOON - 500, NOON, "later", "11:59:59.500 is later than the one that was chosen"),
        (NOON + HOUR, NOON + HOUR, "after-event", "13:00:00 is after the event, 12:00:00"),
        (
            NOON + HOUR,
            NOON,
            "after-event",
            "13:00:00 is after the event, 12:00:00; it was logged 12:00:00, 1 h before its own time: are zone and "
            "unit of `at` right?",
        ),
        (0, 0, "before-lookback", "1970-01-01T00:00:00Z is before the lookback, which begins 2026-11-17T12:00:00Z"),
        (NOON, NOON + HOUR, "logged-too-late", "12:00:00, but it was logged 13:00:00, after the horizon 12:01:00"),
        (NOON, NOON, "ambiguous", "12:00:00, one of several, and `touch` is single"),
    ],
)
def test_every_verdict_has_its_words(at: int, logged: int, verdict: str, words: str) -> None:
    candidate = Candidate("c-1", "chat", "user", at, logged, NOON + 60_000, verdict)  # type: ignore[arg-type]
    assert candidate_words(candidate, Searched(QUESTION, Answer("none"), ())) == f"c-1 (chat): {words}"


def test_one_of_too_many_is_not_called_ambiguous() -> None:
    candidate = Candidate("c-1", "chat", "user", NOON, NOON, NOON, "ambiguous")
    assert candidate_words(candidate, Searched(QUESTION, Answer("crowded"), ())).endswith("one of too many")


def test_every_result_has_its_words() -> None:
    assert set(RESULTS) == set(get_args(Result))
    assert link_words(Link("no-key")) == "no-key: the event has no value for any key of the link"
    assert link_words(Link("linked", "last_touch", "c", "chat", 0, 150_000)).endswith("2.5 min before the event")
    assert link_words(None) == "the rule has no `link`"


def test_what_was_searched_is_said_once_with_what_was_not_looked_at() -> None:
    told = [
        ToldActivity(Activity("chat", None, name, NOON - HOUR, ((key, value),)), NOON)
        for name, key, value in (("c-1", "user", "u"), ("c-2", "user", "v"), ("c-2", "user", "w"))
    ]
    other = ToldActivity(Activity("calls", None, "c-3", NOON, (("user", "u"),)), NOON)
    sources = [ConversationSource(name, ("user", "email"), 60_000) for name in ("chat", "calls")]
    asked = AskedConversations(GivenConversations(sources, [(each.activity, each.logged) for each in (*told, other)]))
    for _ in range(2):
        assert asked.find(QUESTION).conversation == "c-1"
    (found,) = searches = searched(asked)
    assert search_lines(found) == [
        "searched in chat by email a@b.c or user u, from 1 d before 2026-11-18T12:00:00Z: linked",
        "  c-1 (chat): chosen: 11:00:00, 1 h before the event, logged 12:00:00",
    ]
    assert list(unasked([*told, other], searches)) == [
        "c-3 (calls): wasn't looked at: the link is to chat only (`to`)",
        "and 1 more",
    ]
    assert list(unasked(told, searches)) == ["c-2 (chat): wasn't looked at: it is known by user v"]
    everywhere = [Searched(msgspec.structs.replace(QUESTION, to=(), product="p"), Answer("none"), ())]
    (first, *_) = unasked([other], everywhere)
    assert "the product of its source isn't that of the event, p: compare their `product_id`" in first


def test_a_key_that_is_almost_the_wanted_one_is_named_first_and_the_list_ends() -> None:
    told = [
        ToldActivity(Activity("chat", None, f"c-{number}", NOON, (("email", value),)), NOON)
        for number, value in enumerate(["x@y.z"] * 20 + [" A@B.C"])
    ]
    lines = list(unasked(told, [Searched(QUESTION, Answer("none"), ())]))
    assert lines[0] == (
        "c-20 (chat): wasn't looked at: it is known by email  A@B.C, which differs from a@b.c in capitals or blanks "
        "only: write lower(trim(...)) on both sides"
    )
    assert lines[1:] == ["and 20 more"]
    lines = list(unasked(told[:20], [Searched(QUESTION, Answer("none"), ())]))
    assert len(lines) == MOST + 1
    assert lines[-1] == "and 10 more"
    prefixed = ToldActivity(Activity("chat", None, "c", NOON, (("user", "cus_u"),)), NOON)
    (line,) = unasked([prefixed], [Searched(QUESTION, Answer("none"), ())])
    assert "it is known by user cus_u, which differs from u by a prefix" in line


def test_times_that_no_calendar_has_are_said_in_milliseconds() -> None:
    assert moment(10**18) == f"{10**18} ms"
    assert (duration(0), duration(999), duration(1000), duration(7 * 24 * HOUR)) == ("0 s", "999 ms", "1 s", "7 d")
