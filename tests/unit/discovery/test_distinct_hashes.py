"""Different values are counted exactly as long as that is cheap; an estimate says that it is one."""

from __future__ import annotations

from greenflash_kafka.discovery.distinct_hashes import DistinctHashes, HashBudget
from greenflash_kafka.discovery.path_table import PathTable


def _counted(numbers: range, budget: HashBudget) -> DistinctHashes:
    found = DistinctHashes(budget)
    for number in numbers:
        found.add(f"id-{number}")
    return found


def test_thousands_of_ids_are_counted_exactly() -> None:
    table = PathTable()
    for number in range(6_000):
        table.add({"payload": {"id": f"id-{number}", "again": f"id-{number % 2_600}", "long": "x" * 80 + str(number)}})
    counts = {way[-1]: (each.distinct.count, each.distinct.exact) for way, each in table.paths.items()}
    assert counts == {"id": (6_000, True), "again": (2_600, True), "long": (6_000, True)}


def test_beyond_the_budget_a_count_is_an_estimate_and_says_so() -> None:
    budget = HashBudget(5_000)
    found, other = _counted(range(4_000), budget), _counted(range(8_000), budget)
    assert (found.count, found.exact) == (4_000, True)
    assert not other.exact
    assert 7_000 < other.count < 9_000
    share, looked_at = found.shared(other)
    assert share == 1.0
    assert looked_at > 100


def test_two_paths_that_are_one_count_as_one() -> None:
    budget = HashBudget(3_000)
    found, other = _counted(range(2_000), budget), _counted(range(1_000, 3_000), budget)
    found.take(other)
    assert 2_700 < found.count < 3_300
    assert _counted(range(3_000), HashBudget(3_000)).exact
