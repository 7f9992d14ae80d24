"""The transport over libcurl; the promises of every transport are tested in contract/."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from greenflash_kafka.delivery.curl import CurlTransport
from greenflash_kafka.delivery.endpoint import Endpoint
from greenflash_kafka.ports import Reply, Request
from tests.fakes.raw_server import Exchange, RawServer, answer
from tests.waiting import until


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()


def endpoint(server: RawServer, key: str = "k") -> Endpoint:
    return Endpoint(
        server.base_url(), key, f"{server.base_url()}/events", (("authorization", key), ("accept", "application/json"))
    )


def replies(transport: CurlTransport, count: int) -> list[Reply]:
    got: list[Reply] = []

    def complete() -> bool:
        got.extend(transport.poll(0.2))
        return len(got) >= count

    until(complete, f"{count} replies", every=0)
    return got


def test_with_nothing_in_flight_a_poll_still_waits_so_that_a_loop_around_it_does_not_spin(server: RawServer) -> None:
    transport = CurlTransport(endpoint(server))
    began = time.monotonic()
    assert transport.poll(0.1) == []
    assert time.monotonic() - began >= 0.09
    transport.close()


def test_a_new_key_counts_for_what_is_submitted_from_then_on(server: RawServer) -> None:
    transport = CurlTransport(endpoint(server, "old"))
    transport.submit(Request(b'{"n":1}'))
    transport.use(endpoint(server, "new"))
    transport.submit(Request(b'{"n":2}'))
    replies(transport, 2)
    assert {each.body: each.header("authorization") for each in server.received} == {
        b'{"n":1}': "old",
        b'{"n":2}': "new",
    }
    transport.close()


def test_handles_and_connections_are_used_again(server: RawServer) -> None:
    transport = CurlTransport(endpoint(server))
    for _ in range(5):
        transport.submit(Request(b"{}"))
        replies(transport, 1)
    assert server.connections == 1
    transport.close()


def test_a_request_that_hangs_holds_no_other_and_its_time_limit_is_kept(server: RawServer) -> None:
    def script(exchange: Exchange) -> None:
        if b"slow" in exchange.request.body:
            exchange.hang()
        exchange.send(answer())

    server.script = script
    transport = CurlTransport(endpoint(server), timeout=4.0)
    transport.submit(Request(b"slow", token="slow"))
    transport.submit(Request(b"quick", token="quick"))
    first, last = replies(transport, 2)
    assert (first.request.token, first.status) == ("quick", 200)
    assert (last.request.token, last.fault) == ("slow", "timeout")
    # What follows a silence gets connections of its own, and is answered.
    transport.submit(Request(b"next", token="next"))
    (after,) = replies(transport, 1)
    assert (after.request.token, after.status) == ("next", 200)
    transport.close()


def test_closing_drops_what_is_in_flight_and_may_be_done_twice(server: RawServer) -> None:
    server.script = lambda exchange: exchange.hang()
    transport = CurlTransport(endpoint(server))
    transport.submit(Request(b"{}"))
    transport.poll(0.05)
    transport.close()
    transport.close()
