"""Cases expect the rows that messages give tables from topics, as they expect conversations."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent

import pytest

from greenflash_kafka.cases.case_runner import CaseResults, run
from greenflash_kafka.cases.suite import run_suite
from greenflash_kafka.cases.take_case import TakenMessage, take_case
from greenflash_kafka.model.message import Message

MAPPING = """\
version: 1
source: {topics: [orders]}
tables:
  customers: {topic: crm, key: id, deleted: "= payload.gone == true", fields: [user, team]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      value: one
      influence: positive
      external_user_id: = tables.customers[payload.customer].user
"""
BEGIN = """\
version: 1
message: {topic: crm, payload: {id: c1, user: u-5, team: red}}
cases:
"""
PAID = (
    "- {name: paid, message: {topic: orders, payload: {type: paid, customer: c1}}, expect: [{external_user_id: u-5}]}"
)
ROW = "{table: customers, key: c1, fields: {user: u-5, team: red}}"


def ran(folder: Path, cases: str, begin: str = BEGIN) -> CaseResults:
    (folder / "shop.yaml").write_text(MAPPING)
    (folder / "shop_test.yaml").write_text(begin + indent(dedent(cases), "  "))
    return run([folder / "shop_test.yaml"])


@pytest.mark.parametrize(
    "case",
    [
        f"expect: {{rows: [{ROW}]}}",
        "unset: [team], expect: {rows: [{table: customers, key: c1, fields: {user: u-5}}]}",
        "set: {gone: true}, expect: {rows: [{table: customers, key: c1, deleted: true}]}",
        "unset: [id], expect: {invalid: missing, rule: tables.customers, field: key, rows: []}",
        "message: {topic: orders}, expect: {rows: []}",
    ],
)
def test_a_message_gives_what_is_expected(tmp_path: Path, case: str) -> None:
    found = ran(tmp_path, f"- {{name: n, {case}}}\n")
    assert found.findings == ()
    assert [each.difference for each in found.results] == [""]


@pytest.mark.parametrize(
    ("case", "line"),
    [
        ("expect: nothing", '+row: customers, key: "c1", fields: {"team":"red","user":"u-5"}'),
        ("expect: {rows: []}", '+row: customers, key: "c1", fields: {"team":"red","user":"u-5"}'),
        ("expect: {rows: [{table: customers, key: c1, deleted: true}]}", '-row: customers, key: "c1", deleted'),
        ("unset: [id], expect: {rows: []}", "+invalid: missing (rule: tables.customers, field: key)"),
    ],
)
def test_what_differs_is_shown(tmp_path: Path, case: str, line: str) -> None:
    (found,) = ran(tmp_path, f"- {{name: n, {case}}}\n").results
    assert any(each.startswith(line) for each in found.difference.splitlines()), found.difference


def test_cases_that_give_the_table_know_its_topic_all_the_same(tmp_path: Path) -> None:
    begin = BEGIN.replace("message:", "tables: {customers: {c1: {user: u-5, team: red}}}\nmessage:")
    found = ran(tmp_path, f"{PAID}\n- {{name: n, expect: {{rows: [{ROW}]}}}}\n", begin)
    assert found.findings == ()
    assert [each.difference for each in found.results] == ["", ""]


def test_cases_that_give_the_table_read_its_topic_by_its_schema_and_take_messages_of_it(tmp_path: Path) -> None:
    (tmp_path / "crm.proto").write_text('syntax = "proto3"; message Crm { string id = 1; string user = 2; }')
    source = "source: {format: protobuf, schema: crm.proto, message: Crm}"
    mapping = MAPPING.replace("topic: crm,", f"topic: crm, {source},").replace(
        "payload.gone == true", "payload.id == ''"
    )
    (tmp_path / "shop.yaml").write_text(mapping.replace("[user, team]", "[user]"))
    cases = tmp_path / "shop_test.yaml"
    cases.write_text(
        "version: 1\ntables: {customers: {c1: {user: u-5}}}\ncases:\n"
        "  - {name: r, message: {topic: crm, payload: {id: c1, user: u-6}}, expect: {rows: "
        "[{table: customers, key: c1, fields: {user: u-6}}]}}\n"
        "  - {name: w, message: {topic: crm, payload: {id: c1, users: u-6}}, expect: nothing}\n"
    )
    right, wrong = run([cases]).results
    assert right.difference == ""
    assert "users: Crm has no such field: did you mean user?" in wrong.difference
    cases.write_text(cases.read_text().partition("  - {name: w")[0])
    message = Message("crm", 0, 0, 0, value=b'{"id": "c2", "user": "u-7"}')
    taken = take_case(cases, cases.read_text(), tmp_path / "shop.yaml", TakenMessage(message), {})
    cases.write_text(taken.text)
    assert [each.difference for each in run([cases]).results] == ["", ""]
    assert "user: u-7" in taken.text


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{table: customer, key: c1, deleted: true}", "unknown-name"),
        ("{table: customers, key: c1}", "missing-key"),
        ("{table: customers, key: c1, deleted: true, fields: {user: u}}", "bad-literal"),
    ],
)
def test_what_can_not_be_meant_is_a_finding(tmp_path: Path, row: str, code: str) -> None:
    found = ran(tmp_path, f"- {{name: n, expect: {{rows: [{row}]}}}}\n")
    assert [each.code for each in found.findings] == [code]


def test_a_samples_rows_are_kept_in_its_snapshot(tmp_path: Path) -> None:
    ran(tmp_path, f"- {{name: n, expect: {{rows: [{ROW}]}}}}\n")
    sample = tmp_path / "samples" / "crm" / "anna.json"
    sample.parent.mkdir(parents=True)
    sample.write_text(json.dumps({"id": "c1", "user": "u-5", "team": "red"}))
    assert run_suite([tmp_path], update=True).passed
    kept = sample.with_name("anna.events.yaml").read_text()
    assert "outcome: row" in kept
    assert "table: customers" in kept
    sample.write_text(json.dumps({"id": "c1", "user": "u-6", "team": "red"}))
    assert not run_suite([tmp_path]).passed


def test_a_message_that_gives_a_row_is_taken_as_a_case(tmp_path: Path) -> None:
    ran(tmp_path, f"- {{name: n, expect: {{rows: [{ROW}]}}}}\n")
    message = Message("crm", 0, 0, 0, value=b'{"id": "c2", "user": "u-6"}')
    taken = take_case(tmp_path / "more_test.yaml", "", tmp_path / "shop.yaml", TakenMessage(message), {})
    assert taken.name == "a message from crm gives a row"
    (tmp_path / "more_test.yaml").write_text(taken.text)
    assert [each.passed for each in run([tmp_path / "more_test.yaml"]).results] == [True]
