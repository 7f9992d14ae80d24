"""Functions of lists."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.functions.lists import count, distinct, first, flatten, last, sort
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope

SCOPE = Scope(None)


def test_missing_elements_count_and_stay() -> None:
    assert count.call([None, 1]) == 2
    assert (first.call([None, 1]), last.call([1, None])) == (None, None)
    assert (first.call([]), last.call([])) == (None, None)
    assert flatten.call(SCOPE, [[1, None], None, 2, [[3]]]) == [1, None, None, 2, [3]]


def test_distinct_by_the_language_s_equality() -> None:
    values: list[Any] = [1, Decimal("1.0"), True, "1", [1], [Decimal("1.00")], {"a": 1}, {"a": Decimal(1)}, None, None]
    assert distinct.call(SCOPE, values) == [1, True, "1", [1], {"a": 1}, None]


@pytest.mark.parametrize(
    ("values", "sorted_"),
    [
        ([3, Decimal("1.5"), None, 2], [Decimal("1.5"), 2, 3, None]),
        (["b", "a"], ["a", "b"]),
        ([datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)],
         [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)]),
        ([], []),
    ],
)  # fmt: skip
def test_sorted_with_what_is_missing_last(values: list[Any], sorted_: list[Any]) -> None:
    assert sort.call(SCOPE, values) == sorted_


@pytest.mark.parametrize("values", [[1, "a"], [[1], [2]], [True, False]])
def test_what_has_no_order_is_an_error(values: list[Any]) -> None:
    with pytest.raises(EvaluationError, match="type-mismatch"):
        sort.call(SCOPE, values)


def test_what_is_no_list_is_an_error() -> None:
    for run in (count, first, last):
        with pytest.raises(EvaluationError, match="takes a list, not text"):
            run.call("abc")


def test_a_list_is_sorted_down_too_and_missing_elements_stay_last() -> None:
    assert sort.call(SCOPE, [1, 3, None, 2], True) == [3, 2, 1, None]
    assert sort.call(SCOPE, ["a", "b"], False) == ["a", "b"]


@pytest.mark.parametrize("desc", [Decimal("0.00"), 1, "true", [], {}])
def test_a_direction_from_the_message_must_be_true_or_false(desc: Any) -> None:
    with pytest.raises(EvaluationError, match="sort takes true or false"):
        sort.call(SCOPE, [1, 2], desc)
