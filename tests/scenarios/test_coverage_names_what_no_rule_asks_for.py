"""`coverage` on real history: event names without a rule are named, with exact counts, and new ones once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Kafka, Record

CHATS = """\
version: 1
source: {{topics: [{topic}]}}
conversations:
  - name: chat
    id: = payload.chat
    keys: {{external_user_id: = payload.user}}
"""
RULES = """\
version: 1
source: {{topics: [{topic}]}}
ignored:
  - when: {{type: seen}}
    because: nobody buys by it
rules:
  - name: paid
    when: {{type: paid, cents: {{above: 100}}}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      external_user_id: = payload.user
      value: = money_minor(payload.cents, "EUR")
      insert_id: = payload.id
  - name: left
    when: {{type: left, state: done}}
    event:
      event_type: trial_cancelled
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: negative
      external_user_id: = payload.user
      value: "1"
      insert_id: = payload.id
"""


@pytest.fixture
def command(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """The command line: exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)

    def invoke(*arguments: str) -> tuple[int, str]:
        capfd.readouterr()
        code = run(arguments)
        printed = capfd.readouterr()
        return code, printed.out if code in (0, 1) else printed.err

    return invoke


def _records(chance: Random, count: int, types: list[str]) -> tuple[list[Record], Counter[str]]:
    told: Counter[str] = Counter()
    records = []
    for number in range(count):
        kind, cents = chance.choice(types), chance.randrange(200)
        payload = {"type": kind, "cents": cents, "user": "u", "id": f"i{number}"}
        told[kind] += 1
        told["events"] += kind == "paid" and cents > 100
        stamp = 1_780_000_000_000 + number
        records.append(Record(json.dumps(payload).encode(), partition=chance.randrange(3), timestamp_ms=stamp))
    return records, told


def test_names_without_a_rule_are_counted_exactly(
    kafka: Kafka, tmp_path: Path, command: Callable[..., tuple[int, str]]
) -> None:
    topic, chance = kafka.topic(3), Random(3)
    records, told = _records(chance, 3000, ["paid", "left", "seen", "moved", "moved", "renamed"])
    kafka.produce(topic, records)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "shop.yaml").write_text(RULES.format(topic=topic))

    code, text = command("coverage", "--json", "--fail-on", "unmatched")
    assert code == 1
    (tmp_path / "before.json").write_text(text)
    found = json.loads(text)
    names = found["topics"][topic]["names"]
    assert {name: each["messages"] for name, each in names.items()} == {
        name: count for name, count in told.items() if name != "events"
    }
    assert {name for name, each in names.items() if each["status"] == "none"} == {"moved", "renamed"}
    assert (names["paid"]["events"], names["paid"]["rules"]) == (told["events"], {"paid": told["events"]})
    assert names["seen"]["status"] == "ignored"
    first = next(each for each in records if b'"moved"' in (each.value or b""))
    offset = sum(each.partition == first.partition for each in records[: records.index(first)])
    assert names["moved"]["first"]["coordinates"] == f"{topic}/{first.partition}/{offset}"
    assert [each["rule"] for each in found["rules"] if not each["events"]] == ["left"]
    empty = json.loads(command("coverage", "--json", "--until", "2026-01-01")[1])
    assert (empty["topics"][topic]["by"], empty["messages"]) == ("payload.type", 0)
    assert [each["rule"] for each in empty["rules"] if not each["events"]] == ["paid", "left"]

    more, added = _records(chance, 500, ["paid", "moved", "bought"])
    kafka.produce(topic, more)
    code, text = command("coverage", "--baseline", "before.json", "--fail-on", "new,drift", "--json")
    assert code == 1
    names = json.loads(text)["topics"][topic]["names"]
    assert {name: each["messages"] for name, each in names.items() if each["new"]} == {"bought": added["bought"]}
    assert names["moved"]["messages"] == told["moved"] + added["moved"]
    code, text = command("coverage", "--baseline", "before.json")
    assert code == 0
    assert "3 event names without a rule" in text
    assert f"none of {told['left']:,} messages that it asks for has payload.state" in text

    assert command("record", topic, "--out", "all.ndjson")[0] == 0
    of_recording = json.loads(command("coverage", "--json", "--from", "all.ndjson")[1])
    assert of_recording["topics"][topic]["names"] == {name: {**each, "new": False} for name, each in names.items()}


def test_the_linked_share_stands_beside_that_of_chance(
    kafka: Kafka, tmp_path: Path, command: Callable[..., tuple[int, str]]
) -> None:
    keep = {"retention.ms": "-1"}
    orders, chats = kafka.topic(2, "orders", keep), kafka.topic(2, "chats", keep)
    bought, told, hour = [], [], 3_600_000
    for user in range(40):
        at = 1_795_000_000_000 + user * 60_000
        order = {"type": "paid", "cents": 150, "user": f"u{user}", "id": f"o{user}"}
        bought.append(Record(json.dumps(order).encode(), partition=user % 2, timestamp_ms=at))
        ago = [hour // 2] * (user % 2 == 0) + [24 * hour + hour // 2] * (user % 4 == 0)
        told += [(at - each, f"u{user}") for each in ago]
    told.append((1_795_000_000_000 - 70 * 24 * hour, "somebody"))
    kafka.produce(orders, bought)
    kafka.produce(
        chats,
        [
            Record(json.dumps({"chat": f"c{at}", "user": user}).encode(), partition=at % 2, timestamp_ms=at)
            for at, user in sorted(told)
        ],
    )
    (tmp_path / "mappings").mkdir()
    linking = RULES.format(topic=orders).replace("rules:", "link: {lookback: 24h}\nrules:")
    (tmp_path / "mappings" / "shop.yaml").write_text(linking)
    (tmp_path / "mappings" / "chats.yaml").write_text(CHATS.format(topic=chats))

    code, text = command("coverage", "--json", "--workers", "1")
    assert code == 0
    assert command("coverage", "--json", "--workers", "2") == (0, text), "the same bytes"
    shares = {
        each["lookback"]: (each["rule"], each["events"], each["linked"], each["by_chance"])
        for each in json.loads(text)["links"]
    }
    assert shares == {
        "1h": ("paid", 40, 20, 10),
        "24h": ("paid", 40, 20, 10),
        "7d": ("paid", 40, 20, 0),
        "30d": ("paid", 40, 20, 0),
    }
    assert "u12" not in text
    assert json.loads(command("coverage", "--json", "--no-links")[1])["links"] == []

    assert command("record", orders, chats, "--out", "all.ndjson")[0] == 0
    assert json.loads(command("coverage", "--json", "--from", "all.ndjson")[1])["links"] == json.loads(text)["links"]
