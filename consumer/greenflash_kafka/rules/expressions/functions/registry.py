"""All functions of the language by name: what lint, the compiler and the reference page read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from greenflash_kafka.rules.expressions.functions import choice, ids, lists, money, numbers, parsing, text, time
from greenflash_kafka.rules.expressions.functions.definition import Function

GROUPS: Final[tuple[ModuleType, ...]] = (text, numbers, money, time, lists, choice, ids, parsing)
"""The files of functions, in the order of the reference page."""

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {value.name: value for file in GROUPS for value in vars(file).values() if isinstance(value, Function)}
)
