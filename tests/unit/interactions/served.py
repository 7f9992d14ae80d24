"""The bridge on a clock of its own, between a service and a topic in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from greenflash_kafka.interactions.interaction import Interaction
from greenflash_kafka.interactions.known_interactions import KnownInteractions
from greenflash_kafka.interactions.page_answers import PageAnswer
from greenflash_kafka.interactions.puller import Puller, PullerSettings
from greenflash_kafka.interactions.request_pace import RequestPace

BEGAN = 1_800_000_000.0


class Time:
    """`ports.Clock`; every request takes 50 ms."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> float:
        return BEGAN + self.at

    def sleep(self, seconds: float) -> None:
        # What is left after others may be too little to be seen.
        self.at += max(seconds, 1e-6)


class Said:
    """A listener that remembers notices."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, dict[str, object]]] = []

    def notice(self, name: str, **facts: object) -> None:
        self.notices.append((name, facts))

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None: ...
    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None: ...
    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None: ...


class Service:
    """`PageSource` over `listed(now)`, the items in the service's order at that time. `answers` come before pages."""

    def __init__(self, time: Time, listed: Callable[[float], Sequence[Interaction]]) -> None:
        self.time, self.listed = time, listed
        self.answers: list[PageAnswer] = []
        self.asked: list[float] = []
        self.renewed = 0

    def get(self, offset: int, limit: int) -> PageAnswer:
        self.asked.append(self.time.at)
        self.time.at += 0.05
        if self.answers:
            return self.answers.pop(0)
        page = self.listed(self.time.at)[offset : offset + limit]
        return PageAnswer(200, body=b"[" + b",".join(each.raw for each in page) + b"]")

    def renew_key(self) -> None:
        self.renewed += 1


class Bridge:
    """A puller, whose topic is `records`, by id; it ends `at` a time."""

    def __init__(
        self, listed: Callable[[float], Sequence[Interaction]], rate: float = 10.0, at: float = 60.0, **settings: object
    ) -> None:
        self.time, self.said, self.at = Time(), Said(), at
        self.service = Service(self.time, listed)
        self.records: list[tuple[str, bytes]] = []
        self.known = KnownInteractions()
        self.rate = rate
        self.settings = PullerSettings(**settings)  # type: ignore[arg-type]
        self.puller = self._new()

    def _new(self) -> Puller:
        pace = RequestPace(self.rate, self.time.at, lambda: 0.0)
        return Puller(
            self.service,
            self._write,
            self.known,
            pace,
            self.time,
            self.said,
            self.settings,
            lambda: self.time.at >= self.at,
        )

    def _write(self, items: Sequence[Interaction]) -> bool:
        self.records += [(each.id, each.raw) for each in items]
        return True

    def run(self) -> Bridge:
        """Run to the end."""
        self.puller.run()
        return self

    def again(self, at: float) -> Bridge:
        """Another process, which knows what the topic has."""
        self.known = KnownInteractions()
        for id, raw in self.records:
            self.known.add_record(id.encode(), raw)
        self.at = at
        self.puller = self._new()
        return self.run()

    @property
    def topic(self) -> dict[str, bytes]:
        """The last record of each key."""
        return dict(self.records)

    def least_gap(self) -> float:
        """The least time between two requests, in seconds."""
        asked = self.service.asked
        return min(after - before for before, after in pairwise(asked))
