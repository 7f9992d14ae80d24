"""The full explanation of a message: what each line of each rule expects and finds. Nothing of it is on the path of
`evaluate`."""

from __future__ import annotations

from greenflash_kafka.evaluate import decoded, readings
from greenflash_kafka.explanations.explained_rule import ExplainedRule
from greenflash_kafka.explanations.rule_explainer import explain_topic
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.snapshot import Snapshot


def explain_fully(message: Message, snapshot: Snapshot, *, sources: bool = False) -> list[ExplainedRule]:
    """The reasons of `explain`, with every line of each rule, what it expects and what the message has: it is decoded
    as a whole, names that no rule reads included. With `sources` also where each field of each event comes from."""
    found: list[ExplainedRule] = []
    whole = snapshot.decoders.decoder(message.topic, None, snapshot.ruleset.format_of(message.topic))
    for rules, decode in readings(message, snapshot):
        read, payload = decoded(message, decode if message.value is None else whole)
        if type(payload) is NotYet:
            # A number that no rule reads may be too large for a payload.
            read, payload = decoded(message, decode)
        if type(payload) is not NotYet:
            found += explain_topic(rules, payload, KafkaFacts(read), snapshot.context, sources=sources)
    return found
