"""Members with other rules are told from what stands beside the group's offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from greenflash_kafka.model.insert_id import fingerprint
from greenflash_kafka.ports import RulesInUse, TopicPartition
from greenflash_kafka.source.marks import Committed
from greenflash_kafka.source.other_rules import LOOK_AGAIN_SECONDS, LOOK_SECONDS, OtherRules, report_other_ids
from tests.simulation.world import Notices


class Group:
    """A watch over a group of four partitions, of which the first is ours; `said` is what the others have committed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.said: dict[int, str] | None = {}
        self.asked: list[list[int]] = []
        self.listener = Notices()
        self.watch = OtherRules(self.ask, self.listener, lambda: self.now)
        self.watch.partitions = [("t", number) for number in range(4)]

    def ask(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Committed] | None:
        self.asked.append([partition for _, partition in partitions])
        if self.said is None:
            return None
        return {("t", number): Committed(5, "id", rules) for number, rules in self.said.items()}

    def turn(self, said: dict[int, str] | None, seconds: float = LOOK_SECONDS, ours: int = 1) -> list[str]:
        """Some turns of the loop after so much time; what was told."""
        self.said, before = said, len(self.listener.seen)
        self.now += seconds
        for _ in range(3):
            self.watch.watch({("t", number) for number in range(ours)}, lambda _: RulesInUse("mine", "", 0))
        return self.listener.names[before:]


def test_other_rules_in_the_group_are_told_when_they_begin_and_when_they_end() -> None:
    group = Group()
    assert group.turn({1: "mine", 2: ""}) == []  # "": a version that says nothing
    assert group.turn({1: "old", 2: "old", 3: "older"}) == ["rules_differ"]
    assert group.listener.seen[-1][1] == {"rules": "mine", "others": {"old": 2, "older": 1}, "partitions": 3}
    assert group.turn({1: "old"}) == []
    assert group.turn({1: "old", 2: "newest"}) == ["rules_differ"]
    assert group.turn({1: "mine", 2: "mine"}) == ["rules_alike"]
    assert group.turn({1: "mine", 2: "mine"}) == []
    assert group.asked == [[1, 2, 3]] * 6


def test_a_member_that_has_all_partitions_asks_nothing_and_knows_that_it_is_alone() -> None:
    group = Group()
    assert group.turn({1: "old"}) == ["rules_differ"]
    assert group.turn({1: "old"}, ours=4) == ["rules_alike"]
    assert len(group.asked) == 1


def test_a_group_that_does_not_answer_is_asked_rarely_and_says_nothing() -> None:
    group = Group()
    assert group.turn({1: "old"}) == ["rules_differ"]
    assert group.turn(None) == []
    assert group.turn({1: "mine"}) == []
    assert group.turn({1: "mine"}, seconds=LOOK_AGAIN_SECONDS) == ["rules_alike"]
    assert len(group.asked) == 3


def test_offsets_that_were_handed_on_under_other_ids_are_named() -> None:
    listener = Notices()
    before, now = fingerprint(["record a"]), fingerprint(["record b"])
    committed = {
        ("t", 0): Committed(5, "id", "old", before, 500),
        ("t", 1): Committed(7, "id", "old", before),
        ("t", 2): Committed(9, "id", "older", before, 10),
        ("u", 0): Committed(9, "id", "old", now, 10),
    }
    report_other_ids(committed, lambda _: RulesInUse("new", now, 0), listener)
    said = {"topic": "t", "offsets": {0: "5-499", 2: "9-9"}, "before": ["old", "older"]}
    assert listener.seen == [("rules_changed_over_uncommitted", said)]
    assert listener.counts["offsets_under_other_ids", ()] == 496
