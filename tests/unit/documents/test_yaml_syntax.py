"""Broken YAML: the first syntax error of a file is found where it is, with the line as it must be written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import changed

Load = Callable[..., Loaded]


def read(text: str) -> tuple[Finding, ...]:
    report = FileReport("f.yaml")
    root = parse(text.encode(), report)
    assert root is None or not report.findings
    return report.findings


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ('value: = concat("a: ", payload.x)', (1, 8), "value: '= concat(\"a: \", payload.x)'"),
        ('value: = concat("a #", payload.x)  # why', (1, 8), "value: '= concat(\"a #\", payload.x)'  # why"),
        ('where: "a" == payload.x', (1, 8), "where: '\"a\" == payload.x'"),
        ("where: ['a'] == payload.x", (1, 8), "where: \"['a'] == payload.x\""),
        ("e: {value: = round(payload.x, 2), b: 1}", (1, 12), "e: {value: '= round(payload.x, 2)', b: 1}"),
        ("e: {value: = payload.x[0].y, b: 1}", (1, 12), "e: {value: '= payload.x[0].y', b: 1}"),
        ("e: {a: ${NAME}, b: 1}", (1, 8), "e: {a: '${NAME}', b: 1}"),
        ('where: payload.x == "a #b"', (1, 8), "where: 'payload.x == \"a #b\"'"),
        ("r: {where: matches(payload.x, 'b'), c: 1}", (1, 12), "r: {where: \"matches(payload.x, 'b')\", c: 1}"),
        ("w: {items[0].price: 5, b: 1}", (1, 5), "w: {'items[0].price': 5, b: 1}"),
        ("e: {a: = f(x, 1), b[0].c: 1, d: = g(y, 2)}", (1, 8), "e: {a: '= f(x, 1)', 'b[0].c': 1, d: '= g(y, 2)'}"),
        ("description: Note: this is it", (1, 14), "description: 'Note: this is it'"),
    ],
)
def test_where_yaml_trips_an_expression_the_line_is_shown_as_it_must_be_quoted(
    text: str, place: tuple[int, int], shown: str
) -> None:
    (finding,) = read(text + "\nafter: 1\nafter: 2\n")
    assert (finding.line, finding.column, finding.code) == (*place, "yaml-quoting")
    assert finding.hint == shown
    assert read(shown) == ()


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: 'never closed\nb: 1\n", (1, 4), "never closed"),
        ("a: 'open\nb: 1\nc: 'x'\n", (1, 4), "closed only in line 3"),
        ("k: [1, 2\n", (1, 4), "isn't closed"),
        ("g: {{a: 1, b: 2}\n", (1, 4), "one { too many"),
        ("\ta: 1", (1, 1), "begins with a tab"),
        ("a: 1\nb: \x01", (2, 4), "U+0001"),
    ],
)
def test_what_is_broken_is_said_where_it_begins(text: str, place: tuple[int, int], said: str) -> None:
    (finding,) = read(text)
    assert (finding.line, finding.column, finding.code) == (*place, "bad-yaml")
    assert said in finding.message


def test_the_first_syntax_error_is_the_only_finding_of_its_file(load_text: Load) -> None:
    broken = (
        changed('value: "1"', "value: = concat('a: ', payload.x)")
        .replace("payload.id", "payload.id: ")
        .replace("influence: neutral", "influence: postive")
    )
    (finding,) = load_text(broken).findings
    assert (finding.line, finding.code) == (10, "yaml-quoting")


def test_a_file_with_a_syntax_error_may_describe_the_conversations_that_others_link_to(load_text: Load) -> None:
    linked = changed("rules:\n", "link: {lookback: 1h}\nrules:\n")
    loaded = load_text(linked, "version: 1\nconversations: [\n")
    assert [finding.code for finding in loaded.findings] == ["bad-yaml"]


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "said"),
    [
        ("event_type: e", "event_type:e", 7, 7, "no space after its colon"),
        ("event_type: e", "event_type e", 7, 7, "no colon"),
        ('value: "1"', 'value:"1"', 10, 7, "no space after its colon"),
        ('value: "1"', "value:= payload.a", 10, 7, "value: = payload.a"),
        ("    event:", "    event", 6, 5, "no colon"),
        ("rules:", "rules", 3, 1, "no colon"),
        ("version: 1", "version:1", 1, 1, "no space after its colon"),
        ("      event_type: e", "     event_type: e", 7, 6, "after 5 spaces"),
        ("      product_id", "       product_id", 8, 8, "after 7 spaces"),
    ],
)
def test_a_slip_in_yaml_is_found_where_it_is(
    load_text: Load, old: str, new: str, line: int, column: int, said: str
) -> None:
    (slip,) = load_text(changed(old, new)).findings
    assert (slip.line, slip.column, slip.code) == (line, column, "bad-yaml")
    assert said in slip.message
