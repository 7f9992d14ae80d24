"""One rule file over the same facts gives the same events in every format, to the byte of the amount."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.model.message import Message
from tests.debezium.recorded import FORMATS, MODES, Recorded, recorded, schemas
from tests.fakes.schemas import KnownSchemas
from tests.formats import written
from tests.formats.subscriptions import RECORDED_MS, facts, sent, snapshot
from tests.formats.written import Write

TOPIC = "subscriptions"
SOURCE = f"topics: [{TOPIC}]"


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The events of the facts in JSON."""
    rules = snapshot(tmp_path_factory.mktemp("plain"), SOURCE)
    return sent(written.messages(TOPIC, facts(), written.as_json), rules)


def test_amounts_of_json_are_those_of_the_facts(expected: list[bytes]) -> None:
    events = [json.loads(each) for each in expected]
    assert [each["value"] for each in events] == ["1200.00", "299.00", "300.10", "300.10", "300.10"]
    assert [each["eventAt"] for each in events] == ["2026-11-20T00:00:00Z"] + 4 * ["2026-10-25T00:30:00.123456Z"]
    assert events[1]["properties"]["usage"] == 2**53 + 1
    assert b'"share":0.1,' in expected[1]


@pytest.mark.parametrize("write", [written.as_cloudevent, written.as_structured_cloudevent])
def test_cloudevents_give_the_same_events(write: Write, expected: list[bytes], tmp_path: Path) -> None:
    rules = snapshot(tmp_path, f"{SOURCE}, envelope: cloudevents")
    assert sent(written.messages(TOPIC, facts(), write), rules) == expected


@pytest.mark.parametrize("header", [False, True], ids=["id in front", "GUID in a header"])
@pytest.mark.parametrize("make", [written.avro, written.json_schema, written.protobuf])
def test_what_confluents_serializers_write_gives_the_same_events(
    make: Callable[..., Write], header: bool, expected: list[bytes], tmp_path: Path
) -> None:
    client = written.client_of("mock://")
    messages = written.messages(TOPIC, facts(), make(client, TOPIC, header=header))
    rules = snapshot(tmp_path, SOURCE, KnownSchemas(written.registered(client, f"{TOPIC}-value")))
    assert sent(messages, rules) == expected


@pytest.mark.parametrize("make", [written.avro, written.protobuf])
def test_cloudevents_carry_data_of_a_schema(make: Callable[..., Write], expected: list[bytes], tmp_path: Path) -> None:
    client = written.client_of("mock://")
    write = make(client, TOPIC)
    messages = written.messages(TOPIC, facts(), lambda fact: (write(fact)[0], written.as_cloudevent(fact)[1][:4]))
    schemas = KnownSchemas(written.registered(client, f"{TOPIC}-value"))
    rules = snapshot(tmp_path, f"{SOURCE}, envelope: cloudevents", schemas)
    assert sent(messages, rules) == expected


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("format", FORMATS)
def test_debezium_gives_the_same_events_in_all_its_modes(
    mode: str, format: str, expected: list[bytes], tmp_path: Path
) -> None:
    rules = snapshot(tmp_path, f"{SOURCE}, envelope: debezium", KnownSchemas(schemas()))
    assert sent(_messages(f"{mode}-{format}"), rules) == expected


@pytest.mark.parametrize("format", ["json", "avro"])
def test_flat_rows_give_the_same_events(format: str, expected: list[bytes], tmp_path: Path) -> None:
    # A snapshot's rows look like any others here; `__op` tells them apart.
    rules = snapshot(tmp_path, SOURCE, KnownSchemas(schemas()))
    changes = [each for each in _messages(f"flat-{format}") if each.offset >= SNAPSHOT_ROWS and each.value is not None]
    assert sent(changes, rules)[: len(expected)] == expected


SNAPSHOT_ROWS = 3


def _messages(name: str) -> list[Message]:
    """The recorded messages of the subscriptions' topic."""
    rows = [each for each in recorded(name) if each.topic.endswith("subscriptions")]
    return [_message(each, offset) for offset, each in enumerate(rows)]


def _message(record: Recorded, offset: int) -> Message:
    return Message(TOPIC, 0, offset, RECORDED_MS, record.key, record.value, record.headers)
