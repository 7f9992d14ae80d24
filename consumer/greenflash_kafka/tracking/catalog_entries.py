"""Entries of the catalog: the event types of the plan, and every rule in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from greenflash_kafka.mappings.event_fields import Written
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.rule_facts import RuleFacts, constant
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.link import LinkTry, RuleLink
from greenflash_kafka.rules.rule import Rule, Valid
from greenflash_kafka.rules.rule_info import RuleInfo
from greenflash_kafka.tracking.given_types import given_types
from greenflash_kafka.tracking.in_words import code, condition_words
from greenflash_kafka.tracking.tracking_plan import PlannedEvent, TrackingPlan

_BLOCK = re.compile(r"^[|>][-+0-9]*[ ]*\n")
_TOUCHES = {"last": "the latest", "first": "the earliest", "single": "the only"}


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule in words; what it hasn't is "" or empty. `types` are the event types that it can give; not `known`:
    there may be others, which come from the message. `properties` are pairs of a name and what it is computed from.
    `planned`: every one of its types is in the plan."""

    name: str
    description: str
    topics: tuple[str, ...]
    types: tuple[str, ...]
    known: bool
    planned: bool
    influence: str
    each: str
    names: tuple[tuple[str, str], ...]
    """Each `let`, and what it is computed from."""
    conditions: tuple[str, ...]
    value: str
    unique: str
    properties: tuple[tuple[str, str], ...]
    link: str
    valid: str
    sampling: str
    draft: bool
    where: str


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """An event type and its rules; `planned` is None for one that the plan hasn't."""

    name: str
    planned: PlannedEvent | None
    rules: tuple[RuleEntry, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The event types in the plan's order, then those that it hasn't by name; `others` are rules whose types come from
    the message."""

    plan: TrackingPlan
    types: tuple[TypeEntry, ...]
    others: tuple[RuleEntry, ...]
    rules: tuple[RuleEntry, ...]


def make_catalog(files: Iterable[Understood], plan: TrackingPlan) -> Catalog:
    """The catalog of these mapping files."""
    rules = [entry for file in files for entry in _entries(file, plan)]
    unplanned = sorted({name for rule in rules for name in rule.types} - plan.events.keys())
    types = tuple(
        TypeEntry(name, plan.events.get(name), tuple(rule for rule in rules if name in rule.types))
        for name in (*plan.events, *unplanned)
    )
    return Catalog(plan, types, tuple(rule for rule in rules if not rule.known), tuple(rules))


def _entries(file: Understood, plan: TrackingPlan) -> Iterator[RuleEntry]:
    topics = (*file.topics, *(f"/{pattern}/" for pattern in file.patterns))
    for rule, facts in zip(file.rules, file.facts, strict=True):
        yield _entry(rule, facts, topics, plan)


def _entry(rule: Rule, facts: RuleFacts, topics: tuple[str, ...], plan: TrackingPlan) -> RuleEntry:
    info = rule.info
    given = given_types(facts)
    written = {**facts.merged.single, **{f"properties.{name}": of for name, of in facts.merged.properties.items()}}
    texts = {field.name: _written(written.get(field.name), field.origin.text) for field in info.fields}
    wheres = [f"{code(_plain(each.origin.text))} is true" for each in info.conditions if each.kind == "where"]
    return RuleEntry(
        info.name,
        info.description,
        topics,
        given.names,
        given.known,
        given.known and all(name in plan.events for name in given.names),
        str(constant(facts.merged.single.get("influence")) or texts.get("influence", "")),
        _plain(info.each.origin.text) if info.each is not None else "",
        tuple((let.name, _plain(let.origin.text)) for let in info.lets),
        (*map(condition_words, facts.conditions), *wheres),
        texts.get("value", ""),
        texts.get("insert_id", ""),
        tuple(
            (name.removeprefix("properties."), text) for name, text in texts.items() if name.startswith("properties")
        ),
        link_words(rule.link),
        _valid(facts.valid),
        _sampling(info, texts),
        rule.draft,
        f"{rule.file.path}:{info.origin.place.line}",
    )


def _written(field: Written | None, source: str) -> str:
    """An expression, or the text of the file, where a variable stands by its name."""
    if field is not None and field.expression is not None and field.expression.text:
        return " ".join(field.expression.text.split())
    return _plain(source)


def _plain(source: str) -> str:
    """A part of the file on one line, without an expression's `=`, a text's quotes, and what begins a block."""
    line = " ".join(_BLOCK.sub("", source).split())
    if len(line) > 1 and line[0] == line[-1] and line[0] in "\"'" and line[0] not in line[1:-1]:
        line = line[1:-1]
    return line.removeprefix("=").strip()


def _valid(valid: Valid | None) -> str:
    """From when until when a rule holds."""
    if valid is None:
        return ""
    ends = (("from", valid.since), ("until", valid.until))
    return " ".join(f"{word} {end:%Y-%m-%d %H:%M} UTC" for word, end in ends if end is not None)


def _sampling(info: RuleInfo, texts: Mapping[str, str]) -> str:
    """Of which part of the events anything is sent."""
    said = []
    if info.sample is not None:
        said.append(f"a part of {info.sample.rate} is sent, always of the same {code(info.sample.by)}")
    if "sample_rate" in texts:
        said.append(f"Greenflash keeps a part of {code(texts['sample_rate'])}")
    return "; ".join(said)


def link_words(link: RuleLink | None) -> str:
    """By what a rule's events are linked to conversations, and how long before."""
    return "; else ".join(map(_try_words, link.tries)) if link is not None else ""


def _try_words(one: LinkTry) -> str:
    names = _or([f"`{name}`" for name, _ in one.by])
    to = f" in {_or([f'`{name}`' for name in one.to])}" if one.to else ""
    return f"{_TOUCHES[one.touch]} conversation of the same {names}{to}, at most {_length(one.lookback)} before"


def _length(milliseconds: int) -> str:
    """A length of time in words."""
    text = duration_text(milliseconds)
    number, unit = text[:-1], {"d": "day", "h": "hour", "m": "minute", "s": "second"}.get(text[-1], "")
    return f"{number} {unit}{'' if number == '1' else 's'}" if number.isdecimal() and unit else text


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
