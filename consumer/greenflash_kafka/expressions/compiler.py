"""From the tree to code: checks names, types and literals on the way, and writes down what the expression reads.

One visit does both, because what is known of a part (its value, its type, whether it can be missing) decides which
code it needs. Every part becomes statements and an Operand that names their result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol

import msgspec

from greenflash_kafka.expressions import arithmetic, operators, tree
from greenflash_kafka.expressions.call_code import CallCode
from greenflash_kafka.expressions.emitter import Emitter
from greenflash_kafka.expressions.iso_times import iso_time
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.operand import Operand, common_type, ordered, same_family
from greenflash_kafka.expressions.path_code import PathCode
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import NAMES, Type, Value

ARITHMETIC: Final[Mapping[str, Callable[[object, object], Any]]] = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "%": arithmetic.remainder,
}
COMPARISONS: Final[Mapping[str, Callable[..., bool]]] = {
    "==": operators.equal,
    "!=": operators.unequal,
    "<": operators.less,
    "<=": operators.less_or_equal,
    ">": operators.greater,
    ">=": operators.greater_or_equal,
}


AMOUNTS: Final = "compare the amounts that it is made of"


Evaluate = Callable[[Scope], Value]
"""A compiled expression."""


class ParsedExpression(msgspec.Struct, frozen=True):
    """What an expression is compiled from. `line` is where it begins in its mapping file; 0 if it stands in none."""

    text: str
    tree: tree.Expr
    names: Names
    line: int = 0


class Inlined(Protocol):
    """An expression that becomes a part of other code; one without `source` is called."""

    @property
    def source(self) -> ParsedExpression | None:
        """What it is compiled from."""

    @property
    def evaluate(self) -> Evaluate:
        """What is called."""


class ExpressionCompiler(PathCode, CallCode):
    """Compiles one expression, or the parts of a rule; afterwards its attributes say what was found and read."""

    def compile(self, expression: tree.Expr) -> Operand:
        """Write the whole expression; its function is the last of `functions`."""
        result = self.operand(expression)
        self.emitter.line(f"return {result.code}")
        self.functions.append(self.emitter)
        return result

    def inline(self, expression: Inlined) -> str:
        """Write an expression of the file, and give the code of its value; what is written next is on its line, too."""
        source = expression.source
        if source is None:
            return f"{self.constants.name(expression.evaluate)}(s)"
        outer = self.text, self.names
        self.text, self.names, self.emitter.at = source.text, source.names, source.line
        value = self.operand(source.tree).code
        self.text, self.names = outer
        return value

    def operand(self, node: tree.Expr) -> Operand:
        """Write one part."""
        written: Operand = _VISITS[node.__class__](self, node)
        return written

    def literal(self, node: tree.Literal) -> Operand:
        """A number, a text, true, false, null."""
        return self.constant(node.value)

    def list_of(self, node: tree.ListOf) -> Operand:
        """`[a, b]`."""
        items = [self.operand(item) for item in node.items]
        if all(item.constant for item in items):
            return self.constant([item.value for item in items])
        name = self.temporary()
        self.emitter.line(f"{name} = [{', '.join(item.code for item in items)}]")
        known = all(item.known for item in items)
        return Operand(name, "list", known=known, value=[item.value for item in items] if known else None, live=known)

    def minus(self, node: tree.Minus) -> Operand:
        """`-a`."""
        operand = self.operand(node.operand)
        self._wants("number", operand, "-", node, refused=operand.known)
        return self.apply(node, arithmetic.negate, [operand], "number", code="negate")

    def arithmetic(self, node: tree.Arithmetic) -> Operand:
        """`a + b - c`, `a * b / c % d`."""
        left = self.operand(node.first)
        for op, right_node in node.rest:
            right = self.operand(right_node)
            part = tree.Literal(start=node.start, end=right_node.end, value=None)
            both = left.known and right.known
            self._wants("number", left, op, part, refused=both)
            self._wants("number", right, op, part, refused=both)
            self._hundredth(node, op, right, part)
            run = ARITHMETIC[op]
            left = self.apply(part, run, [left, right], "number", code=run.__name__)
        return left

    def _wants(self, kind: Type, operand: Operand, op: str, node: tree.Node, *, refused: bool) -> None:
        """Say that a part is of another type; `refused`: all is literal, so that it is refused anyway."""
        if not refused and not same_family(operand.type, kind):
            hint = "concat(a, b)" if op == "+" and operand.type in ("text", "money") else None
            said = f"{op} takes {NAMES[kind]}, and this is {NAMES[operand.type]}"
            self.remark("type-mismatch", said, hint, node)

    def _hundredth(self, node: tree.Arithmetic, op: str, right: Operand, part: tree.Node) -> None:
        cent = (op == "/" and right.value == 100) or (op == "*" and right.value == Decimal("0.01"))
        if cent and right.value is not True:
            amount = self.text[node.first.start : node.first.end]
            message = "dividing by 100 is right for some currencies only (not for JPY, KWD), and loses the digits"
            self.remark("divided-by-100", message, f"money_minor({amount}, currency)", part)

    def compared(self, node: tree.Compared) -> Operand:
        """`a == b`, `a < b`."""
        left, right = self.operand(node.left), self.operand(node.right)
        for operand in (left, right):
            if operand.constant and operand.value is None:
                hint = {"==": "not exists(x)", "!=": "exists(x)"}.get(node.op)
                self.remark("type-mismatch", f"{node.op} null is always missing, as in SQL", hint, node)
        if node.op not in ("==", "!=") and not (left.known and right.known) and not ordered(left, right):
            said = f"{node.op} compares values of one type, not {NAMES[left.type]} and {NAMES[right.type]}"
            self.remark("type-mismatch", said, None, node)
        elif node.op not in ("==", "!=") and "money" in (left.type, right.type):
            self.remark("type-mismatch", f"money is text, and {node.op} would go by its letters", AMOUNTS, node)
        run = COMPARISONS[node.op]
        text = next((o for o in (left, right) if o.constant and o.value.__class__ is str), None)
        if (
            text is None
            or iso_time(str(text.value)) is not None
            or node.op not in ("==", "!=")
            or (left.known and right.known)
        ):
            scoped = node.op in ("==", "!=")
            return self.apply(node, run, [left, right], "boolean", code=run.__name__, scoped=scoped)
        # A text that says no time equals nothing but a text, in Python too: no call needed.
        other = right if text is left else left
        name = self.temporary()
        check = f"None if {other.code} is None else " if other.may_miss else ""
        self.emitter.line(f"{name} = {check}{other.code} {node.op} {text.code}")
        return Operand(name, "boolean")

    def contained(self, node: tree.Contained) -> Operand:
        """`a in b`, `a not in b`."""
        left, right = self.operand(node.left), self.operand(node.right)
        if not right.known and not same_family(right.type, "list"):
            hint = "contains(text, part)" if right.type in ("text", "money") else None
            self.remark("type-mismatch", f"in looks into a list, not {NAMES[right.type]}", hint, node)
        texts = right.value if right.constant else None
        if not left.known and isinstance(texts, list) and all(text.__class__ is str for text in texts):
            among = self.constant(frozenset(texts), "list")
            found = self.apply(node, operators.contained_text, [left, among], "boolean", code="contained_text")
        else:
            found = self.apply(node, operators.contained, [left, right], "boolean", code="contained", scoped=True)
        return self._not(found) if node.negated else found

    def _not(self, operand: Operand) -> Operand:
        if operand.constant:
            return self.constant(None if operand.value is None else not operand.value)
        name = self.temporary()
        self.emitter.line(f"{name} = None if {operand.code} is None else not {operand.code}")
        return Operand(name, "boolean")

    def _boolean(self, operand: Operand, what: str, node: tree.Node) -> Operand:
        """The operand where true, false or missing is wanted."""
        if operand.type in ("boolean", "missing"):
            return operand
        self._wants("boolean", operand, what, node, refused=operand.known)
        said = self.constant(what)
        return self.apply(node, operators.boolean, [operand, said], "boolean", code="boolean", takes_missing=True)

    def negated(self, node: tree.Not) -> Operand:
        """`not a`."""
        return self._not(self._boolean(self.operand(node.operand), "not", node))

    def logic(self, node: tree.Logic) -> Operand:
        """`a and b and c`, `a or b or c`: three-valued, and what follows the side that decides isn't worked out."""
        deciding = node.op == "or"
        result = self._boolean(self.operand(node.operands[0]), node.op, node.operands[0])
        for position, part in enumerate(node.operands[1:], 1):
            if result.constant and result.value is deciding:
                with self.dead():
                    for rest in node.operands[position:]:
                        self._boolean(self.operand(rest), node.op, rest)
                return result
            result = self._also(result, part, node.op, deciding)
        return result

    def _also(self, left: Operand, part: tree.Expr, op: str, deciding: bool) -> Operand:
        if left.constant:
            right = self._boolean(self.operand(part), op, part)
            if left.value is not None:
                return right
            if right.constant:
                return right if right.value is deciding else self.constant(None)
            name = self.temporary()
            self.emitter.line(f"{name} = {deciding} if {right.code} is {deciding} else None")
            return Operand(name, "boolean")
        name = self.temporary()
        self.emitter.line(f"{name} = {left.code}")
        with self.emitter.block(f"if {name} is not {deciding}:"):
            right = self._boolean(self.operand(part), op, part)
            both = f"None if {name} is None or {right.code} is None else {not deciding}"
            self.emitter.line(f"{name} = {deciding} if {right.code} is {deciding} else {both}")
        return Operand(name, "boolean")

    def conditional(self, node: tree.Conditional) -> Operand:
        """`a if condition else b`; a missing condition takes b."""
        condition = self._boolean(self.operand(node.condition), "if", node.condition)
        if condition.constant:
            taken, left_out = (node.then, node.otherwise) if condition.value else (node.otherwise, node.then)
            result = self.operand(taken)
            with self.dead():
                self.operand(left_out)
            return result
        name = self.temporary()
        with self.emitter.block(f"if {condition.code} is True:"):
            then = self.operand(node.then)
            self.emitter.line(f"{name} = {then.code}")
        with self.emitter.block("else:"):
            otherwise = self.operand(node.otherwise)
            self.emitter.line(f"{name} = {otherwise.code}")
        kind = common_type(then.type, otherwise.type)
        self.one_currency(then, otherwise, node)
        currency = then.currency if then.currency == otherwise.currency else None
        return Operand(name, kind, currency=currency)

    def comprehension(self, node: tree.Comprehension) -> Operand:
        """`[a for b in c if d]`: a function of its own, which gives None when a list it goes through is missing."""
        outer, variables = self.emitter, self.variables
        given = ["s", *dict.fromkeys(local for local in variables.values())]
        name = f"each{len(self.functions)}_{self.temporary()}"
        self.emitter = Emitter(name, ", ".join(given), outer.at)
        self.variables = dict(variables)
        gathered = self.temporary()
        self.emitter.line(f"{gathered} = []")
        self._loops(node, list(node.loops), gathered)
        self.emitter.line(f"return {gathered}")
        self.functions.append(self.emitter)
        self.emitter, self.variables = outer, variables
        result = self.temporary()
        self.emitter.line(f"{result} = {name}({', '.join(given)})")
        return Operand(result, "list")

    def _loops(self, node: tree.Comprehension, loops: list[tree.Loop], gathered: str) -> None:
        if not loops:
            if node.condition is not None:
                condition = self._boolean(self.operand(node.condition), "if", node.condition)
                with self.emitter.block(f"if {condition.code} is not True:"):
                    self.emitter.line("continue")
            element = self.operand(node.element)
            self.emitter.line(f"{gathered}.append({element.code})")
            return
        loop = loops.pop(0)
        source = self.operand(loop.source)
        if not source.known and not same_family(source.type, "list"):
            self.remark("type-mismatch", f"for goes through a list, not {NAMES[source.type]}", None, loop)
        through, local = self.temporary(), self.temporary()
        inside = [node.element, *loops, *([node.condition] if node.condition else [])]
        weight = sum(map(tree.weight, inside)) >> 2
        self.emitter.line(f"{through} = rounds(s, {source.code}, {weight})")
        with self.emitter.block(f"if {through} is None:"):
            self.emitter.line("return None")
        with self.emitter.block(f"for {local} in {through}:"):
            self.variables[loop.word] = local
            self._loops(node, loops, gathered)


_VISITS: Final[Mapping[type, Callable[[ExpressionCompiler, Any], Operand]]] = {
    tree.Literal: ExpressionCompiler.literal,
    tree.Name: ExpressionCompiler.name,
    tree.Steps: ExpressionCompiler.steps,
    tree.Call: ExpressionCompiler.call,
    tree.Minus: ExpressionCompiler.minus,
    tree.Not: ExpressionCompiler.negated,
    tree.Arithmetic: ExpressionCompiler.arithmetic,
    tree.Compared: ExpressionCompiler.compared,
    tree.Contained: ExpressionCompiler.contained,
    tree.Logic: ExpressionCompiler.logic,
    tree.Conditional: ExpressionCompiler.conditional,
    tree.ListOf: ExpressionCompiler.list_of,
    tree.Comprehension: ExpressionCompiler.comprehension,
}
