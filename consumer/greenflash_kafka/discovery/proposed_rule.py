"""One rule of a proposal: its lines, each with the figure that it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.cases.yaml_text import scalar
from greenflash_kafka.discovery.amounts import Amount, Unit
from greenflash_kafka.discovery.kinds_of_event import KindOfEvent
from greenflash_kafka.discovery.known_events import SuggestedEvent
from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.expressions.paths import Steps

COMMENT_AT: Final = 60
"""Comments begin in this column, if the line is shorter."""

_NEAR: Final = 0.15
"""An amount whose name says so little less may be meant as well."""

_NAMED: Final = 0.5
"""Beside another value an amount is named if its name says so much."""

_UNSAFE: Final = re.compile(r"[^\w .,:;/@+()%'\"=<>\[\]{}*!?$&|~^-]")
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


class OwnField(msgspec.Struct, frozen=True):
    """A field that a rule has for itself: its expression, "" if there is none to propose, and what is said of it."""

    field: str
    written: str
    said: str
    way: Steps = ()


class SuccessField(msgspec.Struct, frozen=True):
    """A field that says whether a fact succeeded: its path, the text that says so ("" for true), and in which part of
    the messages it didn't."""

    way: Steps
    text: str
    failed: float


class ProposedRule(msgspec.Struct, frozen=True):
    """A rule for messages of one kind. `condition` are the lines of its `when`; `own` are fields that differ from the
    file's defaults."""

    name: str
    kind: KindOfEvent
    event: SuggestedEvent
    condition: tuple[str, ...]
    own: tuple[OwnField, ...] = ()
    success: SuccessField | None = None


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
    yield commented("    draft: true", "sends nothing: take this line away when its questions are answered")
    yield "    when:"
    first = True
    for line in rule.condition:
        yield commented(f"      {line}", f"{kind.count:,} of {count:,}" if first else "")
        first = False
    if rule.success is not None:
        path, text = scalar(path_text(rule.success.way, bare=True)), rule.success.text
        said = f"? {rule.success.failed:.0%} of these messages say that it didn't succeed"
        yield commented(f"      {path}: {scalar(text) if text else 'true'}", said)
    yield "    event:"
    why = f'? from "{event.word}"' if event.word else "? nothing here says what it is: choose a type"
    yield commented(f"      event_type: {event.event_type}", why)
    yield commented(f"      influence: {event.influence}", "?")
    yield from _value(rule)
    for own in rule.own:
        if own.written:
            yield commented(f"      {own.field}: {own.written}", f"? {own.said}")
        else:
            yield f"      # ? {own.field}: {_UNSAFE.sub('?', own.said)}"


def _value(rule: ProposedRule) -> Iterator[str]:
    match rule.event.value:
        case "money":
            yield from _money(rule.kind)
        case "count":
            yield commented("      value: 1", "? how much: a path of the message, or 1")
            yield from _amounts_beside(rule.kind)
        case _:
            yield commented(f"      value: {_word(rule.kind)}", "? a word: the reason, the kind")
            yield "      value_type: text"
            yield from _amounts_beside(rule.kind)


def _word(kind: KindOfEvent) -> str:
    word = kind.name if kind.state is None else kind.state.value
    return scalar(word[:64] or "happened")


def _money(kind: KindOfEvent) -> Iterator[str]:
    amounts = kind.amounts
    if not amounts:
        yield commented("      value: 1", "? no amount was found")
        for way in kind.in_lists:
            yield f"      # ? an amount in a list: {path_text(way)}; sum([x.amount for x in LIST]) adds them up"
        return
    amount = amounts[0]
    if amount.unit != "?" and (amount.currency.way is not None or amount.currency.code) and not amount.comma:
        yield from _decided(amount, amounts[1:])
    else:
        yield from _undecided(amount)
    if amount.same:
        yield f"      # the same in every message: {', '.join(map(path_text, amount.same[:4]))}"
    for other in (each for each in amounts[1:] if each.score >= _NAMED):
        unit = {"major": "major units", "minor": "minor units", "?": "unit not known"}[other.unit]
        yield f"      # ? or another amount: {path_text(other.way)}: {unit}, {_UNSAFE.sub('?', other.evidence)}"


def _decided(amount: Amount, others: Sequence[Amount]) -> Iterator[str]:
    """An amount whose unit the messages show."""
    shown = ", ".join(amount.shown(text, code, amount.unit) for text, code in amount.examples)
    rival = any(each.score >= amount.score - _NEAR for each in others)
    mark = "? " if amount.likely or rival or not amount.currency.sure else ""
    yield commented(f"      value: {expression(amount.call(amount.unit))}", f"{mark}{shown}; {amount.evidence}")
    yield "      properties:"
    yield commented(f"        currency: {expression(amount.currency_text)}", _currency(amount))


def _currency(amount: Amount) -> str:
    """What is doubtful about the currency of an amount; "" for nothing."""
    found = amount.currency
    if found.code:
        return "? the amount's name says it"
    if found.way is None:
        return "? no currency was found in these messages; EUR stands for yours"
    if found.others:
        return f"? or {', '.join(map(path_text, found.others[:3]))}: the codes differ"
    return "? from another object than the amount" if found.apart else ""


def _amounts_beside(kind: KindOfEvent) -> Iterator[str]:
    """Amounts in the messages of an event that isn't a purchase by its name."""
    for amount in kind.amounts[:1]:
        if amount.score < _NAMED:
            continue
        evidence = _UNSAFE.sub("?", amount.evidence)
        yield f"      # ? an amount in these messages, if it is the value (then without value_type): {evidence}"
        calls = amount.readings if amount.unit == "?" else ((amount.unit, amount.call(amount.unit)),)
        yield from _readings(amount, calls)


def _undecided(amount: Amount) -> Iterator[str]:
    """The value 1, and the readings of the amount to choose from."""
    readings = amount.readings if amount.unit == "?" else ((amount.unit, amount.call(amount.unit)),)
    which = "one of these two lines" if len(readings) > 1 else "the line below"
    doubt = "the amount's unit" if amount.unit == "?" else "the amount's form" if amount.comma else "its currency"
    yield commented("      value: 1", f"? {doubt} isn't sure: take {which} in its place")
    yield f"      # {_UNSAFE.sub('?', amount.evidence)}"
    yield from _readings(amount, readings)
    found, said = amount.currency, _currency(amount)
    written = expression(amount.currency_text).replace("'", "''")
    currency = f"'{written}'" if found.way is not None else found.code or "EUR"
    yield f"      # properties: {{currency: {currency}}}" + (f"    # {_UNSAFE.sub('?', said)}" if said else "")


def _readings(amount: Amount, readings: Iterable[tuple[Unit, str]]) -> Iterator[str]:
    for unit, call in readings:
        shown = ", ".join(f"{text} -> {amount.shown(text, code, unit)}" for text, code in amount.examples)
        yield f"      # value: {expression(call)}    # ? {shown or 'no amount but 0'}"


def equality(way: Steps, value: str) -> str:
    """A line of `when`: the path has this text."""
    return f"{scalar(path_text(way, bare=True))}: {scalar(value)}"
