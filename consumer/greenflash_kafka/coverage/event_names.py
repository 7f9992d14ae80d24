"""The event name of a message: the field, or the two, by whose literals a topic's rules tell its messages apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.rules.conditions import Field, Tests
from greenflash_kafka.rules.index import Read, field_readers
from greenflash_kafka.rules.rule import Each, Rule

LONGEST: Final = 120
MISSING: Final = "(missing)"
NO_TEXT: Final = "(a list or an object)"

_TELLING: Final = ("type", "event", "event_type", "eventtype", "event_name", "eventname", "name", "kind", "action")
"""Last words of paths that break a tie."""


class EventNames:
    """Reads the names of one topic's messages. `fields` is empty if its rules test none for literals: then all messages
    have the name "". There are two where one doesn't tell rules apart: `object` and `action`."""

    def __init__(self, rules: Sequence[Rule], ignored: Iterable[Tests] = ()) -> None:
        pins = [rule.pins for rule in rules]
        field = name_field(pins, list(ignored))
        self.fields = () if field is None else (field, *second_field(pins, field))
        self._each: Each | None = None
        if field is None:
            field = name_field([rule.code.item_pins for rule in rules], [])
            self.fields = () if field is None else (field,)
            of = (rule.each for rule in rules if field is not None and field in rule.code.item_pins)
            self._each = next(of, None)
        readers = field_readers(self.fields)
        self._reads: list[Read] = [readers[each] for each in self.fields]

    @property
    def of_items(self) -> bool:
        """Whether the items of a list have names, and not the message."""
        return self._each is not None

    def scopes(self, scope: Scope) -> list[Scope]:
        """What has a name: the message, or its items."""
        return [scope] if self._each is None else item_scopes(self._each, scope)

    def name(self, scope: Scope) -> str:
        """The name, as text."""
        of = scope.payload if self._each is None else scope.item
        return ", ".join([_text(read(of, scope.kafka.message)) for read in self._reads])

    def asking(self, rules: Iterable[Rule], scope: Scope) -> list[Rule]:
        """The rules that ask for this name: all their conditions on the fields alone hold, and they have one."""
        return [rule for rule in rules if self._asks(rule, scope)]

    def _asks(self, rule: Rule, scope: Scope) -> bool:
        own = [
            condition
            for condition in rule.code.conditions
            if condition.reads and all((path.root, path.steps) in self.fields for path in condition.reads)
        ]
        try:
            return bool(own) and all(condition.holds(scope, []) for condition in own)
        except EvaluationError:
            return False


def _text(value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, dict | list):
        return NO_TEXT
    return str(value).lower() if isinstance(value, bool) else str(value)[:LONGEST]


def item_scopes(each: Each, scope: Scope) -> list[Scope]:
    """The items of a message's list; none if there is no list."""
    try:
        items = each.evaluate(scope)
    except EvaluationError:
        return []
    found = [items] if isinstance(items, dict) else items if isinstance(items, list) else []
    return [scope.for_item(item, index) for index, item in enumerate(found)]


def name_field(rules: Sequence[Tests], ignored: Sequence[Tests]) -> Field | None:
    """The field that most rules test; one for which all (`ignored` too) want the same is no name if there is a better
    one."""
    literals: dict[Field, set[tuple[bool, object]]] = {}
    asked: dict[Field, int] = {}
    for each in (*rules, *ignored):
        for field, wanted in each.items():
            literals.setdefault(field, set()).update((literal.__class__ is bool, literal) for literal in wanted)

    for each in rules:
        for field in each:
            asked[field] = asked.get(field, 0) + 1

    def rank(field: Field) -> tuple[bool, int, bool, int, int]:
        steps = field[1]
        telling = bool(steps) and str(steps[-1]).lower() in _TELLING
        return len(literals[field]) > 1, asked[field], telling, len(literals[field]), -len(steps)

    return max(asked, key=rank, default=None)


def second_field(rules: Sequence[Tests], first: Field) -> list[Field]:
    """The field that tells rules apart that want the same of the first one, if all rules that test that test it, too;
    none, or one."""
    both = [each for each in rules if first in each]
    found = [
        field
        for field in (both[0] if both else ())
        if field != first
        and all(field in each for each in both)
        and any(
            not set(one[first]).isdisjoint(other[first]) and set(one[field]).isdisjoint(other[field])
            for one in both
            for other in both
        )
    ]
    return found[:1]
