"""A worker's line to its supervisor: it tells how it does, hears of the others, and notices when nobody listens."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from consumer.errors import GreenflashKafkaError
from consumer.model.rest import Rest
from consumer.model.summary import Tally
from consumer.workers.channel import Channel
from consumer.workers.protocol import Beat, Bye, Number, Paused, Resumed, ToWorker, Waiting

BEAT_SECONDS: Final = 1.0
"""How often a worker tells how it does."""

LOOK_SECONDS: Final = 0.02
"""How often it looks for what it is told, at most: the loop may turn ten thousand times a second."""

LAST_WORDS_SECONDS: Final = 2.0
"""How long the last message may take to go out."""


class Told(Protocol):
    """Who hears of the other workers: the dispatcher."""

    def told_to_wait(self, seconds: float, code: str) -> None:
        """Another worker was asked for time."""
        ...

    def told_paused(self, code: str, text: str) -> None:
        """Another worker is refused for a reason that holds for all."""
        ...

    def told_resumed(self) -> None:
        """Another worker's event was accepted after a pause."""
        ...


class Link:
    """`ports.Peers` of a worker. All of it is called from the loop's thread, and none of it waits."""

    def __init__(
        self, end: socket.socket, gone: Callable[[], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`gone` is called once the supervisor has died; by the loop, or by the thread of `watch`."""
        self._channel: Channel[ToWorker] = Channel(end, ToWorker)
        self._gone = gone
        self._monotonic = monotonic
        self._wait_until = 0.0
        self._wait_code = ""
        self._next_look = 0.0
        self._next_beat = 0.0
        self._rest = Rest()

    def watch(self, seconds: float) -> None:
        """From now on a thread notices the supervisor's death, too, and ends the process hard `seconds` later: the
        loop may be anywhere by then, also in a start that never ends."""
        threading.Thread(target=self._watch, args=(seconds,), name="supervisor-watch", daemon=True).start()

    def _watch(self, seconds: float) -> None:
        poll = select.poll()
        poll.register(self._channel.socket, 0)  # nothing but that the other end was closed
        poll.poll()
        self._gone()
        time.sleep(seconds)
        os._exit(1)

    # --- ports.Peers -----------------------------------------------------------------------------------------------

    def waiting(self, seconds: float, code: str) -> None:
        """Told with the next turn: hundreds of answers of one turn may ask for the same."""
        until = self._monotonic() + seconds
        if until > self._wait_until:
            self._wait_until, self._wait_code = until, code

    def paused(self, code: str, text: str) -> None:
        """Told at once."""
        self._channel.send(Paused(code, text))

    def resumed(self) -> None:
        """Told at once."""
        self._channel.send(Resumed())

    # --- the loop --------------------------------------------------------------------------------------------------

    def turn(self, told: Told, rest: Rest, beat: Callable[[], Beat]) -> None:
        """Between two turns of the loop: hear, and tell how it goes from time to time, or when `rest` has changed."""
        now = self._monotonic()
        if self._wait_code:
            # Rather a moment too long than too short: the time on the way comes on top.
            self._channel.send(Waiting(max(0.0, self._wait_until - now), self._wait_code))
            self._wait_code = ""
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        for message in self._channel.receive():
            _hear(message, told)
        if self._channel.closed:
            self._gone()
            return
        self._channel.flush()
        if (now >= self._next_beat or rest != self._rest) and not self._channel.backlog:
            # With a backlog the supervisor stands still; this beat would be old news before it is read.
            self._next_beat, self._rest = now + BEAT_SECONDS, rest
            self._channel.send(beat())

    def goodbye(self, code: int, error: GreenflashKafkaError | None, tally: Tally | None, counts: list[Number]) -> None:
        """The last message: what the process did, and why it ends."""
        text, passes = ("", False) if error is None else (str(error), error.passes)
        self._channel.send(Bye(code, text, passes, tally, counts))
        self._channel.finish(LAST_WORDS_SECONDS)


def _hear(message: ToWorker, told: Told) -> None:
    match message:
        case Waiting(seconds, code):
            told.told_to_wait(seconds, code)
        case Paused(code, text):
            told.told_paused(code, text)
        case Resumed():
            told.told_resumed()
