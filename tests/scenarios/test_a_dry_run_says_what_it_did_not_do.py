"""A dry run over real messages: its last words are about what would have been, and nothing was done."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.brokers.kafka import Record


def test_a_dry_run_says_what_it_did_not_do(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, [*deployment.orders(4), b"no JSON"])
    process = deployment.run("--dry-run", "--until-idle", "1")
    assert process.wait() == 0
    last = process.said().splitlines()[-1]
    assert "1 would become dead letters; 4 events would be sent; nothing was sent, written or committed" in last
    process = deployment.run("--dry-run", "--until-idle", "1", "--json")
    assert process.wait() == 0
    summary = process.summary()
    assert (summary["dry_run"], summary["accepted"], summary["dead_lettered"]) == (True, 4, 1)
    assert process.lines("dead_letter_written") == process.lines("first_event_accepted") == []
    assert deployment.stored() == {}
    assert deployment.kafka.read(deployment.dead_letters) == []
    assert deployment.run_until_idle()["dry_run"] is False


def test_a_dry_run_ends_where_it_is_told_and_names_rule_and_message(deployment: Any) -> None:
    (topic,) = deployment.topics(2)
    stamps = [1_795_000_000_000 + 60_000 * number for number in range(20)]
    orders = zip(deployment.orders(20), stamps, strict=True)
    deployment.kafka.produce(topic, [Record(value, timestamp_ms=stamp) for value, stamp in orders])

    def lines(*arguments: str) -> list[dict[str, Any]]:
        process = deployment.run("--dry-run", *arguments)
        assert process.wait() == 0, process.said()
        return [json.loads(line) for line in process.process.stdout.read().splitlines()]

    whole = lines("--to", "now")
    assert len(whole) == 20
    assert {each["rule"] for each in whole} == {"paid"}
    places = {each["message"]: each["event"]["insertId"] for each in whole}
    assert len(places) == 20
    assert {each.split("/")[0] for each in places} == {topic}
    assert len(lines("--limit", "7")) == 7
    before = lines("--to", datetime.fromtimestamp(stamps[10] / 1000, UTC).isoformat())
    assert sorted(each["event"]["insertId"].rpartition("o")[2] for each in before) == sorted(map(str, range(10)))


def test_json_lines_stay_where_nobody_sits_at_a_terminal(deployment: Any) -> None:
    deployment.topics(1)
    process = deployment.run("--until-idle", "1")
    assert process.wait() == 0
    assert json.loads(process.said().splitlines()[0])["event"] == "ruleset_loaded"
