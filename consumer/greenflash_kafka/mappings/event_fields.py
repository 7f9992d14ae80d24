"""`event` and `defaults` from the file: each field checked for what can stand in it, then merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from msgspec.structs import replace as replace_fields

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import ENV, Values, wrong
from greenflash_kafka.documents.vocabulary import instead_of
from greenflash_kafka.documents.yaml_nodes import List, Map, Place, Scalar, place
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import NAMES, Type, Value
from greenflash_kafka.mappings.value_compiler import (
    ValueCompiler,
    literal,
    looks_like_expression,
    meant_variable,
    of_variable,
)
from greenflash_kafka.model.event import FIELD, FIELDS, Field
from greenflash_kafka.rules.event_values import read_time
from greenflash_kafka.rules.fields import Fields, literal_refusal
from greenflash_kafka.rules.rule_info import Layer

_NEVER: Final[Mapping[str, frozenset[Type]]] = {
    "text": frozenset(("number", "boolean", "list", "object")),
    "uuid": frozenset(("number", "boolean", "list", "object", "money", "time")),
    "enum": frozenset(("number", "boolean", "list", "object", "money", "time")),
    "score": frozenset(("text", "money", "boolean", "list", "object", "time")),
    "time": frozenset(("number", "boolean", "list", "object", "money")),
    "object": frozenset(("text", "money", "number", "boolean", "list", "time")),
    "boolean": frozenset(("text", "money", "number", "list", "object", "time")),
}
_CONVERSIONS: Final = {"text": "text(...)", "uuid": "text(...)", "time": 'time(..., "s")', "score": "number(...)"}
_NOWHERE: Final = Scope(None)
_WITH_TOPIC_TABLES: Final = frozenset(("external_user_id", "external_organization_id"))
"""Fields, beside the properties, for which messages may wait: whose the event is, not what it is."""


@dataclass(frozen=True, slots=True)
class Written:
    """A field as it stands in `event` or `defaults` (`layer`); `expression` is None for `null`, and after a mistake.

    `at` is where findings about it are, `value_at` where its value stands.
    """

    expression: Expression | None
    at: Place
    value_at: Place
    layer: Layer
    null: bool = False
    failed: bool = False


@dataclass(slots=True)
class Merged:
    """A rule's fields, its own over the defaults; `failed` names those that are written but can't be used."""

    single: dict[str, Written] = field(default_factory=dict)
    properties: dict[str, Written] = field(default_factory=dict)
    whole: list[Written] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)

    @property
    def fields(self) -> Fields:
        """For the builder."""
        return Fields(
            {name: one.expression for name, one in self.single.items() if one.expression is not None},
            {name: one.expression for name, one in self.properties.items() if one.expression is not None},
            tuple(one.expression for one in self.whole if one.expression is not None),
        )


@dataclass(slots=True)
class _Layer:
    """One `event` or `defaults`, read; `properties` is None where it takes all those before it away."""

    kind: Layer
    single: dict[str, Written] = field(default_factory=dict)
    properties: dict[str, Written] | None = field(default_factory=dict)
    whole: list[Written] = field(default_factory=list)
    misspelled: frozenset[str] = frozenset()


class FieldReader:
    """Reads the fields of `event` and `defaults`; `defaults` once for all rules with the same names in scope."""

    def __init__(self, report: FileReport) -> None:
        self._report = report
        self._read: dict[tuple[int, bool, bool], _Layer] = {}

    def merge(
        self, layers: list[tuple[Layer, Values | None, ValueCompiler]], *, links: bool = False, unlinked: bool = False
    ) -> Merged:
        """Later layers over earlier ones: fields replace, `null` takes away, `properties` merge by name. `links`: the
        rule links its events, so that their properties may use `conversation`. `unlinked`: it took its file's link
        away, and with it the file's properties that use `conversation`."""
        merged = Merged()
        for layer, values, compiler in layers:
            if values is not None:
                self._over(merged, self._layer(layer, values, compiler, links, unlinked and layer == "file"))
        return merged

    def _over(self, merged: Merged, layer: _Layer) -> None:
        merged.failed |= layer.misspelled
        for name, written in layer.single.items():
            merged.single.pop(name, None)
            merged.failed.discard(name)
            if written.failed:
                merged.failed.add(name)
            elif not written.null:
                merged.single[name] = written
        if layer.properties is None:
            merged.properties.clear()
            merged.whole.clear()
            return
        merged.whole.extend(layer.whole)
        for name, written in layer.properties.items():
            merged.properties.pop(name, None)
            if not written.null:
                merged.properties[name] = written

    def _layer(self, kind: Layer, values: Values, compiler: ValueCompiler, links: bool, unlinked: bool) -> _Layer:
        key = (id(values), compiler.names.item, links)
        layer = self._read.get(key)
        if layer is None:
            layer = self._read[key] = _Layer(kind, misspelled=values.misspelled)
            for one in FIELDS:
                node = values.get(one.name)
                if one.kind == "object":
                    names = replace_fields(compiler.names, conversation=links or unlinked, topic_tables=True)
                    self._properties(node, compiler.with_names(names), layer)
                    if unlinked:
                        _leave_out_conversations(layer)
                elif isinstance(node, Scalar | List | Map):
                    known = one.name in _WITH_TOPIC_TABLES
                    names = replace_fields(compiler.names, topic_tables=known)
                    layer.single[one.name] = self._single(one, node, compiler.with_names(names), kind)
                elif values.node.entry(one.name) is not None:
                    at = values.at(one.name)
                    layer.single[one.name] = Written(None, at, at, kind, failed=True)
        return layer

    def _properties(self, node: object, compiler: ValueCompiler, layer: _Layer) -> None:
        if isinstance(node, Scalar) and node.value is None:
            layer.properties = None
        elif isinstance(node, Scalar) and node.text.startswith("="):
            expression = self._typed(FIELD["properties"], node, compiler)
            if expression is not None:
                layer.whole.append(Written(expression, place(node), place(node), layer.kind))
        elif isinstance(node, Map) and layer.properties is not None:
            for entry in node.entries:
                null = isinstance(entry.value, Scalar) and entry.value.value is None
                expression = None if null else compiler.value(entry.value)
                failed = not null and expression is None
                at, value_at = place(entry.key), place(entry.value)
                layer.properties[entry.key.text] = Written(expression, at, value_at, layer.kind, null, failed)
        elif isinstance(node, Scalar | List):
            wrong(node, self._report, "a map of names to values")

    def _single(self, field_: Field, node: Scalar | List | Map, compiler: ValueCompiler, layer: Layer) -> Written:
        at = place(node)
        if not isinstance(node, Scalar):
            wrong(node, self._report, "one value")
            return Written(None, at, at, layer, failed=True)
        if node.value is None and not node.style:
            return Written(None, at, at, layer, null=True)
        if node.text.startswith("="):
            expression = self._typed(field_, node, compiler)
            return Written(expression, at, at, layer, failed=expression is None)
        expression = replace(compiler, remarks=field_.kind == "text").value(node)
        variable = ENV.fullmatch(node.text)
        unset = variable is not None and variable[1] not in (compiler.env or {})
        if expression is not None and not unset:
            expression = self._literal(field_, node, expression)
        return Written(expression, at, at, layer, failed=expression is None)

    def _typed(self, field_: Field, node: Scalar, compiler: ValueCompiler) -> Expression | None:
        """An expression whose type, as far as it is known, can stand in the field."""
        expression = compiler.expression(node)
        if expression is None:
            return None
        never = _NEVER[field_.kind]
        if field_.name in ("value", "insert_id"):
            never = frozenset(("list", "object", *(("boolean",) if field_.name == "insert_id" else ())))
        if expression.type in never:
            conversion = _CONVERSIONS.get(field_.kind, "") if field_.name not in ("value", "insert_id") else ""
            said = f"{field_.name} can't be {NAMES[expression.type]}"
            hint = f"write {conversion}" if conversion else _columns(expression, compiler)
            self._report.add(place(node), "wrong-type", said, hint)
            return None
        if field_.name == "insert_id" and expression.constant:
            self._say_constant(node)
            return None
        if expression.constant:
            return self._constant(field_, node, expression)
        return expression

    def _constant(self, field_: Field, node: Scalar, expression: Expression) -> Expression | None:
        try:
            value = expression.evaluate(_NOWHERE)
        except EvaluationError as error:
            self._report.add(place(node), error.code, error.message)
            return None
        refused = literal_refusal(field_, value) if value is not None else None
        if refused is None:
            return expression
        self._report.add(place(node), "not-allowed", f"{field_.name} {refused}")
        return None

    def _literal(self, field_: Field, node: Scalar, expression: Expression) -> Expression | None:
        value: Value = expression.evaluate(_NOWHERE)
        if field_.name == "insert_id":
            self._say_constant(node)
            return None
        if field_.kind == "time":
            return self._moment(node, value)
        refused = literal_refusal(field_, value)
        if refused is None:
            return expression
        whose, hint = of_variable(node.text)
        self._report.add(
            place(node), "not-allowed", f"{field_.name} {refused}{whose}", hint or self._instead(field_, node, value)
        )
        return None

    def _instead(self, field_: Field, node: Scalar, value: Value) -> str:
        """A hint what to write in place of a literal that is refused."""
        word = instead_of(node.text, "choices") if field_.choices else None
        hint = f"write {word}" if word in field_.choices else did_you_mean(node.text, field_.choices)
        variable = meant_variable(node.text) if field_.kind == "uuid" else ""
        if variable:
            hint = f"a variable of the environment is written {field_.name}: ${{{variable}}}"
        elif looks_like_expression(node.text):
            hint = f"an expression begins with =: = {node.text}"
        elif field_.kind in ("text", "uuid") and not isinstance(value, str):
            hint = f'quote it: "{node.text}"'
        return hint

    def _moment(self, node: Scalar, value: Value) -> Expression | None:
        try:
            moment: datetime = read_time(value, None)
        except EvaluationError as error:
            self._report.add(place(node), "bad-time", f"event_at: {error.message}", "an expression begins with =")
            return None
        return literal(moment)

    def _say_constant(self, node: Scalar) -> None:
        said = "this insert_id is the same for every message, so only the first event would ever be stored"
        self._report.add(place(node), "constant-id", said, "use what tells one fact from the next, e.g. = payload.id")


def _leave_out_conversations(layer: _Layer) -> None:
    """Leave out the properties that use `conversation`, for a rule without any."""
    layer.whole = [each for each in layer.whole if not _uses_conversation(each)]
    if layer.properties is not None:
        layer.properties = {name: each for name, each in layer.properties.items() if not _uses_conversation(each)}


def _uses_conversation(written: Written) -> bool:
    return written.expression is not None and "conversation" in written.expression.roots


def _columns(expression: Expression, compiler: ValueCompiler) -> str:
    """The columns to choose from, where a whole row of a table stands for one of its cells."""
    if expression.type != "object" or len(expression.tables) != 1:
        return ""
    table = compiler.names.tables[next(iter(expression.tables))]
    columns = [f".{column}" for column in table.columns if column not in table.keys]
    return f"add one of its columns: {', '.join(columns)}" if columns else ""
