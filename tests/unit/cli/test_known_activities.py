"""Activities of topics that are read backwards count from the time on that they have in their portion of the log."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from greenflash_kafka.cli import known_activities
from greenflash_kafka.cli.known_activities import KnownActivities
from greenflash_kafka.model.conversations import Question
from tests.unit.link_study.linked_shop import T0, records, snapshot_of

KEY = ("external_user_id", "u-1")
PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"


def asked(at: int) -> Question:
    return Question((), PRODUCT, (KEY,), at, at, 3_600_000)


def test_an_older_portion_does_not_count_from_the_time_of_the_newer_one(tmp_path: Path) -> None:
    chats = records("chats", [{"c": f"c-{n}", "u": "u-1", "at": T0 + n * 600_000} for n in range(4)])
    chats = [msgspec.structs.replace(each, timestamp_ms=T0 + each.offset * 600_000) for each in chats]
    known = KnownActivities(snapshot_of(tmp_path), {KEY})
    for each in [*chats[2:], *chats[:2]]:
        known.add(each)
    conversations = known.conversations()
    assert [conversations.find(asked(T0 + n * 600_000 + 1)).conversation for n in range(4)] == [
        f"c-{n}" for n in range(4)
    ]
    assert (known.heard, known.count) == ({KEY}, 4)


def test_ids_are_a_sample_and_wanted_ones_are_always_among_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_activities, "MOST_IDS", 5)
    known = KnownActivities(snapshot_of(tmp_path), {KEY})
    for each in records("chats", [{"c": "c", "u": f"u-{n}", "mail": "a@b.c", "at": T0} for n in range(20, 0, -1)]):
        known.add(each)
    assert list(known.of(["support_chat"], KEY[0])) == ["u-20", "u-19", "u-18", "u-17", "u-16", "u-1"]
    assert list(known.of(["support_chat"], "email")) == ["a@b.c"]
