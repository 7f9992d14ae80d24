"""What a rule may ask about the Kafka record itself, read from it only when a rule does ask."""

from __future__ import annotations

from consumer.model.message import Message


class KafkaFacts:
    """The record behind a payload: topic, partition, offset, key, timestamp and headers as rules see them."""

    __slots__ = ("message",)

    def __init__(self, message: Message) -> None:
        self.message = message
