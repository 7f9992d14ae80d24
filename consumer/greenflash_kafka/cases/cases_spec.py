"""The keys of a cases file, and what each may hold: lint, the page and the editors' schema are made from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.cases.case_message import MESSAGE, SET, UNSET
from greenflash_kafka.cases.case_rows import ROW
from greenflash_kafka.cases.event_checks import CHECK
from greenflash_kafka.cases.expectation import EXPECT, EXPECT_MAP, PROBLEM, EventPartType
from greenflash_kafka.cases.told import CONVERSATION, TOLD
from greenflash_kafka.documents.schema_types import (
    BooleanType,
    ChoiceType,
    Key,
    ListType,
    MapType,
    RawType,
    RecordType,
    Schema,
    VersionType,
)
from greenflash_kafka.documents.value_types import AnyTextType
from greenflash_kafka.mappings.reference import record_lines
from greenflash_kafka.model.conversations import RESULTS

CASE: Final = RecordType(
    "a case",
    (
        Key("name", AnyTextType(), "A sentence that says what the case shows.", True),
        Key("message", MESSAGE, "Parts of the message in place of the file's."),
        Key("set", SET, "Paths of the payload, and their values in this case."),
        Key("unset", UNSET, "Paths of the payload that aren't there in this case."),
        Key("conversations", TOLD, "The conversations that links can find, in place of the file's."),
        Key("expect", EXPECT, "What must become of the message.", True, "nothing"),
        Key("exact", BooleanType(), "Whether events are compared whole in this case, in place of the file's."),
        Key("link", ChoiceType(RESULTS), "The result that linking must have."),
        Key("because", AnyTextType(), "The condition that must fail first, if nothing is expected."),
    ),
    listed=True,
)

CASES_FILE: Final = RecordType(
    "a cases file",
    (
        Key("version", VersionType(), "The version of this form.", True, "1"),
        Key("mapping", AnyTextType(), "The mapping file, relative to this file; x.yaml for x_test.yaml if not said."),
        Key(
            "conversations_from",
            ListType(AnyTextType("a file's name"), "a list of mapping files"),
            "Mapping files with the conversations that rules link to, relative to this file.",
        ),
        Key(
            "env", MapType(AnyTextType(), "a map of names to texts", names=None), "What `${NAME}` of the mapping reads."
        ),
        Key(
            "tables",
            MapType(RawType("a table", {"type": "object"}), "a map of names to tables", names=None),
            "Tables in place of the mapping's of the same names.",
        ),
        Key("message", MESSAGE, "The message that all cases start from."),
        Key("event", EventPartType(), "The event that all expected events start from."),
        Key(
            "exact",
            BooleanType(),
            "true: events are compared whole. Else only by the fields and properties that a case names.",
        ),
        Key("conversations", TOLD, "The conversations that links can find."),
        Key(
            "checks",
            ListType(CHECK, "a list of checks"),
            "What is true of every event of the cases and of the samples.",
            False,
            "[{unique: insert_id}, {not_null: [external_user_id]}]",
        ),
        Key("cases", ListType(CASE, "a list of cases"), "Messages, and what must become of each.", True, "[...]"),
    ),
    listed=True,
)


def cases_file_lines() -> Iterator[str]:
    """Every key of a cases file, as Markdown."""
    for title, record in (
        ("The file", CASES_FILE),
        ("A case", CASE),
        ("`message`", MESSAGE),
        ("`expect`, as a map", EXPECT_MAP),
        ("A problem", PROBLEM),
        ("A check", CHECK),
        ("A conversation", CONVERSATION),
        ("A row", ROW),
    ):
        yield from record_lines(title, record)


def cases_schema_text() -> str:
    """JSON schema (draft 2020-12) of a cases file, as the text of `mappings/cases.schema.json`."""
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A cases file of greenflash-kafka",
        **CASES_FILE.schema(),
    }
    return json.dumps(schema, indent=2) + "\n"
