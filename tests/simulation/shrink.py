"""Reduction of a failing plan to the faults that it needs: fewer are easier to understand."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tests.simulation.plan import Plan
from tests.simulation.run import Result, simulate


def shrink(result: Result, run: Callable[[Plan], Result] = simulate, most_runs: int = 60) -> Result:
    """The same broken promise with as few faults as leaving out one after the other gives, in at most so many runs."""
    promise, smallest, runs = result.violations[0].promise, result, 0
    index = 0
    while index < len(smallest.plan.faults) and runs < most_runs:
        faults = smallest.plan.faults
        fewer = run(msgspec.structs.replace(smallest.plan, faults=faults[:index] + faults[index + 1 :]))
        runs += 1
        if any(each.promise == promise for each in fewer.violations):
            smallest, index = fewer, 0
        else:
            index += 1
    return smallest
