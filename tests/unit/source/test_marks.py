"""The metadata that goes with a commit, and its use by the next owner."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest
from confluent_kafka import KafkaError

from greenflash_kafka.model.insert_id import fingerprint
from greenflash_kafka.ports import RulesInUse
from greenflash_kafka.source.marks import Committed, read, under_other_ids, written
from greenflash_kafka.source.partitions import Partitions
from tests.simulation.world import Notices

P = ("t", 0)
BEFORE, NOW = fingerprint(["record old_name", "key paid payload.id"]), fingerprint(["record new_name", "key paid x"])


@pytest.mark.parametrize(
    "said",
    [
        Committed(5),
        Committed(5, "tOpIc-Id_0123456789abc"),
        Committed(5, "tOpIc-Id_0123456789abc", "0123456789ab", BEFORE),
        Committed(5, "tOpIc-Id_0123456789abc", "0123456789ab", BEFORE, 17),
        Committed(5, None, "0123456789ab", "", 17),
    ],
)
def test_what_is_written_is_read_again(said: Committed) -> None:
    assert read(5, written(said)) == said
    assert len(written(said)) < 400


def test_a_version_before_this_one_wrote_the_topics_id_alone() -> None:
    assert read(5, "tOpIc-Id_0123456789abc") == Committed(5, "tOpIc-Id_0123456789abc")
    assert read(5, None) == read(5, "") == Committed(5)


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert read(5, "v=2;topic=a;rules=b;new=c;ids=;to=many;odd") == Committed(5, "a", "b")


def test_many_rules_make_no_metadata_that_a_broker_refuses() -> None:
    many = fingerprint(f"record rule_{number}" for number in range(10_000))
    assert len(written(Committed(5, "t" * 22, "0" * 12, many, 10**12))) < 400


@pytest.mark.parametrize(
    ("before", "now", "other"),
    [
        (["record a"], ["record a"], False),
        (["record a"], ["record b"], True),  # renamed
        (["record a"], ["record a", "record b"], False),  # a new rule makes no other id of an old event
        (["record a", "record b"], ["record a"], False),  # nor does one that is gone
        (["key e payload.id"], ["key e payload.key"], True),
        ([f"record {number}" for number in range(100)], [f"record {number}" for number in range(1, 101)], True),
    ],
)
def test_only_rules_that_give_other_ids_can_store_twice(before: list[str], now: list[str], other: bool) -> None:
    was = Committed(5, "t", "old", fingerprint(before), 9)
    assert under_other_ids(was, RulesInUse("new", fingerprint(now), 5)) is other


def test_where_nothing_was_handed_on_beyond_the_commit_nothing_can_be_stored_twice() -> None:
    assert not under_other_ids(Committed(5, "t", "old", BEFORE), RulesInUse("new", NOW, 5))
    assert not under_other_ids(Committed(5, "t"), RulesInUse("new", NOW, 5))


class Member:
    """The books of a member that has one partition, over a client that answers every commit at once."""

    def __init__(self, committed: Committed) -> None:
        self.client: Any = MagicMock()
        self.client.commit.side_effect = self._commit
        self.partitions = Partitions(self.client, {"t": "id-of-t"}, Notices(), lambda: 0.0)
        self.commits = self.partitions.commits
        self.partitions.rebalance = MagicMock()
        self.rules = RulesInUse("new", NOW, committed.offset)
        self.commits.marks.rules = lambda _: self.rules
        self.commits.begin([P], {P: committed})
        self.partitions.begin({P: committed.offset}, {})
        self.by_name: list[Committed] = []
        self.refuse: Any = None

    def _commit(self, offsets: Any = None, asynchronous: bool = False) -> None:
        assert asynchronous
        self.by_name += [read(each.offset, each.metadata) for each in offsets or ()]
        self.partitions.commit_answered(self.refuse, offsets or [])

    def hand_on(self, to: int) -> None:
        self.rules = RulesInUse(self.rules.version, self.rules.ids, to)


def test_a_partition_is_marked_with_its_owners_rules_though_nothing_is_new() -> None:
    member = Member(Committed(5, "id-of-t", "old", BEFORE))
    member.commits.commit()
    member.commits.commit()
    assert member.by_name == [Committed(5, "id-of-t", "new", NOW)]
    member.rules = RulesInUse("newer", NOW, 5)
    member.commits.commit()
    assert [each.rules for each in member.by_name] == ["new", "newer"]


def test_an_offset_that_stands_still_says_how_far_messages_were_handed_on_beyond_it() -> None:
    member = Member(Committed(5, "id-of-t", "new", NOW))
    for to in (5, 6, 500, 500):
        member.hand_on(to)
        member.commits.commit()
    assert [each.reach for each in member.by_name] == [6, 500]
    assert {each.offset for each in member.by_name} == {5}


def test_what_the_one_before_handed_on_is_still_said_by_the_next() -> None:
    member = Member(Committed(5, "id-of-t", "old", BEFORE, 500))
    member.commits.commit()
    assert member.by_name == [Committed(5, "id-of-t", "new", NOW, 500)]


def test_a_mark_that_was_refused_is_made_again() -> None:
    member = Member(Committed(5, "id-of-t", "old", BEFORE))
    member.refuse = KafkaError(KafkaError.REBALANCE_IN_PROGRESS)
    member.commits.commit()
    member.refuse = None
    member.commits.commit()
    member.commits.commit()
    assert [each.rules for each in member.by_name] == ["new", "new"]


def test_of_a_halted_partition_nothing_is_said_anew() -> None:
    member = Member(Committed(5, "id-of-another", "old", BEFORE))
    member.partitions.halt(P, "its topic was created again")
    member.commits.commit()
    assert member.by_name == []
