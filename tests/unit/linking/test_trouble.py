"""When the reading of conversation topics is said to stand still."""

from __future__ import annotations

import pytest

from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.table import ActivityTable
from greenflash_kafka.linking.trouble import STALL_SECONDS, Trouble
from greenflash_kafka.model.conversations import ConversationSource
from tests.simulation.world import Notices, VirtualClock

MINUTE = 60_000


class Watch:
    """Two sources, and a message that waits for each of them now and then."""

    def __init__(self) -> None:
        self.clock, self.notices = VirtualClock(), Notices()
        sources = [ConversationSource(name, ("user",), MINUTE) for name in ("chat", "calls")]
        self.known = LoggedConversations(sources, ActivityTable(), self.clock, lookback=MINUTE)
        self.known.complete_since(0, {})
        self.trouble = Trouble(self.known, self.clock, self.notices)

    def second(self, *moving: str, waits: tuple[str, ...] = ("chat", "calls")) -> None:
        """A second in which these sources are read on, while messages recorded now wait."""
        self.clock.sleep(1)
        now = int(self.clock.now() * 1000)
        self.known.publish(dict.fromkeys(moving, now - 6000))
        for source in waits:
            self.known.known((source,), now)
        self.trouble.report("why")

    def seconds(self, number: int, *moving: str, waits: tuple[str, ...] = ("chat", "calls")) -> None:
        for _ in range(number):
            self.second(*moving, waits=waits)


def test_a_source_that_stands_still_is_told_within_a_minute_though_max_delay_is_not_over() -> None:
    watch = Watch()
    watch.seconds(10, "chat", "calls")
    watch.seconds(int(STALL_SECONDS) + 2, "calls")
    assert watch.notices.seen == [("conversations_stalled", {"text": "why"})]
    assert watch.trouble.stalled == "why"
    watch.seconds(3, "chat", "calls")
    assert watch.notices.names == ["conversations_stalled", "conversations_ready"]
    assert watch.trouble.stalled == ""


@pytest.mark.parametrize("waits", [("chat", "calls"), ("calls", "chat")])
def test_messages_that_wait_for_another_source_hide_nothing(waits: tuple[str, ...]) -> None:
    watch = Watch()
    watch.seconds(10, "chat", "calls", waits=waits)
    watch.seconds(120, "calls", waits=waits)
    assert watch.notices.names == ["conversations_stalled"]


def test_nobody_is_told_of_a_source_that_no_message_waits_for() -> None:
    watch = Watch()
    watch.seconds(120, "calls", waits=("calls",))
    watch.seconds(120, waits=())
    assert watch.notices.names == []


def test_reading_that_goes_on_is_no_stall() -> None:
    watch = Watch()
    watch.seconds(200, "chat", "calls")
    assert watch.notices.names == []
