"""Queries to the cluster before a run begins, all sent at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greenflash_kafka.source.api_versions import GroupProtocol
from greenflash_kafka.source.permission import GroupAccess, TopicAccess
from greenflash_kafka.source.topic_settings import TopicSettings


class StartQuestions(msgspec.Struct, frozen=True):
    """Queries in progress: each response takes a round trip, and the group's first has to find its coordinator.

    Meanwhile there is other work to do, so `require` comes later. None and empty is what needn't be asked.
    """

    dead_letters: TopicSettings | None = None
    access: Sequence[TopicAccess] = ()
    group: GroupAccess | None = None
    protocol: GroupProtocol | None = None
    missing: Sequence[str] = ()
    """Conversation topics that don't exist, or that this user may not describe."""

    def require(self, least_bytes: int = 0) -> int | None:
        """Wait for the responses; the dead-letter topic's `max_message_bytes`, for `properties.producer`.

        Raises ConfigInvalid when the dead-letter topic is compacted or takes no record of `least_bytes`, or the brokers
        don't know the group's protocol, and NotAllowed when this user may not write the dead-letter topic, read a
        topic, or be a member of the group.
        """
        if self.dead_letters is not None:
            self.dead_letters.require_for_dead_letters(least_bytes)
        for each in self.access:
            each.require()
        if self.group is not None:
            self.group.require()
        if self.protocol is not None:
            self.protocol.require()
        return None if self.dead_letters is None else self.dead_letters.max_message_bytes
