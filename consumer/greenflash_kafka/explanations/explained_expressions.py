"""Expressions that must be true, on one message: the parts of a `where`, each with the values of its sides."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.explanations.causes import Causes, parts_of
from greenflash_kafka.explanations.explained_rule import ExplainedLine, Result
from greenflash_kafka.explanations.shown_values import shown, with_kind
from greenflash_kafka.explanations.sub_expressions import Context, Evaluated
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.arithmetic import is_number, read_number
from greenflash_kafka.expressions.expression import Expression

_MOST_SIDES: Final = 4
_DEEPEST: Final = 8


class WhereExplainer:
    """Explains conditions that are expressions, on one scope."""

    def __init__(self, causes: Causes) -> None:
        self._causes = causes

    def parts(self, where: Expression) -> tuple[ExplainedLine, ...]:
        """The operands of `and` and `or` at the top, or the one comparison that it is."""
        if where.source is None:
            return ()
        context = Context.of(where.source)
        top = where.source.tree
        if isinstance(top, tree.Logic) and top.op == "and":
            return tuple(self._part(each, context, 1) for each in top.operands)
        return (self._part(top, context, 1),)

    def _part(self, node: tree.Expr, context: Context, depth: int) -> ExplainedLine:
        outcome = self._causes.parts.evaluate(node, context)
        result = _result(outcome)
        name = context.cut(node)
        if isinstance(node, tree.Logic) and depth < _DEEPEST:
            below = tuple(self._part(each, context, depth + 1) for each in node.operands)
            return ExplainedLine("part", name, result, parts=below)
        if outcome.failed:
            causes = self._causes.of_node(node, context)
            found = "; ".join(each.text for each in causes)
            hint = next((each.hint for each in causes if each.hint), "")
            own = self._without(node, context) if outcome.error is None else ""
            if own:
                hint = f"{hint}; {own}" if hint.startswith("did you mean") else own
            return ExplainedLine("part", name, result, "", found or "missing", hint)
        inner = node.operand if isinstance(node, tree.Not) else node
        found, hints = self._sides(inner, context)
        hint = self._hint(inner, context) if result == "failed" and inner is node else ""
        if result == "failed" and not hint:
            empty = self._causes.of_empty(inner, context)
            found += "".join(f"; {each.text}" for each in empty)
            hints += [each.hint for each in empty if each.hint]
        return ExplainedLine("part", name, result, "", found, hint or next(iter(hints), ""))

    def _without(self, node: tree.Expr, context: Context) -> str:
        """How a comparison that excludes values takes messages that lack the field."""
        excludes = (isinstance(node, tree.Compared) and node.op == "!=") or (
            isinstance(node, tree.Contained) and node.negated
        )
        if not excludes:
            return ""
        assert isinstance(node, tree.Compared | tree.Contained)
        left, right = node.left, node.right
        if not isinstance(left, tree.Name | tree.Steps) or not self._causes.parts.evaluate(left, context).failed:
            return ""
        side = context.cut(left)
        given = self._causes.parts.evaluate(right, context).value
        texts = given if isinstance(given, list) else [given]
        if not all(isinstance(each, str) and each for each in texts):
            return (
                f"a comparison with a missing field isn't true; to take it: (not exists({side}) or {context.cut(node)})"
            )
        rest = context.cut(node)[left.end - node.start :]
        return f'a comparison with a missing field isn\'t true; to take it: coalesce({side}, ""){rest}'

    def _sides(self, node: tree.Expr, context: Context) -> tuple[str, list[str]]:
        """The values of a comparison's sides, or a call's arguments, and hints about those that are missing."""
        sides = [node] if isinstance(node, tree.Name | tree.Steps) else list(parts_of(node))
        said: list[str] = []
        hints: list[str] = []
        for each in sides[:_MOST_SIDES]:
            value = self._causes.parts.evaluate(each, context)
            if isinstance(each, tree.Literal | tree.ListOf) or not value.known or value.error is not None:
                continue
            if value.value is None:
                causes = self._causes.of_node(each, context)
                said += [cause.text for cause in causes]
                hints += [cause.hint for cause in causes if cause.hint]
            else:
                said.append(f"{self._causes.name(each, context)} is {with_kind(value.value)}")
        return ", ".join(said), hints

    def _hint(self, node: tree.Expr, context: Context) -> str:
        """What to write in place of a comparison that can't come out true by the kinds of its sides."""
        if isinstance(node, tree.Contained):
            left = self._causes.parts.evaluate(node.left, context).value
            if isinstance(left, list) and isinstance(node.right, tree.ListOf) and node.right.items:
                each = context.cut(node.right.items[0])
                return f"{context.cut(node.left)} is a list: contains({context.cut(node.left)}, {each})"
            return "" if node.negated else self._folded_in(node, left, context)
        if isinstance(node, tree.Call):
            return self._folded_call(node, context)
        if isinstance(node, tree.Name | tree.Steps):
            written = context.cut(node)
            return f"compare it: {written} == ..., or ask whether it is there: exists({written})"
        if not isinstance(node, tree.Compared) or node.op != "==":
            return ""
        sides = [(node.left, node.right), (node.right, node.left)]
        for side, other in sides:
            if isinstance(other, tree.Literal):
                value = self._causes.parts.evaluate(side, context).value
                return _equal_hint(context.cut(side), value, other.value, context.cut(other))
        return ""

    def _folded_in(self, node: tree.Contained, left: object, context: Context) -> str:
        texts = self._causes.parts.evaluate(node.right, context).value
        if not isinstance(left, str) or not isinstance(texts, list):
            return ""
        if left.casefold() not in [each.casefold() for each in texts[:1000] if isinstance(each, str)]:
            return ""
        lowered = ", ".join(shown(each.lower()) for each in texts[:8] if isinstance(each, str))
        return f"only upper and lower case differ: lower({context.cut(node.left)}) in [{lowered}]"

    def _folded_call(self, node: tree.Call, context: Context) -> str:
        """A search in a text, or a list, that finds something once case is ignored."""
        values = [self._causes.parts.evaluate(each, context).value for each in parts_of(node)]
        if node.word not in ("contains", "starts_with", "ends_with") or len(values) != 2:
            return ""
        side, wanted = values
        if not isinstance(wanted, str):
            return ""
        named = context.cut(next(parts_of(node)))
        if isinstance(side, list):
            near = [each for each in side[:1000] if isinstance(each, str) and each.casefold() == wanted.casefold()]
            return f"only upper and lower case differ: contains({named}, {shown(near[0])})" if near else ""
        if not isinstance(side, str):
            return ""
        one, other = side.casefold(), wanted.casefold()
        found = {"contains": other in one, "starts_with": one.startswith(other), "ends_with": one.endswith(other)}
        if not found[node.word]:
            return ""
        return f"only upper and lower case differ: {node.word}(lower({named}), {shown(wanted.lower())})"


def _equal_hint(side: str, value: object, wanted: object, written: str) -> str:
    if isinstance(value, list):
        return f"{side} is a list: contains({side}, {written})"
    if isinstance(value, str) and isinstance(wanted, str):
        if value.casefold() == wanted.casefold():
            return f"only upper and lower case differ: lower({side}) == {shown(wanted.lower())}"
        same = value.split() == wanted.split() or value.strip() == wanted.strip()
        return f"they differ in spaces only: trim({side}) == {shown(wanted.strip())}" if same else ""
    if isinstance(value, str) and is_number(wanted) and read_number(value) == wanted:
        return f"the message has a text: {side} == {shown(value)}, or number({side}) == {shown(wanted)}"
    if is_number(value) and isinstance(wanted, str) and read_number(wanted) == value:
        return f"the message has a number: {side} == {shown(value)}"
    if isinstance(value, bool) and isinstance(wanted, str):
        return f"{written} is a text: {side} == {shown(value)}"
    return ""


def _result(outcome: Evaluated) -> Result:
    if outcome.error is not None:
        return "error"
    return "holds" if outcome.value is True else "failed"
