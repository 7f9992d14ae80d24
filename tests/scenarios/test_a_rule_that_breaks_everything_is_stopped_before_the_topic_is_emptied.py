"""A wrong rule, product or address makes a dead letter of everything: the process ends instead, and names it."""

from __future__ import annotations

from typing import Any

LIMIT = {"GREENFLASH_KAFKA_DEAD_LETTER__MAX_CONSECUTIVE": "40"}


def _ends(deployment: Any, process: Any) -> None:
    assert process.wait() == 1, process.said()[-4000:]
    said = process.said()
    assert "too many dead letters" in said
    assert f"example {deployment.topic}/0/" in said
    assert "max_consecutive" in said


def test_everything_is_refused_after_the_first_acceptances(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(1)
    process = deployment.run("--json", **LIMIT)
    deployment.kafka.produce(topic, deployment.orders(100))
    until(lambda: len(deployment.stored()) == 100, "the first to be stored")
    deployment.sandbox.set_faults([{"kind": "status", "status": 404}])
    deployment.kafka.produce(topic, deployment.orders(400, first=100))
    _ends(deployment, process)
    assert "rule paid: status-404 (41)" in process.said()
    assert len(deployment.kafka.read(deployment.dead_letters)) == 40
    assert deployment.kafka.committed(deployment.group, topic)[0] <= 140
    deployment.sandbox.set_faults([])
    deployment.run_until_idle()
    assert len(deployment.stored()) + 40 >= 500
    kept = {each.value for each in deployment.kafka.read(deployment.dead_letters)}
    wanted = {f'"o{number}"'.encode() for number in range(500)}
    stored = {f'"{each.split(":")[1]}"'.encode() for each in deployment.stored()}
    assert all(each in stored or any(each in value for value in kept) for each in wanted), "nothing is lost"


def test_a_rule_that_no_message_fits(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    orders = [each.replace(b"EUR", b"XXL") for each in deployment.orders(200)]
    deployment.kafka.produce(topic, orders)
    _ends(deployment, deployment.run("--until-idle", "1", **LIMIT))
    assert len(deployment.kafka.read(deployment.dead_letters)) == 40
    # Begun anew, the count is too: so many more, and no more.
    _ends(deployment, deployment.run("--until-idle", "1", **LIMIT))
    assert len(deployment.kafka.read(deployment.dead_letters)) == 80
    deployment.run_until_idle(GREENFLASH_KAFKA_DEAD_LETTER__MAX_CONSECUTIVE="none")
    assert deployment.kafka.lag(deployment.group, topic) == 0
    assert {each.value for each in deployment.kafka.read(deployment.dead_letters)} == set(orders)
