"""Names that an expression may refer to."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope


def _compiled(text: str, names: Names | None = None) -> Expression:
    return compile_expression(text, names or Names())


def test_tables_compare_as_text_and_empty_cells_are_missing() -> None:
    rows: dict[str, Any] = {"17": {"name": "x", "note": ""}, "true": {"name": "yes", "note": None}}
    names = Names(tables={"t": Table("t", ("name", "note"), rows)})
    scope = Scope({"number": 17, "flag": True, "list": [1]})
    assert _compiled("tables.t[payload.number].name", names).evaluate(scope) == "x"
    assert _compiled("tables.t[17.0].name", names).evaluate(scope) == "x"
    assert _compiled("tables.t[payload.flag].name", names).evaluate(scope) == "yes"
    assert _compiled('tables.t["17"].note', names).evaluate(scope) is None
    assert _compiled("exists(tables.t[payload.number])", names).evaluate(scope) is True
    assert _compiled("exists(tables.t[18])", names).evaluate(scope) is False
    assert _compiled("tables.t[payload.nope].name", names).evaluate(scope) is None
    with pytest.raises(EvaluationError, match="type-mismatch"):
        _compiled("tables.t[payload.list].name", names).evaluate(scope)
