from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator

import pytest

from consumer.delivery.readiness import READ, WRITE, Epoll, Readiness, Selected

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
    watching.watch(one.fileno(), READ)
    assert watching.wait(0) == []
    other.send(b"x")
    assert watching.wait(1) == [(one.fileno(), READ)]
    watching.watch(one.fileno(), READ | WRITE)
    assert watching.wait(1) == [(one.fileno(), READ | WRITE)]
    watching.watch(one.fileno(), WRITE)
    assert watching.wait(1) == [(one.fileno(), WRITE)]


def test_what_is_let_go_is_quiet(watching: Readiness, pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    other.send(b"x")
    watching.watch(one.fileno(), READ)
    watching.watch(one.fileno(), 0)
    watching.watch(one.fileno(), 0)
    assert watching.wait(0) == []
    watching.watch(one.fileno(), READ)
    watching.watch(one.fileno(), 0)
    watching.watch(one.fileno(), READ)
    assert watching.wait(1) == [(one.fileno(), READ)]


def test_another_socket_under_the_same_number_is_watched(watching: Readiness) -> None:
    one, other = socket.socketpair()
    number = one.fileno()
    watching.watch(number, READ)
    watching.watch(number, 0)
    one.close()
    other.close()
    again, peer = socket.socketpair()
    try:
        descriptor = number if again.fileno() == number else again.fileno()
        watching.watch(descriptor, READ)
        peer.send(b"x")
        assert watching.wait(1) == [(descriptor, READ)]
    finally:
        again.close()
        peer.close()


def test_a_socket_that_was_closed_can_still_be_let_go(watching: Readiness) -> None:
    one, other = socket.socketpair()
    watching.watch(one.fileno(), READ)
    number = one.fileno()
    one.close()
    other.close()
    watching.watch(number, 0)
    assert watching.wait(0) == []


def test_a_hung_up_socket_is_ready(watching: Readiness, pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    watching.watch(one.fileno(), READ)
    other.close()
    ((descriptor, ready),) = watching.wait(1)
    assert descriptor == one.fileno()
    assert ready & READ
