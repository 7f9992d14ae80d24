"""The tracking plan: event types with meaning, owner, influence, value and the properties that may go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import BEGINNING, Place, Scalar, place
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.tracking.plan_spec import PLAN_FILE, VALUE_TYPES


class PlannedProperty(msgspec.Struct, frozen=True):
    """A property that may go out; `type` is "" if the plan doesn't say it."""

    name: str
    meaning: str
    type: str = ""
    personal: bool = False
    required: bool = False


class PlannedValue(msgspec.Struct, frozen=True):
    """What a value is: `type` is a key of `VALUE_TYPES`, `unit` what one is, or ""."""

    type: str
    unit: str = ""
    meaning: str = ""

    @property
    def value_type(self) -> str:
        """The `value_type` of its events."""
        return VALUE_TYPES[self.type]


class Deprecated(msgspec.Struct, frozen=True):
    """Since when an event type isn't to be used any more, what to use in its place, and why."""

    since: datetime
    use: str = ""
    because: str = ""


class PlannedEvent(msgspec.Struct, frozen=True):
    """An event type of the plan; what the plan doesn't say is "" or None."""

    name: str
    meaning: str
    owner: str = ""
    influence: str = ""
    value: PlannedValue | None = None
    properties: Mapping[str, PlannedProperty] = {}
    deprecated: Deprecated | None = None


@dataclass(slots=True)
class TrackingPlan:
    """All plans of the folders that are loaded, as one. `properties` are those that every event may have."""

    files: list[str] = field(default_factory=list)
    closed: bool = False
    events: dict[str, PlannedEvent] = field(default_factory=dict)
    properties: dict[str, PlannedProperty] = field(default_factory=dict)

    def add(self, content: bytes, report: FileReport) -> None:
        """Read a file of the plan; what is wrong with it goes to `report`."""
        self.files.append(report.file)
        node = parse(content, report)
        if node is None and not report.failed:
            report.add(BEGINNING, "missing-key", "the tracking plan is empty", "begin with version: 1 and events:")
        values = PLAN_FILE.read(node, report) if node is not None else None
        if values is None:
            return
        self.closed |= values.get("closed") is True
        self.properties.update(_properties(values.get("properties")))
        added = self._events(values.get("events"), report)
        for at, of in added:
            self._check_use(at, of, report)

    def allowed(self, event: PlannedEvent) -> Mapping[str, PlannedProperty]:
        """The properties that an event of this type may have."""
        return {**self.properties, **event.properties}

    def _events(self, written: object, report: FileReport) -> list[tuple[Place, PlannedEvent]]:
        added = []
        for name, (key, values) in written.items() if isinstance(written, dict) else ():
            if not isinstance(values, Values):
                continue
            if name in self.events:
                said = f"{name} is planned in {' or '.join(self.files[:-1])}, too"
                report.add(place(key), "duplicate-name", said, "keep one of them")
                continue
            self.events[name] = _event(name, values)
            entry = values.get("deprecated")
            self._check_unit(self.events[name], values, report)
            at = entry.at("use") if isinstance(entry, Values) else place(key)
            added.append((at, self.events[name]))
        return added

    def _check_unit(self, event: PlannedEvent, values: Values, report: FileReport) -> None:
        """The unit of an amount is a currency."""
        value, written = event.value, values.get("value")
        if value is None or value.type != "currency" or not value.unit or not isinstance(written, Values):
            return
        if value.unit not in EXPONENTS:
            said = f"the unit of an amount is a currency's code, and no currency has the code {value.unit}"
            near = f"write {value.unit.upper()}" if value.unit.upper() in EXPONENTS else "e.g. unit: EUR"
            report.add(written.at("unit"), "bad-literal", said, near)

    def _check_use(self, at: Place, event: PlannedEvent, report: FileReport) -> None:
        use = event.deprecated.use if event.deprecated is not None else ""
        if not use:
            return
        other = self.events.get(use)
        if other is None:
            said = f"{event.name} is to be replaced by {use}, which isn't in the plan"
            report.add(at, "unknown-name", said, did_you_mean(use, self.events))
        elif other.deprecated is not None:
            said = f"{event.name} is to be replaced by {use}, which is deprecated itself"
            report.add(at, "unknown-name", said, f"write use: {other.deprecated.use}" if other.deprecated.use else "")


def _event(name: str, values: Values) -> PlannedEvent:
    influence = values.get("influence")
    return PlannedEvent(
        name,
        _text(values.get("meaning")),
        _text(values.get("owner")),
        influence if isinstance(influence, str) else "",
        _value(values.get("value")),
        {each.name: each for _, each in _properties(values.get("properties"))},
        _deprecated(values.get("deprecated")),
    )


def _value(written: object) -> PlannedValue | None:
    if isinstance(written, str):
        return PlannedValue(written)
    kind = written.get("type") if isinstance(written, Values) else None
    if not isinstance(written, Values) or not isinstance(kind, str):
        return None
    return PlannedValue(kind, _text(written.get("unit")), _text(written.get("meaning")))


def _deprecated(written: object) -> Deprecated | None:
    since = written.get("since") if isinstance(written, Values) else None
    if not isinstance(written, Values) or not isinstance(since, datetime):
        return None
    return Deprecated(since, _text(written.get("use")), _text(written.get("because")))


def _properties(written: object) -> Iterable[tuple[str, PlannedProperty]]:
    for name, (_, of) in written.items() if isinstance(written, dict) else ():
        if isinstance(of, Values):
            kind, meaning = of.get("type"), _text(of.get("meaning"))
            personal, required = of.get("personal") is True, of.get("required") is True
            yield name, PlannedProperty(name, meaning, kind if isinstance(kind, str) else "", personal, required)
        else:
            yield name, PlannedProperty(name, _text(of))


def _text(value: object) -> str:
    """A text on one line."""
    return " ".join(value.text.split()) if isinstance(value, Scalar) else ""
