"""Ids that many facts share, and ids that are facts' own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding

Advice = Callable[[str, str], tuple[Finding, ...]]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("payload.type", "pinned-id"),
        ("hash(payload.type)", "pinned-id"),
        ('concat("order-", payload.type)', "pinned-id"),
        ("time(payload.at)", "time-as-id"),
        ("payload.created_at", "time-as-id"),
        ("kafka.timestamp", "time-as-id"),
        ('join([payload.type, payload.created_at], "-")', "time-as-id"),
        ("payload.status", "coarse-id"),
        ('concat(payload.type, "-", payload.status)', "coarse-id"),
    ],
)
def test_an_id_of_many_facts_is_noticed(advice: Advice, expression: str, code: str) -> None:
    (found,) = advice("insert_id: = payload.id", f"insert_id: '= {expression}'")
    assert (found.line, found.column, found.code) == (11, 18, code)
    assert "insert_id: = payload.<its id>" in found.hint


@pytest.mark.parametrize(
    "expression",
    [
        "payload.order.number",
        "payload.user.id",
        "kafka.key",
        'join([payload.user, payload.created_at], "-")',
        'join([payload.type, payload.order], "-")',
        "payload[payload.type]",
        "coalesce(payload.id, payload.type)",
    ],
)
def test_an_id_of_its_own_is_not_spoken_of(advice: Advice, expression: str) -> None:
    assert [e.describe() for e in advice("insert_id: = payload.id", f"insert_id: '= {expression}'")] == []
