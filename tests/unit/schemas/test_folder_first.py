"""A folder and a registry: the folder bridges an outage, and is never decoded with once they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.model.schema import Schema
from greenflash_kafka.schemas.folder import SchemaFolder
from greenflash_kafka.schemas.folder_first import FolderFirst
from greenflash_kafka.schemas.registry_connection import RegistrySettings
from greenflash_kafka.schemas.schema_registry import SchemaRegistry
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry
from tests.unit.schemas.test_schema_registry import Ahead, Heard
from tests.waiting import until

PULLED = Schema("avro", '{"type": "string"}\n', (), "orders-value", 2)


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry()
    yield made
    made.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def both(server: ScriptedRegistry, heard: Heard, tmp_path: Path) -> Iterator[FolderFirst]:
    lines = [
        f"  - {{subject: s, version: {id}, registry: '{url}', id: {id}, kind: avro, file: s.avsc}}"
        for id, url in ((7, server.url), (8, "https://staging"))
    ]
    (tmp_path / "index.yaml").write_text("schemas:\n" + "\n".join(lines))
    (tmp_path / "s.avsc").write_text('{"type": "string"}\n')
    clock = Ahead()
    registry = SchemaRegistry(RegistrySettings((server.url,), timeout=5), clock, heard)
    made = FolderFirst(registry, SchemaFolder(tmp_path), (server.url,), clock, heard)
    yield made
    made.close()


def known(both: FolderFirst, key: int) -> object:
    until(lambda: (both.poll(), both.find(key) is not None)[1], f"schema {key}", 20, every=0.001)
    return both.find(key)


def test_a_registry_that_answers_is_asked_and_has_to_agree(server: ScriptedRegistry, both: FolderFirst) -> None:
    server.add(7, '{"type":"string"}')
    assert both.find(7) is None
    assert known(both, 7) == Schema("avro", '{"type":"string"}')


def test_the_folder_bridges_an_outage_and_is_confirmed_later(
    server: ScriptedRegistry, both: FolderFirst, heard: Heard
) -> None:
    server.trouble = scripted.replies(503)
    found = known(both, 7)
    assert isinstance(found, Schema)
    assert found.text == PULLED.text
    assert heard.names == ["schema_of_folder"]
    server.trouble = None
    server.add(7, '{"type":"string"}')
    until(lambda: (both.poll(), "schema_read" in heard.names)[1], "the registry's schema", 20, every=0.001)
    assert isinstance(both.find(7), Schema)


def test_a_silent_registry_has_a_second(server: ScriptedRegistry, both: FolderFirst) -> None:
    server.trouble = scripted.silence
    assert both.find(7) is None
    assert isinstance(known(both, 7), Schema)


def test_another_schema_is_never_decoded_with(server: ScriptedRegistry, both: FolderFirst, heard: Heard) -> None:
    server.add(7, '{"type":"int"}')
    both.find(7)
    until(lambda: (both.poll(), both.find(7), "schema_differs" in heard.names)[2], "the notice", 20, every=0.001)
    assert both.find(7) is None
    assert "7" in both.stalled
    assert both.waits()[7].startswith("the registry has another schema")
    assert heard.gauges["schemas_differing"] == 1


def test_one_that_was_given_is_taken_back(server: ScriptedRegistry, both: FolderFirst, heard: Heard) -> None:
    server.trouble = scripted.replies(503)
    known(both, 7)
    server.trouble = None
    server.add(7, '{"type":"int"}')
    until(lambda: (both.poll(), "schema_differs" in heard.names)[1], "the notice", 20, every=0.001)
    assert both.find(7) is None


def test_ids_of_another_registry_mean_nothing(server: ScriptedRegistry, both: FolderFirst) -> None:
    server.trouble = scripted.replies(503)
    both.find(8)
    until(lambda: (both.poll(), both.waits()[8] != "it is asked for")[1], "an answer", 20, every=0.001)
    assert both.find(8) is None
