"""The operator `any` of `when`: whether any element of a list fulfils all of some tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from greenflash_kafka.expressions.functions.text import compile_pattern
from greenflash_kafka.rules.when_operators.parts import MAX_SEARCH
from greenflash_kafka.rules.when_operators.when_operator import Holds, Literal, Unlike, WhenOperator

Steps = tuple[str | int, ...]


class ElementTests(str):
    """Tests of an element, as text the way they are written: from where in the element (nothing: itself), the
    operators that must hold there. A missing value is None to them. `patterns` are the regular expressions among
    them."""

    tests: tuple[tuple[Steps, tuple[Callable[[object], bool], ...]], ...]
    patterns: tuple[tuple[Steps, str], ...]

    @classmethod
    def of(
        cls,
        written: str,
        tests: Sequence[tuple[Steps, Sequence[Callable[[object], bool]]]],
        patterns: Sequence[tuple[Steps, str]],
    ) -> ElementTests:
        """The tests that are `written` so."""
        made = cls(written)
        made.tests = tuple((steps, tuple(holds)) for steps, holds in tests)
        made.patterns = tuple(patterns)
        return made


def _at(element: object, steps: Steps) -> object:
    for step in steps:
        if isinstance(step, str):
            element = element.get(step) if isinstance(element, dict) else None
        elif isinstance(element, list) and -len(element) <= step < len(element):
            element = element[step]
        else:
            return None
    return element


def _any(given: Literal) -> Holds:
    assert isinstance(given, ElementTests)
    tests = given.tests
    searches = [(steps, max(1, compile_pattern(pattern).programsize)) for steps, pattern in given.patterns]

    def holds(value: object) -> bool:
        elements = value if isinstance(value, list) else [value] if isinstance(value, dict) else None
        if elements is None or _searched(elements, searches) > MAX_SEARCH:
            raise Unlike
        unlike = False
        for element in elements:
            try:
                if all(each(_at(element, steps)) for steps, operators in tests for each in operators):
                    return True
            except Unlike:
                unlike = True
        if unlike:
            raise Unlike
        return False

    return holds


def _searched(elements: Sequence[object], searches: Sequence[tuple[Steps, int]]) -> int:
    """Characters times instructions that all patterns look through together."""
    found = ((_at(element, steps), size) for steps, size in searches for element in elements)
    return sum(len(text) * size for text, size in found if isinstance(text, str))


ANY: Final = WhenOperator(
    "any",
    "any element of the list fulfils all of this: lines of its fields, `{price: {above: 0}}`; or of elements that are "
    "texts or numbers an operator, a literal or a list",
    {"type": ["object", "array", "string", "number", "boolean"]},
    "lines of an element's fields",
    lambda given: isinstance(given, ElementTests),
    prepare=_any,
    words="has an element with {}",
    asks="an element with {}",
)
