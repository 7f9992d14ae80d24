"""Rows of the shop's database as Debezium tells them: orders of credits that are placed, paid and given back."""

from __future__ import annotations

from datetime import UTC, datetime

from greenflash_kafka.demo.made import CREDITS, DAY_MS, Fact, Made, Maker, Moment, Payload, to_json


def placed(moment: Moment) -> Made:
    """A new order, not paid yet."""
    return _change(moment, "c", None, _row(moment, "placed"))


def paid(moment: Moment) -> Made:
    """An order is paid."""
    row = _row(moment, "placed")
    return _change(moment, "u", row, row | {"status": "paid"}, _fact(moment, "upgrade_purchased", row))


def noted(moment: Moment) -> Made:
    """A remark about an order that was paid before."""
    row = _row(moment, "paid")
    return _change(moment, "u", row, row | {"remark": "invoice sent"})


def returned(moment: Moment) -> Made:
    """Credits are given back."""
    row = _row(moment, "paid")
    after = row | {"status": "returned", "remark": moment.one_of(("not needed", "bought twice"))}
    return _change(moment, "u", row, after, _fact(moment, "refund_requested", row))


def cancelled(moment: Moment) -> Made:
    """An order that nobody paid is deleted."""
    return _change(moment, "d", _row(moment, "placed"), None)


def tombstone(moment: Moment) -> Made:
    """What follows a deleted row, for compaction."""
    return Made(CREDITS, _key(moment), None)


def read_again(moment: Moment) -> Made:
    """A row of a snapshot: it was paid long ago, and nothing happens now."""
    return _change(moment, "r", None, _row(moment, "paid"))


KINDS: tuple[tuple[int, Maker], ...] = (
    (9, placed),
    (6, paid),
    (8, noted),
    (4, returned),
    (3, cancelled),
    (3, tombstone),
    (6, read_again),
)
"""The kinds of the database's messages, with how many of 1,000 messages are of each."""


def _row(moment: Moment, status: str) -> Payload:
    """An order; its amount is a text, as `decimal.handling.mode: string` has it."""
    cents = 500 + moment.below(50_000)
    return {
        "id": moment.n,
        "user_id": moment.user,
        "status": status,
        "credits": 10 * (cents // 50),
        "amount": f"{cents // 100}.{cents % 100:02d}",
        "currency": moment.one_of(("EUR", "EUR", "USD")),
        "changed_at": f"{datetime.fromtimestamp(moment.ms / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{moment.ms % 1000:03d}Z",
        "remark": None,
    }


def _fact(moment: Moment, event_type: str, row: Payload) -> Fact:
    return Fact(event_type, f"credits-{moment.n}", row["amount"], moment.user, moment.ms, 7 * DAY_MS)


def _change(moment: Moment, op: str, before: Payload | None, after: Payload | None, *facts: Fact) -> Made:
    source = {
        "version": "3.6.1.Final",
        "connector": "postgresql",
        "name": "billing",
        "ts_ms": moment.ms,
        "snapshot": "first_in_data_collection" if op == "r" else "false",
        "db": "shop",
        "schema": "public",
        "table": "credit_orders",
        "txId": 700 + moment.n,
        "lsn": 20_000_000 + 56 * moment.n,
    }
    value = {"before": before, "after": after, "source": source, "op": op, "ts_ms": moment.ms}
    return Made(CREDITS, _key(moment), to_json(value), facts)


def _key(moment: Moment) -> str:
    return to_json({"id": moment.n}).decode()
