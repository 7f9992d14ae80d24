"""What is new, and what has drifted, is found beside an earlier report; what chance explains isn't said."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.coverage.coverage_report import CoverageReport
from greenflash_kafka.coverage.coverage_text import as_text
from greenflash_kafka.coverage.drift import compared, differs
from greenflash_kafka.coverage.fail_on import check_conditions, holding
from tests.unit.coverage.shop import event, messages, report_of, snapshot_of


def report(folder: Path, without_plan: int, *more: object, left: int = 40) -> CoverageReport:
    plans = [event("paid", amount=1, **({} if number < without_plan else {"plan": "p"})) for number in range(100)]
    ended = [event("left", status="done") for _ in range(left)]
    return report_of(snapshot_of(folder), messages([*plans, *ended, *more]))


def test_a_name_is_new_once(tmp_path: Path) -> None:
    before, now = report(tmp_path, 2, event("moved")), report(tmp_path, 2, event("moved"), event("bought"))
    found = compared(now, before)
    assert [(name, each.new) for _, name, each in found.unmatched] == [("bought", True), ("moved", False)]
    assert holding(found, ["new", "drift", "unmatched"]) == ["new", "unmatched"]
    assert holding(compared(now, now), ["new", "drift", "unmatched"]) == ["unmatched"]
    assert holding(compared(report(tmp_path, 2), before), ["new", "drift", "unmatched"]) == []


def test_a_field_that_goes_missing_drifts(tmp_path: Path) -> None:
    found = compared(report(tmp_path, 37), report(tmp_path, 2))
    (drift,) = found.drift
    assert (drift.rule, drift.path, drift.was, drift.now) == ("paid", "payload.plan", 0.02, 0.37)
    assert drift.since is not None
    assert drift.since.coordinates == "shop/0/0"
    assert "37% missing (was 2%)" in as_text(found)
    assert holding(found, ["drift"]) == ["drift"]
    assert compared(report(tmp_path, 4), report(tmp_path, 2)).drift == ()


def test_a_rule_that_falls_silent_drifts(tmp_path: Path) -> None:
    found = compared(report(tmp_path, 2, left=0), report(tmp_path, 2))
    # Of 100 messages 28.6 were to be expected: too few to say so.
    assert found.drift == ()
    more = [event("seen")] * 40
    found = compared(report(tmp_path, 2, *more, left=0), report(tmp_path, 2))
    assert [(each.rule, each.of, each.now) for each in found.drift] == [("left", "rule", 0.0)]
    assert "left takes nothing any more (it took 28.57% of messages)" in as_text(found)


@pytest.mark.parametrize(
    ("was", "of_was", "now", "of_now", "differ"),
    [
        (0, 100, 0, 100, False),
        (100, 100, 100, 100, False),
        (0, 1000, 40, 1000, False),
        (0, 1000, 60, 1000, True),
        (0, 40, 4, 40, False),
        (0, 40, 20, 40, True),
        (90_000, 100_000, 96_000, 100_000, True),
    ],
)
def test_shares_differ_beyond_chance(was: int, of_was: int, now: int, of_now: int, differ: bool) -> None:
    assert differs(was, of_was, now, of_now) is differs(now, of_now, was, of_was) is differ


def test_conditions_are_checked_before_anything_is_read() -> None:
    check_conditions(["unmatched"], baseline=False)
    check_conditions(["new", "drift"], baseline=True)
    with pytest.raises(ValueError, match="--baseline"):
        check_conditions(["new"], baseline=False)
    with pytest.raises(ValueError, match="'all' is none of new, drift, unmatched"):
        check_conditions(["all"], baseline=True)
