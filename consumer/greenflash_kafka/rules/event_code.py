"""Compiled events: one generated function for each rule, from a message's scope to the bytes of the request.

Fast path: it handles texts in text fields, and optional fields that are missing. On any irregular value it rolls back
and gives None; then `plain_event` builds the event, or reports its problems. A test compares the two: same bytes,
problems and counts for any rule and message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import UNSET

from greenflash_kafka.model.body import NotRenderable, encode, written
from greenflash_kafka.model.event import FIELD, FIELDS, UUID, Event, Field, refusal
from greenflash_kafka.model.insert_id import LONGEST, bounded
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules import event_values
from greenflash_kafka.rules.event_object import EventObject
from greenflash_kafka.rules.event_values import GIVE_UP, LeftToPlain, undo
from greenflash_kafka.rules.expressions.compiler import ExpressionCompiler
from greenflash_kafka.rules.expressions.emitter import Emitter, load
from greenflash_kafka.rules.expressions.expression import Expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.fields import FieldPlan, canonical
from greenflash_kafka.rules.link_search import EXTERNAL, INTERNAL, LinkSearch

Compiled = Callable[[Scope, list[Count]], Event | None]
"""The event of a message that the rule matches, or None for one that the plain builder has to build."""

_NAMES: Final[dict[str, object]] = {
    "Count": Count,
    "EvaluationError": EvaluationError,
    "Event": Event,
    "GIVE_UP": GIVE_UP,
    "Plain": LeftToPlain,
    "UNSET": UNSET,
    "UTC": UTC,
    "bounded": bounded,
    "datetime": datetime,
    "encode": encode,
    "is_uuid": UUID.fullmatch,
    "len": len,
    "refusal": refusal,
    "str": str,
    "undo": undo,
    "written": written,
    **{
        function.__name__: function
        for function in (
            *(event_values.key_text, event_values.layer, event_values.moment, event_values.property_value),
            *(event_values.record_id, event_values.record_moment, event_values.value_and_type),
        )
    },
}


def compile_event(parts: FieldPlan) -> Compiled:
    """The function of a rule's event; one that always gives None where only the plain builder can do it."""
    try:
        return _EventCode(parts).compiled()
    except (NotRenderable, UnicodeEncodeError, _OnlyPlain):
        return _never


def _never(_scope: Scope, _counts: list[Count]) -> None:
    """What stands for an event that can't be compiled."""


class _OnlyPlain(Exception):
    """The event is one that the API would refuse, or that can't be written: the plain builder says so each time."""


class _EventCode:
    """Writes the function, in the order in which the plain builder works the fields out."""

    def __init__(self, parts: FieldPlan) -> None:
        self._parts = parts
        self._compiler = ExpressionCompiler("", Names())
        self._out = self._compiler.emitter = Emitter("event", "s, counts")
        self._constants = self._compiler.constants
        self._event = EventObject()
        self._codes: dict[str, str] = {}

    def compiled(self) -> Compiled:
        out = self._out
        out.line("counted = len(counts)")
        out.line("spent = s.spent and s.spent[:]")
        lets = any(part.lets for part in (*self._expressions, *self._keys_of_link))
        if lets:
            out.line("lets, item_lets = len(s.lets or ''), len(s.item_lets or '')")
        with out.block("try:"):
            self._compiler.share(path for part in self._expressions if part.source is not None for path in part.paths)
            self._fields()
        with out.block("except GIVE_UP:"):
            out.line(f"undo(s, counts, counted, spent{', lets, item_lets' * lets})")
            out.line("return None")
        made: Compiled = load([*self._compiler.functions, out], self._constants, _NAMES)
        return made

    @property
    def _expressions(self) -> Iterator[Expression]:
        parts = self._parts
        yield from (part for _, part in parts.dynamic)
        yield from parts.properties.values()
        yield from parts.layers
        yield from (part for part in (parts.key, parts.event_at) if part is not None)

    @property
    def _keys_of_link(self) -> Iterator[Expression]:
        link = self._parts.link
        for each in link.tries if link is not None else ():
            yield from (value for _, value in each.by if value is not None)

    def _fields(self) -> None:
        parts, out = self._parts, self._out
        known = {*parts.constants, *(name for name, _ in parts.dynamic)}
        if any(field.required and field.name not in known for field in FIELDS):
            raise _OnlyPlain
        for name, value in parts.constants.items():
            if value is not None and refusal(FIELD[name], value) is not None:
                raise _OnlyPlain
            self._event.constant(FIELD[name].wire, encode(written(value)))
        for name, expression in parts.dynamic:
            if name == "value":
                self._value(expression)
            else:
                self._field(FIELD[name], expression)
        at = self._event_at()
        link = str(self._constants.name(parts.own)) if parts.search is None else self._link(parts.search, at)
        self._event.dynamic(FIELD["event_at"].wire, at)
        if parts.link is not None:
            out.line(f"s.conversation = {link}")
        if parts.properties or parts.layers:
            self._properties()
        identity = self._identity()
        self._event.dynamic(FIELD["insert_id"].wire, identity)
        body = f"encode({self._event.code(self._constants)})"
        of, linked = self._constants.name(parts.rule), f", {link}" * (parts.link is not None)
        out.line(f"return Event({of}, s.index, {identity}, {body}, {self._sampled()}{linked})")

    def _local(self, expression: Expression) -> str:
        """Write an expression, and give the name of its value."""
        compiler, source = self._compiler, expression.source
        if source is None:
            code = f"{self._constants.name(expression.evaluate)}(s)"
        else:
            compiler.names, compiler.text = source.names, expression.text
            code = compiler.operand(source.tree).code
        if code.isalnum():
            return code
        name = compiler.temporary()
        self._out.line(f"{name} = {code}")
        return name

    @contextmanager
    def _optional(self, name: str, found: str = "", instead: str = "UNSET") -> Iterator[None]:
        """What can't be worked out is left out and counted; for a required field it makes the event invalid."""
        with self._out.block("try:"):
            yield
        with self._out.block("except EvaluationError as error:"):
            rule, field = self._constants.name(self._parts.rule), self._constants.name(name)
            self._out.line(f"counts.append(Count(error.code, {rule}, {field}))")
            if found:
                self._out.line(f"{found} = {instead}")

    def _field(self, field: Field, expression: Expression) -> None:
        found = self._compiler.temporary()
        with nullcontext() if field.required else self._optional(field.name, found):
            value = self._local(expression)
            test, taken = self._accepted(field, value)
            with self._out.block(f"if {test}:"):
                self._out.line(f"{found} = {taken}")
            if not field.required:
                self._left_out(value, found, field.name)
            with self._out.block("else:"):
                self._out.line("raise Plain")
        if self._parts.search is None or field.name not in (EXTERNAL, INTERNAL):
            self._event.dynamic(field.wire, found)
        self._codes[field.name] = found

    def _accepted(self, field: Field, value: str) -> tuple[str, str]:
        """The test of a value that the API takes, and the value as it is written."""
        text = f"{value}.__class__ is str"
        match field.kind:
            case "text":
                return (f"{text} and {value}" if field.least else text), value
            case "uuid":
                return f"{text} and is_uuid({value})", value
            case "enum":
                return f"{text} and {value} in {self._constants.name(field.choices)}", value
        return f"{value} is not None and refusal({self._constants.name(field)}, {value}) is None", f"written({value})"

    def _left_out(self, value: str, found: str, name: str, instead: str = "UNSET") -> None:
        """Go on from an `if` with what is missing: it is counted."""
        with self._out.block(f"elif {value} is None:"):
            self._out.line(f"counts.append({self._constants.name(self._parts.missing[name])})")
            self._out.line(f"{found} = {instead}")

    def _value(self, expression: Expression) -> None:
        """The value, and before it its type, which follows from it unless the rule says one."""
        compiler, out, wire = self._compiler, self._out, FIELD["value_type"].wire
        money = expression.source is not None and compiler.money_as_text(expression.source.tree)
        value, found, kind = self._local(expression), compiler.temporary(), compiler.temporary()
        if money:
            with out.block(f"if {value} is None:"):
                out.line("raise Plain")
            out.line(f"{found} = {value}")
        else:
            with out.block(f"if {value}.__class__ is str and {value}:"):
                out.line(f"{found}, {kind} = {value}, {self._constants.name('text')}")
            with out.block("else:"):
                out.line(f"{found}, {kind} = value_and_type({value})")
        if money and not self._parts.typed:
            self._event.constant(wire, encode("currency"))
            self._codes["value_type"] = self._constants.name("currency")
        elif not self._parts.typed:
            self._event.dynamic(wire, kind)
            self._codes["value_type"] = kind
        self._event.dynamic(FIELD["value"].wire, found)
        self._codes["value"] = found

    def _event_at(self) -> str:
        """The rule's time, else the record's: the service would take the moment of sending, which is counted."""
        expression, out = self._parts.event_at, self._out
        records = "UNSET if s.record_ms is None else record_moment(s.record_ms)"
        found = self._compiler.temporary()
        if expression is None:
            with out.block("if s.record_ms is None:"):
                out.line(f"counts.append({self._constants.name(self._parts.missing['event_at'])})")
            out.line(f"{found} = {records}")
        else:
            with self._optional("event_at", found, records):
                value = self._local(expression)
                with out.block(f"if {value}.__class__ is datetime and {value}.tzinfo is UTC:"):
                    out.line(f"{found} = {value}")
                self._left_out(value, found, "event_at", records)
                with out.block("else:"):
                    out.line(f"{found} = moment(s, {value})")
        return found

    def _link(self, search: LinkSearch, at: str) -> str:
        """Look the conversation up, and put its id where the plain builder puts it: before the event's time."""
        link = self._compiler.temporary()
        given = [self._codes.get(name, "UNSET") for name in (EXTERNAL, INTERNAL)]
        ids = [self._compiler.temporary() for _ in given]
        values = "".join(f"{self._code_of(name)}, " for name in search.fields)
        moment = "None" if self._parts.event_at is None else at
        arguments = f"s, {self._code_of('product_id')}, {', '.join(given)}, {moment}, ({values})"
        self._out.line(f"{link}, {', '.join(ids)} = {self._constants.name(search)}({arguments})")
        for name, code in zip((EXTERNAL, INTERNAL), ids, strict=True):
            self._event.dynamic(FIELD[name].wire, code)
        return link

    def _code_of(self, name: str) -> str:
        """Code for the value of a field that was worked out before; None for what is no such field."""
        return self._codes.get(name) or self._constants.name(self._parts.constants.get(name))

    def _properties(self) -> None:
        wire = FIELD["properties"].wire
        if self._parts.layers:
            self._event.dynamic(wire, self._merged_properties())
            return
        made = EventObject()
        for name, expression in self._parts.properties.items():
            constant = _constant(expression)
            if constant is not None:
                made.constant(name, constant)
            else:
                made.dynamic(name, self._property(name, expression))
        if made.json is not None:
            self._event.constant(wire, made.json)
            return
        found = self._compiler.temporary()
        try:
            code = made.code(self._constants)
        except ValueError:
            raise _OnlyPlain from None
        nothing = " and ".join(f"{each} is UNSET" for each in made.codes)
        self._out.line(f"{found} = {code}" if made.always else f"{found} = UNSET if {nothing} else {code}")
        self._event.dynamic(wire, found)

    def _property(self, name: str, expression: Expression) -> str:
        out, found, name = self._out, self._compiler.temporary(), f"properties.{name}"
        with self._optional(name, found):
            value = self._local(expression)
            with out.block(f"if {value}.__class__ is str:"):
                out.line(f"{found} = {value}")
            self._left_out(value, found, name)
            with out.block("else:"):
                out.line(f"{found} = property_value(s, {value})")
        return found

    def _merged_properties(self) -> str:
        """Properties given as a whole, and over them those that have a name in the file."""
        out, found = self._out, self._compiler.temporary()
        out.line(f"{found} = {{}}")
        for whole in self._parts.layers:
            with self._optional("properties"):
                value = self._local(whole)
                with out.block(f"if {value} is not None:"):
                    out.line(f"layer(s, {value}, {found})")
                with out.block("else:"):
                    out.line(f"counts.append({self._constants.name(self._parts.missing['properties'])})")
        for name, expression in self._parts.properties.items():
            key = self._constants.name(name)
            out.line(f"{found}.pop({key}, None)")
            part = self._property(name, expression)
            with out.block(f"if {part} is not UNSET:"):
                out.line(f"{found}[{key}] = {part}")
        out.line(f"{found} = {found} or UNSET")
        return found

    def _identity(self) -> str:
        out, found = self._out, self._compiler.temporary()
        if self._parts.key is None:
            out.line(f"{found} = record_id(s, {self._constants.name(self._parts.rule)})")
            return found
        value, key = self._local(self._parts.key), self._compiler.temporary()
        out.line(f"{key} = {value} if {value}.__class__ is str and {value} else key_text({value})")
        kind = self._codes.get("event_type")
        start = self._constants.name(f"{self._parts.constants.get('event_type')}:") if kind is None else f"{kind} + ':'"
        out.line(f"{found} = {start} + {key}")
        with out.block(f"if len({found}) > {LONGEST}:"):
            out.line(f"{found} = bounded({found})")
        return found

    def _sampled(self) -> str:
        """Code for whether the service may accept the event without storing it."""
        constants, rate, force = self._parts.constants, self._codes.get("sample_rate"), self._codes.get("force_sample")
        if constants.get("force_sample") or (rate is None and "sample_rate" not in constants):
            return "False"
        sampled = "True" if rate is None else f"{rate} is not UNSET"
        return sampled if force is None else f"{sampled} and {force} is not True"


def _constant(expression: Expression) -> bytes | None:
    """JSON of a property that is the same for every message; None for what costs the message's steps, too."""
    if not expression.constant:
        return None
    scope = Scope(None)
    value = expression.evaluate(scope)
    if not isinstance(value, str | int | Decimal | datetime):
        return None
    return encode(written(canonical(scope, value)))
