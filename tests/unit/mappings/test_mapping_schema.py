"""The editors' schema is made from the same table as lint, and the shipped copy is up to date."""

from __future__ import annotations

import json
from pathlib import Path

from greenflash_kafka.mappings.mapping_schema import schema, schema_text
from greenflash_kafka.mappings.spec import FILE
from greenflash_kafka.model.event import FIELDS
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS

ROOT = Path(__file__).parents[3]


def test_the_shipped_schema_is_this_one() -> None:
    assert (ROOT / "mappings" / "schema.json").read_text() == schema_text(), "run: make docs"


def test_the_schema_knows_every_key_field_and_operator() -> None:
    text = json.dumps(schema())
    for word in (*(key.name for key in FILE.keys), *(field.name for field in FIELDS), *OPERATORS):
        assert f'"{word}"' in text
