"""Facts of a mapping file's text that its cases are checked against."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar
from greenflash_kafka.rules.files import is_cases_file

MOST_FILES: Final = 100
"""So many files are looked at in each of these places."""


class MappingFacts(msgspec.Struct, frozen=True):
    """What cases need of a mapping's text: the one topic it reads ("" if several), and by name its rules and
    conversation sources (None: unreadable), tables and conditions. `sources` has the keys of each conversation source,
    those of the files named by `conversations_from` included (None: unreadable)."""

    topic: str = ""
    rules: frozenset[str] | None = None
    tables: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    sources: Mapping[str, frozenset[str]] | None = None


def mapping_facts(mapping: Path, others: Sequence[Path] = ()) -> MappingFacts:
    """The facts of a mapping file; `others` are the files whose conversations its rules may link to."""
    root = _root(mapping)
    if root is None:
        return MappingFacts()
    source, rules, conversations = root.get("source"), root.get("rules"), root.get("conversations")
    topics = source.get("topics") if isinstance(source, Map) else None
    names: Sequence[Node] = topics.items if isinstance(topics, List) else ()
    only = names[0] if len(names) == 1 else None
    topic = only.text if isinstance(only, Scalar) and not only.text.startswith("/") else ""
    tables = root.get("tables")
    table_names = frozenset(each.key.text for each in tables.entries) if isinstance(tables, Map) else frozenset()
    if not isinstance(rules, List) and not isinstance(conversations, List):
        return MappingFacts(topic, None, table_names)
    found = [name for part in (rules, conversations) for name in _names(part)]
    roots = [root, *(each for each in map(_root, others) if each is not None)]
    sources = {name: keys for each in roots for name, keys in _sources(each.get("conversations"))}
    return MappingFacts(topic, frozenset(found), table_names, frozenset(_conditions(root)), sources)


def files_with(names: Collection[str], mapping: Path) -> tuple[Path, ...]:
    """The mapping files near this one that have these conversation sources: of its folder, the folder above, and the
    folders beside. None for what it has itself."""
    root = _root(mapping)
    left = set(names) - dict(_sources(root.get("conversations") if root is not None else None)).keys()
    found: list[Path] = []
    folder = mapping.parent
    for pattern, base in (("*.y*ml", folder), ("../*.y*ml", folder), ("../*/*.y*ml", folder)):
        for path in sorted(base.glob(pattern))[:MOST_FILES] if left else ():
            other = None if is_cases_file(path) else _root(path)
            has = left & dict(_sources(other.get("conversations") if other is not None else None)).keys()
            if has:
                found.append(path)
                left -= has
    return tuple(found)


def _root(path: Path) -> Map | None:
    try:
        node = parse(path.read_bytes(), FileReport(str(path)))
    except OSError:
        return None
    return node if isinstance(node, Map) else None


def _names(node: Node | None) -> Iterator[str]:
    for name in (each.get("name") for each in (node.items if isinstance(node, List) else ()) if isinstance(each, Map)):
        if isinstance(name, Scalar):
            yield name.text


def _sources(node: Node | None) -> Iterator[tuple[str, frozenset[str]]]:
    for each in node.items if isinstance(node, List) else ():
        name = each.get("name") if isinstance(each, Map) else None
        if isinstance(each, Map) and isinstance(name, Scalar):
            keys = each.get("keys")
            yield name.text, frozenset(entry.key.text for entry in (keys.entries if isinstance(keys, Map) else ()))


def _conditions(node: Node) -> Iterator[str]:
    """What can be the first to fail: paths as written under any `when`, and the words for everything else."""
    yield from ("where", "each", "valid", "first_match", "any", "all", "none")
    if isinstance(node, List):
        for item in node.items:
            yield from _conditions(item)
    for entry in node.entries if isinstance(node, Map) else ():
        if entry.key.text == "when":
            yield from _keys(entry.value)
        elif entry.key.text in ("rules", "conversations"):
            yield from _conditions(entry.value)


def _keys(node: Node) -> Iterator[str]:
    if isinstance(node, List):
        for item in node.items:
            yield from _keys(item)
    for entry in node.entries if isinstance(node, Map) else ():
        yield entry.key.text
        if entry.key.text in ("any", "all", "none"):
            yield from _keys(entry.value)
