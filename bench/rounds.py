"""Runs the parts: every contender of a part once, then all of them again."""

from __future__ import annotations

import sys

from bench.ground import Ground
from bench.measure import SenderFailed
from bench.part import Figures, Part, Round
from bench.report import Measured

FAILED = "failed"
"""Why a contender is missing that could have run."""


def say(text: str) -> None:
    """Progress, for people who wait."""
    print(text, file=sys.stderr, flush=True)


def run(part: Part, ground: Ground, rounds: int) -> Measured:
    """A part, so many times over; what failed once isn't tried again."""
    say(f"\n{part.title}")
    cases = part.cases(ground)
    missing = {case.name: case.missing for case in cases if case.missing}
    found: list[Round] = []
    for number in range(rounds):
        this: dict[str, Figures] = {}
        # Each round begins with another one, so that what comes first isn't always the same that pays for it.
        for case in [*cases[number % len(cases) :], *cases[: number % len(cases)]]:
            if case.name in missing:
                continue
            try:
                this[case.name] = case.measure()
            except SenderFailed as failure:
                missing[case.name] = FAILED
                say(f"{case.name} FAILED: {failure}")
                continue
            say(f"round {number + 1} of {rounds}, {case.name}: {_line(part, case.name, this)}")
        found.append(this)
    return Measured(part, [case.name for case in cases], found, missing)


def _line(part: Part, name: str, round: Round) -> str:
    return ", ".join(
        f"{column.heading} {column.form.format(column.of(name, round))}"
        for column in part.columns
        if column.figure in round[name] and not column.base
    )
