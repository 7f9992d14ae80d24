"""The dead-letter topic is deleted while running: events go out, commits wait, and nothing is lost once it is back."""

from __future__ import annotations

from typing import Any


def test_a_dead_letter_topic_that_goes_away_holds_the_commits(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(1)
    kafka = deployment.kafka
    kafka.produce(topic, deployment.orders(10))
    process = deployment.run()
    until(lambda: kafka.committed(deployment.group, topic) == {0: 10}, "the first orders to be committed")
    kafka.delete_topic(deployment.dead_letters)
    kafka.produce(topic, [b"not json", *deployment.orders(10, 10)])
    process.until("dead_letters_failing")
    until(lambda: deployment.sandbox.stats()["stored"] == 20, "the orders behind the dead letter")
    assert kafka.committed(deployment.group, topic) == {0: 10}
    assert kafka.partitions(deployment.dead_letters) == []
    kafka.create_topic(deployment.dead_letters)
    process.until("dead_letters_working")
    until(lambda: kafka.lag(deployment.group, topic) == 0, "everything to be committed")
    assert [dead_letter.value for dead_letter in kafka.read(deployment.dead_letters)] == [b"not json"]
    assert process.stop() == 0
