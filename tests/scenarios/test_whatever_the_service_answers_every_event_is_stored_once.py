"""Each way of answering wrongly, over bare sockets, for the first try of some events; the second is answered well.

All of them in one run, so that each fault also happens beside all the others and beside events that pass.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from email.utils import formatdate
from time import time
from typing import Any

import pytest

from tests.fakes.greenflash_by_hand import Behaviour, GreenflashByHand, greenflash_by_hand
from tests.fakes.raw_server import STORED, Exchange, RawServer, answer

EACH = 3
"""Events that meet each fault."""


def says(data: bytes, stores: bool = False, then: Callable[[Exchange], None] | None = None) -> Behaviour:
    def do(service: GreenflashByHand, exchange: Exchange) -> None:
        if stores:
            service.store(exchange)
        exchange.send(data)
        if then is not None:
            then(exchange)

    return do


def later(value: str, *more: str, name: str = "Retry-After") -> Behaviour:
    return says(answer(429, b"{}", f"{name}: {value}", *more))


def lets_down(exchange: Exchange) -> None:
    exchange.reset()


HALF = STORED[: len(STORED) // 2]
CUT = answer(200)[: -len(STORED)] + HALF

FAULTS: dict[str, Behaviour] = {
    # A1
    "429, seconds": later("1"),
    "429, a fraction": later("0.4"),
    "429, a date": lambda _, exchange: exchange.send(
        answer(429, b"{}", f"Retry-After: {formatdate(time() + 1, usegmt=True)}", f"Date: {formatdate(usegmt=True)}")
    ),
    "429, milliseconds": later("300", name="retry-after-ms"),
    "429, zero": later("0"),
    "429, negative": later("-5"),
    "429, not a number": later("NaN"),
    "429, a word": later("soon"),
    "429, twice": later("1", "Retry-After: 0"),
    "429, nothing": says(answer(429, b"{}")),
    # A2, A3
    **{str(status): says(answer(status, b"{}")) for status in (500, 502, 503, 504, 599, 408, 409, 425)},
    # A4
    "stored, then reset": says(b"", stores=True, then=lets_down),
    "stored, then cut off and reset": says(CUT, stores=True, then=lets_down),
    "stored, then cut off and closed": says(CUT, stores=True, then=Exchange.finish),
    "stored, and 500": says(answer(500, b"{}"), stores=True),
    # A5, A6
    "reset": says(b"", then=lets_down),
    "closed": says(b"", then=Exchange.finish),
    "silence": lambda _, exchange: exchange.hang(),
    "drip": lambda _, exchange: exchange.drip(answer(200), 0.05),
    "10 MB": says(answer(200, b" " * 10_000_000)),
    "endless": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + b" " * 65535 + b"\r\n"),
    "zipped": says(answer(200, gzip.compress(STORED), "Content-Encoding: gzip")),
    # A11
    "200, a page": says(answer(200, b"<html>please log in</html>", "Content-Type: text/html")),
    "200, half of JSON": says(answer(200, b'{"success": tr')),
    "200, nothing": says(answer(200, b"")),
    "200, null": says(answer(200, b"null")),
    "200, a list": says(answer(200, b"[]")),
    "200, false": says(answer(200, b'{"success": false, "eventId": "x"}')),
    "200, without an id": says(answer(200, b'{"success": true}')),
    "200, 3,000 levels": says(answer(200, b"[" * 3000)),
    "204": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "202": says(answer(202)),
    # A12
    "other length, twice": says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 70\r\n\r\n" + STORED),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", then=Exchange.finish),
}

PASSES: dict[str, Behaviour] = {
    "interim answers": says(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + answer(200), stores=True),
    "closed behind the answer": says(answer(200), stores=True, then=Exchange.finish),
    "HTTP/1.0": says(b"HTTP/1.0 201 Created\r\nserver: other\r\n\r\n" + STORED, stores=True, then=Exchange.finish),
    "in chunks": says(
        b"HTTP/1.1 201 \r\ntransfer-encoding: Chunked\r\n\r\n"
        + b"".join(b"%x;x=y\r\n%b\r\n" % (len(part), part) for part in (STORED[:9], STORED[9:]))
        + b"0\r\nx-late: 1\r\n\r\n",
        stores=True,
    ),
    "said at length": says(
        answer(201, b' {"meta": {"a": [1, null]}, "success" : true,\r\n\t"eventId": "\\u00fc", "more": 1e3}\n'),
        stores=True,
    ),
    "no length, closed": says(b"HTTP/1.1 200 OK\r\n\r\n" + STORED, stores=True, then=Exchange.finish),
}
"""Unusual, and an acceptance all the same."""


@pytest.mark.parametrize("transport", ["curl", "sdk"])
def test_whatever_the_service_answers_every_event_is_stored_once(deployment: Any, transport: str) -> None:
    elsewhere = RawServer()
    redirects = {
        f"{status}": says(answer(status, b"", f"Location: {elsewhere.base_url()}/events"))
        for status in (301, 302, 303, 307, 308)
    }
    behaviours = {**FAULTS, **redirects, **PASSES}
    names = list(behaviours)
    # Every other event meets nothing: a service that accepts none at all is another promise.
    count = 2 * EACH * len(names)

    def met(identity: str) -> str | None:
        number = int(identity.rpartition("o")[2])
        return names[number // 2 % len(names)] if number % 2 else None

    (topic,) = deployment.topics(2)
    deployment.kafka.produce(topic, deployment.orders(count))
    with greenflash_by_hand(lambda identity: behaviours[name] if (name := met(identity)) else None) as service:
        summary = deployment.run_until_idle(
            GREENFLASH_BASE_URL=service.base_url,
            GREENFLASH_KAFKA_GREENFLASH__TIMEOUT_SECONDS="1.5",
            GREENFLASH_KAFKA_DELIVERY__TRANSPORT=transport,
        )
    elsewhere.close()
    assert set(service.stored) == {f"upgrade_purchased:o{number}" for number in range(count)}
    assert (summary["accepted"], summary["dead_lettered"], summary["lag"]) == (count, 0, 0)
    assert {identity: len(bodies) for identity, bodies in service.bodies.items() if len(bodies) > 1} == {}
    assert elsewhere.received == [], "a redirect was followed"
    once = {identity for identity, times in service.requests.items() if times == 1}
    for identity in service.stored:
        # Over a connection that the service has just closed, the request goes out again: same id, nothing twice.
        name = met(identity)
        assert name is None or name in PASSES or identity not in once, name
