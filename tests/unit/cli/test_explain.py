"""`explain` on a recording: how a message is found, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

RULES = """\
version: 1
source: {topics: [orders]}
link: {lookback: 1h}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      value: = payload.total
      external_user_id: = payload.user
      insert_id: = payload.id
  - name: noticed
    when: {payload.type: paid}
    each: payload.lines
    event:
      event_type: feature_viewed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      value: = item
"""
CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: support
    id: = payload.chat
    at: = time(payload.at, "ms")
    keys: {external_user_id: = payload.user}
    max_delay: 10s
"""
HOUR = 3_600_000
Command = Callable[..., tuple[int, str, str]]


def _chat(offset: int, chat: str, user: str, at: int, told: int) -> Message:
    value = json.dumps({"chat": chat, "user": user, "at": at}).encode()
    return Message("chats", 0, offset, told, None, value)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command line in a folder with rules and a recording."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "orders.yaml").write_text(RULES)
    (tmp_path / "mappings" / "chats.yaml").write_text(CHATS)
    ranges = (OffsetRange("orders", 0, 0, 9), OffsetRange("chats", 0, 0, 9))
    writer = RecordingWriter(tmp_path / "r.ndjson", RecordingHeader(1, "cluster-1", {"orders": "id-1"}, ranges))
    now = 1_795_500_000_000
    paid = {"type": "paid", "id": "o1", "user": "u1", "total": 12.5, "lines": ["a", "b"]}
    writer.write(
        [
            _chat(0, "c-early", "u1", now - 2 * HOUR, now - 2 * HOUR),
            _chat(1, "c-right", "u1", now - 60_000, now - 60_000),
            _chat(2, "c-other", "u2", now - 50_000, now - 50_000),
            Message("orders", 0, 5, now, b"k", json.dumps(paid).encode()),
            _chat(3, "c-late", "u1", now - 1000, now + 60_000),
            Message("orders", 0, 6, now + 1, None, b'{"type": "paid", "id": "o2"}'),
            Message("orders", 0, 7, now + 2, b"k", json.dumps({**paid, "id": "o3"}).encode()),
            Message("orders", 0, 8, now + 3, b"k", json.dumps({**paid, "id": "o3"}).encode()),
            Message("orders", 0, 3, now, None, b'{"type": "paid'),
            Message("orders", 0, 2, now, None, b'{"type": "paid", "id": "o4", "user": "u7", "total": 1}'),
            Message("chats", 0, 5, now - 5000, None, b'{"chat": "c-u7", "user": "u7", "at": "yesterday"}'),
            Message("chats", 0, 6, now - 4000, None, b'{"chat": "c-u77", "user": "u77", "at": "yesterday"}'),
        ]
    )
    writer.close()

    def invoke(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["explain", *arguments, "--from", "r.ndjson"])
        return code, *capfd.readouterr()

    return invoke


def _json(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer[2]
    return json.loads(answer[1])


def test_everything_about_a_message(command: Command) -> None:
    found = _json(command("orders/0/5", "--json"))
    assert found["message"]["payload"]["total"] == 12.5
    assert (found["outcome"], found["timestamp"]["from"]) == ("mapped", "record")
    event = found["events"][0]
    assert event["externalConversationId"] == "c-right"
    sources = {each["name"]: each for each in found["rules"][0]["sources"]}
    assert sources["external_conversation_id"]["how"] == "the conversation that the event is linked to"
    assert (sources["value"]["value"], sources["value"]["written"]) == (event["value"], "= payload.total")
    candidates = {each["conversation"]: each["verdict"] for each in found["searches"][0]["candidates"]}
    assert candidates["c-right"] == "chosen"
    assert candidates["c-late"] == "logged-too-late"
    assert found["dead_letters"] == []


def test_for_people(command: Command) -> None:
    code, said, _ = command("orders/0/5")
    assert code == 0
    answer, message, _ = said.split("\n\n", 2)
    assert answer.splitlines()[:2] == [
        "becomes 3 events:",
        "  upgrade_purchased by the rule paid, with the insert_id upgrade_purchased:o1; linked to c-right",
    ]
    assert message.startswith("orders/0/5  2026-11-24T06:00:00Z")
    assert "event of paid, sent by POST /events, " in said
    assert 'holds: mappings/orders.yaml:6:12: type: expected paid, found "paid"' in said
    assert "The record's timestamp is 2026-11-24T06:00:00Z: its own." in said
    assert "c-right (support): " in said
    assert "c-other" not in said


def test_records_of_the_events_own_user_that_gave_no_activity_are_named_and_nobody_elses_id(command: Command) -> None:
    code, said, _ = command("orders/0/2")
    assert code == 0
    assert said.startswith("becomes 1 event: upgrade_purchased by the rule paid, ")
    _, _, links = said.partition("\nlinks:\n")
    lines = [each.strip() for each in links.splitlines()]
    begin = lines.index("records that name an id of this event and give no activity:")
    assert lines[begin + 1].startswith("chats/0/5, 2026-11-24T05:59:55Z: support / at: ")
    assert "activities of other ids in this time" in lines[begin + 2]
    assert not any(f"c-{each}" in said for each in ("other", "right", "early"))


@pytest.mark.parametrize(
    ("insert_id", "offset"),
    [("upgrade_purchased:o1", 5), ("noticed/cluster-1/id-1/0/5/1795500000000/1", 5)],
)
def test_the_message_of_an_id(command: Command, insert_id: str, offset: int) -> None:
    assert _json(command("--insert-id", insert_id, "--json"))["message"]["message"] == f"orders/0/{offset}"


def test_all_messages_that_give_an_id_are_named_and_the_first_is_shown(command: Command) -> None:
    code, out, err = command("--insert-id", "upgrade_purchased:o3", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["message"]["message"] == "orders/0/7"
    assert found["same_insert_id"] == ["orders/0/7", "orders/0/8"]
    assert "2 messages give upgrade_purchased:o3: orders/0/7, which is shown, and orders/0/8" in err
    assert "stores an id once" in err
    assert "same_insert_id" not in _json(command("--insert-id", "upgrade_purchased:o1", "--json"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["orders/0/99"], "orders/0/99 isn't there (any more): it has 0 to 8"),
        (["orders/0/4"], "orders/0/4 is no message"),
        (["orders/3/0"], "orders/3 has no messages here"),
        (["--insert-id", "upgrade_purchased:o9"], "no message gives upgrade_purchased:o9: looked at all 6 messages"),
        (["--insert-id", "upgrade_purchased:o9"], "None of the others has 'o9' in its value or key."),
        (["--insert-id", "upgrade_purchased:o2"], "  orders/0/6: invalid: paid / value: missing: "),
        (["--insert-id", "upgrade_purchased:o2"], "Why: greenflash-kafka explain orders/0/6"),
        (["--insert-id", "o3"], "did you mean upgrade_purchased:o3?"),
        (["--insert-id", "noticed/cluster-1/id-1/0/5/77/1"], "today's rules give it no such event"),
    ],
)
def test_what_is_not_found(command: Command, arguments: list[str], said: str) -> None:
    code, _, noted = command(*arguments)
    assert code == 1
    assert said in noted


def test_an_invalid_message_ends_with_1(command: Command) -> None:
    code, said, _ = command("orders/0/6")
    assert code == 1
    assert "invalid" in said
    assert "payload.total" in said


def test_one_message_is_named(command: Command) -> None:
    assert command()[0] == 2
    assert command("orders/0/5", "--insert-id", "x")[0] == 2
    code, _, said = command("orders-0-5")
    assert code == 2
    assert "is not TOPIC/PARTITION/OFFSET" in said


def test_of_a_message_that_can_not_be_read_nothing_is_said_of_a_file(command: Command) -> None:
    code, said, _ = command("orders/0/3")
    assert code == 1
    assert "about the value:\n  line 1: " in said
    assert said.startswith("no event, invalid: message: bad-payload: ")
    assert "the file" not in said
    assert "copy all" not in said
    assert "compare it with the message in the topic" not in said
