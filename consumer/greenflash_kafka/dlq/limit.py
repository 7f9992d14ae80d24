"""Limits on dead letters: above them a rule, a product or an address is wrong, not the messages."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from typing import Final

import msgspec

from greenflash_kafka.ports import DeadLetter

WINDOW: Final = 1000
"""The ratio of dead letters is computed over so many of a topic's latest settled messages."""

SAMPLE: Final = 500
"""Least number of messages for the ratio: a few bad ones among few must not end the process."""


class Limits(msgspec.Struct, frozen=True):
    """`max_invalid_ratio`: the largest share of dead letters (0 to 1) among a topic's latest settled messages.
    `max_consecutive`: the most in a row. None: no such limit."""

    max_invalid_ratio: float | None = None
    max_consecutive: int | None = None


class _Topic:
    """The settled messages of a topic: their number, and the positions of dead letters among them."""

    __slots__ = ("dead_letters", "in_a_row", "settled")

    def __init__(self) -> None:
        self.settled = 0
        self.dead_letters: deque[int] = deque()
        self.in_a_row = 0

    def dead_letter(self) -> None:
        self.settled += 1
        self.in_a_row += 1
        self.dead_letters.append(self.settled)
        while self.dead_letters[0] <= self.settled - WINDOW:
            self.dead_letters.popleft()


class LimitWatch:
    """Counts settled messages by topic: a broken topic must not hide behind those that work.

    Messages that no rule asks for don't count. The count begins with the process.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._off = limits.max_invalid_ratio is None and limits.max_consecutive is None
        self._topics: dict[str, _Topic] = {}
        self._reasons: Counter[tuple[str, str, str]] = Counter()
        self.exceeded = ""
        """The limit that was exceeded, the cause, and an example; empty while none is."""

    def delivered(self, topic: str) -> None:
        """A message of this topic became events, all of them accepted."""
        if not self._off:
            known = self._topics.get(topic) or self._topic(topic)
            known.settled += 1
            known.in_a_row = 0

    def allows(self, dead_letter: DeadLetter) -> bool:
        """Count a dead letter that is about to be written; False when it must not be, nor any after it."""
        if self._off:
            return True
        if self.exceeded:
            return False
        message = dead_letter.message
        topic = self._topic(message.topic)
        topic.dead_letter()
        self._reasons.update((message.topic, rule, code) for rule, code in _blamed(dead_letter))
        passed = self._passed(topic)
        if passed:
            reasons = [
                f"rule {rule or '(none)'}: {code} ({count})"
                for (name, rule, code), count in self._reasons.most_common()
                if name == message.topic
            ]
            self.exceeded = (
                f"topic {message.topic}: {passed}. {', '.join(reasons[:5])}; "
                f"for example {message.coordinates}: {dead_letter.text}"
            )
        return not self.exceeded

    def _passed(self, topic: _Topic) -> str:
        most, share = self._limits.max_consecutive, self._limits.max_invalid_ratio
        if most is not None and topic.in_a_row > most:
            return f"more than {most} dead letters in a row (dead_letter.max_consecutive)"
        seen, dead_letters = min(topic.settled, WINDOW), len(topic.dead_letters)
        if share is not None and seen >= SAMPLE and dead_letters > share * seen:
            return (
                f"{dead_letters} of the latest {seen} messages that rules ask for are dead letters, "
                f"more than {share:.0%} (dead_letter.max_invalid_ratio)"
            )
        return ""

    def _topic(self, name: str) -> _Topic:
        return self._topics.setdefault(name, _Topic())


def _blamed(dead_letter: DeadLetter) -> Iterable[tuple[str, str]]:
    """Rule and code of each event that failed, each once."""
    found = {(rule, code) for rule, _, _, code in dead_letter.events if code != "accepted"}
    return found or {("", dead_letter.code)}
