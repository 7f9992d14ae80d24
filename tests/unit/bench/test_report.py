"""The page and the picture of a run: medians, ratios made within a round, what is missing, and what is missed."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.part import Column, Part, Round, Target, ratio, value
from bench.picture import picture
from bench.report import Measured, report, verdicts

PART = Part(
    "sending",
    "Sending",
    "About it.",
    (Column("rate", "events/s", "{:,.0f}"), Column("rate", "x loop", "{:.1f}", base="plain loop")),
    lambda _: [],
    (
        Target("fast", ratio("rate", of="ours", to="plain loop"), least=20),
        Target("small", value("memory_mb", of="ours"), most=150),
        Target("unknown", value("rate", of="other"), least=1),
    ),
    bars=Column("rate", "events a second", "{:,.0f}"),
)
ROUNDS: list[Round] = [
    {"plain loop": {"rate": 500}, "ours": {"rate": 20_000, "memory_mb": 160}},
    {"plain loop": {"rate": 1_000}, "ours": {"rate": 10_000, "memory_mb": 170}},
    {"plain loop": {"rate": 500}, "ours": {"rate": 15_000, "memory_mb": 100, "server_busy": 0.4, "others": 0.3}},
]
MEASURED = Measured(PART, ["plain loop", "ours", "other <x>"], ROUNDS, {"other <x>": "failed"})


def test_a_row_has_the_median_its_range_and_ratios_of_its_own_round() -> None:
    page = report([MEASURED], ["Where."])
    assert "| plain loop | 500 (500 to 1,000) | 1.0 |" in page
    assert "| ours | 15,000 (10,000 to 20,000) | 30.0 |" in page
    assert "| other <x> | failed | |" in page
    assert "at most 30% of the sender's core (with: ours): the machine was NOT left alone" in page
    assert "never busier than 40% (with: ours), so it isn't what is measured" in page


def test_a_target_is_judged_by_the_median() -> None:
    assert [(target.text, word) for _, target, _, word in verdicts([MEASURED])] == [
        ("fast", "reached"),
        ("small", "**NOT reached**"),
        ("unknown", "not measured"),
    ]


def test_the_picture_has_a_bar_for_each_that_was_measured() -> None:
    drawn = ElementTree.fromstring(picture([MEASURED], "Where & when."))
    space = "{http://www.w3.org/2000/svg}"
    bars = {each.get("class"): float(each.get("width", 0)) for each in drawn.iter(f"{space}rect")}
    assert 28 < bars["ours"] / bars["other"] < 32
    texts = [each.text for each in drawn.iter(f"{space}text")]
    assert "15,000" in texts
    assert "other <x>" not in texts
