"""One dead letter a message, whatever went wrong with how many of its events; it says which ones Greenflash has."""

from __future__ import annotations

from typing import Any

from greenflash_kafka.dlq.reader import ParsedDeadLetter, read
from tests.brokers.kafka import Record

SECOND_RULE = """\
  - name: noticed
    when: {type: paid}
    event:
      event_type: feature_viewed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: checkout
      insert_id: = payload.id
"""


def _letters(deployment: Any) -> dict[int, ParsedDeadLetter]:
    read_back = [read(each.key, each.value, each.headers) for each in deployment.kafka.read(deployment.dead_letters)]
    found = {kept.dead_letter.message.offset: kept for kept in read_back}
    assert len(found) == len(read_back), "once each"
    return found


def _prepare(deployment: Any) -> str:
    (topic,) = deployment.topics(1)
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text() + SECOND_RULE)
    return str(topic)


def test_an_event_that_cannot_be_made(deployment: Any) -> None:
    topic = _prepare(deployment)
    good, bad = deployment.orders(2)
    bad = bad.replace(b"EUR", b"XXL")
    deployment.kafka.produce(topic, [good, Record(bad, key=b"k", headers=[("trace", b"\x00\xff"), ("trace", None)])])
    deployment.run_until_idle()
    assert set(deployment.stored()) == {"upgrade_purchased:o0", "feature_viewed:o0", "feature_viewed:o1"}
    kept = _letters(deployment)[1]
    message = kept.dead_letter.message
    assert (message.topic, message.key, message.value) == (topic, b"k", bad)
    assert message.headers == (("trace", b"\x00\xff"), ("trace", None))
    assert kept.dead_letter.code == "bad-money"
    assert sorted(kept.dead_letter.events, key=str) == [
        ("noticed", None, "feature_viewed:o1", "accepted"),
        ("paid", None, None, "bad-money"),
    ]
    assert len(kept.origin.topic_id) > 10
    assert deployment.kafka.lag(deployment.group, topic) == 0


def test_an_event_that_greenflash_refuses(deployment: Any) -> None:
    topic = _prepare(deployment)
    fault = {"kind": "status", "status": 422, "insert_id": "upgrade_purchased:o30"}
    deployment.sandbox.set_faults([fault])
    deployment.kafka.produce(topic, deployment.orders(31))
    deployment.run_until_idle()
    kept = _letters(deployment)
    assert set(kept) == {30}
    assert kept[30].dead_letter.code == "status-422"
    assert sorted(kept[30].dead_letter.events, key=str) == [
        ("noticed", None, "feature_viewed:o30", "accepted"),
        ("paid", None, "upgrade_purchased:o30", "status-422"),
    ]
    assert kept[30].accepted == {"feature_viewed:o30"}
    assert len(deployment.stored()) == 61
