"""Code and catalogue say the same: every name that is reported is listed, and every name listed is reported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import greenflash_kafka
from greenflash_kafka.instrumentation.catalogue import METRIC, METRICS, NOTICE, NOTICES

ROOT = Path(greenflash_kafka.__file__).parent
METHODS = ("notice", "count", "gauge", "observe")

ELSEWHERE = {"notices", "ready", "condition"}
"""`Metrics` itself counts the first, and asks `Health` for the others."""


def test_names_are_unique_and_plain() -> None:
    assert len(NOTICE) == len(NOTICES)
    assert len(METRIC) == len(METRICS)
    assert all(name.isidentifier() and name.islower() for name in (*NOTICE, *METRIC))


def test_every_warning_says_what_to_do() -> None:
    assert not [n.name for n in NOTICES if n.level != "info" and n.action in ("", "Nothing.")]
    assert all(each.meaning.endswith(".") and each.action.endswith(".") for each in NOTICES)


def test_what_is_opened_can_end() -> None:
    closed = {notice.closes for notice in NOTICES}
    assert not [n.name for n in NOTICES if n.opens and n.lasts is None and n.opens not in closed]


@pytest.mark.parametrize("method", METHODS)
def test_code_and_catalogue_agree(method: str) -> None:
    reported = {name for each, name in _all_reported() if each == method}
    kinds = {"count": ("counter",), "gauge": ("gauge", "info"), "observe": ("histogram",)}
    known = set(NOTICE) if method == "notice" else {each.name for each in METRICS if each.kind in kinds[method]}
    assert reported <= known, "not in the catalogue"
    assert known - ELSEWHERE <= reported, "in the catalogue, but never reported"


@cache
def _all_reported() -> frozenset[tuple[str, str]]:
    return frozenset(_reported())


def _reported() -> Iterator[tuple[str, str]]:
    trees = {path: ast.parse(path.read_text()) for path in ROOT.rglob("*.py")}
    for path, tree in trees.items():
        if path.parent.name == "delivery" and "Notice" in path.read_text():
            yield from (("notice", name) for name in _given_as_values(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                if not _is_listener(node.func.value) or not node.args:
                    continue
                for each in (node.args[0], *_returned_by(node.args[0], trees)):
                    yield from ((node.func.attr, name) for name in _texts(each))


def _texts(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _returned_by(call: ast.expr, trees: Mapping[Path, ast.Module]) -> Iterator[ast.expr]:
    """What a function returns that chooses the name: `listener.notice(notice_of(error))`."""
    match call:
        case ast.Call(func=ast.Name(id=function)):
            for node in (each for tree in trees.values() for each in tree.body):
                if isinstance(node, ast.FunctionDef) and node.name == function:
                    returns = (each for each in ast.walk(node) if isinstance(each, ast.Return))
                    yield from (each.value for each in returns if each.value is not None)


def _given_as_values(tree: ast.Module) -> Iterator[str]:
    """The policy of delivery reports nothing itself: it gives notices, as (name, facts), to the dispatcher."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str(name)), ast.Dict() | ast.Name()]):
                yield name


def _is_listener(node: ast.expr) -> bool:
    """By its name, since `count` is a method of texts and lists too."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.strip("_") in ("listener", "listeners", "tell", "telling")
