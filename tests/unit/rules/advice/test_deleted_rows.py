"""Rules on Debezium's deletions that read more of the row than its key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.rules.files import Loaded
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
