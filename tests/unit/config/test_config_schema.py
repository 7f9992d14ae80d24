"""The editors' schema of config files takes what loading takes, and refuses what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from greenflash_kafka.config.config_schema import config_schema_text
from greenflash_kafka.config.model import Config, leaves
from greenflash_kafka.documents.plain_document import plain_document

ROOT = Path(__file__).parents[3]
STARTER = (ROOT / "consumer/greenflash_kafka/cli/starter/config.yaml").read_text()
EXAMPLES = [
    STARTER,
    *(
        example
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
        for example in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        if re.match(rf"(#.*\n)*({'|'.join(Config.model_fields)}):", example)
    ),
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(config_schema_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def errors(validator: Draft202012Validator, text: str) -> list[str]:
    return [str(each.message) for each in validator.iter_errors(plain_document(text.encode(), "c.yaml").value)]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_valid(validator: Draft202012Validator, text: str) -> None:
    assert errors(validator, text) == []


def test_there_are_examples_of_the_starter_the_readme_and_the_pages() -> None:
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize(
    "text",
    [
        "kafka:\nlog:\n",
        "mappings: one\n",
        "mappings: [one, two]\n",
        "kafka: {start: 2026-11-18, group: '${GROUP}'}\nhttp: {port: '${PORT}'}\n",
        "greenflash: {api_key: '${KEY}', proxy: null}\n",
        "dead_letter: {max_invalid_ratio: none, max_consecutive: 5}\ndelivery: {give_up_after: 0.5}\n",
    ],
)
def test_what_loading_takes_is_valid(validator: Draft202012Validator, text: str) -> None:
    assert errors(validator, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "kafak: {}\n",
        "kafka: {gruop: x}\n",
        "kafka: {start: soon}\n",
        "greenflash: {api_key: sk-1}\n",
        "rules: {hash_key: salt}\n",
        "delivery: {in_flight: 0}\n",
        "delivery: {order: random}\n",
        "http: {port: x}\n",
        "mappings: []\n",
    ],
)
def test_what_loading_refuses_is_not(validator: Draft202012Validator, text: str) -> None:
    assert errors(validator, text)


def test_every_key_is_there_with_its_description() -> None:
    schema: dict[str, Any] = json.loads(config_schema_text())
    for path, info in leaves():
        section = schema if len(path) == 1 else schema["$defs"][_of(schema, path[0])]
        assert section["properties"][path[-1]]["description"] == info.description


def _of(schema: dict[str, Any], section: str) -> str:
    reference: str = schema["properties"][section]["$ref"]
    return reference.rpartition("/")[2]
