"""Rules on Debezium's deletions that read more of the row than its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE

FILE = RULE.replace("{topics: [t]}", "{topics: [t], envelope: debezium}").replace("type: x", "envelope.op: OP")
FILE = FILE.replace("payload.id", "envelope.before.id").replace("payload.user", "USER")


def codes(loaded: Loaded) -> list[str]:
    return [each.code for each in loaded.findings]


@pytest.mark.parametrize(
    ("op", "user", "found"),
    [
        ("d", "envelope.before.user_id", ["zero-before"]),
        ("d", "envelope.before.id", []),
        ("d", 'concat("u-", envelope.before.id)', []),
        ("d", "envelope.source.db", []),
        ("u", "envelope.before.user_id", []),
        ("[d, u]", "envelope.before.user_id", []),
    ],
)
def test_a_deletion_has_the_key_alone(op: str, user: str, found: list[str], load_text: Callable[..., Loaded]) -> None:
    text = FILE.replace("OP", op).replace("= USER", f"'= {user}'")
    assert codes(load_text(text)) == found


def test_what_a_condition_reads_of_the_deleted_row(load_text: Callable[..., Loaded]) -> None:
    text = FILE.replace("OP", "d, envelope.before.plan: team").replace("USER", "envelope.before.id")
    (found,) = load_text(text).findings
    assert (found.code, found.severity) == ("zero-before", "advice")
    assert "REPLICA IDENTITY FULL" in found.hint


def test_without_the_envelope_nothing_is_said(load_text: Callable[..., Loaded]) -> None:
    text = FILE.replace(", envelope: debezium", "").replace("envelope.", "payload.").replace("OP", "d")
    assert codes(load_text(text.replace("USER", "payload.before.user_id"))) == []


def test_the_row_after_a_deletion_is_always_missing(load_text: Callable[..., Loaded]) -> None:
    text = FILE.replace("OP", "d, plan: team").replace("USER", "payload.user_id")
    found = load_text(text).findings
    assert [(each.code, each.severity, each.hint) for each in found] == [
        ("row-of-deletion", "warning", "write envelope.before.plan"),
        ("row-of-deletion", "warning", "write envelope.before.user_id"),
    ]


@pytest.mark.parametrize(
    ("op", "user"),
    [("d", "coalesce(payload.id, envelope.before.id)"), ("[u, d]", "payload.user_id"), ("u", "payload.user_id")],
)
def test_what_may_have_a_row_after_it_is_passed_over(op: str, user: str, load_text: Callable[..., Loaded]) -> None:
    assert codes(load_text(FILE.replace("OP", op).replace("= USER", f"'= {user}'"))) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("op: d", ["operation-in-row"]),
        ("payload.op: [c, u]", ["operation-in-row"]),
        ("op: {not: d}", ["operation-in-row"]),
        ("op: add", []),
        ("op: {exists: true}", []),
    ],
)
def test_an_operation_where_a_column_is_read(line: str, found: list[str], load_text: Callable[..., Loaded]) -> None:
    text = FILE.replace("envelope.op: OP", line).replace("envelope.before.id", "payload.id")
    assert codes(load_text(text.replace("USER", "payload.user_id"))) == found
