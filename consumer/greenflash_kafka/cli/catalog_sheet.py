"""The catalog as CSV (RFC 4180), one line a rule, which spreadsheets can open without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.tracking.catalog_entries import Catalog, RuleEntry
from greenflash_kafka.tracking.tracking_plan import PlannedEvent

COLUMNS: Final = (
    "event_type",
    "meaning",
    "owner",
    "planned",
    "deprecated",
    "rule",
    "description",
    "topics",
    "for_each",
    "conditions",
    "names",
    "influence",
    "value_type",
    "value_unit",
    "value",
    "unique_by",
    "properties",
    "personal_properties",
    "link",
    "sampling",
    "draft",
    "valid",
    "written_in",
)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(catalog: Catalog) -> str:
    """The whole sheet. A rule of several event types has one line; a planned type without a rule has one, too."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    done: set[RuleEntry] = set()
    for entry in catalog.types:
        if not entry.rules:
            writer.writerow([*_of_types([entry.name], catalog), *map(safe, _of_rule(None, catalog))])
        for rule in entry.rules:
            if rule not in done:
                done.add(rule)
                writer.writerow([*_of_types(rule.types, catalog), *map(safe, _of_rule(rule, catalog))])
    for rule in catalog.others:
        if rule not in done:
            done.add(rule)
            writer.writerow([*_of_types(rule.types, catalog), *map(safe, _of_rule(rule, catalog))])
    return out.getvalue()


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what would begin one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _of_types(names: object, catalog: Catalog) -> Iterator[str]:
    listed = [str(name) for name in names] if isinstance(names, list | tuple) else []
    planned = [event for name in listed if (event := catalog.plan.events.get(name)) is not None]
    yield safe(" | ".join(listed) or "(from the message)")
    yield safe(" | ".join(event.meaning for event in planned))
    yield safe(" | ".join(dict.fromkeys(event.owner for event in planned if event.owner)))
    yield "yes" if listed and len(planned) == len(listed) else "no"
    yield safe(" | ".join(_deprecated(event) for event in planned if event.deprecated is not None))


def _deprecated(event: PlannedEvent) -> str:
    of = event.deprecated
    return "" if of is None else f"since {of.since:%Y-%m-%d}" + (f", use {of.use}" if of.use else "")


def _of_rule(rule: RuleEntry | None, catalog: Catalog) -> Iterator[str]:
    if rule is None:
        yield "(no rule)"
        yield from [""] * (len(COLUMNS) - 6)
        return
    planned = [event for name in rule.types if (event := catalog.plan.events.get(name)) is not None]
    values = [event.value for event in planned if event.value is not None]
    names = [name for name, _ in rule.properties]
    yield rule.name
    yield rule.description
    yield ", ".join(rule.topics)
    yield rule.each
    yield "; and ".join(rule.conditions)
    yield "; ".join(f"{name} = {text}" for name, text in rule.names)
    yield rule.influence
    yield " | ".join(dict.fromkeys(value.type for value in values))
    yield " | ".join(dict.fromkeys(value.unit for value in values if value.unit))
    yield rule.value
    yield rule.unique or "the message's place in its topic"
    yield ", ".join(names)
    allowed = {name: of for event in planned for name, of in catalog.plan.allowed(event).items()}
    yield ", ".join(name for name in names if name in allowed and allowed[name].personal)
    yield rule.link
    yield rule.sampling
    yield "yes" if rule.draft else ""
    yield rule.valid
    yield rule.where
