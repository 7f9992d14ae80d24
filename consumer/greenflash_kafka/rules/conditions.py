"""The lines of a rule's `when`: what each reads, and what a message must hold for it to have a chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from typing import Literal as OneOf

from greenflash_kafka.expressions.iso_times import iso_time
from greenflash_kafka.expressions.names import ROOTS, Names
from greenflash_kafka.expressions.path_parser import Path
from greenflash_kafka.rules.when_conditions import Condition, Nest, Test
from greenflash_kafka.rules.when_operators.when_operator import Literal

Field = tuple[str, tuple[str | int, ...]]
"""A root (`payload`, `item`, or `kafka` for a header) and the steps from there."""

Tests = Mapping[Field, tuple[Literal, ...]]
"""Fields and the literals one of which must be there; none of them is null. Not as sets: there true would be 1."""

Root = OneOf["payload", "item", ""]

_SCHEMA: Final = Path("kafka", ("schema",))


@dataclass(frozen=True, slots=True, eq=False)
class ConditionLine:
    """A condition of a rule. `written` is how `because` and `try` name it; `let` is the (first) let that it reads.

    `root` is what it reads alone, but for headers. `requires` is what it can't hold without; `sure` that it holds
    whenever that is so.
    """

    condition: Condition
    written: str
    let: str | None
    uses_item: bool
    root: Root
    requires: Tests
    sure: bool

    @property
    def equality(self) -> tuple[Field, tuple[Literal, ...]] | None:
        """The path (whatever its root) and the literals that it may equal; None when it isn't such a test."""
        test = self.condition
        given = _equals(test) if isinstance(test, Test) else None
        return None if given is None or not isinstance(test, Test) else ((test.path.root, test.path.steps), given)


def make_line(condition: Condition, names: Names) -> ConditionLine:
    """A condition of a rule, with what is known of it before it is compiled."""
    tests = list(tests_of(condition))
    lets = [names.lets[test.path.root] for test in tests if _is_let(test.path, names)]
    return ConditionLine(
        condition,
        condition.kind if isinstance(condition, Nest) else condition.written,
        lets[0].name if lets else None,
        any(test.path.root in ("item", "index") for test in tests) or any(let.per_item for let in lets),
        _root(test.path for test in tests),
        _requires(condition),
        isinstance(condition, Test) and _field(condition.path) is not None and _is_found(condition),
    )


def tests_of(condition: Condition) -> Iterable[Test]:
    """The tests in it, however deep they are nested."""
    if isinstance(condition, Test):
        yield condition
        return
    for group in condition.groups:
        for inner in group:
            yield from tests_of(inner)


def _is_let(path: Path, names: Names) -> bool:
    return path.root not in ROOTS and path.root in names.lets


def is_header(path: Path) -> bool:
    """Whether a path is one header, `kafka.headers.name`."""
    return (
        path.root == "kafka" and len(path.steps) == 2 and path.steps[0] == "headers" and isinstance(path.steps[1], str)
    )


def is_of_record(path: Path) -> bool:
    """Whether a path is of the record and not of its payload, and is read without making all facts of the record."""
    return is_header(path) or path == _SCHEMA


def _root(paths: Iterable[Path]) -> Root:
    roots = {"" if is_of_record(path) else path.root for path in paths} - {""}
    if roots <= {"payload"}:
        return "payload"
    return "item" if roots == {"item"} else ""


def _field(path: Path) -> Field | None:
    """The path as a field that can be looked up; None for others."""
    return (path.root, path.steps) if path.root in ("payload", "item") or is_of_record(path) else None


def _equals(test: Test) -> tuple[Literal, ...] | None:
    for operator in test.operators:
        if operator.name == "is" and isinstance(operator.given, tuple) and None not in operator.given:
            return operator.given
    return None


def _is_found(test: Test) -> bool:
    """Whether the test is an equality that a look-up of the value decides."""
    given = _equals(test)
    return given is not None and not any(map(_may_be_time, given))


def _may_be_time(literal: Literal) -> bool:
    """Whether a literal also equals a time, which isn't found by it: `2026-11-18`."""
    return isinstance(literal, str) and iso_time(literal) is not None


def _requires(condition: Condition) -> Tests:
    if isinstance(condition, Test):
        field = _field(condition.path)
        return {} if field is None else all_of({field: given} for given in _needed(condition))
    if condition.kind != "any":
        return {}
    return any_of([all_of(map(_requires, group)) for group in condition.groups])


def _needed(test: Test) -> Iterable[tuple[Literal, ...]]:
    """Lists of literals in each of which the present value must be."""
    for operator in test.operators:
        given = operator.given
        if operator.name not in ("is", "to", "becomes") or not isinstance(given, tuple) or None in given:
            continue
        if not any(map(_may_be_time, given)):
            yield given


def all_of(tests: Iterable[Tests]) -> Tests:
    """What all of these require together."""
    found: dict[Field, tuple[Literal, ...]] = {}
    for each in tests:
        for field, wanted in each.items():
            if field in found:
                known = _marked(found[field])
                wanted = tuple(literal for mark, literal in _marked(wanted).items() if mark in known)
            found[field] = wanted
    return found


def any_of(tests: Sequence[Tests]) -> Tests:
    """What each of these requires, so that one of them may hold."""
    if not tests:
        return {}
    shared = [field for field in tests[0] if all(field in other for other in tests)]
    return {field: tuple(_marked(literal for each in tests for literal in each[field]).values()) for field in shared}


def _marked(literals: Iterable[Literal]) -> dict[tuple[bool, Literal], Literal]:
    """Literals by what tells them apart: true isn't 1."""
    return {(literal.__class__ is bool, literal): literal for literal in literals}


def required(lines: Iterable[ConditionLine], root: Root) -> Tests:
    """What a message (or an item) must hold for the lines of one root to have a chance; lines that read lets aside."""
    return all_of(line.requires for line in lines if line.let is None and line.root == root)
