"""A rule part by part, each as what it means: layout, order, and names of lets make no difference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from greenflash_kafka.diff.expression_meaning import conditions_of, expression_meaning
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar

FOR_PEOPLE: Final = frozenset(("name", "description"))

_OF_OTHERS: Final = frozenset(
    ("version", "description", "source", "tables", "rules", "conversations", "ignored", "link", "defaults")
)
"""Keys of a file that aren't every rule's: a key that is new to the language is every rule's until it stands here."""

_LET: Final = "let"
_PAYLOAD: Final = "payload."
_WORD: Final = re.compile(r"[^\w]")

Parts = dict[str, tuple[str, int]]
"""By its name (`when.type`, `event.value`), what it means and its line. Lets are part of what names them."""


def rule_parts(root: Map, rule: Map) -> Parts:
    """A rule's own parts and those that it has of its file. `defaults` stand in the event that they are used in."""
    shared = [entry for entry in root.entries if entry.key.text not in _OF_OTHERS]
    own = [entry for entry in rule.entries if entry.key.text not in FOR_PEOPLE]
    meanings = _Meanings((*shared, *own), {})
    found: Parts = {}
    for entry in shared:
        if entry.key.text != "first_match":
            meanings.add(found, entry.key.text, entry)
    first_match = root.entry("first_match")
    if first_match is not None and _is_true(first_match.value):
        found["first_match"] = (" ".join(("after", *_before(root, rule))), first_match.key.line)
    defaults = root.get("defaults")
    for entry in defaults.entries if isinstance(defaults, Map) else ():
        meanings.add(found, f"event.{entry.key.text}", entry)
    for entry in own:
        meanings.add(found, entry.key.text, entry)
    return found


class _Meanings:
    """What the entries of a rule and its file mean, with the lets of both."""

    def __init__(self, entries: Iterable[Entry], lets: dict[str, str]) -> None:
        self._lets = lets
        self._per_item = False
        self._wheres = 0
        for entry in entries:
            self._per_item |= entry.key.text == "each"
            self._wheres += entry.key.text == "where"
            if entry.key.text == _LET and isinstance(entry.value, Map):
                for each in entry.value.entries:
                    lets[each.key.text] = self._value(each.value)

    def add(self, found: Parts, name: str, entry: Entry) -> None:
        """The parts of an entry. Event fields replace those of the file; conditions and lists are held together."""
        line, value = entry.key.line, entry.value
        if name == _LET:
            return
        if name == "when" and isinstance(value, Map):
            for key, text, at in self._tests(value):
                _together(found, f"when.{key}", text, at)
        elif name == "where" and isinstance(value, Scalar):
            self._add_where(found, value)
        elif name == "each":
            _together(found, name, self._value(value, bare=True), line)
        else:
            for each, text, at in self._leaves(name, entry):
                found[each] = (text, at)

    def _add_where(self, found: Parts, value: Scalar) -> None:
        text = value.text.removeprefix("=")
        if self._per_item or self._wheres > 1:
            # What comes first may decide whether the rest is an error.
            _together(found, "where", expression_meaning(text, self._lets), value.line)
            return
        tests, left = conditions_of(text, self._lets)
        for steps, literal in tests.items():
            _together(found, f"when.{'.'.join(steps)}", repr(literal), value.line)
        if left is not None:
            _together(found, "where", left, value.line)

    def _tests(self, node: Map) -> Iterator[tuple[str, str, int]]:
        for entry in node.entries:
            key = entry.key.text.strip()
            let = self._lets.get(_WORD.split(key, 1)[0], "")
            if not self._per_item and not let:
                key = key.removeprefix(_PAYLOAD)
            if isinstance(entry.value, Map):
                for each in entry.value.entries:
                    yield f"{key}.{each.key.text}", let + _of_test(each.value), each.key.line
            else:
                yield key, let + _of_test(entry.value), entry.key.line

    def _leaves(self, name: str, entry: Entry) -> Iterator[tuple[str, str, int]]:
        if isinstance(entry.value, Map) and entry.value.entries:
            for each in entry.value.entries:
                yield from self._leaves(f"{name}.{each.key.text}", each)
        else:
            yield name, self._value(entry.value), entry.key.line

    def _value(self, node: Node, *, bare: bool = False) -> str:
        """`bare`: an expression that needs no `=`."""
        if isinstance(node, Scalar) and (bare or node.text.startswith("=")):
            return expression_meaning(node.text.removeprefix("="), self._lets)
        return canonical(node)


def _together(found: Parts, name: str, text: str, line: int) -> None:
    known, at = found.get(name, ("", line))
    found[name] = (" and ".join(sorted({known, text} - {""})), line or at)


def _of_test(node: Node) -> str:
    """A test's literals in any order: one alone needs no list. Groups below `any`, `all` and `none` likewise."""
    if not isinstance(node, List):
        return canonical(node)
    said = sorted({_of_test(each) for each in node.items})
    alone = len(said) == 1 and isinstance(node.items[0], Scalar)
    return said[0] if alone else f"[{', '.join(said)}]"


def canonical(node: Node) -> str:
    """A node as text: maps in the order of their keys, and a text told from a number."""
    match node:
        case Scalar():
            return repr(node.value)
        case List():
            return f"[{', '.join(map(canonical, node.items))}]"
        case Map():
            said = sorted(f"{each.key.text}: {canonical(each.value)}" for each in node.entries)
            return f"{{{', '.join(said)}}}"
    return "?"


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


def _before(root: Map, rule: Map) -> list[str]:
    """The rules that are tried before this one, where the first that matches is the only one."""
    rules = root.get("rules")
    names = []
    for each in rules.items if isinstance(rules, List) else ():
        if each is rule:
            break
        name = each.get("name") if isinstance(each, Map) else None
        names.append(name.text if isinstance(name, Scalar) else "?")
    return names
