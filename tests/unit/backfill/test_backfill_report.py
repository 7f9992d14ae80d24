"""The report of a backfill: what is sent, and what of it is stored."""

from __future__ import annotations

import json
from decimal import Decimal

from greenflash_kafka.backfill.backfill_report import BackfillReport, as_json, as_lines
from greenflash_kafka.model.event import Event


def _event(insert_id: str, value: str, currency: str = "EUR") -> Event:
    body = {
        "eventType": "upgrade_purchased",
        "valueType": "currency",
        "value": value,
        "properties": {"currency": currency},
        "insertId": insert_id,
    }
    return Event("paid", None, insert_id, json.dumps(body).encode())


def test_money_is_said_as_it_is_sent_and_as_it_is_stored() -> None:
    report = BackfillReport(messages=3)
    for insert_id, value in (("a", "10.00"), ("b", "5.50"), ("a", "10.00")):
        report.add(_event(insert_id, value), "t/0/1")
    said = list(as_lines(report, sent=False))
    assert said[1] == "  upgrade_purchased  3  EUR 25.50"
    assert said[2] == "    stored of them: 2  EUR 15.50 (1 repeats an insert_id)"
    found = json.loads(as_json(report))["event_types"]["upgrade_purchased"]
    assert Decimal(found["stored_money"]["EUR"]) == Decimal("15.50")
    assert not any("DROPS" in line for line in said)
    once = BackfillReport()
    once.add(_event("a", "1"), "t/0/1")
    assert not any("stored of them" in line for line in as_lines(once, sent=False))


def test_different_events_of_one_id_are_said() -> None:
    report = BackfillReport(messages=4)
    for insert_id, value in (("a", "10.00"), ("a", "7.00"), ("b", "5.50"), ("a", "10.00")):
        report.add(_event(insert_id, value), "t/0/1")
    said = list(as_lines(report, sent=False))
    assert said[2:4] == [
        "    stored of them: 2  EUR 15.50 (2 repeat an insert_id)",
        "    1 of these is a different event that the service DROPS: give each fact an id of its own",
    ]
    assert json.loads(as_json(report))["event_types"]["upgrade_purchased"]["different"] == 1


def test_a_currency_that_is_no_code_is_not_shown_and_a_message_that_has_it_is_named() -> None:
    report = BackfillReport(messages=2)
    report.add(_event("a", "10.00", " usd"), "billing/0/607")
    report.add(_event("b", "10.00"), "billing/0/608")
    (name,) = report.unshown_currencies
    assert f"{name} 10.00" in "\n".join(as_lines(report, sent=False))
    said = f"  {name}: a currency that isn't a code of 3 or 4 letters; the name is its hash; for example billing/0/607"
    assert said in list(as_lines(report, sent=False))
    assert "usd" not in said.lower()
