"""Greenflash in a simulation: a store that knows insert ids, answers as it is told to, and a way to it that fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.utils import formatdate
from random import Random
from typing import Any

from greenflash_kafka.ports import Reply, Request
from tests.simulation.points import Process
from tests.simulation.scheduler import EPOCH, Scheduler
from tests.simulation.traffic import Fact

TIMEOUT_SECONDS = 5.0
FAULTS = (
    "500", "503", "408", "409", "425", "429", "429-date", "429-ms", "429-odd", "401", "html", "not-success", "timeout",
    "reset", "reply-lost", "connect", "twice", "slow", "302", "alone-500", "alone-409", "alone-lost",
)  # fmt: skip
"""What the service, or the way to it, can do to a request; `alone-` to those of some messages, always the same ones."""

_ODD = ("-1", "NaN", "abc", "0", "1.5", "")
_CREATED = b'{"success": true, "eventId": "e"}'


class Api:
    """The service. `stored` is by insert id; `facts` says under which ids each event was stored."""

    def __init__(self, scheduler: Scheduler, random: Random) -> None:
        self.scheduler = scheduler
        self.random = random
        self.faults: dict[object, tuple[str, float]] = {}
        """What is wrong now: a kind of `FAULTS`, and which share of the requests it hits."""
        self.stored: dict[str, Mapping[str, Any]] = {}
        self._bodies: dict[str, bytes] = {}
        self.facts: dict[Fact, list[str]] = {}
        self.contradictions: list[str] = []
        """Insert ids that came with another content than before."""
        self.on_store: Callable[[Fact, str], None] = lambda *_: None
        """Told of each event that is stored, and of its insert id."""
        self.on_start: Callable[[Process, int], None] = lambda *_: None
        """Told of each request that a process starts, with the number of its message."""
        self.latency = 0.05
        self.refusal = 413
        self.unknown: Callable[[str], bool] = lambda _: False
        """Which conversations it doesn't know: their events are refused with `unknown_refusal`."""
        self.unknown_refusal = 404
        self.forgets = False
        """Whether a table is compacted: then what comes again may have another row of it, and so another link."""

    def fault(self, number: int) -> str | None:
        """What happens to the request that comes now, for this message."""
        for kind, share in self.faults.values():
            if kind.startswith("alone-"):
                if number % 10 < share * 5:
                    return {"alone-lost": "reply-lost"}.get(kind, kind.removeprefix("alone-"))
            elif self.random.random() < share:
                return kind
        return None

    def store(self, body: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """The request arrives, and nothing is wrong."""
        event = json.loads(body)
        properties = event["properties"]
        if properties.get("poison"):
            return self.refusal, (), b'{"error": "no"}'
        conversation = event.get("externalConversationId")
        if conversation is not None and self.unknown(conversation):
            return self.unknown_refusal, (), b'{"error": "unknown conversation"}'
        identity = event["insertId"]
        if identity in self.stored:
            before, first = self.stored[identity], self._bodies[identity]
            same_rules = before["properties"].get("rules") == properties.get("rules")
            if self.forgets:
                before, event, same_rules = _without_row(before), _without_row(event), False
            if _without_rules(before) != _without_rules(event) or (same_rules and first != body):
                self.contradictions.append(identity)
            return 200, (), _CREATED
        self.stored[identity], self._bodies[identity] = event, body
        fact = (event["eventType"], properties["n"], properties.get("item", 0))
        self.facts.setdefault(fact, []).append(identity)
        self.on_store(fact, identity)
        return 201, (), _CREATED

    def headers(self, kind: str) -> tuple[tuple[str, str], ...]:
        """What a 429 says about when to come back."""
        seconds = self.random.randint(1, 4)
        match kind:
            case "429":
                return (("retry-after", str(seconds)),)
            case "429-date":
                now = EPOCH + self.scheduler.now
                return (("date", formatdate(now, usegmt=True)), ("retry-after", formatdate(now + seconds, usegmt=True)))
            case "429-ms":
                return (("retry-after-ms", str(seconds * 300)),)
            case _:
                return (("retry-after", self.random.choice(_ODD)), ("retry-after", self.random.choice(_ODD)))


def _without_rules(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event but for what tells which rules made it: those may change, the identity stays."""
    return {**event, "properties": {name: each for name, each in event["properties"].items() if name != "rules"}}


def _without_row(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event but for what a row of a table decides."""
    decided = {"externalUserId", "externalConversationId", "row", "after"}
    kept = {name: each for name, each in event["properties"].items() if name not in decided}
    return {**{name: each for name, each in event.items() if name not in decided}, "properties": kept}


class SimulatedTransport:
    """`ports.Transport` of one process. `wakes` is what else ends a wait early: a loop in life is never so prompt
    that a poll of 5 ms would have to be simulated as such, so `poll` waits on until something happens."""

    def __init__(self, api: Api, process: Process, wakes: object, lazy_seconds: float) -> None:
        self._api = api
        self._scheduler = api.scheduler
        self._process = process
        self._wakes = wakes
        self._lazy = lazy_seconds
        self._replies: list[Reply] = []
        self.in_flight = 0

    def submit(self, request: Request) -> None:
        """See `ports.Transport`."""
        self._process.point("transport.submit.before")
        number = json.loads(request.body)["properties"]["n"]
        self._api.on_start(self._process, number)
        self.in_flight += 1
        api = self._api
        there, back = (api.latency * (0.2 + 1.6 * api.random.random()) for _ in range(2))
        began = self._scheduler.now
        self._scheduler.call_at(began + there, lambda: self._arrives(request, number, back, began))
        self._process.point("transport.submit.after")

    def _arrives(self, request: Request, number: int, back: float, began: float) -> None:
        api = self._api
        kind = api.fault(number)
        status: int = 0
        headers: tuple[tuple[str, str], ...] = ()
        body = b"{}"
        fault: Any = None
        match kind:
            case None:
                status, headers, body = api.store(request.body)
            case "slow":
                back += api.random.random() * 4
                status, headers, body = api.store(request.body)
            case "twice":
                self._scheduler.call_at(self._scheduler.now + back * 10, lambda: api.store(request.body))
                status, headers, body = api.store(request.body)
            case "timeout" | "reset" | "reply-lost":
                if kind == "reply-lost" or api.random.random() < 0.5:
                    api.store(request.body)
                fault = "timeout" if kind == "timeout" else "reset"
                back = TIMEOUT_SECONDS if kind == "timeout" else back
            case "connect":
                fault = "connect"
            case "html":
                status, body = 200, b"<html>log in</html>"
            case "not-success":
                status, body = 200, b'{"success": false}'
            case _:
                status = int(kind[:3])
                if status == 429:
                    headers = api.headers(kind)
        reply = Reply(request, status, headers, body, fault, "", self._scheduler.now + back - began)
        self._scheduler.call_at(self._scheduler.now + back, lambda: self._replied(reply))

    def _replied(self, reply: Reply) -> None:
        self._replies.append(reply)
        self._scheduler.notify(self._process)

    def poll(self, timeout: float) -> list[Reply]:
        """See `ports.Transport`."""
        self._process.point("transport.poll.before")
        if not self._replies:
            until = self._scheduler.now + timeout + (self._lazy if timeout > 0 else 0.0)
            self._scheduler.wait(until, [self._process, self._wakes])
        replies, self._replies = self._replies, []
        self.in_flight -= len(replies)
        self._process.point("transport.poll.after")
        return replies

    def close(self) -> None:
        """See `ports.Transport`."""
        self._replies.clear()
