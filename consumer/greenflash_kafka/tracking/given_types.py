"""Event types that a rule can give, as far as they are written: in the rule, in its conditions, in tables' cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.names import ROOTS, Names, Table
from greenflash_kafka.mappings.rule_facts import RuleFacts, constant


class Cells(msgspec.Struct, frozen=True):
    """A column of a table, and the text of the key by which a row is looked up."""

    table: str
    key: str
    column: str


class GivenTypes(msgspec.Struct, frozen=True):
    """The event types of one rule; not `known`: there may be others. `influences` are those of a table's rows, as
    pairs of event type and influence."""

    names: tuple[str, ...]
    known: bool
    influences: tuple[tuple[str, str], ...] = ()


def given_types(facts: RuleFacts) -> GivenTypes:
    """The event types that a rule can give; none and not known if it has no `event_type`."""
    written = facts.merged.single.get("event_type")
    if written is None or written.expression is None:
        return GivenTypes((), False)
    text = constant(written)
    if isinstance(text, str):
        return GivenTypes((text,), True)
    source = written.expression.source
    if source is None:
        return GivenTypes((), False)
    found = list(_texts(source.tree, source.text, facts))
    names = tuple(dict.fromkeys(each for each in found if each is not None))
    return GivenTypes(names, None not in found, tuple(_influences(facts, source.tree, source.text)))


def _texts(node: tree.Expr, text: str, facts: RuleFacts) -> Iterator[str | None]:
    """The texts that a part can give; None for one that can't be known. `text` is the whole expression's."""
    cells = _cells(node, text, facts.names)
    if cells is not None:
        for row in _rows(facts.names.tables[cells.table]):
            cell = row.get(cells.column)
            if cell is not None:
                yield str(cell)
        return
    match node:
        case tree.Literal():
            if node.value is not None:
                yield node.value if isinstance(node.value, str) else None
        case tree.Conditional():
            yield from _texts(node.then, text, facts)
            yield from _texts(node.otherwise, text, facts)
        case tree.Call(word="coalesce"):
            for part in node.arguments:
                yield from [None] if isinstance(part, tree.Keyword) else _texts(part, text, facts)
        case _:
            yield from _by_conditions(node, facts)


def _by_conditions(node: tree.Expr, facts: RuleFacts) -> Iterator[str | None]:
    """The texts of a field that a line of `when` holds to some, or of a `let`; None if neither is the case."""
    if isinstance(node, tree.Name) and node.word in facts.names.lets:
        inner = facts.names.lets[node.word].expression.source
        yield from [None] if inner is None else _texts(inner.tree, inner.text, facts)
        return
    steps = node.steps if isinstance(node, tree.Steps) and isinstance(node.base, tree.Name) else []
    if steps and all(isinstance(step, tree.Member) for step in steps):
        base = node.base.word if isinstance(node, tree.Steps) and isinstance(node.base, tree.Name) else ""
        way = tuple(step.word for step in steps if isinstance(step, tree.Member))
        literals = facts.equalities.get(facts.names.envelope.decoded(base, way))
        if literals is not None and all(isinstance(each, str) for each in literals):
            yield from (str(each) for each in literals)
            return
    yield None


def _cells(node: tree.Expr, text: str, names: Names) -> Cells | None:
    """The column that `tables.x[key].column` reads, also through a `let` that is the row."""
    if not isinstance(node, tree.Steps) or not isinstance(node.base, tree.Name):
        return None
    word, steps = node.base.word, node.steps
    if word != "tables" and word not in ROOTS and word in names.lets and len(steps) == 1:
        inner = names.lets[word].expression.source
        if inner is None or not isinstance(inner.tree, tree.Steps):
            return None
        key = inner.text
        return _cells_of(inner.tree, [*inner.tree.steps, *steps], key, names)
    return _cells_of(node, steps, text, names)


def _cells_of(node: tree.Steps, steps: list[tree.Member | tree.Index], text: str, names: Names) -> Cells | None:
    table, column = (steps[0], steps[-1]) if steps else (None, None)
    if not isinstance(node.base, tree.Name) or node.base.word != "tables" or not isinstance(table, tree.Member):
        return None
    known = names.tables.get(table.word)
    if known is None or len(steps) != _depth(known) + 2 or not isinstance(column, tree.Member):
        return None
    keys = [text[key.at.start : key.at.end] if isinstance(key, tree.Index) else key.word for key in steps[1:-1]]
    return Cells(table.word, "; ".join(" ".join(key.split()) for key in keys), column.word)


def _depth(table: Table) -> int:
    """By how many keys a row is looked up."""
    return max(1, len(table.keys))


def _rows(table: Table) -> list[Mapping[str, object]]:
    """Every row of a table."""
    rows: list[Mapping[str, object]] = list(table.rows.values())
    for _ in range(_depth(table) - 1):
        rows = [inner for row in rows for inner in row.values() if isinstance(inner, Mapping)]
    return rows


def _influences(facts: RuleFacts, node: tree.Expr, text: str) -> Iterator[tuple[str, str]]:
    """Event type and influence of each row, if both are cells of one row."""
    types = _cells(node, text, facts.names)
    written = facts.merged.single.get("influence")
    source = written.expression.source if written is not None and written.expression is not None else None
    if types is None or source is None:
        return
    influences = _cells(source.tree, source.text, facts.names)
    if influences is None or (influences.table, influences.key) != (types.table, types.key):
        return
    for row in _rows(facts.names.tables[types.table]):
        name, influence = row.get(types.column), row.get(influences.column)
        if name is not None and influence is not None:
            yield str(name), str(influence)
