"""Advice about rules beside the schemas of their topics: paths, symbols and types that a schema doesn't have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions.arithmetic import is_number
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.paths import ENVELOPES, EnvelopePaths
from greenflash_kafka.mappings.rule_facts import RuleFacts, condition_tests
from greenflash_kafka.model.schema_tree import ANYTHING, SchemaTree
from greenflash_kafka.rules.when_conditions import Operator, Test
from greenflash_kafka.rules.when_operators.all_operators import EQUALITIES
from greenflash_kafka.rules.when_operators.ordering import SIGNS

_SURE_KINDS = ("boolean", "number", "text")
_MONEY = {"amount", "currency_code", "nanos", "units"}


@dataclass(frozen=True, slots=True)
class NamedTree:
    """A topic's schema as paths. `name` is for people: `orders-value v8`. `older`: an earlier version of it."""

    name: str
    tree: SchemaTree
    older: NamedTree | None = None


def advise_on_schema(facts: RuleFacts, schema: NamedTree) -> None:
    """Report what a rule reads or compares that isn't in the schema."""
    schema = _decoded(schema, facts.names.envelope)
    said: set[tuple[Path, Place]] = set()
    for path, at in _written(facts):
        if (path, at) not in said:
            said.add((path, at))
            _check_path(facts, schema, path, at)
    for test in condition_tests(facts.conditions):
        tree = schema.tree.at(test.path.steps)[0] if test.path.root == "payload" else None
        for operator in test.operators if tree is not None else ():
            _check_literals(facts, schema, test, operator, tree)


def _decoded(schema: NamedTree, envelope: EnvelopePaths) -> NamedTree:
    """The paths of what is decoded, which aren't always the schema's own: a CloudEvent in binary mode has a schema of
    its data alone, and a row of MongoDB is a text there."""
    tree, older = schema.tree, schema.older
    if envelope is ENVELOPES["cloudevents"] and tree.field("specversion") is None:
        tree = SchemaTree("object", {"data": tree}, open=True)
    elif envelope is ENVELOPES["debezium"] and (row := tree.field("after")) is not None and row.kind == "text":
        tree = SchemaTree("object", {**tree.fields, "after": ANYTHING, "before": ANYTHING})
    return NamedTree(schema.name, tree, None if older is None else _decoded(older, envelope))


def _written(facts: RuleFacts) -> Iterator[tuple[Path, Place]]:
    """Every path with its place."""
    for test in condition_tests(facts.conditions):
        yield test.path, test.at
    for spot in facts.spots:
        for path in spot.expression.paths:
            yield path, spot.at


def _check_path(facts: RuleFacts, schema: NamedTree, path: Path, at: Place) -> None:
    if path.root != "payload":
        return
    found, place = schema.tree.at(path.steps)
    if found is not None:
        _check_money(facts, schema, path, at)
        return
    said = f"{schema.name} has no {_shown(facts, path, path.steps[: place + 1])}"
    if schema.older is not None and schema.older.tree.at(path.steps)[0] is not None:
        facts.report.add(at, "unknown-field", f"{said}; {schema.older.name} had it")
        return
    holder, step = schema.tree.at(path.steps[:place])[0], path.steps[place]
    near = closest_word(step, holder.fields) if holder is not None and isinstance(step, str) else None
    hint = ""
    if near is not None:
        hint = f"did you mean {_shown(facts, path, (*path.steps[:place], near, *path.steps[place + 1 :]))}?"
    elif holder is not None and holder.fields:
        hint = f"it has {', '.join(sorted(holder.fields)[:8])}{', ...' if len(holder.fields) > 8 else ''}"
    facts.report.add(at, "unknown-field", said, hint)


def _check_money(facts: RuleFacts, schema: NamedTree, path: Path, at: Place) -> None:
    """Advise of the units of google.type.Money, which are its amount without what stands behind the point."""
    above = path.steps[:-1]
    holder = schema.tree.at(above)[0]
    if path.steps[-1:] != ("units",) or holder is None or not holder.fields.keys() >= _MONEY:
        return
    if (*above, "nanos") not in {each.steps for each, _ in _written(facts) if each.root == path.root}:
        said = f"{_shown(facts, path, path.steps)} is the amount without its nanos: 5 of 5.99"
        facts.report.add(at, "units-without-nanos", said, f"write {_shown(facts, path, (*above, 'amount'))}")


def _shown(facts: RuleFacts, path: Path, steps: Sequence[str | int]) -> str:
    return facts.names.envelope.written(tuple(steps), bare=path.bare)


def _check_literals(
    facts: RuleFacts, schema: NamedTree, test: Test, operator: Operator, tree: SchemaTree | None
) -> None:
    if tree is None or (operator.name not in EQUALITIES and operator.name not in SIGNS):
        return
    for given in operator.given if isinstance(operator.given, tuple) else (operator.given,):
        if given is None:
            continue
        kind = "boolean" if isinstance(given, bool) else "number" if is_number(given) else "text"
        if operator.name in EQUALITIES and tree.symbols and isinstance(given, str) and given not in tree.symbols:
            near = closest_word(given, tree.symbols)
            few = ", ".join(tree.symbols[:8]) + (", ..." if len(tree.symbols) > 8 else "")
            said = f"{test.written}: {given} is none of the symbols that {schema.name} has there"
            facts.report.add(test.whole, "unknown-symbol", said, f"did you mean {near}?" if near else f"it has {few}")
        elif tree.kind in _SURE_KINDS and kind != tree.kind:
            said = f"{test.written}: a {kind} is compared, and {schema.name} has a {tree.kind} there"
            facts.report.add(test.whole, "other-type-than-schema", said)
