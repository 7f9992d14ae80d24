"""Schemas in files beside a mapping file, Protobuf's."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.protoc import compile_texts
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.rules.files import load

RULES = """version: 1
source: {{topics: [orders], format: protobuf, schema: {name}, message: acme.Order}}
rules:
- name: paid
  when: {{id: o-1}}
  event: {{event_type: a, product_id: 6f1d2a0c-58b1-4c1f-9a0e-0d1c2b3a4f5e, value: free}}
"""
CUSTOMER = 'syntax = "proto3"; package acme; message Customer { string id = 1; }'
ORDER = """syntax = "proto3";
package acme;
import "customer.proto";
import "google/api/annotations.proto";
import "google/type/money.proto";
message Order { string id = 1; Customer customer = 2; google.type.Money total = 3; }
"""
BODY = b"\x0a\x03o-1\x12\x03\x0a\x01c"
PAYLOAD = {"id": "o-1", "customer": {"id": "c"}}


def format_of(folder: Path, name: str) -> TopicFormat:
    path = folder / "m.yaml"
    path.write_text(RULES.format(name=name))
    loaded = load([path], {})
    assert loaded.ruleset is not None, [each.describe() for each in loaded.findings]
    return loaded.ruleset.format_of("orders")


def test_a_proto_file_with_imports_beside_it_and_of_google(tmp_path: Path) -> None:
    (tmp_path / "orders.proto").write_text(ORDER)
    (tmp_path / "customer.proto").write_text(CUSTOMER)
    schema = format_of(tmp_path, "orders.proto").schema
    assert schema is not None
    assert [name for name, _ in schema.references] == ["customer.proto"]
    assert body_reader(schema, None, "acme.Order").read(BODY) == PAYLOAD


def test_a_descriptor_set_has_its_imports_in_it(tmp_path: Path) -> None:
    compiled = compile_texts({"orders.proto": ORDER, "customer.proto": CUSTOMER}, {})
    (tmp_path / "orders.desc").write_bytes(compiled)
    schema = format_of(tmp_path, "orders.desc").schema
    assert schema is not None
    assert body_reader(schema, None, "acme.Order").read(BODY) == PAYLOAD
