"""Tables whose topic is Protobuf: rows and deletions through the decoding of rules' topics, keys too."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.json_format import ParseDict

from greenflash_kafka.evaluate import table_rows
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.topic_tables import TableRow, TableRows
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.schemas import KnownSchemas
from tests.formats.compiled import compiled

CRM: Final = """\
syntax = "proto3";
package tables.crm;
import "google/protobuf/timestamp.proto";
message Key { int64 id = 1; }
message Customer {
  enum Tier { FREE = 0; PRO = 1; }
  int64 id = 1;
  string user_id = 2;
  optional string team = 3;
  Tier tier = 4;
  google.protobuf.Timestamp since = 5;
  bool gone = 6;
}
"""
SOURCE: Final = "tables.customers"
FIELDS: Final = "key: id, fields: [user_id, team, tier, since]"
MAPPING: Final = """\
version: 1
source: {topics: [orders]}
tables:
  customers: {topic: crm, SOURCE, FIELDS}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: one
      external_user_id: = tables.customers[payload.customer].user_id
"""
REGISTRY: Final = KnownSchemas({1: Schema("protobuf", CRM)})
ANN: Final = {"id": 7, "user_id": "ann", "tier": "PRO", "since": "2026-11-18T10:00:00Z"}
ROW: Final = TableRow(SOURCE, "7", '["ann",null,"PRO","2026-11-18T10:00:00Z"]')


def bare(name: str, **fields: Any) -> bytes:
    """A message of the schema without anything around it."""
    body: bytes = ParseDict(fields, compiled("tables/crm.proto", CRM)[f"tables.crm.{name}"]()).SerializeToString()
    return body


def framed(name: str, **fields: Any) -> bytes:
    """The same as Confluent's serializer frames it."""
    place = {"Key": b"\0", "Customer": b"\x02\x02"}[name]
    return b"\0" + (1).to_bytes(4, "big") + place + bare(name, **fields)


def told(folder: Path, source: str, value: bytes | None, key: bytes | None = None, fields: str = FIELDS) -> TableRows:
    """The rows that a record gives."""
    (folder / "orders.yaml").write_text(MAPPING.replace("SOURCE", source).replace("FIELDS", fields))
    loaded = load([folder], {})
    assert loaded.ruleset is not None, [each.describe() for each in loaded.findings]
    message = Message("crm", 0, 0, 1_000, key=key, value=value)
    found = table_rows(message, Snapshot(loaded.ruleset, schemas=REGISTRY))
    assert isinstance(found, TableRows)
    return found


def test_rows_by_a_registry_have_the_types_of_the_schema(tmp_path: Path) -> None:
    assert told(tmp_path, "source: {}", framed("Customer", **ANN)) == TableRows((ROW,))
    named = "source: {format: protobuf, message: tables.crm.Customer}"
    assert told(tmp_path, named, framed("Customer", **ANN)) == TableRows((ROW,))


@pytest.mark.parametrize("file", ["crm.proto", "crm.desc"])
def test_rows_by_a_file_have_them_too(tmp_path: Path, file: str) -> None:
    (tmp_path / "crm.proto").write_text(CRM)
    descriptor = compiled("tables/crm.proto", CRM)["tables.crm.Customer"].DESCRIPTOR.file
    every = descriptor_pb2.FileDescriptorSet()
    for each in (*descriptor.dependencies, descriptor):
        each.CopyToProto(every.file.add())
    (tmp_path / "crm.desc").write_bytes(every.SerializeToString())
    source = f"source: {{format: protobuf, schema: {file}, message: tables.crm.Customer}}"
    assert told(tmp_path, source, bare("Customer", **ANN)) == TableRows((ROW,))
    gone = told(tmp_path, f"{source}, deleted: = payload.gone", bare("Customer", id=7, gone=True))
    assert gone == TableRows((TableRow(SOURCE, "7", None),))


@pytest.mark.parametrize("key", [framed("Key", id=7), b"7", b'{"id": 7}'])
def test_a_record_without_a_value_deletes_the_row_of_its_key(tmp_path: Path, key: bytes) -> None:
    assert told(tmp_path, "source: {key: auto}", None, key) == TableRows((TableRow(SOURCE, "7", None),))


def test_the_record_s_key_may_be_the_row_s(tmp_path: Path) -> None:
    record = framed("Customer", **ANN), framed("Key", id=8)
    found = told(tmp_path, "source: {key: auto}", *record, "key: = kafka.key.id, fields: [user_id]")
    assert found == TableRows((TableRow(SOURCE, "8", '["ann"]'),))


def test_a_key_that_is_not_decoded_deletes_nothing_and_says_so(tmp_path: Path) -> None:
    """Else the row of a customer who is gone would stay for ever, and nobody would know."""
    found = told(tmp_path, "source: {}", None, framed("Key", id=7))
    assert found.found == ()
    (problem,) = found.problems
    assert problem.code == "type-mismatch"
    assert "say `source: {key: auto}`" in problem.message
