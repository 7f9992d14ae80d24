"""Look, mend, replay: what failed is sent under its first ids, once, and what fails again stays."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from unittest import mock

from greenflash_kafka.cli.main import run
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin, encode
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter
from tests.brokers.kafka import Record
from tests.scenarios.linked import Linked, now

SECOND_RULE = """\
  - name: noticed
    when: {type: paid}
    event:
      event_type: feature_viewed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: checkout
"""


def _dlq(deployment: Any, *arguments: str, code: int = 0, environ: Mapping[str, str] = MappingProxyType({})) -> str:
    """The verb in this very process: a new one for each of its many calls would take most of the test's time."""
    out = io.StringIO()
    with mock.patch.dict(os.environ, {**deployment.environ(), **environ}), contextlib.redirect_stdout(out):
        assert run(["dlq", *arguments]) == code, out.getvalue()
    return out.getvalue()


def _replayed(deployment: Any, *arguments: str, **environ: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_dlq(deployment, "replay", "--json", *arguments, environ=environ))
    return found


def _break(deployment: Any) -> str:
    """Rules without ids of their own, one of which takes euros for something else; 20 messages, 2 of them hopeless."""
    (topic,) = deployment.topics(1, insert_id=None)
    rules = deployment.folder / "orders.yaml"
    good = rules.read_text() + SECOND_RULE
    rules.write_text(good.replace("payload.currency)", "payload.curency)", 1))
    orders = deployment.orders(20)
    orders[3] = orders[3].replace(b"EUR", b"XXL")
    orders[7] = orders[7].replace(b"EUR", b"XXL")
    deployment.kafka.produce(topic, orders)
    deployment.run_until_idle()
    assert len(deployment.stored()) == 20, "the second rule's events"
    rules.write_text(good)
    return str(topic)


def test_list_show_and_replay(deployment: Any) -> None:
    topic = _break(deployment)
    listed = json.loads(_dlq(deployment, "list", "--json"))
    (group,) = listed["groups"]
    assert (group["rule"], group["topic"], group["messages"], group["records"]) == ("paid", topic, 20, 20)
    assert json.loads(_dlq(deployment, "list", "--json", "--rule", "noticed"))["groups"] == []

    shown = _dlq(deployment, "show", group["example"])
    assert "it would pass: 1 event to send" in shown
    assert "curency" not in shown.split("value  ")[1]
    assert '"user":"text"' in shown, "values are masked"
    assert f"message      {topic}/0/3," in _dlq(deployment, "show", f"{topic}/0/3")
    assert "XXL" in _dlq(deployment, "show", f"{topic}/0/3", "--values")
    _dlq(deployment, "show", f"{topic}/0/999", code=1)

    dry = _replayed(deployment)
    assert (dry["dead_letters"], dry["passed"], dry["events"]) == (20, 18, 18)
    (staying,) = dry["staying"]
    assert (staying["code"], staying["rule"], staying["count"]) == ("bad-money", "paid", 2)
    assert len(deployment.stored()) == 20, "a dry run sends nothing"

    sent = _replayed(deployment, "--send")
    assert (sent["passed"], sent["events"], sent["staying"][0]["count"]) == (18, 18, 2)
    stored = deployment.stored()
    assert len(stored) == 38
    identities = {each.removeprefix("noticed/") for each in stored if each.startswith("noticed/")}
    paid = {each.removeprefix("paid/") for each in stored if each.startswith("paid/")}
    assert paid < identities, "the ids are those of the original record"

    before = deployment.sandbox.stats()
    again = _replayed(deployment, "--send")
    assert (again["dead_letters"], again["passed"], again["earlier"]) == (2, 0, 18), "all that passed"
    assert deployment.sandbox.stats() == before, "nothing was sent a second time"
    assert len(deployment.kafka.read(deployment.dead_letters)) == 20, "nothing is written, nothing is gone"
    assert deployment.kafka.ends(topic) == {0: 20}
    (group,) = json.loads(_dlq(deployment, "list", "--json"))["groups"]
    assert (group["messages"], group["replayed"]) == (20, 18)

    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace("money_minor(payload.cents, payload.currency)", "text(payload.cents)"))
    assert _replayed(deployment, "--send")["passed"] == 2
    assert len(deployment.stored()) == 40
    assert _replayed(deployment, "--send", "--again")["events"] == 20
    assert len(deployment.stored()) == 40, "the same ids"


def test_what_greenflash_refuses_again_stays(deployment: Any) -> None:
    _break(deployment)
    victim = next(each for each in deployment.stored() if each.startswith("noticed/")).replace("noticed", "paid", 1)
    deployment.sandbox.set_faults([{"kind": "status", "status": 422, "insert_id": victim}])
    first = _replayed(deployment, "--send")
    assert first["passed"] == 17
    assert {each["code"] for each in first["staying"]} == {"bad-money", "status-422"}
    deployment.sandbox.set_faults([])
    second = _replayed(deployment, "--send")
    assert (second["dead_letters"], second["passed"]) == (3, 1)
    assert len(deployment.stored()) == 38


def test_a_renamed_rule_is_not_sent_a_second_time_under_another_id(deployment: Any) -> None:
    _break(deployment)
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace("name: noticed", "name: seen"))
    report = _replayed(deployment, "--send")
    assert report["events"] == 0
    assert {each["code"] for each in report["staying"]} == {"other-ids", "bad-money"}
    assert len(deployment.stored()) == 20


def test_strangers_tombstones_twins_and_references(deployment: Any) -> None:
    (topic,) = deployment.topics(1, insert_id=None)
    value = deployment.orders(1)[0]
    deployment.kafka.produce(topic, [Record(value, timestamp_ms=1_795_000_000_000)] * 2)
    origin = DeadLetterOrigin("cluster", "topic-id", "1")

    def record(offset: int, content: bytes | None, form: Any = "whole") -> Record:
        message = Message(topic, 0, offset, 1_795_000_000_000, None, content)
        dead_letter = DeadLetter(message, "bad-money", "said", 0, (("paid", None, None, "bad-money"),))
        written = encode(dead_letter, origin, form)
        return Record(written.value, written.key, written.headers)

    deployment.kafka.produce(
        deployment.dead_letters,
        [
            b"a stranger's",
            None,
            Record(value, headers=[("greenflash.record", b"99")]),
            Record(value, headers=[("greenflash.record", b"1"), ("greenflash.topic", b"\xff")]),
            record(0, value),
            record(0, value),
            record(5, None),
            record(1, value, "without-value"),
            record(1, value + b" ", "bare"),
        ],
    )
    listed = json.loads(_dlq(deployment, "list", "--json"))
    assert (listed["foreign"], listed["unreadable"]) == (2, 2)
    assert (listed["groups"][0]["records"], listed["groups"][0]["messages"]) == (5, 3)
    report = _replayed(deployment, "--send")
    assert (report["foreign"], report["again"], report["passed"], report["events"]) == (2, 2, 2, 2)
    assert {each["code"]: each["count"] for each in report["staying"]} == {"unreadable": 2, "filtered": 1}
    assert set(deployment.stored()) == {f"paid/cluster/topic-id/0/{each}/1795000000000" for each in (0, 1)}


def test_a_replayed_event_has_the_link_of_its_first_time_as_long_as_the_topic_has_it(deployment: Any) -> None:
    linked = Linked(deployment, partitions=1, max_delay="1m")
    rules, hour_ago = deployment.folder / "orders.yaml", now() - 3_600_000
    mended = rules.read_text()
    rules.write_text(mended.replace("payload.currency)", "payload.curency)"))
    linked.chat("c-1", "ann", hour_ago - 60_000)
    linked.order(1, "ann", hour_ago)
    linked.order(2, "eve", hour_ago)
    linked.chat("c-2", "ann", hour_ago - 1000, told=hour_ago + 61_000)
    linked.run_until_idle()
    rules.write_text(mended)
    assert linked.links() == {}
    assert _replayed(deployment, "--send", **linked.environ)["passed"] == 2
    assert linked.links() == {"o1": "c-1", "o2": None}
    # Retention takes the chats: of letters that are tried again nobody knows what they would find.
    linked.kafka.delete_records(linked.chats, {0: 2})
    linked.chat("c-3", "ann")
    deployment.sandbox.reset()
    gone = _replayed(deployment, "--send", "--again", **linked.environ)
    assert {each["code"]: each["count"] for each in gone["staying"]} == {"link-history": 2}
    assert _replayed(deployment, "--send", "--unlinked", **linked.environ)["passed"] == 2
    assert linked.links() == {"o1": None, "o2": None}
