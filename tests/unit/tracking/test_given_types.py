"""Event types that a rule can give: written out, held by its conditions, or from the cells of a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.tracking.given_types import GivenTypes, given_types
from tests.unit.tracking.conftest import RULES

ROWS = (("upgrade_purchased", "positive"), ("usage_logged", "neutral"))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("upgrade_purchased", GivenTypes(("upgrade_purchased",), True)),
        ("= payload.type", GivenTypes(("paid",), True)),  # `when` says so
        ("= payload.kind", GivenTypes((), False)),
        ('= "a" if payload.x else "b"', GivenTypes(("a", "b"), True)),
        ('= "a" if payload.x else payload.kind', GivenTypes(("a",), False)),
        ("= stage.type", GivenTypes(("upgrade_purchased", "usage_logged"), True, ROWS)),
        ("= tables.stages[payload.stage].type", GivenTypes(("upgrade_purchased", "usage_logged"), True, ROWS)),
        (
            '= coalesce(tables.stages[payload.stage].type, "a")',
            GivenTypes(("upgrade_purchased", "usage_logged", "a"), True),
        ),
        ("= tables.stages[payload.stage][payload.column]", GivenTypes((), False)),
        ('= concat("order_", payload.type)', GivenTypes((), False)),
        ("= tables.pairs[payload.app][payload.stage].type", GivenTypes(("a", "b", "c"), True)),
        ("= named", GivenTypes(("a", "b"), True)),
    ],
)
def test_types_are_known_as_far_as_they_are_written(tmp_path: Path, written: str, found: GivenTypes) -> None:
    text = RULES.replace("event_type: upgrade_purchased", f"event_type: {written}")
    text = text.replace(
        "influence: positive\n      value", "influence: = tables.stages[payload.stage].influence\n      value"
    )
    lets = '    let:\n      stage: = tables.stages[payload.stage]\n      named: = "a" if payload.x else "b"\n'
    (tmp_path / "pairs.csv").write_text("app,stage,type\nx,s1,a\nx,s2,b\ny,s1,c\n")
    text = text.replace("tables:\n", "tables:\n  pairs: {file: pairs.csv, key: [app, stage]}\n")
    (tmp_path / "a.yaml").write_text(text.replace("    event:\n", f"{lets}    event:\n"))
    loader = MappingLoader({})
    loader.add([tmp_path])
    assert [each for each in loader.loaded().findings if each.severity == "error"] == []
    (file,) = loader.files
    assert given_types(file.facts[0]) == found
