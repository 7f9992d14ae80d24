from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest

from consumer.workers.channel import Channel
from consumer.workers.protocol import Paused, Resumed, ToWorker, Waiting

Pair = tuple[Channel[ToWorker], Channel[ToWorker]]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair()
    made = Channel[ToWorker](left, ToWorker), Channel[ToWorker](right, ToWorker)
    yield made
    for each in made:
        each.close()


def test_messages_come_whole_and_in_order(pair: Pair) -> None:
    here, there = pair
    told = [Waiting(1.5, "status-429"), Paused("tls", "no trust"), Resumed()]
    for each in told:
        here.send(each)
    assert there.receive() == told
    assert there.receive() == []
    assert not there.closed


def test_a_message_that_is_only_half_there_waits_for_its_rest(pair: Pair) -> None:
    here, there = pair
    body = msgspec.msgpack.encode(Waiting(2.0, "status-429"))
    whole = len(body).to_bytes(4, "big") + body
    for at in range(len(whole) - 1):
        here.socket.send(whole[at : at + 1])
        assert there.receive() == []
    here.socket.send(whole[-1:])
    assert there.receive() == [Waiting(2.0, "status-429")]


def test_a_reader_that_stands_still_delays_nobody_and_gets_everything_later(pair: Pair) -> None:
    here, there = pair
    began = time.monotonic()
    sent = [Paused("tls", f"{number}" * 5000) for number in range(1000)]
    for each in sent:
        here.send(each)
    assert time.monotonic() - began < 60
    assert here.backlog
    received: list[ToWorker] = []
    while len(received) < len(sent):
        received += there.receive()
        here.flush()
    assert received == sent
    assert not here.backlog


def test_what_was_said_before_the_other_side_went_still_comes(pair: Pair) -> None:
    here, there = pair
    here.send(Resumed())
    here.close()
    assert there.receive() == [Resumed()]
    assert (there.closed, there.broken) == (True, False)
    there.send(Resumed())  # to nobody


@pytest.mark.parametrize("nonsense", [b"\x00\x00\x00\x02hi", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"])
def test_nonsense_closes_the_channel(pair: Pair, nonsense: bytes) -> None:
    here, there = pair
    here.send(Resumed())
    here.socket.send(nonsense)
    assert there.receive() == [Resumed()]
    assert (there.closed, there.broken) == (True, True)


def test_last_words_are_waited_for(pair: Pair) -> None:
    here, there = pair
    here.send(Paused("tls", "x" * 1_000_000))
    heard: list[ToWorker] = []

    def read() -> None:
        while not heard:
            time.sleep(0.01)
            heard.extend(there.receive())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    here.finish(10)
    reader.join(10)
    assert heard == [Paused("tls", "x" * 1_000_000)]
