"""Operators of `when` that compare a value with the one before the change; the compiler of conditions writes them."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.rules.when_operators.presence import LITERAL
from greenflash_kafka.rules.when_operators.when_operator import WhenOperator


def _alone(name: str, help: str, words: str, asks: str) -> WhenOperator:
    return WhenOperator(name, help, {"const": True}, "only true", lambda given: given is True, words=words, asks=asks)


def _of_values(name: str, help: str, words: str, asks: str) -> WhenOperator:
    return WhenOperator(name, help, LITERAL, many=True, words=words, asks=asks)


CHANGED: Final = _alone("changed", "the value differs from the earlier one", "has changed", "a change")
INCREASED: Final = _alone(
    "increased", "a number that was smaller before", "is larger than before", "a larger number than before"
)
DECREASED: Final = _alone(
    "decreased", "a number that was larger before", "is smaller than before", "a smaller number than before"
)
FROM: Final = _of_values("from", "changed, and was this before", "has changed, and was {} before", "a change from {}")
TO: Final = _of_values("to", "changed, and is this now", "has changed to {}", "a change to {}")
BECOMES: Final = _of_values(
    "becomes",
    "is this now and was not before, or was created as this",
    "is {} now and was not before",
    "a change to {}",
)
