from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator

import pytest

from greenflash_kafka.delivery.readiness import LET_GO, READ, WRITE, Epoll, Readiness, Selected

KINDS: list[Callable[[], Readiness]] = [Selected, *([Epoll] if hasattr(select, "epoll") else [])]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def watching(request: pytest.FixtureRequest) -> Iterator[Readiness]:
    made = request.param()
    yield made
    made.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_a_socket_is_ready_for_what_was_asked(watching: Readiness, pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    watching.watch(READ, one.fileno())
    assert watching.wait(0) == []
    other.send(b"x")
    assert watching.wait(1) == [(one.fileno(), READ)]
    watching.watch(READ | WRITE, one.fileno())
    assert watching.wait(1) == [(one.fileno(), READ | WRITE)]
    watching.watch(WRITE, one.fileno())
    assert watching.wait(1) == [(one.fileno(), WRITE)]


def test_what_is_let_go_is_quiet(watching: Readiness, pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    other.send(b"x")
    watching.watch(READ, one.fileno())
    watching.watch(LET_GO, one.fileno())
    watching.watch(LET_GO, one.fileno())
    assert watching.wait(0) == []
    watching.watch(READ, one.fileno())
    watching.watch(LET_GO, one.fileno())
    watching.watch(READ, one.fileno())
    assert watching.wait(1) == [(one.fileno(), READ)]


def test_another_socket_under_the_same_number_is_watched(watching: Readiness) -> None:
    one, other = socket.socketpair()
    number = one.fileno()
    watching.watch(READ, number)
    watching.watch(LET_GO, number)
    one.close()
    other.close()
    again, peer = socket.socketpair()
    try:
        descriptor = number if again.fileno() == number else again.fileno()
        watching.watch(READ, descriptor)
        peer.send(b"x")
        assert watching.wait(1) == [(descriptor, READ)]
    finally:
        again.close()
        peer.close()


def test_a_socket_that_was_closed_can_still_be_let_go(watching: Readiness) -> None:
    one, other = socket.socketpair()
    watching.watch(READ, one.fileno())
    number = one.fileno()
    one.close()
    other.close()
    watching.watch(LET_GO, number)
    assert watching.wait(0) == []


def test_a_hung_up_socket_is_ready(watching: Readiness, pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    watching.watch(READ, one.fileno())
    other.close()
    ((descriptor, ready),) = watching.wait(1)
    assert descriptor == one.fileno()
    assert ready & READ
