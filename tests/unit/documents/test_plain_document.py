"""A YAML file as plain values, with the place of each."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.plain_document import plain_document


def test_every_key_and_item_has_its_value_and_its_place() -> None:
    document = plain_document(b"a:\n  b: [1, x]\n  c: {d: 0.5}\n", "f.yaml")
    assert document.value == {"a": {"b": [1, "x"], "c": {"d": 0.5}}}
    assert {path: place.where for path, place in document.places.items()} == {
        (): "1:1",
        ("a",): "1:1",
        ("a", "b"): "2:3",
        ("a", "b", 0): "2:7",
        ("a", "b", 1): "2:10",
        ("a", "c"): "3:3",
        ("a", "c", "d"): "3:7",
    }
    assert document.findings == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-5", 1e-5), ("-2.5E3", -2500.0), ("2.0", 2.0), ("7", 7), ("'1e5'", "1e5"), ("1e", "1e"), ("no", "no")],
)
def test_numbers_are_those_of_json_and_quoted_ones_are_text(text: str, value: object) -> None:
    found = plain_document(f"x: {text}\n".encode(), "f.yaml").value["x"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"null\n", b"[1\n"])
def test_what_holds_nothing_is_none(text: bytes) -> None:
    assert plain_document(text, "f.yaml").value is None


def test_what_is_wrong_as_yaml_is_a_finding_with_its_place() -> None:
    (finding,) = plain_document(b"a: 1\na: 2\n", "f.yaml").findings
    assert finding.hint == "keep one of them"
    assert (finding.where, finding.code) == ("f.yaml:2:1", "duplicate-key")
