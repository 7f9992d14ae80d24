"""Chats behind an open transaction: it is named, and only topics that link to them wait."""

from __future__ import annotations

from typing import Any

from confluent_kafka import Producer

from tests.scenarios.linked import Linked, moment, now

PLAIN = """\
version: 1
source: {{topics: [{topic}]}}
rules:
  - name: plain
    when: {{type: closed}}
    event:
      event_type: ticket_closed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: 1
      insert_id: = payload.id
"""


def test_a_hanging_transaction_is_named_and_holds_only_what_links(deployment: Any, until: Any) -> None:
    linked = Linked(deployment)
    kafka = deployment.kafka
    plain = kafka.topic(1, "plain")
    (deployment.folder / "plain.yaml").write_text(PLAIN.format(topic=plain))
    linked.environ["GREENFLASH_KAFKA_MAPPINGS"] += f":{deployment.folder}/plain.yaml"
    linked.chat("c-1", "ann")
    producer = Producer(
        {
            "bootstrap.servers": kafka.bootstrap_servers,
            "transactional.id": kafka.name("tx"),
            "transaction.timeout.ms": "600000",
        }
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    told = f'{{"conversation": "c-2", "user": "ann", "at": "{moment(now())}"}}'
    producer.produce(linked.chats, told.encode(), partition=0)
    producer.flush(30)
    linked.order(1, "ann")
    process = linked.run()
    process.until("partitions_assigned")
    kafka.produce(plain, [b'{"type": "closed", "id": "p1"}'])
    until(lambda: "p1" in linked.links(), "the event that doesn't link")
    until(lambda: process.lines("conversations_stalled"), "the transaction to be named")
    said = process.lines("conversations_stalled")[0]
    assert f"{linked.chats}/0 is read up to offset 1 of 2: behind it is an open transaction" in said["text"]
    assert process.health() == (503, ["conversations_stalled"])
    assert "o1" not in linked.links()
    producer.commit_transaction(30)
    until(lambda: "o1" in linked.links(), "the event")
    assert linked.links()["o1"] == "c-2"
    until(lambda: process.health() == (200, []), "the process to be ready")
