"""The transport over the SDK; the promises of every transport are tested in contract/."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from greenflash_kafka.delivery.endpoint import Endpoint
from greenflash_kafka.delivery.sdk import SdkTransport
from greenflash_kafka.ports import Reply, Request
from tests.fakes.raw_server import RawServer, answer
from tests.waiting import until


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()


@pytest.fixture
def transport(server: RawServer) -> Iterator[SdkTransport]:
    made = SdkTransport(endpoint(server))
    yield made
    made.close()


def endpoint(server: RawServer, key: str = "k") -> Endpoint:
    return Endpoint(server.base_url(), key, f"{server.base_url()}/events", ())


def replies(transport: SdkTransport, count: int) -> list[Reply]:
    got: list[Reply] = []

    def complete() -> bool:
        got.extend(transport.poll(0.2))
        return len(got) >= count

    until(complete, f"{count} replies", every=0)
    return got


def test_many_requests_are_answered_each_once_and_as_themselves(server: RawServer, transport: SdkTransport) -> None:
    server.script = lambda exchange: exchange.send(answer(200, exchange.request.body))
    for number in range(40):
        transport.submit(Request(b'{"n":%d}' % number, token=number))
    got = replies(transport, 40)
    assert {reply.request.token: reply.body for reply in got} == {number: b'{"n":%d}' % number for number in range(40)}
    assert transport.poll(0) == []


def test_a_poll_waits_no_longer_than_it_may(transport: SdkTransport) -> None:
    began = time.monotonic()
    assert transport.poll(0.05) == []
    assert 0.04 <= time.monotonic() - began < 30


def test_a_new_key_counts_for_what_is_submitted_from_then_on(server: RawServer, transport: SdkTransport) -> None:
    transport.submit(Request(b'{"n":1}'))
    transport.use(endpoint(server, "new"))
    transport.submit(Request(b'{"n":2}'))
    replies(transport, 2)
    assert {each.body: each.header("authorization") for each in server.received} == {
        b'{"n":1}': "Bearer k",
        b'{"n":2}': "Bearer new",
    }


def test_whole_events_are_written_into_no_log_at_debug(server: RawServer, caplog: pytest.LogCaptureFixture) -> None:
    names = ("greenflash", "httpx", "httpcore")
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    transport = SdkTransport(endpoint(server))
    try:
        transport.submit(Request(b'{"userId":"canary"}'))
        replies(transport, 1)
    finally:
        transport.close()
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert "canary" not in caplog.text
    assert not [record for record in caplog.records if record.name.split(".")[0] in names]


def test_closing_drops_what_is_in_flight_leaves_no_thread_and_may_be_done_twice(server: RawServer) -> None:
    server.script = lambda exchange: exchange.hang()
    before = {thread for thread in threading.enumerate() if thread.name == "greenflash-sdk"}
    transport = SdkTransport(endpoint(server))
    transport.submit(Request(b"{}"))
    until(lambda: server.received, "the request")
    transport.close()
    transport.close()
    assert {thread for thread in threading.enumerate() if thread.name == "greenflash-sdk"} <= before
