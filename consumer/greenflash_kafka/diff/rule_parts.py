"""A rule as it is written, part by part, in any order: the differences that only messages of the rule show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar

FOR_PEOPLE: Final = frozenset(("name", "description"))

_OF_OTHERS: Final = frozenset(
    ("version", "description", "source", "tables", "rules", "conversations", "ignored", "link", "defaults")
)
"""Keys of a file that aren't every rule's: a key that is new to the language is every rule's until it stands here."""

_CONDITIONS: Final = ("when", "where")
_WRITTEN: Final = ("when", "let", "event", "defaults")
"""Keys below which what is no expression is a literal: an event that always says EUR is seen to differ from one that
says the message's currency where a message has another."""

_TEXT: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NUMBER: Final = re.compile(r"(?<![\w.\"'])[0-9]+(?:\.[0-9]+)?(?![\w.\"'])")

Parts = dict[str, tuple[str, int]]
"""By its name (`when.type`, `event.value`), what is written and its line."""


def rule_parts(root: Map, rule: Map) -> Parts:
    """A rule's own parts and those that it has of its file. `defaults` stand in the event that they are used in."""
    found: Parts = {}
    for entry in root.entries:
        if entry.key.text not in _OF_OTHERS:
            _add(found, entry.key.text, entry)
    if _is_true(root.get("first_match")):
        found["first_match"] = (_before(root, rule), rule.line)
    defaults = root.get("defaults")
    for entry in defaults.entries if isinstance(defaults, Map) else ():
        _add(found, f"event.{entry.key.text}", entry)
    own: Parts = {}
    for entry in rule.entries:
        if entry.key.text not in FOR_PEOPLE:
            _add(own, entry.key.text, entry)
    for name, part in own.items():
        text, line = found.get(name, ("", 0))
        # The event's own fields replace defaults; conditions, lists and names are held together.
        merged = name.startswith(("when", "where", "each", "let")) and text
        found[name] = (" and ".join(sorted((text, part[0]))), part[1] or line) if merged else part
    return found


def rule_literals(root: Map, rule: Map) -> dict[str, int]:
    """The texts that a rule compares with, chooses or sends, its own and its file's, and the numbers in its conditions;
    each with a line. Of one that only one of two rules names, messages have to be there to show what it does."""
    found: dict[str, int] = {}
    entries = [entry for entry in root.entries if entry.key.text not in _OF_OTHERS or entry.key.text == "defaults"]
    for entry in (*entries, *(entry for entry in rule.entries if entry.key.text not in FOR_PEOPLE)):
        for literal, line in _literals(entry.key.text, entry.value):
            found.setdefault(literal, line)
    return found


def _literals(key: str, node: Node) -> Iterator[tuple[str, int]]:
    match node:
        case Scalar() if key in ("where", "each") or node.text.startswith("="):
            for double, single in _TEXT.findall(node.text):
                yield double or single, node.line
            for number in _NUMBER.findall(_TEXT.sub("", node.text)) if key in _CONDITIONS else ():
                yield number, node.line
        case Scalar() if key in _WRITTEN and node.value is not None:
            yield str(node.value).lower() if isinstance(node.value, bool) else node.text, node.line
        case List():
            for each in node.items:
                yield from _literals(key, each)
        case Map():
            for entry in node.entries:
                yield from _literals(key, entry.value)


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


def _add(found: Parts, name: str, entry: Entry) -> None:
    for each, text, line in _leaves(name, entry):
        found[each] = (text, line)


def _leaves(name: str, entry: Entry) -> Iterator[tuple[str, str, int]]:
    if isinstance(entry.value, Map) and entry.value.entries:
        for each in entry.value.entries:
            yield from _leaves(f"{name}.{each.key.text}", each)
    else:
        yield name, canonical(entry.value), entry.key.line


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is True


def _before(root: Map, rule: Map) -> str:
    """The rules that are tried before this one, where the first that matches is the only one."""
    rules = root.get("rules")
    names = []
    for each in rules.items if isinstance(rules, List) else ():
        if each is rule:
            break
        name = each.get("name") if isinstance(each, Map) else None
        names.append(name.text if isinstance(name, Scalar) else "?")
    return " ".join(names)
