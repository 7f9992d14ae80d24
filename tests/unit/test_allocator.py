"""Free memory is given back, when there is enough of it and nobody waits."""

from __future__ import annotations

import ctypes
import sys

import pytest

from greenflash_kafka.allocator import LOOK_SECONDS, QUIET_MESSAGES, WORTH_BYTES, FreeMemory, allocator
from tests.simulation.world import VirtualClock

CODE = 50_000_000
"""Resident, and nothing that could be given back."""


class Kept:
    """An allocator that keeps as much as a test says."""

    def __init__(self) -> None:
        self.free = 0
        self.given_back: list[int] = []

    def kept(self) -> int:
        return CODE + self.free

    def give_back(self) -> None:
        self.given_back.append(self.free)
        self.free = 0


def test_what_a_burst_left_is_given_back_once_it_is_over_and_not_before() -> None:
    clock, kept = VirtualClock(), Kept()
    memory = FreeMemory(clock, kept)
    memory.turn(0)
    kept.given_back.clear()
    messages = 0
    for _ in range(10):
        clock.time += LOOK_SECONDS
        messages += QUIET_MESSAGES + 1
        kept.free = 2 * WORTH_BYTES
        memory.turn(messages)
    assert kept.given_back == []
    clock.time += LOOK_SECONDS
    memory.turn(messages + QUIET_MESSAGES)
    assert kept.given_back == [2 * WORTH_BYTES]
    clock.time += LOOK_SECONDS
    kept.free = WORTH_BYTES
    memory.turn(messages)
    assert kept.given_back == [2 * WORTH_BYTES]


def test_a_turn_looks_only_now_and_then() -> None:
    clock, kept = VirtualClock(), Kept()
    memory = FreeMemory(clock, kept)
    memory.turn(0)
    kept.given_back.clear()
    kept.free = 2 * WORTH_BYTES
    clock.time += LOOK_SECONDS / 2
    memory.turn(0)
    assert kept.given_back == []


def test_where_the_c_library_offers_nothing_nothing_is_done() -> None:
    memory = FreeMemory(VirtualClock(), None)
    memory.turn(0)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux is meant")
def test_glibc_gives_back_what_c_code_has_freed_between_what_it_keeps() -> None:
    found = allocator()
    assert found is not None
    found.give_back()
    before = found.kept()
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(20_000) for _ in range(5_000)]
    for each in blocks:
        ctypes.memset(each, 1, 20_000)
    in_use = found.kept()
    kept, freed = blocks[::100], [each for number, each in enumerate(blocks) if number % 100]
    for each in freed:
        libc.free(each)
    full = found.kept()
    found.give_back()
    after = found.kept()
    for each in kept:
        libc.free(each)
    assert in_use - before < WORTH_BYTES
    assert full - before > 80_000_000
    assert after - before < WORTH_BYTES


def test_a_process_without_file_descriptors_looks_again_later() -> None:
    class Short(Kept):
        short = True

        def kept(self) -> int:
            if self.short:
                raise OSError("no file descriptor is left")
            return super().kept()

    clock, kept = VirtualClock(), Short()
    memory = FreeMemory(clock, kept)
    memory.turn(0)
    clock.time += LOOK_SECONDS
    memory.turn(0)
    kept.short = False
    clock.time += LOOK_SECONDS
    memory.turn(0)
    kept.free = 2 * WORTH_BYTES
    clock.time += LOOK_SECONDS
    memory.turn(0)
    assert kept.given_back[-1] == 2 * WORTH_BYTES
