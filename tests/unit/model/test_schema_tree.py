"""Paths of schemas: what is at one, and which of those that are read a schema lacks."""

from __future__ import annotations

import pytest

from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema_tree import ANYTHING, SchemaTree, lacks, merged

TEXT, NUMBER = SchemaTree("text"), SchemaTree("number")
ORDER = SchemaTree("object", {"total": NUMBER, "buyer": SchemaTree("object", {"id": TEXT})})
ROOT = SchemaTree(
    "object",
    {
        "order": ORDER,
        "labels": SchemaTree("map", inner=TEXT),
        "lines": SchemaTree("list", inner=ORDER),
        "more": ANYTHING,
        "open": SchemaTree("object", {"a": TEXT}, open=True),
    },
)


@pytest.mark.parametrize(
    ("shape", "lacking"),
    [
        (None, []),
        ({"order": {"total": None, "totl": None}, "oder": None}, ["order.totl", "oder"]),
        ({"order": {"buyer": {"id": {"x": None}, "nam": None}}}, ["order.buyer.id.x", "order.buyer.nam"]),
        ({"labels": {"whatever": None}, "more": {"x": {"y": None}}, "open": {"b": None}}, []),
        ({"labels": {"whatever": {"x": None}}}, ["labels.whatever.x"]),
        ({"lines": {"x": None}}, []),
    ],
)
def test_what_is_read_and_isnt_there(shape: Shape | None, lacking: list[str]) -> None:
    assert lacks(ROOT, shape) == lacking


def test_lists_of_changed_fields_that_transitions_look_for_everywhere_are_never_lacking() -> None:
    shape: Shape = {"changedFields": None, "order": {"ChangeEventHeader": None, "changed_fields": None, "x": None}}
    assert lacks(ROOT, shape) == ["order.x"]


def test_what_is_at_a_path() -> None:
    assert ROOT.at(("lines", 0, "buyer", "id")) == (TEXT, 4)
    assert ROOT.at(("lines", 0, "buyer", "name")) == (None, 3)
    assert ROOT.at(("order", 0)) == (None, 1)
    assert ROOT.at(()) == (ROOT, 0)


def test_of_branches_each_field_of_any_is_there() -> None:
    other = SchemaTree("object", {"total": TEXT, "id": TEXT})
    found = merged([SchemaTree("null"), ORDER, other])
    assert {name: each.kind for name, each in found.fields.items()} == {"total": "any", "buyer": "object", "id": "text"}
    assert merged([TEXT, NUMBER]).kind == "any"
    assert merged([SchemaTree("null"), TEXT]) is TEXT
    assert merged([]).kind == "null"


def test_a_schema_that_refers_to_itself_ends() -> None:
    node = SchemaTree("object", {"id": TEXT})
    node.fields["next"] = node
    assert lacks(node, {"next": {"next": {"id": None, "x": None}}}) == ["next.next.x"]
    again = SchemaTree("object", {"id": TEXT})
    again.fields["next"] = again
    assert merged([node, again]).kind == "object"
