"""Coverage counts what became of each message, by event name, rule and path."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.coverage.coverage_report import CoverageReport, read_report
from greenflash_kafka.coverage.coverage_text import as_text
from tests.unit.coverage.shop import RULES, event, messages, report_of, snapshot_of

READ = [
    event("paid", amount=500, plan="pro"),
    event("paid", amount=700),
    event("paid", amount="no"),
    event("paid", amount=0),
    event("seen"),
    event("moved"),
    event("moved", where="x"),
    event("left", state="done"),
    event("keep it"),
    {"live": True},
    b"no json",
    None,
]


def test_each_message_is_counted_by_its_name(tmp_path: Path) -> None:
    report = report_of(snapshot_of(tmp_path), messages(READ))
    (topic,) = report.topics.values()
    assert (topic.by, topic.messages, topic.unreadable) == ("payload.type", 12, 1)
    told = {name: (each.messages, each.events, each.invalid, each.status) for name, each in topic.names.items()}
    assert told == {
        "paid": (4, 3, 1, "rules"),
        "moved": (2, 0, 0, "none"),
        "(missing)": (1, 0, 0, "none"),
        "keep it": (1, 0, 0, "rules"),
        "left": (1, 0, 0, "rules"),
        "seen": (1, 0, 0, "ignored"),
    }
    assert topic.skipped == {"no value (tombstones), and no rule asks for them": 1}
    assert topic.names["paid"].rules == {"paid": 3}
    assert topic.names["left"].rules == {"left": 0}
    assert topic.names["moved"].first is not None
    assert topic.names["moved"].first.coordinates == "shop/0/5"
    assert topic.names["moved"].first.time == "2026-12-01T00:00:05+00:00"


THROUGH_LET = """\
version: 1
source: {topics: [shop]}
defaults: {product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: positive, insert_id: = payload.id}
rules:
  - name: paid
    let: {object: = payload.data.object, money: = object.money, low: = lower(object.plan)}
    when: {type: paid}
    where: object.reason != "fraud"
    event:
      event_type: upgrade_purchased
      value: = money_minor(money.amount, money.currency)
      properties: {plan: = low}
"""


def test_fields_that_are_read_through_let_are_seen_and_what_drops_messages_is_said(tmp_path: Path) -> None:
    money = {"money": {"amount": 5}, "plan": "Pro"}
    read = [event("paid", data={"object": money}), event("paid", data={"object": {**money, "reason": "other"}})]
    report = report_of(snapshot_of(tmp_path, THROUGH_LET), messages(read))
    assert {(each.of, each.path, each.missing, each.asked) for each in report.paths} == {
        ("condition", "payload.type", 0, 2),
        ("condition", "payload.data.object.reason", 1, 2),
        ("insert_id", "payload.id", 0, 1),
        ("value", "payload.data.object.money.amount", 0, 1),
        ("value", "payload.data.object.money.currency", 1, 1),
        ("properties.plan", "payload.data.object.plan", 0, 1),
    }
    said = "paid  payload.data.object.reason: missing in 1 of 2 messages that it asks for; it takes 1"
    assert said in as_text(report)
    assert b'"users"' not in report.to_json().encode()


WITH_TABLE = RULES.replace("rules:", "tables: {owners: {u-1: {user: anna}}}\nrules:", 1).replace(
    "external_user_id: = payload.user", "external_user_id: = tables.owners[payload.user].user"
)


def test_events_without_a_user_since_a_table_is_a_sample(tmp_path: Path) -> None:
    def found(rules: str, *users: str | None) -> CoverageReport:
        read = messages(event("paid", amount=5, id=f"e{number}", user=user) for number, user in enumerate(users))
        return report_of(snapshot_of(tmp_path, rules), read)

    sample = found(WITH_TABLE, "u-9", "u-8", "u-9")
    paid = sample.rules[0]
    assert (paid.events, paid.users, [(each.name, each.rows) for each in paid.user_tables]) == (3, 0, [("owners", 1)])
    assert "NO USER: 3 events have none, looked up in owners (1 row)" in as_text(sample)
    assert read_report(sample.to_json().encode()) == sample
    for other in (found(WITH_TABLE, "u-9", "u-1"), found(WITH_TABLE), found(RULES, None, "u-1"), found(RULES, None)):
        assert "NO USER" not in as_text(other)


def test_rules_that_find_nothing_say_what_they_miss(tmp_path: Path) -> None:
    report = report_of(snapshot_of(tmp_path), messages(READ))
    assert [(each.rule, each.taken) for each in report.rules] == [("paid", 4), ("left", 0), ("kept", 1)]
    paths = {(each.rule, each.of, each.path): (each.missing, each.asked) for each in report.paths}
    assert paths["left", "condition", "payload.status"] == (1, 1)
    assert paths["paid", "properties.plan", "payload.plan"] == (3, 4)
    text = as_text(report)
    assert "left" in text
    assert "none of 1 message that it asks for has payload.status" in text
    assert "2 event names without a rule, 3 messages" in text
    assert "no message has\n\n" not in text
    assert "missing in a part of the messages: 1, see --json" in text


def test_what_is_ignored_and_taken_is_said(tmp_path: Path) -> None:
    report = report_of(snapshot_of(tmp_path), messages(READ))
    assert [(each.because, each.messages, each.taken) for each in report.ignored] == [
        ("nobody buys by it", 1, 0),
        ("nothing was paid", 1, 1),
    ]
    assert "nothing was paid: 1 of 1 message, first shop/0/3" in as_text(report)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = report_of(snapshot_of(tmp_path), messages(READ))
    assert read_report(report.to_json().encode()) == report


def test_items_have_names_where_the_message_has_none(tmp_path: Path) -> None:
    rules = RULES.replace("when: {live: true}\nignored", "each: payload.events\nignored").replace(
        "type: seen", "payload.kind: seen"
    )
    rules = rules.replace("{type: paid, amount: 0}", "{payload.kind: none}").replace("= payload.", "= item.")
    rules = rules.replace("{type: ", "{item.type: ").replace("payload.amount", "item.amount")
    rules = rules.replace("status: done", "item.status: done")
    snapshot = snapshot_of(tmp_path, rules)
    batch = {"events": [event("paid", amount=5, id="1"), event("moved"), event("moved"), event("paid", id="2")]}
    report = report_of(snapshot, messages([batch, {"events": []}, {"other": 1}]))
    (topic,) = report.topics.values()
    assert topic.by == "item.type"
    told = {name: (each.messages, each.events, each.invalid, each.status) for name, each in topic.names.items()}
    assert told == {"paid": (2, 1, 1, "rules"), "moved": (2, 0, 0, "none")}
    paths = {(each.rule, each.path): (each.missing, each.asked) for each in report.paths if each.of == "value"}
    assert paths == {("paid", "item.amount"): (1, 2)}


def test_values_are_in_no_report_but_as_names(tmp_path: Path) -> None:
    report = report_of(snapshot_of(tmp_path), messages([event("paid", amount="canary", user="canary", id="canary")]))
    assert "canary" not in report.to_json() + as_text(report)


def test_a_draft_of_one_item_takes_no_other(tmp_path: Path) -> None:
    rules = """\
version: 1
source: {topics: [shop]}
each: payload.events
rules:
  - name: kept
    draft: true
    when: {item.type: kept}
    event:
      event_type: trial_started
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      external_user_id: = item.user
      insert_id: = item.id
"""
    report = report_of(snapshot_of(tmp_path, rules), messages([{"events": [event("kept"), event("moved")]}]))
    (topic,) = report.topics.values()
    assert {name: each.status for name, each in topic.names.items()} == {"kept": "rules", "moved": "none"}
    assert [each.unsent for each in report.rules] == [1]
