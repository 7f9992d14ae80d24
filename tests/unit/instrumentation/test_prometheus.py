from __future__ import annotations

import math
import threading

from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from greenflash_kafka.instrumentation.catalogue import CONDITIONS, METRICS, NOTICES, PREFIX
from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.prometheus import Metrics


def exposed(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def test_what_is_counted_is_exposed() -> None:
    metrics = Metrics(Health())
    metrics.count("offset_commits")
    metrics.count("offset_commits", 2)
    metrics.count("message_problems", 1, ("upgrade", "value", "bad-money"))
    metrics.gauge("pending_messages", 7)
    metrics.notice("delivery_paused", code="status-401")
    seen = exposed(metrics)
    assert seen["greenflash_kafka_offset_commits_total", ()] == 3
    labels = (("code", "bad-money"), ("field", "value"), ("rule", "upgrade"))
    assert seen["greenflash_kafka_message_problems_total", labels] == 1
    assert seen["greenflash_kafka_pending_messages", ()] == 7
    assert seen["greenflash_kafka_notices_total", (("name", "delivery_paused"),)] == 1
    assert metrics.total("offset_commits") == 3
    one = metrics.total("message_problems", ("upgrade", "value", "bad-money"))
    assert metrics.total("message_problems") == one == 1


def test_counters_are_there_before_anything_happens() -> None:
    assert exposed(Metrics(Health()))["greenflash_kafka_offset_commits_total", ()] == 0


def test_a_name_or_label_that_does_not_fit_spoils_no_scrape() -> None:
    metrics = Metrics(Health())
    metrics.count("no_such_metric")
    metrics.count("message_problems", 1, ("too", "few"))
    metrics.count("message_problems", 1, ('quote"', "line\nbreak", "back\\slash"))
    labels = (("code", "back\\slash"), ("field", "line\nbreak"), ("rule", 'quote"'))
    assert exposed(metrics)["greenflash_kafka_message_problems_total", labels] == 1


def test_a_scrape_while_counting_goes_on_sees_no_half_made_state() -> None:
    metrics = Metrics(Health())
    done = threading.Event()

    def count() -> None:
        number = 0
        while not done.is_set():
            number += 1
            metrics.count("http_requests", 1, (f"{number % 2000}",))

    counting = threading.Thread(target=count)
    counting.start()
    try:
        for _ in range(10):
            generate_latest(metrics.registry)
    finally:
        done.set()
        counting.join()


def test_a_gauge_of_a_partition_that_has_gone_is_taken_away() -> None:
    metrics = Metrics(Health())
    metrics.gauge("consumer_lag", 3, ("orders", "0"))
    metrics.gauge("consumer_lag", 4, ("orders", "1"))
    metrics.gauge("consumer_lag", math.nan, ("orders", "0"))
    seen = exposed(metrics)
    lag = {labels: value for (name, labels), value in seen.items() if name == "greenflash_kafka_consumer_lag"}
    assert lag == {(("partition", "1"), ("topic", "orders")): 4}


def test_notices_and_counters_without_labels_are_there_at_0() -> None:
    seen = exposed(Metrics(Health()))
    for notice in NOTICES:
        assert seen["greenflash_kafka_notices_total", (("name", notice.name),)] == 0
    for metric in METRICS:
        if metric.kind == "counter" and not metric.labels:
            assert seen[f"{PREFIX}{metric.name}_total", ()] == 0


def test_a_counter_told_with_0_is_exposed() -> None:
    metrics = Metrics(Health())
    metrics.count("messages_consumed", 0, ("orders",))
    assert exposed(metrics)["greenflash_kafka_messages_consumed_total", (("topic", "orders"),)] == 0


def conditions(metrics: Metrics) -> dict[tuple[str, str], float]:
    found = {}
    for (name, labels), value in exposed(metrics).items():
        if name == "greenflash_kafka_condition":
            said = dict(labels)
            found[said["name"], said["about"]] = value
    return found


def test_readiness_and_each_condition_are_metrics() -> None:
    health = Health()
    metrics = Metrics(health)
    assert exposed(metrics)["greenflash_kafka_ready", ()] == 0
    assert conditions(metrics) == {(name, ""): float(name == "starting") for name in CONDITIONS}
    health.notice("partitions_assigned", partitions=1, now=1)
    assert exposed(metrics)["greenflash_kafka_ready", ()] == 1
    assert set(conditions(metrics).values()) == {0}
    health.notice("dead_letters_failing", topic="dead")
    assert exposed(metrics)["greenflash_kafka_ready", ()] == 0
    assert conditions(metrics)["dead_letters_failing", "dead"] == 1
    health.notice("dead_letters_working", topic="dead")
    assert set(conditions(metrics)) == {(name, "") for name in CONDITIONS}


def test_a_histogram_adds_up_and_is_there_before_its_first_observation() -> None:
    metrics = Metrics(Health())
    name = "greenflash_kafka_event_delivery_seconds"
    assert exposed(metrics)[f"{name}_count", ()] == 0
    counts = [0] * 14
    counts[0], counts[3], counts[13] = 5, 2, 1
    metrics.observe("event_delivery_seconds", counts, 30000.0)
    metrics.observe("event_delivery_seconds", counts, 1.0)
    seen = exposed(metrics)
    assert seen[f"{name}_bucket", (("le", "0.05"),)] == 10
    assert seen[f"{name}_bucket", (("le", "0.5"),)] == 14
    assert seen[f"{name}_bucket", (("le", "+Inf"),)] == seen[f"{name}_count", ()] == 16
    assert seen[f"{name}_sum", ()] == 30001.0


def test_an_info_says_its_labels() -> None:
    metrics = Metrics(Health())
    metrics.gauge("ruleset_info", 1, ("abc", "2", "7"))
    labels = (("files", "2"), ("rules", "7"), ("version", "abc"))
    assert exposed(metrics)["greenflash_kafka_ruleset_info", labels] == 1


def test_names_end_with_their_unit_and_open_metrics_has_it() -> None:
    for metric in METRICS:
        assert not metric.unit or metric.name.endswith("_" + metric.unit), metric.name
        ends = {unit for unit in ("seconds", "bytes") if metric.name.endswith("_" + unit)}
        assert ends == ({metric.unit} - {""}), metric.name
    text = open_metrics(Metrics(Health()).registry).decode()  # type: ignore[no-untyped-call]
    assert "# UNIT greenflash_kafka_event_delivery_seconds seconds" in text
    assert "# UNIT greenflash_kafka_pending_bytes bytes" in text
