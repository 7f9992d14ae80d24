"""All functions of the language: what lint, the compiler and the reference read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from greenflash_kafka.expressions.functions import choice, ids, lists, money, numbers, parsing, text, time
from greenflash_kafka.expressions.functions.definition import Function

FILES: Final[tuple[ModuleType, ...]] = (text, numbers, money, time, lists, choice, ids, parsing)
"""The files of functions, in the order of the reference."""


def grouped() -> Iterator[tuple[ModuleType, list[Function]]]:
    """Each file with its functions, in their order there."""
    for file in FILES:
        yield file, [value for value in vars(file).values() if isinstance(value, Function)]


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {function.name: function for _, functions in grouped() for function in functions}
)
"""By name."""
