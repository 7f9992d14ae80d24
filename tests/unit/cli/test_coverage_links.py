"""Links that can't be judged are said, and cost no report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.coverage_links import Shares, shares
from greenflash_kafka.cli.open_history import HistoryFlags
from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot
from tests.unit.rules.one_rule import RULE

LINKED = RULE.replace("rules:", "link: {lookback: 1h}\nrules:")
CHATS = "conversations:\n  - {name: chat, id: = payload.chat, keys: {external_user_id: = payload.user}}\n"


def judged(folder: Path, text: str) -> Shares:
    """What is said of an order without Kafka's help: its recording doesn't exist."""
    (folder / "rules.yaml").write_text(text)
    ruleset = load([folder / "rules.yaml"], {}, whole=False).ruleset
    assert ruleset is not None
    counter = CoverageCounter(Snapshot(ruleset))
    counter.add([Message("t", 0, 0, 1, value=json.dumps({"type": "x", "id": "i", "user": "u"}).encode())])
    return shares(counter.counts.links, HistoryFlags(recording=folder / "none.ndjson"), Snapshot(ruleset), ["t"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULE, []),
        (LINKED, ["rules link, and no file describes conversations: links aren't judged"]),
        (LINKED + CHATS, ["conversations couldn't be read"]),
    ],
)
def test_what_cannot_be_judged_is_said(tmp_path: Path, text: str, said: list[str]) -> None:
    found = judged(tmp_path, text)
    assert found.shares == ()
    assert len(found.notes) == len(said)
    assert all(text in note for text, note in zip(said, found.notes, strict=True))
