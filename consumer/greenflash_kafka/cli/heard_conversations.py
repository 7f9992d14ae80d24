"""Activities of conversation topics' history, as links find them: each with the time by the log from which on it
counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import DAY_MS, Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot


class HeardActivities:
    """What records say, partition by partition in the order of the log. A record without a timestamp says nothing."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._logged: dict[tuple[str, int], int] = {}

    def told(self, messages: Iterable[Message]) -> Iterator[tuple[Activity, int]]:
        """The activities of these records; a record counts from the largest timestamp on that its partition had so far,
        as in production (milliseconds since 1970), where what is told more than a day before it happens is no activity,
        either."""
        for message in messages:
            recorded = message.record_ms
            if recorded is None:
                continue
            place = message.topic, message.partition
            logged = self._logged[place] = max(recorded, self._logged.get(place, recorded))
            for each in self._resolver.activities(message).found:
                if each.at <= recorded + DAY_MS:
                    yield each, logged


def past_conversations(snapshot: Snapshot, flags: HistoryFlags) -> GivenConversations | None:
    """The conversations to which events of this window may be linked: their topics are read from the longest lookback
    and a day before it on, whole if it has no beginning. None if no rule links. Raises what `opened` does."""
    ruleset = snapshot.ruleset
    if not ruleset.linking_rules or not ruleset.sources:
        return None
    since = None if flags.since is None else max(0, flags.since - ruleset.longest_lookback - DAY_MS)
    delay = max(each.max_delay_ms for each in ruleset.sources)
    until = None if flags.until is None else flags.until + delay + 1
    # A recording says nothing of what came before it, and is read as a whole all the same.
    recorded = flags.recording is not None
    window = HistoryFlags(flags.file, None if recorded else since, None if recorded else until, None, flags.recording)
    conversations, heard = GivenConversations(ruleset.sources), HeardActivities(Resolver(snapshot))
    with opened(window, ruleset.conversation_topics, ruleset.conversation_patterns, all_there=False) as source:
        for messages in source.messages():
            conversations.add(heard.told(messages))
    return conversations
