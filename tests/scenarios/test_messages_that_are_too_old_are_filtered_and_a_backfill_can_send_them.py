"""A group whose offsets are at the beginning doesn't flood Greenflash with years of events; a backfill sends what was
wanted all the same."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from typing import Any
from unittest import mock

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Record

DAY = 86_400_000


def test_messages_that_are_too_old_are_filtered_and_a_backfill_can_send_them(deployment: Any) -> None:
    # The broker must not delete them as too old itself.
    (topic,) = deployment.topics(1, config={"retention.ms": "-1"})
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text().replace(f"[{topic}]", f"[{topic}], max_age: 7d"))
    now = int(time.time() * 1000)
    orders = deployment.orders(30)
    ages = [400] * 10 + [8] * 10 + [6] * 10
    deployment.kafka.produce(
        topic, [Record(value, timestamp_ms=now - age * DAY) for value, age in zip(orders, ages, strict=True)]
    )
    summary = deployment.run_until_idle()
    assert (summary["consumed"], summary["filtered"], summary["accepted"], summary["lag"]) == (30, 20, 10, 0)
    (said,) = deployment.processes[-1].lines("messages_too_old")
    assert (said["topic"], said["example"], said["days"]) == (topic, f"{topic}/0/0", 400.0)

    out = io.StringIO()
    with mock.patch.dict(os.environ, deployment.environ()), contextlib.redirect_stdout(out):
        window = ["--since", "30d", "--until", "7d"]
        assert run(["backfill", *window, "--rules", "paid", "--send", "--rate", "1000", "--json"]) == 0
    assert json.loads(out.getvalue())["events"] == 10
    assert {each.rpartition("o")[2] for each in deployment.stored()} == {str(number) for number in range(10, 30)}
