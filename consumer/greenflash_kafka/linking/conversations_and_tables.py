"""Conversations and tables from topics together, as evaluation asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.model.conversations import Answer, Candidate, Conversations, Question
from greenflash_kafka.model.topic_tables import PREFIX


class ConversationsAndTables:
    """`model.conversations.Conversations` of both; `conversations` is None where no rule links."""

    def __init__(self, conversations: Conversations | None, tables: LoggedTables) -> None:
        self._conversations = conversations
        self._tables = tables
        self._split: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:
        """See `model.conversations.Conversations`."""
        split = self._split.get(sources)
        if split is None:
            chats = tuple(each for each in sources if not each.startswith(PREFIX))
            split = self._split[sources] = chats, tuple(each for each in sources if each.startswith(PREFIX))
        chats, tables = split
        # Both are asked, so that both readers know what is wanted.
        known = not tables or self._tables.known(tables, recorded)
        return (not chats or self._conversations is None or self._conversations.known(chats, recorded)) and known

    def find(self, question: Question) -> Answer:
        """See `model.conversations.Conversations`."""
        return Answer("not-ready") if self._conversations is None else self._conversations.find(question)

    def candidates(self, question: Question) -> Sequence[Candidate]:
        """See `model.conversations.Conversations`."""
        return () if self._conversations is None else self._conversations.candidates(question)
