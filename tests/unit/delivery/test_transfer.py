"""One request over libcurl, against a server of bare sockets."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import pycurl
import pytest

from greenflash_kafka.delivery.endpoint import Endpoint
from greenflash_kafka.delivery.transfer import Transfer, options_for
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.ports import Reply, Request
from tests.fakes.raw_server import Exchange, RawServer, answer

MOST = 1000


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()


@pytest.fixture
def transfer() -> Iterator[Transfer]:
    made = Transfer(options_for(5.0, None, None, MOST), MOST)
    yield made
    made.curl.close()


def endpoint(server: RawServer, key: str = "sk-canary") -> Endpoint:
    headers = (("authorization", f"Bearer {key}"), ("content-type", "application/json"), ("x-own", "yes"))
    return Endpoint(server.base_url(), key, f"{server.base_url()}/events", headers)


def ask(transfer: Transfer, request: Request, to: Endpoint) -> Reply:
    transfer.begin(request, to, shares=False)
    try:
        transfer.curl.perform()
    except pycurl.error as error:
        code, *text = error.args
        return transfer.failure(int(code), " ".join(map(str, text)), monotonic())
    return transfer.reply(monotonic())


def test_a_handle_carries_one_request_after_another_and_keeps_nothing_of_the_last(
    server: RawServer, transfer: Transfer
) -> None:
    first = Request(b'{"n":1}', token="one")
    reply = ask(transfer, first, endpoint(server))
    assert (reply.request, reply.status, reply.fault) == (first, 200, None)
    assert b"eventId" in reply.body
    assert reply.seconds > 0
    server.script = lambda exchange: exchange.send(answer(422, b"{}", "X-Request-Id: r-2"))
    reply = ask(transfer, Request(b'{"n":2}'), endpoint(server, "sk-other"))
    assert (reply.status, reply.body) == (422, b"{}")
    assert ("x-request-id", "r-2") in list(reply.headers)
    assert [each.body for each in server.received] == [b'{"n":1}', b'{"n":2}']
    assert [each.header("authorization") for each in server.received] == ["Bearer sk-canary", "Bearer sk-other"]
    assert {each.header("x-own") for each in server.received} == {"yes"}
    assert {each.header("expect") for each in server.received} == {None}


def test_a_fresh_request_gets_a_connection_of_its_own(server: RawServer, transfer: Transfer) -> None:
    to = endpoint(server)
    for fresh in (False, False, True):
        ask(transfer, Request(b"{}", fresh=fresh), to)
    assert [each.connection for each in server.received] == [1, 1, 2]


def break_off(exchange: Exchange) -> None:
    exchange.send(answer()[:-10])
    exchange.finish()


def garble(exchange: Exchange) -> None:
    exchange.send(b"HELLO sk-canary\r\n\r\n")
    exchange.finish()


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (lambda exchange: exchange.reset(), "reset"),
        (break_off, "reset"),
        (garble, "protocol"),
        (lambda exchange: exchange.send(answer(200, b"x" * (MOST + 1))), "too-large"),
    ],
)
def test_no_proper_answer_is_a_fault_that_shows_neither_key_nor_body(
    server: RawServer, transfer: Transfer, script: object, fault: str
) -> None:
    server.script = script  # type: ignore[assignment]
    reply = ask(transfer, Request(b"{}"), endpoint(server))
    assert (reply.status, reply.fault, reply.body) == (0, fault, b"")
    assert "canary" not in reply.detail
    assert "libcurl" in reply.detail
    server.script = lambda exchange: exchange.send(answer())
    assert ask(transfer, Request(b"{}"), endpoint(server)).status == 200, "the handle is of use again"


def test_the_time_limit_holds_for_the_whole_request(server: RawServer) -> None:
    server.script = lambda exchange: exchange.drip(answer(), every=0.05)
    transfer = Transfer(options_for(1.5, None, None, MOST), MOST)
    try:
        reply = ask(transfer, Request(b"{}"), endpoint(server))
    finally:
        transfer.curl.close()
    assert reply.fault == "timeout"
    assert reply.seconds >= 1.4


def test_a_file_of_authorities_that_is_not_there_is_the_configurations_fault() -> None:
    with pytest.raises(ConfigInvalid, match="no-such-file"):
        options_for(30.0, "/no-such-file.pem", None, MOST)
