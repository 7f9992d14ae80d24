"""The editors' schema of cases files is made from the table that lint reads, and takes every shipped file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from greenflash_kafka.cases.cases_spec import CASE, CASES_FILE, cases_schema_text
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.value_types import Json, JsonType
from greenflash_kafka.documents.yaml_document import parse

ROOT = Path(__file__).parents[3]
SHIPPED = [*sorted((ROOT / "mappings").rglob("*_test.yaml")), ROOT / "consumer/greenflash_kafka/cli/starter/cases.yaml"]


def plain(text: bytes) -> Any:
    report = FileReport("f.yaml")
    root = parse(text, report)
    assert root is not None
    assert not report.findings
    data = JsonType().read(root, report)
    assert isinstance(data, Json)
    # Decimals as JSON's numbers, which is what an editor sees.
    return json.loads(json.dumps(data.value, default=float))


def test_the_shipped_schema_is_this_one() -> None:
    assert (ROOT / "mappings" / "cases.schema.json").read_text() == cases_schema_text(), "run: make docs"


def test_the_schema_knows_every_key() -> None:
    for key in (*CASES_FILE.keys, *CASE.keys):
        assert f'"{key.name}"' in cases_schema_text()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.name)
def test_the_schema_takes_what_is_shipped(file: Path) -> None:
    Draft202012Validator(json.loads(cases_schema_text())).validate(plain(file.read_bytes()))


@pytest.mark.parametrize(
    "case",
    [
        "{name: n}",
        "{name: n, expect: nothin}",
        "{name: n, exspect: nothing}",
        "{name: n, expect: [{evnt_type: e}]}",
        "{name: n, expect: {invalid: bad-mony}}",
        "{name: n, expect: nothing, message: {payloat: 1}}",
        "{name: n, expect: nothing, conversations: [{source: s}]}",
    ],
)
def test_the_schema_refuses_what_lint_refuses(case: str) -> None:
    validator = Draft202012Validator(json.loads(cases_schema_text()))
    assert list(validator.iter_errors(plain(f"version: 1\ncases: [{case}]\n".encode())))
