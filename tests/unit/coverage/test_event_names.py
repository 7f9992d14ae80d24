"""The event name is the field by which a topic's rules tell messages apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.coverage.event_names import name_field, second_field
from greenflash_kafka.rules.conditions import Field, Tests
from tests.unit.coverage.shop import RULES, event, messages, report_of, snapshot_of

TYPE, ENV, STATUS, EVENT = (("payload", (name,)) for name in ("type", "env", "status", "event"))


@pytest.mark.parametrize(
    ("rules", "ignored", "field"),
    [
        ([{TYPE: ("a",)}, {TYPE: ("b",)}], [], TYPE),
        ([{TYPE: ("a",), ENV: ("prod",)}, {TYPE: ("b",), ENV: ("prod",)}, {ENV: ("prod",)}], [], TYPE),
        ([{STATUS: ("x",), EVENT: ("a",)}], [], EVENT),
        ([{STATUS: ("x",), ENV: ("a",)}], [{ENV: ("b",)}], ENV),
        ([{}], [{ENV: ("b",)}], None),
        ([], [], None),
    ],
)
def test_the_field_that_tells_most_rules_apart_is_the_name(
    rules: list[Tests], ignored: list[Tests], field: object
) -> None:
    assert name_field(rules, ignored) == field


def test_a_header_may_be_the_name(tmp_path: Path) -> None:
    rules = RULES.replace("{type: ", "{kafka.headers.kind: ")
    report = report_of(snapshot_of(tmp_path, rules), messages([event("paid")]))
    (topic,) = report.topics.values()
    assert topic.by == "kafka.headers.kind"
    assert list(topic.names) == ["(missing)"]


def test_topics_whose_rules_test_no_literal_have_one_name(tmp_path: Path) -> None:
    rules = RULES.replace("when: {live: true}\n", "").replace("{type: ", "{type: {exists: true}, x: {above: 1}, y: ")
    rules = rules.replace(", status: done", "").replace("y: paid", "y: {above: 1}").replace("y: left", "y: {above: 2}")
    rules = rules.replace("y: seen", "y: 1").replace("{above: 1}, amount: 0", "1")
    report = report_of(snapshot_of(tmp_path, rules), messages([event("paid")]))
    (topic,) = report.topics.values()
    assert (topic.by, list(topic.names)) == ("", [""])


def test_where_one_field_does_not_tell_rules_apart_a_name_is_of_two(tmp_path: Path) -> None:
    rules = RULES.replace("{type: paid}", "{object: order, type: made}").replace(
        "type: left,", "type: made, object: user,"
    )
    rules = rules.replace("{type: {starts_with: keep}}", "{type: gone, object: user}")
    pairs = [("order", "made"), ("user", "made"), ("user", "gone"), ("order", "gone"), ("order", "seen")]
    report = report_of(snapshot_of(tmp_path, rules), messages(event(type_, object=of) for of, type_ in pairs))
    (topic,) = report.topics.values()
    assert topic.by == "payload.type, payload.object"
    assert {name: each.status for name, each in topic.names.items()} == {
        "made, order": "rules",
        "made, user": "rules",
        "gone, user": "rules",
        "gone, order": "none",
        "seen, order": "ignored",
    }


@pytest.mark.parametrize(
    ("rules", "second"),
    [
        ([{TYPE: ("a",), STATUS: ("x",)}, {TYPE: ("a",), STATUS: ("y",)}], [STATUS]),
        ([{TYPE: ("a",), STATUS: ("x",)}, {TYPE: ("b",), STATUS: ("y",)}], []),
        ([{TYPE: ("a",), STATUS: ("x",)}, {TYPE: ("a",), STATUS: ("x", "y")}], []),
        ([{TYPE: ("a",), STATUS: ("x",)}, {TYPE: ("a",)}], []),
        ([], []),
    ],
)
def test_a_second_field_tells_apart_what_the_first_does_not(rules: list[Tests], second: list[Field]) -> None:
    assert second_field(rules, TYPE) == second
