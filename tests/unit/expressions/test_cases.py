"""Every expression of the cases files gives what stands beside it: a value, missing, an error, or a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import Scope

_YAML = YAML(typ="safe", pure=True)
_FOLDER = Path(__file__).parents[2] / "cases"
_CASES = [
    case
    for name in ("expressions.yaml", "expressions_more.yaml")
    for case in _YAML.load((_FOLDER / name).read_text(encoding="utf-8"))["cases"]
]


def _expected(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"decimal"}:
        return Decimal(value["decimal"])
    if isinstance(value, dict) and value.keys() == {"time"}:
        return datetime.fromisoformat(value["time"])
    return json.loads(json.dumps(value), parse_float=Decimal)


@pytest.mark.parametrize("case", _CASES, ids=[case["expr"] for case in _CASES])
def test_case(case: dict[str, Any], compiled: Callable[[str], Expression], scope: Scope) -> None:
    if "refused" in case:
        with pytest.raises(ExpressionRefused) as refused:
            compiled(case["expr"])
        assert [refusal.code for refusal in refused.value.refusals] == [case["refused"]]
    elif "error" in case:
        with pytest.raises(EvaluationError) as failed:
            compiled(case["expr"]).evaluate(scope)
        assert failed.value.code == case["error"]
    else:
        value = compiled(case["expr"]).evaluate(scope)
        expected = None if case.get("missing") else _expected(case["is"])
        assert value == expected
        assert isinstance(value, bool) == isinstance(expected, bool)
