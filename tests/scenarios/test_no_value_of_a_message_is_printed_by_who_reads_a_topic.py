"""Values stand in keys, headers, ids, free text and broken JSON: `run`, `record`, `backfill`, `doctor` print none."""

from __future__ import annotations

import json
import os
from typing import Any
from unittest import mock

import pytest

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Record
from tests.scenarios.linked import Linked, now

CANARY = "kanarix"


def test_no_value_of_a_message_is_printed_by_who_reads_a_topic(
    deployment: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    linked = Linked(deployment, partitions=1)
    at = now() - 60_000
    linked.chat("kanarix-chat", "kanarix-user", at - 1_000)
    linked.kafka.produce(linked.chats, [Record(b'{"conversation": "kanarix-broken')])
    order = {"type": "paid", "id": "kanarix-1", "cents": 100, "currency": "EUR", "user": "kanarix-user"}
    values = [
        json.dumps(order),
        json.dumps({**order, "id": "kanarix-2", "cents": "kanarix-cents"}),
        json.dumps({**order, "id": "kanarix-3", "currency": "kanarix-currency"}),
        '{"type": "paid", "id": "kanarix-cut',
        '["kanarix-item"]',
    ]
    headers = [("kanarix-name", b"kanarix-header"), ("trace", b"\xffkanarix")]
    linked.kafka.produce(
        linked.orders,
        [Record(each.encode(), key=b"kanarix-key", headers=headers, timestamp_ms=at) for each in values],
    )
    linked.run_until_idle(GREENFLASH_KAFKA_LOG__LEVEL="debug")
    assert len(deployment.stored()) == 1
    assert CANARY not in deployment.processes[-1].said()

    out = str(deployment.folder / "all.ndjson")
    said = ""
    with mock.patch.dict(os.environ, deployment.environ() | linked.environ):
        capfd.readouterr()
        assert run(["record", linked.orders, linked.chats, "--last", "10", "--out", out]) == 0
        assert run(["backfill", "--rules", "paid", "--since", "1d", "--send"]) == 0
        run(["doctor"])
        said = "".join(capfd.readouterr())
    assert "invalid: bad-money" in said
    assert CANARY in (deployment.folder / "all.ndjson").read_text()
    assert CANARY not in said, said
