"""Activities of conversation topics that are read backwards: those of wanted keys, and a sample of all ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from greenflash_kafka.cli.heard_conversations import HeardActivities
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot

MOST_IDS: Final = 10_000
"""So many ids of each source and key are kept to be compared."""

_BATCH: Final = 1_000


class KnownActivities:
    """The activities of these keys (name and value) become conversations; of the others the ids are kept, `MOST_IDS` at
    most of each source and key: `ids`. `heard` are the wanted keys of which there is an activity."""

    def __init__(self, snapshot: Snapshot, wanted: set[tuple[str, str]]) -> None:
        self._resolver = Resolver(snapshot)
        self._wanted = wanted
        self._parts: dict[tuple[str, int], tuple[int, HeardActivities]] = {}
        self._waiting: list[tuple[Activity, int]] = []
        self._conversations = GivenConversations(snapshot.ruleset.sources)
        self.heard: set[tuple[str, str]] = set()
        self.ids: dict[tuple[str, str], dict[str, None]] = {}
        self.count = 0

    def add(self, message: Message) -> None:
        """Read a record. Those of a partition come in portions that are in order, the latest portion first."""
        place = message.topic, message.partition
        last, part = self._parts.get(place, (-1, None))
        if part is None or message.offset < last:
            part = HeardActivities(self._resolver)
        self._parts[place] = message.offset, part
        for activity, logged in part.told([message]):
            self._note(activity, logged)

    def _note(self, activity: Activity, logged: int) -> None:
        self.count += 1
        asked = self._wanted.intersection(activity.keys)
        for name, value in activity.keys:
            ids = self.ids.setdefault((activity.rule, name), {})
            if len(ids) < MOST_IDS or (name, value) in asked:
                ids[value] = None
        if asked:
            self.heard |= asked
            self._waiting.append((activity, logged))
            if len(self._waiting) >= _BATCH:
                self._flush()

    def _flush(self) -> None:
        self._conversations.add(self._waiting)
        self._waiting = []

    def conversations(self, floor: int = ALWAYS) -> GivenConversations:
        """The conversations of the wanted keys so far; what was logged before `floor` (milliseconds since 1970) may not
        have been read."""
        self._flush()
        self._conversations.floor = floor
        return self._conversations

    def of(self, sources: Iterable[str], key: str) -> dict[str, None]:
        """The ids of a key in these sources, each once."""
        return {each: None for source in sources for each in self.ids.get((source, key), {})}
