"""YAML to nodes: places are exact in every notation, and what is refused hides nothing."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_document import MAX_DEPTH, parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, UnreadableNode
from tests.unit.rules.one_rule import places


def read(text: str | bytes) -> tuple[Node | None, tuple[Finding, ...]]:
    report = FileReport("f.yaml")
    content = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
    return parse(content, report), report.findings


def scalar(text: str) -> Scalar:
    root, findings = read(text)
    assert isinstance(root, Map)
    assert findings == ()
    value = root.entries[-1].value
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    ("text", "word", "line", "column"),
    [
        ("a: = payload.x + payload.y\n", "payload.y", 1, 18),
        ("a: '= payload.x + \"y\"'\n", "payload.x", 1, 7),
        ("a: 'it''s = here'\n", "here", 1, 13),
        ('a: "= \\"x\\" + payload.y"\n', "payload.y", 1, 15),
        ('a: "\\u0041 b"\n', "b", 1, 12),
        ("a: |\n  = payload.x +\n    payload.y\n", "payload.y", 3, 5),
        ("a: >-\n  = payload.x +\n  payload.y\n", "payload.y", 3, 3),
        ("a: = payload.x +\n   payload.y\n", "payload.y", 2, 4),
        ("a: '= payload.x +\n\n   payload.y'\n", "payload.y", 3, 4),
        ('a: "= payload.x + \\\n   payload.y"\n', "payload.y", 2, 4),
        ("{a: = payload.x + payload.y}\n", "payload.y", 1, 19),
        ("\ufeffa: = x + y\n", "y", 1, 10),
        ("b: 1\r\na: |\r\n  = x +\r\n  y\r\n", "y", 4, 3),
    ],
)
def test_a_character_of_a_value_has_its_place_in_the_file(text: str, word: str, line: int, column: int) -> None:
    value = scalar(text)
    start = value.text.index(word)
    place = value.part(start, start + len(word))
    assert (place.line, place.column) == (line, column)
    assert (place.end_line, place.end_column) == (line, column + len(word))


def test_keys_are_text_and_values_follow_the_core_schema() -> None:
    root, findings = read("""
        yes: no
        17: 5
        null: {on: true, "5": "5"}
        """)
    assert findings == ()
    assert isinstance(root, Map)
    assert [entry.key.text for entry in root.entries] == ["yes", "17", "null"]
    inner = root.entries[2].value
    assert isinstance(inner, Map)
    assert [(e.key.text, e.value.value) for e in inner.entries if isinstance(e.value, Scalar)] == [
        ("on", True),
        ("5", "5"),
    ]


def test_a_comment_behind_an_expression_is_a_comment() -> None:
    assert scalar("a: = concat('x', payload.y)  # it's a \"note\": here").text == "= concat('x', payload.y)"


def test_what_is_refused_hides_nothing() -> None:
    root, findings = read("""\
        b: 1
        b: 2
        c: *d
        e: &f 1
        g: !h i
        """)
    assert places(findings) == [
        (2, 1, "duplicate-key"),
        (3, 4, "yaml-alias"),
        (4, 4, "yaml-alias"),
        (5, 4, "yaml-tag"),
    ]
    assert isinstance(root, Map)
    assert [entry.key.text for entry in root.entries] == ["b", "c", "e", "g"]
    assert isinstance(root.get("c"), UnreadableNode)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a: \xff", "not-utf-8"),
        ("a: 1".encode("utf-16"), "not-utf-8"),
        (b"a: \x01", "bad-yaml"),
        (b"a: \x00b", "bad-yaml"),
        (b"a: 1\n---\nb: 1\n", "bad-yaml"),
        (b"? [a]\n: 1\n", "bad-yaml"),
        (b'a: "\\U99999999"', "bad-yaml"),
        (b"\ta: 1", "bad-yaml"),
        (b"[" * 5000, "too-deep"),
        (b"[" * 500 + b"]" * 500, "too-deep"),
        (b"a: " + b"x" * 1_000_001, "too-large"),
        (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "yaml-alias"),
    ],
)
def test_what_is_no_plain_data_is_a_finding(content: bytes, code: str) -> None:
    _, findings = read(content)
    assert code in {finding.code for finding in findings}


def test_depth_is_limited_and_what_is_below_is_read() -> None:
    root, findings = read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert findings == ()
    assert isinstance(root, List)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_text_gives_nodes_or_findings(text: str) -> None:
    root, findings = read(text.encode("utf-8", "surrogatepass"))
    assert (
        root is not None
        or findings
        or not text.strip("\ufeff \t\r\n")
        or text.lstrip().startswith(("#", "%", "-", "."))
    )


_PIECES = st.sampled_from(
    [
        "a: ",
        "b:",
        "- ",
        "= x",
        "'",
        '"',
        "{",
        "}",
        "[",
        "]",
        ", ",
        " #",
        "\n",
        "\n  ",
        ": ",
        "where: ",
        "|",
        ">",
        "\\",
        "1",
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_any_yaml_like_text_gives_nodes_or_findings(text: str) -> None:
    read(text.encode())


@pytest.mark.parametrize(
    "text",
    ["{where: ]", "a: a: {where: }", "{a: =, b: =}", "a: a: \n  a:  #a: ", "a: {\n", "- {[\n", "? ", "a: |1\n= x"],
)
def test_half_a_file_gives_nodes_or_findings(text: str) -> None:
    read(text)
