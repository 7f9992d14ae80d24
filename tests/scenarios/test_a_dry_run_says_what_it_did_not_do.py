"""A dry run over real messages: its last words are about what would have been, and nothing was done."""

from __future__ import annotations

import json
from typing import Any


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


def test_json_lines_stay_where_nobody_sits_at_a_terminal(deployment: Any) -> None:
    deployment.topics(1)
    process = deployment.run("--until-idle", "1")
    assert process.wait() == 0
    assert json.loads(process.said().splitlines()[0])["event"] == "ruleset_loaded"
