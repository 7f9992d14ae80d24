"""A message and its outcome written as a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.case_runner import CONTEXT, run
from greenflash_kafka.cases.write import as_case
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve
from greenflash_kafka.rules.files import load
from greenflash_kafka.snapshot import Snapshot

MAPPING = """\
version: 1
source: {topics: [t]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = payload.amount
      properties: {"a b": = payload.note, "yes": = payload.rate}
"""


@pytest.mark.parametrize(
    "message",
    [
        Message("t", 0, 0, 1_795_000_000_123, b"k", b'{"type": "paid", "amount": 1.50, "note": "x: #y", "rate": 1e2}'),
        Message("t", 0, 0, 0, None, b'{"type": "paid"}', (("a", b"b"), ("c", None)), "none"),
        Message("t", 0, 0, 5, None, b'{"type": "other", "deep": [{"a": []}, [1, [2]], {}]}'),
        Message("t", 0, 0, 5, None, b"{"),
        Message("t", 0, 0, 5, None, b"null"),
        Message("t", 0, 0, 5, None, None),
    ],
    ids=["mapped", "invalid", "filtered", "no json", "null", "tombstone"],
)
def test_a_written_case_passes_when_it_is_run(tmp_path: Path, message: Message) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(MAPPING)
    ruleset = load([mapping], {}).ruleset
    assert ruleset is not None
    outcome = resolve(message, Snapshot(ruleset, CONTEXT))
    (tmp_path / "m_test.yaml").write_text(f"version: 1\ncases:\n{as_case(message, outcome, CONTEXT, 'as it came')}\n")
    results = run([mapping])
    assert results.findings == ()
    assert [(each.name, each.difference) for each in results.results] == [("as it came", "")]
