"""Schemas are read as Avro's specification means them; what no value can be read by is refused with its place."""

# ruff: noqa: PT017 - what is caught is what is looked at

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.decoding.avro_format import body_reader
from greenflash_kafka.decoding.avro_schema import parse
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.schema import Schema


def avro(given: object, *references: tuple[str, object]) -> Schema:
    """A schema of JSON values."""
    return Schema("avro", json.dumps(given), tuple((name, json.dumps(each)) for name, each in references))


def record(name: str, **fields: object) -> dict[str, object]:
    """The schema of a record."""
    return {"type": "record", "name": name, "fields": [{"name": each, "type": kind} for each, kind in fields.items()]}


def test_names_are_found_in_the_namespace_that_they_stand_in() -> None:
    inner = {"type": "enum", "name": "E", "symbols": ["X"], "namespace": "other"}
    outer = {**record("R", a=inner, b="other.E", c=record("I", d="string"), d="I"), "namespace": "acme"}
    root = parse(avro(outer))
    assert root.name == "acme.R"
    assert [field.type.name for field in root.fields] == ["other.E", "other.E", "acme.I", "acme.I"]
    assert parse(avro({**record("a.b.R", a="string"), "namespace": "ignored"})).name == "a.b.R"
    # A name without a namespace is found from within one.
    assert parse(avro([record("Plain"), {**record("R", a="Plain"), "namespace": "acme"}])).branches[1].name == "acme.R"


def test_a_schema_refers_to_others_each_after_those_that_it_refers_to_itself() -> None:
    money = {**record("Money", amount="long"), "namespace": "acme"}
    item = {**record("Item", price="Money"), "namespace": "acme"}
    root = parse(
        avro({**record("Order", item="acme.Item", fee="Money"), "namespace": "acme"}, ("m", money), ("i", item))
    )
    assert [field.type.name for field in root.fields] == ["acme.Item", "acme.Money"]


def test_a_type_may_be_defined_again_if_it_is_the_same() -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["X"]}
    assert parse(avro(record("R", a=enum, b=enum), ("e", enum))).fields[1].type.symbols == ("X",)


def test_other_spellings_of_a_type_mean_the_same() -> None:
    root = parse(avro(record("R", a={"type": "string"}, b={"type": {"type": "int"}}, c={"type": ["null", "int"]})))
    assert [field.type.kind for field in root.fields] == ["string", "int", "union"]
    assert parse(avro({"type": "error", "name": "E", "fields": []})).kind == "record"


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (Schema("avro", "{"), "isn't JSON"),
        (Schema("avro", ""), "isn't JSON"),
        (Schema("avro", "[" * 100_000), r"isn't JSON|nests too many"),
        (Schema("avro", '"string"', (("a", "{"),)), "the text of the reference `a` isn't JSON"),
        (avro(7), "expected a type, found `7`"),
        (avro(None), "expected a type"),
        (avro([]), "a union has no branches"),
        (avro("Order"), "no type `Order` is known: is it in a schema that isn't referred to?"),
        (avro(record("R", a=record("S", b="long", c="lng"))), "no type `lng` is known at a.c"),
        (avro({"type": "array"}), "expected a type, found `None`"),
        (avro({"type": "enum", "name": "E", "symbols": []}), "`symbols` of an enum"),
        (avro({"type": "fixed", "name": "F", "size": -1}), "`size` of a fixed is `-1`"),
        (avro({"type": "fixed", "name": "F", "size": True}), "`size` of a fixed is `True`"),
        (avro({"type": "record", "fields": []}), "`record` has no name"),
        (avro({"type": "record", "name": "R"}), "`fields` of `R` are no list"),
        (avro({"type": "record", "name": "R", "fields": [{"type": "int"}]}), "has no name of its own"),
        (avro({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}] * 2}), "of its own: `a`"),
        (avro(record("R", a=record("R"))), "the type `R` is defined twice at a"),
        (avro(record("R", **{f"f{n}": "int" for n in range(5_001)})), "more than 5,000 fields"),
        (Schema("avro", '"string"' + " " * 1_000_000), "longer than 1,000,000"),
        (avro("string", *((f"r{n}", "string") for n in range(101))), "refers to 101 schemas"),
    ],
)
def test_what_is_no_schema_is_refused(schema: Schema, text: str) -> None:
    with pytest.raises(SchemaError, match=text) as refused:
        parse(schema)
    assert len(str(refused.value)) < 400


def test_types_that_nest_deeper_than_any_real_one_are_refused() -> None:
    def chain(levels: int) -> Schema:
        names = [f"R{level}" for level in range(levels)]
        texts = [record("R0", n="int"), *(record(name, n=["null", names[at]]) for at, name in enumerate(names[1:]))]
        return avro(texts)

    def inside(levels: int) -> Schema:
        text = '"int"'
        for level in range(levels):
            text = f'{{"type": "record", "name": "R{level}", "fields": [{{"name": "n", "type": [{text}, "null"]}}]}}'
        return Schema("avro", text)

    for schema in (chain, inside):
        assert body_reader(schema(100), None)
        assert body_reader(schema(100), {})
        for levels in (101, 400, 3_000):
            with pytest.raises(SchemaError, match=r"nest more than 100 levels|nests too many|isn't JSON"):
                body_reader(schema(levels), None)


names = st.sampled_from(["R", "E", "int", "null", "a.b", "record", "array"])
anything = st.recursive(
    names | st.none() | st.integers(-1, 3) | st.lists(names, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["record", "array", "map", "enum", "fixed", "bytes"]) | inner},
            optional={
                "name": names,
                "namespace": names,
                "items": inner,
                "values": inner,
                "symbols": st.just(["A"]) | inner,
                "size": st.integers(-1, 3),
                "fields": st.lists(st.fixed_dictionaries({"name": names, "type": inner}), max_size=3) | inner,
                "logicalType": st.sampled_from(["decimal", "uuid", "duration", "date"]) | inner,
                "scale": st.integers(-1, 2) | inner,
                "connect.name": names | inner,
                "connect.parameters": inner,
            },
        )
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(anything, st.binary(max_size=40))
def test_any_json_is_a_schema_or_is_refused(value: object, body: bytes) -> None:
    try:
        readers = [body_reader(avro(value), shape) for shape in (None, {"a.b": {"R": None}})]
    except SchemaError as error:
        assert 0 < len(str(error)) < 400
        return
    for reader in readers:
        with suppress(DecodeError):
            reader.read(body)
