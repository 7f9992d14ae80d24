"""The catalog as a page of Markdown, for people who never see YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from greenflash_kafka.tracking.catalog_entries import Catalog, RuleEntry, TypeEntry
from greenflash_kafka.tracking.in_words import code
from greenflash_kafka.tracking.tracking_plan import PlannedEvent, PlannedProperty

_KINDS = {
    "currency": "an amount of money",
    "count": "a count",
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "none": "a fixed word",
}
_NO_RULE = "no rule gives it yet"


def as_markdown(catalog: Catalog) -> str:
    """The whole page."""
    return "\n".join(_lines(catalog)) + "\n"


def _lines(catalog: Catalog) -> Iterator[str]:
    yield from ("# Catalog of events", "")
    yield "Made by `greenflash-kafka catalog` from the tracking plan and the rules. Change those, not this page."
    yield ""
    yield from ("| event type | meaning | owner | influence | value | rules |", "|---|---|---|---|---|---|")
    for each in catalog.types:
        rules = ", ".join(f"`{rule.name}`" for rule in each.rules) or _NO_RULE
        yield _row(f"`{each.name}`", *_summary(each), rules)
    if catalog.plan.properties:
        yield from ("", "Events of every type may have these properties:")
        yield from _properties(catalog.plan.properties, {name for rule in catalog.rules for name, _ in rule.properties})
    described: dict[RuleEntry, str] = {}
    for each in catalog.types:
        yield from _type(each, described)
    others = [rule for rule in catalog.others if rule not in described]
    if others:
        yield from ("", "## Event types that come from the message", "")
        yield "These rules take the event type from the message, so the plan can't say what it means."
        for rule in others:
            yield from _rule(rule)


def _summary(entry: TypeEntry) -> tuple[str, str, str, str]:
    planned = entry.planned
    if planned is None:
        return "not in the plan", "", ", ".join(sorted({rule.influence for rule in entry.rules})), ""
    meaning = f"(deprecated) {planned.meaning}" if planned.deprecated is not None else planned.meaning
    return meaning, planned.owner, planned.influence, _value(planned)


def _value(planned: PlannedEvent) -> str:
    value = planned.value
    if value is None:
        return ""
    kind = _KINDS[value.type]
    of = f" ({value.unit})" if value.unit and value.type == "currency" else f" of {value.unit}" if value.unit else ""
    return f"{kind}{of}"


def _type(entry: TypeEntry, described: dict[RuleEntry, str]) -> Iterator[str]:
    yield from ("", f"## `{entry.name}`", "")
    planned = entry.planned
    if planned is None:
        yield "The tracking plan doesn't have this event type."
    else:
        yield from _planned(planned)
        yield from _properties(planned.properties, {name for rule in entry.rules for name, _ in rule.properties})
    if not entry.rules:
        yield from ("", f"For now {_NO_RULE}.")
    for rule in entry.rules:
        if rule in described:
            yield from ("", f"The rule `{rule.name}` gives it, too: see `{described[rule]}`.")
        else:
            described[rule] = entry.name
            yield from _rule(rule)


def _planned(planned: PlannedEvent) -> Iterator[str]:
    yield planned.meaning
    if planned.deprecated is not None:
        of = planned.deprecated
        use = f" Use `{of.use}`." if of.use else ""
        because = f" {of.because}" if of.because else ""
        yield from ("", f"**Deprecated since {of.since:%Y-%m-%d}.**{use}{because}")
    yield ""
    if planned.owner:
        yield f"- Owner: {planned.owner}"
    if planned.influence:
        yield f"- Influence: {planned.influence}"
    if planned.value is not None:
        meaning = f". {planned.value.meaning}" if planned.value.meaning else ""
        yield f"- Value: {_value(planned)}{meaning}"


def _properties(properties: Mapping[str, PlannedProperty], given: set[str]) -> Iterator[str]:
    if properties:
        yield from ("", "| property | meaning | type | personal | given |", "|---|---|---|---|---|")
    for name, of in properties.items():
        personal, used = "yes" if of.personal else "", "yes" if name in given else "not yet"
        yield _row(f"`{name}`", of.meaning, of.type, personal, used)


def _rule(rule: RuleEntry) -> Iterator[str]:
    yield from ("", f"### Rule `{rule.name}`", "")
    if rule.draft:
        yield from ("**A draft: it is evaluated, and never sent.**", "")
    if rule.description:
        yield from (rule.description, "")
    yield f"- Reads: {', '.join(f'`{topic}`' for topic in rule.topics)}"
    if rule.each:
        yield f"- For each element (`item`) of {code(rule.each)}"
    yield from _conditions(rule)
    for name, text in rule.names:
        yield f"- With `{name}` = {code(text)}"
    if rule.value:
        yield f"- Value: {code(rule.value)}"
    if rule.influence:
        yield f"- Influence: {rule.influence if rule.influence.isalpha() else code(rule.influence)}"
    unique = code(rule.unique) if rule.unique else "the message's place in its topic"
    yield f"- Unique by: {unique}"
    for name, text in rule.properties:
        yield f"- Property `{name}`: {code(text)}"
    if rule.link:
        yield f"- Linked to: {rule.link}"
    if rule.valid:
        yield f"- Valid: {rule.valid}"
    if rule.sampling:
        yield f"- Sampling: {rule.sampling}"
    yield f"- Written in: {rule.where}"


def _conditions(rule: RuleEntry) -> Iterator[str]:
    if len(rule.conditions) == 1:
        yield f"- When {rule.conditions[0]}"
        return
    if not rule.conditions:
        yield "- Always"
        return
    yield "- When all of these hold:"
    for each in rule.conditions:
        yield f"  - {each}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
