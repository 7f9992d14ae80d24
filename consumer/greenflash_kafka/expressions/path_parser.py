"""Paths by themselves, as the keys of `when` are: `data.items[0].price`, `data["user id"]`, `items[-1]`."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.compiler import ExpressionCompiler
from greenflash_kafka.expressions.names import ROOTS, Names, Path
from greenflash_kafka.expressions.parser import parse
from greenflash_kafka.expressions.refusals import ExpressionRefused, Refusal

__all__ = ["Path", "parse_path", "path_node"]

_FIRST: Final = re.compile(r"\s*([^\W\d]\w*)")
WHEN_ROOTS: Final = frozenset(ROOTS) - {"conversation"}


def parse_path(text: str, names: Names) -> Path:
    """A key of `when`: a bare path is a payload field unless its first word is one of `names.ROOTS` (`conversation`
    aside: no link decides a condition) or a let's.

    With `names.item` (each is set) a bare path is refused (`unknown-name`, hint: say `item.` or `payload.`), and so
    are unknown tables and `kafka.` fields. What is given is the path in what is decoded, below the prefix of an
    envelope. Raises ExpressionRefused with offsets in `text`.
    """
    first = _FIRST.match(text)
    bare = first is None or (first[1] not in WHEN_ROOTS and first[1] not in names.lets)
    # After a dot any word is a name, keywords too, so a bare path is read as what it stands for.
    lead = ("payload" if text.lstrip().startswith("[") else "payload.") if bare else ""
    try:
        path = _static(parse(lead + text), text, bare)
        if bare and names.item:
            hint = f"item.{text.strip()} or payload.{text.strip()}"
            raise _refused("unknown-name", "where each is set, a path starts with item. or payload.", hint, text)
    except ExpressionRefused as refused:
        raise ExpressionRefused(tuple(_shifted(refusal, len(lead), text) for refusal in refused.refusals)) from None
    compiler = ExpressionCompiler(text, names)
    compiler.operand(path_node(path))
    if compiler.refusals:
        # It was compiled from its steps, which have no offsets: all of it is meant.
        whole = (Refusal(each.code, each.message, each.hint, 0, len(text)) for each in compiler.refusals)
        raise ExpressionRefused(tuple(whole))
    root, steps = names.envelope.decoded(path.root, path.steps)
    return Path(root, steps, bare)


def _refused(code: str, message: str, hint: str | None, text: str) -> ExpressionRefused:
    return ExpressionRefused((Refusal(code, message, hint, 0, len(text)),))


def _shifted(refusal: Refusal, by: int, text: str) -> Refusal:
    start, end = (min(max(0, offset - by), len(text)) for offset in (refusal.start, refusal.end))
    return Refusal(refusal.code, refusal.message, refusal.hint, start, end)


def _static(read: tree.Expr, text: str, bare: bool) -> Path:
    steps: list[str | int] = []
    base = read.base if isinstance(read, tree.Steps) else read
    for step in read.steps if isinstance(read, tree.Steps) else []:
        written = step.word if isinstance(step, tree.Member) else _written(step.at)
        if written is None:
            break
        steps.append(written)
    else:
        if isinstance(base, tree.Name):
            return Path(base.word, tuple(steps), bare)
    quoted = text.strip().replace('"', '\\"')
    raise _refused("syntax", "this is not a path", f'data.items[0].price, or payload["{quoted}"] for such a name', text)


def _written(at: tree.Expr) -> str | int | None:
    if isinstance(at, tree.Minus) and isinstance(at.operand, tree.Literal) and at.operand.value.__class__ is int:
        return -int(at.operand.value)
    if isinstance(at, tree.Literal) and (isinstance(at.value, str) or at.value.__class__ is int):
        return at.value
    return None


def path_node(path: Path) -> tree.Expr:
    """The path as a part of an expression, without offsets."""
    base = tree.Name(start=0, end=0, word=path.root)
    steps: list[tree.Member | tree.Index] = [
        tree.Member(start=0, end=0, word=step)
        if isinstance(step, str)
        else tree.Index(start=0, end=0, at=tree.Literal(start=0, end=0, value=step))
        for step in path.steps
    ]
    return tree.Steps(start=0, end=0, base=base, steps=steps) if steps else base
