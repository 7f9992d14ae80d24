"""A partition is paused with its first reason and resumed with its last."""

from __future__ import annotations

from greenflash_kafka.pauses import Pauses
from tests.fakes.source import MemorySource
from tests.simulation.world import VirtualClock

A, B = ("t", 0), ("t", 1)


def test_a_partition_goes_on_once_its_last_reason_is_gone() -> None:
    source = MemorySource(VirtualClock())
    pauses = Pauses(source)
    pauses.add([A, B], "all")
    pauses.add([A], "waiting")
    pauses.add([A], "held")
    assert source.paused == {A, B}
    pauses.remove([A, B], "all")
    assert source.paused == {A}
    pauses.remove([A], "held")
    pauses.remove([A], "held")
    assert source.paused == {A}
    pauses.remove([A], "waiting")
    assert not source.paused


def test_the_source_is_asked_only_where_something_changes() -> None:
    asked: list[tuple[str, list[tuple[str, int]]]] = []

    class Counted(MemorySource):
        def pause(self, partitions: object) -> None:
            asked.append(("pause", list(partitions)))  # type: ignore[call-overload]

        def resume(self, partitions: object) -> None:
            asked.append(("resume", list(partitions)))  # type: ignore[call-overload]

    pauses = Pauses(Counted(VirtualClock()))
    pauses.add([A], "held")
    pauses.add([A, B], "all")
    pauses.remove([A, B], "waiting")
    pauses.remove([A, B], "all")
    assert asked == [("pause", [A]), ("pause", [B]), ("resume", [B])]


def test_a_partition_that_comes_again_has_no_reasons() -> None:
    source = MemorySource(VirtualClock())
    pauses = Pauses(source)
    pauses.add([A], "waiting")
    pauses.forget([A])
    source.paused.clear()
    pauses.add([A], "all")
    assert source.paused == {A}
    pauses.remove([A], "all")
    assert not source.paused
