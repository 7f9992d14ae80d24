"""The readers of conversations and of tables as one."""

from __future__ import annotations

from greenflash_kafka.ports import ConversationReader


class TwoReaders:
    """`ports.ConversationReader` of two: their turns follow each other."""

    def __init__(self, one: ConversationReader, other: ConversationReader) -> None:
        self._readers = one, other

    def turn(self) -> None:
        """See `ports.ConversationReader`."""
        for each in self._readers:
            each.turn()

    @property
    def wait(self) -> float:
        """See `ports.ConversationReader`."""
        return min(each.wait for each in self._readers)

    @property
    def stalled(self) -> str:
        """See `ports.ConversationReader`."""
        return "; ".join(each.stalled for each in self._readers if each.stalled)

    def progress(self, oldest: int, furthest: int) -> None:
        """See `ports.ConversationReader`."""
        for each in self._readers:
            each.progress(oldest, furthest)

    def report(self) -> None:
        """See `ports.ConversationReader`."""
        for each in self._readers:
            each.report()

    def close(self) -> None:
        """See `ports.ConversationReader`."""
        for each in self._readers:
            each.close()
