"""Conversations for `coverage`: their topics are read once, and what concerns the sampled events is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import msgspec

from greenflash_kafka.cli.heard_conversations import HeardActivities, lacking_conversations
from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.coverage.link_questions import LinkSample
from greenflash_kafka.coverage.link_share import LONGEST_MS, LinkShare, link_shares
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot

_EVER: Final = 1 << 45
"""Milliseconds from 1970 on, further than the year 3000: a producer may have stamped anything."""


class Shares(msgspec.Struct, frozen=True):
    """What was found, and why nothing was, where that is so."""

    shares: tuple[LinkShare, ...] = ()
    notes: tuple[str, ...] = ()


def shares(
    samples: Mapping[str, LinkSample], flags: HistoryFlags, snapshot: Snapshot, topics: Collection[str]
) -> Shares:
    """The linked share of each rule of these topics. Topics that can't be read are noted."""
    questions = [each for sample in samples.values() for event in sample.sampled.values() for each in event.questions]
    if not questions:
        return Shares()
    ruleset = snapshot.ruleset
    if not ruleset.sources:
        return Shares(notes=("rules link, and no file describes conversations: links aren't judged",))
    # By the records' stamps, not the events' times: one event of 1970 must not make all history be read.
    since = max(0, min(each.recorded for each in questions) - LONGEST_MS)
    until = max(each.recorded for each in questions) + max(each.max_delay_ms for each in ruleset.sources) + 1
    # A recording says nothing of what came before it, and is read as a whole all the same.
    window = HistoryFlags(flags.file, None if flags.recording else since, min(until, _EVER), None, flags.recording)
    heard = _Heard(snapshot, {key for each in questions for key in each.keys})
    names, patterns = ruleset.conversation_topics, ruleset.conversation_patterns
    try:
        if flags.recording is None:
            with opened(HistoryFlags(flags.file, until=since), names, patterns, all_there=False) as before:
                heard.older({each.topic for each in before.ranges}, since)
        with opened(window, names, patterns, all_there=False) as source:
            for messages in source.messages():
                heard.add(messages)
            lacking = lacking_conversations(ruleset, topics, source, flags.recording)
    except KeyboardInterrupt:
        return Shares(notes=("it was ended while conversations were read: links aren't judged",))
    except GreenflashKafkaError as error:
        return Shares(notes=(f"conversations couldn't be read: {error}",))
    if heard.floor is None:
        return Shares(notes=lacking or ("no message of a conversation topic was found: links aren't judged",))
    found = tuple(link_shares(samples, heard.conversations, heard.floor))
    heard.conversations.close()
    if found:
        return Shares(found, lacking)
    return Shares(
        notes=(
            *lacking,
            "conversation topics don't reach back two days before the events: links aren't judged",
        )
    )


class _Heard:
    """The activities that concern these keys. `floor`: from when on (milliseconds since 1970) all of them are known;
    None before the first message."""

    def __init__(self, snapshot: Snapshot, keys: set[tuple[str, str]]) -> None:
        self._heard = HeardActivities(Resolver(snapshot))
        self._keys = keys
        self._first: dict[str, int] = {}
        self.conversations = GivenConversations(snapshot.ruleset.sources)

    @property
    def floor(self) -> int | None:
        return max(self._first.values(), default=None)

    def older(self, topics: Iterable[str], since: int) -> None:
        """These topics have messages before a time, from which on all is read."""
        self._first |= dict.fromkeys(topics, since)

    def add(self, messages: list[Message]) -> None:
        """Hear these messages of conversation topics."""
        for message in messages:
            recorded = message.record_ms
            if recorded is not None:
                self._first[message.topic] = min(recorded, self._first.get(message.topic, recorded))
        told = self._heard.told(messages)
        self.conversations.add((each, logged) for each, logged in told if not self._keys.isdisjoint(each.keys))
