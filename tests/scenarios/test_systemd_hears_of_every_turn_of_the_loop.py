"""A process under systemd: ready once the group has answered, beats while its loop turns, none while it is frozen."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """systemd's end of the notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(f"\0greenflash-kafka-scenario-{os.getpid()}")
        made.settimeout(60)
        yield made


def test_systemd_hears_of_every_turn_of_the_loop(deployment: Any, manager: socket.socket) -> None:
    deployment.topics(1)
    process = deployment.run(
        NOTIFY_SOCKET="@" + manager.getsockname()[1:].decode(),
        WATCHDOG_USEC="2000000",
    )
    heard = _until(manager, "READY=1")
    assert '"partitions_assigned"' in process.said()
    assert "WATCHDOG=1" in heard
    _until(manager, "WATCHDOG=1")
    process.freeze()
    _drain(manager)
    manager.settimeout(3)
    with pytest.raises(TimeoutError):
        manager.recv(4096)
    process.thaw()
    manager.settimeout(60)
    _until(manager, "WATCHDOG=1")
    process.process.terminate()
    _until(manager, "STOPPING=1")
    assert process.wait() == 0


def _until(manager: socket.socket, line: str) -> list[str]:
    """Every line up to the message that holds this one; fails when a minute passes without any."""
    heard: list[str] = []
    deadline = time.monotonic() + 120
    while line not in heard:
        assert time.monotonic() < deadline, heard
        heard += manager.recv(4096).decode().split("\n")
    return heard


def _drain(manager: socket.socket) -> None:
    """What was sent before the process stood still."""
    manager.settimeout(0.5)
    try:
        while True:
            manager.recv(4096)
    except TimeoutError:
        pass
