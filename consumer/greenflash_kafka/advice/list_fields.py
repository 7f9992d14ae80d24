"""Advice about functions of lists that are given a field of a list: SQL's habit `sum(lines.price)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from greenflash_kafka.expressions import tree
from greenflash_kafka.mappings.rule_facts import RuleFacts, parts

_FUNCTIONS: Final = frozenset(("sum", "avg", "min", "max", "count", "first", "last", "distinct", "sort", "join"))
_ADDING: Final = frozenset(("sum", "avg", "min", "max"))


def check_list_fields(rules: Sequence[RuleFacts]) -> None:
    """Warn of a path through a list, as far as the file shows that it is one."""
    lists = {path for facts in rules for path in _lists(facts)}
    for facts in rules:
        for spot in facts.spots:
            if spot.expression.source is None or not spot.expression.functions & _FUNCTIONS:
                continue
            for part in parts(spot.expression.source.tree):
                found = _through_list(part, lists)
                if found is not None:
                    word, above, field = found
                    said = f"{above} is a list, and a list has no field {field}, so {word}(...) gets nothing"
                    letter = next((c for c in above.rsplit(".", 1)[-1].lower() if c.isalpha()), "x")
                    hint = f"{word}([{letter}.{field} for {letter} in {above}])"
                    facts.report.add(spot.at, "field-of-a-list", said, hint)


def _lists(facts: RuleFacts) -> Iterator[str]:
    """What this rule goes through one by one, or by position."""
    for spot in facts.spots:
        if spot.expression.source is None:
            continue
        for part in parts(spot.expression.source.tree):
            if isinstance(part, tree.Loop):
                yield written(part.source) or ""
            elif isinstance(part, tree.Steps):
                yield from _indexed(part)
    if facts.each:
        yield facts.each


def _indexed(path: tree.Steps) -> Iterator[str]:
    for place, step in enumerate(path.steps):
        if isinstance(step, tree.Index) and isinstance(step.at, tree.Literal) and step.at.value.__class__ is int:
            yield written(tree.Steps(start=0, end=0, base=path.base, steps=path.steps[:place])) or ""


def _through_list(part: tree.Node, lists: set[str]) -> tuple[str, str, str] | None:
    """Function, list and field of a call that goes through a list."""
    if not isinstance(part, tree.Call) or part.word not in _FUNCTIONS or not part.arguments:
        return None
    path = part.arguments[0]
    if not isinstance(path, tree.Steps) or not all(isinstance(step, tree.Member) for step in path.steps):
        return None
    words = [(written(path.base) or ""), *(step.word for step in path.steps if isinstance(step, tree.Member))]
    for end in range(1, len(words)):
        above = ".".join(words[:end])
        if above in lists:
            return part.word, above, ".".join(words[end:])
    alone = len(part.arguments) == 1 and part.word in _ADDING and len(words) > 2
    # Only a list can be added up: of two names the plural is it.
    if alone and _plural(words[-2]) and not _plural(words[-1]):
        return part.word, ".".join(words[:-1]), words[-1]
    return None


def _plural(word: str) -> bool:
    return word.lower().endswith("s") and not word.lower().endswith(("ss", "us", "is"))


def written(path: tree.Expr) -> str | None:
    """A path of words as it is written; None for others."""
    if isinstance(path, tree.Name):
        return path.word
    if not isinstance(path, tree.Steps) or not isinstance(path.base, tree.Name):
        return None
    words = [step.word for step in path.steps if isinstance(step, tree.Member)]
    return ".".join([path.base.word, *words]) if len(words) == len(path.steps) else None
