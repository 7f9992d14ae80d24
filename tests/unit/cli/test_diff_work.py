"""`diff` over a recording: links are compared like any field, and what isn't asked for isn't shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

HOUR = 3_600_000
OTHER = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a12"
BEGAN = 1_790_000_000_000
RULES = """\
version: 1
source: {{topics: [orders]}}
link: {{lookback: {lookback}}}
rules:
  - name: paid
    when: {{type: paid}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      external_user_id: = payload.user
      insert_id: = payload.id
"""
CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: chat
    id: = payload.conversation
    keys: {external_user_id: = payload.user}
"""


def _message(topic: str, offset: int, ms: int, payload: dict[str, Any]) -> Message:
    return Message(topic, 0, offset, BEGAN + ms, value=json.dumps(payload).encode())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, lookback in (("old", "1h"), ("new", "7d")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.yaml").write_text(RULES.format(lookback=lookback))
        (tmp_path / name / "chats.yaml").write_text(CHATS)
    messages = [_message("chats", 0, 0, {"conversation": "c-1", "user": "u-1"})]
    messages += [
        _message("orders", 0, HOUR // 2, {"type": "paid", "user": "u-1", "id": "o-1"}),
        _message("orders", 1, 5 * HOUR, {"type": "paid", "user": "u-1", "id": "o-2"}),
        _message("orders", 2, 5 * HOUR, {"type": "paid", "user": "u-2", "id": "o-3"}),
    ]
    header = RecordingHeader(1, "-", {}, (OffsetRange("chats", 0, 0, 1), OffsetRange("orders", 0, 0, 3)))
    writer = RecordingWriter(tmp_path / "week.ndjson", header)
    writer.write(messages)
    writer.close()
    return tmp_path


def test_a_longer_lookback_links_one_event_more(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "old", "new", "--from", "week.ndjson", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["messages"] == 3
    changes = {each["field"]: each["count"] for each in found["changes"]}
    assert changes["external_conversation_id"] == 1
    assert found["event_types"]["upgrade_purchased"]["unchanged"] == 2
    assert [each["topic"] for each in found["ranges"]] == ["orders"]


def test_examples_have_values_only_if_they_are_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    for flags, shown in (([], False), (["--values"], True)):
        assert run(["diff", "old", "new", "--from", "week.ndjson", *flags]) == 0
        assert ("c-1" in capfd.readouterr().out) is shown


def test_a_recording_without_the_conversations_says_how_to_make_one(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ranges = (OffsetRange("orders", 0, 0, 1), OffsetRange("refunds", 0, 0, 1))
    writer = RecordingWriter(folder / "part.ndjson", RecordingHeader(1, "-", {}, ranges, window="--last 9"))
    writer.write([_message("orders", 0, HOUR, {"type": "paid", "user": "u-1", "id": "o-1"})])
    writer.close()
    lacking = "part.ndjson doesn't have the topic chats (conversations chat): what links to these"
    anew = "Make the recording anew: greenflash-kafka record orders refunds --whole chats --last 9 --out FILE"
    assert run(["diff", "old", "new", "--from", "part.ndjson"]) == 0
    said = capfd.readouterr().err
    assert lacking in said
    assert said.count(anew) == 1
    assert run(["coverage", "old", "--from", "part.ndjson", "--json"]) == 0
    (note,) = json.loads(capfd.readouterr().out)["notes"]
    assert lacking in note
    assert anew in note
    # Nobody links to it: nothing is lost.
    for name in ("old", "new"):
        (folder / name / "chats.yaml").write_text(CHATS.replace("name: chat", f"name: chat\n    product_id: {OTHER}"))
    assert run(["diff", "old", "new", "--from", "part.ndjson"]) == 0
    assert "doesn't have" not in capfd.readouterr().err


def test_sides_with_other_conversations_have_each_their_own(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "old" / "orders.yaml").write_text(RULES.format(lookback="7d"))
    (folder / "new" / "chats.yaml").write_text(CHATS.replace("= payload.conversation", "= upper(payload.conversation)"))
    # The topic is read for these events, not only because its conversations are other ones.
    (folder / "new" / "orders.yaml").write_text(RULES.format(lookback="7d").replace('value: "1"', 'value: "2"'))
    assert run(["diff", "old", "new", "--from", "week.ndjson", "--json", "--values"]) == 0
    said = capfd.readouterr().out
    assert {each["field"]: each["count"] for each in json.loads(said)["changes"]} == {
        "external_conversation_id": 2,
        "value": 3,
    }
    assert '"new": "C-1"' in said


def test_the_same_rules_are_not_read(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "old", "old", "--from", "week.ndjson"]) == 0
    said = capfd.readouterr().out
    assert "not read, since their rules are the same on both sides: orders" in said


def test_rules_with_errors_are_named_with_their_side(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "new/orders.yaml").write_text("version: 1\nsource: {topics: [orders]}\nrules: [{name: x}]\n")
    assert run(["diff", "old", "new", "--from", "week.ndjson"]) == 1
    assert "the rules of new can't be used" in capfd.readouterr().err
