"""Nodes know the stretch of the file in which they stand."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map, Place, Scalar, beginning, place


def root(text: str) -> Map:
    node = parse(text.encode(), FileReport("f.yaml"))
    assert isinstance(node, Map)
    return node


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: xyz  # why\n", (1, 4, 1, 7)),
        ("a: 'it''s'\n", (1, 4, 1, 11)),
        ("a: x\n  y\nb: 1\n", (1, 4, 2, 4)),
        ("a: |\n  x\n  yz\n\nb: 1\n", (1, 4, 3, 5)),
        ("a: [1, 2]\n", (1, 4, 1, 10)),
        ("a: {b: 1,\n  c: 2}\n", (1, 4, 2, 8)),
        ("a:\n  - 1\n  - xy\n\nb: 1\n", (2, 3, 3, 7)),
        ("a:\n  b:\n    c: 12\n\n# end\nd: 1\n", (2, 3, 3, 10)),
        ("a: []\n", (1, 4, 1, 6)),
    ],
)
def test_a_node_ends_after_its_last_character(text: str, expected: tuple[int, int, int, int]) -> None:
    value = root(text).entries[0].value
    assert place(value) == Place(*expected)
    assert beginning(value) == Place(*expected[:2], *expected[:2])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abc: [1]\n", (1, 1, 1, 9)), ("abc:\nb: 1\n", (1, 1, 1, 4)), ("abc:\n  - x\n", (1, 1, 2, 6))],
)
def test_an_entry_is_its_key_and_its_value(text: str, expected: tuple[int, int, int, int]) -> None:
    assert root(text).entries[0].place == Place(*expected)


def test_a_part_of_a_text_is_found_past_escapes_and_line_breaks() -> None:
    value = root('a: "x \\u0041\n  b"\n').entries[0].value
    assert isinstance(value, Scalar)
    assert value.text == "x A b"
    assert value.part(2, 3) == Place(1, 7, 1, 13)
    assert value.part(2, 5) == Place(1, 7, 2, 4)
    assert value.part(5, 5) == Place(2, 4, 2, 4)
    assert value.part(99, 100) == Place(2, 4, 2, 4), "past the end is the end"


def test_entries_are_found_by_key() -> None:
    node = root("a: 1\nb: 2\n")
    assert node.get("b") is node.entries[1].value
    assert node.entry("a") is node.entries[0]
    assert (node.get("c"), node.entry("c")) == (None, None)
