"""Sources of an event's fields: the expression of each, where it stands, and the values that it was worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from greenflash_kafka.explanations.causes import parts_of
from greenflash_kafka.explanations.explained_rule import FieldPart, FieldSource
from greenflash_kafka.explanations.shown_values import shown
from greenflash_kafka.explanations.sub_expressions import Context, Evaluated, SubExpressions
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import ROOTS
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.model.event import Event
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_info import FieldInfo

MOST: Final = 16
"""Parts that are shown of one field."""

_DEEPEST: Final = 8

_MADE: Final[Mapping[str, str]] = {
    "value_type": "follows from the value",
    "event_at": "the record's timestamp: the rule has no event_at that gives a time",
    "insert_id": "the record's coordinates: the rule has no insert_id",
    "conversation_id": "the conversation that the event is linked to",
    "external_conversation_id": "the conversation that the event is linked to",
    "product_id": "the product of the conversation",
}
"""Fields that no line of the file gives."""


def field_sources(rule: Rule, event: Event, parts: SubExpressions) -> tuple[FieldSource, ...]:
    """Of each field of an event that this rule gave; those that are written first, in the file's order. `parts` is over
    the scope on which the event was built."""
    values = dict(_flat(event))
    found: dict[str, FieldSource] = {}
    for info in rule.info.fields:
        for name in [each for each in values if each == info.name or _below(each, info.name)]:
            # Of two layers that give all properties by one expression the later one holds.
            found[name] = _source(name, values[name], info, rule, parts)
    for name, value in values.items():
        if name not in found:
            made = "of the conversation that the event is linked to" if name.startswith("properties.") else "made"
            found[name] = FieldSource(name, value, how=_MADE.get(name, made))
    if not rule.has_key and "insert_id" in found:
        found["insert_id"] = FieldSource("insert_id", values["insert_id"], how=_MADE["insert_id"])
    return tuple(found.values())


def _flat(event: Event) -> Iterator[tuple[str, object]]:
    """The fields of the request's body; each property by itself."""
    for name, value in event.sent_fields.items():
        if name == "properties" and isinstance(value, dict):
            yield from ((f"properties.{inner}", one) for inner, one in value.items())
        else:
            yield name, value


def _below(name: str, whole: str) -> bool:
    return whole == "properties" and name.startswith("properties.")


def _source(name: str, value: object, info: FieldInfo, rule: Rule, parts: SubExpressions) -> FieldSource:
    origin, expression = info.origin, rule.expression(info.name)
    return FieldSource(
        name,
        value,
        " ".join(origin.text.split()),
        origin.layer,
        tuple(_parts(info, expression, rule, parts))[:MOST],
        file=origin.file,
        line=origin.place.line,
        column=origin.place.column,
    )


def _parts(info: FieldInfo, expression: Expression | None, rule: Rule, parts: SubExpressions) -> Iterator[FieldPart]:
    if expression is not None and expression.source is not None:
        yield from _of_expression(expression, parts)
    else:
        yield from _of_reads(info, rule, parts)
    lets = {each.name: each for each in rule.info.lets}
    waiting, seen = list(info.lets), set[str]()
    while waiting:
        name = waiting.pop(0)
        let, compiled = lets.get(name), rule.code.parts.names.lets.get(name)
        if name in seen or let is None or compiled is None:
            continue
        seen.add(name)
        waiting += let.lets
        at = let.origin
        text = " ".join(at.text.split())
        where = f"{at.file}:{at.place.line}:{at.place.column}"
        yield FieldPart(name, _found(parts.run(compiled.evaluate)), text, where)
        yield from _of_expression(compiled.expression, parts)


def _of_expression(expression: Expression, parts: SubExpressions) -> Iterator[FieldPart]:
    """The parts of an expression with their values; none of a path alone, which has the field's own."""
    source = expression.source
    if source is None or _is_path(source.tree):
        return
    seen: set[str] = set()
    context = Context.of(source)
    for node in _nodes(source.tree, 0):
        name = context.cut(node)
        if name not in seen:
            seen.add(name)
            value = parts.evaluate(node, context)
            if value.known:
                yield FieldPart(name, _found(value))


def _nodes(node: tree.Expr, depth: int) -> Iterator[tree.Expr]:
    """The parts below a part, the deeper ones after it, without literals and what has loops' variables in it."""
    if depth > _DEEPEST:
        return
    for each in _below_node(node):
        if isinstance(each, tree.Literal):
            continue
        yield each
        yield from _nodes(each, depth + 1)


def _below_node(node: tree.Expr) -> Iterator[tree.Expr]:
    match node:
        case tree.Conditional():
            yield from (node.condition, node.then, node.otherwise)
        case tree.Comprehension():
            yield node.loops[0].source
        case _:
            yield from parts_of(node)


def _is_path(node: tree.Expr) -> bool:
    return isinstance(node, tree.Name | tree.Steps)


def _of_reads(info: FieldInfo, rule: Rule, parts: SubExpressions) -> Iterator[FieldPart]:
    """The paths that a value reads which isn't written as one expression: a map, a list."""
    for path in info.reads:
        if path.root not in ROOTS:
            continue
        try:
            compiled = compile_expression(str(path), rule.code.parts.names)
        except ExpressionRefused:
            continue
        yield FieldPart(str(path), _found(parts.run(compiled.evaluate)))


def _found(value: Evaluated) -> str:
    if value.error is not None:
        return f"an error: {value.error.reason}"
    return "missing" if value.value is None else shown(value.value)
