"""Activities of conversation topics' history, as links find them: each with the time by the log from which on it
counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, opened
from greenflash_kafka.cli.past_tables import readable, record_command
from greenflash_kafka.linking.finished_table import FinishedActivities
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.linking.table import ActivityTable
from greenflash_kafka.model.conversations import EARLY_MS, LATE_MS, LONGEST_DELAY_MS, MINUTE_MS, Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.recording import RecordedHistory

Heard = tuple[Snapshot, tuple[str, ...]]
"""Rules with conversations, and what there is to say of these."""


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
                if not each.too_early(recorded):
                    yield each, logged


def links(ruleset: Ruleset) -> bool:
    """Whether a rule links, and there is something to link to."""
    return bool(ruleset.linking_rules and ruleset.sources)


def told_from(at: int) -> int:
    """The time by the log from which on everything is told that happened from this time on (milliseconds since 1970):
    some activities are told before they happen, and of a minute all is needed, or nothing."""
    return at - EARLY_MS - MINUTE_MS


@contextmanager
def past_conversations(snapshot: Snapshot, flags: HistoryFlags, topics: Collection[str]) -> Iterator[Heard]:
    """The same rules with the conversations to which events of this window may be linked, and what there is to say of
    them; as they are if no rule links. Raises what `read_conversations` does."""
    if not links(snapshot.ruleset):
        yield snapshot, ()
        return
    with TemporaryDirectory(prefix="greenflash-kafka-conversations-") as folder:
        path = Path(folder) / "activities.sqlite"
        notes = read_conversations(snapshot, flags, path, topics, snapshot.ruleset.longest_lookback)
        knowing, conversations = with_conversations(snapshot, path)
        try:
            yield knowing, notes
        finally:
            conversations.close()


def with_conversations(snapshot: Snapshot, path: Path) -> tuple[Snapshot, GivenConversations]:
    """The same rules with conversations that were read, and these, to be closed. Raises SystemLimit."""
    with readable("conversations"):
        found = GivenConversations(snapshot.ruleset.sources, table=FinishedActivities(path))
    return snapshot.with_context(msgspec.structs.replace(snapshot.context, conversations=found)), found


def read_conversations(
    snapshot: Snapshot, flags: HistoryFlags, path: Path, topics: Collection[str], lookback: int
) -> tuple[str, ...]:
    """Read the conversations for events of these topics in this window into a file; what there is to say of them. Their
    topics are read from where messages of the window may look back to by this lookback (milliseconds) on, whole if it
    has no beginning. Raises what `opened` does, and SystemLimit where the file can't be written."""
    ruleset = snapshot.ruleset
    since = None if flags.since is None else max(0, told_from(flags.since - LATE_MS - lookback))
    until = None if flags.until is None else flags.until + LONGEST_DELAY_MS + 1
    # A recording says nothing of what came before it, and is read as a whole all the same.
    recorded = flags.recording is not None
    window = HistoryFlags(flags.file, None if recorded else since, None if recorded else until, None, flags.recording)
    names, patterns = ruleset.conversation_topics, ruleset.conversation_patterns
    heard = HeardActivities(Resolver(snapshot))
    with readable("conversations"), opened(window, names, patterns, all_there=False) as source:
        conversations = GivenConversations(ruleset.sources, table=ActivityTable(path))
        for messages in source.messages():
            conversations.add(heard.told(messages))
        conversations.close()
        return lacking_conversations(ruleset, topics, source, flags.recording)


def lacking_conversations(
    ruleset: Ruleset, topics: Collection[str], source: OpenHistory, recording: Path | None
) -> tuple[str, ...]:
    """What to say where conversation topics aren't in `source` to which rules of these topics link."""
    waited = {name for topic in topics for name in ruleset.waits_for(topic)}
    lacking = {
        topic: ", ".join(told)
        for topic in source.absent
        if (told := [name for name in ruleset.sources_in(topic) if name in waited])
    }
    if not lacking:
        return ()
    said = ", ".join(f"the topic {topic} (conversations {told})" for topic, told in lacking.items())
    without = "what links to these conversations has none here"
    if recording is None or not isinstance(source.history, RecordedHistory):
        return tuple(
            f"what links to conversations {told} has none here: the topic {topic} {source.absent[topic]}"
            for topic, told in lacking.items()
        )
    command = record_command(source.history.header, ruleset, lacking)
    return (f"{recording} doesn't have {said}: {without}. Make the recording anew: greenflash-kafka {command}",)
