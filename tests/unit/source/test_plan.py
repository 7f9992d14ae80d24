"""Plans: what is done with assigned partitions, from what is known of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.gaps import Gap, LogRange
from greenflash_kafka.source.marks import Committed
from greenflash_kafka.source.plan import (
    GroupAtStart,
    Known,
    OnMissing,
    Plan,
    group_at_start,
    plan_assignment,
    plan_gaps,
)

T0, T1, U0 = ("t", 0), ("t", 1), ("u", 0)
IDS = {"t": "id-of-t", "u": "id-of-u"}


def known(committed: Mapping[TopicPartition, Committed], changed: str = "", answered: str = "tu") -> Known:
    """Three partitions of two topics."""
    return Known([T0, T1, U0], committed, IDS, set(answered), set(changed))


@pytest.mark.parametrize("start", ["latest", "earliest", 1_795_000_000_000])
def test_a_new_group_starts_where_the_configuration_says(start: StartAt) -> None:
    assert GroupAtStart(True, {T0, T1}).starts([T0, T1], start) == {start: [T0, T1]}


def test_what_is_new_to_a_group_is_read_from_its_beginning() -> None:
    assert GroupAtStart(True, {T0}).starts([T0, T1], "latest") == {"latest": [T0], "earliest": [T1]}
    assert GroupAtStart(False, {T0}).starts([T0], "latest") == {"earliest": [T0]}


def test_a_topic_that_the_group_has_read_nothing_of_starts_where_its_file_says() -> None:
    def said(topic: str) -> StartAt:
        return "latest" if topic == "t" else 5

    group = group_at_start([T0, U0], [U0])
    assert group.starts([T0], "earliest", said) == {"latest": [T0]}
    assert group.starts([T1], "earliest", said) == {"earliest": [T1]}, "a partition that came later loses nothing"
    assert group.starts([U0], "latest", said) == {"earliest": [U0]}, "the group has read this topic"
    assert group_at_start([T0, U0], []).starts([T0, U0], "earliest", said) == {"latest": [T0], 5: [U0]}
    group.known.difference_update([T0])
    assert group.starts([T0], "latest", said) == {"earliest": [T0]}, "only once: it has been ours before"


def test_a_partition_goes_on_at_its_commit_and_a_start_is_committed_before_the_first_message() -> None:
    committed = {T0: Committed(5, "id-of-t"), U0: Committed(7)}
    facts = known(committed)
    assert (facts.uncommitted(), facts.replaced()) == ([T1], [])
    plan = plan_assignment(facts, {T1: 3}, {}, "halt")
    assert plan == Plan(
        begin={T0: 5, U0: 7, T1: 3}, anchor={T1: 3}, kept=committed, started={T1: 3}, taken_over=committed,
        unidentified=set(),
    )  # fmt: skip


@pytest.mark.parametrize("on_missing", ["halt", "continue"])
@pytest.mark.parametrize("changed", ["", "t"], ids=["by the commit", "by what this member knew"])
def test_a_recreated_topic_is_begun_at_its_beginning_and_halts_or_goes_on(on_missing: OnMissing, changed: str) -> None:
    committed = {T0: Committed(500, "id-of-t" if changed else "older"), U0: Committed(7, "id-of-u")}
    facts = known(committed, changed)
    gone = [T0, T1] if changed else [T0]
    assert facts.replaced() == gone
    assert facts.uncommitted() == ([] if changed else [T1])
    starts = dict.fromkeys(facts.uncommitted(), 3)
    plan = plan_assignment(facts, starts, dict.fromkeys(gone, LogRange(0, 30)), on_missing)
    beginnings = dict.fromkeys(gone, 0)
    said = dict.fromkeys(
        gone,
        "the topic was deleted and created again; nothing of the new one is read, which has offsets 0 to 29",
    )
    assert plan.begin == {U0: 7} | starts | beginnings
    assert plan.kept == {U0: committed[U0]}
    if on_missing == "halt":
        assert plan.anchor == starts, "the old topic's commit stays as it is"
        assert (plan.halt, plan.skip) == (said, {})
    else:
        assert plan.anchor == starts | beginnings
        assert (plan.halt, plan.skip) == ({}, said)


def test_partitions_of_a_topic_without_an_answer_wait_for_its_id() -> None:
    committed = {T0: Committed(5), U0: Committed(7)}
    plan = plan_assignment(known(committed, answered="u"), {T1: 3}, {}, "halt")
    assert plan.unidentified == {T0, T1}
    assert plan.taken_over == {U0: committed[U0]}


def test_a_gap_halts_its_partition_or_is_passed() -> None:
    gaps = {T0: Gap("retention", LogRange(9, 20), keeps=True), T1: Gap("another topic", LogRange(2, 20))}
    said = {T0: "retention", T1: "another topic"}
    assert plan_gaps(gaps, "halt") == Plan(halt=said)
    assert plan_gaps(gaps, "continue") == Plan(drop=(T1,), begin={T1: 2}, anchor={T1: 2}, move={T0: 9}, skip=said)
