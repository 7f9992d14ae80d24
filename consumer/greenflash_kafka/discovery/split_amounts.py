"""Amounts in two numbers: whole units, and parts of one beside them, as google.type.Money has `units` and `nanos`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import PathValues, follow, path_text, words_of
from greenflash_kafka.expressions.paths import Steps

BILLION: Final = 1_000_000_000
HUNDRED: Final = 100
_NANOS: Final = frozenset(("nanos", "nano"))
_WHOLE_OF_NANOS: Final = frozenset(("units", "unit", "whole", "value", "amount", "major", "integer"))
_CENTS: Final = frozenset(("cents", "cent", "pence", "fraction", "minor"))
_WHOLE_OF_CENTS: Final = frozenset(("units", "dollars", "euros", "pounds", "whole", "major", "integer"))
_MONEY: Final = (frozenset(("units", "currencyCode")), frozenset(("units", "currency_code")))
_WHOLE: Final = re.compile(r"-?\d{1,18}")


class SplitAmount(msgspec.Struct, frozen=True):
    """An amount of `whole` major units and `part`, of which `parts` make one. `named` is the path whose name says what
    the amount is. `sure`: nothing else has this form. `text`: whole units are a text, as JSON has long numbers."""

    whole: Steps
    part: Steps
    parts: int
    named: Steps
    sure: bool
    text: bool

    @property
    def in_hundredths(self) -> bool:
        """Whether `expression` gives hundredths: `lint` asks about a division by 100."""
        return self.parts == HUNDRED

    def value(self, roots: object) -> object:
        """The amount as one exact number; None if neither is there, what stands there if one is no whole number."""
        total, there = Decimal(0), False
        for way, parts in ((self.whole, 1), (self.part, self.parts)):
            found = follow(roots, way)
            if found is None:
                continue
            if isinstance(found, bool) or not isinstance(found, int | str) or not _WHOLE.fullmatch(str(found)):
                return found
            total, there = total + Decimal(int(found)) / parts, True
        return total if there else None

    def expression(self, currency: Steps | None) -> str:
        """The number, for rules: major units, or hundredths. Protobuf's JSON leaves a 0 out: so may `whole`, where the
        object's own currency says that the amount is there."""
        whole = path_text(self.whole)
        whole = f"number({whole})" if self.text else whole
        if currency is not None and len(currency) == len(self.whole) and currency[:-1] == self.whole[:-1]:
            whole = f"coalesce({whole}, 0)"
        part = f"coalesce({path_text(self.part)}, 0)"
        return f"{whole} * 100 + {part}" if self.in_hundredths else f"{whole} + {part} / {self.parts}"


def split_amounts(table: PathTable) -> dict[Steps, SplitAmount]:
    """The amounts in two numbers, by the path of the whole units."""
    found = {}
    for each in table.paths.values():
        if each.in_a_list or each.way[0] in ("kafka", "envelope") or len(each.way) < 2:
            continue
        split = _with_parts(table, each) or _units_alone(table, each)
        if split is not None:
            found[each.way] = split
    return found


def amount_at(roots: object, way: Steps, splits: Mapping[Steps, SplitAmount]) -> object:
    """What stands at the path of an amount; of one in two numbers their sum."""
    split = splits.get(way)
    return follow(roots, way) if split is None else split.value(roots)


def _with_parts(table: PathTable, whole: PathValues) -> SplitAmount | None:
    *before, last = words_of((whole.way[0], whole.way[-1])) or ("",)
    if last not in _WHOLE_OF_NANOS | _WHOLE_OF_CENTS or not _are_whole(whole):
        return None
    for beside in _beside(table, whole.way):
        *others, word = words_of((beside.way[0], beside.way[-1])) or ("",)
        if others != before or not _are_whole(beside):
            continue
        for names, wholes, parts in ((_NANOS, _WHOLE_OF_NANOS, BILLION), (_CENTS, _WHOLE_OF_CENTS, HUNDRED)):
            if word in names and last in wholes and _are_below(beside, parts):
                return _split(whole, beside.way, parts, before, sure=parts == BILLION)
    return None


def _units_alone(table: PathTable, whole: PathValues) -> SplitAmount | None:
    """An object as google.type.Money is in JSON, all of whose amounts are whole."""
    siblings = {str(each.way[-1]) for each in _beside(table, whole.way)} | {str(whole.way[-1])}
    if siblings not in _MONEY or whole.way[-1] != "units" or not whole.is_mostly("text") or not _are_whole(whole):
        return None
    return _split(whole, (*whole.way[:-1], "nanos"), BILLION, [], sure=False)


def _split(whole: PathValues, part: Steps, parts: int, before: list[str], *, sure: bool) -> SplitAmount:
    named = (*whole.way[:-1], "_".join(before)) if before else whole.way[:-1]
    return SplitAmount(whole.way, part, parts, named, sure, "text" in whole.kinds)


def _beside(table: PathTable, way: Steps) -> Iterator[PathValues]:
    """The other values of the object that a path leads into."""
    for each in table.paths.values():
        if each.way != way and len(each.way) == len(way) and each.way[:-1] == way[:-1]:
            yield each


def _are_whole(found: PathValues) -> bool:
    return found.is_mostly("integer", "text") and all(_WHOLE.fullmatch(text) for text in found.values)


def _are_below(found: PathValues, most: int) -> bool:
    return found.is_mostly("integer") and all(abs(int(text)) < most for text in found.values)
