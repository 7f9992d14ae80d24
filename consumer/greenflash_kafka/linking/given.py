"""Conversations that a caller gives, for cases, trials and studies: the same table, the same decision, no logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.search import Search
from greenflash_kafka.linking.table import ActivityTable, storable, stored
from greenflash_kafka.model.conversations import Activity, Answer, Candidate, ConversationSource, Question


class GivenConversations:
    """`model.conversations.Conversations` over activities that are all known from the beginning.

    `given`: activities, each with the time by the log (milliseconds since 1970) from which on it counts. `table` holds
    them; one in memory if not said. What was logged before `floor` (milliseconds since 1970) may not be among them, if
    that is set. All methods raise TableFailed where it is a file.
    """

    def __init__(
        self,
        sources: Sequence[ConversationSource],
        given: Iterable[tuple[Activity, int]] = (),
        table: ActivityTable | None = None,
    ) -> None:
        self._table = ActivityTable(hash_key=b"given") if table is None else table
        self._search = Search(sources, self._table)
        self.floor = ALWAYS
        self._hashers = {
            (each.name, name): self._table.hasher(each.name, name) for each in sources for name in each.keys
        }
        if given:
            self.add(given)

    def add(self, given: Iterable[tuple[Activity, int]]) -> None:
        """Add activities; what a source doesn't have as a key, or the table can't hold, is left out."""
        rows = [
            stored(hashed(value), activity.conversation, activity.at, logged)
            for activity, logged in given
            if storable(activity.conversation, activity.at)
            for name, value in activity.keys
            if (hashed := self._hashers.get((activity.rule, name))) is not None
        ]
        self._table.begin()
        self._table.put(sorted(rows))
        self._table.commit({})

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        """True: nothing more will be given."""
        return True

    def find(self, question: Question) -> Answer:
        """See `model.conversations.Conversations`; never `not-ready`, and `history` only with a floor."""
        return self._search.find(question, self._search.places(question), self.floor)

    def candidates(self, question: Question) -> Sequence[Candidate]:
        """See `model.conversations.Conversations`."""
        return self._search.candidates(question, self._search.places(question), self.floor)

    def close(self) -> None:
        """Free the table; a file stays as it is."""
        self._table.close(finished=False)
