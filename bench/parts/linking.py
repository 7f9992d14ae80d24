"""Links beside the truth: how many are right, and how many of those that should be there are."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from bench.caused import Parameters
from bench.ground import Ground
from bench.measure import Sender
from bench.part import Case, Column, Figures, Part, Round, Target
from bench.parts.startup import output

HOURS = 4
OURS = "this pipeline"
BY_PRODUCT = "last touch by processing time, of the product"
PLAIN = "last touch by processing time"
_NAMES = {OURS: "ours", BY_PRODUCT: "by product", PLAIN: "plain"}


def cases(ground: Ground) -> list[Case]:
    """All three over the same traffic."""
    people = ground.count(Parameters().people, least=200)

    @cache
    def told() -> dict[str, Any]:
        command = [*ground.module("attributing"), str(HOURS), f"people={people}"]
        found: dict[str, Any] = msgspec.json.decode(output(Sender(command)))
        return found

    def run(name: str) -> Figures:
        figures: dict[str, float] = told()[_NAMES[name]]
        return figures

    return [Case(name, lambda name=name: run(name)) for name in _NAMES]  # type: ignore[misc]


def _wrong(round: Round) -> float:
    """How many of our links are wrong, by how many of the plain ones."""
    ours, plain = ((1 - round[name]["precision"]) * round[name]["links"] for name in (OURS, PLAIN))
    return ours / plain


PART = Part(
    "linking",
    "Which conversation led to an outcome",
    f"Traffic whose causes are known, with {Parameters()} (fewer people in a quick run). Support and sales chats cause "
    "outcomes of their product, a copilot is used all day and causes none. Precision: of the links, those to the "
    "conversation that caused the outcome. Recall: of the caused outcomes, those that are linked to it. The lookback "
    f"is {HOURS} hours for all. Beside it what is usually built: the conversation of the same person (and product) "
    "that a stream has brought last when the outcome comes. Other traffic: `python -m bench.contenders.attributing "
    "HOURS NAME=VALUE ...`.",
    (
        Column("precision", "precision", "{:.1%}"),
        Column("recall", "recall", "{:.1%}"),
        Column("links", "links", "{:,.0f}"),
    ),
    cases,
    (
        Target("precision: at least 0.95", lambda round: round[OURS]["precision"], least=0.95),
        Target("recall: at least 0.95", lambda round: round[OURS]["recall"], least=0.95),
        Target("wrong links: at most a tenth of the plain last touch's", _wrong, most=0.1),
    ),
    rounds=1,
)
