"""Facts of a deployment make the ids of events whose rule has none of its own."""

from __future__ import annotations

from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.insert_id import of_message
from greenflash_kafka.model.message import Message


def test_cluster_and_topic_id_are_in_the_id_of_a_record() -> None:
    message = Message("t", 3, 42, 5)
    here = EvaluationContext(cluster_id="c", topic_ids={"t": "id"})
    assert of_message("r", message, here, None) == "r/c/id/3/42/5"
    assert of_message("r", message, EvaluationContext(cluster_id="other", topic_ids={"t": "id"}), None) != (
        of_message("r", message, here, None)
    )


def test_a_topic_without_an_id_has_a_dash() -> None:
    assert of_message("r", Message("t", 0, 1, 5), EvaluationContext(), 2) == "r/-/-/0/1/5/2"
