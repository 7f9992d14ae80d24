"""Questions about where partitions begin and end."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Timer

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import ListOffsetsResultInfo

from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.source.ends import Asked, EndsAsked, PartitionEnds

P, Q = ("orders", 0), ("orders", 1)
Answer = Future[ListOffsetsResultInfo]


def at(offset: int) -> Answer:
    answer: Answer = Future()
    answer.set_result(ListOffsetsResultInfo(offset, -1, 0))
    return answer


def refused() -> Answer:
    answer: Answer = Future()
    answer.set_exception(KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)))
    return answer


def asked(stable: Asked, partitions: tuple[tuple[str, int], ...] = (P, Q)) -> EndsAsked:
    return EndsAsked({each: at(10) for each in partitions}, {each: at(100) for each in partitions}, stable)


@pytest.mark.parametrize(("reading_at", "lag"), [(10, 90), (100, 0), (5, 95), (101, 90)])
def test_past_the_end_everything_there_is_has_to_be_read(reading_at: int, lag: int) -> None:
    assert PartitionEnds(begin=10, stable=100, end=100).lag(reading_at) == lag


def test_what_lies_behind_the_last_stable_offset_is_an_open_transaction() -> None:
    assert PartitionEnds(begin=0, stable=7, end=7).transaction is None
    transaction = PartitionEnds(begin=0, stable=7, end=12).transaction
    assert transaction is not None
    assert (transaction.stable, transaction.behind) == (7, 5)


def test_everything_answered_is_known() -> None:
    ends = asked({P: at(90), Q: at(100)})
    assert ends.done()
    assert ends.require(0) == {P: PartitionEnds(10, 90, 100), Q: PartitionEnds(10, 100, 100)}


def test_a_partition_of_which_a_question_failed_is_left_out_and_the_others_are_known() -> None:
    ends = asked({P: refused(), Q: at(100)})
    assert ends.done(), "a refusal is an answer"
    assert ends.known() == {Q: PartitionEnds(10, 100, 100)}
    with pytest.raises(BrokerUnreachable, match=r"offsets of orders/0 can't be had: .*[Aa]uthori"):
        ends.require(0)


def test_what_is_not_answered_yet_is_not_known_and_waited_for_no_longer_than_asked() -> None:
    late: Answer = Future()
    ends = asked({P: at(90), Q: late})
    assert not ends.done()
    assert set(ends.known()) == {P}
    with pytest.raises(BrokerUnreachable, match="offsets of orders/1 can't be had in time"):
        ends.require(0.01)
    late.set_result(ListOffsetsResultInfo(95, -1, 0))
    assert ends.require(0)[Q].stable == 95


def test_an_answer_that_comes_in_time_is_waited_for() -> None:
    late: Answer = Future()
    timer = Timer(0.1, late.set_result, [ListOffsetsResultInfo(95, -1, 0)])
    timer.start()
    assert asked({P: at(90), Q: late}).require(120)[Q].stable == 95
    timer.join()
