"""Outline of a mapping file: the names that stand in it, right or wrong, for what refers to them from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar
from greenflash_kafka.mappings.spec import NESTING

_OTHER_CONDITIONS: Final = ("where", "each", "valid", "first_match", *NESTING)
"""What can be the first to fail, beside the paths of `when`."""


class MappingOutline(msgspec.Struct, frozen=True):
    """`topic` is the one that the file reads ("" if several); `rules` the names of rules and conversations (None: it
    has neither list); `conditions` the paths as written under any `when`, and the words for everything else that can be
    the first to fail; `sources` the keys of each conversation source by its name."""

    topic: str
    rules: frozenset[str] | None
    tables: frozenset[str]
    conditions: frozenset[str]
    sources: Mapping[str, frozenset[str]]


def outline(root: Node | None) -> MappingOutline | None:
    """The outline of a file by its tree; None if it is no map."""
    if not isinstance(root, Map):
        return None
    rules, conversations, tables = root.get("rules"), root.get("conversations"), root.get("tables")
    listed = isinstance(rules, List) or isinstance(conversations, List)
    return MappingOutline(
        _topic(root.get("source")),
        frozenset(name for name, _ in (*_named(rules), *_named(conversations))) if listed else None,
        frozenset(_keys(tables)),
        frozenset((*_OTHER_CONDITIONS, *_conditions(root))),
        {name: frozenset(_keys(each.get("keys"))) for name, each in _named(conversations)},
    )


def _topic(source: Node | None) -> str:
    topics = source.get("topics") if isinstance(source, Map) else None
    names: Sequence[Node] = topics.items if isinstance(topics, List) else ()
    only = names[0] if len(names) == 1 else None
    return only.text if isinstance(only, Scalar) and not only.text.startswith("/") else ""


def _named(node: Node | None) -> Iterator[tuple[str, Map]]:
    """The maps of a list, with their names."""
    for each in node.items if isinstance(node, List) else ():
        name = each.get("name") if isinstance(each, Map) else None
        if isinstance(each, Map) and isinstance(name, Scalar):
            yield name.text, each


def _keys(node: Node | None) -> Iterator[str]:
    yield from (entry.key.text for entry in (node.entries if isinstance(node, Map) else ()))


def _conditions(node: Node) -> Iterator[str]:
    if isinstance(node, List):
        for item in node.items:
            yield from _conditions(item)
    for entry in node.entries if isinstance(node, Map) else ():
        if entry.key.text == "when":
            yield from _lines(entry.value)
        elif entry.key.text in ("rules", "conversations"):
            yield from _conditions(entry.value)


def _lines(node: Node) -> Iterator[str]:
    """The lines of `when`, those that are nested included."""
    if isinstance(node, List):
        for item in node.items:
            yield from _lines(item)
    for entry in node.entries if isinstance(node, Map) else ():
        yield entry.key.text
        if entry.key.text in NESTING:
            yield from _lines(entry.value)
