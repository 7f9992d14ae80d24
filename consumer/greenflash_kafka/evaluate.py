"""Evaluation of a message: decoding, rules, identity and validation, in one pure function.

`run`, `test`, `try`, the demo and everything that shows what rules do call this and nothing else.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model import insert_id
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.body import NotRenderable, render
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import ConversationsUnreadable
from greenflash_kafka.model.event import FIELD, Event, refusals
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import FILTERED, Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.expressions.values import NAMES, number_text, type_of
from greenflash_kafka.rules.ruleset import Applied, Draft, Explanation, KafkaFacts
from greenflash_kafka.snapshot import Snapshot

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""Bytes of JSON that all events of one message may have together; over it the message is invalid, nothing is sent."""

SHOWN = 60
"""Characters of a rejected value that a problem shows."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JSON = json.JSONEncoder(ensure_ascii=True, default=str)


def evaluate(message: Message, snapshot: Snapshot) -> Outcome | NotYet:
    """The events that a message gives under these rules, and what is wrong with it; `NotYet` if that can't be said
    before something is known. Never raises for its content."""
    reading = snapshot.by_topic[message.topic]
    if reading is None:
        return FILTERED
    rules, decode, sources = reading
    context = snapshot.context
    if sources and (conversations := context.conversations) is not None:
        recorded = message.record_ms
        if recorded is not None and not conversations.known(sources, recorded):
            return NotYet(("horizon", sources, recorded))
    try:
        payload = None if message.value is None else decode(message)
    except DecodeError as error:
        return Outcome(problems=(Problem("bad-payload", str(error)),))
    if type(payload) is NotYet:
        return payload
    found = rules.find(payload, message)
    if not found:
        return FILTERED
    try:
        applied = rules.apply_found(found, payload, message, context)
    except ConversationsUnreadable:
        # Sent without its link, the event would differ from what the next run sends.
        return NotYet(("horizon", sources, message.record_ms))
    drafts, problems = applied.drafts, applied.problems
    if not drafts and not problems:
        return Outcome(counts=applied.counts) if applied.counts else FILTERED
    if len(drafts) == 1 and not problems:
        event = drafts[0]
        if isinstance(event, Event) and len(event.body) <= MAX_EVENT_BYTES:
            return Outcome((event,), (), applied.counts)
    return _finished(applied, message, context)


def _finished(applied: Applied, message: Message, context: EvaluationContext) -> Outcome:
    """The events of one message, each with an id of its own, and together no larger than they may be."""
    events: list[Event] = []
    problems = list(applied.problems)
    seen: set[str] = set()
    size = 0
    for draft in applied.drafts:
        wrong = [] if isinstance(draft, Event) else _finish(draft, message, context)
        identity = draft.insert_id if isinstance(draft, Event) else str(draft.fields["insert_id"])
        if identity in seen:
            said = "an earlier event of this message has the same insert_id; make the key say what tells them apart"
            wrong.append(Problem("insert-id-repeated", said, draft.rule, draft.item, "insert_id"))
        seen.add(identity)
        problems += wrong
        if wrong:
            continue
        try:
            event = draft if isinstance(draft, Event) else _rendered(draft)
        except NotRenderable as error:
            # What no JSON can hold is in the properties: the rest is text, or checked against its range.
            problems.append(Problem("not-allowed", str(error), draft.rule, draft.item, "properties"))
            continue
        size += len(event.body)
        if size > MAX_EVENT_BYTES:
            said = f"the events are more than {MAX_EVENT_BYTES:,} bytes together; nothing was sent"
            return Outcome(problems=(Problem("limit", said, draft.rule, draft.item),), counts=applied.counts)
        events.append(event)
    return Outcome(tuple(events), tuple(problems), applied.counts)


def activities(message: Message, snapshot: Snapshot) -> Activities | NotYet:
    """The activities that the conversation sources find in a message, and what is wrong with it; `NotYet` as for
    `evaluate`. Never raises for its content."""
    reading = snapshot.conversations_by_topic[message.topic]
    if reading is None:
        return NO_ACTIVITIES
    rules, decode, _ = reading
    try:
        payload = None if message.value is None else decode(message)
    except DecodeError as error:
        return Activities(problems=(Problem("bad-payload", str(error)),))
    if type(payload) is NotYet:
        return payload
    found = rules.find(payload, message)
    if not found:
        return NO_ACTIVITIES
    applied = rules.apply_found(found, payload, message, snapshot.context)
    if not applied.drafts and not applied.problems:
        return NO_ACTIVITIES
    return Activities(applied.drafts, applied.problems)  # type: ignore[arg-type]


def explain(message: Message, snapshot: Snapshot) -> list[Explanation]:
    """The reason why each rule and conversation source of the topic matched or didn't, in file order; nothing of what
    can't be decoded, or not yet."""
    found: list[Explanation] = []
    for reading in (snapshot.by_topic[message.topic], snapshot.conversations_by_topic[message.topic]):
        if reading is None:
            continue
        rules, decode, _ = reading
        try:
            payload = None if message.value is None else decode(message)
        except DecodeError:
            continue
        if type(payload) is not NotYet:
            found += rules.explain(payload, KafkaFacts(message), snapshot.context)
    return found


def _finish(draft: Draft, message: Message, context: EvaluationContext) -> list[Problem]:
    """Set time and identity of the draft, in place, and report everything that the API would reject about it."""
    fields = draft.fields
    problems: list[Problem] = []
    if "event_at" not in fields and message.record_ms is not None:
        # The service would take the moment of sending, and a late or replayed event would lie. Without any timestamp
        # nothing better is known.
        moment = _record_time(message.record_ms)
        if moment is None:
            said = "the record's own timestamp lies outside the years 1970 to 9999; give the rule an event_at"
            problems.append(Problem("bad-time", said, draft.rule, draft.item, "event_at"))
        else:
            # Before the properties, where it stands if the rule gives it: a field's place says nothing.
            properties = fields.pop("properties", None)
            fields["event_at"] = moment
            if properties is not None:
                fields["properties"] = properties
    if draft.key is not None:
        fields["insert_id"] = insert_id.from_key(str(fields.get("event_type")), draft.key)
    else:
        fields["insert_id"] = insert_id.of_message(draft.rule, message, context, draft.item)
    problems += [
        Problem("not-allowed", wrong + _fix(name, fields), draft.rule, draft.item, name, _shown(fields.get(name)))
        for name, wrong in refusals(fields)
    ]
    return problems


def _record_time(ms: int) -> datetime | None:
    """Producers may write any 64-bit number: a calendar ends with the year 9999, and Kafka's begins with 1970."""
    try:
        return None if ms < 0 else _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return None


def _rendered(draft: Draft) -> Event:
    """The event of a finished draft. Raises NotRenderable."""
    fields = draft.fields
    sampled = "sample_rate" in fields and not fields.get("force_sample")
    return Event(draft.rule, draft.item, str(fields["insert_id"]), render(fields), sampled, draft.link)


def _fix(name: str, fields: dict[str, object]) -> str:
    """The fix for a number in a text field: ids are the usual case."""
    value = fields.get(name)
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return "; text(...) makes one of a number" if number and FIELD[name].kind in ("text", "uuid") else ""


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        # Writing out ten megabytes to show sixty characters of them would hold up every other message.
        return NAMES[type_of(value)]
    if isinstance(value, str):
        value = value[: SHOWN + 1]
    text = number_text(value) if isinstance(value, Decimal) else _JSON.encode(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
