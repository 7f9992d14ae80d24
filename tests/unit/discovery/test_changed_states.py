"""A row whose status becomes something that is a fact gets a rule, if the row before the change is told."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.cli.discover_files import proposed_files
from tests.unit.discovery.test_study import studied
from tests.unit.discovery.varied_messages import BEGAN


def _changes(table: str = "subs", *, before: bool = True) -> list[dict[str, Any]]:
    """Changes of rows as Debezium tells them: new ones, changed seats, and a status that becomes another."""
    found = []
    for number in range(120):
        old = {"id": number % 40, "customer_id": f"c{number % 30}", "status": "active", "seats": 1, "mrr": "9.50"}
        old["currency"] = "EUR"
        new = {**old, **({"seats": 2}, {"status": "cancelled"}, {"status": "paused"})[number % 3]}
        was = None if number % 4 == 0 else old if before else {"id": number % 40}
        source = {"db": "shop", "table": table, "lsn": 1000 + number}
        op = "c" if number % 4 == 0 else "u"
        found.append({"before": was, "after": new, "op": op, "ts_ms": BEGAN + number, "source": source})
    return found


def test_a_status_that_becomes_a_fact_has_a_rule_and_new_rows_keep_theirs() -> None:
    found = proposed_files(studied(_changes()), "subs", "a sample", None, {})
    text = found.proposal.text
    assert (found.errors, found.warnings, found.passed) == ((), 0, True)
    assert found.mapped == found.tried
    assert [each.name for each in found.proposal.rules] == ["subs_status_cancelled", "subs_created"]
    assert "      envelope.op: u                                        # 30 of 120\n" in text
    assert "      status: {becomes: cancelled}\n" in text
    assert "      value: cancelled " in text
    assert "paused" not in text
    assert "before:\n          status: active\n" in found.cases


@pytest.mark.parametrize("before", [True, False])
def test_without_the_row_before_nothing_is_proposed_of_it(before: bool) -> None:
    text = proposed_files(studied(_changes(before=before)), "subs", "a sample", None, {}).proposal.text
    assert ("becomes" in text) is before


def test_tables_of_one_topic_have_their_own() -> None:
    changes = [*_changes("subs"), *({**each, "source": {**each["source"], "table": "seats"}} for each in _changes())]
    text = proposed_files(studied(changes), "shop", "a sample", None, {}).proposal.text
    assert "      envelope.source.table: seats " in text
    assert "  - name: shop_seats_status_cancelled\n" in text
    assert "  - name: shop_subs_status_cancelled\n" in text
