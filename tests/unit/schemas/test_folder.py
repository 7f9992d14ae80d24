"""The folder of pulled schemas, as people and `run` find things in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.model.schema import Schema, SchemaRefused
from greenflash_kafka.schemas.folder import FolderSchemas, SchemaFolder, folder_beside

INDEX = """\
schemas:
  - {subject: orders-value, version: 2, registry: "https://one", id: 7, kind: avro, file: orders.v2.avsc, latest: true,
     guid: 00010203-0405-0607-0809-0a0b0c0d0e0f, references: [{name: Money, subject: money, version: 1}]}
  - {subject: orders-value, version: 1, registry: "https://one", id: 6, kind: avro, file: orders.v1.avsc}
  - {subject: money, version: 1, registry: "https://one", id: 5, kind: avro, file: money.avsc}
  - {subject: other, version: 1, registry: "https://two", id: 6, kind: avro, file: other.avsc}
  - {subject: gone, version: 1, registry: "https://two", id: 9, kind: avro, file: gone.avsc}
  - {subject: out, version: 1, registry: "https://two", id: 10, kind: avro, file: ../secret.avsc}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "schemas"
    made.mkdir()
    (made / "index.yaml").write_text(INDEX)
    for name in ("orders.v2", "orders.v1", "money", "other"):
        (made / f"{name}.avsc").write_text(name)
    (tmp_path / "secret.avsc").write_text("secret")
    return made


def test_a_schema_is_found_by_id_guid_and_subject_with_what_it_refers_to(folder: Path) -> None:
    orders = Schema("avro", "orders.v2", (("Money", "money"),), "orders-value", 2)
    schemas = FolderSchemas(SchemaFolder(folder))
    assert schemas.folder.findings == ()
    assert schemas.find(7) == schemas.find(bytes(range(16))) == orders
    latest = schemas.folder.latest("orders-value")
    assert latest is not None
    assert schemas.folder.schema(latest) == orders
    assert [each.version for each in schemas.folder.subjects()["orders-value"]] == [1, 2]
    assert schemas.folder.latest("nobody") is None


@pytest.mark.parametrize(
    ("key", "text"),
    [(1, "schemas pull"), (6, "https://one and in https://two"), (9, "can't be read"), (10, "can't be read")],
)
def test_what_is_not_there_or_ambiguous_is_refused_at_once(folder: Path, key: int, text: str) -> None:
    refused = FolderSchemas(SchemaFolder(folder)).find(key)
    assert isinstance(refused, SchemaRefused)
    assert text in refused.text


def test_ids_are_a_registrys_own(folder: Path) -> None:
    found = SchemaFolder(folder).named_in(["https://TWO/"])
    assert [each.subject for each in found] == ["other", "gone", "out"]


def test_an_index_that_is_wrong_says_where(folder: Path) -> None:
    (folder / "index.yaml").write_text("schemas:\n  - subject: a\n  - 7\n")
    found = SchemaFolder(folder)
    assert found.entries == ()
    assert [each.line for each in found.findings] == [2, 3]
    (folder / "index.yaml").unlink()
    assert [each.code for each in SchemaFolder(folder).findings] == ["unreadable"]


def test_it_is_found_beside_the_mapping_files_and_above_them(folder: Path, tmp_path: Path) -> None:
    inner = tmp_path / "mappings" / "billing"
    inner.mkdir(parents=True)
    for path in (inner / "stripe.yaml", inner, tmp_path / "mappings"):
        found = folder_beside([path])
        assert found is not None
        assert found.path == folder
    assert folder_beside([tmp_path.parent / "elsewhere"]) is None
