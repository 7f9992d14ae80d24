"""Messages to systemd over a real datagram socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.systemd import READY_SECONDS, Systemd


class Manager:
    """The socket of a service manager, and a clock."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.setblocking(False)
        self.environ = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "10000000"}
        self.time = 1000.0
        self.health = Health(lambda: self.time)

    def systemd(self, **environ: str) -> Systemd:
        return Systemd({**self.environ, **environ}, self.health, lambda: self.time)

    def turn(self, systemd: Systemd, seconds: float = 1.0) -> None:
        self.time += seconds
        self.health.beat()
        systemd.beat()

    def heard(self) -> list[list[str]]:
        """The messages since the last call, each as its lines."""
        found: list[list[str]] = []
        while True:
            try:
                found.append(self.socket.recv(4096).decode().split("\n"))
            except BlockingIOError:
                return found


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    # The kernel takes 107 bytes of a path.
    folder = os.open(tmp_path, os.O_RDONLY)
    path = f"/proc/self/fd/{folder}/notify"
    made = Manager(path if request.param == "path" else f"@greenflash-kafka-{os.getpid()}-{id(request)}")
    yield made
    made.socket.close()
    os.close(folder)


def test_ready_is_told_once_when_the_group_has_answered(manager: Manager) -> None:
    systemd = manager.systemd()
    manager.turn(systemd)
    assert manager.heard() == [["WATCHDOG=1", "STATUS=not ready: starting"]]
    manager.health.notice("partitions_assigned", now=[])
    manager.turn(systemd)
    manager.turn(systemd)
    assert manager.heard() == [["READY=1", "WATCHDOG=1", "STATUS=ready"], ["WATCHDOG=1"]]


def test_a_group_that_does_not_answer_or_a_service_that_is_away_keeps_no_unit_from_being_started(
    manager: Manager,
) -> None:
    systemd = manager.systemd()
    manager.health.gauge("delivery_paused", 1)
    manager.turn(systemd)
    manager.turn(systemd, READY_SECONDS)
    first, second = manager.heard()
    assert "READY=1" not in first
    assert "READY=1" in second


def test_beats_come_from_turns_of_the_loop_alone_and_twice_in_the_time_that_the_unit_gives(manager: Manager) -> None:
    systemd = manager.systemd(WATCHDOG_USEC="400000", WATCHDOG_PID=str(os.getpid()))
    for _ in range(100):
        manager.turn(systemd, 0.01)
    assert 4 <= len(manager.heard()) <= 6
    manager.time += 60
    assert manager.heard() == []


def test_no_more_than_a_message_a_second_while_the_loop_turns_quickly(manager: Manager) -> None:
    systemd = manager.systemd()
    for _ in range(1000):
        manager.turn(systemd, 0.001)
    assert len(manager.heard()) <= 2


def test_a_watchdog_that_is_another_process_s_gets_no_beats(manager: Manager) -> None:
    systemd = manager.systemd(WATCHDOG_PID="1")
    manager.turn(systemd)
    manager.turn(systemd)
    assert manager.heard() == [["STATUS=not ready: starting"]]


def test_the_end_is_told_before_the_last_work(manager: Manager) -> None:
    manager.systemd().stopping()
    assert manager.heard() == [["STOPPING=1", "STATUS=finishing what is under way"]]


def test_a_full_socket_holds_nobody_up_and_ready_is_told_again(manager: Manager) -> None:
    systemd = manager.systemd()
    manager.turn(systemd)
    manager.heard()
    manager.health.notice("partitions_assigned", now=[])
    filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    filler.setblocking(False)
    filler.connect(manager.socket.getsockname())
    try:
        while True:
            filler.send(b"x")
    except BlockingIOError:
        pass
    manager.turn(systemd)
    assert ["x"] in (heard := manager.heard())
    assert not any("READY=1" in each for each in heard)
    manager.turn(systemd)
    assert manager.heard() == [["READY=1", "WATCHDOG=1", "STATUS=ready"]]
    filler.close()


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "/nowhere/notify"])
def test_nothing_happens_without_a_socket_that_can_be_reached(address: str | None) -> None:
    health = Health()
    systemd = Systemd({} if address is None else {"NOTIFY_SOCKET": address}, health)
    health.beat()
    systemd.beat()
    systemd.stopping()
