"""The simulation's share in every test run, and that it can be believed: it repeats itself and finds mistakes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.simulation.plan import Fault, make
from tests.simulation.planted import BUGS, planted
from tests.simulation.planted_links import LINKING_BUGS
from tests.simulation.planted_tables import TABLE_BUGS
from tests.simulation.run import simulate
from tests.simulation.shrink import shrink

SHARE = 240
"""Seeds in every run; `make simulate` has as many as one likes."""

PARTS = 4
ENOUGH = 300
"""A planted mistake has to be found within so many seeds."""


BEGINS = {
    "acks_before_the_dead_letter_is_confirmed": 9,
    "begins_to_read_too_late": 20,
    "commits_what_it_has_lost": 34,
    "does_not_watch_the_topics_ids": 59,
    "evaluates_what_waits_while_a_partition_goes": 19,
    "finds_the_tracker_of_an_old_epoch_by_its_name": 12,
    "gives_up_on_a_failing_service": 15,
    "goes_on_at_the_end_after_a_gap": 30,
    "goes_too_far_by_four_tenths_of_a_second": 249,
    "keeps_of_a_minute_what_it_has_read_first": 21,
    "keeps_positions_before_rows": 198,
    "lets_a_callback_raise_and_goes_on": 50,
    "looks_up_before_it_has_read_what_replaces_a_version": 470,
    "loses_who_was_compacted_away": 56,
    "makes_the_id_of_what_the_rules_gave": 29,
    "sends_while_a_partition_goes": 24,
    "sends_while_it_ends": 93,
    "takes_every_200_for_success": 82,
    "takes_the_end_of_what_is_committed_for_the_end": 38,
    "takes_the_partitions_that_it_knows_for_all": 358,
}
"""Where the search for some planted mistakes begins, to save time."""


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_and_nothing_stored_twice_under_faults_of_every_kind(part: int) -> None:
    for seed in range(1 + part, 1 + SHARE, PARTS):
        result = simulate(make(seed))
        assert not result.violations, f"make simulate FIRST_SEED={seed} SEEDS=1 VERBOSE=1: {result.violations[0]}"


def digest(seed: int) -> str:
    """Of everything that happened."""
    return hashlib.sha256("\n".join(simulate(make(seed)).trace).encode()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_trace_in_every_process(hash_seed: str) -> None:
    code = "from tests.simulation.test_simulation import digest; print(digest(7), digest(8), digest(9))"
    root = Path(__file__).parents[2]
    environ = {"PYTHONHASHSEED": hash_seed, "PATH": ""}
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environ, capture_output=True, text=True, check=True, timeout=120
    )
    assert there.stdout.split() == [digest(7), digest(8), digest(9)]


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_mistake_is_found(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with planted(name):
        for seed in range(BEGINS.get(name, 1), 1 + ENOUGH):
            found = simulate(make(seed)).violations
            if found:
                with capsys.disabled():
                    print(f"\n{name.replace('_', ' ')}: seed {seed}: {found[0].promise}")
                return
    pytest.fail(f"{ENOUGH} seeds without finding it")


# One in five links; of the others one in ten has a table.
LINKING_SEEDS = [seed for seed in range(1, 1 + 2 * ENOUGH) if (it := make(seed).setting.linking) and not it.rows]
TABLE_SEEDS = [seed for seed in range(1, 1 + 2 * ENOUGH) if (it := make(seed).setting.linking) and it.rows]


@pytest.mark.parametrize(
    ("seeds", "bugs", "name"),
    [
        *((LINKING_SEEDS, LINKING_BUGS, name) for name in LINKING_BUGS),
        *((TABLE_SEEDS, TABLE_BUGS, name) for name in TABLE_BUGS),
    ],
)
def test_a_planted_mistake_of_linking_is_found(
    seeds: list[int], bugs: dict[str, Callable[[], Any]], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with bugs[name]():
        for seed in seeds[bisect_left(seeds, BEGINS.get(name, 1)) :]:
            found = simulate(make(seed)).violations
            if found:
                with capsys.disabled():
                    print(f"\n{name.replace('_', ' ')}: seed {seed}: {found[0].promise}")
                return
    pytest.fail(f"{len(seeds)} seeds that link without finding it")


def test_a_failing_plan_is_cut_down_to_what_it_takes() -> None:
    plan = make(1)
    noise = tuple(Fault(float(second), "marker", number=1) for second in range(5))
    with planted("takes_every_200_for_success"):
        plan = msgspec.structs.replace(plan, faults=(*noise, Fault(6.0, "api", seconds=10.0, name="html")))
        smallest = shrink(simulate(plan))
    assert [each.name for each in smallest.plan.faults] == ["html"]
