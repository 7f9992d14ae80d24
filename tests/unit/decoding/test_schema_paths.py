"""The paths of schemas of all kinds."""

from __future__ import annotations

import json

import pytest

from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.decoding.schema_paths import schema_tree
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.schema_tree import SchemaTree

DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
BUYER = {"type": "record", "name": "Buyer", "fields": [{"name": "id", "type": "string"}]}
COMPANY = {"type": "record", "name": "Company", "fields": [{"name": "vat", "type": "string"}]}
AVRO = {
    "type": "record",
    "name": "acme.Order",
    "fields": [
        {"name": "total", "type": ["null", DECIMAL]},
        {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["PAID", "OPEN"]}},
        {"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "day", "type": {"type": "int", "connect.name": "io.debezium.time.Date"}},
        {"name": "by", "type": ["null", BUYER, COMPANY]},
        {"name": "lines", "type": {"type": "array", "items": "Buyer"}},
        {"name": "labels", "type": {"type": "map", "values": "long"}},
        {"name": "before", "type": ["null", "Order"]},
    ],
}
JSON = {
    "title": "Order",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "total": {"oneOf": [{"type": "null"}, {"type": "number"}]},
        "status": {"type": "string", "enum": ["PAID", "OPEN"]},
        "by": {"$ref": "#/definitions/Buyer"},
        "lines": {"type": "array", "items": {"$ref": "buyer.json"}},
        "note": {"type": ["null", "string"]},
        "some": {},
    },
    "definitions": {
        "Buyer": {
            "allOf": [{"type": "object", "additionalProperties": False, "properties": {"id": {"type": "string"}}}],
            "properties": {"next": {"$ref": "#/definitions/Buyer"}},
        }
    },
}


def kind(tree: SchemaTree, *steps: str | int) -> str | None:
    found = tree.at(steps)[0]
    return None if found is None else found.kind


def test_of_avro() -> None:
    tree = schema_tree(Schema("avro", json.dumps(AVRO)))
    assert {name: each.kind for name, each in tree.fields.items()} == {
        "total": "number",
        "status": "text",
        "paid_at": "time",
        "day": "text",
        "by": "object",
        "lines": "list",
        "labels": "map",
        "before": "object",
    }
    assert tree.fields["status"].symbols == ("PAID", "OPEN")
    assert set(tree.fields["by"].fields) == {"id", "vat", "@type"}
    assert kind(tree, "lines", 0, "id") == "text"
    assert kind(tree, "before", "before", "total") == "number"
    assert kind(tree, "before", "before", "totl") is None


def test_of_a_json_schema() -> None:
    other = json.dumps({"type": "object", "additionalProperties": False, "properties": {"id": {"type": "integer"}}})
    tree = schema_tree(Schema("json-schema", json.dumps(JSON), (("buyer.json", other),)))
    assert kind(tree, "total") == "number"
    assert tree.fields["status"].symbols == ("PAID", "OPEN")
    assert kind(tree, "by", "id") == "text"
    assert kind(tree, "by", "next") == "any"
    assert kind(tree, "lines", 0, "id") == "number"
    assert kind(tree, "note") == "text"
    assert kind(tree, "some") == "any"
    assert kind(tree, "totl") is None


def test_objects_of_a_json_schema_are_open_unless_it_says_otherwise() -> None:
    tree = schema_tree(Schema("json-schema", '{"type": "object", "properties": {"id": {"type": "string"}}}'))
    assert kind(tree, "other") == "any"


@pytest.mark.parametrize("schema", [Schema("avro", "{"), Schema("json-schema", "{")])
def test_what_is_no_schema_is_refused(schema: Schema) -> None:
    with pytest.raises(SchemaError):
        schema_tree(schema)


@pytest.mark.parametrize("levels", [60, 190])
def test_of_what_nests_too_deep_in_a_schema_nothing_is_known(levels: int) -> None:
    text = '{"type": "array", "items": ' * levels + '{"type": "string"}' + "}" * levels
    tree = schema_tree(Schema("json-schema", text))
    assert (kind(tree, *[0] * 40), kind(tree, *[0] * 55)) == ("list", "any")
