"""The currency that belongs to an amount: beside it, with the name that fits it best; several that differ are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_values import follow, words_of
from greenflash_kafka.discovery.topic_documents import Document
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.expressions.paths import Steps

_PLAIN: Final = frozenset(("currency", "code", "iso", "ccy", "cur", "amount", "price", "total", "value", "money"))


class FoundCurrency(msgspec.Struct, frozen=True):
    """The path of an amount's currency, None if there is none. `others` are paths that may be it as well and have other
    codes in some messages; `apart`: it stands in another object than the amount. `code` is the currency that the
    amount's own name says, "" for none."""

    way: Steps | None = None
    others: tuple[Steps, ...] = ()
    apart: bool = False
    code: str = ""

    @property
    def sure(self) -> bool:
        """Whether nothing else may be the amount's currency."""
        return self.way is not None and not self.others and not self.apart


def currency_of(way: Steps, codes: Sequence[Steps], documents: Sequence[Document]) -> FoundCurrency:
    """The currency of the amount at `way`; `codes` are the paths of currency codes."""
    if not codes:
        named = [word.upper() for word in words_of((way[0], way[-1])) if word.upper() in _IN_NAMES]
        return FoundCurrency(code=named[-1] if named else "")
    best = max(codes, key=lambda code: _fits(code, way))
    near = _shared(best, way)
    apart = _apart(best, way)
    beside = [code for code in codes if code != best and _shared(code, way) == near and _apart(code, way) is apart]
    others = tuple(code for code in beside if _differ(code, best, documents))
    return FoundCurrency(best, others, apart)


_IN_NAMES: Final = frozenset(EXPONENTS) - {"ALL", "TOP", "TRY", "CUP", "PEN", "MOP", "LAK", "BAM", "SOS", "NET"}
"""Codes that are no words of English."""


def _fits(code: Steps, way: Steps) -> tuple[int, int, int, Steps]:
    """How near a currency stands to an amount, and how well its name fits."""
    own = set(words_of((code[0], code[-1]))) - _PLAIN
    amounts = set(words_of((way[0], way[-1]))) - _PLAIN
    return _shared(code, way), len(own & amounts) - len(own - amounts), -len(code), tuple(str(each) for each in code)


def _apart(code: Steps, way: Steps) -> bool:
    """Whether a currency stands in another object than the amount, and in none around it."""
    return code[:-1] != way[: len(code) - 1]


def _shared(code: Steps, way: Steps) -> int:
    """How much of their way both share."""
    shared = 0
    for one, other in zip(code[:-1], way[:-1], strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _differ(one: Steps, other: Steps, documents: Sequence[Document]) -> bool:
    """Whether two paths have different codes in a document that has both."""
    for document in documents:
        code, beside = follow(document.roots, one), follow(document.roots, other)
        if isinstance(code, str) and isinstance(beside, str) and code.upper() != beside.upper():
            return True
    return False
