"""`diff` on real history says to the cent and to the id what a change of the rules does, and the same each time."""

from __future__ import annotations

import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from confluent_kafka import Producer

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Kafka, Record

RULES = """\
version: 1
source: {{topics: [{topic}, {other}]}}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  external_user_id: = payload.user
rules:
  - name: paid
    when: {{type: paid, cents: {{above: {above}}}}}
    event:
      event_type: upgrade_purchased
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      properties: {{currency: = payload.currency}}
      insert_id: = {id}
  - name: left
    when: {{type: left}}
    event:
      event_type: trial_cancelled
      influence: negative
      value: "1"
      insert_id: = payload.id
"""


def _payloads(chance: Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "type": chance.choice(["paid", "paid", "left", "seen"]),
            "id": f"f{chance.randrange(count)}",
            "other": f"o{number}",
            "cents": chance.randrange(1, 5000),
            "currency": chance.choice(["EUR", "USD", "JPY"]),
            "user": f"u{chance.randrange(50)}",
        }
        for number in range(count)
    ]


def _expected(messages: list[tuple[int, str, int, int, dict[str, Any]]]) -> dict[str, Any]:
    """Counted without anything of the program: rules as Python, money by hand. `messages` are in the order in which
    the first of an id is stored."""
    sent: dict[str, list[Decimal]] = {each: [Decimal(0), Decimal(0)] for each in ("EUR", "USD", "JPY")}
    stored: dict[str, list[Decimal]] = {each: [Decimal(0), Decimal(0)] for each in ("EUR", "USD", "JPY")}
    counts: dict[str, int] = defaultdict(int)
    seen: list[set[str]] = [set(), set()]
    for *_, each in messages:
        if each["type"] == "left":
            for ids in seen:
                ids.add("left " + each["id"])
            continue
        matches = each["type"] == "paid" and each["cents"] > 100, each["type"] == "paid" and each["cents"] > 200
        amount = Decimal(each["cents"]) / (1 if each["currency"] == "JPY" else 100)
        for side, (matched, key) in enumerate(zip(matches, (each["id"], each["other"]), strict=True)):
            if matched:
                counts["old" if side == 0 else "new"] += 1
                sent[each["currency"]][side] += amount
                if "paid " + key not in seen[side]:
                    seen[side].add("paid " + key)
                    stored[each["currency"]][side] += amount
        counts["gone"] += matches[0] and not matches[1]
        counts["changed"] += matches[0] and matches[1]
    return {"sent": sent, "stored": stored, "counts": counts, "ids": [len(each) for each in seen]}


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


def _git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True, capture_output=True)


def test_a_diff_over_history_is_exact(kafka: Kafka, tmp_path: Path, command: Callable[..., tuple[int, str]]) -> None:
    topic, other = kafka.topic(4), kafka.topic(1)
    chance = Random(7)
    # Young enough that retention leaves them alone.
    began = int(time.time() * 1000) - 3_600_000
    written: list[tuple[int, str, int, int, dict[str, Any]]] = []
    for name, count, partitions in ((topic, 6000, 4), (other, 1000, 1)):
        records = []
        next_offset: dict[int, int] = defaultdict(int)
        for payload in _payloads(chance, count):
            partition, stamp = chance.randrange(partitions), began + chance.randrange(500)
            records.append(Record(json.dumps(payload).encode(), partition=partition, timestamp_ms=stamp))
            written.append((stamp, name, partition, next_offset[partition], payload))
            next_offset[partition] += 1
        kafka.produce(name, records)
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": topic})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(topic, json.dumps({**written[0][4], "type": "paid", "cents": 4000}).encode(), partition=0)
    producer.flush()
    producer.abort_transaction()

    rules = tmp_path / "mappings"
    rules.mkdir()
    (rules / "shop.yaml").write_text(RULES.format(topic=topic, other=other, above=100, id="payload.id"))
    _git("init", "-q")
    _git("add", ".")
    _git("commit", "-qm", "before")
    (rules / "shop.yaml").write_text(RULES.format(topic=topic, other=other, above=200, id="payload.other"))

    code, first = command("diff", "--json")
    assert code == 0, first
    found = json.loads(first)
    expected = _expected(sorted(written, key=lambda each: each[:4]))
    paid = found["event_types"]["upgrade_purchased"]
    counts = expected["counts"]
    assert (found["messages"], paid["old"], paid["new"]) == (7000, counts["old"], counts["new"])
    assert (paid["gone"], paid["changed"], paid["unchanged"]) == (counts["gone"], counts["changed"], 0)
    assert found["ids"]["changed"] == counts["changed"]
    assert list(found["ids"]["rules"]) == ["paid"]
    for kind, name in (("sent", "money"), ("stored", "money_stored")):
        sums = {currency: [Decimal(each["old"]), Decimal(each["new"])] for currency, each in paid[name].items()}
        assert sums == expected[kind], kind
    assert [found["stored"]["old"], found["stored"]["new"]] == expected["ids"]
    left = found["event_types"]["trial_cancelled"]
    assert left["unchanged"] == left["old"] == left["new"] == sum(each[4]["type"] == "left" for each in written)
    assert "u1" not in first, "no value of a message, unless asked for"

    assert command("diff", "--json") == (0, first), "two runs give the same bytes"
    assert command("diff", "--json", "--workers", "2") == (0, first), "and so do several processes"
    assert command("record", topic, other, "--out", "all.ndjson")[0] == 0
    of_recording = json.loads(command("diff", "--json", "--from", "all.ndjson")[1])
    assert of_recording["event_types"] == found["event_types"]
    code, text = command("diff", "HEAD", "--fail-on", "ids")
    assert code == 1
    assert f"{counts['changed']:,} events get another insert_id" in text
    assert command("diff", "HEAD", "HEAD")[1].splitlines()[-1] == "Nothing changes for these messages."


def test_what_is_compared_must_be_there(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "x.yaml").write_text(RULES.format(topic="a", other="b", above=1, id="payload.id"))
    code, said = command("diff", "no-such-thing")
    assert code == 2
    assert "'no-such-thing' is no file or folder" in said
