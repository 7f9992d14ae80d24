"""The paths of Protobuf schemas."""

from __future__ import annotations

import pytest

from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.decoding.schema_paths import schema_tree
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.schema_tree import SchemaTree
from tests.unit.decoding.test_protobuf_format import ALL

TREE = schema_tree(ALL, "t.M")


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (("big",), "number"),
        (("price",), "number"),
        (("flag",), "boolean"),
        (("data",), "text"),
        (("inner", "id"), "text"),
        (("tags", 0), "text"),
        (("items", 0, "count"), "number"),
        (("by_name", "any key", "id"), "text"),
        (("by_flag",), "map"),
        (("right", "id"), "text"),
        (("at",), "time"),
        (("took",), "number"),
        (("free", "whatever"), "any"),
        (("any_value", "whatever", 0), "any"),
        (("mask",), "text"),
        (("any", "@type"), "text"),
        (("any", "id"), "any"),
        (("word",), "text"),
        (("number",), "number"),
        (("money", "amount"), "number"),
        (("money", "currency_code"), "text"),
        (("day",), "text"),
        (("exact",), "number"),
        (("decimal",), "number"),
        (("times", 0), "time"),
        (("nothing",), "object"),
        (("deeper", "deeper", "more", 0, "deeper", "text"), "text"),
    ],
)
def test_a_paths_type(steps: tuple[str | int, ...], kind: str) -> None:
    found, known = TREE.at(steps)
    assert found is not None
    assert (found.kind, known) == (kind, len(steps))


@pytest.mark.parametrize(("steps", "known"), [(("inner", "idd"), 1), (("lower_camel",), 0), (("at", "seconds"), 1)])
def test_a_path_that_the_schema_lacks(steps: tuple[str, ...], known: int) -> None:
    assert TREE.at(steps) == (None, known)


def test_an_enums_symbols_are_those_that_rules_see() -> None:
    kind: SchemaTree = TREE.fields["kind"]
    assert kind.symbols == ("KIND_UNSET", "PAID", "FREE")


def test_any_message_of_the_file() -> None:
    schema = Schema("protobuf", 'syntax = "proto3"; message A { string a = 1; } message B { int32 b = 1; }')
    assert set(schema_tree(schema).fields) == {"a", "b"}
    assert set(schema_tree(schema, [1]).fields) == {"b"}
    with pytest.raises(SchemaError, match="has no message `C`"):
        schema_tree(schema, "C")


def test_types_that_nest_without_end() -> None:
    messages = "".join(f"message M{at} {{ M{at + 1} m = 1; }} " for at in range(1_000))
    with pytest.raises(SchemaError, match="nests too many types"):
        schema_tree(Schema("protobuf", f'syntax = "proto3"; {messages} message M1000 {{}}'), "M0")
