"""Conversations that an event could be linked to, read from their topics around the time of its message."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from greenflash_kafka.cases.asked import AskedConversations
from greenflash_kafka.cases.link_reasons import almost
from greenflash_kafka.cli.heard_conversations import told_from
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, opened
from greenflash_kafka.cli.records_of_keys import RecordsOfKeys
from greenflash_kafka.cli.try_conversations import Heard, heard_in_history
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import Activity, Question
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import Clock
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

_AFTER_MS = 600_000
"""What came so long after the horizon is read, too: it is shown as too late."""


def conversations_around(message: Message, snapshot: Snapshot, flags: HistoryFlags, seconds: float) -> Heard | None:
    """The activities that the message's events could be linked to; None if none of its rules links. For so many
    seconds (0: as long as it takes). Raises what `opened` does."""
    ruleset = snapshot.ruleset
    rules = ruleset.rules_for(message.topic)
    if rules is None or not rules.links:
        return None
    if not ruleset.sources:
        return Heard((), ("no mapping file describes conversations, so nothing can be linked",))
    questions = _questions(message, snapshot)
    if not questions:
        return Heard((), ())
    keys = {key for each in questions for key in each.keys}
    delay = max(each.max_delay_ms for each in ruleset.sources)
    # Those that were told too long before a late outcome are shown, too.
    since = max(0, min(min(told_from(each.begin()), each.at - each.lookback) for each in questions))
    until = max(message.record_ms or 0, *(each.at for each in questions)) + delay + _AFTER_MS
    around = HistoryFlags(flags.file, since, until, None, flags.recording)
    late: list[str] = []
    with opened(around, ruleset.conversation_topics, ruleset.conversation_patterns, all_there=False) as source:
        heard = heard_in_history(
            _read(source, SystemClock(), seconds, late), snapshot, _wanted(keys), RecordsOfKeys(keys)
        )
        late += [f"the topic {name} {why}" for name, why in source.absent.items()]
    return msgspec.structs.replace(heard, wrong=(*heard.wrong, *late))


def _questions(message: Message, snapshot: Snapshot) -> list[Question]:
    """What the message's links ask."""
    asked = AskedConversations(GivenConversations(snapshot.ruleset.sources))
    resolve(message, snapshot.with_context(msgspec.structs.replace(snapshot.context, conversations=asked)))
    return [question for question, _ in asked.asked]


def _wanted(keys: set[tuple[str, str]]) -> Callable[[Activity], bool]:
    """Activities that have one of the keys, or almost one."""

    def wanted(activity: Activity) -> bool:
        return not keys.isdisjoint(activity.keys) or bool(almost(activity.keys, keys))

    return wanted


def _read(source: OpenHistory, clock: Clock, seconds: float, late: list[str]) -> Iterator[Message]:
    until = clock.monotonic() + seconds
    read = 0
    for messages in source.messages(2_000):
        yield from messages
        read += len(messages)
        if seconds and clock.monotonic() > until:
            of = sum(each.count for each in source.ranges)
            late.append(f"--max-seconds {seconds:g}: {read:,} of {of:,} records were read, the oldest first")
            return
