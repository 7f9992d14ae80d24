"""Equality of expected and actual results, and the diff of a difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest

from greenflash_kafka.cases.case import Case, ExpectedEvent, ExpectedProblem
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.compare import difference, shown
from greenflash_kafka.documents.yaml_nodes import BEGINNING
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import FILTERED, Outcome
from greenflash_kafka.model.problem import Problem
from tests.oracle.plain_event import render

MESSAGE = Message("t", 2, 7, timestamp_ms=5)


def event(**fields: object) -> Event:
    return Event("r", None, str(fields.get("insert_id", "")), render(fields))


def case(*events: Mapping[str, object], invalid: tuple[ExpectedProblem, ...] = ()) -> Case:
    """An exact case."""
    return Case("n", BEGINNING, MESSAGE, tuple(ExpectedEvent(each) for each in events), invalid, exact=True)


def test_numbers_instants_and_order_of_keys_do_not_matter() -> None:
    expected = case(
        {
            "event_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
            "quality_impact_score": Decimal("0.50"),
            "properties": {"a": 5, "b": {"x": Decimal("1.0"), "y": [1, None]}},
        }
    )
    got = event(
        event_at=datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1))),
        quality_impact_score=Decimal("0.5"),
        properties={"b": {"y": [1, None], "x": 1}, "a": Decimal("5.00")},
    )
    assert difference(expected, Outcome((got,)), CONTEXT) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", 1), (True, 1), ("true", True), (None, ""), ([], {}), (Decimal("0.1"), Decimal("0.10000000000000001"))],
)
def test_other_types_and_other_digits_are_different(one: object, other: object) -> None:
    assert shown(one) != shown(other)
    assert difference(case({"properties": {"p": one}}), Outcome((event(properties={"p": other}),)), CONTEXT)


def test_no_properties_and_none_of_them_are_the_same() -> None:
    assert difference(case({"value": "1", "properties": {}}), Outcome((event(value="1"),)), CONTEXT) == ""


def test_a_difference_is_shown_where_it_is() -> None:
    expected = case({"event_type": "e", "value": "1.00", "properties": {"plan": "Pro"}})
    got = event(event_type="e", value="100.00", properties={"plan": "Pro", "extra": True})
    assert difference(expected, Outcome((got,)), CONTEXT).splitlines() == [
        "--- expected",
        "+++ got",
        " event 1:",
        '   event_type: "e"',
        '-  value: "1.00"',
        '+  value: "100.00"',
        "+  properties.extra: true",
        '   properties.plan: "Pro"',
    ]


NAMED = {"value": "1", "properties": {"plan": "Pro"}}
MORE = {"value": "1", "event_type": "e", "properties": {"plan": "Pro", "extra": True}}


@pytest.mark.parametrize(
    ("expected", "got", "shown"),
    [
        (ExpectedEvent(NAMED), MORE, ""),
        (ExpectedEvent({}), MORE, ""),
        (ExpectedEvent(NAMED), {**MORE, "value": "2"}, '-  value: "1"'),
        (ExpectedEvent(NAMED), {"value": "1"}, '-  properties.plan: "Pro"'),
        (ExpectedEvent(NAMED), {**MORE, "properties": {"plan": "Basic"}}, '+  properties.plan: "Basic"'),
        (ExpectedEvent({"influence": "positive"}), MORE, '-  influence: "positive"'),
        (ExpectedEvent(NAMED, absent=frozenset({"event_type"})), MORE, '+  event_type: "e"'),
        (ExpectedEvent(NAMED, absent=frozenset({"properties.extra"})), MORE, "+  properties.extra: true"),
        (ExpectedEvent({"value": "1"}, absent=frozenset({"properties"})), MORE, "+  properties.extra: true"),
        (ExpectedEvent({"value": "1", "properties": {}}), MORE, '+  properties.plan: "Pro"'),
        (ExpectedEvent({}, absent=frozenset({"user_id", "properties.tier"})), MORE, ""),
    ],
)
def test_only_what_is_named_is_compared(expected: ExpectedEvent, got: Mapping[str, object], shown: str) -> None:
    found = difference(Case("n", BEGINNING, MESSAGE, (expected,)), Outcome((event(**got),)), CONTEXT)
    assert shown in found
    assert bool(found) == bool(shown), found


def test_a_value_type_that_is_not_written_follows_from_the_value() -> None:
    assert difference(case({"value": "1"}), Outcome((event(value="1", value_type="numeric"),)), CONTEXT) == ""
    said = difference(case({"value": "1", "value_type": "text"}), Outcome((event(value="1"),)), CONTEXT)
    assert '-  value_type: "text"' in said


def test_events_too_few_and_too_many() -> None:
    lost = difference(case({"value": "1"}), Outcome(), CONTEXT)
    assert "+nothing" in lost
    assert '-  value: "1"' in lost
    more = difference(case({"value": "1"}), Outcome((event(value="1"), event(value="2"))), CONTEXT)
    assert "+event 2:" in more
    surplus = difference(case(), Outcome((event(value="1"),)), CONTEXT)
    assert "-nothing" in surplus


def test_problems_match_in_any_order_by_what_is_written() -> None:
    got = (Problem("missing", "no value", "r", 0, "value"), Problem("bad-money", "which currency?", "r", 1, "value"))
    good = case(invalid=(ExpectedProblem("bad-money", item=1), ExpectedProblem("missing", "r", 0, "value")))
    assert difference(good, Outcome((), got), CONTEXT) == ""
    for wrong in (
        (ExpectedProblem("missing"),),
        (ExpectedProblem("missing"), ExpectedProblem("missing")),
        (ExpectedProblem("missing", item=1), ExpectedProblem("bad-money")),
        (ExpectedProblem("missing", field="event_at"), ExpectedProblem("bad-money")),
        (),
    ):
        assert difference(case(invalid=wrong), Outcome((), got), CONTEXT)
    said = difference(case(invalid=(ExpectedProblem("missing", "r"),)), Outcome((), got), CONTEXT)
    assert "+invalid: bad-money (rule: r, item: 1, field: value) (which currency?)" in said


def test_record_stands_for_the_id_made_of_the_records_coordinates() -> None:
    expected = Case("n", BEGINNING, MESSAGE, (ExpectedEvent({"insert_id": "record"}, from_record=True),))
    assert difference(expected, Outcome((event(insert_id="r/cluster/-/2/7/5"),)), CONTEXT) == ""
    said = difference(expected, Outcome((event(insert_id="e:own"),)), CONTEXT)
    assert '+  insert_id: "e:own"' in said


def _case(**more: object) -> Case:
    return Case("n", BEGINNING, Message("chat.messages", 0, 0), **more)  # type: ignore[arg-type]


_ONE = Activity("chat", None, "c-7", 1_000, (("email", "a@b.c"), ("external_user_id", "u-5")))
_OTHER = Activity("chat", 1, "c-8", 2_500, (("external_user_id", "u-6"),))


def test_activities_are_compared_whole_and_in_any_order() -> None:
    same = Activities((_OTHER, msgspec.structs.replace(_ONE, item=4, keys=_ONE.keys[::-1])))
    assert difference(_case(activities=(_ONE, _OTHER)), FILTERED, CONTEXT, same) == ""
    later = Activities((_ONE, msgspec.structs.replace(_OTHER, at=2_501)))
    found = difference(_case(activities=(_ONE, _OTHER)), FILTERED, CONTEXT, later)
    assert '-conversation: chat, id: "c-8", external_user_id: "u-6", at: 1970-01-01T00:00:02.500000Z' in found
    assert '+conversation: chat, id: "c-8", external_user_id: "u-6", at: 1970-01-01T00:00:02.501000Z' in found


def test_nothing_means_no_activity_and_what_is_not_said_is_not_compared() -> None:
    assert difference(_case(), FILTERED, CONTEXT, Activities((_ONE,))).splitlines()[-2] == "-nothing"
    assert difference(_case(activities=None), FILTERED, CONTEXT, Activities((_ONE,))) == ""


def test_a_problem_of_both_is_one() -> None:
    bad = Problem("bad-payload", "no JSON")
    case = _case(invalid=(ExpectedProblem("bad-payload"),))
    assert difference(case, Outcome(problems=(bad,)), CONTEXT, Activities(problems=(bad,))) == ""
