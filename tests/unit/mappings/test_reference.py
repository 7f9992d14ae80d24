"""The reference of mapping files names everything that lint reads."""

from __future__ import annotations

from greenflash_kafka.documents.codes import CODES
from greenflash_kafka.expressions.conversation import CONVERSATION_FIELDS
from greenflash_kafka.mappings.link_shape import LINK
from greenflash_kafka.mappings.reference import finding_lines, mapping_file_lines
from greenflash_kafka.mappings.spec import CONVERSATION, FILE, RULE, SOURCE
from greenflash_kafka.model.event import FIELDS
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS


def test_every_key_operator_and_field_has_a_row() -> None:
    rows = [line for line in mapping_file_lines() if line.startswith("| `")]
    named = {row.split("`")[1] for row in rows}
    assert named >= {key.name for record in (FILE, RULE, SOURCE, CONVERSATION, LINK) for key in record.keys}
    assert named >= {f"conversation.{name}" for name in CONVERSATION_FIELDS}
    assert named >= set(OPERATORS) | {field.name for field in FIELDS}
    assert any(row.startswith("| `product_id` (required) | a UUID |") for row in rows)


def test_every_code_has_a_row_under_its_severity() -> None:
    severity, found = "", {}
    for line in finding_lines():
        if line.startswith("## "):
            severity = line[3:]
        elif line.startswith("| `"):
            found[line.split("`")[1]] = severity
    names = {"error": "Errors", "warning": "Warnings", "advice": "Advice"}
    assert found == {code: names[known.severity] for code, known in CODES.items()}


def test_a_cell_never_ends_early() -> None:
    for line in (*mapping_file_lines(), *finding_lines()):
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (3, 4), line
