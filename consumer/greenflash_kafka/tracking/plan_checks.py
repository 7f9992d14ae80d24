"""Rules compared with the tracking plan: event types, influence, value and properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.expressions.values import NAMES
from greenflash_kafka.mappings.event_fields import Written
from greenflash_kafka.mappings.rule_facts import RuleFacts, constant
from greenflash_kafka.mappings.value_kinds import VALUE_TYPE_OF
from greenflash_kafka.tracking.given_types import GivenTypes, given_types
from greenflash_kafka.tracking.tracking_plan import PlannedEvent, PlannedProperty, TrackingPlan

_PROPERTY_TYPES: Final = {
    "money": "text",
    "time": "text",
    "text": "text",
    "number": "number",
    "boolean": "boolean",
    "list": "list",
    "object": "object",
}


def check_plan(rules: Iterable[RuleFacts], plan: TrackingPlan) -> None:
    """Say in each rule's file where it isn't as planned."""
    for facts in rules:
        _RuleCheck(facts, plan).check()


class _RuleCheck:
    """Compares one rule with the plan."""

    def __init__(self, facts: RuleFacts, plan: TrackingPlan) -> None:
        self.facts = facts
        self.plan = plan
        self.say = facts.report.add
        self.file = plan.files[0]

    def check(self) -> None:
        written = self.facts.merged.single.get("event_type")
        if written is None:
            return
        given = given_types(self.facts)
        if not given.known:
            self._unknown(written)
        for name in given.names:
            event = self.plan.events.get(name)
            if event is None:
                self._unplanned(name, written)
            else:
                self._planned(event, given, written)
        self._whole()

    def _unplanned(self, name: str, written: Written) -> None:
        code = "unplanned-event-type" if self.plan.closed else "event-type-not-in-plan"
        said = f"{name} isn't an event type of the tracking plan {self.file}"
        # Names that only end alike, as `..._completed`, are other facts.
        near = did_you_mean(name, self.plan.events, closeness=0.82)
        self.say(written.at, code, said, near or f"add it there, under events: {name}: {{meaning: ...}}")

    def _unknown(self, written: Written) -> None:
        said = "the event type is computed from the message, so it can't be compared with the tracking plan"
        hint = "write it out, hold its field to some by `when: {type: [a, b]}`, or take it from a table's cells"
        self.say(written.at, "computed-event-type", said, hint)
        for name, property_ in self.facts.merged.properties.items():
            if name not in self.plan.properties:
                said = f"any event type may come of this rule, and the plan doesn't allow `{name}` for every one"
                hint = f"name it in {self.file}, in the plan's own `properties`, or write the event type out"
                self.say(property_.at, "unplanned-property", said, hint)

    def _planned(self, event: PlannedEvent, given: GivenTypes, written: Written) -> None:
        if event.deprecated is not None:
            because = f": {event.deprecated.because}" if event.deprecated.because else ""
            said = f"{event.name} is deprecated since {event.deprecated.since:%Y-%m-%d}{because}"
            use = event.deprecated.use
            self.say(written.at, "deprecated-event-type", said, f"event_type: {use}" if use else "")
        self._influence(event, given)
        self._value(event)
        allowed = self.plan.allowed(event)
        for name, property_ in self.facts.merged.properties.items():
            self._property(event, name, property_, allowed)
        if not self.facts.merged.whole:
            for planned in allowed.values():
                if planned.required and planned.name not in self.facts.merged.properties:
                    said = f"the plan wants the property `{planned.name}` for {event.name}: {planned.meaning}"
                    hint = f"add properties: {{{planned.name}: ...}}"
                    self.say(self.facts.event_at, "missing-planned-property", said, hint)

    def _influence(self, event: PlannedEvent, given: GivenTypes) -> None:
        if not event.influence:
            return
        field = self.facts.merged.single.get("influence")
        hint = f"write influence: {event.influence}, or change the plan"
        code = "other-influence-than-planned"
        found = constant(field)
        if field is None and "influence" not in self.facts.merged.failed and event.influence != "neutral":
            said = f"the plan says that {event.name} is {event.influence}, and the rule says nothing of it"
            self.say(self.facts.event_at, code, said, f"add influence: {event.influence}")
        elif field is not None and isinstance(found, str) and found != event.influence:
            self.say(field.at, code, f"the plan says that {event.name} is {event.influence}, not {found}", hint)
        elif field is not None:
            for other in sorted({each for name, each in given.influences if name == event.name} - {event.influence}):
                said = f"a row of the table says that {event.name} is {other}; the plan says {event.influence}"
                self.say(field.at, code, said, "correct the table's cell, or change the plan")

    def _value(self, event: PlannedEvent) -> None:
        planned, field = event.value, self.facts.merged.single.get("value")
        if planned is None or field is None or field.expression is None:
            return
        word = "a fixed word" if planned.type == "none" else planned.type
        found = self._value_type(field)
        if planned.type == "none" and not isinstance(constant(field), str):
            said = f"the plan says that the value of {event.name} measures nothing, and this one is computed"
            self.say(field.at, "other-value-than-planned", said, "write a fixed word, or change the plan")
        elif found is not None and found != planned.value_type:
            said = f"the plan says that the value of {event.name} is {word}, and this one is {found}"
            hint = _value_hint(planned.value_type)
            self.say(field.at, "other-value-than-planned", said, f"{hint}, or change the plan")
        elif planned.type == "currency" and planned.unit:
            currency = field.expression.currency or constant(self.facts.merged.properties.get("currency"))
            if isinstance(currency, str) and currency.upper() != planned.unit.upper():
                said = f"the plan says that {event.name} is counted in {planned.unit}, and this is {currency.upper()}"
                self.say(field.at, "other-value-than-planned", said, "correct the currency, or change the plan")

    def _value_type(self, value: Written) -> str | None:
        """The `value_type` of the rule's events; None if it can't be known."""
        written = self.facts.merged.single.get("value_type")
        if written is not None or "value_type" in self.facts.merged.failed:
            found = constant(written)
            return found if isinstance(found, str) else None
        return None if value.expression is None else VALUE_TYPE_OF.get(value.expression.type)

    def _property(
        self, event: PlannedEvent, name: str, property_: Written, allowed: Mapping[str, PlannedProperty]
    ) -> None:
        planned = allowed.get(name)
        if planned is None:
            said = f"the plan doesn't name the property `{name}` for {event.name}, so it may not leave the house"
            hint = did_you_mean(name, allowed) or f"take it out, or name it in {self.file}: {name}: what it means"
            self.say(property_.at, "unplanned-property", said, hint)
            return
        kind = property_.expression.type if property_.expression is not None else "any"
        found = _PROPERTY_TYPES.get(kind)
        if planned.type and found is not None and found != planned.type:
            said = f"the plan says that `{name}` of {event.name} is {planned.type}, and this is {NAMES[kind]}"
            self.say(property_.at, "other-property-than-planned", said, "convert it, or change the plan")

    def _whole(self) -> None:
        for whole in self.facts.merged.whole:
            said = "`properties` is one expression, so nobody can check what of it the plan allows to leave the house"
            self.say(whole.at, "unnamed-properties", said, "name each: properties: {plan: = payload.plan}")


def _value_hint(value_type: str) -> str:
    if value_type == "currency":
        return "write value: = money_major(amount, currency)"
    if value_type == "numeric":
        return "write value: = number(...), or value_type: numeric"
    return f"write value_type: {value_type}"
