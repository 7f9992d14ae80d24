"""Constant beginnings and ends by which the ids of two sides differ, learned from the ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Final

import msgspec

from greenflash_kafka.link_study.id_steps import (
    IdStep,
    quotable,
    with_country,
    with_prefix,
    with_suffix,
    without_prefix,
    without_suffix,
)

LONGEST: Final = 32
"""Characters of a constant beginning or end."""

LEAST_IDS: Final = 3
"""So many ids of a side have to have it, so that it says nothing of one of them."""

LEAST_SHARE: Final = 0.1
"""Part of a side's ids that have to have it."""

_LOOKED_AT: Final = 5_000
"""So many ids of a side are taken apart."""

_TRIED: Final = 10
"""Of so many of the most frequent ones the first that can be written is taken."""

_CODE: Final = 3
"""Digits of a country's code, at most."""


_SAID_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*[_:|/.-]")
"""The beginning of an id that says what it is the id of: `cus_`, `user:`."""


class Affix(msgspec.Struct, frozen=True):
    """What the ids of one side have and those of the other lack: the step that takes it away there, and the one that
    writes it here; None for one that can't be written."""

    take_away: IdStep | None
    write: IdStep | None


def affixes(
    having: Collection[str], lacking: Collection[str], rest: Callable[[str], str | None], *, phones: bool
) -> Iterator[Affix]:
    """The most frequent beginning, end, and country code (only of `phones`) that the ids `having` one have before or
    behind what is an id of those `lacking` it, after `rest` was done to both."""
    if phones:
        yield from _country(having, lacking)
        return
    bare = {rest(each) for each in lacking} - {None, ""}
    for ends in (False, True):
        found = Counter[str]()
        for each in islice(having, _LOOKED_AT):
            for cut in range(1, min(LONGEST, len(each) - 1) + 1):
                affix, kept = (each[-cut:], each[:-cut]) if ends else (each[:cut], each[cut:])
                # Between two digits nobody can tell where an affix ends.
                if not (affix[0] if ends else affix[-1]).isdigit() and rest(kept) in bare:
                    found[affix] += 1
        for affix, joined in [each for each in found.most_common(_TRIED) if quotable(each[0])][:1]:
            held = sum(each.endswith(affix) if ends else each.startswith(affix) for each in having)
            if joined >= LEAST_IDS and held >= max(LEAST_IDS, LEAST_SHARE * len(having)):
                yield (
                    Affix(without_suffix(affix), with_suffix(affix))
                    if ends
                    else Affix(without_prefix(affix), with_prefix(affix))
                )


def _country(having: Collection[str], lacking: Collection[str]) -> Iterator[Affix]:
    national = {each[1:] for each in lacking if each.startswith("0")}
    codes = Counter(
        each[:cut] for each in having for cut in range(1, _CODE + 1) if each[0:1] != "0" and each[cut:] in national
    )
    for code, joined in codes.most_common(1):
        if joined >= LEAST_IDS:
            yield Affix(None, with_country(code))


def common_prefix(ids: Collection[str]) -> IdStep | None:
    """The step that takes away the most frequent beginning like `cus_` or `user:`, if enough of these ids have it."""
    found = Counter(match[0] for each in ids if (match := _SAID_PREFIX.match(each)) is not None)
    for prefix, held in found.most_common(1):
        if held >= max(LEAST_IDS, LEAST_SHARE * len(ids)) and quotable(prefix):
            return without_prefix(prefix)
    return None
