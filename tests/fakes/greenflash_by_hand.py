"""Greenflash over bare sockets: it keeps what it stores, and answers the first try of each event as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.fakes.raw_server import Exchange, RawServer, answer

Behaviour = Callable[["GreenflashByHand", Exchange], None]


class GreenflashByHand:
    """Stores by `insertId`. `first_try` picks what happens to an event's first request; later ones pass."""

    def __init__(self, first_try: Callable[[str], Behaviour | None] = lambda _: None, port: int = 0) -> None:
        self.first_try = first_try
        self.requests: Counter[str] = Counter()
        """Requests by insert id."""
        self.bodies: dict[str, set[bytes]] = {}
        self.times: list[float] = []
        """When each request for an event was there (monotonic seconds)."""
        self.stored: Counter[str] = Counter()
        """How often each event came to be stored; more than once is a second event to a service without ids."""
        self._lock = threading.Lock()
        self.server = RawServer(self._serve, port=port)
        self.base_url = self.server.base_url()

    def store(self, exchange: Exchange) -> None:
        """Keep the event of this request."""
        with self._lock:
            identity = json.loads(exchange.request.body)["insertId"]
            if not self.stored[identity]:
                self.stored[identity] += 1

    def well(self, exchange: Exchange) -> None:
        """Store it and say so."""
        self.store(exchange)
        exchange.send(answer(200))

    def _serve(self, exchange: Exchange) -> None:
        if exchange.request.method == "GET":
            exchange.send(answer(200, b'{"products": []}'))
            return
        identity = json.loads(exchange.request.body)["insertId"]
        with self._lock:
            self.times.append(time.monotonic())
            self.requests[identity] += 1
            self.bodies.setdefault(identity, set()).add(exchange.request.body)
            first = self.requests[identity] == 1
        behaviour = self.first_try(identity) if first else None
        if behaviour is None:
            self.well(exchange)
        else:
            behaviour(self, exchange)


@contextmanager
def greenflash_by_hand(first_try: Callable[[str], Behaviour | None] = lambda _: None) -> Iterator[GreenflashByHand]:
    """One that is closed afterwards."""
    made = GreenflashByHand(first_try)
    try:
        yield made
    finally:
        made.server.close()
