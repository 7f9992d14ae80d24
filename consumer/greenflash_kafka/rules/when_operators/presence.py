"""Operators of `when` that ask for a value, or for others than some; the compiler of conditions writes them."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.rules.when_operators.when_operator import WhenOperator

LITERAL: Final = {"type": ["string", "number", "boolean", "null"]}
"""Any literal, as JSON schema."""

EXISTS: Final = WhenOperator(
    "exists",
    "true: there is a value; false: missing or null",
    {"type": "boolean"},
    "true or false",
    lambda given: isinstance(given, bool),
)
NOT: Final = WhenOperator("not", "neither this value nor any of this list", LITERAL, many=True)
