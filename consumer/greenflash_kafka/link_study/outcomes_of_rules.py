"""Latest outcomes of the rules that link: how many had a key, a conversation and a link, and their ids."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping
from typing import Final

import msgspec

from greenflash_kafka.asked_questions import AskedQuestions, key_values, questions_of
from greenflash_kafka.evaluate import decoded
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.model.conversations import Conversations, Question, Result
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.topic_rules import message_scope
from greenflash_kafka.snapshot import Snapshot

MOST: Final = 1_000
"""So many of the latest outcomes of each rule are looked at."""

MOST_BYTES: Final = 64 << 20
"""Bytes of the messages that are kept of all rules together."""


class OutcomesOfRule(msgspec.Struct):
    """The outcomes of one rule, which are its events: `results` of their links, and `heard`, the number of those of
    whose keys an activity is known, at whatever time.

    `reasons` are the verdicts on the latest activity of those that are heard and not linked, `not-read` of those whose
    lookback wasn't read as a whole; `failures` say which
    expressions of `by` fail where there is no key; `ids` are the values of each key, with the number of outcomes;
    `since_ms` is the timestamp of the oldest outcome's message.
    """

    results: Counter[Result] = msgspec.field(default_factory=Counter)
    heard: int = 0
    reasons: Counter[str] = msgspec.field(default_factory=Counter)
    failures: Counter[str] = msgspec.field(default_factory=Counter)
    ids: dict[str, Counter[str]] = {}
    since_ms: int | None = None

    @property
    def count(self) -> int:
        """All of them."""
        return self.results.total()

    @property
    def keyed(self) -> int:
        """Those with a value for a key."""
        return self.count - self.results["no-key"] - self.results["no-time"] - self.results["own"]


class LatestOutcomes:
    """Keeps the messages of the latest outcomes of these rules; messages come in any order."""

    def __init__(self, snapshot: Snapshot, rules: Collection[str]) -> None:
        self._resolver = Resolver(snapshot)
        self._bytes = MOST_BYTES // max(1, len(rules))
        self._kept: dict[str, list[tuple[int, int, Message]]] = {rule: [] for rule in rules}
        self._sizes: Counter[str] = Counter()
        self._wanting = set(rules)
        self._order = 0

    def add(self, message: Message) -> None:
        """Look at a message; keep it if it makes an outcome of such a rule that is among its latest."""
        for rule in dict.fromkeys(each.rule for each in self._resolver.outcome(message).events):
            kept = self._kept.get(rule)
            if kept is not None:
                self._order += 1
                heapq.heappush(kept, (message.record_ms or 0, self._order, message))
                self._sizes[rule] += _size(message)
                if len(kept) >= MOST:
                    self._wanting.discard(rule)
                while len(kept) > MOST or (len(kept) > 1 and self._sizes[rule] > self._bytes):
                    self._wanting.discard(rule)
                    self._sizes[rule] -= _size(heapq.heappop(kept)[2])

    @property
    def complete(self) -> bool:
        """Whether as many are kept of each rule as are wanted, or may be."""
        return not self._wanting

    @property
    def messages(self) -> dict[str, list[Message]]:
        """The messages of each rule, the oldest first."""
        return {rule: [message for _, _, message in sorted(kept)] for rule, kept in self._kept.items() if kept}


def _size(message: Message) -> int:
    return len(message.value or b"") + len(message.key or b"")


class LinkedOutcomes:
    """The outcomes of rules in these messages, and what their links ask. `snapshot` has the rows of tables."""

    def __init__(self, messages: Mapping[str, list[Message]], snapshot: Snapshot) -> None:
        self._messages = messages
        self._snapshot = snapshot
        self._asked = AskedQuestions()
        self._asking = Resolver(_with(snapshot, self._asked))
        self._questions = {
            id(message): self._questions_of(message)
            for message in {id(each): each for kept in messages.values() for each in kept}.values()
        }
        self.questions = [
            question for events in self._questions.values() for questions in events.values() for question in questions
        ]
        """All questions of all of them."""

    def _questions_of(self, message: Message) -> dict[str, tuple[Question, ...]]:
        """The questions of each event, by its insert_id."""
        self._asked.begin()
        return questions_of(self._asking.outcome(message), self._asked, lambda: self._asking.outcome(message))

    def judged(self, conversations: Conversations, heard: Container[tuple[str, str]]) -> dict[str, OutcomesOfRule]:
        """The outcomes by rule, as they are linked to these conversations; `heard` are the keys, with values, of which
        an activity is known."""
        outcome = Resolver(_with(self._snapshot, conversations)).outcome
        return {rule: self._of_rule(rule, kept, outcome, conversations, heard) for rule, kept in self._messages.items()}

    def _of_rule(
        self,
        rule: str,
        kept: list[Message],
        outcome: Callable[[Message], Outcome],
        conversations: Conversations,
        heard: Container[tuple[str, str]],
    ) -> OutcomesOfRule:
        found = OutcomesOfRule(since_ms=kept[0].record_ms if kept else None)
        for message in kept:
            asked = self._questions[id(message)]
            for event in outcome(message).events:
                if event.rule != rule or event.link is None:
                    continue
                questions = asked.get(event.insert_id, ())
                found.results[event.link.result] += 1
                if event.link.result == "no-key":
                    found.failures.update(self._failures(rule, message))
                keys = key_values(questions)
                known = any(key in heard for key in keys)
                found.heard += known
                for name, value in keys:
                    found.ids.setdefault(name, Counter())[value] += 1
                if event.link.result == "history":
                    found.reasons["not-read"] += 1
                elif known and event.link.result in ("none", "reported-late"):
                    found.reasons[_reason(questions, conversations)] += 1
        return found

    def _failures(self, name: str, message: Message) -> Iterator[str]:
        """Each expression of `by` that fails on a message, and why; of a rule with `each` nothing is said."""
        reading = self._snapshot.by_topic[message.topic]
        rules = [each for each in reading[0].rules if each.name == name] if reading is not None else []
        for rule in rules:
            read, payload = decoded(message, reading[1])  # type: ignore[index]
            if rule.link is None or rule.each is not None or type(payload) is NotYet:
                continue
            scope = message_scope(payload, read, self._snapshot.context, json_key=rule.file.json_key)
            for key, expression in (key for way in rule.link.tries for key in way.by):
                try:
                    if expression is not None:
                        expression.evaluate(scope)
                except EvaluationError as error:
                    yield f"by.{key}: {error.message}"


def _reason(questions: tuple[Question, ...], conversations: Conversations) -> str:
    """Why none of the activities that are known counts: the latest one's verdict."""
    for question in questions:
        for each in conversations.candidates(question):
            return each.verdict
    return "not-searched"


def _with(snapshot: Snapshot, conversations: Conversations) -> Snapshot:
    return snapshot.with_context(msgspec.structs.replace(snapshot.context, conversations=conversations))
