"""Questions that the links of a message's events ask, each with the event that asks it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from greenflash_kafka.model.conversations import Answer, Candidate, Question
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import NOT_SENT, Outcome

MOST: Final = 100
"""So many times a message is evaluated again at most."""

_NONE: Final = Answer("none")
_MARK: Final = Answer("crowded")
"""No conversation either, and the event's link says so: an event that asked such a question is told from the others,
and is the same event otherwise."""


class AskedQuestions:
    """`model.conversations.Conversations` that knows no conversation, and remembers the questions of one message in the
    order in which they are asked: since none is found, every way of a rule is asked for."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.marked: Collection[int] = ()
        """Places among the questions, whose answer is marked."""

    def begin(self, marked: Collection[int] = ()) -> None:
        """Begin with a message."""
        self.asked = []
        self.marked = marked

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        """True: nobody waits."""
        return True

    def find(self, question: Question) -> Answer:
        """None is found."""
        answer = _MARK if len(self.asked) in self.marked else _NONE
        self.asked.append(question)
        return answer

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        """None."""
        return ()


def asking(events: Sequence[Event]) -> list[Event]:
    """Those of a message's events that asked."""
    return [each for each in events if each.link is not None and each.link.result == _NONE.result]


def questions_of(
    outcome: Outcome, asked: AskedQuestions, again: Callable[[], Outcome]
) -> dict[str, tuple[Question, ...]]:
    """The questions of each event of a message that asked any, by its insert_id, in the order in which it asks them.

    `outcome` is what the message gave, `asked` what its events asked. An event asks one question for each way of its
    rule, events that aren't sent (invalid ones, drafts) ask, too, and rules with the same `each` ask in turn; so
    `again` evaluates the message once more, with some of the questions marked. Of a message for which `MOST` times
    aren't enough, the events that aren't told apart by then are left out.
    """
    owners = asking(outcome.events)
    if len(owners) == 1 and not outcome.problems and all(each.code not in NOT_SENT for each in outcome.counts):
        return {owners[0].insert_id: tuple(asked.asked)}
    return _Sharing(asked, again).shared_out(owners)


class _Sharing:
    """Finds out whose question is whose, by marks."""

    def __init__(self, asked: AskedQuestions, again: Callable[[], Outcome]) -> None:
        self._questions = asked.asked
        self._asked = asked
        self._again = again
        self._left = MOST
        self._found: dict[str, dict[int, Question]] = {}
        self._unknown: set[str] = set()

    def shared_out(self, owners: Sequence[Event]) -> dict[str, tuple[Question, ...]]:
        """The questions of these events: all that asked and are sent."""
        self._share(range(len(self._questions)), owners)
        return {
            owner: tuple(own[at] for at in sorted(own))
            for owner, own in self._found.items()
            if owner not in self._unknown
        }

    def _share(self, places: Sequence[int], owners: Sequence[Event]) -> None:
        """Note whose the questions at these places are. `owners` asked one of them at least; others may have."""
        if len(places) == len(owners):
            self._one_each(places, owners)
        elif owners:
            for part in (places[::2], places[1::2]):
                if self._left < 1:
                    self._unknown.update(each.insert_id for each in owners)
                    return
                self._share(part, self._marked(part))

    def _one_each(self, places: Sequence[int], owners: Sequence[Event]) -> None:
        """Each of the owners asked one of the questions: the digits of their numbers are found for all at once."""
        numbers = {each.insert_id: number for number, each in enumerate(owners)}
        # The events of one rule are in the order in which they asked.
        if len({each.rule for each in owners}) > 1:
            bits = (len(places) - 1).bit_length()
            if self._left < bits:
                self._unknown.update(numbers)
                return
            numbers = dict.fromkeys(numbers, 0)
            for bit in range(bits):
                for each in self._marked([at for number, at in enumerate(places) if number >> bit & 1]):
                    numbers[each.insert_id] |= 1 << bit
        for owner, number in numbers.items():
            at = places[number]
            self._found.setdefault(owner, {})[at] = self._questions[at]

    def _marked(self, places: Sequence[int]) -> list[Event]:
        """The events that asked a question at one of these places."""
        self._left -= 1
        self._asked.begin(frozenset(places))
        events = self._again().events
        return [each for each in events if each.link is not None and each.link.result == _MARK.result]


def key_values(questions: Collection[Question]) -> set[tuple[str, str]]:
    """Names and values of the keys that are searched by."""
    return {key for each in questions for key in each.keys}
