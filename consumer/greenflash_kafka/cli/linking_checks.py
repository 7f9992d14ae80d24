"""The checks of `doctor` for the links of each rule: its latest outcomes, evaluated as production does, and the
conversations around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from greenflash_kafka.asked_questions import key_values
from greenflash_kafka.cli.check import Check, failed
from greenflash_kafka.cli.heard_conversations import told_from
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.known_activities import KnownActivities
from greenflash_kafka.cli.link_words import KeyFinding, outcomes_check, shared_checks
from greenflash_kafka.cli.look_back import LookedBack, look_back
from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.cli.past_tables import opened_tables, past_tables, without_tables
from greenflash_kafka.cli.table_words import look_ups_check
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.link_study.outcomes_of_rules import LatestOutcomes, LinkedOutcomes, OutcomesOfRule
from greenflash_kafka.link_study.table_look_ups import table_look_ups
from greenflash_kafka.linking.decision import ALWAYS, NEVER
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Reading, Snapshot

_FIRST = 4_000
"""Offsets of all topics together that are read first."""


class LookSettings(msgspec.Struct, frozen=True):
    """What the flags of `doctor` say: the config file, for how many `seconds` at most outcomes are read, and then
    conversations, and whether ids are shown."""

    file: Path | None = None
    seconds: float = 20.0
    values: bool = False


def linking_checks(
    ruleset: Ruleset,
    topics: Sequence[str],
    look: LookSettings,
    environ: Mapping[str, str],
    row_keys: Mapping[str, Collection[str]],
) -> Iterator[Check]:
    """How the latest outcomes of each rule are linked and look tables up, and what would join ids that look alike.
    `topics` are those whose rules do; `row_keys` are keys of rows, by table. What can't be read is a failed check."""
    try:
        study = _Study(ruleset, topics, look, environ)
        yield study.looked()
        yield from study.rows_read()
        yield from study.tables(row_keys)
        yield from study.rules()
    except GreenflashKafkaError as error:
        yield failed("history of links", error)


class _Study:
    """What was read of outcomes and conversations."""

    def __init__(self, ruleset: Ruleset, topics: Sequence[str], look: LookSettings, environ: Mapping[str, str]) -> None:
        """Raises what `opened` does."""
        self._ruleset = ruleset
        self._look = look
        self._proposed: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self._deleted: Callable[[str, str, int], bool] = lambda _table, _key, _recorded: False
        self._clock = SystemClock()
        with opened(HistoryFlags(look.file), topics, all_there=False, begin=False) as source:
            snapshot = compared_snapshot(ruleset, source.config, source.cluster_id, source.topic_ids, environ)
            # As they stand in the files, each once.
            studied = dict.fromkeys((*ruleset.linking_rules, *ruleset.rules_with_tables))
            latest = LatestOutcomes(snapshot, studied)

            def complete(message: Message) -> bool:
                latest.add(message)
                return latest.complete

            self.outcomes = look_back(
                source, 1, complete, self._clock, first=_FIRST, seconds=look.seconds, newest=False
            )
        self._rules = {rule.name: rule for topic in topics for rule in _rules_in(snapshot.by_topic[topic])}
        self._row_rules = {
            rule.name: rule for topic in ruleset.table_topics for rule in _rules_in(snapshot.rows_by_topic[topic])
        }
        read_ms = int(self._clock.now() * 1000)
        with ExitStack() as stack:
            snapshot, self._notes, self._whole = self._with_tables(stack, snapshot, topics)
            self._look_ups = table_look_ups(_each_once(latest.messages), snapshot, read_ms, self._deleted)
            linked = LinkedOutcomes(latest.messages, snapshot)
            self._known = KnownActivities(snapshot, key_values(linked.questions))
            self.conversations, self._sources = self._read_conversations(linked, snapshot)
            conversations = stack.enter_context(closing(self._known.conversations(_floor(self.conversations))))
            self._found = linked.judged(conversations, self._known.heard)

    def _with_tables(
        self, stack: ExitStack, snapshot: Snapshot, topics: Sequence[str]
    ) -> tuple[Snapshot, tuple[str, ...], bool]:
        """The rules with the rows of their tables, until the stack ends, what there is to say of them, and whether all
        were read."""
        flags = HistoryFlags(self._look.file)
        try:
            read = stack.enter_context(past_tables(snapshot, flags, topics, self._look.seconds))
            if read is None:
                return snapshot, (), True
            knowing, rows = opened_tables(snapshot, read)
            stack.callback(rows.close)
            self._deleted = rows.deleted
        except GreenflashKafkaError as error:
            return snapshot, (without_tables(error),), False
        return knowing, read.notes, read.whole

    def _read_conversations(
        self, linked: LinkedOutcomes, snapshot: Snapshot
    ) -> tuple[LookedBack | None, dict[str, Rule]]:
        """How far conversations were read, and the rules that find them."""
        ruleset = self._ruleset
        if not linked.questions or not ruleset.sources:
            return None, {}
        since = max(0, told_from(min(each.begin() for each in linked.questions)))
        delay = max(each.max_delay_ms for each in ruleset.sources)
        until = max(each.recorded for each in linked.questions) + delay + 1
        window = HistoryFlags(self._look.file, since, until)

        def add(message: Message) -> bool:
            self._known.add(message)
            return False

        names, patterns = ruleset.conversation_topics, ruleset.conversation_patterns
        with opened(window, names, patterns, all_there=False, begin=False) as source:
            looked = look_back(source, 1, add, self._clock, first=_FIRST, seconds=self._look.seconds)
            topics = {each.topic for each in source.ranges}
        readings = (snapshot.conversations_by_topic[topic] for topic in sorted(topics))
        return looked, {rule.name: rule for each in readings for rule in _rules_in(each)}

    def looked(self) -> Check:
        """How far was looked."""
        said = f"outcomes: {self.outcomes.words}"
        if self.conversations is not None:
            said += f"; conversations in their lookbacks: {self.conversations.words}, {self._known.count:,} activities"
        return Check("history of links", "ok", said)

    def rows_read(self) -> Iterator[Check]:
        """What there is to say of the rows that these outcomes look up."""
        if self._notes:
            todo = (
                "`rows in TOPIC` names a record to explain"
                if self._whole
                else "correct that, or read longer: --max-seconds N"
            )
            yield Check("rows of tables", "warning", "; ".join(self._notes), todo)

    def tables(self, row_keys: Mapping[str, Collection[str]]) -> Iterator[Check]:
        """Each table in which these outcomes look something up."""
        for table in self._ruleset.tables:
            found = self._look_ups.get(table.name)
            if found is not None and found.count:
                keys, rule = row_keys.get(table.name, ()), self._row_rules[table.name]
                yield look_ups_check(table, found, keys, rule, whole=self._whole)

    def rules(self) -> Iterator[Check]:
        """Each rule that links, in file order; ids are compared as long as outcomes are read, at most."""
        until = self._clock.monotonic() + self._look.seconds
        for name in dict.fromkeys(self._ruleset.linking_rules):
            rule, found = self._rules.get(name), self._found.get(name)
            if rule is None or rule.link is None:
                continue
            if found is None or not found.count:
                said = "no outcome of it is among the messages that were looked at"
                yield Check(f"links of {name}", "skipped", said)
            else:
                yield self._rule(rule, found, compare=self._clock.monotonic() < until)
        keys: dict[str, Counter[str]] = {}
        for found in self._found.values():
            for key, ids in found.ids.items():
                keys.setdefault(key, Counter()).update(ids)
        yield from shared_checks("events", keys)

    def _rule(self, rule: Rule, found: OutcomesOfRule, *, compare: bool) -> Check:
        link = rule.link
        assert link is not None
        sources = [each for each in self._ruleset.sources if link.may_find(each)]
        names = dict.fromkeys(key for source in sources for key in source.keys)
        theirs = {key: self._known.of([each.name for each in sources if key in each.keys], key) for key in names}
        if not self._known.count:
            more = ["no activity of a conversation was found in the lookbacks of these outcomes"]
            return outcomes_check(rule.name, found, more, warn=True)
        if not compare:
            more = [f"its ids weren't compared with those of conversations: --max-seconds {self._look.seconds:g}"]
            return outcomes_check(rule.name, found, more, warn=False)
        findings = [
            KeyFinding(
                rule,
                key,
                ids,
                {name: each for name, each in theirs.items() if each},
                {each.name: self._sources[each.name] for each in sources if each.name in self._sources},
                values=self._look.values,
                proposed=self._proposed,
            )
            for key, ids in sorted(found.ids.items())
        ]
        lines = [line for each in findings for line in each.lines]
        warns, looks_up = any(each.warns for each in findings), rule.name in self._ruleset.rules_with_tables
        return outcomes_check(rule.name, found, lines, warn=warns, looks_up=looks_up)


def _floor(looked: LookedBack | None) -> int:
    """What was logged from this time on (milliseconds since 1970) was read."""
    if looked is None or looked.complete:
        return ALWAYS
    return NEVER if looked.back_to_ms is None else looked.back_to_ms


def _each_once(messages: Mapping[str, Sequence[Message]]) -> Iterator[Message]:
    """The messages of all rules; one of several rules once."""
    yield from {id(each): each for kept in messages.values() for each in kept}.values()


def _rules_in(reading: Reading | None) -> tuple[Rule, ...]:
    return () if reading is None else reading[0].rules
