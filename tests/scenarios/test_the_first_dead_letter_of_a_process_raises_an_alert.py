"""The alerts of the operations page, run by Prometheus' own tool over what a process really serves."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

from tests.promtool import promtool
from tests.scenarios.conftest import Process

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"

SERIES = "greenflash_kafka_dead_letters_total"


def alerts() -> list[tuple[str, str]]:
    """Expression and `for` of each alert of the page."""
    table = OPERATIONS.read_text().partition("### Alerts")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| (\w+) \|", table, re.MULTILINE)
    return [(expression.replace("\\|", "|"), lasts) for expression, lasts in rows]


def rule_file(folder: Path, found: list[tuple[str, str]]) -> Path:
    rules = [{"alert": f"Alert{n}", "expr": expression, "for": lasts} for n, (expression, lasts) in enumerate(found)]
    file = folder / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "greenflash-kafka", "rules": rules}]}))
    return file


def scraped(process: Process) -> str:
    (serving,) = process.lines("http_serving")
    with urllib.request.urlopen(f"{serving['url']}/metrics", timeout=120) as answer:
        text: str = answer.read().decode()
    return text


def dead_letters(process: Process) -> dict[str, float]:
    return {name: value for name, value in process.metrics().items() if name.startswith(SERIES)}


def test_the_first_dead_letter_of_a_process_raises_an_alert(deployment: Any, until: Any, tmp_path: Path) -> None:
    found = alerts()
    assert len(found) > 15
    promtool("check", "rules", str(rule_file(tmp_path, found)))

    (topic,) = deployment.topics(1)
    process = deployment.run()
    process.until("partitions_assigned")
    until(lambda: dead_letters(process), "counters at 0")
    before = dead_letters(process)
    assert set(before.values()) == {0}
    secret = "nobody-may-read-this"
    bad = {"type": "paid", "id": "o9", "cents": secret, "currency": "EUR", "user": "u"}
    deployment.kafka.produce(topic, [*deployment.orders(3), json.dumps(bad).encode()])
    until(lambda: sum(dead_letters(process).values()), "the dead letter")
    after = dead_letters(process)
    assert after.keys() == before.keys(), "an alert sees no series that begins with its first increase"

    (alert,) = [number for number, (expression, _) in enumerate(found) if SERIES in expression]
    labels = {"topic": topic, "rule": "paid", "code": "bad-money"}
    series = [{"series": name, "values": f"{before[name]:g}x5 {after[name]:g}x10"} for name in before]
    expected = {
        "eval_time": "7m",
        "alertname": f"Alert{alert}",
        "exp_alerts": [{"exp_labels": labels}],
    }
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": series,
                "alert_rule_test": [{**expected, "eval_time": "4m", "exp_alerts": []}, expected],
            }
        ],
    }
    (tmp_path / "test.yaml").write_text(json.dumps(test))
    promtool("test", "rules", str(tmp_path / "test.yaml"))
    promtool("check", "metrics", text=scraped(process))

    until(lambda: process.metrics()["greenflash_kafka_event_delivery_seconds_count"] == 3, "three events")
    assert process.metrics()["greenflash_kafka_ready"] == 1
    assert len(process.lines("first_event_accepted")) == 1
    (line,) = process.lines("dead_letter_written")
    told = {name: line[name] for name in ("level", "topic", "partition", "offset", "rule", "field", "code")}
    assert told == {"level": "warning", "partition": 0, "offset": 3, "field": "value", **labels}
    assert secret not in process.said()
    assert process.stop() == 0
