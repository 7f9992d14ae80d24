"""Settings in mapping files that decide what production sends, and that past messages show in part or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar

NEVER_SHOWN: Final = frozenset(("source.initial_offset", "source.max_age", "max_delay"))
"""Settings that act on when and where `run` reads: two rule sets that differ in them alone evaluate alike."""

NONE: Final = "none"


class SettingChange(msgspec.Struct, frozen=True):
    """One setting: whose (`topic NAME`, `rule NAME`, `conversation NAME`, `table NAME`), its name, what is written
    before and after (`none` for nothing), and where, as `file:line`. `shown`: messages show it as far as they reach."""

    owner: str
    name: str
    old: str
    new: str
    at: str
    shown: bool


class Setting(msgspec.Struct, frozen=True):
    """What a file says, and where."""

    text: str
    at: str


Settings = dict[tuple[str, str], Setting]
"""By owner and name; each rule stands in it under the name ""."""


def settings_of(files: Iterable[tuple[str, Node | None]]) -> Settings:
    """The settings in files, by path; of what is written twice the first."""
    found: Settings = {}
    for path, root in files:
        if isinstance(root, Map):
            for owner, name, text, line in _settings(root):
                found.setdefault((owner, name), Setting(text, f"{path}:{line}"))
    return found


def changes(old: Settings, new: Settings) -> tuple[SettingChange, ...]:
    """The settings that differ, sorted: of topics, conversations and tables that both have, of all rules that both
    have, and the rules that only one side has (under the name "")."""
    ours, theirs = {owner for owner, _ in old}, {owner for owner, _ in new}
    found: dict[tuple[str, str, str, str], SettingChange] = {}
    for owner, name in sorted(old.keys() | new.keys()):
        before, after = old.get((owner, name)), new.get((owner, name))
        both = owner in ours and owner in theirs
        if not (both or (name == "" and owner.startswith("rule "))):
            continue
        was, became = (NONE if each is None else each.text for each in (before, after))
        if was != became:
            at = after.at if after is not None else f"{before.at} before" if before is not None else ""
            shown = name not in NEVER_SHOWN and name.rpartition(".")[2] not in NEVER_SHOWN
            # A file of several topics says it once.
            found.setdefault((name, was, became, at), SettingChange(owner, name, was, became, at, shown))
    return tuple(found.values())


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
    yield from _of_conversations_and_tables(root)


def _of_rules(root: Map) -> Iterator[tuple[str, str, str, int]]:
    for rule in _items(root.get("rules")):
        owner = _owner("rule", rule)
        yield owner, "", "there", rule.line
        for key in ("valid", "link"):
            found = rule.entry(key) if isinstance(rule, Map) else None
            if found is not None:
                yield from _leaves(owner, "", found)


def _of_conversations_and_tables(root: Map) -> Iterator[tuple[str, str, str, int]]:
    for conversation in _items(root.get("conversations")):
        for entry in _entries(conversation):
            if entry.key.text not in ("name", "description"):
                yield from _leaves(_owner("conversation", conversation), "", entry)
    for table in _entries(root.get("tables")):
        for entry in _entries(table.value):
            yield from _leaves(f"table {table.key.text}", "", entry)


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
            return f"{{{', '.join(f'{each.key.text}: {_text(each.value)}' for each in node.entries)}}}"
    return ""
