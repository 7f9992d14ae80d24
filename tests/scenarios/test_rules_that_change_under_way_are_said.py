"""Another version of the rules in one group, and ids that change over messages that aren't committed, are said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from greenflash_kafka.source.marks import Committed, read


def mark(deployment: Any, topic: str, partition: int = 0) -> Committed:
    """What the group has committed for a partition, and what stands beside it."""
    found = deployment.kafka.marked(deployment.group, topic)
    return read(*found.get(partition, (-1, "")))


def rename(deployment: Any) -> None:
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace("name: paid", "name: paid_orders"))


def stop_half_way(deployment: Any, until: Callable[..., None], insert_id: str | None) -> str:
    """A process that is killed with the first of 200 messages unfinished and the others handed on; the topic."""
    topic: str = deployment.topics(1, insert_id=insert_id)[0]
    deployment.kafka.produce(topic, deployment.orders(200))
    first = "upgrade_purchased:o0" if insert_id else "paid/*/0/0/*"
    deployment.sandbox.set_faults([{"kind": "status", "status": 503, "insert_id": first}])
    process = deployment.run()
    until(lambda: mark(deployment, topic).reach == 200, "the commit to say how far messages were handed on beyond it")
    until(lambda: len(deployment.stored()) == 199, "the other events to be stored")
    process.kill()
    assert mark(deployment, topic).offset == 0
    return topic


def test_a_rule_renamed_over_uncommitted_messages_is_said(deployment: Any, until: Callable[..., None]) -> None:
    topic = stop_half_way(deployment, until, insert_id=None)
    rename(deployment)
    deployment.sandbox.set_faults([])
    process = deployment.run()
    process.until("rules_changed_over_uncommitted")
    (said,) = process.lines("rules_changed_over_uncommitted")
    assert (said["topic"], said["offsets"]) == (topic, {"0": "0-199"})
    until(lambda: deployment.kafka.lag(deployment.group, topic) == 0, "everything to be committed")
    assert len(deployment.stored()) == 399  # what it warns of
    assert process.metrics()["greenflash_kafka_offsets_under_other_ids_total"] == 200
    process.stop()
    assert deployment.run_until_idle()["consumed"] == 0
    assert not deployment.processes[-1].lines("rules_changed_over_uncommitted")


def test_a_rule_with_an_insert_id_of_its_own_may_be_renamed(deployment: Any, until: Callable[..., None]) -> None:
    topic = stop_half_way(deployment, until, insert_id="payload.id")
    rename(deployment)
    deployment.sandbox.set_faults([])
    summary = deployment.run_until_idle()
    assert summary["consumed"] == 200
    assert deployment.processes[-1].lines("rules_changed_over_uncommitted") == []
    assert deployment.kafka.committed(deployment.group, topic) == {0: 200}
    assert len(deployment.stored()) == 200


def test_two_versions_of_the_rules_in_one_group_are_named(deployment: Any, until: Callable[..., None]) -> None:
    (topic,) = deployment.topics(2)
    old = deployment.run()
    until(lambda: old.lines("partitions_assigned", now=2), "the first member to have both partitions")
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace("type: paid", "type: paid_differently"))
    new = deployment.run()
    for each, other in ((old, new), (new, old)):
        each.until("rules_differ")
        (said,) = each.lines("rules_differ")
        (theirs,) = other.lines("ruleset_loaded")
        assert (said["others"], said["partitions"]) == ({theirs["version"]: 1}, 1)
        assert each.health() == (200, [])
        assert each.metrics()["greenflash_kafka_partitions_under_other_rules"] == 1
    doctor = deployment.start("doctor", "--json")
    assert doctor.wait() == 0
    (check,) = [each for each in json.loads(doctor.process.stdout.read()) if each["name"] == "rules of the group"]
    assert check["status"] == "warning"
    assert all(each.lines("ruleset_loaded")[0]["version"] in check["said"] for each in (old, new))

    assert old.stop() == 0
    new.until("rules_alike")
    assert new.metrics()["greenflash_kafka_partitions_under_other_rules"] == 0
    assert {mark(deployment, topic, each).rules for each in (0, 1)} == {new.lines("ruleset_loaded")[0]["version"]}
    doctor = deployment.start("doctor", "--json")
    assert doctor.wait() == 0, doctor.said()
