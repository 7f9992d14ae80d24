"""Values of a file, compiled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.value_compiler import (
    NULL_UUID,
    ValueCompiler,
    literal,
    looks_like_expression,
    meant_variable,
)


def compiled(
    text: str, *, env: dict[str, str] | None = None, strict: bool = True
) -> tuple[Expression | None, tuple[Finding, ...]]:
    report = FileReport("f.yaml")
    root = parse(f"x: {text}\n".encode(), report)
    assert isinstance(root, Map)
    return ValueCompiler(report, Names(), env, strict).value(root.entries[0].value), report.findings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("abc", "abc"),
        ("conversation.rated", "conversation.rated"),
        ("0.1", Decimal("0.1")),
        ("= payload.a + 1", 6),
        ("[= payload.a, b, = payload.nope]", [5, "b"]),
        ("{a: = payload.a, b: {c: = payload.nope}}", {"a": 5, "b": {}}),
    ],
)
def test_a_value(text: str, value: object) -> None:
    expression, findings = compiled(text)
    assert expression is not None
    assert findings == ()
    assert expression.evaluate(Scope({"a": 5})) == value


def test_a_list_reads_what_its_parts_read() -> None:
    expression, _ = compiled("[= payload.a, {b: = payload.c.d}]")
    assert expression is not None
    assert [str(path) for path in expression.paths] == ["payload.a", "payload.c.d"]
    assert not expression.constant
    assert literal("x").constant


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("= payload.a + nope", "unknown-name", (18, 22)),
        ("'= upper(nope)'", "unknown-name", (13, 17)),
        ("007", "bad-number", (4, 7)),
        ("${NAME}", "bad-env", (4, 11)),
        ("payload.a", "no-equals", (4, 13)),
        ("conversation.method", "no-equals", (4, 23)),
    ],
)
def test_a_finding_marks_the_part_that_is_wrong(text: str, code: str, marked: tuple[int, int]) -> None:
    _, (finding,) = compiled(text)
    assert (finding.code, finding.column, finding.end_column) == (code, *marked)


def test_variables_of_the_environment() -> None:
    expression, findings = compiled("${NAME}", env={"NAME": "x"})
    assert expression is not None
    assert (expression.evaluate(Scope(None)), findings) == ("x", ())
    expression, findings = compiled("${NAME}", env={}, strict=False)
    assert expression is not None
    assert expression.evaluate(Scope(None)) == NULL_UUID
    assert [(each.code, each.severity) for each in findings] == [("unset-env", "warning")]
    assert [each.code for each in compiled("${NAME}", env={})[1]] == ["missing-env"]
    assert [each.code for each in compiled("a${NAME}", env={"NAME": "x"})[1]] == ["bad-env"]


def test_texts_that_were_perhaps_meant_as_expressions() -> None:
    assert looks_like_expression("payload.a")
    assert looks_like_expression("{{ payload.a }}")
    assert not looks_like_expression("payload of the week")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("$PRODUCT", "PRODUCT"),
        ("$(PRODUCT)", "PRODUCT"),
        ("%PRODUCT%", "PRODUCT"),
        ("${{ secrets.PRODUCT }}", "PRODUCT"),
        ("${env:PRODUCT", "PRODUCT"),
        ("{{ PRODUCT }}", "PRODUCT"),
        ("PRODUCT_ID", "PRODUCT_ID"),
        ("PRODUCT", ""),
        ("3f6f0c4e", ""),
        ("${A}B", ""),
    ],
)
def test_a_variable_as_other_programs_write_it(text: str, name: str) -> None:
    assert meant_variable(text) == name
