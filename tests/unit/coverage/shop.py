"""Rules and messages of a shop, for tests of coverage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.coverage.coverage_report import CoverageReport, made_report
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.snapshot import Snapshot

RULES = """\
version: 1
source: {topics: [shop]}
when: {live: true}
ignored:
  - when: {type: seen}
    because: nobody buys by it
  - when: {type: paid, amount: 0}
    because: nothing was paid
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  external_user_id: = payload.user
  influence: positive
  insert_id: = payload.id
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      value: = money_minor(payload.amount, "EUR")
      properties: {plan: = payload.plan}
  - name: left
    when: {type: left, status: done}
    event: {event_type: trial_cancelled, value: "1"}
  - name: kept
    draft: true
    when: {type: {starts_with: keep}}
    event: {event_type: trial_started, value: "1"}
"""


def snapshot_of(folder: Path, rules: str = RULES) -> Snapshot:
    (folder / "shop.yaml").write_text(rules)
    loaded = load([folder / "shop.yaml"], {})
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset.with_drafts_muted())


def messages(payloads: Iterable[object], topic: str = "shop") -> list[Message]:
    """One message each, a second apart from 2026-12-01; what is bytes stays as it is."""
    return [
        Message(
            topic,
            0,
            number,
            1_796_083_200_000 + number * 1000,
            value=each if isinstance(each, bytes | None) else json.dumps(each).encode(),
        )
        for number, each in enumerate(payloads)
    ]


def event(type_: str, **more: object) -> dict[str, object]:
    return {"live": True, "type": type_, "user": "u", "id": "i", **more}


def report_of(snapshot: Snapshot, read: Sequence[Message]) -> CoverageReport:
    counter = CoverageCounter(snapshot)
    counter.add(read)
    ranges = [OffsetRange("shop", 0, 0, len(read))]
    return made_report("test", snapshot.ruleset, counter.counts, {"shop": counter.name_path("shop")}, ranges)
