"""House rules that are counted: names that mean one thing, short files, tests that mirror the tree, docstrings."""

from __future__ import annotations

import ast
import statistics
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
PACKAGE: Final = ROOT / "consumer" / "greenflash_kafka"
UNIT: Final = ROOT / "tests" / "unit"

MEDIAN: Final = 110
"""Lines of the file in the middle."""

MIRRORED: Final = 0.8
"""Share of the unit tests' files that have a module of their name, at their place."""

HEADLESS: Final = frozenset(("What", "Whether", "How", "Where", "Who", "Which", "When", "Why", "That", "If"))
"""Words that begin a clause without a head; docs/style.md, rule 5."""

TWICE: Final = frozenset[str]()
"""Names of classes that stand twice, for a reason."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package but the empty ones, by its path in the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__init__.py"
    }


def test_no_class_name_stands_twice() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
    assert {name: places for name, places in found.items() if len(places) > 1 and name not in TWICE} == {}


def test_no_file_name_stands_twice() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for name in modules():
        found[Path(name).name].append(name)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_the_file_in_the_middle_is_short() -> None:
    sizes = [len((PACKAGE / name).read_text(encoding="utf-8").splitlines()) for name in modules()]
    assert statistics.median(sizes) <= MEDIAN


def test_unit_tests_mirror_the_tree() -> None:
    tests = [path.relative_to(UNIT) for path in UNIT.rglob("test_*.py")]
    mirrored = [path for path in tests if path.with_name(path.name.removeprefix("test_")).as_posix() in modules()]
    assert len(mirrored) >= MIRRORED * len(tests), sorted(map(str, set(tests) - set(mirrored)))


def test_a_modules_docstring_is_a_noun_phrase_or_a_sentence() -> None:
    wrong = {}
    for name, tree in modules().items():
        first = (ast.get_docstring(tree) or "").split("\n")[0]
        if not first or first.split()[0] in HEADLESS:
            wrong[name] = first
    assert wrong == {}


def test_init_files_are_empty() -> None:
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_bytes()] == []
