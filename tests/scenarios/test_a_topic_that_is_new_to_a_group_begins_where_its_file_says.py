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


def test_a_start_of_the_command_line_goes_before_the_file_in_a_group_without_offsets(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(4))
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace(f"topics: [{topic}]", f"topics: [{topic}], initial_offset: latest"))

    def dry(*arguments: str) -> Any:
        process = deployment.run("--dry-run", "--until-idle", "1", "--json", *arguments)
        assert process.wait() == 0, process.said()
        return process

    assert dry().summary()["accepted"] == 0, "the file goes before kafka.start of the deployment"
    asked = dry("--from", "earliest")
    assert asked.summary()["accepted"] == 4
    (said,) = asked.lines("initial_offset_overridden")
    line = next(number for number, each in enumerate(rules.read_text().splitlines(), 1) if "initial_offset" in each)
    assert said["file"].endswith(f"orders.yaml:{line}")

    process = deployment.run("--from", "earliest", "--until-idle", "1")
    assert process.wait() == 0
    assert len(deployment.stored()) == 4

    added = deployment.kafka.topic(1, "added")
    deployment.kafka.produce(added, deployment.orders(3, 100))
    rules.write_text(rules.read_text().replace(f"topics: [{topic}]", f"topics: [{topic}, {added}]"))
    process = deployment.run("--from", "earliest", "--until-idle", "1")
    assert process.wait() == 0
    assert len(deployment.stored()) == 4, "a group that has offsets begins new topics where their file says"
