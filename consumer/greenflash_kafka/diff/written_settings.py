"""Settings in mapping files that decide what production sends, as they are written; rules with all their parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final

import msgspec

from greenflash_kafka.diff.rule_parts import FOR_PEOPLE, Parts, canonical, rule_literals, rule_parts
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar

THERE: Final = "there"

ENVIRONMENT: Final = "environment"
"""Whose variables are."""

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

_OF_FILES: Final = frozenset(("when", "where", "let", "each"))
"""Keys of a file that are all its conversations'."""


class Setting(msgspec.Struct, frozen=True):
    """What a file says, and where; of a rule its parts and the literals in them, each with its place."""

    text: str
    at: str
    parts: Mapping[str, tuple[str, str]] = {}
    literals: Mapping[str, str] = {}


Settings = dict[tuple[str, str], Setting]
"""By owner and name; each rule stands in it under the name ""."""


def settings_of(
    files: Iterable[tuple[str, Node | None]], read: Callable[[str, str], bytes | None] = lambda *_: None
) -> Settings:
    """The settings in files, by path; of what is written twice the first. `read` gives a file that a file of the first
    name names, None if it can't be read."""
    found: Settings = {}
    for path, root in files:
        if not isinstance(root, Map):
            continue
        for owner, name, text, line in _settings(root):
            found.setdefault((owner, name), Setting(text, f"{path}:{line}"))
        for owner, name, named, line in _named_files(root):
            content = read(path, named)
            digest = "unread" if content is None else sha256(content).hexdigest()[:12]
            found.setdefault((owner, name), Setting(digest, f"{path}:{line}"))
        for owner, rule, parts in _rules(root):
            placed = {name: (text, f"{path}:{line}") for name, (text, line) in parts.items()}
            literals = {text: f"{path}:{line}" for text, line in rule_literals(root, rule).items()}
            known = found.get((owner, ""))
            if known is not None:
                # Rules of different topics may have one name.
                literals = {**literals, **known.literals}
                placed = {**known.parts, **{f"{path} {name}": part for name, part in placed.items()}}
            found[owner, ""] = Setting(THERE, f"{path}:{rule.line}", placed, literals)
    return found


def topics_of(files: Iterable[tuple[str, Node | None]]) -> dict[str, str]:
    """The topics and patterns as files with rules write them, and where, as `file:line`."""
    found: dict[str, str] = {}
    for path, root in files:
        source = root.get("source") if isinstance(root, Map) and root.get("rules") is not None else None
        for topic in _items(source.get("topics")) if isinstance(source, Map) else ():
            found.setdefault(_text(topic), f"{path}:{topic.line}")
    return found


def _settings(root: Map) -> Iterator[tuple[str, str, str, int]]:
    source = root.get("source")
    topics = [f"topic {_text(each)}" for each in _items(source.get("topics"))] if isinstance(source, Map) else []
    for topic in topics:
        yield topic, "", "", root.line
        for entry in _entries(source):
            if entry.key.text != "topics":
                yield from _leaves(topic, "source", entry)
        link = root.entry("link")
        if link is not None:
            yield from _leaves(topic, "", link)
    yield from _of_rules(root)
    yield from _variables(root)
    yield from _of_conversations_and_tables(root)


def _rules(root: Map) -> Iterator[tuple[str, Map, Parts]]:
    for rule in _items(root.get("rules")):
        if isinstance(rule, Map):
            yield _owner("rule", rule), rule, rule_parts(root, rule)


def _of_rules(root: Map) -> Iterator[tuple[str, str, str, int]]:
    for rule in _items(root.get("rules")):
        for key in ("valid", "link", "draft", "sample"):
            found = rule.entry(key) if isinstance(rule, Map) else None
            if found is not None:
                yield from _leaves(_owner("rule", rule), "", found)


def _of_conversations_and_tables(root: Map) -> Iterator[tuple[str, str, str, int]]:
    for conversation in _items(root.get("conversations")):
        owner = _owner("conversation", conversation)
        yield from _topics_of(root, owner)
        for entry in _entries(root):
            if entry.key.text in _OF_FILES:
                yield from _leaves(owner, "file", entry)
        for entry in _entries(conversation):
            if entry.key.text not in FOR_PEOPLE:
                yield from _leaves(owner, "", entry)
    for table in _entries(root.get("tables")):
        for entry in _entries(table.value):
            yield from _leaves(f"table {table.key.text}", "", entry)


def _topics_of(root: Map, owner: str) -> Iterator[tuple[str, str, str, int]]:
    source = root.get("source")
    entry = source.entry("topics") if isinstance(source, Map) else None
    if entry is not None:
        yield owner, "source.topics", ", ".join(sorted(_text(each) for each in _items(entry.value))), entry.key.line


def _variables(root: Map) -> Iterator[tuple[str, str, str, int]]:
    for entry in root.entries:
        for text, line in _scalars(entry.value):
            for name in _VARIABLE.findall(text):
                yield ENVIRONMENT, name, "named", line


def _scalars(node: Node) -> Iterator[tuple[str, int]]:
    match node:
        case Scalar():
            yield node.text, node.line
        case List():
            for each in node.items:
                yield from _scalars(each)
        case Map():
            for entry in node.entries:
                yield from _scalars(entry.value)


def _named_files(root: Map) -> Iterator[tuple[str, str, str, int]]:
    """Files whose content decides, too: of tables, and the schema of a source."""
    for table in _entries(root.get("tables")):
        file = table.value.get("file") if isinstance(table.value, Map) else None
        if isinstance(file, Scalar):
            yield f"table {table.key.text}", "content of its file", file.text, file.line
    source = root.get("source")
    schema = source.get("schema") if isinstance(source, Map) else None
    for topic in _items(source.get("topics")) if isinstance(source, Map) and isinstance(schema, Scalar) else ():
        yield f"topic {_text(topic)}", "content of its schema", schema.text, schema.line  # type: ignore[union-attr]


def _owner(kind: str, node: Node) -> str:
    name = node.get("name") if isinstance(node, Map) else None
    return f"{kind} {_text(name) if name is not None else '?'}"


def _leaves(owner: str, above: str, entry: Entry) -> Iterator[tuple[str, str, str, int]]:
    name = f"{above}.{entry.key.text}" if above else entry.key.text
    if isinstance(entry.value, Map):
        for each in entry.value.entries:
            yield from _leaves(owner, name, each)
    else:
        yield owner, name, _text(entry.value), entry.key.line


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Map) else ()


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, List) else ()


def _text(node: Node) -> str:
    match node:
        case Scalar():
            return node.text
        case List():
            return f"[{', '.join(_text(each) for each in node.items)}]"
        case Map():
            return canonical(node)
    return ""
