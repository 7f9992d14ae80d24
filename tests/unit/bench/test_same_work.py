"""The contenders of `make bench` do the same work: the same messages, the same events, byte for byte of the values."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from greenflash import AsyncGreenflash

from bench.contenders.by_hand import event
from bench.contenders.plain_loop import send
from bench.work import MAPPING, cheaper_plans, mapping_of, messages, other_types
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot


def ruleset(folder: Path, mapping: str) -> Ruleset:
    """The rules of a mapping for the topic t."""
    path = folder / "m.yaml"
    path.write_text(mapping.replace("TOPIC", "t"))
    loaded = load([path], {})
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


def ours(rules: Ruleset, value: bytes) -> list[Any]:
    """The bodies that this pipeline sends for a message."""
    outcome = resolve(Message("t", 0, 0, 1_784_000_000_000, value=value), Snapshot(rules))
    assert not outcome.problems
    return [json.loads(each.body) for each in outcome.events]


class _Record:
    """A Kafka message as the plain loop reads it."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def value(self) -> bytes:
        return self._value


def plain(monkeypatch: pytest.MonkeyPatch, value: bytes) -> list[Any]:
    """The bodies that the plain loop sends for a message."""
    sent: list[Any] = []

    async def post(*_: object, **given: Any) -> None:
        sent.append(given["body"])

    async def one() -> None:
        async with AsyncGreenflash(api_key="k") as client:
            monkeypatch.setattr(client.events, "_post", post)
            await send(client, _Record(value))  # type: ignore[arg-type]

    asyncio.run(one())
    return sent


@pytest.mark.parametrize("size", [500, 0, 2_000, 20_000])
def test_every_contender_makes_the_same_event(tmp_path: Path, size: int) -> None:
    rules = ruleset(tmp_path, MAPPING)
    for value in messages(20, size):
        by_hand = json.loads(event(value) or b"null")
        assert [_times_alike(by_hand)] == [_times_alike(each) for each in ours(rules, value)]
        assert len(value) == size or (size == 0 and 900 < len(value) < 1_100)


def test_the_plain_loop_makes_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ruleset(tmp_path, MAPPING)
    for value in messages(5):
        assert [_times_alike(each) for each in plain(monkeypatch, value)] == ours(rules, value)


@pytest.mark.parametrize("kind", [other_types, cheaper_plans])
def test_what_is_to_be_dropped_is_dropped_by_every_contender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[[int], Iterable[bytes]]
) -> None:
    rules = ruleset(tmp_path, MAPPING)
    for value in kind(20):
        assert (event(value), ours(rules, value), plain(monkeypatch, value)) == (None, [], [])


@pytest.mark.parametrize("number", [5, 50, 500])
def test_more_rules_make_the_same_events(tmp_path: Path, number: int) -> None:
    few, many = ruleset(tmp_path, MAPPING), ruleset(tmp_path, mapping_of(number))
    assert mapping_of(number).count("- name:") == number
    for value in [*messages(5), *other_types(5)]:
        assert ours(many, value) == ours(few, value)


def _times_alike(body: dict[str, Any]) -> dict[str, Any]:
    """With the one thing that may be written in several ways, its time, written in one."""
    return {**body, "eventAt": body["eventAt"].replace("+00:00", "Z").replace(".000000Z", "Z")}
