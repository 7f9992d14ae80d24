"""One page of metrics for several processes."""

from __future__ import annotations

import os
import subprocess
import sys

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from consumer.instrumentation.prometheus import Metrics
from consumer.workers.metrics import AllMetrics, Numbers, added, combined
from consumer.workers.protocol import Number

PAUSED, WAITS, HAND = ("delivery_paused", ()), ("delivery_waits_seconds", ()), ("messages_in_hand", ())


def lag(partition: str, value: float) -> Number:
    return ("lag", ("orders", partition), value)


def test_counters_are_added_up_by_their_labels() -> None:
    one: list[Number] = [("events_accepted", (), 3), ("answers", ("status-500",), 1)]
    two: list[Number] = [("events_accepted", (), 4), ("answers", ("status-429",), 2)]
    assert added([one, two]) == {
        ("events_accepted", ()): 7,
        ("answers", ("status-500",)): 1,
        ("answers", ("status-429",)): 2,
    }


def test_gauges_are_what_they_mean_together() -> None:
    one: list[Number] = [(*HAND, 5), (*PAUSED, 1), (*WAITS, 30), lag("0", 7)]
    two: list[Number] = [(*HAND, 6), (*PAUSED, 0), (*WAITS, 10), lag("1", 9)]
    assert combined([one, two]) == {
        HAND: 11,
        PAUSED: 1,
        WAITS: 30,
        ("lag", ("orders", "0")): 7,
        ("lag", ("orders", "1")): 9,
    }


def test_a_partitions_lag_is_told_by_whoever_was_heard_last() -> None:
    stands_still, owner = [lag("0", 5000)], [lag("0", 3)]
    assert combined([stands_still, owner]) == {("lag", ("orders", "0")): 3}


def test_the_page_has_all_of_it_and_each_process_by_its_name() -> None:
    own = Metrics()
    own.notice("worker_started", worker=1)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        everything = AllMetrics(
            own,
            lambda: Numbers([[("notices", ("worker_started",), 2)], [("messages", ("mapped",), 8)]], [[(*HAND, 4)]]),
            lambda: {"supervisor": os.getpid(), "1": other.pid},
        )
        families = text_string_to_metric_families(generate_latest(everything.registry).decode())
        seen = {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}
        other.communicate(b"\n")
    assert seen["greenflash_kafka_notices_total", "worker_started"] == 3
    assert seen["greenflash_kafka_messages_total", "mapped"] == 8
    assert seen["greenflash_kafka_messages_in_hand",] == 4
    memory = {key[1] for key in seen if key[0] == "process_resident_memory_bytes"}
    assert memory == {"supervisor", "1"}
    assert seen["process_resident_memory_bytes", "supervisor"] != seen["process_resident_memory_bytes", "1"]


def test_a_process_that_has_just_gone_spoils_no_scrape() -> None:
    everything = AllMetrics(Metrics(), lambda: Numbers([], []), lambda: {"1": 2**22 + 1})
    assert b"greenflash_kafka_events_accepted_total 0" in generate_latest(everything.registry)
