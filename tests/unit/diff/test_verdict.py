"""What of a diff is a warning, and what makes it fail."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
import pytest

from greenflash_kafka.diff.alarm import Alarm
from greenflash_kafka.diff.alarms import alarms
from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.report import DiffReport, Side
from greenflash_kafka.diff.report_json import as_json
from greenflash_kafka.diff.report_markdown import MARK, MOST, as_markdown
from greenflash_kafka.diff.report_of_tallies import report
from greenflash_kafka.diff.report_text import as_text
from greenflash_kafka.diff.tallies import Example, Tallies, add_money
from greenflash_kafka.diff.verdict import check, failures, verdict
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


class _NoRules:
    by_topic: ClassVar[dict[str, None]] = {"t": None}


def compared(pairs: list[tuple[Outcome, Outcome]], *, values: bool = False) -> DiffReport:
    differ = Differ.__new__(Differ)
    Differ.__init__(differ, _NoRules(), _NoRules(), values=values)  # type: ignore[arg-type]
    differ._old = _Given([old for old, _ in pairs])  # type: ignore[assignment]
    differ._new = _Given([new for _, new in pairs])  # type: ignore[assignment]
    differ.add([Message("t", 0, offset) for offset in range(len(pairs))])
    return _report(differ.tallies)


def only(pairs: list[tuple[Outcome, Outcome]]) -> Alarm:
    """The one alarm of these."""
    (found,) = alarms(compared(pairs))
    return found


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
    assert [each.said.partition(":")[0] for each in alarms(found)] == ["is gone", "isn't sent any longer"]


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
    said = [(each.count, each.rules) for each in alarms(found)]
    assert said == [(1, ("paid",)), (1, ("paid",)), (1, ("paid",))]
    assert "SECOND TIME" in as_text(found)


def test_no_value_of_a_message_without_being_asked_for() -> None:
    pair = (outcome(externalUserId="u"), outcome(externalUserId=CANARY))
    for values in (False, True):
        found = compared([pair], values=values)
        for text in (as_text(found), as_markdown(found), as_json(found)):
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


@pytest.mark.parametrize(
    ("old", "new", "said", "harmful"),
    [
        ({"value": "1.50"}, {"value": "150"}, "has another amount: 100 times what it was", True),
        ({"value": "150"}, {"value": "1.50"}, "has another amount: 0.01 times what it was", True),
        ({"value": "9"}, {"value": "3"}, "has another amount: 1/3 times what it was", True),
        ({"value": "9"}, {"value": "0"}, "has another amount: every one is 0 now", True),
        ({"value": "9"}, {"value": "-7"}, "has another amount: every one has the other sign", True),
        ({"value": "123.4567"}, {"value": "765.4321"}, "has another amount: every one is larger", True),
        ({"value": "9"}, {"value": "9.00"}, "writes the same amount in other digits", False),
        ({"value": "9"}, {"value": "9", "properties": {"currency": "USD"}}, "has another currency: EUR -> USD", True),
        ({"value": "9"}, {"value": "9", "valueType": "numeric"}, "has another kind of value: money -> no money", True),
        (
            {"influence": "positive"},
            {"influence": "negative"},
            "has another influence: positive -> negative (turned round)",
            True,
        ),
        ({"externalUserId": "u"}, {"externalUserId": "v"}, "has another user (external_user_id)", True),
        (
            {"externalUserId": "u"},
            {},
            "has no user any longer (external_user_id is missing now)",
            True,
        ),
        ({}, {"externalConversationId": "c"}, "has a conversation now (external_conversation_id)", False),
        (
            {"eventAt": "2026-12-01T00:00:00Z"},
            {"eventAt": "2026-12-02T00:00:00Z"},
            "has another time (event_at): 1 d later",
            True,
        ),
        ({"eventType": "a"}, {"eventType": "b"}, "gets another event type: a -> b", True),
        ({}, {"qualityImpactScore": 1}, "changes in other fields: quality_impact_score 1", False),
    ],
)
def test_what_changed_is_said_by_its_harm(old: dict[str, Any], new: dict[str, Any], said: str, harmful: bool) -> None:
    found = only([(outcome(**old), outcome(**new))])
    assert (found.count, found.said, found.rules, found.harmful) == (1, said, ("paid",), harmful)
    report = compared([(outcome(**old), outcome(**new))])
    assert f"{'!' if harmful else ' '} {1:>9,} event {said}" in as_text(report)
    assert verdict(report).safe is False


def test_each_currency_has_its_factor() -> None:
    def paid(value: str, currency: str) -> Outcome:
        return outcome(value=value, properties={"currency": currency})

    found = only([(paid("1.50", "EUR"), paid("150", "EUR")), (paid("1.500", "KWD"), paid("1500", "KWD"))])
    assert found.said == "have another amount: 100 times what it was (EUR), 1,000 times what it was (KWD)"
    mixed = only([(paid("1", "EUR"), paid("3", "EUR")), (paid("4", "EUR"), paid("2", "EUR"))])
    assert mixed.said == "have another amount: 1 larger, 1 smaller"


def test_the_most_harmful_stands_first_and_the_verdict_names_it() -> None:
    pairs = [
        (Outcome(), outcome(rule="other")),
        (outcome(), outcome(externalUserId="u")),
        (outcome(), Outcome()),
        (outcome(), outcome(value="1000.00")),
        (outcome(), outcome(insert_id="b")),
    ]
    report = compared(pairs)
    said = [each.said.split()[:3] for each in alarms(report)]
    assert said[:3] == [["gets", "another", "insert_id:"], ["has", "another", "amount:"], ["is", "gone:", "no"]]
    assert as_text(report).startswith(
        "Not safe to merge, unless this is meant: ids change: 1 event would be stored twice"
    )
    assert "**Not safe to merge" in as_markdown(report)
    assert json.loads(as_json(report))["verdict"]["safe"] is False


def test_a_rule_with_another_name_only_is_named_and_safe() -> None:
    report = compared([(outcome(rule="before"), outcome(rule="after"))] * 2)
    assert verdict(report).safe is True
    assert "a rule has another name: before -> after. Its 2 events are the same" in as_text(report)
    assert failures(report, ["any"]) == []
    other = compared([(outcome(rule="before"), outcome(rule="after", insert_id="b"))])
    assert verdict(other).safe is False
    assert "before -> after (1 event)" in as_text(other)


def test_what_was_invalid_and_is_filtered_now_is_counted() -> None:
    report = compared([(BAD, Outcome()), (BAD, outcome()), (BAD, BAD)])
    assert report.silenced_messages == 1
    silenced, fixed = alarms(report)
    assert (silenced.count, silenced.unit, silenced.harmful) == (1, "messages", True)
    said = "is sent now, invalid before (value: bad-money 1); money that is new: EUR 10.00"
    assert (fixed.said, fixed.harmful) == (said, True)
    for text in (as_text(report), as_markdown(report)):
        assert "invalid messages: 3 before, 1 now" in text


def test_a_time_that_can_not_be_read_any_longer_is_named() -> None:
    new = outcome(eventAt="2026-12-02T00:00:00Z")
    new = Outcome(new.events, (), (Count("bad-time", "paid", "event_at"), Count("bad-number", "paid", "payload.x")))
    report = compared([(outcome(eventAt="2026-12-01T00:00:00Z"), new)])
    assert [each.said.partition(":")[0] for each in alarms(report)] == [
        "has another time (event_at)",
        "loses event_at",
    ]
    assert [each.field for each in report.of("unreadable")] == ["event_at: bad-time"]


def test_a_text_nothing_is_a_value() -> None:
    report = compared([(outcome(properties={"plan": "nothing"}), outcome(properties={}))])
    assert [(each.field, each.missing) for each in report.of("changed")] == [("properties.*", 1)]


def test_another_order_of_keys_is_no_change_and_another_value_is() -> None:
    one: dict[str, Any] = {"properties": {"currency": "EUR", "n": 1}}
    other: dict[str, Any] = {"properties": {"n": 1, "currency": "EUR"}}
    report = compared([(outcome(**one), outcome(rule="renamed", **other))])
    assert verdict(report).safe is True
    assert (report.unchanged, report.reordered, report.changed_messages) == (1, 1, 0)
    assert "1 event is the same, with the keys in another order" in as_text(report)
    assert not report.moves("taken_over")
    before: dict[str, Any] = {"properties": {"currency": "EUR", "a": 1, "b": True}}
    after: dict[str, Any] = {"properties": {"currency": "EUR", "a": True, "b": 1}}
    assert verdict(compared([(outcome(**before), outcome(**after))])).safe is False


def test_a_verdict_that_something_is_harmful_names_only_what_is() -> None:
    report = compared([(outcome(), outcome(insert_id="b", qualityImpactScore=1))])
    assert "quality_impact_score" not in verdict(report).words
    assert "quality_impact_score" in as_text(report)


def test_an_event_without_money_that_was_invalid_is_not_marked() -> None:
    (found,) = alarms(compared([(BAD, outcome(valueType="text"))]))
    assert (found.said, found.harmful) == ("is sent now, invalid before (value: bad-money 1)", False)


NUMBER: dict[str, Any] = {"valueType": "numeric"}


def test_a_number_is_treated_as_money_is() -> None:
    found = compared([(outcome(value="3", **NUMBER), outcome(value="300", **NUMBER))] * 2)
    assert as_text(found).startswith("Not safe to merge, unless this is meant: values change: 2 events, 100 times what")
    assert "sum of values 6 -> 600  +594" in as_text(found)
    assert failures(found, ["money"]) == []


def test_what_is_lost_and_what_is_new_have_their_money_in_the_verdict() -> None:
    gone, new = compared([(outcome(), Outcome())]), compared([(Outcome(), outcome()), (Outcome(), BAD)])
    assert verdict(gone).words.endswith("1 event is no longer sent (EUR 10.00).")
    said = "1 message is a new dead letter; 1 new event is sent; money that is new: EUR 10.00."
    assert verdict(new).words == f"Not safe to merge, unless this is meant: {said}"
    assert verdict(compared([(Outcome(), outcome())])).words.startswith(
        "Check before you merge: 1 new event is sent; mon"
    )


def test_events_that_lose_a_field_are_counted_not_their_messages() -> None:
    counts = (Count("missing", "paid", "external_user_id"),) * 2
    items = [
        tuple(Event("paid", item, f"i{item}", b'{"eventType":"a","value":"%d"}' % new) for item in (0, 1))
        for new in (0, 1)
    ]
    found = compared([(Outcome(items[0]), Outcome(items[1], (), counts))])
    assert [each.count for each in found.of("unreadable")] == [2]


def test_events_of_nobody_that_have_one_user_now_are_marked() -> None:
    pairs = [(outcome(insert_id=str(n)), outcome(insert_id=str(n), externalUserId="unknown")) for n in range(3)]
    assert only(pairs).harmful
    assert "; all 3 of paid the same one" in only(pairs).said
    assert not only(pairs[:2]).harmful


def test_the_worst_that_is_known_stands_in_a_verdict_that_does_not_know() -> None:
    found = compared([(outcome(), Outcome())])
    found = msgspec.structs.replace(found, absent=("other",))
    assert verdict(found).safe is None
    assert "what was isn't safe, unless it is meant: 1 event is no longer sent (EUR 10.00)" in verdict(found).words
