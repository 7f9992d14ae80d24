"""The place where a replay begins, and the configuration that the verbs of `dlq` need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.dead_letter_topic import Opened, opened, progress
from greenflash_kafka.config.model import Config
from greenflash_kafka.dlq.progress import Progress
from greenflash_kafka.errors import ConfigInvalid


class Committed:
    """A topic's reader that knows what earlier replays have committed."""

    def __init__(self, found: dict[int, Progress]) -> None:
        self._found = found

    def progress(self, partitions: list[int]) -> dict[int, Progress]:
        return {each: self._found[each] for each in partitions if each in self._found}


def dead_letters(found: dict[int, Progress], starts: dict[int, int]) -> Opened:
    reader: Any = Committed(found)
    nothing: Any = None
    return Opened(Config(), "dead", reader, starts, dict.fromkeys(starts, 100), nothing, nothing, nothing, lambda: None)


def test_a_replay_goes_on_where_the_last_one_ended_and_tries_again_what_stayed() -> None:
    made = dead_letters({0: Progress(50, frozenset({7, 20}))}, {0: 0, 1: 3})
    assert progress(made, again=False) == {0: Progress(50, frozenset({7, 20})), 1: Progress(3)}


def test_what_retention_took_is_no_letter_any_more() -> None:
    made = dead_letters({0: Progress(50, frozenset({7, 20})), 1: Progress(5)}, {0: 10, 1: 30})
    assert progress(made, again=False) == {0: Progress(50, frozenset({20})), 1: Progress(30)}


def test_again_begins_at_the_oldest_letter() -> None:
    assert progress(dead_letters({0: Progress(50, frozenset({7}))}, {0: 2}), again=True) == {0: Progress(2)}


def test_without_broker_and_topic_the_configuration_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC", "GREENFLASH_KAFKA_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigInvalid) as refused, opened(None, None):
        pass
    assert "kafka.bootstrap_servers is not set" in str(refused.value)
    assert "dead_letter.topic is not set" in str(refused.value)
    assert "api_key" not in str(refused.value), "looking needs no key"
