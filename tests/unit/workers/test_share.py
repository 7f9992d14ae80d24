"""What is shared out among workers, and what isn't."""

from __future__ import annotations

import pytest

from consumer.config.load import load_config
from consumer.config.model import Config
from consumer.source.property_values import resolve
from consumer.workers.share import share_of

ENVIRON = {"KAFKA_BOOTSTRAP_SERVERS": "b:1", "GREENFLASH_API_KEY": "key-1", "POD": "pod-7"}


def config(**flags: object) -> Config:
    return load_config(
        None, ENVIRON, {"dead_letter.topic": "dead", **{k.replace("__", "."): v for k, v in flags.items()}}
    )


@pytest.mark.parametrize("of", [2, 3, 8])
def test_the_rate_limit_is_that_of_all_together(of: int) -> None:
    whole = config(delivery__max_events_per_second=100)
    shares = [share_of(whole, number, of, ENVIRON).delivery.max_events_per_second for number in range(1, of + 1)]
    assert sum(each or 0 for each in shares) == pytest.approx(100)
    assert share_of(config(), 1, of, ENVIRON).delivery.max_events_per_second is None


@pytest.mark.parametrize("written", ["pod-7", "${POD}"])
def test_static_members_have_ids_of_their_own(written: str) -> None:
    whole = config(kafka__properties={"group.instance.id": written, "fetch.min.bytes": 1})
    found = [share_of(whole, number, 2, ENVIRON).kafka.properties for number in (1, 2)]
    assert [resolve(each, ENVIRON)[0]["group.instance.id"] for each in found] == ["pod-7-1", "pod-7-2"]
    assert all(each["fetch.min.bytes"] == 1 for each in found)


def test_everything_else_is_each_workers_own() -> None:
    whole = config(delivery__in_flight=50, dead_letter__max_consecutive=7)
    assert share_of(whole, 2, 4, ENVIRON) == whole
