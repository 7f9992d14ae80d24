"""The reference of mapping files, as Markdown, made from the tables that lint and the compiler read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from greenflash_kafka.documents.code_examples import EXAMPLES
from greenflash_kafka.documents.codes import CODES, Code
from greenflash_kafka.documents.schema_types import RecordType
from greenflash_kafka.expressions.conversation import CONVERSATION_FIELDS
from greenflash_kafka.mappings.link_shape import LINK
from greenflash_kafka.mappings.spec import CONVERSATION, FILE, RULE, SAMPLE, SOURCE, TABLE_FILE, VALID
from greenflash_kafka.model.event import FIELDS, Field
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS

_OF_CONVERSATION: Final = (
    "Only in `properties` of a rule that has a `link`; missing for an event without a conversation. Of a conversation "
    "that the rule gave itself only the id and the method are known."
)


def mapping_file_lines() -> Iterator[str]:
    """Every key of a mapping file, the operators of `when`, and an event's fields."""
    for title, record in (
        ("The file", FILE),
        ("`source`", SOURCE),
        ("A sample", SAMPLE),
        ("A table", TABLE_FILE),
        ("A rule", RULE),
        ("`valid`", VALID),
        ("`link`", LINK),
        ("A conversation", CONVERSATION),
    ):
        yield from record_lines(title, record)
    yield from ("## Operators of `when`", "", "| operator | is true when |", "|---|---|")
    yield from (f"| `{operator.name}` | {_cell(operator.help)} |" for operator in OPERATORS.values())
    yield from ("", "## Fields of an event", "", "| field | takes | what it says |", "|---|---|---|")
    yield from (f"| `{field.name}`{_must(field.required)} | {_kind(field)} | {_cell(field.help)} |" for field in FIELDS)
    yield from (
        "",
        "The functions of expressions are on the page [functions](functions.md).",
        "",
        "## Names of `conversation`",
        "",
        _OF_CONVERSATION,
        "",
        "| name | type | what it says |",
        "|---|---|---|",
    )
    for name, of in CONVERSATION_FIELDS.items():
        yield f"| `conversation.{name}` | {of.type} | {_cell(of.help)} |"


def finding_lines() -> Iterator[str]:
    """Every code of a finding: what it means and how to fix it."""
    for severity, title in (("error", "Errors"), ("warning", "Warnings"), ("advice", "Advice")):
        found: Mapping[str, Code] = {code: known for code, known in CODES.items() if known.severity == severity}
        yield from (f"## {title}", "", "| code | means | what to do |", "|---|---|---|")
        yield from (_code_row(code, known) for code, known in found.items())
        yield ""


def _code_row(code: str, known: Code) -> str:
    example = EXAMPLES.get(code)
    shown = f" Wrong: {_code_cell(example.wrong)} Right: {_code_cell(example.right)}" if example else ""
    return f"| `{code}` | {_cell(known.meaning)} | {_cell(known.fix)}{shown} |"


def _code_cell(text: str) -> str:
    """Lines of a file as a cell, each as code."""
    return " ".join(f"`{_cell(line.strip())}`" for line in text.splitlines())


def record_lines(title: str, record: RecordType) -> Iterator[str]:
    """The keys of one record, as a section of a page."""
    yield from (f"## {title}", "", "| key | takes | what it is for |", "|---|---|---|")
    for key in record.keys:
        example = f" E.g. `{key.name}: {key.example}`." if key.example else ""
        yield f"| `{key.name}`{_must(key.required)} | {_cell(key.shape.words)} | {_cell(key.help + example)} |"
    yield ""


def _kind(field: Field) -> str:
    match field.kind:
        case "enum":
            return " ".join(f"`{choice}`" for choice in field.choices)
        case "score":
            return f"a number, {field.low} to {field.high}"
        case "uuid":
            return "a UUID"
        case "time":
            return "a time"
        case "object":
            return "a map of names to values"
        case "boolean":
            return "true or false"
    return "text, number, true or false" if field.name == "value" else "text"


def _must(required: bool) -> str:
    return " (required)" if required else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
