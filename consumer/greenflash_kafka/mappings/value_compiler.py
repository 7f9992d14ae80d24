"""Values of the file, compiled: a literal, an `=` expression, `${NAME}`, or lists and maps of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import ENV, long_number
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, UnreadableNode, place
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Type, Value, type_of

NULL_UUID: Final = "00000000-0000-0000-0000-000000000000"
"""What stands for an unset variable when that is only a warning: a text, and a UUID, too."""


_FOREIGN_VARIABLE: Final = re.compile(
    r"\$(\w+)|\$\{+\s*(?:env[.:]|secrets\.|vars\.)?(\w+)\s*\}*|\$\((\w+)\)|%(\w+)%|\{\{\s*(?:env\.)?(\w+)\s*\}\}|([A-Z]+_[A-Z_]+)"
)
"""`$NAME`, `${NAME`, `${env:NAME}`, `${{ vars.NAME }}`, `$(NAME)`, `%NAME%`, `{{ NAME }}`, and `PRODUCT_ID` alone."""

_LIKE_EXPRESSION: Final = re.compile(
    r"(?:payload|item|kafka|tables)\s*[.\[]|(?:money_minor|money_major|money|time|concat|coalesce|upper|lower|text|number|"
    r"join|sum|round|parse_json)\s*\(|conversation\.(?:id|at|source|seconds_before|method)\s*$|\{\{.*\}\}\s*$"
)
_BRACES: Final = re.compile(r"^\{\{\s*(.*?)\s*\}\}\s*$")


def report_refusals(refused: ExpressionRefused, report: FileReport, scalar: Scalar, skipped: int = 0) -> None:
    """Say each in its place; `skipped` characters of the scalar stand before the text that was refused."""
    for each in refused.refusals:
        at = scalar.part(skipped + each.start, skipped + each.end)
        report.add(at, each.code, each.message, each.hint or "")


@dataclass(frozen=True, slots=True)
class ValueCompiler:
    """What values are compiled with: the names in scope, and where findings go.

    `env` is what `${NAME}` reads, None where it isn't allowed. `strict_env` makes an unset variable an error.
    `remarks` false: nothing is said of a text that looks like an expression, its caller refuses it or not.
    """

    report: FileReport
    names: Names
    env: Mapping[str, str] | None = None
    strict_env: bool = True
    remarks: bool = True

    def with_names(self, names: Names) -> ValueCompiler:
        """The same, for other names."""
        return replace(self, names=names)

    def expression(self, scalar: Scalar) -> Expression | None:
        """Compile an expression, with or without a leading `=`; None after saying what is wrong with it."""
        blank = len(scalar.text) - len(scalar.text.lstrip())
        skipped = blank + 1 if scalar.text[blank : blank + 1] == "=" else 0
        try:
            compiled = compile_expression(scalar.text[skipped:], self.names, self.report.file, scalar.line)
        except ExpressionRefused as refused:
            report_refusals(refused, self.report, scalar, skipped)
            return None
        for remark in compiled.remarks:
            code = "never-works" if remark.code == "type-mismatch" else remark.code
            at = scalar.part(skipped + remark.start, skipped + remark.end)
            self.report.add(at, code, remark.message, remark.hint or "")
        return compiled

    def value(self, node: Node) -> Expression | None:
        """Compile any value; None after saying what is wrong with it. Missing parts are left out of lists and maps."""
        if isinstance(node, UnreadableNode):
            return None
        if isinstance(node, Scalar):
            return self._scalar(node)
        if isinstance(node, List):
            parts = [self.value(item) for item in node.items]
            return _list([part for part in parts if part is not None]) if None not in parts else None
        return self._map(node)

    def _map(self, node: Map) -> Expression | None:
        parts = {entry.key.text: self.value(entry.value) for entry in node.entries}
        good = {name: part for name, part in parts.items() if part is not None}
        return _object(good) if len(good) == len(parts) else None

    def _scalar(self, scalar: Scalar) -> Expression | None:
        if scalar.text.startswith("="):
            return self.expression(scalar)
        if isinstance(scalar.value, str) and "${" in scalar.text:
            return self._variable(scalar)
        if long_number(scalar, self.report):
            return None
        if self.remarks and isinstance(scalar.value, str) and looks_like_expression(scalar.text):
            self._without_equals(scalar)
        return literal(scalar.value)

    def _without_equals(self, scalar: Scalar) -> None:
        """Speak up about a text that was probably meant as an expression: it would be sent as it stands."""
        text = _BRACES.sub(r"\1", scalar.text)
        try:
            compile_expression(text, self.names)
        except ExpressionRefused as refused:
            if text == scalar.text and all(refusal.code == "syntax" for refusal in refused.refusals):
                return
        said = "this text is sent as it stands, and looks like an expression, which begins with ="
        self.report.add(place(scalar), "no-equals", said, f"= {text}")

    def _variable(self, scalar: Scalar) -> Expression | None:
        match = ENV.fullmatch(scalar.text)
        if self.env is None:
            self.report.add(place(scalar), "bad-env", "${NAME} works in `defaults` and in event fields only")
            return None
        if match is None:
            said = "${NAME} must be the whole value, and NAME has letters, digits and _"
            name = meant_variable(scalar.text)
            self.report.add(place(scalar), "bad-env", said, f"write ${{{name}}}" if name else "")
            return None
        value = self.env.get(match[1])
        if value is None:
            code = "missing-env" if self.strict_env else "unset-env"
            hint = f"set {match[1]}" if self.strict_env else ""
            self.report.add(place(scalar), code, f"the environment variable {match[1]} isn't set", hint)
            value = NULL_UUID
        return literal(value)


def meant_variable(text: str) -> str:
    """The environment variable that a text names as shells, make, workflows and templates do; "" if none."""
    match = _FOREIGN_VARIABLE.fullmatch(text.strip())
    return "" if match is None else next(name for name in match.groups() if name)


def of_variable(text: str) -> tuple[str, str]:
    """What to add to the message about a refused value, and the hint, where `${NAME}` stands for it; "" elsewhere."""
    match = ENV.fullmatch(text)
    if match is None:
        return "", ""
    return f": it is the value of the environment variable {match[1]}", f"correct the value of {match[1]}"


def looks_like_expression(text: str) -> bool:
    """Whether a text was perhaps meant as an expression: a path from a root, a call, something in braces."""
    return _LIKE_EXPRESSION.match(text) is not None


def literal(value: Value) -> Expression:
    """An expression that always gives this value."""
    return _made(lambda _scope: value, type_of(value), ())


def _list(parts: list[Expression]) -> Expression:
    evaluates = [part.evaluate for part in parts]

    def evaluate(scope: Scope) -> Value:
        return [value for one in evaluates if (value := one(scope)) is not None]

    return _made(evaluate, "list", parts)


def _object(parts: dict[str, Expression]) -> Expression:
    evaluates = [(name, part.evaluate) for name, part in parts.items()]

    def evaluate(scope: Scope) -> Value:
        return {name: value for name, one in evaluates if (value := one(scope)) is not None}

    return _made(evaluate, "object", parts.values())


def _made(evaluate: Callable[[Scope], Value], kind: Type, parts: Iterable[Expression]) -> Expression:
    """An expression that isn't written as one; it uses what its parts use."""
    of = tuple(parts)
    return Expression(
        text="",
        load=lambda: evaluate,
        type=kind,
        roots=frozenset().union(*(part.roots for part in of)),
        lets=frozenset().union(*(part.lets for part in of)),
        tables=frozenset().union(*(part.tables for part in of)),
        functions=frozenset().union(*(part.functions for part in of)),
        paths=tuple(path for part in of for path in part.paths),
        uses_item=any(part.uses_item for part in of),
        constant=all(part.constant for part in of),
        currency=None,
        remarks=(),
    )
