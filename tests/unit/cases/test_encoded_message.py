"""Cases of topics whose messages are encoded: data in, the production reader reads it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import fastavro
import pytest

from greenflash_kafka.cases.case_runner import run

SCHEMA = {
    "type": "record",
    "name": "acme.Order",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "note", "type": ["null", "string"], "default": None},
    ],
}
MAPPING = """\
version: 1
source: {topics: [shop.orders]%s}
rules:
  - name: paid
    when: {kafka.schema: acme.Order}
    event:
      event_type: order_paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_major(payload.total, "EUR")
      external_user_id: = payload.id
      event_at: = payload.paid_at
      properties: {schema: = kafka.schema_id}
"""
CASES = """\
version: 1
message:
  payload: {id: o-1, total: 12.5, paid_at: "2026-11-18T11:06:40Z"}
cases:
  - name: an order is paid
    expect: [{event_type: order_paid, value: "12.50", event_at: "2026-11-18T11:06:40Z"%s}]
"""
INDEX = """\
schemas:
  - {subject: shop.orders-value, version: 3, registry: "https://one", id: 77, kind: %s, file: orders.%s, latest: true}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.yaml").write_text(MAPPING % "")
    (tmp_path / "orders_test.yaml").write_text(CASES % "")
    return tmp_path


def pulled(folder: Path, kind: str = "avro", ending: str = "avsc", text: str = json.dumps(SCHEMA)) -> None:
    (folder / "schemas").mkdir()
    (folder / "schemas" / "index.yaml").write_text(INDEX % (kind, ending))
    (folder / "schemas" / f"orders.{ending}").write_text(text)


def failures(folder: Path) -> list[str]:
    results = run([folder])
    assert [each.message for each in results.findings if each.severity == "error"] == []
    assert len(results.results) == 1
    return [each.difference for each in results.results if not each.passed]


def test_a_payload_is_encoded_by_the_newest_schema_of_its_topic(folder: Path) -> None:
    pulled(folder)
    (folder / "orders_test.yaml").write_text(CASES % ", properties.schema: 77")
    assert failures(folder) == []


def test_what_the_schema_doesnt_have_fails_the_case(folder: Path) -> None:
    pulled(folder)
    file = folder / "orders_test.yaml"
    file.write_text(file.read_text().replace("total:", "totl:"))
    (said,) = failures(folder)
    assert "doesn't fit schema 77 (shop.orders-value v3): " in said
    assert "totl" in said


def test_a_file_has_the_schema_of_bare_bytes(folder: Path) -> None:
    (folder / "orders.yaml").write_text(MAPPING % ", format: avro, schema: orders.avsc")
    (folder / "orders.avsc").write_text(json.dumps(SCHEMA))
    assert failures(folder) == []


def test_a_case_may_name_a_schema(folder: Path) -> None:
    (folder / "own.avsc").write_text(json.dumps(SCHEMA))
    file = folder / "orders_test.yaml"
    file.write_text(file.read_text().replace("  payload:", "  schema: own.avsc\n  payload:"))
    assert failures(folder) == []
    file.write_text(file.read_text().replace("own.avsc", "nobody-value"))
    (said,) = failures(folder)
    assert said.startswith("schema nobody-value: there is no schemas/index.yaml: looked for ")
    assert said.endswith("a file's name ends in .avsc, .proto, .json")


def test_a_file_of_bytes_is_the_value(folder: Path) -> None:
    pulled(folder)
    body = io.BytesIO()
    order = {"id": "o-1", "total": Decimal("12.50"), "paid_at": datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)}
    fastavro.schemaless_writer(body, SCHEMA, order)
    (folder / "paid.bin").write_bytes(b"\x00\x00\x00\x00\x4d" + body.getvalue())
    file = folder / "orders_test.yaml"
    text = file.read_text()
    file.write_text(text[: text.index("  payload:")] + "  file: paid.bin\n" + text[text.index("cases:") :])
    assert failures(folder) == []


def test_without_its_schema_a_topic_that_needs_one_fails(folder: Path) -> None:
    (folder / "orders.yaml").write_text(MAPPING % ", format: avro")
    (said,) = failures(folder)
    assert said.startswith("shop.orders is avro, and no schema of shop.orders-value is here")
    assert "schemas pull" in said


def test_json_behind_a_schemas_key(folder: Path) -> None:
    schema = json.dumps({"title": "acme.Order", "type": "object"})
    pulled(folder, "json-schema", "json", schema)
    assert failures(folder) == []


def test_protobuf_with_its_message_or_behind_a_schemas_key(folder: Path) -> None:
    text = """syntax = "proto3"; package acme; import "google/protobuf/timestamp.proto";
    message Order { string id = 1; double total = 2; google.protobuf.Timestamp paid_at = 3; }"""
    (folder / "orders.proto").write_text(text)
    (folder / "orders.yaml").write_text(MAPPING % ", format: protobuf, schema: orders.proto, message: acme.Order")
    assert failures(folder) == []
    (folder / "orders.yaml").write_text(MAPPING % "")
    pulled(folder, "protobuf", "proto", text)
    assert failures(folder) == []
