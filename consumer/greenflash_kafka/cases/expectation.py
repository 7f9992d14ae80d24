"""`expect:` in all its forms: events whole, problems, nothing, or good and bad together."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from greenflash_kafka.cases.case_spec import ExpectedEvent, ExpectedProblem
from greenflash_kafka.cases.mapping_facts import MappingFacts
from greenflash_kafka.cases.nodes import closed, data, instant, integer, items, text
from greenflash_kafka.cases.payload_changes import BadPath, parse, remove_at, set_at
from greenflash_kafka.cases.told import expected_activities
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, UnreadableNode, beginning, place
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELD, FIELDS
from greenflash_kafka.model.problem import CODES

_FIELDS: Final = tuple(field.name for field in FIELDS)
_KEYS: Final = ("events", "invalid", "rule", "item", "field", "conversations")
_OTHER_PARTS: Final = ("where", "each", "let", "valid", "id", "greenflash_id", "at", "keys")
"""Parts of rules and of conversations, beside an event's fields, in which something may be wrong with a message."""

_FORMS: Final = "`nothing`, a list of events, or a map with `invalid`, `conversations` or both, and perhaps `events`"


class Expected(msgspec.Struct, frozen=True):
    """What must come of a message. `activities` None: those that it gives aren't compared."""

    events: tuple[ExpectedEvent, ...] = ()
    invalid: tuple[ExpectedProblem, ...] = ()
    activities: tuple[Activity, ...] | None = None


def expectation(node: Node | None, base: Map | None, facts: MappingFacts, report: FileReport) -> Expected:
    """What must come of a message; `base` is the file's `event`, `facts` are the mapping's."""
    if node is None or isinstance(node, UnreadableNode):
        return Expected()
    if isinstance(node, Scalar) and node.value == "nothing":
        return Expected(activities=())
    if isinstance(node, List):
        return Expected(tuple(_event(each, base, report) for each in node.items))
    if not isinstance(node, Map):
        report.add(place(node), "bad-literal", f"`expect` is {_FORMS}")
        return Expected()
    whole = closed(node, _KEYS, "`expect`", report)
    events = tuple(_event(each, base, report) for each in items(node.get("events"), "events", report))
    invalid, conversations = node.get("invalid"), node.get("conversations")
    if not node.entries:
        report.add(beginning(node), "missing-key", f"`expect` is {_FORMS}")
    activities = None if conversations is None else expected_activities(conversations, facts.sources, report)
    if isinstance(invalid, List):
        problems = tuple(filter(None, (_problem(each, facts.rules, report) for each in invalid.items)))
        return Expected(events, problems, activities)
    if invalid is None or whole is None:
        return Expected(events, (), activities)
    single = _facts(invalid, whole, facts.rules, report)
    return Expected(events, () if single is None else (single,), activities)


def _problem(node: Node, rules: frozenset[str] | None, report: FileReport) -> ExpectedProblem | None:
    if isinstance(node, Scalar):
        code = _code(node, report)
        return None if code is None else ExpectedProblem(code)
    facts = closed(node, ("code", "rule", "item", "field"), "a problem", report)
    if facts is None:
        return None
    code_node = facts.get("code")
    if code_node is None:
        report.add(beginning(facts), "missing-key", "a problem needs its `code`")
        return None
    return _facts(code_node, facts, rules, report)


def _facts(code_node: Node, facts: Map, rules: frozenset[str] | None, report: FileReport) -> ExpectedProblem | None:
    code = _code(code_node, report)
    rule_node, field_node = facts.get("rule"), facts.get("field")
    rule = text(rule_node, "rule", report)
    if rule_node is not None and rule is not None and rules is not None and rule not in rules:
        report.add(place(rule_node), "unknown-name", f"the mapping has no rule `{rule}`", did_you_mean(rule, rules))
    field = text(field_node, "field", report)
    if field_node is not None and field is not None:
        _check_field(field, field_node, report)
    item = integer(facts.get("item"), "item", report)
    return None if code is None else ExpectedProblem(code, rule, item, field)


def _check_field(field: str, node: Node, report: FileReport) -> None:
    first = field.split(".")[0]
    if first not in FIELD and first not in _OTHER_PARTS:
        known = (*_FIELDS, "where", "each")
        report.add(place(node), "unknown-name", f"`{field}` is no field of an event", did_you_mean(first, known))


def _code(node: Node, report: FileReport) -> str | None:
    code = text(node, "a code", report)
    if code is not None and code not in CODES:
        hint = did_you_mean(code, CODES) or f"one of {', '.join(CODES)}"
        report.add(place(node), "unknown-name", f"`{code}` is no code of a problem", hint)
        return None
    return code


def _event(node: Node, base: Map | None, report: FileReport) -> ExpectedEvent:
    fields: dict[str, Any] = {}
    for part in (base, node):
        if isinstance(part, Map):
            fields = _overlaid(fields, part, report)
        elif part is not None and not isinstance(part, UnreadableNode):
            report.add(place(part), "wrong-type", "an expected event is a map of fields; `{}` is the one above")
    from_record = fields.get("insert_id") == "record"
    return ExpectedEvent({name: fields[name] for name in _FIELDS if name in fields}, from_record)


def _overlaid(fields: dict[str, Any], part: Map, report: FileReport) -> dict[str, Any]:
    for entry in part.entries:
        name = entry.key.text
        if name == "unset":
            continue
        if name in FIELD:
            value = _field(name, entry.value, report)
            fields = {**fields, name: value} if value is not None else fields
            continue
        try:
            steps = parse(name)
            if steps[0] != "properties" or len(steps) == 1:
                raise BadPath("not below properties")
            fields = set_at(fields, steps, data(entry.value, report))
        except BadPath:
            hint = did_you_mean(name, (*_FIELDS, "unset")) or "a field of an event, properties.<name>, or unset"
            report.add(place(entry.key), "unknown-key", f"`{name}` is no field of an event", hint)
    for node in items(part.get("unset"), "unset", report):
        fields = _without(fields, node, report)
    return fields


def _without(fields: dict[str, Any], node: Node, report: FileReport) -> dict[str, Any]:
    path = text(node, "a path in `unset`", report)
    if path is None:
        return fields
    try:
        steps = parse(path)
    except BadPath as error:
        report.add(place(node), "bad-path", f"`{path}`: {error}", error.hint)
        return fields
    if steps[0] not in FIELD or (len(steps) > 1 and steps[0] != "properties"):
        hint = did_you_mean(str(steps[0]), _FIELDS)
        report.add(place(node), "unknown-name", f"`{path}` is no field of an event", hint)
        return fields
    left: dict[str, Any] = remove_at(fields, steps)
    return left


def _field(name: str, node: Node, report: FileReport) -> object:
    """The field's value as `model.event.Event` holds it; None when there is a finding about it."""
    if isinstance(node, Scalar) and node.value is None:
        report.add(place(node), "bad-literal", f"`{name}: null` says nothing", f"write `unset: [{name}]`")
        return None
    kind = FIELD[name].kind
    if kind == "time":
        return instant(node, name, report)
    if kind in ("text", "uuid", "enum"):
        return text(node, f"{name} (always the text that is sent)", report)
    if kind == "object" and not isinstance(node, Map | UnreadableNode):
        report.add(place(node), "wrong-type", f"{name} must be a map of names to values")
        return None
    value: object = data(node, report)
    return value
