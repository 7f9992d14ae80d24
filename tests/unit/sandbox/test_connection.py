"""A connection that is broken on purpose, as the client at its other end sees it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox

REQUEST = (
    b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\nContent-Length: 83\r\n\r\n"
    b'{"eventType":"paid","productId":"3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11","value":"1"}'
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


def ask(sandbox: Sandbox) -> tuple[bytes, bool]:
    """What came back, and whether the connection was reset."""
    host, _, port = sandbox.url.removeprefix("http://").partition(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=120) as connection:
        connection.sendall(REQUEST)
        try:
            while part := connection.recv(65536):
                answer += part
                if answer.endswith(b"}"):
                    break
        except ConnectionResetError:
            return answer, True
    return answer, False


def test_a_reset_comes_in_place_of_an_answer_and_stores_nothing(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.set_faults([{"kind": "reset"}])
    assert ask(sandbox) == (b"", True)
    assert sandbox.stats()["stored"] == 0


def test_a_lost_reply_is_cut_after_its_first_bytes_and_the_event_is_stored(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.set_faults([{"kind": "reply_lost", "bytes": 20}])
    answer, reset = ask(sandbox)
    assert reset
    # Linger 0 may throw the first bytes away before they are read.
    assert b"HTTP/1.1 200 OK\r\n".startswith(answer[:17])
    assert len(answer) <= 20
    assert sandbox.stats()["stored"] == 1


def test_the_next_connection_is_answered(sandbox: Sandbox) -> None:
    sandbox.set_faults([{"kind": "reset", "times": 1}])
    assert ask(sandbox)[1]
    answer, reset = ask(sandbox)
    assert answer.startswith(b"HTTP/1.1 200")
    assert not reset
