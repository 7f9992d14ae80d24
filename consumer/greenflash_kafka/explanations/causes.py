"""Causes: the paths of an expression because of which it gives nothing, or can't be worked out, on one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from greenflash_kafka.explanations import refused_amounts
from greenflash_kafka.explanations.item_paths import from_item
from greenflash_kafka.explanations.missing_paths import Show, missing_path
from greenflash_kafka.explanations.number_times import time_hint
from greenflash_kafka.explanations.shown_values import names_in, shown, with_kind
from greenflash_kafka.explanations.sub_expressions import Context, Evaluated, LoopVariable, SubExpressions
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.arithmetic import read_number
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.paths import EnvelopePaths, Path, Steps
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import plain_text

MOST: Final = 3
"""Causes that are shown of one expression."""

_MOST_ELEMENTS: Final = 1_000
_MOST_LOOKED_AT: Final = 5_000
"""Elements of lists that are looked at for one explanation, those of lists in lists included."""

_DEEPEST: Final = 60
_OF_NUMBERS: Final = frozenset({"sum", "avg", "min", "max"})


class Cause(msgspec.Struct, frozen=True):
    """One sentence, and what to write instead ("" if nothing is known)."""

    text: str
    hint: str = ""

    @property
    def line(self) -> str:
        """Both."""
        return f"{self.text}; {self.hint}" if self.hint else self.text


class Causes:
    """Finds the causes on one scope; `items`: those of the rule's `each`."""

    def __init__(self, scope: Scope, items: Sequence[object] = ()) -> None:
        self.parts = SubExpressions(scope)
        self.items = items
        self._depth = 0
        self._left = _MOST_LOOKED_AT

    def written(self, envelope: EnvelopePaths) -> Show:
        """How paths of the payload are written in the rule's expressions."""
        return from_item(envelope.written, self.parts.scope.payload, self.items)

    def of(self, expression: Expression) -> list[Cause]:
        """Why the expression gives nothing, or an error; empty if it gives a value, or isn't written as one."""
        source = expression.source
        return [] if source is None else self.of_node(source.tree, Context.of(source))

    def of_node(self, node: tree.Expr, context: Context) -> list[Cause]:
        """The same of a part."""
        if self._depth > _DEEPEST:
            return []
        self._depth += 1
        try:
            outcome = self.parts.evaluate(node, context)
            if not outcome.known or outcome.failed:
                return _few(_VISITS[node.__class__](self, node, context, outcome))
            return []
        finally:
            self._depth -= 1

    def _among(self, nodes: Iterable[tree.Expr], context: Context, outcome: Evaluated) -> list[Cause]:
        """Of the parts that are in error if the whole is, else of those that are missing or have missing elements."""
        found: list[Cause] = []
        for node in nodes:
            part = self.parts.evaluate(node, context)
            if outcome.error is not None:
                found += self.of_node(node, context) if part.error is not None else []
            elif part.failed or not part.known:
                found += self.of_node(node, context)
            elif isinstance(part.value, list) and any(each is None for each in part.value[:_MOST_ELEMENTS]):
                found += self._of_elements(node, context, part.value)
        return found

    def _own(self, context: Context, outcome: Evaluated, node: tree.Expr, parts: Sequence[tree.Expr]) -> list[Cause]:
        """What is said of a part whose own parts have values: the error, and these values."""
        values = [(each, self.parts.evaluate(each, context)) for each in parts if not isinstance(each, tree.Literal)]
        known = [(self.name(each, context), of.value) for each, of in values if of.known and not of.failed]
        said = ", ".join(f"{name} is {with_kind(value)}" for name, value in known[:4])
        if outcome.error is None:
            inner = self.of_empty(node, context)
            if inner:
                return inner
            return [Cause(f"{context.cut(node)} gives nothing" + (f" ({said})" if said else ""))]
        texts = [each for each, of in values if isinstance(of.value, str) and read_number(of.value) is not None]
        calculates = isinstance(node, tree.Arithmetic | tree.Compared | tree.Minus)
        hint = f"number({context.cut(texts[0])}) reads its number" if texts and calculates else ""
        return [Cause(f"{outcome.error.reason}" + (f" ({said})" if said else ""), hint)]

    def name(self, node: tree.Expr, context: Context) -> str:
        """A part as it is written; a loop's variable as the element that it is."""
        written = context.cut(node)
        first = node.base if isinstance(node, tree.Steps) else node
        if isinstance(first, tree.Name) and first.word in context.variables:
            return context.variables[first.word].shown + written[len(first.word) :]
        return written if len(written) <= 80 else f"{written[:80]}..."

    def _literal(self, node: tree.Literal, context: Context, outcome: Evaluated) -> list[Cause]:  # noqa: ARG002
        return [Cause("null is written in the rule")]

    def _of_parts(self, node: Any, context: Context, outcome: Evaluated) -> list[Cause]:
        parts = list(parts_of(node))
        return self._among(parts, context, outcome) or self._own(context, outcome, node, parts)

    def _call(self, node: tree.Call, context: Context, outcome: Evaluated) -> list[Cause]:
        parts = list(parts_of(node))
        found = self._among(parts, context, outcome)
        if found:
            return found + (self._list_of_fields(node, parts, context) if node.word in _OF_NUMBERS else [])
        (own,) = self._own(context, outcome, node, parts)
        if node.word in refused_amounts.FUNCTIONS and outcome.error is not None:
            return [Cause(own.text, self._amount_hint(node, context))]
        if node.word in ("time", "date") and parts and "format=" not in own.text:
            value = self.parts.evaluate(parts[0], context).value
            unit = next((each.value for each in parts[1:2] if isinstance(each, tree.Literal)), None)
            return [
                Cause(own.text, time_hint(value, unit, context.cut(parts[0]), self.parts.scope.record_ms, node.word))
            ]
        return [own]

    def _amount_hint(self, node: tree.Call, context: Context) -> str:
        given = {
            each.word if isinstance(each, tree.Keyword) else name: each.value
            if isinstance(each, tree.Keyword)
            else each
            for name, each in zip(("amount", "currency", "provider", "round"), node.arguments, strict=False)
        }
        written = {name: context.cut(each) for name, each in given.items()}
        values = {name: self.parts.evaluate(each, context).value for name, each in given.items()}
        return refused_amounts.amount_hint(node.word, written, values)

    def _list_of_fields(self, node: tree.Call, parts: list[tree.Expr], context: Context) -> list[Cause]:
        """`sum(payload.lines.price)`, where payload.lines is a list."""
        for part in parts:
            if not isinstance(part, tree.Steps) or not all(isinstance(step, tree.Member) for step in part.steps):
                continue
            for end in range(1, len(part.steps)):
                above = tree.Steps(
                    base=part.base, steps=part.steps[:end], start=part.start, end=part.steps[end - 1].end
                )
                if isinstance(self.parts.evaluate(above, context).value, list):
                    inner = context.cut(part)[len(context.cut(above)) :]
                    return [Cause(f"of all elements: {node.word}([x{inner} for x in {context.cut(above)}])")]
        return []

    def _conditional(self, node: tree.Conditional, context: Context, outcome: Evaluated) -> list[Cause]:
        condition = self.parts.evaluate(node.condition, context)
        if condition.error is not None:
            return self.of_node(node.condition, context)
        taken = node.then if condition.value is True else node.otherwise
        return self.of_node(taken, context) or self._own(context, outcome, node, [taken])

    def _comprehension(self, node: tree.Comprehension, context: Context, outcome: Evaluated) -> list[Cause]:
        source = node.loops[0].source
        if self.parts.evaluate(source, context).failed:
            return self.of_node(source, context)
        found = self._of_loops(node, context, list(node.loops), errors=outcome.error is not None)
        return found or self._own(context, outcome, node, [source])

    def of_empty(self, node: tree.Node, context: Context) -> list[Cause]:
        """Why a list expression in a part passes no element: the condition after its `if` is missing for each."""
        if isinstance(node, tree.Comprehension):
            value = self.parts.evaluate(node, context)
            if value.known and value.value == [] and node.condition is not None and len(node.loops) == 1:
                return _few(self._of_conditions(node, node.condition, context))
            return []
        return [cause for part in parts_of(node) for cause in self.of_empty(part, context)]

    def _of_conditions(self, node: tree.Comprehension, condition: tree.Expr, context: Context) -> list[Cause]:
        loop = node.loops[0]
        source = self.parts.evaluate(loop.source, context).value
        variable = LoopVariable(loop.word)
        inner, named = context.within(variable), self.name(loop.source, context)
        found: list[Cause] = []
        for position, element in enumerate(source[:MOST] if isinstance(source, list) else ()):
            with self.parts.element(variable, element, f"{named}[{position}]"):
                found += self.of_node(condition, inner)
        return found

    def _of_elements(self, node: tree.Expr, context: Context, value: list[object]) -> list[Cause]:
        """Of the elements of a list that are missing."""
        if isinstance(node, tree.Comprehension):
            return self._of_loops(node, context, list(node.loops), errors=False)
        if isinstance(node, tree.ListOf):
            return [cause for each in node.items for cause in self.of_node(each, context)]
        position = next(position for position, each in enumerate(value) if each is None)
        return [Cause(f"{self.name(node, context)}[{position}] is null")]

    def _of_loops(
        self, node: tree.Comprehension, context: Context, loops: list[tree.Loop], *, errors: bool
    ) -> list[Cause]:
        if not loops:
            return self._of_element(node, context, errors=errors)
        loop, *rest = loops
        source = self.parts.evaluate(loop.source, context)
        if source.failed or not isinstance(source.value, list):
            return self.of_node(loop.source, context)
        variable = LoopVariable(loop.word)
        inner, named = context.within(variable), self.name(loop.source, context)
        found: list[Cause] = []
        for position, element in enumerate(source.value[:_MOST_ELEMENTS]):
            with self.parts.element(variable, element, f"{named}[{position}]"):
                found += self._of_loops(node, inner, rest, errors=errors)
            if len(found) > MOST or self._left <= 0:
                break
        return found

    def _of_element(self, node: tree.Comprehension, context: Context, *, errors: bool) -> list[Cause]:
        self._left -= 1
        if node.condition is not None:
            condition = self.parts.evaluate(node.condition, context)
            if condition.error is not None:
                return self.of_node(node.condition, context)
            if condition.value is not True:
                return []
        element = self.parts.evaluate(node.element, context)
        wanted = element.error is not None if errors else element.failed
        return self.of_node(node.element, context) if wanted else []

    def _path(self, node: tree.Name | tree.Steps, context: Context, outcome: Evaluated) -> list[Cause]:
        base = node.base if isinstance(node, tree.Steps) else node
        steps: list[str | int] = []
        for step in node.steps if isinstance(node, tree.Steps) else ():
            if isinstance(step, tree.Member):
                steps.append(step.word)
                continue
            key = self.parts.evaluate(step.at, context)
            if key.failed:
                return self.of_node(step.at, context)
            steps.append(_key(key.value))
        if not isinstance(base, tree.Name):
            inner = self.parts.evaluate(base, context)
            return self.of_node(base, context) or self._walk(inner.value, tuple(steps), context.cut(base), context)
        return self._named(base, tuple(steps), context, outcome)

    def _named(self, base: tree.Name, steps: Steps, context: Context, outcome: Evaluated) -> list[Cause]:
        word, scope = base.word, self.parts.scope
        if word in context.variables:
            variable = context.variables[word]
            return self._walk(variable.value, steps, variable.shown, context)
        if word in context.names.lets:
            let = context.names.lets[word]
            of_let = self.parts.evaluate(base, context)
            if of_let.failed:
                own = Cause(f"{word} gives nothing" if of_let.error is None else of_let.error.reason)
                of_expression = self.of(let.expression)
                return [Cause(f"{word}: {each.text}", each.hint) for each in of_expression] or [own]
            return self._walk(of_let.value, steps, word, context)
        if word == "item":
            return self._walk(scope.item, steps, word, context)
        if word in ("payload", "envelope"):
            return self._of_payload(Path(word, steps), context)
        if word == "tables":
            return self._table(steps, context, outcome)
        if word == "conversation":
            return [Cause(f"{Path(word, steps)}: no conversation is linked, or it doesn't say that")]
        return [Cause(_kafka(steps, scope))]

    def _walk(self, value: object, steps: Steps, name: str, context: Context) -> list[Cause]:
        payload, envelope = self.parts.scope.payload, context.names.envelope
        found = missing_path(value, steps, lambda way: str(Path(name, way)), payload, self.written(envelope), envelope)
        return [Cause(f"{Path(name, steps)}: {found.found}", found.hint)]

    def _of_payload(self, path: Path, context: Context) -> list[Cause]:
        payload, envelope = self.parts.scope.payload, context.names.envelope
        _, steps = envelope.decoded(path.root, path.steps)
        found = missing_path(payload, steps, envelope.written, payload, self.written(envelope), envelope)
        return [Cause(f"{path}: {found.found}", found.hint)]

    def _table(self, steps: Steps, context: Context, outcome: Evaluated) -> list[Cause]:
        if outcome.error is not None or len(steps) < 2:
            return [Cause(outcome.error.reason if outcome.error is not None else "a table has no value by itself")]
        name, *rest = steps
        table = context.names.tables.get(str(name))
        if table is not None and table.source:
            return [Cause(f"{Path('tables', steps)}: as of this message, the topic tells no such row, or no such cell")]
        rows: Mapping[str, Any] = {} if table is None else table.rows
        depth = max(1, len(table.keys)) if table is not None else 1
        keys, rest = rest[:depth], rest[depth:]
        said = " and ".join(map(shown, keys))
        for key in keys:
            row = rows.get(plain_text(key) or "")
            if row is None:
                known = names_in(dict(rows)) if rows else ""
                hint = f"its keys are {known}" if key is keys[0] else f"with {shown(keys[0])} there are {known}"
                return [Cause(f"the table {name} has no row {said}", hint if known else "")]
            rows = row
        return [Cause(f"the table {name} has an empty cell {rest[0] if rest else ''} in the row {said}")]


def _key(value: object) -> str | int:
    if isinstance(value, Decimal) and abs(value) < 10**9 and value == int(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return plain_text(value) or ""


def _kafka(steps: Steps, scope: Scope) -> str:
    field = steps[0] if steps else ""
    if field == "key":
        return "kafka.key: the record has no key, or none that can be read; with try give one by --key"
    if field == "headers" and len(steps) > 1:
        names = [name for name, _ in scope.kafka.message.headers] if scope.kafka is not None else []
        has = f"it has {', '.join(dict.fromkeys(names))}" if names else "it has none"
        return f"{Path('kafka', steps)}: the record has no such header ({has}); with try give it by --header"
    if field == "timestamp":
        return "kafka.timestamp: the record has no timestamp"
    if field in ("schema", "schema_id"):
        return f"{Path('kafka', steps)}: no schema is known of the message"
    return f"{Path('kafka', steps)} isn't there"


def _few(found: list[Cause]) -> list[Cause]:
    """The first of them, each once."""
    few = list(dict.fromkeys(found))
    return few if len(few) <= MOST else [*few[:MOST], Cause("and more")]


def parts_of(node: tree.Node) -> Iterator[tree.Expr]:
    """The parts that a part is worked out from."""
    match node:
        case tree.Call():
            for argument in node.arguments:
                yield argument.value if isinstance(argument, tree.Keyword) else argument
        case tree.Arithmetic():
            yield node.first
            yield from (part for _, part in node.rest)
        case tree.Compared() | tree.Contained():
            yield from (node.left, node.right)
        case tree.Minus() | tree.Not():
            yield node.operand
        case tree.Logic():
            yield from node.operands
        case tree.ListOf():
            yield from node.items


Visit = Callable[[Causes, Any, Context, Evaluated], list[Cause]]
_VISITS: Final[Mapping[type, Visit]] = {
    tree.Literal: Causes._literal,
    tree.Name: Causes._path,
    tree.Steps: Causes._path,
    tree.Call: Causes._call,
    tree.Conditional: Causes._conditional,
    tree.Comprehension: Causes._comprehension,
    **dict.fromkeys(
        (tree.Minus, tree.Not, tree.Arithmetic, tree.Compared, tree.Contained, tree.Logic, tree.ListOf),
        Causes._of_parts,
    ),
}
