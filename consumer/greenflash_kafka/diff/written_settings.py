"""Settings in mapping files that decide what production sends, as they are written: of each rule with all that it has
of its file, of each conversation, and of each topic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final

import msgspec
import re2

from greenflash_kafka.diff.rule_parts import FOR_PEOPLE, canonical, rule_parts
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TABLE: Final = re.compile(r"\btables\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)")

_OF_CONVERSATIONS: Final = frozenset(("when", "where", "let", "each"))
"""Keys of a file that are all its conversations'."""

_OF_FILES: Final = frozenset(("source.before", "source.after", "source.key"))
"""Keys of `source` that hold for the rules of their own file; all others hold for the topic, whichever file says it."""


class Setting(msgspec.Struct, frozen=True):
    """What a file says, and where; `owner` is whose it is in a report."""

    owner: str
    text: str
    at: str


Named = Mapping[tuple[str, str], Setting]
"""Settings by what they are of (a topic, a table of some name, the link, "" for the rule itself) and by their name."""


class WrittenEntry(msgspec.Struct, frozen=True):
    """A rule, a conversation or a topic, as the files of one side write it; of a rule also its parts, what they
    mean and where they stand. `topics` are those of its file, patterns between slashes."""

    name: str
    owner: str
    topics: tuple[str, ...]
    at: str
    settings: Named
    parts: Mapping[str, tuple[str, str]] = {}

    @property
    def draft(self) -> bool:
        """Whether nothing of it is sent, whatever it says."""
        written = self.settings.get(("", "draft"))
        return written is not None and written.text.lower() == "true"

    def reads(self, topic: str) -> bool:
        """Whether its file names a topic, or a pattern that fits."""
        return any(
            re2.compile(each[1:-1]).fullmatch(topic) is not None if each.startswith("/") else each == topic
            for each in self.topics
        )


class WrittenSettings(msgspec.Struct, frozen=True):
    """All that one side writes. Rules of different topics may have one name; `variables` of the environment with the
    place of the first that names them."""

    rules: tuple[WrittenEntry, ...]
    conversations: tuple[WrittenEntry, ...]
    topics: Mapping[str, WrittenEntry]
    variables: Mapping[str, str]


class _File(msgspec.Struct, frozen=True):
    path: str
    root: Map
    read: Callable[[str, str], bytes | None]

    @property
    def topics(self) -> tuple[str, ...]:
        source = self.root.get("source")
        return tuple(_text(each) for each in _items(source.get("topics"))) if isinstance(source, Map) else ()

    def place(self, line: int) -> str:
        return f"{self.path}:{line}"

    def digest(self, named: Scalar) -> str:
        content = self.read(self.path, named.text)
        return "unread" if content is None else sha256(content).hexdigest()[:12]

    def leaves(self, owner: str, above: str, entry: Entry) -> Iterator[tuple[str, Setting]]:
        """The settings below an entry by their names."""
        name = f"{above}.{entry.key.text}" if above else entry.key.text
        if isinstance(entry.value, Map):
            for each in entry.value.entries:
                yield from self.leaves(owner, name, each)
        else:
            yield name, Setting(owner, _text(entry.value), self.place(entry.key.line))


def settings_of(
    files: Iterable[tuple[str, Node | None]], read: Callable[[str, str], bytes | None] = lambda *_: None
) -> WrittenSettings:
    """The settings in files, by path. `read` gives a file that a file of the first name names, None if it can't be
    read."""
    readable = [_File(path, root, read) for path, root in files if isinstance(root, Map)]
    topics = _topics(readable)
    variables: dict[str, str] = {}
    for file in readable:
        for text, line in _scalars(file.root):
            for name in _VARIABLE.findall(text):
                variables.setdefault(name, file.place(line))
    return WrittenSettings(
        tuple(_rule(file, rule, topics) for file in readable for rule in _maps(file.root.get("rules"))),
        tuple(_conversation(file, each) for file in readable for each in _maps(file.root.get("conversations"))),
        topics,
        variables,
    )


def topics_of(files: Iterable[tuple[str, Node | None]]) -> dict[str, str]:
    """The topics and patterns as files with rules write them, and where, as `file:line`."""
    found: dict[str, str] = {}
    for path, root in files:
        source = root.get("source") if isinstance(root, Map) and root.get("rules") is not None else None
        for topic in _items(source.get("topics")) if isinstance(source, Map) else ():
            found.setdefault(_text(topic), f"{path}:{topic.line}")
    return found


def _topics(files: Iterable[_File]) -> dict[str, WrittenEntry]:
    """Each topic with what all files that read it say of it together."""
    said: dict[str, dict[str, list[Setting]]] = {}
    places: dict[str, str] = {}
    for file in files:
        for topic in file.topics:
            places.setdefault(topic, file.place(file.root.line))
            of_topic = said.setdefault(topic, {})
            for name, setting in _source(file, f"topic {topic}"):
                of_topic.setdefault(name, []).append(setting)
    return {
        topic: WrittenEntry(topic, f"topic {topic}", (topic,), places[topic], _together(of_topic))
        for topic, of_topic in said.items()
    }


def _together(said: Mapping[str, list[Setting]]) -> Named:
    """What several files say of one topic: mostly only one of them does, or all say the same."""
    return {
        ("topic", name): Setting(
            found[0].owner, " and ".join(sorted({each.text for each in found})), min(each.at for each in found)
        )
        for name, found in said.items()
    }


def _source(file: _File, owner: str) -> Iterator[tuple[str, Setting]]:
    source = file.root.get("source")
    for entry in _entries(source):
        if entry.key.text != "topics":
            yield from file.leaves(owner, "source", entry)
    schema = source.get("schema") if isinstance(source, Map) else None
    if isinstance(schema, Scalar):
        yield "content of its schema", Setting(owner, file.digest(schema), file.place(schema.line))


def _rule(file: _File, rule: Map, topics: Mapping[str, WrittenEntry]) -> WrittenEntry:
    name = _name(rule)
    owner = f"rule {name}"
    settings: dict[tuple[str, str], Setting] = {}
    source = file.root.get("source")
    named = source.entry("topics") if isinstance(source, Map) else None
    if named is not None:
        settings["", "source.topics"] = Setting(owner, ", ".join(sorted(file.topics)), file.place(named.key.line))
    for topic in sorted(file.topics, reverse=True):
        settings |= {key: each for key, each in topics[topic].settings.items() if key[1] not in _OF_FILES}
    of_file = f"topic {min(file.topics, default='?')}"
    settings |= {("topic", key): each for key, each in _source(file, of_file) if key in _OF_FILES}
    for key in ("valid", "draft", "sample"):
        entry = rule.entry(key)
        if entry is not None:
            settings |= {("", name): each for name, each in file.leaves(owner, "", entry)}
    settings |= {("link", name): each for name, each in _link(file, rule, of_file, owner)}
    settings |= _tables(file, rule)
    parts = {part: (text, file.place(line)) for part, (text, line) in rule_parts(file.root, rule).items()}
    return WrittenEntry(name, owner, file.topics, file.place(rule.line), settings, parts)


def _link(file: _File, rule: Map, of_file: str, of_rule: str) -> Iterator[tuple[str, Setting]]:
    """The link of a rule, merged into its file's by key; a list, or null, replaces it."""
    ours, own = file.root.entry("link"), rule.entry("link")
    if own is None or (isinstance(own.value, Map) and ours is not None and isinstance(ours.value, Map)):
        replaced = {each.key.text for each in _entries(own.value)} if own is not None else set()
        if ours is not None and isinstance(ours.value, Map):
            for each in ours.value.entries:
                if each.key.text not in replaced:
                    yield from file.leaves(of_file, "link", each)
        elif ours is not None:
            yield from file.leaves(of_file, "", ours)
    if own is not None:
        yield from file.leaves(of_rule, "", own)


def _tables(file: _File, entry: Map) -> dict[tuple[str, str], Setting]:
    """The tables that a rule or conversation looks things up in, by itself or by its file's parts, with the content of
    their files."""
    others = ("rules", "conversations", "tables", "ignored", "source")
    shared = [each.value for each in file.root.entries if each.key.text not in others]
    used = {name for node in (*shared, entry) for text, _ in _scalars(node) for name in _TABLE.findall(text)}
    found: dict[tuple[str, str], Setting] = {}
    for table in _entries(file.root.get("tables")):
        kind = f"table {table.key.text}"
        if table.key.text not in used:
            continue
        for each in _entries(table.value):
            found |= {(kind, name): setting for name, setting in file.leaves(kind, "", each)}
        named = table.value.get("file") if isinstance(table.value, Map) else None
        if isinstance(named, Scalar):
            found[kind, "content of its file"] = Setting(kind, file.digest(named), file.place(named.line))
        if isinstance(table.value, List):
            found[kind, "its rows"] = Setting(kind, _text(table.value), file.place(table.key.line))
    return found


def _conversation(file: _File, conversation: Map) -> WrittenEntry:
    name = _name(conversation)
    owner = f"conversation {name}"
    settings: dict[tuple[str, str], Setting] = {}
    source = file.root.get("source")
    entry = source.entry("topics") if isinstance(source, Map) else None
    if entry is not None:
        text = ", ".join(sorted(file.topics))
        settings["", "source.topics"] = Setting(owner, text, file.place(entry.key.line))
    for each in file.root.entries:
        if each.key.text in _OF_CONVERSATIONS:
            settings |= {("", name): setting for name, setting in file.leaves(owner, "file", each)}
    for each in conversation.entries:
        if each.key.text not in FOR_PEOPLE:
            settings |= {("", name): setting for name, setting in file.leaves(owner, "", each)}
    settings |= _tables(file, conversation)
    return WrittenEntry(name, owner, file.topics, file.place(conversation.line), settings)


def _name(node: Map) -> str:
    name = node.get("name")
    return "?" if name is None else _text(name)


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


def _maps(node: Node | None) -> tuple[Map, ...]:
    return tuple(each for each in _items(node) if isinstance(each, Map))


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
