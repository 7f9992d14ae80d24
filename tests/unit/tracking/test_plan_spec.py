"""The editors' schema of tracking plans is made from the table that lint reads, and takes the shipped plan."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.tracking.plan_spec import PLAN_FILE, PLANNED_EVENT, plan_lines, plan_schema_text
from tests.unit.cases.test_cases_spec import plain
from tests.unit.tracking.conftest import PLAN

ROOT = Path(__file__).parents[3]


def test_the_shipped_schema_is_this_one_and_knows_every_key() -> None:
    assert (ROOT / "mappings/events.schema.json").read_text() == plan_schema_text(), "run: make docs"
    page = "\n".join(plan_lines())
    for key in (*PLAN_FILE.keys, *PLANNED_EVENT.keys):
        assert f'"{key.name}"' in plan_schema_text()
        assert f"| `{key.name}`" in page


def test_the_schema_takes_plans_and_refuses_what_lint_refuses() -> None:
    valid = Draft202012Validator(json.loads(plan_schema_text()))
    shipped = (ROOT / "mappings/events.yaml").read_bytes()
    assert valid.is_valid(plain(shipped))
    assert valid.is_valid(plain(PLAN.encode()))
    assert not valid.is_valid(plain(PLAN.replace("meaning: A customer", "meanin: A customer").encode()))


def test_the_shipped_rules_are_as_the_shipped_plan_says() -> None:
    env = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
    assert [each.describe() for each in lint([ROOT / "mappings"], env).findings] == []
