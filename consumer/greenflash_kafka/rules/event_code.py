"""Events as code: one generated function for each rule, from a message's scope to an event, or to its problems.

The function adds to three lists, in the order of the rule's fields:

- an `Event`, whose JSON is written in one go by a type that is made for the rule; a `RejectedEvent`, if the API would
  reject a value; nothing, if a required field or the `insert_id` can't be worked out;
- a problem for each required field that can't be worked out;
- a count for each optional field that is left out.

Three variables of the generated function carry this: `complete` is False after a problem, `accepted` after a value that
the API rejects, and `why` is the reason why a property can't be written as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import UNSET

from greenflash_kafka.expressions.compiler import ExpressionCompiler
from greenflash_kafka.expressions.emitter import HELPERS, Emitter, load
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.body import UNWRITABLE, encode, why_unwritable, written
from greenflash_kafka.model.event import FIELD, FIELDS, UUID, Event, Field, refusal
from greenflash_kafka.model.insert_id import from_key
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules import event_values
from greenflash_kafka.rules.event_object import EventObject, is_plain_name
from greenflash_kafka.rules.fields import FieldPlan, canonical
from greenflash_kafka.rules.link_search import EXTERNAL, INTERNAL, LinkSearch
from greenflash_kafka.rules.rejected_event import rejected
from greenflash_kafka.rules.results import Draft

Build = Callable[[Scope, list[Draft], list[Problem], list[Count]], None]
"""Adds the event of a message that the rule matches, or what keeps it from being one, and what was left out of it."""

_NAMES: Final[dict[str, object]] = {
    **HELPERS,
    "UNSET": UNSET,
    "UNWRITABLE": UNWRITABLE,
    "UTC": UTC,
    "encode": encode,
    "is_uuid": UUID.fullmatch,
    **{
        each.__name__: each
        for each in (
            *(Count, Event, canonical, datetime, from_key, refusal, rejected, str),
            *(event_values.key_text, event_values.moment, event_values.no_identity, event_values.nothing),
            *(event_values.problem, event_values.property_value, event_values.record_id, event_values.record_moment),
            *(event_values.value_and_type, event_values.whole_properties, why_unwritable, written),
        )
    },
}
_IS_TEXT: Final = "{0}.__class__ is str"


def compile_event(plan: FieldPlan, file: str = "", line: int = 0) -> Build:
    """The function that builds a rule's events; `file` and `line` say where the rule stands, for tracebacks."""
    return _EventCode(plan, line).compiled(file)


class _EventCode:
    """Writes the function. `_fields` has the code of each field's value, in the order of the event's JSON."""

    def __init__(self, plan: FieldPlan, line: int) -> None:
        self._plan = plan
        self._line = line
        self._compiler = ExpressionCompiler("", Names())
        self._out = self._compiler.emitter = Emitter("event", "s, drafts, problems, counts", line)
        self._constants = self._compiler.constants
        self._rule = self._constants.name(plan.rule)
        self._event = EventObject()
        self._fields: dict[str, str] = {}
        self._own_ids = dict.fromkeys((EXTERNAL, INTERNAL), "UNSET")

    def compiled(self, file: str) -> Build:
        plan = self._plan
        self._compiler.share(path for part in self._expressions if part.source is not None for path in part.paths)
        self._out.line("complete = accepted = True")
        self._out.line("why = ''")
        acceptable = self._constant_fields()
        for name, expression in plan.dynamic:
            if name == "value":
                self._value(expression)
            else:
                self._field(FIELD[name], expression)
        at = self._event_at()
        link = self._constants.name(plan.own) if plan.search is None else self._link(plan.search, at)
        self._put("event_at", at)
        if plan.link is not None:
            self._out.line(f"s.conversation = {link}")
        if plan.properties or plan.layers:
            self._properties()
        self._identity()
        self._end(acceptable, link)
        made: Build = load([*self._compiler.functions, self._out], self._constants, _NAMES, file)
        return made

    @property
    def _expressions(self) -> Iterator[Expression]:
        plan = self._plan
        yield from (part for _, part in plan.dynamic)
        yield from plan.properties.values()
        yield from plan.layers
        yield from (part for part in (plan.key, plan.event_at) if part is not None)

    def _put(self, name: str, code: str, wire: str = "") -> None:
        """Add a field to the event: the code of its value, and of what is written if that differs."""
        self._fields[name] = code
        self._event.dynamic(FIELD[name].wire, wire or code)

    def _constant_fields(self) -> bool:
        """Add what is the same for every message; False if the API rejects that, and so each event of the rule."""
        plan = self._plan
        known = {*plan.constants, *(name for name, _ in plan.dynamic)}
        acceptable = all(field.name in known for field in FIELDS if field.required)
        for name, value in plan.constants.items():
            self._fields[name] = self._constants.name(value)
            if value is None or refusal(FIELD[name], value) is None:
                self._event.constant(FIELD[name].wire, encode(written(value)))
            else:
                acceptable = False
        return acceptable

    def _local(self, expression: Expression) -> str:
        """Write an expression, and give the name of its value."""
        code = self._compiler.inline(expression)
        if code.isalnum():
            return code
        name = self._compiler.temporary()
        self._out.line(f"{name} = {code}")
        return name

    @contextmanager
    def _errors(self, name: str, found: Sequence[str] = (), instead: str = "UNSET") -> Iterator[None]:
        """What can't be worked out is a problem for a required field; any other is left out and counted."""
        out = self._out
        with out.block("try:"):
            yield
        with out.block("except EvaluationError as error:"):
            field = self._constants.name(name)
            if name in FIELD and FIELD[name].required:
                out.line(f"problems.append(problem(error, {self._rule}, s.index, {field}))")
                out.line("complete = False")
            else:
                out.line(f"counts.append(Count(error.code, {self._rule}, {field}))")
            for each in found:
                out.line(f"{each} = {instead}")

    def _missing(self, name: str) -> None:
        """What is done about a value that is missing: the same as about one that can't be worked out."""
        if name in FIELD and FIELD[name].required:
            self._out.line("raise nothing()")
        else:
            self._out.line(f"counts.append({self._constants.name(self._plan.missing[name])})")

    def _part(
        self, name: str, expression: Expression, usual: str, other: str, *, instead: str = "UNSET", check: bool = False
    ) -> str:
        """Write what has this name, and give the variable of its value: the expression's own if the test `usual` holds,
        `instead` if it is missing or can't be worked out, else `other`. In `usual` and `other`, {0} is the value.
        `check`: `other` may be something that the API rejects."""
        out, found = self._out, self._compiler.temporary()
        with self._errors(name, [found], instead):
            value = self._local(expression)
            with out.block(f"if {usual.format(value)}:"):
                out.line(f"{found} = {value}")
            with out.block(f"elif {value} is None:"):
                self._missing(name)
                out.line(f"{found} = {instead}")
            with out.block("else:"):
                out.line(f"{found} = {other.format(value)}")
                if check:
                    self._check(FIELD[name], found)
        return found

    def _field(self, field: Field, expression: Expression) -> None:
        searched = self._plan.search is not None and field.name in self._own_ids
        usual = _IS_TEXT if searched else self._acceptable(field)
        found = self._part(field.name, expression, usual, "canonical(s, {0})", check=not searched)
        if searched:
            self._own_ids[field.name] = found
        else:
            self._put(field.name, found, f"written({found})" if field.kind == "score" else "")

    def _acceptable(self, field: Field) -> str:
        """The quickest test of a value that can stand in the field as it is."""
        match field.kind:
            case "text":
                return f"{_IS_TEXT} and {{0}}" if field.least else _IS_TEXT
            case "uuid":
                return f"{_IS_TEXT} and is_uuid({{0}})"
            case "enum":
                return f"{_IS_TEXT} and {{0}} in {self._constants.name(field.choices)}"
        return f"{{0}} is not None and refusal({self._constants.name(field)}, {{0}}) is None"

    def _check(self, field: Field, value: str) -> None:
        self._out.line(f"accepted = accepted and refusal({self._constants.name(field)}, {value}) is None")

    def _value(self, expression: Expression) -> None:
        """The value, and before it its type, which follows from it unless the rule says one."""
        compiler, out = self._compiler, self._out
        money = expression.source is not None and compiler.money_as_text(expression.source.tree)
        found, kind = compiler.temporary(), compiler.temporary()
        with self._errors("value", [found, kind]):
            value = self._local(expression)
            if money:
                with out.block(f"if {value} is None:"):
                    out.line("raise nothing()")
                out.line(f"{found} = {value}")
            else:
                with out.block(f"if {value}.__class__ is str and {value}:"):
                    out.line(f"{found}, {kind} = {value}, {self._constants.name('text')}")
                with out.block("else:"):
                    out.line(f"{found}, {kind} = value_and_type({value})")
        if money and not self._plan.typed:
            self._event.constant(FIELD["value_type"].wire, encode("currency"))
        elif not self._plan.typed:
            self._put("value_type", kind)
        self._put("value", found)

    def _event_at(self) -> str:
        """The rule's time, else the record's: the service would take the moment of sending, which is counted."""
        expression, out, records = self._plan.event_at, self._out, "record_moment(s)"
        if expression is not None:
            usual = "{0}.__class__ is datetime and {0}.tzinfo is UTC"
            found = self._part("event_at", expression, usual, "moment(s, {0})", instead=records)
        else:
            found = self._compiler.temporary()
            out.line(f"{found} = {records}")
            with out.block(f"if {found} is UNSET:"):
                self._missing("event_at")
        with out.block(f"if {found} is None:"):
            out.line("accepted = False")
        return found

    def _link(self, search: LinkSearch, at: str) -> str:
        """Look the conversation up, put its id before the event's time, and give the code of the link."""
        link = self._compiler.temporary()
        ids = {name: self._compiler.temporary() for name in self._own_ids}
        product = self._plan.constants.get("product_id")
        values = "".join(f"{self._code_of(name)}, " for name in search.fields)
        arguments = [
            "s",
            f"str({self._fields.get('product_id')} or '')" if product is None else self._constants.name(str(product)),
            *self._own_ids.values(),
            "None" if self._plan.event_at is None else at,
            f"({values})",
        ]
        self._out.line(f"{link}, {', '.join(ids.values())} = {self._constants.name(search)}({', '.join(arguments)})")
        for name, code in ids.items():
            if self._own_ids[name] != "UNSET":
                # Only now: an id that is found stands in for an own one that the API would reject.
                with self._out.block(f"if {code} is not UNSET:"):
                    self._check(FIELD[name], code)
            self._put(name, code)
        return link

    def _code_of(self, name: str) -> str:
        """Code for the value of a field that was worked out before; None for what is no such field."""
        return self._fields.get(name, "None")

    def _properties(self) -> None:
        """Add the properties: an object of a type made for the rule, else a dict."""
        wire = FIELD["properties"].wire
        if self._plan.layers or not all(map(is_plain_name, self._plan.properties)):
            self._event.dynamic(wire, self._merged_properties())
            return
        made, changing = EventObject(), []
        for name, expression in self._plan.properties.items():
            constant = _constant(expression)
            if constant is not None:
                made.constant(name, constant)
            else:
                found = self._property(name, expression)
                changing.append(f"{found} is UNSET")
                made.dynamic(name, found)
        if made.json is not None:
            self._event.constant(wire, made.json)
            return
        code = made.code(self._constants)
        self._event.dynamic(wire, code if made.always else f"UNSET if {' and '.join(changing)} else {code}")

    def _property(self, name: str, expression: Expression) -> str:
        found = self._part(f"properties.{name}", expression, _IS_TEXT, "property_value(s, {0})")
        with self._out.block("except UNWRITABLE as error:"):
            self._out.line(f"why, {found} = why or why_unwritable(error), UNSET")
        return found

    def _merged_properties(self) -> str:
        """Properties given as a whole, and over them those that have a name in the file."""
        out, found = self._out, self._compiler.temporary()
        out.line(f"{found} = {{}}")
        for whole in self._plan.layers:
            with self._errors("properties"):
                value = self._local(whole)
                with out.block(f"if {value} is not None:"):
                    out.line(f"{found}.update(whole_properties(s, {value}))")
                with out.block("else:"):
                    self._missing("properties")
        for name, expression in self._plan.properties.items():
            key = self._constants.name(name)
            out.line(f"{found}.pop({key}, None)")
            part = self._property(name, expression)
            with out.block(f"if {part} is not UNSET:"):
                out.line(f"{found}[{key}] = {part}")
        return f"written({found}) if {found} else UNSET"

    def _identity(self) -> None:
        out, key = self._out, self._plan.key
        found = self._compiler.temporary()
        if key is None:
            out.line(f"{found} = record_id(s, {self._rule})")
        else:
            with out.block("try:"):
                value = self._local(key)
                text = f"{value} if {value}.__class__ is str and {value} else key_text({value})"
                out.line(f"{found} = from_key({self._code_of('event_type')}, {text})")
            with out.block("except EvaluationError as error:"):
                out.line(f"problems.append(no_identity(error, {self._rule}, s.index))")
                out.line("return")
        self._put("insert_id", found)

    def _end(self, acceptable: bool, link: str) -> None:
        """Write the event, unless something is missing from it or the API would reject it."""
        out, identity = self._out, self._fields["insert_id"]
        out.at = self._line
        with out.block("if not complete:"):
            out.line("return")
        if acceptable:
            body = f"encode({self._event.code(self._constants)})"
            with out.block("try:"), out.block("if accepted and not why:"):
                parts = (self._rule, "s.index", identity, body, self._sampled(), link)
                out.line(f"drafts.append(Event({', '.join(parts)}))")
                out.line("return")
            with out.block("except UNWRITABLE as error:"):
                out.line("why = why_unwritable(error)")
        fields = ", ".join(f"{self._constants.name(name)}: {code}" for name, code in self._fields.items())
        out.line(f"drafts.append(rejected({self._rule}, s.index, {{{fields}}}, why))")

    def _sampled(self) -> str:
        """Code for whether the service may accept the event without storing it."""
        constants, rate, force = self._plan.constants, self._fields.get("sample_rate"), self._fields.get("force_sample")
        if rate is None or constants.get("force_sample"):
            return "False"
        sampled = "True" if "sample_rate" in constants else f"{rate} is not UNSET"
        return sampled if force is None or "force_sample" in constants else f"{sampled} and {force} is not True"


def _constant(expression: Expression) -> bytes | None:
    """JSON of a property that is the same for every message; None for what costs the message's steps, too, and for what
    can't be written, which is said of each event."""
    if not expression.constant:
        return None
    scope = Scope(None)
    value = expression.evaluate(scope)
    if not isinstance(value, str | int | Decimal | datetime):
        return None
    try:
        return encode(written(canonical(scope, value)))
    except UNWRITABLE:
        return None
