"""`doctor` against a real broker and the sandbox: all is well, and what it says when something isn't."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox
from tests.brokers.kafka import Kafka, Record

KEY = "sk-doctor-canary"
PRODUCT_ID = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
"""One of the sandbox's own."""

CHATS = """\
version: 1
source: {topics: [TOPIC]}
conversations:
  - name: support_chat
    when: {role: user}
    id: = payload.c
    at: = time(payload.at, "ms")
    keys: {external_user_id: = payload.u}
    max_delay: 1m
"""
LINKING = """\
version: 1
source: {topics: [TOPIC]}
link: {lookback: 7d}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: ${PRODUCT}
      external_user_id: = payload.u
      influence: neutral
      value: x
      insert_id: = payload.id
"""

BY_CUSTOMER = """\
version: 1
source: {topics: [TOPIC]}
link: {lookback: 7d}
tables:
  customers: {topic: CRM, key: id, fields: [user_id], max_delay: 1m}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: ${PRODUCT}
      external_user_id: = tables.customers[payload.customer].user_id
      influence: neutral
      value: x
      insert_id: = payload.id
"""

Checks = dict[str, dict[str, str]]
Doctor = Callable[..., tuple[int, Checks]]


@pytest.fixture
def api() -> Iterator[Sandbox]:
    with running_sandbox(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
def doctor(
    kafka: Kafka,
    api: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Doctor:
    """Write a deployment's files in which all is well but for what is asked for, and examine it."""
    there, dead_letters = kafka.topic(3, "orders"), kafka.topic(1, "letters")
    kafka.produce(there, [b"{}"] * 5)
    group = kafka.name("group")

    def examine(
        topic: str = there,
        dead: str = dead_letters,
        product: str = PRODUCT_ID,
        chats: str = "",
        rules: str = LINKING,
        **environ: str,
    ) -> tuple[int, Checks]:
        (tmp_path / "chats.yaml").write_text(chats)
        (tmp_path / "rules.yaml").write_text(
            rules.replace("TOPIC", topic)
            if chats
            else f"version: 1\nsource: {{topics: [{topic}]}}\nrules:\n  - name: r\n    when: {{type: x}}\n    event:\n"
            f'      {{event_type: e, product_id: "${{PRODUCT}}", influence: neutral, value: x}}\n'
        )
        mappings = "[rules.yaml, chats.yaml]" if chats else "rules.yaml"
        (tmp_path / "c.yaml").write_text(
            f"kafka: {{group: {group}}}\nmappings: {mappings}\ndead_letter: {{topic: {dead}}}\n"
        )
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "GREENFLASH_BASE_URL": api.base_url,
            "GREENFLASH_API_KEY": KEY,
            "PRODUCT": product,
            **environ,
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        code = run(["doctor", "--config", str(tmp_path / "c.yaml"), "--json"])
        said = capfd.readouterr()
        assert KEY not in said.out + said.err
        return code, {each["name"]: each for each in json.loads(said.out)}

    return examine


def test_all_is_well(doctor: Doctor) -> None:
    code, checks = doctor()
    assert {name: each["said"] for name, each in checks.items() if each["status"] != "ok"} == {}
    assert code == 0
    assert "no offsets yet" in checks["group"]["said"]
    assert "takes the key; 2 products" in checks["Greenflash"]["said"]
    assert f"product {PRODUCT_ID}" in checks


def test_what_is_of_one_process_is_named(doctor: Doctor) -> None:
    code, checks = doctor(
        GREENFLASH_KAFKA_HTTP__PORT="9471",
        GREENFLASH_KAFKA_DELIVERY__MAX_EVENTS_PER_SECOND="250",
        GREENFLASH_KAFKA_KAFKA__PROPERTIES__GROUP_INSTANCE_ID="host-9471",
    )
    assert code == 0
    assert checks["of one process"]["said"] == (
        "http.port 9471 (another one for each process of a machine); delivery.max_events_per_second 250 "
        "(the key's limit, divided by the number of processes); group.instance.id host-9471 "
        "(another one for each process)"
    )
    _, checks = doctor(GREENFLASH_KAFKA_HTTP__PORT="0")
    assert "http.port" not in checks["of one process"]["said"]


def test_the_groups_lag_is_told(doctor: Doctor, kafka: Kafka) -> None:
    _, checks = doctor()
    topic = next(name.removeprefix("topic ") for name in checks if name.startswith("topic "))
    group = checks["group"]["said"].split()[0]
    kafka.commit(group, topic, dict.fromkeys(kafka.partitions(topic), 0))
    code, checks = doctor()
    assert code == 0
    assert checks["group"]["said"] == f"{group} is empty, no members: no consumer is running, lag 5 messages"


@pytest.mark.parametrize(
    ("changes", "check", "words"),
    [
        ({"topic": "no.such.topic"}, "topic no.such.topic", "does not exist"),
        ({"topic": "/.*letters.*/"}, "mapping files", "/.*letters.*/ matches the dead-letter topic"),
        ({"dead": "no.such.letters"}, "dead-letter topic", "does not exist"),
        (
            {"product": "00000000-0000-4000-8000-000000000000"},
            "product 00000000-0000-4000-8000-000000000000",
            "unknown",
        ),
        ({"GREENFLASH_API_KEY": "another"}, "API key", "refused it (401)"),
        ({"GREENFLASH_BASE_URL": "http://localhost:1/api/v1"}, "Greenflash", "can't be reached"),
        ({"PRODUCT": ""}, "mapping files", "product_id"),
        ({"GREENFLASH_KAFKA_KAFKA__STRAT": "x"}, "configuration", "no key has this"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "localhost:1"}, "broker", "no broker answered"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(doctor: Doctor, changes: dict[str, str], check: str, words: str) -> None:
    code, checks = doctor(**changes)
    assert code == 1
    assert [name for name, each in checks.items() if each["status"] == "failed"] == [check]
    assert words in checks[check]["said"]
    assert checks[check]["todo"]


def test_a_dead_letter_topic_that_takes_no_dead_letter(doctor: Doctor, kafka: Kafka) -> None:
    small = kafka.topic(1, "letters", {"max.message.bytes": "300"})
    code, checks = doctor(dead=small)
    assert code == 1
    assert checks["dead-letter topic"]["status"] == "failed"
    assert f"{small!r} takes 300 bytes at most" in checks["dead-letter topic"]["said"]
    assert "Set max.message.bytes" in checks["dead-letter topic"]["todo"]


def _chats(kafka: Kafka, config: dict[str, str], *users: str, late_ms: int = 0) -> str:
    """A conversation topic with an activity of each user, so many milliseconds before it is logged."""
    topic = kafka.topic(2, "chats", config)
    at = int(time.time() * 1000) - late_ms
    kafka.produce(
        topic, [json.dumps({"c": f"c-{each}", "u": each, "role": "user", "at": at}).encode() for each in users]
    )
    return topic


def _orders(kafka: Kafka, *users: str) -> str:
    topic = kafka.topic(1, "orders")
    kafka.produce(topic, [json.dumps({"type": "paid", "id": f"o-{each}", "u": each}).encode() for each in users])
    return topic


def test_conversations_that_are_kept_and_told_in_time_are_well(doctor: Doctor, kafka: Kafka) -> None:
    users = [f"u-{number}" for number in range(30)]
    chats = _chats(kafka, {"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"}, *users)
    orders = _orders(kafka, *users)
    code, checks = doctor(topic=orders, chats=CHATS.replace("TOPIC", chats))
    assert {name: each["said"] for name, each in checks.items() if each["status"] != "ok"} == {}
    assert code == 0
    assert checks[f"conversation topic {chats}"]["said"].startswith("2 partitions, stamped as they are")
    assert "is read 1m and up to 6 s behind" in checks[f"delay of {orders}"]["said"]
    assert "delay of 30 records" in checks["conversation source support_chat"]["said"]
    assert checks["links of paid"]["said"].endswith("30 had a key, 30 a conversation, 30 a link")
    assert checks["links of paid"]["todo"] == "external_user_id: 30 of 30 ids of outcomes are ids of conversations"


def test_conversations_that_links_cannot_find_are_warned_of(doctor: Doctor, kafka: Kafka) -> None:
    short = {"retention.ms": "86400000", "message.timestamp.type": "LogAppendTime"}
    chats = _chats(kafka, short, *(f"USER-{number}" for number in range(30)), late_ms=600_000)
    orders = _orders(kafka, *(f"user-{number}" for number in range(30)))
    code, checks = doctor(topic=orders, chats=CHATS.replace("TOPIC", chats))
    assert code == 0
    kept = checks[f"conversation topic {chats}"]
    assert "it keeps records for 1 d, and links look back 7 d" in kept["said"]
    assert "set retention.ms=777600000" in kept["todo"]
    assert "max_delay: 15m" in checks["conversation source support_chat"]["todo"]
    links = checks["links of paid"]
    assert links["said"].endswith("30 had a key, 0 a conversation, 0 a link")
    assert "differ by capitals. Tried on these ids, 0 -> 30 of 30 match" in links["todo"]
    assert "chats.yaml:8, in `keys` of support_chat:\n    external_user_id: = lower(payload.u)" in links["todo"]
    assert "user-1" not in links["todo"].lower()
    compacted = kafka.topic(1, "chats", {"cleanup.policy": "compact"})
    _, checks = doctor(topic=orders, chats=CHATS.replace("TOPIC", compacted))
    assert "set min.compaction.lag.ms=777600000" in checks[f"conversation topic {compacted}"]["todo"]
    code, checks = doctor(topic=orders, chats=CHATS.replace("TOPIC", "no.such.chats"))
    assert code == 1
    assert "does not exist" in checks["conversation topic no.such.chats"]["said"]


def test_tables_that_outcomes_look_up_are_compared_with_their_topics(doctor: Doctor, kafka: Kafka) -> None:
    users = [f"u-{number}" for number in range(30)]
    chats = _chats(kafka, {"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"}, *users)
    crm, orders = kafka.topic(1, "crm", {"cleanup.policy": "compact"}), kafka.topic(1, "orders")
    now = int(time.time() * 1000)

    def customers(which: range, at: int) -> list[Record]:
        rows = {f"cus_{n}": {"id": f"cus_{n}", "user_id": f"u-{n}"} for n in which}
        return [Record(json.dumps(row).encode(), key=key.encode(), timestamp_ms=at) for key, row in rows.items()]

    kafka.produce(crm, [*customers(range(20), now - 600_000), *customers(range(20, 25), now - 1000)])
    told = [{"type": "paid", "id": f"o-{number}", "customer": f"cus_{number}"} for number in range(30)]
    late = [Record(json.dumps(each).encode(), timestamp_ms=now - 240_000) for each in told[20:]]
    kafka.produce(orders, [*late, *(Record(json.dumps(each).encode(), timestamp_ms=now + 1000) for each in told[:20])])
    rules = BY_CUSTOMER.replace("CRM", crm)
    code, checks = doctor(topic=orders, chats=CHATS.replace("TOPIC", chats), rules=rules)
    assert code == 0
    assert "compacted: the last row of each key stays" in checks[f"table topic {crm}"]["said"]
    assert checks[f"rows in {crm}"]["said"].startswith("the 25 latest records give rows: 25 of customers")
    table = checks["table customers"]
    assert "of 30 look-ups of the latest outcomes 20 found a row, 5 have one only by now, 5 have none" in table["said"]
    assert table["todo"] == "rows come later than max_delay: max_delay: 5m"
    assert checks["links of paid"]["said"].endswith("20 had a key, 20 a conversation, 20 a link")
    code, checks = doctor(
        topic=orders, chats=CHATS.replace("TOPIC", chats), rules=BY_CUSTOMER.replace("CRM", "no.such")
    )
    assert code == 1
    assert "does not exist" in checks["table topic no.such"]["said"]
    assert "tables can't be read" in checks["rows of tables"]["said"]
