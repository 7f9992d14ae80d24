"""Evaluation of a message: decoding, rules, and the outcome of all its events, in one pure function.

`run`, `test`, `try`, the demo and everything that shows what rules do call this and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from greenflash_kafka.decoding.decoders import Decode
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.conversations import ConversationsUnreadable
from greenflash_kafka.model.decoded import Decoded, ReadMessage, Skipped
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message, with_schema
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import FILTERED, Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.model.topic_tables import NO_ROWS, TableRows
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.rejected_event import RejectedEvent
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.topic_rules import TopicRules
from greenflash_kafka.snapshot import Snapshot

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""Bytes of JSON that all events of one message may have together; over it the message is invalid, nothing is sent."""


def evaluate(message: Message, snapshot: Snapshot) -> Outcome | NotYet:
    """The events that a message gives under these rules, and what is wrong with it; `NotYet` if that can't be said
    before something is known. Never raises for its content."""
    reading = snapshot.by_topic[message.topic]
    if reading is None:
        return FILTERED
    rules, decode, sources, empty = reading
    context = snapshot.context
    if sources and (conversations := context.conversations) is not None:
        recorded = message.record_ms
        if recorded is not None and not conversations.known(sources, recorded):
            return NotYet(("horizon", sources, recorded))
    try:
        payload = empty(message) if message.value is None else decode(message)
    except DecodeError as error:
        return Outcome(problems=(Problem(error.code, str(error)),))
    if type(payload) is not dict:
        # One comparison for the common payload, an object; the others are rare, or cost more by themselves.
        read = _read(message, payload)
        if not isinstance(read, tuple):
            return read
        message, payload = read
    found = rules.find(payload, message)
    if not found:
        return FILTERED
    try:
        result = rules.apply_found(found, payload, message, context)
    except ConversationsUnreadable:
        # Sent without its link, the event would differ from what the next run sends.
        return NotYet(("horizon", sources, message.record_ms))
    if not result.problems:
        drafts, counts = result.drafts, tuple(result.counts)
        if not drafts:
            return Outcome(counts=counts) if counts else FILTERED
        event = drafts[0]
        if len(drafts) == 1 and type(event) is Event and len(event.body) <= MAX_EVENT_BYTES:
            return Outcome((event,), (), counts)
    return _assembled(result)


def _assembled(result: EvaluationResult) -> Outcome:
    """The events of one message, each with an id of its own, and together no larger than they may be."""
    events: list[Event] = []
    problems = result.problems
    counts = tuple(result.counts)
    seen: set[str] = set()
    size = 0
    for draft in result.drafts:
        assert isinstance(draft, Event | RejectedEvent)
        repeated = draft.insert_id in seen
        seen.add(draft.insert_id)
        if isinstance(draft, RejectedEvent) and not (repeated and draft.unwritable):
            problems += draft.problems
        if repeated:
            said = "an earlier event of this message has the same insert_id; make the key say what tells them apart"
            problems.append(Problem("insert-id-repeated", said, draft.rule, draft.item, "insert_id"))
        elif isinstance(draft, Event):
            size += len(draft.body)
            if size > MAX_EVENT_BYTES:
                said = f"the events are more than {MAX_EVENT_BYTES:,} bytes together; nothing was sent"
                return Outcome(problems=(Problem("limit", said, draft.rule, draft.item),), counts=counts)
            events.append(draft)
    return Outcome(tuple(events), tuple(problems), counts)


def activities(message: Message, snapshot: Snapshot) -> Activities | NotYet:
    """The activities that the conversation sources find in a message, and what is wrong with it; `NotYet` as for
    `evaluate`. Never raises for its content."""
    reading = snapshot.conversations_by_topic[message.topic]
    if reading is None:
        return NO_ACTIVITIES
    rules, decode, _, empty = reading
    read = _taken(message, decode, empty)
    if isinstance(read, Problem):
        return Activities(problems=(read,))
    if type(read) is not tuple:
        return read if type(read) is NotYet else NO_ACTIVITIES
    message, payload = read
    found = rules.find(payload, message)
    if not found:
        return NO_ACTIVITIES
    result = rules.apply_found(found, payload, message, snapshot.context)
    if not result.drafts and not result.problems:
        return NO_ACTIVITIES
    return Activities(tuple(result.drafts), tuple(result.problems))  # type: ignore[arg-type]


def table_rows(message: Message, snapshot: Snapshot) -> TableRows | NotYet:
    """The rows that tables find in a message, and what is wrong with it; `NotYet` as for `evaluate`. A record without a
    value deletes the row of its key, whatever conditions say of values. Never raises for its content."""
    reading = snapshot.rows_by_topic[message.topic]
    if reading is None:
        return NO_ROWS
    rules, decode, _, empty = reading
    read = _taken(message, decode, empty)
    if isinstance(read, Problem):
        return TableRows(problems=(read,))
    if type(read) is not tuple:
        return read if type(read) is NotYet else NO_ROWS
    message, payload = read
    if payload is None:
        result = rules.build_all(payload, message, snapshot.context)
    else:
        found = rules.find(payload, message)
        if not found:
            return NO_ROWS
        result = rules.apply_found(found, payload, message, snapshot.context)
    return TableRows(tuple(result.drafts), tuple(result.problems))  # type: ignore[arg-type]


def _taken(message: Message, decode: Decode, empty: Decode) -> tuple[Message, object] | NotYet | Outcome | Problem:
    """What rules read of a record, or why there is nothing to read: the beginning of all but `evaluate`, which saves a
    call for each message."""
    try:
        payload = empty(message) if message.value is None else decode(message)
    except DecodeError as error:
        return Problem(error.code, str(error))
    return _read(message, payload)


def explain(message: Message, snapshot: Snapshot) -> list[Explanation]:
    """The reason why each rule, conversation source and table of the topic matched or didn't, in file order; nothing of
    what can't be decoded, or not yet."""
    found: list[Explanation] = []
    for rules, decode in readings(message, snapshot):
        read, payload = decoded(message, decode)
        if type(payload) is not NotYet:
            found += rules.explain(payload, KafkaFacts(read), snapshot.context)
    return found


def readings(message: Message, snapshot: Snapshot) -> Iterator[tuple[TopicRules, Decode]]:
    """The rules that read the message's topic, the conversation sources and the tables, with the decoders for this
    message."""
    for by_topic in (snapshot.by_topic, snapshot.conversations_by_topic, snapshot.rows_by_topic):
        reading = by_topic[message.topic]
        if reading is not None:
            yield reading[0], reading[3] if message.value is None else reading[1]


def decoded(message: Message, decode: Decode) -> tuple[Message, object]:
    """The record, with what its decoder says of its schema, and the payload: `NotYet` for what can't be decoded, or
    not yet, or is no fact for rules."""
    try:
        read = _read(message, decode(message))
    except DecodeError:
        read = None
    return read if type(read) is tuple else (message, NotYet(("payload", message.topic)))


def read_whole(message: Message, snapshot: Snapshot) -> ReadMessage | NotYet:
    """A message with all of its payload, whether rules read its topic or not; `NotYet` as for `evaluate`. Never raises
    for its content."""
    format = snapshot.ruleset.format_of(message.topic)
    if message.value is None and format.key != "auto":
        return ReadMessage(message)
    try:
        read = _read(message, snapshot.decoders.decoder(message.topic, None, format)(message))
    except DecodeError as error:
        return ReadMessage(message, problem=Problem(error.code, str(error)))
    if isinstance(read, tuple):
        return ReadMessage(*read)
    return read if isinstance(read, NotYet) else ReadMessage(message, skipped=read.skipped)


def _read(message: Message, found: object) -> tuple[Message, object] | NotYet | Outcome:
    """What a decoder gave: the record, with what is known of its schema, and its payload; or what becomes of a message
    that has none."""
    if type(found) is Decoded:
        return with_schema(message, found.schema, found.schema_key, found.key), found.payload
    if type(found) is Skipped:
        return Outcome(skipped=found.what)
    return found if type(found) is NotYet else (message, found)
