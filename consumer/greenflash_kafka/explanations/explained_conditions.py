"""Lines of `when` on one message: whether each holds, what it expects, what is there, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from msgspec.structs import replace as changed

from greenflash_kafka.explanations import expected_literals
from greenflash_kafka.explanations.causes import Causes
from greenflash_kafka.explanations.earlier_values import earlier_hint, earlier_words
from greenflash_kafka.explanations.explained_rule import ExplainedLine, Result
from greenflash_kafka.explanations.item_paths import from_item
from greenflash_kafka.explanations.missing_paths import MissingPath, Show, follow, is_absent, missing_path, with_value
from greenflash_kafka.explanations.named_values import NamedValues
from greenflash_kafka.explanations.shown_values import literal, shown
from greenflash_kafka.expressions.names import ROOTS
from greenflash_kafka.expressions.paths import EnvelopePaths, Path, Steps
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.spec import NESTING
from greenflash_kafka.rules.compiled_condition import CompiledCondition, compile_condition
from greenflash_kafka.rules.kafka_facts import header
from greenflash_kafka.rules.rule_conditions import RuleParts
from greenflash_kafka.rules.transitions import Earlier
from greenflash_kafka.rules.when_conditions import Condition, Nest, Operator, Test
from greenflash_kafka.rules.when_operators.all_operators import TRANSITIONS
from greenflash_kafka.rules.when_operators.parts import among

_MOST_BRANCHES: Final = 50


class ConditionExplainer:
    """Explains the lines of one rule on one scope; `named`: values that are right in a rule of the topic."""

    def __init__(self, parts: RuleParts, scope: Scope, causes: Causes, named: NamedValues) -> None:
        self._parts = parts
        self._scope = scope
        self._causes = causes
        self._named = named
        self._envelope = parts.names.envelope

    def line(self, condition: CompiledCondition) -> ExplainedLine:
        """One line."""
        assert condition.line is not None
        return self._condition(condition.line.condition, condition)

    def _condition(self, condition: Condition, compiled: CompiledCondition | None = None) -> ExplainedLine:
        found = self._nest(condition) if isinstance(condition, Nest) else self._test(condition, compiled)
        return changed(found, file=self._parts.file, line=condition.at.line, column=condition.at.column)

    def _compiled(self, condition: Condition) -> CompiledCondition:
        return compile_condition(self._parts, condition)

    def _holds(self, compiled: CompiledCondition) -> tuple[Result, str]:
        try:
            return ("holds" if compiled.holds(self._scope, []) else "failed"), ""
        except EvaluationError as error:
            return "error", error.reason

    def _nest(self, nest: Nest) -> ExplainedLine:
        branches = []
        for number, group in enumerate(nest.groups[:_MOST_BRANCHES], 1):
            lines = tuple(self._condition(each) for each in group)
            branches.append(ExplainedLine("branch", f"branch {number}", _all(lines), parts=lines))
        result, error = self._holds(self._compiled(nest))
        holding = [each.name for each in branches if each.result == "holds"]
        if nest.kind == "any":
            expected = f"that one of {len(nest.groups)} branches holds"
            found = ", ".join(holding) if holding else "none of them holds"
        else:
            expected = f"that none of {len(nest.groups)} branches holds"
            found = ", ".join(f"{each} holds" for each in holding) or "none of them holds"
        return ExplainedLine("when", nest.kind, result, expected, error or found, parts=tuple(branches))

    def _test(self, test: Test, compiled: CompiledCondition | None) -> ExplainedLine:
        compiled = compiled or self._compiled(test)
        result, error = self._holds(compiled)
        operand = compiled.operands[0]
        if result == "error":
            return ExplainedLine("when", test.written, result, "", error, self._let_hint(test.path))
        value = operand.read(self._scope)
        if result == "holds":
            expected = " and ".join(expected_literals.expected(each, value) for each in test.operators)
            return ExplainedLine("when", test.written, result, expected, shown(value))
        failing = self._failing(test)
        expected = " and ".join(expected_literals.expected(each, value) for each in failing)
        if value is None:
            found, hint = self._missing(test, failing)
            return ExplainedLine("when", test.written, result, expected, found, hint)
        found = expected_literals.found_words(failing[0], value)
        moves = [each for each in failing if each.name in TRANSITIONS]
        hint = next((said for each in failing if (said := self._hint(each, value, test))), "")
        if moves and operand.earlier is not None:
            root = self._scope.payload if test.path.root == "payload" else self._scope.item
            earlier = operand.earlier(root)
            if not hint and not self._elsewhere(moves, value):
                found += f"; {earlier_words(earlier, test.written)}"
                hint = self._from_hint(moves, earlier, test)
                hint = hint or earlier_hint(earlier, test.path, root, self._parts.declared, self._envelope)
        elif moves:
            found += f"; nothing contains the previous value of {test.written}"
        return ExplainedLine("when", test.written, result, expected, found, hint)

    def _hint(self, operator: Operator, value: object, test: Test) -> str:
        named = isinstance(value, str) and value in self._named.get((test.path.root, test.path.steps), ())
        return expected_literals.hint(operator, value, test.written, named=named)

    def _elsewhere(self, moves: Sequence[Operator], value: object) -> bool:
        """Whether the present value already is another than a change should lead to."""
        return any(
            each.name in ("to", "becomes") and isinstance(each.given, tuple) and not among(value, each.given)
            for each in moves
        )

    def _from_hint(self, moves: Sequence[Operator], earlier: object, test: Test) -> str:
        wanted = [one for each in moves if each.name == "from" and isinstance(each.given, tuple) for one in each.given]
        if isinstance(earlier, Earlier):
            return ""
        if isinstance(earlier, str) and earlier in self._named.get((test.path.root, test.path.steps), ()):
            return ""
        hints = (expected_literals.moved_hint("from", one, earlier, test.written) for one in wanted)
        return next((each for each in hints if each), "")

    def _failing(self, test: Test) -> Sequence[Operator]:
        """The operators of a line that fail; all of it where that can't be told of one alone."""
        failing = [each for each in test.operators if not self._alone(test, each)]
        return failing or test.operators

    def _alone(self, test: Test, operator: Operator) -> bool:
        return (
            len(test.operators) > 1 and self._holds(self._compiled(replace(test, operators=(operator,))))[0] == "holds"
        )

    def _missing(self, test: Test, failing: Sequence[Operator]) -> tuple[str, str]:
        path = test.path
        for each in failing:
            given = each.given if isinstance(each.given, tuple) else (each.given,)
            meant = next((said for one in given if (said := expected_literals.meant(one, test.written))), "")
            if meant:
                return self._place(path)[0], meant
        if all(each.name == "not" and each.given != (None,) for each in failing):
            found, hint = self._place(path)
            own = (
                f"a line about a missing field fails; none: [{{{test.written}: {self._given(failing[0])}}}] holds then"
            )
            return found, f"{hint}; {own}" if hint.startswith("did you mean") else own
        found, hint = self._place(path)
        if path.root != "payload" or hint.startswith(("did you mean", "the message has", "for any element")):
            return found, hint
        return found, self._same_value(path, failing) or hint

    def _same_value(self, path: Path, failing: Sequence[Operator]) -> str:
        """The field that holds the text which a missing one should have."""
        write = from_item(self._writer(path.bare), self._scope.payload, self._causes.items)
        for each in failing:
            for given in each.given if isinstance(each.given, tuple) else ():
                place = with_value(self._scope.payload, given, write) if isinstance(given, str) and given else ""
                if place:
                    return f"the message has {literal(given)} in {place}"
        return ""

    def _given(self, operator: Operator) -> str:
        given = operator.given if isinstance(operator.given, tuple) else (operator.given,)
        return literal(given[0]) if len(given) == 1 else f"[{', '.join(map(literal, given))}]"

    def _place(self, path: Path) -> tuple[str, str]:
        """Where the walk along a missing path ended, and what to write instead."""
        scope = self._scope
        if path.root == "payload":
            write = self._writer(path.bare)
            items = self._causes.items
            if items and not is_absent(follow(items[scope.index or 0], path.steps)):
                return "no such field", f"the message has {Path('item', path.steps)}"
            elsewhere = from_item(write, scope.payload, items)
            found = missing_path(scope.payload, path.steps, write, scope.payload, elsewhere, self._envelope)
            return found.found, _of_all(path, found, self._envelope) or found.hint
        if path.root == "item":
            found = missing_path(
                scope.item,
                path.steps,
                lambda way: str(Path("item", way)),
                scope.payload,
                self._causes.written(self._envelope),
                self._envelope,
            )
            return found.found, found.hint
        if path.root == "kafka":
            return self._of_record(path), ""
        let = self._parts.names.lets.get(path.root)
        if let is None:
            return "nothing", ""
        value = self._causes.parts.run(let.evaluate)
        if value.failed:
            causes = self._causes.of(let.expression)
            text = f"no such field ({path.root}: {causes[0].text})" if causes else f"nothing ({path.root} is missing)"
            return text, causes[0].hint if causes else ""
        write = _below(path.root)
        found = missing_path(
            value.value, path.steps, write, scope.payload, self._causes.written(self._envelope), self._envelope
        )
        return found.found, found.hint

    def _of_record(self, path: Path) -> str:
        message = self._scope.kafka.message
        if path.steps[:1] == ("headers",) and len(path.steps) == 2:
            names = ", ".join(dict.fromkeys(name for name, _ in message.headers))
            if header(message, str(path.steps[1])) is None:
                return f"no such header (the record has {names or 'no headers'})"
        if path.steps[:1] == ("key",):
            return (
                "no such field (the record has no key)" if message.key is None else "no such field in the record's key"
            )
        return "nothing"

    def _writer(self, bare: bool) -> Show:
        """How paths of the payload are written in this rule's lines."""
        lets, envelope = self._parts.names.lets, self._envelope

        def write(way: Steps) -> str:
            first = way[len(envelope.payload)] if len(way) > len(envelope.payload) else None
            plain = bare and isinstance(first, str) and first not in (*ROOTS, *NESTING) and first not in lets
            return envelope.written(way, bare=plain)

        return write

    def _let_hint(self, path: Path) -> str:
        let = self._parts.names.lets.get(path.root)
        causes = self._causes.of(let.expression) if let is not None else []
        return causes[0].line if causes else ""


def _of_all(path: Path, found: MissingPath, envelope: EnvelopePaths) -> str:
    """How a condition looks at all elements of the list at which a path ended."""
    if not found.ended or not found.in_list:
        return ""
    way = path.steps[: found.ended]
    inner = Path("payload", path.steps[found.ended :], bare=True)
    listed = envelope.written(way, bare=path.bare)
    return f"for any element write {listed}: {{any: {{{inner}: ...}}}}; [0] is the first"


def _below(root: str) -> Show:
    return lambda way: str(Path(root, way))


def _all(lines: Sequence[ExplainedLine]) -> Result:
    if any(each.result == "failed" for each in lines):
        return "failed"
    return "error" if any(each.result == "error" for each in lines) else "holds"
