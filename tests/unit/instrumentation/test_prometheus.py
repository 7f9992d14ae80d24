from __future__ import annotations

import math
import threading

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from greenflash_kafka.instrumentation.prometheus import Metrics


def exposed(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def test_what_is_counted_is_exposed() -> None:
    metrics = Metrics()
    metrics.count("events_accepted")
    metrics.count("events_accepted", 2)
    metrics.count("problems", 1, ("upgrade", "value", "bad-money"))
    metrics.gauge("messages_in_hand", 7)
    metrics.notice("delivery_paused", code="status-401")
    seen = exposed(metrics)
    assert seen["greenflash_kafka_events_accepted_total", ()] == 3
    labels = (("code", "bad-money"), ("field", "value"), ("rule", "upgrade"))
    assert seen["greenflash_kafka_problems_total", labels] == 1
    assert seen["greenflash_kafka_messages_in_hand", ()] == 7
    assert seen["greenflash_kafka_notices_total", (("name", "delivery_paused"),)] == 1
    assert metrics.total("events_accepted") == 3
    assert metrics.total("problems") == metrics.total("problems", ("upgrade", "value", "bad-money")) == 1


def test_counters_are_there_before_anything_happens() -> None:
    assert exposed(Metrics())["greenflash_kafka_events_accepted_total", ()] == 0


def test_a_name_or_label_that_does_not_fit_spoils_no_scrape() -> None:
    metrics = Metrics()
    metrics.count("no_such_metric")
    metrics.count("problems", 1, ("too", "few"))
    metrics.count("problems", 1, ('quote"', "line\nbreak", "back\\slash"))
    labels = (("code", "back\\slash"), ("field", "line\nbreak"), ("rule", 'quote"'))
    assert exposed(metrics)["greenflash_kafka_problems_total", labels] == 1


def test_a_scrape_while_counting_goes_on_sees_no_half_made_state() -> None:
    metrics = Metrics()
    done = threading.Event()

    def count() -> None:
        number = 0
        while not done.is_set():
            number += 1
            metrics.count("answers", 1, (f"status-{number % 2000}",))

    counting = threading.Thread(target=count)
    counting.start()
    try:
        for _ in range(10):
            generate_latest(metrics.registry)
    finally:
        done.set()
        counting.join()


def test_a_gauge_of_a_partition_that_has_gone_is_taken_away() -> None:
    metrics = Metrics()
    metrics.gauge("lag", 3, ("orders", "0"))
    metrics.gauge("lag", 4, ("orders", "1"))
    metrics.gauge("lag", math.nan, ("orders", "0"))
    lag = {labels: value for (name, labels), value in exposed(metrics).items() if name == "greenflash_kafka_lag"}
    assert lag == {(("partition", "1"), ("topic", "orders")): 4}
