"""Verbs that study messages look up rows of tables from topics as `run` does, in recordings too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli import look_back
from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

BEGAN = 1_790_000_000_000
RULES = """\
version: 1
source: {{topics: [orders]}}
tables:
  customers: {{topic: crm, key: id, fields: [{fields}], max_delay: 10s}}
rules:
  - name: paid
    when: {{type: paid}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      external_user_id: = tables.customers[payload.customer].{field}
      insert_id: = payload.id
"""


def _customer(offset: int, ms: int, customer: str, user: str | None) -> Message:
    value = None if user is None else json.dumps({"id": customer, "user": user, "mail": f"{user}@b.c"}).encode()
    return Message("crm", 0, offset, BEGAN + ms, key=customer.encode(), value=value)


CUSTOMERS = [
    _customer(0, 0, "c1", "ann"),
    _customer(1, 60_000, "c2", "bob"),
    _customer(2, 100_000, "c1", "anna"),
    # Its timestamp is older than that of the record before: it counts from that one's on.
    _customer(3, 20_000, "c3", "cid"),
    _customer(4, 200_000, "c2", None),
]
ORDERS = [
    # (time of the order, customer, the user whose row counts)
    (89_999, "c1", "ann"),
    (90_000, "c1", "anna"),
    (50_000, "c2", "bob"),
    (49_999, "c2", None),
    (190_000, "c2", None),
    (189_999, "c2", "bob"),
    (89_999, "c3", None),
    (90_000, "c3", "cid"),
    (500_000, "c4", None),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, fields, field in (("old", "user", "user"), ("new", "user, mail", "mail")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.yaml").write_text(RULES.format(fields=fields, field=field))
    _record("week.ndjson")
    return tmp_path


def _record(
    name: str,
    *,
    customers: list[Message] = CUSTOMERS,
    whole: tuple[str, ...] = ("crm", "orders"),
    not_compacted: tuple[str, ...] = (),
) -> None:
    orders = [
        Message(
            "orders", 0, at, BEGAN + ms, value=json.dumps({"type": "paid", "customer": who, "id": f"o{at}"}).encode()
        )
        for at, (ms, who, _) in enumerate(ORDERS)
    ]
    ranges = [OffsetRange("orders", 0, 0, len(orders))]
    if customers:
        ranges.insert(0, OffsetRange("crm", 0, customers[0].offset, len(CUSTOMERS)))
    writer = RecordingWriter(Path(name), RecordingHeader(1, "-", {}, tuple(ranges), whole, not_compacted))
    writer.write([*orders, *customers])
    writer.close()


def invoke(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capfd.readouterr()
    code = run(arguments)
    said = capfd.readouterr()
    return code, said.out, said.err


def test_diff_finds_what_each_horizon_has(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = invoke(
        capfd, "diff", "old", "new", "--from", "week.ndjson", "--json", "--values", "--examples", "50"
    )
    assert code == 0, err
    found = json.loads(out)["event_types"]["upgrade_purchased"]
    known = [user for *_, user in ORDERS if user is not None]
    assert (found["old"], found["new"]) == (len(ORDERS), len(ORDERS))
    assert (found["changed"], found["unchanged"]) == (len(known), len(ORDERS) - len(known))
    for user in set(known):
        assert f'"{user}@b.c' in out or f"{user}@b.c" in out


@pytest.mark.parametrize(("offset", "user"), [(at, user) for at, (*_, user) in enumerate(ORDERS)])
def test_explain_shows_the_row_and_its_event(capfd: pytest.CaptureFixture[str], offset: int, user: str | None) -> None:
    code, out, err = invoke(
        capfd, "explain", f"orders/0/{offset}", "--mappings", "old", "--from", "week.ndjson", "--json"
    )
    assert code == 0, err
    found = json.loads(out)
    assert [each.get("externalUserId") for each in found["events"]] == [user]
    (row,) = found["table_rows"]
    assert row["row"] == (None if user is None else {"user": user})
    assert found["tables_given"]


def test_a_table_that_could_not_be_read_in_time_is_said(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_back, "TAKE", 1)
    flags = ("--mappings", "old", "--from", "week.ndjson", "--max-seconds", "0.000001", "--json")
    (said,) = json.loads(invoke(capfd, "explain", "orders/0/0", *flags)[1])["tables_wrong"]
    assert said.startswith("crm: looked at ")
    assert said.endswith("in the order of the recording (--max-seconds 1e-06); rows of other records aren't known here")


def test_coverage_counts_with_rows(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = invoke(capfd, "coverage", "old", "--from", "week.ndjson", "--json")
    assert code == 0, err
    assert json.loads(out)["notes"] == []


@pytest.mark.parametrize("verb", [("diff", "old", "new"), ("coverage", "old")])
@pytest.mark.parametrize(("customers", "whole"), [([], ("orders",)), (CUSTOMERS[2:], ("orders",))])
def test_a_recording_without_the_whole_table_says_how_to_make_one(
    capfd: pytest.CaptureFixture[str], verb: tuple[str, ...], customers: list[Message], whole: tuple[str, ...]
) -> None:
    _record("part.ndjson", customers=customers, whole=whole)
    code, _, err = invoke(capfd, *verb, "--from", "part.ndjson")
    assert code == 2
    assert "the topic crm (table customers)" in err
    assert "greenflash-kafka record orders --whole crm --out FILE" in err


def test_explain_goes_on_without_the_table_and_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    _record("part.ndjson", customers=[], whole=("orders",))
    code, out, _ = invoke(capfd, "explain", "orders/0/0", "--mappings", "old", "--from", "part.ndjson", "--json")
    found = json.loads(out)
    assert (code, "externalUserId" in found["events"][0]) == (0, False)
    assert "record orders --whole crm" in found["tables_wrong"][0]


def test_a_part_of_a_recording_keeps_a_table_whole(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = invoke(
        capfd, "record", "orders", "--whole", "crm", "--from", "week.ndjson", "--last", "3", "--out", "end.ndjson"
    )
    assert code == 0, err
    code, out, err = invoke(capfd, "diff", "old", "new", "--from", "end.ndjson", "--json")
    assert code == 0, err
    found = json.loads(out)["event_types"]["upgrade_purchased"]
    assert (found["changed"], found["unchanged"]) == (1, 2)
    invoke(capfd, "record", "orders", "crm", "--from", "week.ndjson", "--last", "3", "--out", "cut.ndjson")
    assert invoke(capfd, "diff", "old", "new", "--from", "cut.ndjson")[0] == 2


def test_records_that_give_no_row_are_said(capfd: pytest.CaptureFixture[str]) -> None:
    broken: Any = Message("crm", 0, 5, BEGAN, key=b"c9", value=b'{"user": "dan"}')
    _record("week2.ndjson", customers=[*CUSTOMERS, broken])
    code, out, _ = invoke(capfd, "coverage", "old", "--from", "week2.ndjson", "--json")
    assert code == 0
    assert json.loads(out)["notes"] == ["1 record gives no row of the table customers: missing"]


def test_a_gap_is_a_transactions_where_the_brokers_said_that_nothing_is_compacted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    # The customer of the order at 49,999 comes later, and the offset before is no record's.
    customers = [_customer(0, 0, "c1", "ann"), _customer(2, 100_000, "c2", "bob")]
    for file, not_compacted, user in (("may.ndjson", (), "bob"), ("not.ndjson", ("crm",), None)):
        _record(file, customers=customers, not_compacted=not_compacted)
        copy = f"copy-of-{file}"
        assert invoke(capfd, "record", "orders", "--whole", "crm", "--from", file, "--out", copy)[0] == 0
        for each in (file, copy):
            found = invoke(capfd, "explain", "orders/0/3", "--mappings", "old", "--from", each, "--json")[1]
            assert json.loads(found)["events"][0].get("externalUserId") == user, each


def test_what_retention_took_is_a_gap_whatever_the_policy_is(capfd: pytest.CaptureFixture[str]) -> None:
    _record("late.ndjson", customers=[_customer(3, 100_000, "c2", "bob")], not_compacted=("crm",))
    found = invoke(capfd, "explain", "orders/0/3", "--mappings", "old", "--from", "late.ndjson", "--json")[1]
    assert json.loads(found)["events"][0].get("externalUserId") == "bob"
