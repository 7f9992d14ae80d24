"""Paths that name a part of an envelope which rules don't see are found, and others aren't."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded

Load = Callable[..., Loaded]

FILE = """
version: 1
source: {topics: [t]}
rules:
  - name: r
    when: {op: u}
    event:
      event_type: e
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: = payload.value
      external_user_id: = payload.user
      insert_id: = payload.id
"""
DEBEZIUM = FILE.replace("[t]}", "[t], envelope: debezium}").replace("op: u", "envelope.op: u")


@pytest.mark.parametrize(
    ("text", "old", "new", "hint"),
    [
        (FILE, "{op: u}", "{payload.payload.op: u}", "write payload.op"),
        (FILE, "{op: u}", "{any: [{payload.payload.source.table: x}]}", "write payload.source.table"),
        (FILE, "= payload.id", "= payload.payload.after.id", "write payload.after.id"),
        (DEBEZIUM, "= payload.id", "= payload.after.id", "write payload.id"),
        (DEBEZIUM, "= payload.id", "= payload.before.id", "write envelope.before.id"),
        (DEBEZIUM, "{envelope.op: u}", "{envelope.op: u, after.plan: x}", "write plan"),
    ],
)
def test_a_part_of_the_envelope_is_taken_out_of_a_path(
    load_text: Load, text: str, old: str, new: str, hint: str
) -> None:
    (finding,) = load_text(text.replace(old, new)).findings

    assert (finding.code, finding.hint) == ("wrapper-in-path", hint)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (FILE, "{op: u}", "{payload.payload.StageName: won}"),
        (FILE, "{op: u}", "{payload.payload: {exists: true}}"),
        (FILE, "{op: u}", "{payload.op: u}"),
        (DEBEZIUM, "= payload.id", "= payload.after"),
        (DEBEZIUM, "= payload.id", "= envelope.after.id"),
    ],
)
def test_other_paths_are_left_alone(load_text: Load, text: str, old: str, new: str) -> None:
    assert load_text(text.replace(old, new)).findings == ()
