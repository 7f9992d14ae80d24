"""All functions of the language by name: what lint, the compiler and the reference page read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from greenflash_kafka.rules.expressions.functions import choice, ids, lists, money, numbers, parsing, text, time
from greenflash_kafka.rules.expressions.functions.definition import Function

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        function.name: function
        for room in (text, numbers, money, time, lists, choice, ids, parsing)
        for function in room.FUNCTIONS
    }
)
"""In the order of the reference page: text, numbers, money, time, lists, choice, ids, parsing."""
