"""A rule as it is written, part by part, in any order: the differences that only messages of the rule show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar

FOR_PEOPLE: Final = frozenset(("name", "description"))

_OF_OTHERS: Final = frozenset(
    ("version", "description", "source", "tables", "rules", "conversations", "ignored", "link", "defaults")
)
"""Keys of a file that aren't every rule's: a key that is new to the language is every rule's until it stands here."""

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
