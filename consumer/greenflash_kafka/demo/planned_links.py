"""The conversation that each fact of the traffic must be linked to, worked out without the linking engine.

All chats and all facts are known here, so the rule of linking can be applied to them by looking at each: the last
activity of the same user at or before the fact, within the lookback, if Kafka had it soon enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import msgspec

from greenflash_kafka.demo.made import Chat, Fact, Made
from greenflash_kafka.model.conversations import MINUTE_MS, SKEW_MS
from greenflash_kafka.sandbox.conversation_totals import ByChance


class Planned(msgspec.Struct, frozen=True):
    """`conversation` is empty where the fact must stay without one. `led`: whether that conversation is what led to the
    fact, in truth."""

    conversation: str
    led: bool


class PlannedLinks:
    """Takes note of messages as they are written, in that order."""

    def __init__(self, max_delay_ms: int) -> None:
        self._max_delay_ms = max_delay_ms
        self._activities: dict[str, dict[tuple[str, int], tuple[int, int]]] = defaultdict(dict)
        """By user, conversation and minute: when it was recorded, and when it happened."""
        self._facts: dict[str, tuple[Fact, int]] = {}
        self._told_elsewhere: set[str] = set()
        self._conversations: set[str] = set()

    def note(self, written: Made | Chat, recorded: int) -> None:
        """Take note of a message with this timestamp, in milliseconds."""
        if isinstance(written, Chat):
            self._note_chat(written, recorded)
            return
        for fact in written.facts:
            known = self._facts.setdefault(fact.insert_id, (fact, recorded))
            if known[1] != recorded:
                self._told_elsewhere.add(fact.insert_id)

    def _note_chat(self, chat: Chat, recorded: int) -> None:
        self._conversations.add(chat.conversation)
        if chat.role != "user":
            return
        of_user = self._activities[chat.user]
        minute = chat.conversation, chat.at // MINUTE_MS
        of_user[minute] = min(of_user.get(minute, (recorded, chat.at)), (recorded, chat.at))

    @property
    def conversations(self) -> int:
        """How many conversations were told."""
        return len(self._conversations)

    def planned(self) -> Mapping[str, Planned]:
        """By insert id, what must become of each fact of a rule that links.

        Facts that were told more than once are left out: the service keeps what it is told first, and two topics are
        read side by side.
        """
        return {
            insert_id: self._plan(fact, recorded)
            for insert_id, (fact, recorded) in self._facts.items()
            if fact.lookback and insert_id not in self._told_elsewhere
        }

    def by_chance(self) -> ByChance:
        """The share that coincidence alone links: of the facts whose user is known, those that would be linked if they
        had happened one lookback earlier."""
        facts = [fact for fact, _ in self._facts.values() if fact.lookback and fact.user]
        found = (self._find(each.user, each.at - each.lookback, each.lookback, _ALWAYS) for each in facts)
        return ByChance(sum(conversation != "" for conversation in found), len(facts))

    def _plan(self, fact: Fact, recorded: int) -> Planned:
        found = self._find(fact.user, fact.at, fact.lookback, recorded + self._max_delay_ms) if fact.user else ""
        return Planned(found, found != "" and found == fact.cause)

    def _find(self, user: str, at: int, lookback: int, horizon: int) -> str:
        within = [
            (happened, conversation)
            for (conversation, _), (recorded, happened) in self._activities.get(user, {}).items()
            if recorded <= horizon and at - lookback <= happened <= at + SKEW_MS
        ]
        return max(within)[1] if within else ""


_ALWAYS: Final = 1 << 62
