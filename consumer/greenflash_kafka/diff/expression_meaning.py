"""The meaning of an expression, whatever its layout and the names in it: of one digest, one meaning for every message.

The reverse doesn't hold: expressions of two digests may be equal, too, and nobody has proved it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.parser import parse
from greenflash_kafka.expressions.refusals import ExpressionRefused

Lets = Mapping[str, str]
"""Digests by the names that they have: of lets, and of the variables of loops."""

_NO_LETS: Final[Lets] = {}

_LOOPS: Final = ""
"""No name, and so the key of the number of loops around an expression."""


def expression_meaning(text: str, lets: Lets = _NO_LETS) -> str:
    """The digest of an expression in which these `lets` have names. A digest is made of the digests of the parts, so
    that a let in a let costs nothing. What can't be read is its text."""
    try:
        return _of(parse(text), lets)
    except ExpressionRefused:
        return _digest("text", " ".join(text.split()))


def conditions_of(text: str, lets: Lets = _NO_LETS) -> tuple[dict[tuple[str, ...], str], str | None]:
    """The tests of a `where` that `when` could say (`payload.type == "paid"`) before any other, by the steps below the
    payload, with their texts: they never fail with an error. And the digest of what is left, None if nothing is."""
    found: dict[tuple[str, ...], str] = {}
    try:
        read = parse(text)
    except ExpressionRefused:
        return found, expression_meaning(text)
    operands = list(_flat(read)) if isinstance(read, tree.Logic) and read.op == "and" else [read]
    while operands and (tested := _text_test(operands[0])) is not None and tested[0] not in found:
        found[tested[0]] = tested[1]
        del operands[0]
    left = [_of(each, lets) for each in operands]
    return found, None if not left else left[0] if len(left) == 1 else _digest("and", *left)


def _text_test(node: tree.Expr) -> tuple[tuple[str, ...], str] | None:
    if not (isinstance(node, tree.Compared) and node.op == "==" and isinstance(node.left, tree.Steps)):
        return None
    if not (isinstance(node.right, tree.Literal) and isinstance(node.right.value, str)):
        return None
    path = node.left
    if not (isinstance(path.base, tree.Name) and path.base.word == "payload"):
        return None
    words = [step.word for step in path.steps if isinstance(step, tree.Member)]
    return (tuple(words), node.right.value) if len(words) == len(path.steps) else None


def _of(node: tree.Expr, lets: Lets) -> str:
    match node:
        case tree.Literal():
            return _digest("literal", node.value.__class__.__name__, repr(node.value))
        case tree.Name():
            return lets.get(node.word) or _digest("name", node.word)
        case tree.Steps():
            found = _of(node.base, lets)
            for step in node.steps:
                said = step.word if isinstance(step, tree.Member) else _of(step.at, lets)
                found = _digest(step.__class__.__name__, found, said)
            return found
        case tree.Call():
            return _digest("call", node.word, *_arguments(node, lets))
        case tree.Logic():
            return _digest(node.op, *(_of(each, lets) for each in _flat(node)))
        case tree.Arithmetic():
            rest = (said for op, each in node.rest for said in (op, _of(each, lets)))
            return _digest("arithmetic", _of(node.first, lets), *rest)
        case tree.Comprehension():
            return _comprehension(node, lets)
        case _:
            return _digest(*_operator(node, lets))


def _operator(
    node: tree.ListOf | tree.Minus | tree.Not | tree.Compared | tree.Contained | tree.Conditional, lets: Lets
) -> Iterator[str]:
    """What an operator is called, and its operands."""
    operands: tuple[tree.Expr, ...]
    match node:
        case tree.ListOf():
            name, operands = "list", tuple(node.items)
        case tree.Minus() | tree.Not():
            name, operands = node.__class__.__name__, (node.operand,)
        case tree.Compared():
            name, operands = node.op, (node.left, node.right)
        case tree.Contained():
            name, operands = "not in" if node.negated else "in", (node.left, node.right)
        case tree.Conditional():
            name, operands = "if", (node.then, node.condition, node.otherwise)
    yield name
    yield from (_of(each, lets) for each in operands)


def _arguments(node: tree.Call, lets: Lets) -> Iterator[str]:
    """Those without a name in their order, the others in that of their names."""
    named: dict[str, str] = {}
    for each in node.arguments:
        if isinstance(each, tree.Keyword):
            named[each.word] = _of(each.value, lets)
        else:
            yield _of(each, lets)
    for word in sorted(named):
        yield _digest("keyword", word, named[word])


def _flat(node: tree.Logic) -> Iterator[tree.Expr]:
    for each in node.operands:
        if isinstance(each, tree.Logic) and each.op == node.op:
            yield from _flat(each)
        else:
            yield each


def _comprehension(node: tree.Comprehension, lets: Lets) -> str:
    """The name of a loop's variable means nothing: how many loops are around it does."""
    inner, sources = dict(lets), []
    around = lets.get(_LOOPS, "")
    for loop in node.loops:
        sources.append(_of(loop.source, inner))
        inner[_LOOPS] = inner.get(_LOOPS, "") + "+"
        inner[loop.word] = _digest("loop", inner[_LOOPS])
    condition = "" if node.condition is None else _of(node.condition, inner)
    return _digest("comprehension", around, str(len(sources)), *sources, _of(node.element, inner), condition)


def _digest(*parts: str) -> str:
    """Each part with its length, so that no two rows of parts are one text."""
    return sha256("".join(f"{len(each)}:{each}" for each in parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
