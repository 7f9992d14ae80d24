"""`try --tables`: raw messages of a table's topic through its mapping, look-ups as of the message, and rows that a
message gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run

Try = Callable[..., tuple[int, str, str]]

RULES = """\
version: 1
source: {topics: [orders]}
tables:
  customers: {topic: crm, key: id, fields: [user], max_delay: 10s}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      external_user_id: = tables.customers[payload.customer].user
      insert_id: = payload.id
"""
LINES = (
    {"timestamp": "2026-11-18T09:00:00Z", "payload": {"id": "c1", "user": "ann"}},
    {"timestamp": "2026-11-18T11:06:51Z", "key": "c1", "payload": {"id": "c1", "user": "anna"}},
    {"timestamp": "2026-11-18T11:06:52Z", "key": "c1", "payload": None},
)
ORDER = {"type": "paid", "id": "o-1", "customer": "c1"}


@pytest.fixture
def tried(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Try:
    """Try a message with these lines of customers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.yaml").write_text(RULES)

    def attempt(*more: str, lines: Any = LINES, body: Any = ORDER, at: str = "2026-11-18T11:06:41Z") -> Any:
        (tmp_path / "m.json").write_text(json.dumps(body))
        (tmp_path / "crm.ndjson").write_text("\n".join(map(json.dumps, lines)))
        code = run(["try", "--rules", "orders.yaml", "--topic", "orders", "--timestamp", at, *more, "m.json"])
        said = capfd.readouterr()
        return code, said.out, said.err

    return attempt


@pytest.mark.parametrize(
    ("at", "user"),
    [
        ("2026-11-18T08:00:00Z", None),
        ("2026-11-18T11:06:40Z", "ann"),
        ("2026-11-18T11:06:41Z", "anna"),
        ("2026-11-18T11:06:42Z", None),
        ("2099-01-01T00:00:00Z", None),
    ],
)
def test_the_row_is_that_of_the_horizon(tried: Try, at: str, user: str | None) -> None:
    code, out, err = tried("--tables", "crm.ndjson", "--json", at=at)
    assert code == 0, err
    found = json.loads(out)
    assert found["events"][0].get("externalUserId") == user
    assert [each["row"] for each in found["table_rows"]] == [None if user is None else {"user": user}]


def test_the_look_up_is_shown_in_words(tried: Try) -> None:
    code, out, _ = tried("--tables", "crm=crm.ndjson")
    assert code == 0
    assert "tables:\n  tables.customers[c1] as of 2026-11-18T11:06:51Z: user anna" in out


def test_plain_payloads_count_from_the_beginning_and_the_last_line_stays(tried: Try) -> None:
    lines = [{"id": "c1", "user": "ann"}, {"id": "c1", "user": "eve"}, {"id": "c2", "user": "bob"}, {"user": "nobody"}]
    _, out, _ = tried("--tables", "crm.ndjson", lines=lines)
    assert "user eve" in out
    assert "the row's key is required, but missing or empty" in out


def test_without_rows_it_says_how_to_give_them(tried: Try) -> None:
    code, out, _ = tried()
    assert code == 0
    assert "tables.customers[c1] as of 2026-11-18T11:06:51Z: no row" in out
    assert "--tables customers.ndjson" in out


def test_a_record_of_a_table_shows_the_row_that_it_gives(tried: Try) -> None:
    code, out, _ = tried("--topic", "crm", body={"id": "c9", "user": "zoe"})
    assert code == 0
    assert out.startswith("row\n")
    assert "this message gives tables.customers[c9]: user zoe" in out
    code, out, _ = tried("--topic", "crm", body={"user": "zoe"})
    assert (code, "the row's key is required" in out) == (1, True)


def test_records_of_another_topic_are_refused(tried: Try) -> None:
    _, out, _ = tried("--tables", "other=crm.ndjson")
    assert "no table of the rules is told by the topic other" in out


def test_rows_of_lines_in_any_order_are_those_of_their_own_times(tried: Try) -> None:
    found = json.loads(tried("--tables", "crm.ndjson", "--json", lines=LINES[::-1])[1])
    assert found["events"][0].get("externalUserId") == "anna"


def test_lines_of_a_topic_with_a_schema_are_read_by_it(tried: Try, tmp_path: Path) -> None:
    (tmp_path / "crm.proto").write_text('syntax = "proto3"; message Crm { string id = 1; string user = 2; }')
    source = "source: {format: protobuf, schema: crm.proto, message: Crm}"
    (tmp_path / "orders.yaml").write_text(RULES.replace("topic: crm,", f"topic: crm, {source},"))
    code, said, _ = tried("--tables", "crm.ndjson", lines=LINES[:1])
    assert code == 0
    assert '"externalUserId": "ann"' in said
    code, _, said = tried("--tables", "crm.ndjson", lines=[{"payload": {"id": 5, "user": "ann"}}])
    assert code == 2
    assert "crm.ndjson:1: the payload doesn't fit schema crm.proto: id: expected text, found a number" in said
