"""`make simulate`: many seeds on all cores, what they came to, and how to see a failing one again."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter

from tests.simulation.book import Fate
from tests.simulation.plan import make
from tests.simulation.run import Result, of_seed, simulate
from tests.simulation.shrink import shrink

SHOWN = 5
"""Failing seeds that are shrunk and shown; the others are only named."""


def show(result: Result, verbose: bool) -> None:
    """What was broken, by which faults, and how to run it again."""
    seed = result.plan.seed
    print(f"\nseed {seed} broke a promise:")
    for each in result.violations[:5]:
        print(f"  {each.promise}: {each.text}")
    if verbose:
        for line in simulate(make(seed)).trace:
            print(f"    {line}")
    smallest = shrink(result)
    print(f"  {len(smallest.plan.faults)} of its {len(result.plan.faults)} faults are enough:")
    for fault in smallest.plan.faults:
        print(f"    {fault}")
    print(f"  {smallest.violations[0].promise}: {smallest.violations[0].text}")
    print(f"  with {smallest.plan.setting}")
    print(f"  again: make simulate FIRST_SEED={seed} SEEDS=1 VERBOSE=1")


def main() -> int:
    """Exit code 1 when a seed broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="show the trace of failing seeds, and of a single one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    began = time.monotonic()
    failed: list[Result] = []
    faults: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    with multiprocessing.get_context("spawn").Pool(min(arguments.processes, len(seeds))) as pool:
        for result in pool.imap_unordered(of_seed, seeds, chunksize=max(1, min(20, len(seeds) // 20))):
            faults += result.faults
            for name in Fate.__struct_fields__:
                totals[name] += getattr(result.fate, name)
            if result.violations:
                failed.append(result)
    seconds = time.monotonic() - began
    if arguments.verbose and len(seeds) == 1 and not failed:
        for line in simulate(make(seeds[0])).trace:
            print(line)
    failed.sort(key=lambda each: each.plan.seed)
    for each in failed[:SHOWN]:
        show(each, arguments.verbose)
    if len(failed) > SHOWN:
        print(f"\nalso failed: {', '.join(str(each.plan.seed) for each in failed[SHOWN:])}")
    print(f"\nseeds           {len(seeds)} ({seeds[0]} to {seeds[-1]}), failed {len(failed)}")
    print(f"faults injected {faults.total()}")
    for name, number in sorted(faults.items()):
        print(f"  {name:<36} {number:>8}")
    for name in Fate.__struct_fields__:
        print(f"{name.replace('_', ' '):<15} {totals[name]}")
    print(f"seconds         {seconds:.1f} ({len(seeds) / seconds:.1f} seeds/s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
