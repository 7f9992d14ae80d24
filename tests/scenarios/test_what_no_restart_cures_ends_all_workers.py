"""What would be the same after a restart ends the whole run: once, in clear words, with the exit code it has alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.scenarios.conftest import CLASSIC_QUICKLY


def test_too_many_dead_letters_in_one_worker(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(4)
    process = deployment.run("--workers", "2", **CLASSIC_QUICKLY, GREENFLASH_KAFKA_DEAD_LETTER__MAX_CONSECUTIVE="20")
    until(lambda: process.sharing() == {1, 2}, "both to have partitions")
    deployment.kafka.produce(topic, [json.dumps({"type": "paid", "id": f"bad{n}"}).encode() for n in range(200)])
    assert process.wait() == 1
    said = process.said()
    assert said.count("greenflash-kafka: too many dead letters: topic") == 1
    assert len(deployment.kafka.read(deployment.dead_letters)) <= 2 * 20
    assert said.count('"stopped"') == 3, "both workers ended in order, and so did the run"


@pytest.mark.parametrize(
    ("broken", "code", "words"),
    [
        ({"GREENFLASH_API_KEY_FILE": "", "GREENFLASH_API_KEY": "wrong"}, 1, "refused the API key (401)"),
        ({"GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": "not-there"}, 1, "does not exist"),
        ({"GREENFLASH_KAFKA_MAPPINGS": "nowhere.yaml"}, 1, "the mapping files have 1 error"),
        ({"GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "none"}, 2, "delivery.in_flight"),
    ],
)
def test_what_is_wrong_at_the_start(deployment: Any, broken: dict[str, str], code: int, words: str) -> None:
    deployment.topics(2)
    process = deployment.run("--workers", "2", **broken)
    assert process.wait() == code, process.said()
    said = process.said()
    errors = said[said.index("greenflash-kafka: ") :]
    assert errors.count(words) == 1
    assert "worker_ended" not in said, "nobody tried again"
