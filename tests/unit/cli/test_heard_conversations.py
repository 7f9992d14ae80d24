"""Activities of conversation topics' history are those that a run takes."""

from __future__ import annotations

import json
from pathlib import Path

from greenflash_kafka.cli.heard_conversations import HeardActivities
from greenflash_kafka.loading import load
from greenflash_kafka.model.conversations import DAY_MS
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot

BEGAN = 1_790_000_000_000
CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: chat
    id: = payload.conversation
    at: = time(payload.at, "ms")
    keys: {external_user_id: = payload.user}
"""


def test_what_is_told_more_than_a_day_before_it_happens_is_no_activity(tmp_path: Path) -> None:
    (tmp_path / "chats.yaml").write_text(CHATS)
    ruleset = load([tmp_path / "chats.yaml"], {}).ruleset
    assert ruleset is not None
    records = [
        Message(
            "chats", 0, offset, BEGAN, value=json.dumps({"conversation": f"c-{offset}", "user": "u", "at": at}).encode()
        )
        for offset, at in enumerate((BEGAN, BEGAN + DAY_MS, BEGAN + DAY_MS + 1))
    ]
    told = HeardActivities(Resolver(Snapshot(ruleset))).told(records)
    assert [(each.conversation, logged) for each, logged in told] == [("c-0", BEGAN), ("c-1", BEGAN)]
