"""A record of the questions that links and look-ups in tables ask, for explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from greenflash_kafka.model.conversations import Answer, Candidate, Conversations, Question
from greenflash_kafka.model.topic_tables import TopicTables


class AskedConversations:
    """Conversations that remember what they were asked, in order, with their answers."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self.asked: list[tuple[Question, Answer]] = []

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:
        """As the conversations themselves say."""
        return self._conversations.known(sources, recorded)

    def find(self, question: Question) -> Answer:
        """As the conversations themselves say; remembered."""
        answer = self._conversations.find(question)
        self.asked.append((question, answer))
        return answer

    def candidates(self, question: Question) -> Sequence[Candidate]:
        """As the conversations themselves say."""
        return self._conversations.candidates(question)


class AskedRow(msgspec.Struct, frozen=True):
    """A look-up in a table from a topic: the name of the table's source, the key, the timestamp of the message
    (milliseconds since 1970), and the row that was found."""

    table: str
    key: str
    recorded: int
    row: Mapping[str, Any] | None


class AskedTables:
    """Tables that remember what they were asked, in order. None as `tables`: nobody knows rows."""

    def __init__(self, tables: TopicTables | None) -> None:
        self._tables = tables
        self._asked: dict[tuple[str, str, int], AskedRow] = {}

    @property
    def asked(self) -> tuple[AskedRow, ...]:
        """The look-ups, each once."""
        return tuple(self._asked.values())

    def row(self, table: str, key: str, recorded: int) -> Mapping[str, Any] | None:
        """As the tables themselves say; remembered."""
        found = None if self._tables is None else self._tables.row(table, key, recorded)
        self._asked[table, key, recorded] = AskedRow(table, key, recorded, found)
        return found
