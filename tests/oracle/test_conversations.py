"""The oracle's two forms agree, and it says what the design's examples say."""

from __future__ import annotations

from random import Random

import pytest

from tests.oracle.conversations import DAY, Asked, Entry, Found, Oracle, Said, Version, Way, by_the_words, row_as_of
from tests.oracle.rows import TableOracle


def _chat(stamp: int, at: int, conversation: str) -> Entry:
    return Entry(stamp, (Said("chat", "user", "u-1", at, conversation),))


def _asked(recorded: int, at: int, touch: str = "last", delay: int = 1_000) -> Asked:
    return Asked(recorded, at, (Way({"user": "u-1"}, {"chat": delay}, 600_000, touch),))


@pytest.mark.parametrize(
    ("entries", "asked", "conversation"),
    [
        ([_chat(1_000, 1_000, "c-1")], _asked(2_000, 2_000), "c-1"),
        ([_chat(3_001, 1_000, "c-1")], _asked(2_000, 2_000), None),
        ([Entry(9_000), _chat(1_500, 1_000, "c-1")], _asked(2_000, 2_000), None),
        ([_chat(1_000, 7_000, "c-1")], _asked(2_000, 2_000), "c-1"),
        ([_chat(1_000, 7_001, "c-1")], _asked(2_000, 2_000), None),
        ([_chat(1_000, 1_000, "c-1"), _chat(1_000, 1_000, "c-2")], _asked(2_000, 2_000), "c-2"),
        ([_chat(1_000, 1_000, "c-1"), _chat(1_000, 1_500, "c-2")], _asked(2_000, 2_000, "first"), "c-1"),
        ([_chat(1_000, 1_000, "c-1"), _chat(1_000, 1_500, "c-2")], _asked(2_000, 2_000, "single"), None),
        # Of one minute the activity that was logged first stands, though another one is later.
        ([_chat(1_000, 100, "c-1"), _chat(2_000, 900, "c-1"), _chat(2_000, 500, "c-2")], _asked(2_000, 2_000), "c-2"),
        ([_chat(1_000, 1_000, "c-1")], _asked(DAY + 2_000, 2_000), "c-1"),
        ([_chat(1_000, 1_000, "c-1")], _asked(DAY + 601_000, 2_000), "c-1"),
        ([_chat(1_000, 1_000, "c-1")], _asked(DAY + 601_001, 2_000), None),
        ([_chat(1_000, 1_000, "c-1")], _asked(DAY + 2_001, 2_000, "first"), None),
        ([_chat(1_000, DAY + 1_000, "c-1")], _asked(DAY + 2_000, DAY + 2_000), "c-1"),
        ([_chat(1_000, DAY + 1_001, "c-1")], _asked(DAY + 2_000, DAY + 2_000), None),
    ],
    ids=[
        "plain",
        "too late",
        "behind a later stamp",
        "clocks",
        "after",
        "tie",
        "first",
        "ambiguous",
        "minute",
        "a day late",
        "just in reach",
        "out of reach",
        "late, first",
        "a day early",
        "too early",
    ],
)
def test_what_the_rule_says(entries: list[Entry], asked: Asked, conversation: str | None) -> None:
    for found in (by_the_words([entries], asked), Oracle([entries]).find(asked)):
        assert (found and found.conversation) == conversation


def test_both_forms_agree_on_any_logs() -> None:
    random = Random(3)
    linked = 0
    for _ in range(300):
        logs = [[_entry(random) for _ in range(random.randrange(25))] for _ in range(3)]
        oracle = Oracle(logs)
        for _ in range(5):
            late = random.choice((0, 0, DAY))
            asked = Asked(random.randrange(20_000) + late, random.randrange(200_000), (_way(random), _way(random)))
            found = oracle.find(asked)
            assert found == by_the_words(logs, asked)
            linked += isinstance(found, Found)
    assert linked > 300


def test_both_forms_agree_on_rows_of_any_logs() -> None:
    random = Random(4)
    found = 0
    for _ in range(200):
        logs = [[_version(random, number) for number in range(random.randrange(20))] for _ in range(2)]
        oracle = TableOracle({partition: enumerate(log) for partition, log in enumerate(logs)})
        for horizon in range(0, 100, 9):
            row = row_as_of(logs, "a", horizon)
            assert oracle.find("a", horizon) == row
            found += row is not None
    assert found > 500


def _version(random: Random, number: int) -> Version:
    return Version(random.randrange(100), random.choice("ab"), random.choice((None, f"r{number}", f"s{number}")))


def _entry(random: Random) -> Entry:
    said = tuple(
        Said(
            random.choice(("chat", "calls")),
            random.choice(("user", "device")),
            random.choice("ab"),
            random.randrange(200_000),
            f"c-{random.randrange(4)}",
        )
        for _ in range(random.randrange(3))
    )
    return Entry(random.randrange(20_000), said)


def _way(random: Random) -> Way:
    keys = {name: random.choice("ab") for name in random.sample(("user", "device"), random.randint(1, 2))}
    sources = {each: random.choice((0, 3_000)) for each in random.sample(("chat", "calls"), random.randint(1, 2))}
    return Way(keys, sources, random.choice((20_000, 400_000)), random.choice(("last", "first", "single")))
