"""All operators of `when`: what lint, the compiler of conditions, the JSON schema and the reference read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from greenflash_kafka.rules.when_operators import changes, elements, ordering, parts, presence
from greenflash_kafka.rules.when_operators.when_operator import WhenOperator

FILES: Final[tuple[ModuleType, ...]] = (presence, ordering, parts, elements, changes)
"""The files of operators, in the order of the reference."""


def _operators(file: ModuleType) -> list[WhenOperator]:
    return [value for value in vars(file).values() if isinstance(value, WhenOperator)]


OPERATORS: Final[Mapping[str, WhenOperator]] = MappingProxyType(
    {operator.name: operator for file in FILES for operator in _operators(file)}
)
"""By name."""

TRANSITIONS: Final = frozenset(operator.name for operator in _operators(changes))
"""Operators that need the earlier value."""

EQUALITIES: Final = frozenset(
    ("is", *(operator.name for operator in OPERATORS.values() if operator.many and operator.prepare is None))
)
"""Operators that compare for equality, with `is` for a line that has none."""
