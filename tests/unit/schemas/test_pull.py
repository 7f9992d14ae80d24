"""Pulled schemas are files that a diff can be made of, and that give the same schemas back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.errors import RegistryUnusable
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.schemas.folder import FolderSchemas, SchemaFolder
from greenflash_kafka.schemas.pull import NEWEST, pull, subjects_of_topic, write
from greenflash_kafka.schemas.registry_connection import RegistrySettings
from greenflash_kafka.schemas.registry_questions import RegistryQuestions
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry

GUID = "00010203-0405-0607-0809-0a0b0c0d0e0f"


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry()
    made.add(5, '{"type":"record","name":"Money","fields":[]}', subject="money")
    made.add(6, '{"type":"string"}', subject="orders-value", version=1)
    made.add(7, '"Money"', subject="orders-value", version=2, references=[("Money", "money", 1)], guid=GUID)
    made.add(8, 'syntax = "proto3";\n', kind="PROTOBUF", subject="orders-key")
    yield made
    made.close()


@pytest.fixture
def questions(server: ScriptedRegistry) -> Iterator[RegistryQuestions]:
    made = RegistryQuestions(RegistrySettings((server.url,), timeout=5), SystemClock())
    yield made
    made.close()


def test_what_is_pulled_is_found_again(server: ScriptedRegistry, questions: RegistryQuestions, tmp_path: Path) -> None:
    pulled = pull(questions, [*subjects_of_topic("orders"), *subjects_of_topic("none")])
    assert pulled.missing == ["none-value", "none-key"]
    new, changed = write(pulled, server.url, tmp_path)
    assert new == ["index.yaml", "money.v1.avsc", "orders-key.v1.proto", "orders-value.v1.avsc", "orders-value.v2.avsc"]
    assert changed == []
    folder = SchemaFolder(tmp_path)
    assert folder.findings == ()
    schemas = FolderSchemas(folder)
    money = '{\n  "type": "record",\n  "name": "Money",\n  "fields": []\n}\n'
    assert schemas.find(7) == Schema("avro", '"Money"\n', (("Money", money),), "orders-value", 2)
    assert schemas.find(bytes(range(16))) == schemas.find(7)
    assert schemas.find(8) == Schema("protobuf", 'syntax = "proto3";\n', (), "orders-key", 1)
    latest = folder.latest("orders-value")
    assert latest is not None
    assert latest.version == 2


def test_the_same_registry_gives_the_same_files(
    server: ScriptedRegistry, questions: RegistryQuestions, tmp_path: Path
) -> None:
    write(pull(questions, ["orders-value"]), server.url, tmp_path)
    assert write(pull(questions, ["orders-value"]), server.url, tmp_path) == ([], [])
    server.add(9, '{"type":"int"}', subject="orders-value", version=3)
    assert write(pull(questions, ["orders-value"]), server.url, tmp_path) == (["orders-value.v3.avsc"], ["index.yaml"])
    assert [each.version for each in SchemaFolder(tmp_path).entries if each.latest] == [3]


def test_other_registries_and_old_versions_stay(
    server: ScriptedRegistry, questions: RegistryQuestions, tmp_path: Path
) -> None:
    write(pull(questions, ["orders-value"]), "https://staging", tmp_path)
    for version in range(3, NEWEST + 5):
        server.add(
            100 + version, f'{{"type":"fixed","name":"F","size":{version}}}', subject="orders-value", version=version
        )
    write(pull(questions, ["orders-value"]), server.url, tmp_path)
    folder = SchemaFolder(tmp_path)
    assert len(folder.named_in(["https://staging"])) == 3
    assert len(folder.named_in([server.url])) == NEWEST
    assert len({each.file for each in folder.entries}) == 3 + NEWEST
    assert folder.findings == ()


def test_what_messages_name_is_pulled_by_its_key(
    server: ScriptedRegistry, questions: RegistryQuestions, tmp_path: Path
) -> None:
    pulled = pull(questions, [], [6, bytes(range(16)), 77])
    assert sorted(pulled.found) == [("money", 1), ("orders-value", 1), (f"schema-{GUID}", 1)]
    assert pulled.missing == ["schema-77"]
    write(pulled, server.url, tmp_path)
    assert isinstance(FolderSchemas(SchemaFolder(tmp_path)).find(bytes(range(16))), Schema)


def test_what_cannot_be_used_is_named(server: ScriptedRegistry, questions: RegistryQuestions) -> None:
    server.add(9, "{}", kind="THRIFT", subject="odd")
    assert list(pull(questions, ["odd"]).refused) == ["odd 1"]


def test_a_registry_that_does_not_answer_is_said_and_nothing_is_written(
    server: ScriptedRegistry, questions: RegistryQuestions
) -> None:
    server.trouble = scripted.replies(401)
    with pytest.raises(RegistryUnusable, match="credentials"):
        pull(questions, ["orders-value"])
    server.trouble = scripted.replies(200, b'{"no": "list"}')
    with pytest.raises(RegistryUnusable, match="list"):
        questions.versions("orders-value")
