"""One event and one dead letter of a run, each as it was stored, with the message and the rule that it comes from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from confluent_kafka import KafkaException

from greenflash_kafka.app.lifecycle import Run
from greenflash_kafka.dlq.reader import NotADeadLetter, read
from greenflash_kafka.dlq.topic import StoredDeadLetter, TopicReader, by_partition
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.evaluate import decoded, evaluate
from greenflash_kafka.instrumentation.logs import kafka_logger
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.ports import DeadLetter
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.sandbox.running import Sandbox
from greenflash_kafka.source import properties
from greenflash_kafka.source.properties import ClientSettings

LOOK_SECONDS: Final = 0.2
"""How often the service and the dead-letter topic are looked at, until there is something to show."""

CHOICE_SECONDS: Final = 12.0
"""How long a better example is waited for: an event with an amount and a conversation that was searched for, a dead
letter that a rule is the reason of."""

_LOOKED_AT: Final = 1000
"""How many of the first events the example is chosen from."""


_FAILURES: Final = (GreenflashKafkaError, KafkaException, OSError)


class RuleText(msgspec.Struct, frozen=True):
    """A rule as it stands in its file: `line` counts from 1, `lines` lack the indentation that all of them have."""

    path: Path
    line: int
    lines: tuple[str, ...]


class EventExample(msgspec.Struct, frozen=True):
    """`event` in wire names, as the service stored it, under `event_id`; `read` is what the rule reads of the message,
    as JSON."""

    message: Message
    read: str
    rule: RuleText
    event_id: str
    event: Mapping[str, Any]


class DeadLetterExample(msgspec.Struct, frozen=True):
    """`kept_at` are the coordinates in the dead-letter topic. `rule` is None when no rule was asked, and `read` then
    the whole message, as text."""

    dead_letter: DeadLetter
    read: str
    kept_at: str
    rule: RuleText | None


class Examples:
    """Looks, from between the pipeline's turns, for what can be shown. Made before the traffic begins: what the
    dead-letter topic of a given broker held until then is left out. Where it mustn't be read, or doesn't answer, the
    demo goes on without examples.
    """

    def __init__(self, made: Run, dead_letters: str, sandbox: Sandbox, written: Sequence[Message]) -> None:
        self._engine = made.engine
        self._snapshot = made.engine.parts.snapshot
        self._sandbox = sandbox
        self._written = written
        self._letters: _Letters | None = None
        with suppress(*_FAILURES):
            self._letters = _Letters(made, dead_letters)
        self._next_look = 0.0
        self._waiting_since: float | None = None
        self._event: EventExample | None = None
        self._letter: DeadLetterExample | None = None

    @property
    def wanted(self) -> bool:
        """Whether there is something to show that hasn't been found yet."""
        if self._letters is None:
            return False
        no_event = self._event is None and self._engine.dispatcher.accepted > 0
        return no_event or (self._letter is None and self._engine.pipeline.totals.dead_lettered > 0)

    def look(self, last: bool) -> EventExample | DeadLetterExample | None:
        """What was found now, the event first; None when there is nothing (yet). `last`: nothing better will come."""
        now = time.monotonic()
        if now < self._next_look or not self.wanted:
            return None
        self._next_look = now + LOOK_SECONDS
        if self._waiting_since is None:
            self._waiting_since = now
        last = last or now - self._waiting_since > CHOICE_SECONDS
        try:
            if self._event is None and self._engine.dispatcher.accepted:
                self._event = self._find_event(last)
                self._waiting_since = now if self._event is not None else self._waiting_since
                return self._event
            self._letter = self._find_letter(last)
            return self._letter
        except _FAILURES:
            self.close()
            return None

    def close(self) -> None:
        """Look no more, and free the connections to the broker."""
        if self._letters is not None:
            self._letters.close()
            self._letters = None

    def _find_event(self, last: bool) -> EventExample | None:
        stored = self._sandbox.events(limit=_LOOKED_AT)
        best = [each for each in stored if each.get("valueType") == "currency" and _is_linked(each)]
        by_id = {each.get("insertId"): each for each in best or (stored if last else [])}
        # The message is found as `try` would do it: by evaluating, until the id is one that was stored.
        # One that isn't JSON shows more.
        for message in sorted(self._written, key=lambda each: (each.value or b"")[:1] != b"\0") if by_id else ():
            outcome = evaluate(message, self._snapshot)
            for made in () if isinstance(outcome, NotYet) else outcome.events:
                if made.insert_id in by_id:
                    return self._example(message, made.rule, by_id[made.insert_id])
        return None

    def _example(self, message: Message, rule: str, event: Mapping[str, Any]) -> EventExample:
        sent = {name: value for name, value in event.items() if name not in ("eventId", "receivedAt")}
        return EventExample(
            message, self._read_by(rule, message), rule_text(self._snapshot.ruleset, rule), str(event["eventId"]), sent
        )

    def _find_letter(self, last: bool) -> DeadLetterExample | None:
        found: list[DeadLetterExample] = []
        for record in self._letters.read() if self._letters is not None else ():
            try:
                dead_letter = read(record.key, record.value, record.headers).dead_letter
            except NotADeadLetter:
                continue
            message = dead_letter.message
            outcome = evaluate(message, self._snapshot)
            problems = () if isinstance(outcome, NotYet) else outcome.problems
            name = next((each.rule for each in problems if each.rule), None)
            rule = None if name is None else rule_text(self._snapshot.ruleset, name)
            content = self._read_by(name, message)
            found.append(DeadLetterExample(dead_letter, content, record.coordinates, rule))
        by_rule = [each for each in found if each.rule is not None]
        # The shortest is the easiest to understand.
        return min(by_rule or (found if last else []), key=lambda each: len(each.read), default=None)

    def _read_by(self, rule: str | None, message: Message) -> str:
        rules = self._snapshot.ruleset.rules_for(message.topic)
        if rules is None or rule is None:
            return (message.value or b"").decode("utf-8", "backslashreplace")
        ruleset = self._snapshot.ruleset
        decode = self._snapshot.decoders.decoder(message.topic, rules.shape_for(rule), ruleset.format_of(message.topic))
        _, payload = decoded(message, decode)
        content = msgspec.json.Encoder(decimal_format="number").encode(payload)
        return msgspec.json.format(content, indent=0).decode()


def _is_linked(event: Mapping[str, Any]) -> bool:
    return "externalConversationId" in event and "attribution" in event.get("properties", {})


class _Letters:
    """The dead-letter topic from where it ended when this was made."""

    def __init__(self, made: Run, topic: str) -> None:
        self._cluster, self._topic = made.cluster, topic
        self._partitions = [(topic, each) for each in range(made.cluster.partitions()[topic])]
        self._starts = by_partition(made.cluster.offsets(self._partitions, "latest"))
        self._reader: TopicReader | None = None
        self._settings = _reading_alone(made.client)
        self._read: list[StoredDeadLetter] = []

    def read(self) -> list[StoredDeadLetter]:
        """What has been read of it; some more at each call."""
        if self._reader is None:
            self._reader = TopicReader(self._settings, self._topic, kafka_logger())
        if self._reader.done:
            ends = by_partition(self._cluster.offsets(self._partitions, "latest"))
            self._reader.begin(self._starts, ends)
            self._starts = ends
        # Nothing is waited for: the pipeline's next turn is due.
        self._read += self._reader.take(100, 0)
        return self._read

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()


def _reading_alone(client: ClientSettings) -> Mapping[str, str]:
    """A consumer's properties that join no group, as those of `dlq list`."""
    return properties.consumer(
        msgspec.structs.replace(client, group=f"{client.group}.examples", group_protocol="classic")
    )


def rule_text(ruleset: Ruleset, name: str) -> RuleText:
    """The rule of this name as its mapping file has it."""
    origin = next(each.origin for each in ruleset.infos if each.name == name)
    first, *others = origin.text.split("\n")
    return RuleText(Path(origin.file), origin.place.line, (f"- {first}", *(f"  {each}".rstrip() for each in others)))
