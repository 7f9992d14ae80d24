"""`explain` agrees with what is sent, for every field, on 1,000 events of the demo's traffic: Avro, rows as Debezium
tells them, JSON, and events that are linked to chats."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec
import pytest

from greenflash_kafka.cli.heard_conversations import HeardActivities
from greenflash_kafka.cli.records_of_keys import RecordsOfKeys
from greenflash_kafka.cli.try_conversations import heard_in_history
from greenflash_kafka.cli.try_message import Trial
from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.demo.avro_topics import SCHEMAS, in_avro
from greenflash_kafka.demo.made import CHATS, CREDITS, Chat
from greenflash_kafka.demo.traffic import endless_with_meaning, with_chats
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.explanations.explained_rule import FieldSource
from greenflash_kafka.explanations.rule_explainer import explain_rules
from greenflash_kafka.explanations.shown_values import shown
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.loading import load
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import Resolver, resolve_whole
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.topic_rules import message_scope
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.schemas import KnownSchemas

MAPPINGS = Path(__file__).parents[3] / "mappings"
EVENTS = 1_000
SEED = 5

PATH = re.compile(r"payload(?:\.[a-z_]+|\[\d+\])+")
STEP = re.compile(r"\.([a-z_]+)|\[(\d+)\]")


class Sent:
    """What `run` sends of the traffic, by the code that it evaluates with; and who chatted about what."""

    def __init__(self) -> None:
        loaded = load([MAPPINGS], {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"})
        assert loaded.ruleset is not None
        self.rules = Snapshot(loaded.ruleset, decoders=FormatDecoders(KnownSchemas(SCHEMAS)))
        self.chats: dict[str, list[Message]] = defaultdict(list)
        written = self._written(4_000)
        told = HeardActivities(Resolver(self.rules)).told(each for each in written if each.topic == CHATS)
        conversations = GivenConversations(loaded.ruleset.sources, told)
        self.production = self.rules.with_context(
            msgspec.structs.replace(self.rules.context, conversations=conversations)
        )
        self.outcomes: list[tuple[Message, Outcome]] = []
        for message in written:
            outcome = evaluate(message, self.production)
            assert isinstance(outcome, Outcome)
            if outcome.events:
                self.outcomes.append((message, outcome))

    def _written(self, most: int) -> list[Message]:
        found: list[Message] = []
        offsets: Counter[str] = Counter()
        for plain, meaning in with_chats(endless_with_meaning(SEED)):
            each = in_avro(plain)
            offset = offsets[each.topic]
            offsets[each.topic] += 1
            found.append(Message(each.topic, 0, offset, each.timestamp_ms, each.key, each.value, each.headers))
            if isinstance(meaning, Chat):
                self.chats[meaning.user].append(found[-1])
            if len(found) == most:
                return found
        raise AssertionError("the traffic has no end")


@pytest.fixture(scope="module")
def sent() -> Sent:
    return Sent()


def explained(
    message: Message, payload: object, rules: Snapshot
) -> dict[tuple[str, int | None], Sequence[FieldSource]]:
    """The sources of the fields of each event, by the code of `explain`; other rules aren't explained."""
    reading = rules.by_topic[message.topic]
    assert reading is not None
    of_topic, context = reading[0], rules.context
    matched = [each for each in of_topic.explain(payload, KafkaFacts(message), context) if each.condition is None]
    text, json = (message_scope(payload, message, context, json_key=key) for key in (False, True))
    found = explain_rules(of_topic.rules, matched, text, json, sources=True)
    return {(each.explanation.rule, each.explanation.item): each.sources for each in found}


def flat(event: Event) -> Iterator[tuple[str, object]]:
    for name, value in event.sent_fields.items():
        if name == "properties" and isinstance(value, dict):
            yield from ((f"properties.{inner}", one) for inner, one in value.items())
        else:
            yield name, value


@cache
def text_at(file: str, line: int, column: int) -> str:
    """What stands at a place of a mapping file, on one line."""
    lines = Path(file).read_text().splitlines()[line - 1 :]
    return " ".join(" ".join([lines[0][column - 1 :], *lines[1:12]]).split())


def at_path(payload: object, path: str) -> object:
    for name, index in STEP.findall(path):
        if name:
            payload = payload.get(name) if isinstance(payload, dict) else None
        else:
            payload = payload[int(index)] if isinstance(payload, list) and int(index) < len(payload) else None
    return payload


def test_every_field_of_a_thousand_events_is_explained_as_it_was_sent(sent: Sent) -> None:
    events, checked, linked, topics = 0, Counter[str](), 0, Counter[str]()
    for message, outcome in sent.outcomes:
        whole = resolve_whole(message, sent.production)
        found = explained(whole.message, whole.payload, sent.production)
        for event in outcome.events:
            sources = found[event.rule, event.item]
            assert {each.name: each.value for each in sources} == dict(flat(event)), (message.coordinates, event.rule)
            for each in sources:
                checked["field"] += 1
                if each.written:
                    checked["place"] += 1
                    first = each.written.strip("\"'").split("{{")[0][:20]
                    assert first in text_at(each.file, each.line, each.column)[:60], each
                for part in each.parts:
                    if PATH.fullmatch(part.name) and message.topic != CREDITS:
                        checked["part"] += 1
                        value = at_path(whole.payload, part.name)
                        assert part.found == ("missing" if value is None else shown(value)), (message.coordinates, part)
            events += 1
            topics[message.topic] += 1
            linked += event.link is not None and event.link.result == "linked"
        if events >= EVENTS:
            break
    assert events >= EVENTS
    assert linked > 50
    assert topics[CREDITS] > 20
    assert len(topics) == 4
    assert checked["field"] > 10 * EVENTS
    assert min(checked["place"], checked["part"]) > EVENTS


def test_the_whole_answer_has_the_bodies_that_were_sent(sent: Sent) -> None:
    bodies = 0
    of_interest = [each for each in sent.outcomes if any(event.link is not None for event in each[1].events)]
    for message, outcome in of_interest[::12]:
        users = {str(event.sent_fields.get("external_user_id")) for event in outcome.events}
        chats = [chat for user in sorted(users) for chat in sent.chats.get(user, ())]
        # Reading them is `conversations_around`, on a real broker in the scenario of `explain`.
        heard = heard_in_history(chats, sent.rules, lambda _: True, RecordsOfKeys([]))
        told = Trial(message, sent.rules, heard, "record").as_object()
        assert told["events"] == [msgspec.Raw(event.body) for event in outcome.events]
        assert told["outcome"] == outcome.status
        bodies += len(outcome.events)
    assert bodies > 20
