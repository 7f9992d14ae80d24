"""Every error that a broker can answer to a consumer: nothing is skipped, nothing committed twice or too far.

On librdkafka's mock cluster, since a real broker can't be made to give them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.mock import MockKafka
from tests.fakes.cluster import KnownCluster
from tests.simulation.world import Notices

COUNT = 30
FETCH, OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR, JOIN_GROUP, HEARTBEAT = 1, 8, 9, 10, 11, 12


class Member:
    """A member of a group with one partition, and what it was told and given."""

    def __init__(
        self,
        kafka: MockKafka,
        topic: str,
        group: str,
        start: StartAt = "earliest",
        session_ms: int = 10_000,
        *,
        ids: bool = True,
    ) -> None:
        settings = properties.consumer(
            properties.ClientSettings(
                bootstrap_servers=kafka.bootstrap_servers,
                group=group,
                properties={
                    "heartbeat.interval.ms": "200",
                    "retry.backoff.ms": "50",
                    "fetch.error.backoff.ms": "50",
                    "session.timeout.ms": str(session_ms),
                },
            )
        )
        self.notices = Notices()
        self.told: list[str] = []
        self.starts: list[int] = []
        self.offsets: list[int] = []
        self.key = (topic, 0)
        self.group = group
        self.source = KafkaSource(
            settings, Subscription([topic], []), start, "halt", KnownCluster(COUNT, ids=ids), self.notices
        )
        self.source.subscribe(self)

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        self.told.append("assigned")
        self.starts += starts.values()

    def revoking(self, partitions: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        self.told.append("revoking")

    def lost(self, partitions: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        self.told.append("lost")

    def halted(self, partition: TopicPartition, reason: str) -> None:  # noqa: ARG002
        self.told.append("halted")

    def run(self, until: Callable[[], bool], what: str, commit: int | None = None) -> None:
        """Turn until it is so; `commit` is stored and committed every time."""
        deadline = time.monotonic() + 120
        while not until():
            assert time.monotonic() < deadline, f"waited for {what}: {self.told}, {self.notices.seen[-5:]}"
            self.offsets += [each.offset for each in self.source.take(100, 0.05)]
            if commit is not None:
                self.source.store({self.key: commit})
                self.source.commit()

    def has_committed(self, offset: int) -> bool:
        return self.committed() == offset

    def committed(self) -> int:
        return self.source.committed().get(self.key, -1)


def member(kafka: MockKafka, start: StartAt = "earliest", session_ms: int = 10_000) -> Member:
    topic = kafka.topic(1)
    kafka.produce(topic, [b"%d" % number for number in range(COUNT)])
    return Member(kafka, topic, kafka.name("group"), start, session_ms)


PASSING = {
    "UNKNOWN": -1,
    "REQUEST_TIMED_OUT": 7,
    "COORDINATOR_LOAD_IN_PROGRESS": 14,
    "COORDINATOR_NOT_AVAILABLE": 15,
    "NOT_COORDINATOR": 16,
    "REBALANCE_IN_PROGRESS": 27,
    "OFFSET_METADATA_TOO_LARGE": 12,
    "INVALID_COMMIT_OFFSET_SIZE": 28,
    "TOPIC_AUTHORIZATION_FAILED": 29,
    "GROUP_AUTHORIZATION_FAILED": 30,
    "STALE_MEMBER_EPOCH": 113,
}


def test_a_commit_that_is_refused_is_made_again(mock_kafka: MockKafka) -> None:
    # A busy machine may need more than 10 s for a coordinator that is refused twice.
    ours = member(mock_kafka, session_ms=60_000)
    ours.run(lambda: len(ours.offsets) == COUNT, "the messages")
    for offset, (name, code) in enumerate(PASSING.items(), 1):
        mock_kafka.cluster.push_errors(OFFSET_COMMIT, [code] * 2)
        ours.run(partial(ours.has_committed, offset), f"the commit after {name}", commit=offset)
    assert ours.told == ["assigned"]
    assert ours.offsets == list(range(COUNT))


@pytest.mark.parametrize("code", [22, 25], ids=["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"])
def test_a_commit_of_one_who_is_no_member_any_more_is_not_made(mock_kafka: MockKafka, code: int) -> None:
    ours = member(mock_kafka)
    ours.run(lambda: len(ours.offsets) == COUNT, "the messages")
    ours.run(lambda: ours.committed() == 10, "the first commit", commit=10)
    mock_kafka.cluster.push_errors(OFFSET_COMMIT, [code])
    ours.source.store({ours.key: 20})
    ours.source.commit()
    ours.run(lambda: ours.told.count("assigned") == 2, "the partition to come again")
    assert "lost" in ours.told
    assert ours.starts == [0, 10]
    ours.run(lambda: len(ours.offsets) == COUNT + COUNT - 10, "what wasn't committed")
    assert ours.offsets[COUNT:] == list(range(10, COUNT))
    ours.run(lambda: ours.committed() == COUNT, "the last commit", commit=COUNT)


def test_a_member_that_was_fenced_ends(mock_kafka: MockKafka) -> None:
    ours = member(mock_kafka)
    ours.run(lambda: len(ours.offsets) == COUNT, "the messages")
    mock_kafka.cluster.push_errors(HEARTBEAT, [82])
    with pytest.raises(ConfigInvalid, match=r"group\.instance\.id"):
        ours.run(lambda: False, "the end")


@pytest.mark.parametrize(
    ("request_kind", "codes"),
    [
        (OFFSET_FETCH, [14, 16, 15]),
        (FIND_COORDINATOR, [15, 14, 15]),
        (JOIN_GROUP, [14, 15, 16, 27]),
        (FETCH, [6, 5, 3, 74, 7, -1]),
    ],
    ids=["OffsetFetch", "FindCoordinator", "JoinGroup", "Fetch"],
)
def test_an_error_on_the_way_in_changes_no_start(mock_kafka: MockKafka, request_kind: int, codes: list[int]) -> None:
    first = member(mock_kafka)
    first.run(lambda: first.committed() == 10, "a commit", commit=10)
    assert first.source.settle(10)
    first.source.close()
    mock_kafka.cluster.push_errors(request_kind, codes)
    second = Member(mock_kafka, first.key[0], first.group, "latest")
    second.run(lambda: len(second.offsets) >= COUNT - 10, "the rest")
    assert second.starts == [10]
    assert second.offsets == list(range(10, COUNT))


@pytest.mark.parametrize("code", [27, 16, 15], ids=["REBALANCE_IN_PROGRESS", "NOT_COORDINATOR", "NOT_AVAILABLE"])
def test_an_error_to_a_heartbeat_loses_no_message(mock_kafka: MockKafka, code: int) -> None:
    ours = member(mock_kafka)
    ours.run(lambda: len(ours.offsets) == COUNT, "the messages")
    mock_kafka.cluster.push_errors(HEARTBEAT, [code])
    mock_kafka.produce(ours.key[0], [b"%d" % number for number in range(COUNT, 2 * COUNT)])
    ours.run(lambda: ours.committed() == 2 * COUNT, "everything to be committed", commit=2 * COUNT)
    ours.run(lambda: len(set(ours.offsets)) == 2 * COUNT, "all messages")
    assert "lost" not in ours.told


def test_what_a_callback_finds_wrong_with_the_configuration_is_the_configurations_fault(mock_kafka: MockKafka) -> None:
    ours = Member(mock_kafka, mock_kafka.topic(1), mock_kafka.name("group"), ids=False)
    with pytest.raises(ConfigInvalid, match="no id for topic"):
        ours.run(lambda: False, "the end")
