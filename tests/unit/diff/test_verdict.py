"""What of a diff is a warning, and what makes it fail."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.report import DiffReport, Side, report
from greenflash_kafka.diff.report_markdown import MARK, MOST, as_markdown
from greenflash_kafka.diff.report_text import as_text
from greenflash_kafka.diff.tallies import Example, Tallies, add_money
from greenflash_kafka.diff.verdict import check, failures, warnings
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.model.outcome import Count, Outcome
from greenflash_kafka.model.problem import Problem

CANARY = "canary-value-of-a-message"


def outcome(rule: str = "paid", insert_id: str = "a", value: str = "10.00", **more: Any) -> Outcome:
    body = {"eventType": "bought", "value": value, "valueType": "currency", "properties": {"currency": "EUR"}, **more}
    return Outcome((Event(rule, None, insert_id, json.dumps(body).encode()),))


class _Given:
    """The outcomes that a test gives, in place of an evaluation."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self._outcomes = iter(outcomes)

    def outcome(self, _: Message) -> Outcome:
        return next(self._outcomes)


def compared(pairs: list[tuple[Outcome, Outcome]], *, values: bool = False) -> DiffReport:
    differ = Differ.__new__(Differ)
    Differ.__init__(differ, None, None, values=values)  # type: ignore[arg-type]
    differ._old = _Given([old for old, _ in pairs])  # type: ignore[assignment]
    differ._new = _Given([new for _, new in pairs])  # type: ignore[assignment]
    differ.add([Message("t", 0, offset) for offset in range(len(pairs))])
    return _report(differ.tallies)


def _report(tallies: Tallies) -> DiffReport:
    sides = (Side("old|rules", "1", 1), Side("new", "2", 1))
    return report("program", sides, tallies, None, [OffsetRange("t", 0, 0, 9)])


BAD = Outcome(problems=(Problem("bad-money", "no currency", "paid", None, "value"),))


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        (outcome(), outcome(), []),
        (outcome(), outcome(insert_id="b"), ["ids", "any"]),
        (outcome(), BAD, ["invalid", "any", "money", "money:2%"]),
        (outcome(), Outcome(), ["unmatched", "any", "money", "money:2%"]),
        (outcome(), outcome(value="10.10"), ["any", "money"]),
        (outcome(), outcome(value="10.30"), ["any", "money", "money:2%"]),
        (outcome(), outcome(influence="negative"), ["any"]),
        (BAD, outcome(), ["any", "money", "money:2%"]),
        (BAD, BAD, []),
        (outcome(), Outcome(counts=(Count("draft", "paid"),)), ["unmatched", "any", "money", "money:2%"]),
        (outcome(), Outcome(counts=(Count("sampled-out", "paid"),)), ["unmatched", "any", "money", "money:2%"]),
    ],
)
def test_what_makes_it_fail(old: Outcome, new: Outcome, fails: list[str]) -> None:
    found = compared([(old, new)])
    assert failures(found, ["ids", "invalid", "unmatched", "any", "money", "money:2%"]) == fails


@pytest.mark.parametrize("text", ["id", "ids:2%", "money:", "money:x%", ""])
def test_a_condition_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is none of"):
        check([text])


def test_a_draft_is_told_from_a_rule_that_does_not_match() -> None:
    found = compared([(outcome(), Outcome(counts=(Count("draft", "paid"),))), (outcome(), Outcome())])
    assert [said.partition(":")[0] for _, said, _ in warnings(found)] == ["are gone", "aren't sent any longer"]


def test_what_was_wrong_before_is_not_newly_wrong() -> None:
    renamed = Outcome(problems=(Problem("bad-number", "no currency", "other", None, "value"),))
    assert not compared([(BAD, renamed)]).of("problem")
    assert len(compared([(outcome(), renamed)]).of("problem")) == 1


def test_an_id_alone_is_no_other_field() -> None:
    found = compared([(outcome(), outcome(insert_id="b")), (outcome(), outcome(insert_id="b", value="11.00"))])
    assert (found.ids.changed, found.changed_values) == (2, 1)


@pytest.mark.parametrize(
    ("messages", "absent", "empty"), [(0, [], ["orders"]), (0, ["orders"], []), (9, ["orders"], [])]
)
def test_nothing_compared_is_no_good_news(messages: int, absent: list[str], empty: list[str]) -> None:
    ranges = [OffsetRange("t", 0, 0, 9)] if messages else []
    sides = (Side("old", "1", 1), Side("new", "2", 1))
    found = report("program", sides, Tallies(messages=messages), None, ranges, (), (), absent, empty)
    assert failures(found, ["ids"]) == ["ids"]
    assert "Nothing changes" not in as_text(found)


def test_the_same_rules_are_good_news() -> None:
    sides = (Side("old", "1", 1), Side("new", "1", 1))
    found = report("program", sides, Tallies(), None, [], (), ["orders"])
    assert failures(found, ["ids", "any"]) == []
    assert as_text(found).endswith("Nothing changes for these messages.")


def test_warnings_come_with_their_rules() -> None:
    found = compared([(outcome(), outcome(insert_id="b")), (outcome(), BAD), (outcome(), Outcome())])
    said = [(count, rules) for count, _, rules in warnings(found)]
    assert said == [(1, "paid"), (1, "paid"), (1, "paid")]
    assert "SECOND TIME" in as_text(found)


def test_no_value_of_a_message_without_being_asked_for() -> None:
    pair = (outcome(externalUserId="u"), outcome(externalUserId=CANARY))
    for values in (False, True):
        found = compared([pair], values=values)
        for text in (as_text(found), as_markdown(found), found.to_json()):
            assert (CANARY in text.replace("\\", "")) is values


def test_markdown_is_bounded_and_has_no_markup_of_messages() -> None:
    tallies = Tallies(messages=9)
    for number in range(900):
        name = f"rule<script>|{number}|@everyone [x](y)"
        tallies.change("changed", name, "properties." + "x" * 150, Example(number, f"t/0/{number}"), 5)
        add_money(tallies.type(f"type {number} {'y' * 100}"), "EUR", Decimal(1), Decimal(2))
        tally = tallies.type(f"type {number} {'y' * 100}")
        tally.old = tally.new = tally.changed = 1
    text = as_markdown(_report(tallies))
    assert text.startswith(MARK)
    assert len(text) <= MOST
    assert "Cut at" in text
    assert "<script>" not in text
    assert "old\\|rules -\\> new" in text
