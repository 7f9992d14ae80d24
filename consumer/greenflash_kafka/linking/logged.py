"""Conversations as the logs tell them: the port of evaluation, over the table and how far the logs are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.frontier import MARGIN_MS
from greenflash_kafka.linking.search import Place, Search
from greenflash_kafka.linking.source_horizons import FUTURE_MS, SourceHorizons
from greenflash_kafka.linking.table import ActivityTable, TableFailed
from greenflash_kafka.model.conversations import (
    LATE_MS,
    Answer,
    Candidate,
    ConversationSource,
    ConversationsUnreadable,
    Question,
)
from greenflash_kafka.ports import Clock

__all__ = ["FUTURE_MS", "LoggedConversations"]

_NOT_READY: Final = Answer("not-ready")


class LoggedConversations(SourceHorizons):
    """`model.conversations.Conversations` over the table that the reader of the logs fills; the parameters are those of
    `SourceHorizons`."""

    def __init__(
        self,
        sources: Sequence[ConversationSource],
        table: ActivityTable,
        clock: Clock,
        *,
        lookback: int,
        late: int = LATE_MS,
        give_up_after: float | None = None,
        margin: int = MARGIN_MS,
    ) -> None:
        super().__init__(sources, clock, lookback=lookback, late=late, give_up_after=give_up_after, margin=margin)
        self._search = Search(sources, table, late)

    def find(self, question: Question) -> Answer:
        """See `model.conversations.Conversations`. Checks the horizons itself: rather no answer than a wrong one.

        Raises ConversationsUnreadable.
        """
        places = self._search.places(question)
        recorded = question.recorded
        frontiers = self.frontiers
        floor = ALWAYS
        for _, source, _, _, delay in places:
            name = source.name
            if recorded + delay > frontiers.get(name, ALWAYS):
                return _NOT_READY if question.keys else Answer("no-key")
            since = self._since.get(name, ALWAYS)
            if since > floor:
                floor = since
        if places and recorded < self._from:
            return _NOT_READY
        try:
            return self._search.find(question, places, floor)
        except TableFailed as error:
            self.failed = error
            raise ConversationsUnreadable(str(error)) from error

    def candidates(self, question: Question) -> Sequence[Candidate]:
        """See `model.conversations.Conversations`; none while the horizons aren't reached."""
        if self.find(question).result == "not-ready":
            return ()
        places = self._search.places(question)
        return self._search.candidates(question, places, self._floor_of(places))

    def _floor_of(self, places: Sequence[Place]) -> int:
        return max((self._since.get(source.name, ALWAYS) for _, source, *_ in places), default=ALWAYS)
