"""Rules for another topic don't flood: `initial_offset` says where a group begins that has not read it; once only."""

from __future__ import annotations

from typing import Any


def test_a_topic_that_is_new_to_a_group_begins_where_its_file_says(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    kafka = deployment.kafka
    kafka.produce(topic, deployment.orders(10))
    deployment.run_until_idle()
    assert len(deployment.stored()) == 10

    added = kafka.topic(2, "added")
    kafka.produce(added, deployment.orders(20, 100))
    rules = deployment.folder / "orders.yaml"
    text = rules.read_text()
    rules.write_text(text.replace(f"topics: [{topic}]", f"topics: [{topic}, {added}], initial_offset: latest"))
    kafka.produce(topic, deployment.orders(5, 10))
    deployment.run_until_idle()
    assert len(deployment.stored()) == 15, "history of the added topic is passed over; of the other nothing is"
    assert sum(kafka.committed(deployment.group, added).values()) == 20, "its begin is committed at once"

    kafka.produce(added, deployment.orders(7, 200))
    deployment.run_until_idle()
    assert len(deployment.stored()) == 22, "what came while nobody read is read: the file said it once"
