"""An error as one thing that `doctor` says."""

from __future__ import annotations

from greenflash_kafka.cli.check import failed
from greenflash_kafka.errors import BrokerUnreachable, TopicMissing


def test_the_first_sentence_is_what_is_and_the_rest_is_what_to_do() -> None:
    check = failed("topic a", TopicMissing("the topic 'a' doesn't exist. Create it: kafka-topics.sh. Or correct it"))
    assert (check.name, check.status) == ("topic a", "failed")
    assert check.said == "the topic 'a' doesn't exist"
    assert check.todo == "Create it: kafka-topics.sh. Or correct it"


def test_an_address_is_not_taken_for_the_end_of_a_sentence() -> None:
    check = failed("broker", BrokerUnreachable("no answer from broker.example:9092"))
    assert (check.said, check.todo) == ("no answer from broker.example:9092", "")
