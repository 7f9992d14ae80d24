"""Steps that make ids of two systems equal, each as a piece of the rule language that is applied to ids as rules would
apply it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Final

import msgspec

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import plain_text

_ID: Final = "{id}"

_PHONE: Final = re.compile(r"[+0-9][0-9 ()./-]*")
_SHORTEST_PHONE: Final = 7
_BARE_UUID: Final = re.compile(r"[0-9a-fA-F]{32}")
_REGEX_SIGNS: Final = frozenset(".+*?(){}|$")
_UNQUOTABLE: Final = re.compile(r"[\"\\^\[\]]")


class IdStep(msgspec.Struct, frozen=True):
    """One change of an id: `words` say by what ids differ that it makes equal; `template` is an expression in which
    `{id}` stands for the id. `fits`: whether it is meant for the ids of a side, the outcomes' or the conversations'."""

    words: str
    template: str
    fits: Callable[[Collection[str]], bool] = lambda _: True


Steps = tuple[IdStep, ...]
"""Steps that are taken one after the other."""


def written(steps: Steps, base: str) -> str:
    """The expression that takes these steps, the first one first, after `base`."""
    for step in steps:
        base = step.template.replace(_ID, base)
    return base


def applied(steps: Steps) -> Callable[[str], str | None]:
    """The function that the expression of these steps is; None for an id of which it gives no text."""
    if not steps:
        return lambda value: value
    evaluate = _compiled(written(steps, "payload"))

    def change(value: str) -> str | None:
        try:
            return plain_text(evaluate(Scope(value)))
        except EvaluationError:
            return None

    return change


@cache
def _compiled(text: str) -> Callable[[Scope], object]:
    return compile_expression(text, Names()).evaluate


def _like_phones(ids: Collection[str]) -> bool:
    """True if most ids are made of digits and the signs of phone numbers."""
    like = sum(_PHONE.fullmatch(each.strip()) is not None for each in ids)
    long = sum(sum(sign.isdigit() for sign in each) >= _SHORTEST_PHONE for each in ids)
    return min(like, long) * 2 > len(ids)


def _bare_uuids(ids: Collection[str]) -> bool:
    """True if most ids are UUIDs without dashes."""
    return sum(_BARE_UUID.fullmatch(each.strip()) is not None for each in ids) * 2 > len(ids)


URL: Final = IdStep("URL encoding", f'parse_query(concat("id=", {_ID})).id')
BLANKS: Final = IdStep("blanks around them", f"trim({_ID})")
CAPITALS: Final = IdStep("capitals", f"lower({_ID})")
DASHES: Final = IdStep("dashes", f'replace({_ID}, "-", "")', lambda ids: not _like_phones(ids))
UUIDS: Final = IdStep(
    "dashes of UUIDs",
    f'regex_replace({_ID}, "^(.{{8}})(.{{4}})(.{{4}})(.{{4}})(.{{12}})$", "\\\\1-\\\\2-\\\\3-\\\\4-\\\\5")',
    _bare_uuids,
)
PHONES: Final = IdStep(
    "the form of phone numbers", f'regex_replace(regex_replace({_ID}, "[^0-9]", ""), "^00", "")', _like_phones
)
ZEROS: Final = IdStep("leading zeros", f'regex_replace({_ID}, "^0+", "")')
PLUS_TAGS: Final = IdStep("plus tags of e-mail addresses", f'regex_replace({_ID}, "[+][^@]*@", "@")')

STEPS: Final = (URL, BLANKS, CAPITALS, UUIDS, DASHES, PHONES, ZEROS)
"""The steps that are known before any id, in the order in which they are taken; a prefix or suffix goes before
ZEROS."""


def quotable(affix: str) -> bool:
    """True if a text can stand in the expressions of the steps below, and isn't what another step takes away."""
    return affix == affix.strip() and affix.isprintable() and _UNQUOTABLE.search(affix) is None


def without_prefix(prefix: str) -> IdStep:
    """Take away a constant beginning."""
    return IdStep(f"the prefix `{prefix}`", f'regex_replace({_ID}, "^{_pattern(prefix)}", "")')


def with_prefix(prefix: str) -> IdStep:
    """Write a constant beginning."""
    return IdStep(f"the prefix `{prefix}`", f'concat("{prefix}", {_ID})')


def without_suffix(suffix: str) -> IdStep:
    """Take away a constant end."""
    return IdStep(f"the suffix `{suffix}`", f'regex_replace({_ID}, "{_pattern(suffix)}$", "")')


def with_suffix(suffix: str) -> IdStep:
    """Write a constant end."""
    return IdStep(f"the suffix `{suffix}`", f'concat({_ID}, "{suffix}")')


def with_country(code: str) -> IdStep:
    """Write a country's code in place of the 0 that phone numbers begin with inside the country."""
    return IdStep(f"the country code {code}", f'regex_replace({_ID}, "^0", "{code}")')


def _pattern(text: str) -> str:
    return "".join(f"[{sign}]" if sign in _REGEX_SIGNS else sign for sign in text)
