"""The counter of coverage: each message is evaluated once, by production's code, and what became of it is counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.asked_questions import AskedQuestions
from greenflash_kafka.coverage.coverage_counts import (
    CoverageCounts,
    IgnoredCounts,
    NameCounts,
    PathCounts,
    RuleCounts,
    RuleKey,
    Seen,
    TopicCounts,
    earlier,
)
from greenflash_kafka.coverage.event_names import EventNames, item_scopes
from greenflash_kafka.coverage.link_questions import LinkSamples
from greenflash_kafka.coverage.read_paths import ReadPath, paths_of
from greenflash_kafka.coverage.user_tables import has_user, user_tables
from greenflash_kafka.coverage.whole_payloads import WholePayloads
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import NOT_SENT, Outcome
from greenflash_kafka.ports import Clock
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.ignored import Ignored
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.topic_rules import message_scope
from greenflash_kafka.snapshot import Snapshot

NO_VALUE: Final = "no value (tombstones), and no rule asks for them"


class CoverageCounter:
    """Counts messages into `counts`. `snapshot`: the rules; drafts in it are evaluated, and none of it is sent."""

    def __init__(self, snapshot: Snapshot, clock: Clock | None = None) -> None:
        self._payloads = WholePayloads(snapshot.decoders)
        self._asked = AskedQuestions()
        context = replace(snapshot.context, conversations=self._asked)
        self._snapshot = Snapshot(snapshot.ruleset, context, self._payloads, snapshot.schemas)
        self._resolver = Resolver(self._snapshot, clock)
        self._topics: dict[str, _TopicFacts] = {}
        self.counts = CoverageCounts()
        self._links = LinkSamples(self._asked, self.counts.links)

    def add(self, messages: Iterable[Message]) -> None:
        """Count these messages."""
        for message in messages:
            self._add(message)

    def name_path(self, topic: str) -> str:
        """The path of a topic's event names, as rules write it; "" if there is none."""
        return self._facts(topic).name_path

    def _facts(self, topic: str) -> _TopicFacts:
        facts = self._topics.get(topic)
        if facts is None:
            facts = self._topics[topic] = _TopicFacts(self._snapshot, topic)
        return facts

    def _add(self, message: Message) -> None:
        topic = self.counts.topics.get(message.topic)
        if topic is None:
            topic = self.counts.topics[message.topic] = TopicCounts()
        topic.messages += 1
        self._payloads.forget()
        self._asked.begin()
        outcome = self._resolver.outcome(message)
        if outcome.skipped is not None:
            topic.skipped[outcome.skipped] = topic.skipped.get(outcome.skipped, 0) + 1
            return
        if any(each.rule is None for each in outcome.problems):
            topic.unreadable += 1
            return
        facts = self._facts(message.topic)
        read, payload = self._payloads.last(message)
        counted = _Counted(message, facts, outcome, self.counts)
        counted.count(topic, message_scope(payload, read, self._snapshot.context))
        if self._asked.asked:
            self._links.count(message.coordinates, outcome, lambda: self._resolver.outcome(message))


class _TopicFacts:
    """What is known of a topic's rules before its messages."""

    def __init__(self, snapshot: Snapshot, topic: str) -> None:
        reading = snapshot.by_topic[topic]
        self.rules: tuple[Rule, ...] = () if reading is None else reading[0].rules
        self.by_name = {rule.name: rule for rule in self.rules}
        self.of_tables = {rule.name for rule in self.rules if user_tables(rule)}
        files = snapshot.ruleset.files_reading(topic)
        self.ignored: list[tuple[tuple[str, int], Ignored]] = [
            ((file.path, each.line), each) for file in files for each in file.ignored
        ]
        self.names = EventNames(self.rules, [each.pins for _, each in self.ignored])
        self.paths = {rule.name: _RuleCounters(rule) for rule in self.rules}
        self.asking: dict[str, list[Rule]] = {}

    @property
    def name_path(self) -> str:
        """The path of event names, as a rule writes it; two are joined by `, `."""
        return ", ".join(self._written(root, steps) for root, steps in self.names.fields)

    def _written(self, root: str, steps: tuple[str | int, ...]) -> str:
        envelope = self.rules[0].code.parts.names.envelope
        return envelope.written(steps) if root == "payload" else ".".join(map(str, (root, *steps)))


def _key(rule: Rule) -> RuleKey:
    return rule.file.path, rule.name


class _PathCounter:
    """A path of a rule, and its counts from the first message on that it is looked for in."""

    __slots__ = ("counts", "key", "path")

    def __init__(self, rule: Rule, path: ReadPath) -> None:
        self.path = path
        self.key = (*_key(rule), path.of, path.text)
        self.counts: PathCounts | None = None

    def count(self, scope: Scope, seen: Seen | None, all_counts: CoverageCounts) -> None:
        """Look for the path in a message or an item."""
        counts = self.counts
        if counts is None:
            counts = self.counts = all_counts.paths[self.key] = PathCounts()
        counts.asked += 1
        if self.path.missing(scope):
            counts.missing += 1
            counts.first_missing = earlier(counts.first_missing, seen)


class _RuleCounters:
    """The paths of a rule's conditions, and of its event's fields."""

    def __init__(self, rule: Rule) -> None:
        paths = paths_of(rule)
        self.conditions = [_PathCounter(rule, path) for path in paths.conditions]
        self.fields = [_PathCounter(rule, path) for path in paths.fields]


class _Counted:
    """One message while it is counted."""

    def __init__(self, message: Message, facts: _TopicFacts, outcome: Outcome, counts: CoverageCounts) -> None:
        self._facts = facts
        self._counts = counts
        self._message_is_empty = message.value is None
        at = message.record_ms
        self._seen: Seen | None = None if at is None else (at, message.coordinates)
        # By the rule, and the item of which it made something: events, invalid ones, events that aren't sent.
        self._results: dict[tuple[str, int | None], list[int]] = {}
        for event in outcome.events:
            if event.rule in facts.of_tables and has_user(event):
                counts.rules.setdefault(_key(facts.by_name[event.rule]), RuleCounts()).users += 1
            self._results.setdefault((event.rule, event.item), [0, 0, 0])[0] += 1
        for problem in outcome.problems:
            self._results.setdefault((str(problem.rule), problem.item), [0, 0, 0])[1] = 1
        for each in outcome.counts:
            if each.code in NOT_SENT and each.rule is not None:
                self._results.setdefault((each.rule, None), [0, 0, 0])[2] += 1

    def count(self, topic: TopicCounts, scope: Scope) -> None:
        """Count the message in all that it belongs to."""
        fits = self._ignored(scope)
        if self._message_is_empty and not fits and not self._results:
            topic.skipped[NO_VALUE] = topic.skipped.get(NO_VALUE, 0) + 1
            return
        names = self._facts.names
        for each in names.scopes(scope):
            name = names.name(each)
            found = topic.name(name)
            if found is None:
                topic.more += 1
            else:
                self._name(found, name, each, fits=fits)
        for (name, item), (events, invalid, unsent) in self._results.items():
            rule = self._facts.by_name[name]
            known = self._counts.rules.setdefault(_key(rule), RuleCounts())
            known.events += events
            known.invalid += invalid
            known.unsent += unsent
            self._paths(self._facts.paths[name].fields, _of_item(rule, scope, item))

    def _ignored(self, scope: Scope) -> bool:
        found = False
        for key, entry in self._facts.ignored:
            if not entry.fits(scope):
                continue
            found = True
            known = self._counts.ignored.setdefault(key, IgnoredCounts())
            known.messages += 1
            if self._results:
                known.taken += 1
                known.first_taken = earlier(known.first_taken, self._seen)
        return found

    def _name(self, found: NameCounts, name: str, scope: Scope, *, fits: bool) -> None:
        found.messages += 1
        found.ignored += fits
        found.first = earlier(found.first, self._seen)
        asking = self._facts.asking.get(name)
        if asking is None:
            asking = self._facts.asking[name] = self._facts.names.asking(self._facts.rules, scope)
        for rule in asking:
            found.rules.setdefault(_key(rule), 0)
            self._paths(self._facts.paths[rule.name].conditions, scope)
        taken = False
        for (of, item), (events, invalid, unsent) in self._results.items():
            # Nobody says of which item an event is that isn't sent.
            if scope.index is not None and item != scope.index and (item is not None or unsent):
                continue
            taken = True
            rule = self._facts.by_name[of]
            found.events += events
            found.invalid += invalid
            found.rules[_key(rule)] = found.rules.get(_key(rule), 0) + events
        found.taken += taken

    def _paths(self, paths: Iterable[_PathCounter], scope: Scope) -> None:
        for each in paths:
            if scope.index is not None or each.path.root != "item":
                each.count(scope, self._seen, self._counts)


def _of_item(rule: Rule, scope: Scope, item: int | None) -> Scope:
    """The scope of the item of which a rule made something."""
    if rule.each is None or item is None:
        return scope
    return next((each for each in item_scopes(rule.each, scope) if each.index == item), scope)
