"""Facts about the Kafka record for rules, read from it on access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from greenflash_kafka.expressions.functions.parsing import parse_json
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.model.message import Message, SchemaMessage

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class KafkaFacts(msgspec.Struct, frozen=True, gc=False, eq=False):
    """The record behind a payload, as `kafka.topic`, `.partition`, `.offset`, `.key`, `.timestamp`, `.headers`,
    `.schema`, `.schema_id`.

    With `json_key` the key is what its decoder read, else JSON; without, it is text. A key that is neither is missing.
    """

    message: Message
    json_key: bool = False

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self.message.topic

    @property
    def partition(self) -> int:
        """The partition's number."""
        return self.message.partition

    @property
    def offset(self) -> int:
        """The record's offset."""
        return self.message.offset

    @property
    def timestamp(self) -> datetime | None:
        """The record's timestamp, UTC; None when it has none, or one that can't be (before 1970, after 9999)."""
        ms = self.message.record_ms
        if ms is None or ms < 0:
            return None
        try:
            return _EPOCH + timedelta(milliseconds=ms)
        except OverflowError:
            return None

    @property
    def key(self) -> object:
        """The key as text, or as JSON's value; None without a key, or when it can't be decoded."""
        message = self.message
        if self.json_key and isinstance(message, SchemaMessage) and message.decoded_key is not None:
            return message.decoded_key
        text = _text(message.key)
        if text is None or not self.json_key:
            return text
        try:
            return parse_json.run(text)
        except EvaluationError:
            return None

    @property
    def schema(self) -> str | None:
        """The full name of the type that the payload has by its schema; None without a schema, or a name."""
        return schema_of(self.message)

    @property
    def schema_id(self) -> int | str | None:
        """What named the schema in the record: a number, or a GUID's text; None if nothing did."""
        message = self.message
        return message.schema_key if isinstance(message, SchemaMessage) else None

    @property
    def headers(self) -> dict[str, str]:
        """Headers that are UTF-8 text, by name; the last of one name wins."""
        found: dict[str, str] = {}
        for name, value in self.message.headers:
            text = _text(value)
            if text is None:
                found.pop(name, None)
            else:
                found[name] = text
        return found


def schema_of(message: Message) -> str | None:
    """`KafkaFacts.schema`, without making these facts."""
    return message.schema if isinstance(message, SchemaMessage) else None


def header(message: Message, name: str) -> str | None:
    """One of `headers`, without making all of them."""
    for each, value in reversed(message.headers):
        if each == name:
            return _text(value)
    return None


def _text(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None
