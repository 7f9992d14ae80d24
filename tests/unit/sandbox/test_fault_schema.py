"""The editors' schema of fault scripts takes what the sandbox takes, and refuses what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from greenflash_kafka.documents.plain_document import plain_document
from greenflash_kafka.sandbox.fault_schema import fault_schema_text

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(fault_schema_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def valid(validator: Draft202012Validator, text: str) -> bool:
    return bool(validator.is_valid(plain_document(text.encode(), "faults.yaml").value))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_on_the_page_is_valid(validator: Draft202012Validator, script: str) -> None:
    assert valid(validator, script)


@pytest.mark.parametrize(
    "script",
    ["- {kind: sttus}", "- {status: 503}", "- {kind: status}", "- {kind: delay, secnds: 3}", "faults: 3", "sed: 1"],
)
def test_what_the_sandbox_refuses_is_not(validator: Draft202012Validator, script: str) -> None:
    assert not valid(validator, script)
