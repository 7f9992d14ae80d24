"""An event that JSON can't hold must not stop the loop: it would come back after every restart."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

from consumer.deadlines import Deadlines
from consumer.delivery.dispatcher import Dispatcher, DispatcherSettings, Send
from consumer.delivery.response_table import Verdict
from consumer.model.event import Event
from consumer.ports import Reply, Request


class StandingClock:
    def monotonic(self) -> float:
        return 0.0

    def now(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None: ...


class Answering:
    """A transport whose every request succeeds at once."""

    def __init__(self) -> None:
        self._body = b'{"success": true, "eventId": "e"}'
        self.requests: list[Request] = []
        self._waiting: list[Request] = []

    def submit(self, request: Request) -> None:
        self.requests.append(request)
        self._waiting.append(request)

    def poll(self, timeout: float) -> list[Reply]:  # noqa: ARG002
        replies = [Reply(request, 200, (), self._body) for request in self._waiting]
        self._waiting = []
        return replies

    def close(self) -> None: ...


class Silent:
    def notice(self, name: str, **facts: object) -> None: ...

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None: ...

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None: ...


class Owning:
    may_send = True

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []

    def settled(self, send: Send, verdict: Verdict) -> None:  # noqa: ARG002
        self.verdicts.append(verdict)

    def failed(self, send: Send, verdict: Verdict) -> None: ...

    def abandoned(self, send: Send) -> None: ...


def dispatcher(transport: Answering) -> Dispatcher:
    clock = StandingClock()
    return Dispatcher(transport, Deadlines(clock), clock, Random(1), Silent(), DispatcherSettings())


def event(number: object) -> Event:
    return Event("sums", None, {"event_type": "e", "insert_id": "i", "properties": {"n": number}})


def settle(number: object, check: Callable[[Answering], None] = lambda _: None) -> list[Verdict]:
    transport, owner = Answering(), Owning()
    sending = dispatcher(transport)
    sending.submit(event(number), owner)
    sending.pump()
    sending.poll(0)
    check(transport)
    assert sending.outstanding == 0
    return owner.verdicts


def test_a_number_beyond_every_reader_is_refused_by_us() -> None:
    def nothing_sent(transport: Answering) -> None:
        assert transport.requests == []

    for number in (Decimal("1E+400"), 10**400, Decimal("NaN")):
        (verdict,) = settle(number, nothing_sent)
        assert (verdict.action, verdict.code) == ("dead_letter", "not-allowed")
        assert "sums" in verdict.text


def test_others_are_sent() -> None:
    (verdict,) = settle(Decimal("149.00"))
    assert verdict.action == "accepted"
