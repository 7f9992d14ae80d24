"""Tables in Markdown of what was measured, and what became of the targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from bench.part import Column, Part, Round, Spread, Target, spread


class Measured(NamedTuple):
    """A part, its rounds, and why contenders are missing from them, by name."""

    part: Part
    names: Sequence[str]
    rounds: Sequence[Round]
    missing: dict[str, str]


def report(measured: Iterable[Measured], about: Sequence[str]) -> str:
    """The whole page; `about` says what was run where."""
    measured = list(measured)
    lines = ["# What it costs", "", *about, *conditions(measured), "", "![The figures below as bars](results.svg)", ""]
    for each in measured:
        lines += [*section(each), ""]
    lines += ["## Targets", "", "| target | value | |", "|---|---|---|"]
    lines += [
        f"| {each.part.name}: {target.text} | {value} | {word} |" for each, target, value, word in verdicts(measured)
    ]
    return "\n".join(lines) + "\n"


def conditions(measured: Sequence[Measured]) -> list[str]:
    """Whether the answering server may have been what was measured, and whether the machine was left alone."""
    lines = []
    if found := _most("server_busy", measured):
        share, name = found
        said = "so it isn't what is measured" if share < 0.8 else "so there it may be what is measured"
        lines.append(f"The answering server was never busier than {share:.0%} (with: {name}), {said}.")
    if found := _most("others", measured):
        share, name = found
        said = "the machine was left alone" if share < 0.1 else "the machine was NOT left alone, so measure again"
        lines.append(f"Other programs had at most {share:.0%} of the sender's core (with: {name}): {said}.")
    return lines


def _most(figure: str, measured: Sequence[Measured]) -> tuple[float, str] | None:
    """The largest of all that were measured, and whose it is."""
    every = [item for each in measured for round in each.rounds for item in round.items()]
    return max(((figures[figure], name) for name, figures in every if figure in figures), default=None)


def section(measured: Measured) -> list[str]:
    """A part's table."""
    part, rounds = measured.part, measured.rounds
    lines = [f"## {part.title}", "", part.about, ""]
    lines.append("| | " + " | ".join(column.heading for column in part.columns) + " |")
    lines.append("|---" * (len(part.columns) + 1) + "|")
    for name in measured.names:
        if name in measured.missing:
            lines.append(f"| {name} | {measured.missing[name]} |" + " |" * (len(part.columns) - 1))
            continue
        cells = [_cell(column, name, rounds, first=column is part.columns[0]) for column in part.columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _cell(column: Column, name: str, rounds: Sequence[Round], first: bool) -> str:
    found = spread(partial(column.of, name), rounds)
    return "" if found is None else shown(found, column.form, len(rounds) > 1 and first)


def shown(found: Spread, form: str, with_range: bool) -> str:
    """The median, and from the least to the most."""
    middle = form.format(found.median)
    if not with_range:
        return middle
    return f"{middle} ({form.format(found.low)} to {form.format(found.high)})"


def verdicts(measured: Iterable[Measured]) -> list[tuple[Measured, Target, str, str]]:
    """Of each target its value, and whether it is reached: by the median of the rounds."""
    found = []
    for each in measured:
        for target in each.part.targets:
            value = spread(target.value, each.rounds)
            if value is None:
                found.append((each, target, "", "not measured"))
                continue
            word = "reached" if target.reached(value.median) else "**NOT reached**"
            found.append((each, target, shown(value, "{:.3g}", len(each.rounds) > 1), word))
    return found
