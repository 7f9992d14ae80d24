"""Schemas in files beside a mapping file: what is read, and what is said of a file that can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.protoc import compile_texts
from greenflash_kafka.loading import load
from greenflash_kafka.model.topic_format import TopicFormat

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


ANY_FORMAT = """version: 1
source: {topics: [t], %s}
rules:
- name: a
  when: {x: 1}
  event: {event_type: a, product_id: 6f1d2a0c-58b1-4c1f-9a0e-0d1c2b3a4f5e, influence: neutral, value: free}
"""


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


def refused(folder: Path, source: str) -> tuple[str, str, str]:
    (folder / "m.yaml").write_text(ANY_FORMAT % source)
    (finding,) = (each for each in load([folder], {}).findings if each.severity == "error")
    return finding.code, finding.message, finding.hint


def test_the_rules_are_others_when_the_schema_is(tmp_path: Path) -> None:
    versions = set()
    for text in ('"string"', '"bytes"'):
        (tmp_path / "o.avsc").write_text(text)
        (tmp_path / "m.yaml").write_text(ANY_FORMAT % "format: avro, schema: o.avsc")
        ruleset = load([tmp_path], {}).ruleset
        assert ruleset is not None
        versions.add(ruleset.version)
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("source", "code", "said", "hint"),
    [
        ("schema: o.avsc", "missing-key", "with a schema's file `format` says what values are", "add format: avro"),
        ("format: avro, schema: ox.avsc", "bad-schema-file", "there is no ox.avsc", "did you mean o.avsc?"),
        ("format: avro, schema: ../o.avsc", "bad-schema-file", "lies outside the mapping file's folder", "copy"),
        ("format: avro, schema: /etc/o.avsc", "bad-schema-file", "named relative to the mapping file", ""),
        ("format: avro, schema: latin.avsc", "bad-schema-file", "latin.avsc isn't UTF-8 text", "which is JSON"),
        ("format: avro, schema: m.yaml", "bad-schema-file", "m.yaml isn't JSON, as an Avro schema is", ""),
        ("format: avro, schema: o.avsc, message: a.B", "bad-literal", "only Protobuf's schemas have messages", "leave"),
        ("format: protobuf, schema: o.proto", "missing-key", "`message` says which one values are", "add message:"),
        ("format: protobuf, schema: i.proto, message: A", "bad-schema-file", "i.proto imports gone.proto", ""),
    ],
)
def test_what_cant_be_read_is_a_finding(tmp_path: Path, source: str, code: str, said: str, hint: str) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "o.avsc").write_text('"string"')
    (folder / "latin.avsc").write_bytes(b'"\xe9"')
    (folder / "o.proto").write_text('syntax = "proto3"; message A {}')
    (folder / "i.proto").write_text('syntax = "proto3"; import "gone.proto"; message A {}')
    found = refused(folder, source)
    assert found[0] == code
    assert said in found[1]
    assert hint in found[2]
