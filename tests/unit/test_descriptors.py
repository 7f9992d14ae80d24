"""The number of file descriptors needed, and the handling of a limit that is too low."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from greenflash_kafka.descriptors import needed, too_few

PROVIDE = """
import json, os, resource, sys
from greenflash_kafka.descriptors import exhausted, limits, provide
from greenflash_kafka.errors import ConfigInvalid
soft, hard, in_flight, brokers = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
try:
    provide(in_flight, brokers)
    said = ""
except ConfigInvalid as error:
    said = str(error)
print(json.dumps([*limits(), said]))
"""


def provide(soft: int, hard: int, in_flight: int = 128, brokers: int = 1) -> tuple[int, int, str]:
    """The limits afterwards, and what was said, in a process with these limits."""
    arguments = [str(each) for each in (soft, hard, in_flight, brokers)]
    done = subprocess.run([sys.executable, "-c", PROVIDE, *arguments], capture_output=True, text=True, check=True)
    soft, hard, said = json.loads(done.stdout)
    return soft, hard, said


def test_a_soft_limit_that_is_enough_stays() -> None:
    assert provide(200, 400) == (200, 400, "")


def test_one_that_is_too_low_is_raised_to_the_hard_one() -> None:
    assert provide(64, 400) == (400, 400, "")


@pytest.mark.parametrize(("soft", "hard"), [(64, 64), (100, 176)])
def test_a_hard_limit_that_is_too_low_is_refused_with_what_to_set(soft: int, hard: int) -> None:
    *left, said = provide(soft, hard)
    assert left == [soft, hard]
    assert said.startswith("delivery.in_flight 128 needs 177 file descriptors")
    assert f"this process may have {hard} (RLIMIT_NOFILE)" in said
    assert "`ulimit -n 177`, LimitNOFILE=177" in said


def test_brokers_count() -> None:
    assert needed(128, 12) - needed(128, 1) == 11 * 9
    assert provide(200, 200, 128, 12)[2] != ""


def test_reading_conversations_and_tables_needs_more() -> None:
    assert needed(128, 3, readers=1) - needed(128, 3) == 10 + 3 * 3
    assert needed(128, 3, readers=2) - needed(128, 3) == 2 * (10 + 3 * 3)
    assert needed(128, 3, registry=True) - needed(128, 3) == 10
    assert "50 for the process, 12 for each of 1 broker(s)" in too_few(128, 1, 64, readers=1)


def test_what_would_be_possible_is_said_where_something_is() -> None:
    assert "or set delivery.in_flight to 15 or less" in too_few(128, 1, 64)
    assert "delivery.in_flight to" not in too_few(128, 1, 30)
