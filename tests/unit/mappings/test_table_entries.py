"""Tables from topics in mapping files: what they give, where they may be used, and what lint says of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from greenflash_kafka.evaluate import evaluate, table_rows
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.topic_tables import NO_ROWS, TableRow, TableRows
from greenflash_kafka.snapshot import Snapshot

Load = Callable[..., Loaded]
SOURCE = "tables.customers"
DEBEZIUM = "{topic: crm, source: {envelope: debezium}, key: id, fields: [user_id]}"
PLAIN = "{topic: crm, key: id, fields: [user_id, rate]}"
MAPPING = """\
version: 1
source: {topics: [t]}
tables:
  customers: TABLE
rules:
  - name: paid
    when: {type: x}
    event:
      event_type: e
      product_id: ${PRODUCT_ID}
      influence: neutral
      value: "1"
      insert_id: = payload.id
      external_user_id: = tables.customers[payload.customer].user_id
"""


def mapping(table: str = PLAIN, *changes: tuple[str, str]) -> str:
    text = MAPPING.replace("TABLE", table)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def snapshot(loaded: Loaded) -> Snapshot:
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    return Snapshot(loaded.ruleset)


def told(loaded: Loaded, value: object, key: bytes | None = None) -> TableRows:
    data = None if value is None else json.dumps(value).encode()
    found = table_rows(Message("crm", 0, 0, 1_000, key=key, value=data), snapshot(loaded))
    assert isinstance(found, TableRows)
    return found


def codes(loaded: Loaded) -> list[str]:
    return [finding.code for finding in loaded.findings if finding.severity == "error"]


def test_fields_are_kept_exactly(load_text: Load) -> None:
    found = table_rows(
        Message("crm", 0, 0, 1_000, value=b'{"id": 5, "user_id": "u-5", "rate": 0.10}'), snapshot(load_text(mapping()))
    )
    assert found == TableRows((TableRow(SOURCE, "5", '["u-5",0.10]'),))


@pytest.mark.parametrize("key", [b"5", b'{"id": 5}', b'{"schema": {}, "payload": {"id": 5}}'])
def test_a_record_without_a_value_deletes_the_row_of_its_key(load_text: Load, key: bytes) -> None:
    table = PLAIN.replace("key: id", "when: {kind: customer}, key: id")
    assert told(load_text(mapping(table)), None, key).found == (TableRow(SOURCE, "5", None),)


def test_a_deletion_of_debezium_deletes_the_row_as_it_was(load_text: Load) -> None:
    loaded = load_text(mapping(DEBEZIUM))
    made = {"op": "c", "before": None, "after": {"id": 5, "user_id": "u-5"}}
    assert told(loaded, made).found == (TableRow(SOURCE, "5", '["u-5"]'),)
    assert told(loaded, {"op": "d", "before": {"id": 5}, "after": None}).found == (TableRow(SOURCE, "5", None),)
    # Without the row before, the record's key says which.
    assert told(loaded, {"op": "d", "after": None}, b'{"id": 5}').found == (TableRow(SOURCE, "5", None),)


def test_a_message_may_say_that_it_deletes(load_text: Load) -> None:
    loaded = load_text(mapping("{topic: crm, key: id, fields: {user_id: = payload.user}, deleted: = payload.gone}"))
    assert told(loaded, {"id": "a", "user": 7, "gone": False}).found == (TableRow(SOURCE, "a", "[7]"),)
    assert told(loaded, {"id": "a", "gone": True}).found == (TableRow(SOURCE, "a", None),)


def test_a_row_without_a_key_is_a_problem(load_text: Load) -> None:
    found = told(load_text(mapping()), {"user_id": "u-5"})
    assert (found.found, [(each.rule, each.code) for each in found.problems]) == ((), [(SOURCE, "missing")])
    large = told(load_text(mapping()), {"id": 1, "user_id": "u" * 5_000})
    assert [each.code for each in large.problems] == ["limit"]


def test_other_topics_and_other_messages_tell_nothing(load_text: Load) -> None:
    table = PLAIN.replace("key: id", "when: {kind: customer}, key: id")
    assert told(load_text(mapping(table)), {"kind": "order", "id": 1}) is NO_ROWS
    unused = load_text(mapping(PLAIN, ("= tables.customers[payload.customer].user_id", "= payload.user")))
    assert told(unused, {"id": 1}) is NO_ROWS


def test_a_topic_that_the_file_reads_is_read_as_the_file_says(load_text: Load) -> None:
    table = "{topic: t, key: id, fields: [user_id]}"
    loaded = load_text(mapping(table, ("{topics: [t]}", "{topics: [t], envelope: cloudevents}")))
    assert loaded.ruleset is not None
    assert loaded.ruleset.format_of("t").envelope == "cloudevents"
    rules = loaded.ruleset.rows_for("t")
    assert rules is not None
    assert rules.shape == {"data": {"id": None, "user_id": None}}


class Rows:
    def row(self, table: str, key: str, recorded: int) -> Mapping[str, Any] | None:
        return {"user_id": f"{table} {key} {recorded}"} if key == "5" else None


@pytest.mark.parametrize(("customer", "user"), [(5, "tables.customers 5 1000"), ("6", None), (None, None)])
def test_an_event_has_the_row_as_of_its_message(load_text: Load, customer: object, user: str | None) -> None:
    rules = snapshot(load_text(mapping())).with_context(EvaluationContext(tables=Rows()))
    value = json.dumps({"type": "x", "id": "1", "customer": customer}).encode()
    outcome = evaluate(Message("t", 0, 0, 1_000, value=value), rules)
    assert isinstance(outcome, Outcome)
    assert json.loads(outcome.events[0].body).get("externalUserId") == user


def test_what_uses_a_table_is_read_behind(load_text: Load) -> None:
    ruleset = load_text(mapping(PLAIN.replace("key: id", "key: id, max_delay: 30s"))).ruleset
    assert ruleset is not None
    assert ruleset.waits_for("t") == (SOURCE,)
    assert [(each.topic, each.behind_ms, each.rules) for each in ruleset.read_behind] == [("t", 30_000, ("paid",))]


@pytest.mark.parametrize(
    "change",
    [
        ("when: {type: x}", "where: exists(tables.customers[payload.customer].user_id)"),
        ('value: "1"', "value: = tables.customers[payload.customer].user_id"),
        ("insert_id: = payload.id", "insert_id: = tables.customers[payload.customer].user_id"),
        ("    when: {type: x}", "    when: {type: x}\n    let:\n      u: = tables.customers[payload.customer].user_id"),
        (".user_id", ".usr_id"),
    ],
    ids=["where", "value", "insert_id", "let", "column"],
)
def test_a_table_from_a_topic_is_known_where_it_decides_nothing(load_text: Load, change: tuple[str, str]) -> None:
    assert "unknown-name" in codes(load_text(mapping(PLAIN, change)))


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("{topic: crm, fields: [a]}", "missing-key"),
        ("{topic: crm, key: id}", "missing-key"),
        ("{topic: crm, key: id, fields: [a.b]}", "wrong-type"),
        ("{topic: crm, key: id, fields: []}", "wrong-type"),
        ("{topic: crm, key: id, fields: [user_id], columns: [a]}", "unknown-key"),
        ("{topic: /crm.*/, key: id, fields: [user_id]}", "wrong-type"),
        ('{topic: crm, key: = "x", fields: [user_id]}', "wrong-type"),
        ("{topic: crm, key: id, fields: [user_id], deleted: = 5}", "wrong-type"),
        ("{topic: t, source: {envelope: debezium}, key: id, fields: [user_id]}", "mixed-source"),
    ],
)
def test_mistakes_are_said(load_text: Load, table: str, code: str) -> None:
    assert code in codes(load_text(mapping(table)))


def test_tables_of_one_name_say_the_same(load_text: Load) -> None:
    other = mapping(PLAIN, ("[t]", "[t2]"), ("paid", "paid2"))
    assert codes(load_text(mapping(), other)) == []
    assert codes(load_text(mapping(), other.replace("rate]", "rates]"))) == ["duplicate-name"]
