"""The reading of a topic's messages: what `source:` of a mapping file says, beside the topics."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from greenflash_kafka.model.formats import AUTO, DEFAULT
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.start_at import StartAt

Envelope = Literal["cloudevents", "debezium", "none"]
KeyFormat = Literal["auto", "json", "text"]


class TopicFormat(msgspec.Struct, frozen=True):
    """`format` is AUTO or one of `model.formats.FORMATS`. `schema` is the one that messages without a schema's key have
    (`source: {schema: FILE}`), `message` the Protobuf message in it. `snapshots`: rows of Debezium's snapshots are read
    like others, or skipped; None: rules skip them, conversations read them. `key` is how the record's key is read.
    `subject`: whose versions in a registry its schemas are, for lint and cases; None: the topic's name and "-value".
    `initial_offset`: where a group begins that hasn't read anything of the topic; None: as the configuration says.
    `max_age`: milliseconds; the live run filters messages whose timestamp is older; None: none is too old.
    """

    format: str = AUTO
    schema: Schema | None = None
    message: str | None = None
    envelope: Envelope = "none"
    snapshots: bool | None = None
    key: KeyFormat = "text"
    subject: str | None = None
    initial_offset: StartAt | None = None
    max_age: int | None = None

    @property
    def may_name_schemas(self) -> bool:
        """True if messages may name a registry's schema by a key."""
        return self.schema is None and self.format != DEFAULT


PLAIN: Final = TopicFormat()
"""Of a topic whose files say nothing of it."""
