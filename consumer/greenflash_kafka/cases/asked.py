"""A record of the questions that links ask, for explanations."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.model.conversations import Answer, Candidate, Conversations, Question


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
