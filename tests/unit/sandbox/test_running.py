"""The start of a sandbox's process, and requests to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from decimal import Decimal

import pytest

from greenflash_kafka.sandbox.running import Sandbox, SandboxFailed, sandbox_process, starting_sandbox
from tests.fakes.raw_server import RawServer, answer


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()


def spoken_to(server: RawServer) -> Sandbox:
    return Sandbox(f"http://127.0.0.1:{server.port}")


def test_as_a_process_it_has_faults_and_a_key_of_its_own() -> None:
    with sandbox_process(api_key="k", faults=[{"kind": "reset"}]) as sandbox:
        assert sandbox.stats()["stored"] == 0
        with pytest.raises(SandboxFailed, match="did you mean reset"):
            sandbox.set_faults([{"kind": "resett"}])


def test_a_sandbox_that_is_not_there_is_said() -> None:
    with socket.socket() as nobody:
        # Bound and not listening: nobody else comes to the port of one that has just ended, and answers.
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(SandboxFailed, match="doesn't answer"):
            Sandbox(f"http://127.0.0.1:{nobody.getsockname()[1]}").stats()


def test_amounts_come_back_as_they_were_stored(server: RawServer) -> None:
    server.script = lambda exchange: exchange.send(answer(200, b'[{"properties": {"rate": 0.10000000000000000001}}]'))
    (event,) = spoken_to(server).events(after=3, limit=1)
    assert event["properties"]["rate"] == Decimal("0.10000000000000000001")
    assert server.received[0].path == "/_sandbox/events?after=3&limit=1"


def test_a_refusal_is_told_with_what_was_asked_and_the_sandboxs_words(server: RawServer) -> None:
    server.script = lambda exchange: exchange.send(answer(400, b"no such kind"))
    with pytest.raises(SandboxFailed, match="refused POST /_sandbox/faults: no such kind"):
        spoken_to(server).set_faults([{"kind": "boom"}])


def test_a_proxy_of_the_environment_does_not_come_in_between(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.script = lambda exchange: exchange.send(answer(200, b'{"stored": 1}'))
    assert spoken_to(server).stats() == {"stored": 1}


def test_one_that_ends_before_it_is_ready_is_no_endless_wait() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            starting_sandbox(port=taken.getsockname()[1]) as ready,
            pytest.raises(SandboxFailed, match="ended with exit code 2 before it was ready"),
        ):
            ready()
