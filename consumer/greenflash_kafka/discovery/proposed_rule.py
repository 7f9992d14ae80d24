"""One rule of a proposal: its lines, each with the figure that it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from greenflash_kafka.cases.yaml_text import scalar
from greenflash_kafka.discovery.amounts import Amount, rendered
from greenflash_kafka.discovery.known_events import SuggestedEvent
from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.discovery.study import KindOfEvent
from greenflash_kafka.rules.expressions.paths import Steps

COMMENT_AT: Final = 60
"""Comments begin in this column, if the line is shorter."""

_UNSAFE: Final = re.compile(r"[^\w .,:;/@+()%'\"=<>\[\]{}*!?$&|~^-]")
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


class ProposedRule(msgspec.Struct, frozen=True):
    """A rule for messages of one kind. `condition` are the lines of its `when`; `own` are fields that differ from the
    file's defaults, `field: expression`, with a comment each."""

    name: str
    kind: KindOfEvent
    event: SuggestedEvent
    condition: tuple[str, ...]
    own: tuple[tuple[str, str, str], ...] = ()
    doubtful: bool = False


def commented(line: str, comment: str) -> str:
    """A line with a comment behind it, or before it if there is no room."""
    comment = _UNSAFE.sub("?", comment)
    return f"{line}{' ' * max(2, COMMENT_AT - len(line))}# {comment}" if comment else line


def expression(text: str) -> str:
    """`= text`, quoted where YAML needs it."""
    written = f"= {text}"
    risky = ": " in written or " #" in written or written.endswith(":") or not written.isprintable()
    return scalar(written) if risky else written


def slug(text: str) -> str:
    """A name of letters, digits and `_` made of a text."""
    return _NO_SLUG.sub("_", text.lower()).strip("_")[:48].strip("_") or "message"


def rule_lines(rule: ProposedRule, count: int) -> Iterator[str]:
    """The rule's lines, indented as an entry of `rules`. `count` are all documents that were looked at."""
    event, kind = rule.event, rule.kind
    yield f"  - name: {rule.name}"
    about = kind.name or "a message of this topic"
    yield f"    description: {scalar(f'? {about}'[:120])}"
    yield "    when:"
    first = True
    for line in rule.condition:
        yield commented(f"      {line}", f"{kind.count:,} of {count:,}" if first else "")
        first = False
    yield "    event:"
    why = f'? from "{event.word}"' if event.word else "? nothing here says what it is: choose a type"
    yield commented(f"      event_type: {event.event_type}", why)
    yield commented(f"      influence: {event.influence}", "?")
    yield from _value(rule)
    for field, written, comment in rule.own:
        yield commented(f"      {field}: {written}", comment)


def _value(rule: ProposedRule) -> Iterator[str]:
    match rule.event.value:
        case "money":
            yield from _money(rule.kind)
        case "count":
            yield commented("      value: 1", "? how much: a path of the message, or 1")
        case _:
            yield commented(f"      value: {_word(rule.kind.name)}", "? a word: the reason, the kind")
            yield "      value_type: text"


def _word(name: str) -> str:
    return scalar(name[:64] or "happened")


def _money(kind: KindOfEvent) -> Iterator[str]:
    amounts = kind.amounts
    if not amounts:
        yield commented("      value: 1", "? no amount was found")
        for way in kind.in_lists:
            yield f"      # ? an amount in a list: {path_text(way)}; sum([x.amount for x in LIST]) adds them up"
        return
    amount = amounts[0]
    sure = amount.unit != "?" and amount.currency is not None and not amount.comma
    if sure:
        shown = ", ".join(rendered(text, code, amount.unit) for text, code in amount.examples)
        mark = "? " if amount.likely else ""
        said = f"{mark}{shown}; {amount.evidence}"
        yield commented(f"      value: {expression(amount.call(amount.unit))}", said)
        assert amount.currency is not None
        yield "      properties:"
        yield f"        currency: {expression(f'upper({path_text(amount.currency)})')}"
    else:
        yield from _undecided(amount)
    for other in amounts[1:]:
        unit = {"major": "major units", "minor": "minor units", "?": "unit not known"}[other.unit]
        yield f"      # another amount: {path_text(other.way)}: {unit}, {_UNSAFE.sub('?', other.evidence)}"


def _undecided(amount: Amount) -> Iterator[str]:
    """The value 1, and both readings of the amount to choose from."""
    yield commented("      value: 1", "? the amount's unit isn't sure: take one of these two lines in its place")
    yield f"      # {_UNSAFE.sub('?', amount.evidence)}"
    for unit in ("major", "minor"):
        shown = ", ".join(f"{text} -> {rendered(text, code, unit)}" for text, code in amount.examples)
        yield f"      # value: {expression(amount.call(unit))}    # ? {shown}"
    if amount.currency is None:
        yield "      # ? no currency was found in these messages; EUR stands for yours"
        yield "      # properties: {currency: EUR}"
    else:
        yield f"      # properties: {{currency: '{expression(f'upper({path_text(amount.currency)})')}'}}"


def equality(way: Steps, value: str) -> str:
    """A line of `when`: the path has this text."""
    return f"{scalar(path_text(way, bare=True))}: {scalar(value)}"
