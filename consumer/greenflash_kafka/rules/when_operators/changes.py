"""Operators of `when` that compare a value with the one before the change; the compiler of conditions writes them."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.rules.when_operators.presence import LITERALS
from greenflash_kafka.rules.when_operators.when_operator import WhenOperator


def _alone(name: str, help: str) -> WhenOperator:
    return WhenOperator(name, help, {"const": True}, "only true", lambda given: given is True)


CHANGED: Final = _alone("changed", "the value differs from the earlier one")
INCREASED: Final = _alone("increased", "a number that was smaller before")
DECREASED: Final = _alone("decreased", "a number that was larger before")
FROM: Final = WhenOperator("from", "changed, and was this before", LITERALS, many=True)
TO: Final = WhenOperator("to", "changed, and is this now", LITERALS, many=True)
BECOMES: Final = WhenOperator("becomes", "is this now and was not before, or was created as this", LITERALS, many=True)
