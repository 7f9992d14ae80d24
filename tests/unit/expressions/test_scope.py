"""A scope: lets worked out once, items with their own, one budget a message."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Let, Scope


def _compiled(text: str, names: Names | None = None) -> Expression:
    return compile_expression(text, names or Names())


def test_a_let_is_worked_out_once_and_only_if_needed() -> None:
    first = Let("first", _compiled("[x for x in payload]"))
    broken = Let("broken", _compiled("1 / payload[0]"))
    names = Names(lets={"first": first, "broken": broken})
    scope = Scope([0, 1])
    assert _compiled("count(first) + count(first)", names).evaluate(scope) == 4
    assert scope.budget[0] == 100_000 - 2
    assert list(scope.lets or ()) == [first]
    for _ in range(2):
        with pytest.raises(EvaluationError, match="division-by-zero"):
            _compiled("broken", names).evaluate(scope)
    assert _compiled("1 if true else broken", names).evaluate(scope) == 1


def test_an_item_has_its_own_lets_and_shares_the_messages() -> None:
    whole = Let("whole", _compiled("count([x for x in payload])"))
    double = Let("double", _compiled("item * 2", Names(item=True)))
    names = Names(lets={"whole": whole, "double": double}, item=True)
    through = Let("through", _compiled("double + whole", names))
    names = Names(lets={**names.lets, "through": through}, item=True)
    scope = Scope([5, 6])
    expression = _compiled("[index, through, whole]", names)
    values = [expression.evaluate(scope.for_item(item, index)) for index, item in enumerate([5, 6])]
    assert values == [[0, 12, 2], [1, 14, 2]]
    assert through.per_item
    assert scope.budget[0] == 100_000 - 2
