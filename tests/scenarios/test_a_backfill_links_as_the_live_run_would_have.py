"""A backfill decides links, and rows of tables, from the logs alone: half of history by the live run and the rest by a
backfill, which is killed on the way, give the events that one live run over all of it gives, byte for byte, and every
event is stored once."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
from typing import Any
from unittest import mock

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.conversations import DAY_MS
from greenflash_kafka.sandbox.in_thread import running_sandbox
from tests.brokers.kafka import Record
from tests.scenarios.conftest import CLASSIC_QUICKLY, KEY
from tests.scenarios.linked import Linked, moment, now

ORDERS = 300
HOUR = 3_600_000


TABLE = """\
tables:
  customers: {{topic: {topic}, key: user, fields: [tier], max_delay: 1s}}
rules:"""


def _with_table(linked: Linked) -> str:
    """Give the orders' rule a property from another topic, which this names."""
    topic = str(linked.kafka.topic(1, "customers"))
    rules = linked.deployment.folder / "orders.yaml"
    text = rules.read_text().replace("rules:", TABLE.format(topic=topic))
    rules.write_text(text + '      properties: {tier: "= tables.customers[payload.user].tier"}\n')
    return topic


def _history(linked: Linked, customers: str, seed: int) -> None:
    """Chats and orders of three days in two partitions each, many of them at the edges of lookback and max_delay; and
    customers whose tier changes."""
    random_ = random.Random(seed)
    begin = now() - 3 * DAY_MS
    times = sorted(begin + random_.randrange(3 * DAY_MS - HOUR) for _ in range(ORDERS))
    chats: list[tuple[int, int, str, str, int]] = []
    orders: list[Record] = []
    for number, at in enumerate(times):
        user = f"u{random_.randrange(40)}"
        text = {"type": "paid", "id": f"o{number}", "cents": 100, "currency": "EUR", "user": user}
        orders.append(Record(json.dumps(text).encode(), partition=number % 2, timestamp_ms=at))
        for _ in range(random_.randrange(3)):
            said = at - random_.choice((-6_000, -4_000, 0, 1, HOUR, DAY_MS - 1, DAY_MS, DAY_MS + 1, 2 * DAY_MS))
            told = said + random_.choice((0, 0, 500, 1_000, 1_001, 5_000))
            chats.append((told, random_.randrange(2), f"c{len(chats)}", user, said))
    linked.kafka.produce(
        linked.chats,
        [
            Record(
                json.dumps({"conversation": name, "user": user, "at": moment(said)}).encode(),
                partition=partition,
                timestamp_ms=min(told, now()),
            )
            for told, partition, name, user, said in sorted(chats)
        ],
    )
    linked.kafka.produce(linked.orders, orders)
    tiers = [(at + random_.choice((0, 900, 1_100)), random_.randrange(40), number) for number, at in enumerate(times)]
    linked.kafka.produce(
        customers,
        [
            Record(json.dumps({"user": f"u{user}", "tier": f"t{number}"}).encode(), timestamp_ms=at)
            for at, user, number in sorted(tiers)
        ],
    )


def _backfill(linked: Linked, *arguments: str, code: int = 0) -> dict[str, Any]:
    found, ended, said = _tried(linked, *arguments)
    assert ended == code, said
    return found


def _tried(linked: Linked, *arguments: str) -> tuple[dict[str, Any], int, str]:
    """What it printed, as JSON if it is; its exit code."""
    out = io.StringIO()
    flags = ["--rules", "paid", "--json", "--rate", "5000", *arguments]
    with mock.patch.dict(os.environ, linked.deployment.environ() | linked.environ), contextlib.redirect_stdout(out):
        code = run(["backfill", *flags])
    said = out.getvalue()
    return json.loads(said or "{}"), code, said


def test_half_by_the_live_run_and_half_by_a_backfill_is_one_live_run(deployment: Any, until: Any) -> None:
    linked = Linked(deployment)
    _history(linked, _with_table(linked), seed=8)
    linked.run_until_idle()
    whole = linked.bodies()
    links = {name: body.get("externalConversationId") for name, body in whole.items()}
    assert len(whole) == ORDERS
    assert len({str(body.get("properties")) for body in whole.values()}) > ORDERS / 4
    assert 0.3 < sum(each is not None for each in links.values()) / ORDERS < 0.9

    with running_sandbox(api_key=KEY) as other:
        # A group that begins in the middle of history, and has lost the days before.
        deployment.sandbox, deployment.group = other, deployment.kafka.group()
        middle = moment(now() - 3 * DAY_MS // 2)
        linked.environ["GREENFLASH_KAFKA_LINKING__DIRECTORY"] = str(linked.directory / "another")
        linked.run_until_idle(GREENFLASH_KAFKA_KAFKA__START=middle)
        half = linked.bodies()
        assert 0 < len(half) < ORDERS
        assert half.items() <= whole.items()

        counted = _backfill(linked, "--since", "4d")
        assert counted["events"] == ORDERS
        assert counted["links"]["linked"] == sum(each is not None for each in links.values())
        assert linked.bodies() == half, "a dry run sends nothing"

        window = ("--since", "4d", "--until", middle, "--send")
        linked.environ |= CLASSIC_QUICKLY
        killed = deployment.start("backfill", *window, "--rules", "paid", "--rate", "25", **linked.environ)
        until(lambda: len(linked.bodies()) >= len(half) + 50, "a third of the rest")
        killed.kill()
        received = other.stats()["received"]
        assert len(linked.bodies()) < ORDERS
        tries: list[tuple[dict[str, Any], int, str]] = []

        def went_through() -> bool:
            tries.append(_tried(linked, *window))
            return tries[-1][1] == 0

        until(went_through, "the place of the killed one to be free")
        assert tries[-1][0]["resumed"]
        assert other.stats()["received"] - received == tries[-1][0]["events"] < ORDERS - len(half)
        assert linked.bodies() == whole
        again = _backfill(linked, "--since", "4d", "--send", "--name", "all")
        assert (again["events"], again["unlinked"]) == (ORDERS, [])
        assert linked.bodies() == whole
        assert other.stats()["conflicts"] == 0, "the same bytes under every id"


def test_events_whose_conversations_retention_took_are_left_out_and_said(deployment: Any) -> None:
    linked = Linked(deployment, partitions=1)
    at = now() - 2 * DAY_MS
    linked.chat("c-gone", "ann", at - HOUR)
    linked.chat("c-kept", "bob", at - HOUR // 2)
    linked.order(1, "ann", at)
    linked.order(2, "bob", at)
    linked.kafka.commit(deployment.group, linked.orders, {0: 2})
    linked.kafka.delete_records(linked.chats, {0: 1})

    found = _backfill(linked, "--since", "3d", "--send", code=1)
    assert linked.links() == {"o2": "c-kept"}
    (left,) = found["unlinked"]
    assert (left["code"], left["rule"], left["count"]) == ("link-history", "paid", 1)
    assert "--unlinked" in left["text"]
    assert left["example"] == f"{linked.orders}/0/0"
    _backfill(linked, "--since", "3d", "--send", "--unlinked", "--name", "all")
    assert linked.links() == {"o1": None, "o2": "c-kept"}
