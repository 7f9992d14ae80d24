"""Over libcurl, events go out over HTTP/2 where the server offers it: many at once on one connection."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from greenflash_kafka.delivery.curl import CurlTransport
from greenflash_kafka.delivery.sdk_request import capture
from greenflash_kafka.ports import Reply, Request
from tests.fakes.http2_server import Http2Server, Stream
from tests.fakes.raw_server import RawServer, Received
from tests.waiting import until

KEY = "sk-canary-5f2d"


class Trust(NamedTuple):
    """A server's side of TLS, and the authority that signed it."""

    context: Callable[[], ssl.SSLContext]
    ca_file: str


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(file)

    def context() -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(made)
        return made

    return Trust(context, str(Path(file)))


@pytest.fixture
def server(trust: Trust) -> Iterator[Http2Server]:
    running = Http2Server(trust.context(), most_streams=20)
    yield running
    running.close()


@pytest.fixture
def transport(server: Http2Server, trust: Trust) -> Iterator[CurlTransport]:
    """One that has had its first answer: it knows what the server speaks."""
    made = CurlTransport(capture(server.base_url, KEY), ca_file=trust.ca_file)
    made.submit(Request(b"first"))
    assert [each.status for each in replies(made, 1)] == [200]
    yield made
    made.close()


def replies(transport: CurlTransport, count: int) -> list[Reply]:
    got: list[Reply] = []

    def complete() -> bool:
        got.extend(transport.poll(0.5))
        return len(got) >= count

    until(complete, f"{count} replies", progress=lambda: len(got), every=0)
    return got


def send(transport: CurlTransport, count: int, *, fresh: bool = False) -> list[bytes]:
    """So many requests, whose bodies are numbers."""
    bodies = [b"%d" % number for number in range(count)]
    for body in bodies:
        transport.submit(Request(body, fresh=fresh))
    return bodies


def all_at_once(count: int) -> Callable[[Stream], None]:
    """Answers nothing before so many requests are there."""
    waiting: list[Stream] = []

    def script(stream: Stream) -> None:
        waiting.append(stream)
        if len(waiting) == count:
            for each in waiting:
                each.answer(200, each.request.body)

    return script


def test_requests_that_are_under_way_together_share_one_connection(
    transport: CurlTransport, server: Http2Server
) -> None:
    server.script = all_at_once(20)
    send(transport, 20)
    got = replies(transport, 20)
    assert all((each.status, each.body) == (200, each.request.body) for each in got)
    assert len(server.connections) == 1


@pytest.mark.usefixtures("transport")
def test_the_request_is_the_same_as_over_http_1(server: Http2Server, trust: Trust) -> None:
    older = RawServer(tls=trust.context())
    plain = CurlTransport(capture(older.base_url("https"), KEY), ca_file=trust.ca_file)
    try:
        plain.submit(Request(b"first"))
        replies(plain, 1)
    finally:
        plain.close()
        older.close()
    assert said(server.received[0]) == said(older.received[0])
    assert ("authorization", f"Bearer {KEY}") in server.received[0].headers


def said(request: Received) -> tuple[str, str, bytes, set[tuple[str, str]]]:
    """All of a request but what belongs to its connection."""
    of_connection = ("host", "connection")
    return request.method, request.path, request.body, {h for h in request.headers if h[0] not in of_connection}


def test_the_answer_is_the_same_as_over_http_1(server: Http2Server, transport: CurlTransport) -> None:
    server.script = lambda stream: stream.answer(422, b'{"error": "x"}')
    transport.submit(Request(b"{}"))
    (reply,) = replies(transport, 1)
    assert (reply.status, reply.body) == (422, b'{"error": "x"}')
    assert ("content-type", "application/json") in list(reply.headers)


def test_no_more_at_once_than_the_server_takes_on_a_connection(transport: CurlTransport, server: Http2Server) -> None:
    bodies = send(transport, 70)
    assert {each.status for each in replies(transport, 70)} == {200}
    assert Counter(each.body for each in server.received[1:]) == Counter(bodies)
    assert max(each.most_open for each in server.connections) <= 20


def test_a_request_that_the_server_breaks_off_fails_alone(transport: CurlTransport, server: Http2Server) -> None:
    server.script = lambda stream: stream.reset() if stream.request.body == b"3" else stream.answer()
    send(transport, 10)
    got = {each.request.body: (each.status, each.fault) for each in replies(transport, 10)}
    assert got.pop(b"3") == (0, "reset")
    assert set(got.values()) == {(200, None)}


def test_a_server_that_says_goodbye_answers_what_it_has_taken_and_the_rest_goes_elsewhere(
    transport: CurlTransport, server: Http2Server
) -> None:
    def script(stream: Stream) -> None:
        if stream.request.body == b"4" and stream.request.connection == 1:
            stream.last()
        if stream.request.connection > 1 or int(stream.request.body) <= 4:
            stream.answer(200, stream.request.body)

    server.script = script
    bodies = send(transport, 10)
    assert {(each.status, each.body == each.request.body) for each in replies(transport, 10)} == {(200, True)}
    elsewhere = [each.body for each in server.received if each.connection > 1]
    assert sorted(elsewhere) == bodies[5:]


def test_a_connection_that_breaks_takes_its_requests_along_and_no_later_ones(
    transport: CurlTransport, server: Http2Server
) -> None:
    server.script = Stream.drop
    bodies = send(transport, 10)
    assert {(each.status, each.fault) for each in replies(transport, 10)} == {(0, "reset")}
    # libcurl repeats them by itself, a few times at most, under the same insert_id: the service stores each once.
    assert max(Counter(each.body for each in server.received).values()) <= 6
    assert {each.body for each in server.received[1:]} <= set(bodies)
    server.script = Stream.answer
    before = len(server.connections)
    send(transport, 10)
    assert {each.status for each in replies(transport, 10)} == {200}
    assert len(server.connections) == before + 1


def test_a_connection_that_falls_silent_is_not_used_for_later_requests(server: Http2Server, trust: Trust) -> None:
    """libcurl itself would go on with it, request by request, for as long as the kernel thinks that it stands."""
    server.script = all_at_once(99)
    transport = CurlTransport(capture(server.base_url, KEY), ca_file=trust.ca_file, timeout=2.0)
    try:
        for _ in range(2):
            send(transport, 5)
            assert {(each.status, each.fault) for each in replies(transport, 5)} == {(0, "timeout")}
        silent = len(server.connections)
        server.script = lambda stream: stream.answer() if stream.request.connection > silent else None
        send(transport, 5)
        assert {each.status for each in replies(transport, 5)} == {200}
    finally:
        transport.close()


def test_an_answer_on_the_way_is_still_taken_when_another_request_has_had_none(
    server: Http2Server, trust: Trust
) -> None:
    slow: list[Stream] = []

    def script(stream: Stream) -> None:
        if stream.request.body == b"slow":
            slow.append(stream)
        elif stream.request.body == b"next":
            # On the old connection, the one that "lost" was on.
            slow[0].answer()
            stream.answer()
        elif stream.request.body != b"lost":
            stream.answer()

    server.script = script
    transport = CurlTransport(capture(server.base_url, KEY), ca_file=trust.ca_file, timeout=6.0)
    try:
        transport.submit(Request(b"first"))
        replies(transport, 1)
        transport.submit(Request(b"lost"))
        transport.poll(3.0)
        transport.submit(Request(b"slow"))
        assert [(each.request.body, each.fault) for each in replies(transport, 1)] == [(b"lost", "timeout")]
        transport.submit(Request(b"next"))
        got = {each.request.body: each.status for each in replies(transport, 2)}
        assert got == {b"slow": 200, b"next": 200}
    finally:
        transport.close()


def test_a_retry_takes_a_connection_of_its_own_and_is_sent_once(transport: CurlTransport, server: Http2Server) -> None:
    server.script = Stream.drop
    transport.submit(Request(b"again", fresh=True))
    (reply,) = replies(transport, 1)
    assert reply.fault == "reset"
    assert [(each.connection, each.body) for each in server.received] == [(1, b"first"), (2, b"again")]
