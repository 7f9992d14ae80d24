"""Questions that the links of a message's events ask, each with the event that asks it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from greenflash_kafka.model.conversations import Answer, Candidate, Question
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome

_NONE = Answer("none")


class NumberedAnswers:
    """`model.conversations.Conversations` whose answer to each question is a conversation with the question's number
    for an id: so each event shows which question is its own. Those that are `passed` have no answer, and the next way
    of the rule is asked."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.passed: set[Question] = set()

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        """True: nobody waits."""
        return True

    def find(self, question: Question) -> Answer:
        """The question's number."""
        if question in self.passed:
            return _NONE
        self.asked.append(question)
        return Answer("linked", str(len(self.asked) - 1), at=question.at)

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        """None."""
        return ()


def questions_of(
    message: Message, outcome: Callable[[Message], Outcome], answers: NumberedAnswers
) -> list[tuple[Question, ...]]:
    """The questions of each event of a message, in the order in which they are asked; empty for an event that asks
    none. `outcome` evaluates with these `answers`."""
    answers.passed = set()
    found: list[list[Question]] = []
    while True:
        answers.asked = []
        links = [each.link for each in outcome(message).events]
        found = found or [[] for _ in links]
        new: set[Question] = set()
        # A property may fail for a conversation that isn't one, and its event is missing.
        for own, link in zip(found, links, strict=False):
            if link is not None and link.result == "linked" and len(links) == len(found):
                question = answers.asked[int(link.conversation)]
                own.append(question)
                new.add(question)
        answers.passed |= new
        if not new:
            return [tuple(own) for own in found]


def key_values(questions: Collection[Question]) -> set[tuple[str, str]]:
    """Names and values of the keys that are searched by."""
    return {key for each in questions for key in each.keys}
