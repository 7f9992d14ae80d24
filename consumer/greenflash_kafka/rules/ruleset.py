"""All rules of all mapping files, ready to be applied to payloads: what `run`, `test` and `try` evaluate with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import re2

from greenflash_kafka.model.conversations import ConversationSource
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.model.topic_tables import PREFIX, TopicTable
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.ignored import Ignored
from greenflash_kafka.rules.index import field_readers
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.results import Explanation
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_info import PartOrigin, RuleInfo
from greenflash_kafka.rules.topic_formats import contradiction, together
from greenflash_kafka.rules.topic_rules import TopicRules

__all__ = ["CompiledFile", "Explanation", "KafkaFacts", "Ruleset", "TopicRules"]

_REMEMBERED: Final = 10_000
"""Topics whose rules are remembered; a pattern may match any number of names."""

_HASH: Final = re2.compile(r"\bhash\s*\(")


class CompiledFile(msgspec.Struct, frozen=True):
    """One mapping file: the topics it reads, by exact name and by pattern over the whole name, its rules, and its
    conversation sources with the rules that find their activities (`conversations`, whose drafts are `Activity`)."""

    path: str
    topics: tuple[str, ...]
    patterns: tuple[str, ...]
    rules: tuple[Rule, ...]
    sources: tuple[ConversationSource, ...] = ()
    conversations: tuple[Rule, ...] = ()
    activities: str = ""
    """A fingerprint of all that decides what `conversations` find; empty without any."""
    format: TopicFormat = PLAIN
    """How its topics are read, as `source` says it."""
    digest: str = ""
    """SHA-256 of the file and of all that it names: tables, schemas."""
    ignored: tuple[Ignored, ...] = ()
    """What was looked at and means nothing."""
    initial_offset_at: str = ""
    """File and line of its `initial_offset`; empty without one."""
    tables: tuple[tuple[TopicTable, Rule], ...] = ()
    """The tables from topics, with the rules that find their rows (whose drafts are `TableRow`)."""


class ReadBehind(msgspec.Struct, frozen=True):
    """A topic (a `/regular expression/` for a pattern) that is read behind its end, since `rules` link its events to
    `sources`, or use these tables, the one with the longest delay first."""

    topic: str
    sources: tuple[ConversationSource | TopicTable, ...]
    rules: tuple[str, ...]

    @property
    def behind_ms(self) -> int:
        """Milliseconds that a message waits at least, from its timestamp on."""
        return self.sources[0].max_delay_ms


class _RulesByTopic(dict[str, TopicRules | None]):
    """Remembers what was looked up, so that the next look-up calls nothing."""

    def __init__(self, find: Callable[[str], TopicRules | None]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, topic: str) -> TopicRules | None:
        found = self._find(topic)
        if len(self) < _REMEMBERED:
            self[topic] = found
        return found


class Ruleset:
    """Immutable. `version` is a short SHA-256 of everything that was read; `topics` are the exact names of topics that
    rules read; `patterns` regular expressions over whole topic names, without their slashes; `files` the mapping files'
    paths; `sources` the conversation sources, and `conversation_topics`, `conversation_patterns` where these are.
    `conversations_version` is a short SHA-256 of all that decides which activities the sources find, "" without any:
    what was found under another one has to be found anew.
    """

    def __init__(self, files: Sequence[CompiledFile], version: str, *, mute: bool = False) -> None:
        self.version = version
        self._mute = mute
        self.files = tuple(dict.fromkeys(file.path for file in files))
        ruled = [file for file in files if file.rules]
        self.topics = tuple(dict.fromkeys(topic for file in ruled for topic in file.topics))
        self.patterns = tuple(dict.fromkeys(pattern for file in ruled for pattern in file.patterns))
        told = [file for file in files if file.conversations]
        self.sources = tuple(source for file in told for source in file.sources)
        self.conversation_topics = tuple(dict.fromkeys(topic for file in told for topic in file.topics))
        self.conversation_patterns = tuple(dict.fromkeys(pattern for file in told for pattern in file.patterns))
        self.conversations_version = _short_sha256([file.activities for file in told])
        known = {table.name: (table, rule) for file in files for table, rule in file.tables}
        used = {name for file in files for rule in file.rules for name in rule.tables}
        self.tables = tuple(table for table, _ in known.values() if table.name in used)
        """The tables from topics that a rule uses."""
        self.table_topics = tuple(dict.fromkeys(table.topic for table in self.tables))
        self._row_rules = {table.name: rule for table, rule in known.values() if table.name in used}
        self._files = tuple(files)
        self._compiled = {pattern: re2.compile(pattern) for file in files for pattern in file.patterns}
        self._ids: dict[str, str] = {}
        codes = [rule.code for file in files for rule in _all_rules(file)]
        self._readers = field_readers(field for code in codes for field in (*code.pins, *code.item_pins))
        self.by_topic = _RulesByTopic(self._rules_for)
        """The rules that read a topic, or None; `rules_for` by another name, for each message."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule's name, in file order."""
        return tuple(rule.name for file in self._files for rule in file.rules)

    @property
    def drafts(self) -> tuple[str, ...]:
        """The names of the rules that are drafts, in file order."""
        return tuple(rule.name for file in self._files for rule in file.rules if rule.draft)

    def with_drafts_muted(self) -> Ruleset:
        """The same rules, of which the drafts are only counted."""
        return Ruleset(self._files, self.version, mute=True) if self.drafts else self

    @property
    def event_types(self) -> dict[str, str]:
        """Rule name to the type of its events; "" where it is computed, or rules of this name have several."""
        types: dict[str, set[str]] = {}
        for file in self._files:
            for rule in file.rules:
                types.setdefault(rule.name, set()).add(rule.constant("event_type") or "")
        return {name: found.pop() if len(found) == 1 else "" for name, found in types.items()}

    @property
    def products(self) -> dict[str, set[str]]:
        """The products that rules and conversations name, not those that are computed, and the files that name them."""
        found: dict[str, set[str]] = {}
        for file in self._files:
            named = [rule.constant("product_id") for rule in file.rules]
            for product in (*named, *(source.product_id for source in file.sources)):
                if product is not None:
                    found.setdefault(product, set()).add(file.path)
        return found

    @property
    def infos(self) -> tuple[RuleInfo, ...]:
        """The parts of every rule, with their origins, in file order."""
        return tuple(rule.info for file in self._files for rule in file.rules)

    @property
    def hashes(self) -> PartOrigin | None:
        """The first part of a rule or conversation that calls `hash()`, which needs a key; None if no part does."""
        rules = (rule for file in self._files for rule in _all_rules(file))
        parts = (part for rule in rules for part in rule.info.parts)
        return next((part for part in parts if _HASH.search(part.text)), None)

    @property
    def needs_topic_ids(self) -> bool:
        """Whether any rule has no `insert_id`, so that the record's coordinates (and topic id) make its identity."""
        return any(not rule.has_key for file in self._files for rule in file.rules)

    def rules_for(self, topic: str) -> TopicRules | None:
        """The rules that read this topic, or None; remembered by topic."""
        return self.by_topic[topic]

    def ids_of(self, topic: str) -> str:
        """A fingerprint of how the rules that read this topic make ids; remembered by topic."""
        found = self._ids.get(topic)
        if found is None:
            rules = self.by_topic[topic]
            found = self._ids[topic] = "" if rules is None else rules.ids
        return found

    def format_of(self, topic: str) -> TopicFormat:
        """How the messages of a topic are read: what the files say together that read it."""
        return together(file.format for file in self._files if self._reads(file, topic))

    @property
    def formats(self) -> tuple[tuple[str, TopicFormat], ...]:
        """Each file, and how it says that its topics are read."""
        return tuple((file.path, file.format) for file in self._files)

    def initial_offset(self, topic: str) -> StartAt | None:
        """Where a group begins that hasn't read anything of a topic; None if no file says it."""
        return self.format_of(topic).initial_offset

    def initial_offset_place(self, topic: str) -> str:
        """File and line that say where such a group begins; empty if none does."""
        files = (each for each in self._files if each.format.initial_offset is not None and self._reads(each, topic))
        return next((each.initial_offset_at for each in files), "")

    @property
    def has_max_age(self) -> bool:
        """Whether messages of any topic can be too old."""
        return any(file.format.max_age is not None for file in self._files)

    def mixed_in(self, topic: str) -> str | None:
        """How files that read this topic contradict each other, in words; None if they don't. Only files whose patterns
        meet in it can: others are refused when they are loaded."""
        files = [file for file in self._files if self._reads(file, topic)]
        for place, file in enumerate(files):
            for other in files[:place]:
                key = contradiction(other.format, file.format)
                if key is not None:
                    return f"{other.path} and {file.path} read {topic} and differ in source.{key}"
        return None

    def digest_of(self, topic: str) -> str:
        """A fingerprint of all files that decide what becomes of a topic's messages: equal ones make the same events,
        under the same variables. With rules that link, the conversation sources are among them."""
        return self._digest([file for file in self._files if file.rules and self._reads(file, topic)])

    def digest_of_pattern(self, pattern: str) -> str:
        """The same of the files that name a pattern (without its slashes), whatever topics fit it."""
        return self._digest(self.files_naming(pattern))

    def _digest(self, files: Sequence[CompiledFile]) -> str:
        links = any(rule.link is not None for file in files for rule in file.rules)
        parts = [file.digest for file in files] + ([self.conversations_version] if links else [])
        used = {name for file in files for rule in file.rules for name in rule.tables}
        parts += [table.declaration for table in self.tables if table.name in used]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest() if files else ""

    def files_reading(self, topic: str) -> tuple[CompiledFile, ...]:
        """The files with rules that read a topic, in their order."""
        return tuple(file for file in self._files if file.rules and self._reads(file, topic))

    def files_naming(self, pattern: str) -> tuple[CompiledFile, ...]:
        """The files with rules that name a pattern of topics (without its slashes), in their order."""
        return tuple(file for file in self._files if file.rules and pattern in file.patterns)

    def conversations_for(self, topic: str) -> TopicRules | None:
        """The rules that find activities of conversations in this topic, or None."""
        rules = [rule for file in self._files if self._reads(file, topic) for rule in file.conversations]
        return TopicRules(rules, self._readers) if rules else None

    def sources_in(self, topic: str) -> tuple[str, ...]:
        """The names of the conversation sources that read this topic."""
        files = [file for file in self._files if file.conversations and self._reads(file, topic)]
        return tuple(source.name for file in files for source in file.sources)

    def rows_for(self, topic: str) -> TopicRules | None:
        """The rules that find rows of tables in this topic, or None."""
        rules = [self._row_rules[table.name] for table in self.tables if table.topic == topic]
        return TopicRules(rules, self._readers) if rules else None

    def tables_in(self, topic: str) -> tuple[str, ...]:
        """The names of the sources of tables that read this topic."""
        return tuple(table.name for table in self.tables if table.topic == topic)

    @property
    def tables_version(self) -> str:
        """A short SHA-256 of all that decides which rows the tables from topics have, "" without any."""
        return _short_sha256([f"{table.name} {table.declaration}" for table in self.tables])

    def waits_for(self, topic: str) -> tuple[str, ...]:
        """The names of the sources that rules of this topic link to, and of the tables from topics that they use,
        sorted; empty if there are none."""
        rules = self.by_topic[topic]
        links = [] if rules is None else rules.links
        sources = {source.name for source in self.sources for link in links if link.may_find(source)}
        return tuple(sorted(sources.union(*(rule.tables for rule in (rules.rules if rules is not None else ())))))

    @property
    def linking_rules(self) -> tuple[str, ...]:
        """The names of the rules that link, in file order."""
        return tuple(rule.name for file in self._files for rule in file.rules if rule.link is not None)

    @property
    def rules_with_tables(self) -> tuple[str, ...]:
        """The names of the rules that use a table from a topic, in file order."""
        return tuple(rule.name for file in self._files for rule in file.rules if rule.tables)

    @property
    def read_behind(self) -> tuple[ReadBehind, ...]:
        """The topics that are read behind their end, in file order, and why; as they are written in the files."""
        found: list[ReadBehind] = []
        for file in self._files:
            linking = [(rule.name, rule.link) for rule in file.rules if rule.link is not None]
            asked: list[ConversationSource | TopicTable] = [
                source for source in self.sources if any(link.may_find(source) for _, link in linking)
            ]
            links = {name for name, link in linking if any(link.may_find(source) for source in self.sources)}
            asked += [table for table in self.tables if any(table.name in rule.tables for rule in file.rules)]
            asked.sort(key=lambda source: (-source.max_delay_ms, source.name))
            names = tuple(rule.name for rule in file.rules if rule.name in links or rule.tables)
            for topic in (*file.topics, *(f"/{pattern}/" for pattern in file.patterns)) if asked else ():
                found.append(ReadBehind(topic, tuple(asked), names))
        return tuple(_by_topic(found))

    @property
    def longest_lookback(self) -> int:
        """The longest lookback of all links, in milliseconds; 0 if no rule links."""
        links = [rule.link for file in self._files for rule in file.rules if rule.link is not None]
        return max((each.lookback for link in links for each in link.tries), default=0)

    def _rules_for(self, topic: str) -> TopicRules | None:
        rules = [rule for file in self._files if self._reads(file, topic) for rule in file.rules]
        return TopicRules(rules, self._readers, mute=self._mute) if rules else None

    def _reads(self, file: CompiledFile, topic: str) -> bool:
        return topic in file.topics or any(self._compiled[p].fullmatch(topic) is not None for p in file.patterns)

    def describe(self) -> dict[str, object]:
        """What logs say about it at start: version, number of files and rules, topics, patterns."""
        return {
            "version": self.version,
            "files": len(self.files),
            "rules": len(self.rules),
            **({"drafts": list(self.drafts)} if self.drafts else {}),
            "topics": list(self.topics),
            "patterns": list(self.patterns),
            **self._described_sources(),
            **self._described_tables(),
        }

    def _described_sources(self) -> dict[str, object]:
        """Of the conversations, if there are any: sources, topics, patterns, and the topics that are read behind."""
        if not self.sources:
            return {}
        return {
            "conversations_version": self.conversations_version,
            "conversations": [source.name for source in self.sources],
            "conversation_topics": list(self.conversation_topics),
            "conversation_patterns": list(self.conversation_patterns),
        }

    def _described_tables(self) -> dict[str, object]:
        """Of the tables from topics, and of the topics that are read behind, if there are any."""
        tables = {table.name.removeprefix(PREFIX): table.topic for table in self.tables}
        if not self.sources and not tables:
            return {}
        behind = {each.topic: duration_text(each.behind_ms) for each in self.read_behind}
        return {**({"tables": tables} if tables else {}), "read_behind": behind}


def _all_rules(file: CompiledFile) -> tuple[Rule, ...]:
    return (*file.rules, *file.conversations, *(rule for _, rule in file.tables))


def _by_topic(found: Sequence[ReadBehind]) -> list[ReadBehind]:
    """Each topic once, though several files read it."""
    topics: dict[str, ReadBehind] = {}
    for one in found:
        known = topics.get(one.topic)
        if known is None:
            topics[one.topic] = one
        else:
            sources = sorted({*known.sources, *one.sources}, key=lambda source: (-source.max_delay_ms, source.name))
            rules = tuple(dict.fromkeys((*known.rules, *one.rules)))
            topics[one.topic] = ReadBehind(one.topic, tuple(sources), rules)
    return list(topics.values())


def _short_sha256(texts: Sequence[str]) -> str:
    """Of texts in any order; "" of none."""
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:12] if texts else ""
