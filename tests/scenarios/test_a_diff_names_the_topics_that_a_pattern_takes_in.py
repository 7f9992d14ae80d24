"""`diff` asks Kafka which topics fit a pattern that is new or gone, and names those that are read otherwise."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Kafka, Record

RULES = """\
version: 1
source: {{topics: [{topics}]}}
rules:
  - name: left
    when: {{type: left}}
    event:
      event_type: trial_cancelled
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: negative
      value: "1"
      insert_id: = payload.id
"""


def test_a_diff_names_the_topics_that_a_pattern_takes_in(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    topic, other = kafka.topic(1), kafka.topic(1)
    now = int(time.time() * 1000) - 3_600_000
    for name in (topic, other):
        kafka.produce(name, [Record(json.dumps({"type": "left", "id": name}).encode(), timestamp_ms=now)])

    def said(old: str, new: str) -> list[str]:
        for name, topics in (("old", old), ("new", new)):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "x.yaml").write_text(RULES.format(topics=topics))
        capfd.readouterr()
        assert run(["diff", "old", "new"]) == 0
        return capfd.readouterr().out.splitlines()

    both, alone = f"/({topic}|{other})/", f"/{topic}|{topic}-later/"
    found = said(topic, f"'{both}'")
    assert found[0].startswith("Not safe to merge, unless this is meant: the history of")
    new = f"  {both} is read now (new/x.yaml:2); topics of the cluster that fit and weren't read before: {other}"
    assert new in found
    found = said(topic, f"'{alone}'")
    assert found[0].startswith("Check before you merge: nothing changes for these messages; other topics are read")
    assert any("no topic of the cluster fits that wasn't read before; one that is made later" in each for each in found)
    found = said(f"'{both}'", topic)
    assert found[0].startswith("Not safe to merge, unless this is meant: 1 event is no longer sent")
    gone = f"  {both} is read no longer (old/x.yaml:2 before); topics of the cluster that fit and are read no longer: "
    assert f"{gone}{other}" in found
