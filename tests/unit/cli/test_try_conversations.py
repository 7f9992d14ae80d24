"""`try --conversations`: raw messages through their mapping, the link with its candidates, and what a chat tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter
from tests.unit.cases.test_case_links import CHAT, PAID

Try = Callable[..., tuple[int, str, str]]

LINES = (
    {"topic": "chat.messages", "timestamp": "2026-11-18T09:00:01Z", "payload": ("c-3", "2026-11-18T09:00:00Z")},
    {"payload": ("c-7", "2026-11-18T10:50:41Z")},
    {"ts": 1794999661000, "tstype": "create", "broker": 1, "key": None, "payload": ("c-9", "2026-11-18T11:07:00Z")},
    {"timestamp": "2026-11-18T11:30:00Z", "payload": ("c-11", "2026-11-18T11:01:00Z")},
)


def payload(conversation: str, at: str, user: str = "u-5") -> dict[str, str]:
    return {"c": conversation, "u": user, "role": "user", "at": at}


@pytest.fixture
def tried(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Try:
    """Write mapping files and chats, and try a message of shop.orders."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "chat.yaml").write_text(CHAT.partition("rules:")[0])
    (tmp_path / "rules" / "paid.yaml").write_text(PAID)
    lines = [{**each, "payload": payload(*each["payload"])} for each in LINES]  # type: ignore[misc]
    lines[2]["payload"] = json.dumps(lines[2]["payload"])  # as `kcat -J` has it
    (tmp_path / "chat.ndjson").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "plain.ndjson").write_text(json.dumps(payload("c-7", "2026-11-18T10:50:41Z")))

    def attempt(
        *more: str, rules: str = "rules", topic: str = "shop.orders", body: object = None
    ) -> tuple[int, str, str]:
        (tmp_path / "m.json").write_text(json.dumps(body or {"type": "paid", "id": "o-1", "user": "u-5"}))
        given = [each.replace("FOLDER", str(tmp_path)) for each in more]
        begin = ["try", "--rules", str(tmp_path / rules), "--topic", topic, "--timestamp", "2026-11-18T11:06:41Z"]
        code = run([*begin, *given, str(tmp_path / "m.json")])
        said = capfd.readouterr()
        return code, said.out, said.err

    return attempt


def test_the_link_is_shown_with_every_candidate_and_why(tried: Try) -> None:
    code, out, _ = tried("--conversations", "FOLDER/chat.ndjson")
    assert code == 0
    assert '"externalConversationId": "c-7"' in out
    assert "paid: linked to c-7 of support_chat, 16 min before the event" in out
    assert "c-7 (support_chat): chosen: 10:50:41, 16 min before the event, logged 10:50:41" in out
    assert "c-3 (support_chat): 09:00:00 is earlier than the one that was chosen" in out
    assert "c-9 (support_chat): 11:07:00 is after the event, 11:06:41" in out
    assert "c-11 (support_chat): 11:01:00, but it was logged 11:30:00, after the horizon 11:07:41" in out


def test_programs_get_the_same(tried: Try) -> None:
    _, out, _ = tried("--conversations", "FOLDER/chat.ndjson", "--json")
    found = json.loads(out)
    assert found["conversations_given"] is True
    (link,) = found["links"]
    assert (link["result"], link["conversation"], link["at"]) == ("linked", "c-7", "2026-11-18T10:50:41Z")
    verdicts = {each["conversation"]: each["verdict"] for each in found["searches"][0]["candidates"]}
    assert verdicts == {"c-9": "after-event", "c-11": "logged-too-late", "c-7": "chosen", "c-3": "earlier"}


def test_the_case_that_is_written_passes(tried: Try, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = tried("--conversations", "FOLDER/chat.ndjson", "--case")
    (tmp_path / "rules" / "paid_test.yaml").write_text(out)
    assert run(["test", str(tmp_path / "rules" / "paid.yaml")]) == 0, capfd.readouterr().out


def test_without_conversations_nothing_is_linked_and_that_is_said(tried: Try) -> None:
    _, out, _ = tried()
    assert "externalConversationId" not in out
    assert "no conversations given, so nothing is linked" in out
    assert json.loads(tried("--json")[1])["conversations_given"] is False


def test_a_message_of_a_conversation_topic_shows_its_activities(tried: Try, tmp_path: Path) -> None:
    chat = payload("c-7", "2026-11-18T10:50:41Z")
    _, out, _ = tried(topic="chat.messages", body=chat)
    assert out.startswith("conversation\n")
    assert "support_chat: c-7 at 2026-11-18T10:50:41Z, of external_user_id u-5" in out
    found = json.loads(tried("--json", topic="chat.messages", body=chat)[1])
    assert found["outcome"] == "conversation"
    assert found["conversations"][0]["keys"] == {"external_user_id": "u-5"}
    _, out, _ = tried("--case", topic="chat.messages", body=chat)
    (tmp_path / "rules" / "chat_test.yaml").write_text(out)
    assert run(["test", str(tmp_path / "rules" / "chat.yaml")]) == 0


def test_payloads_alone_are_of_the_only_conversation_topic_or_the_one_that_is_said(tried: Try, tmp_path: Path) -> None:
    assert "linked to c-7" in tried("--conversations", "FOLDER/plain.ndjson")[1]
    other = CHAT.partition("rules:")[0].replace("chat.messages", "calls").replace("support_chat", "calls")
    (tmp_path / "rules" / "calls.yaml").write_text(other)
    code, _, err = tried("--conversations", "FOLDER/plain.ndjson")
    assert code == 2
    assert "there are calls, chat.messages" in err
    assert "TOPIC=FILE" in err
    assert "linked to c-7 of calls" in tried("--conversations", "calls=FOLDER/plain.ndjson")[1]


def test_what_is_wrong_with_the_given_conversations_is_said(tried: Try, tmp_path: Path) -> None:
    (tmp_path / "bad.ndjson").write_text(
        json.dumps({"c": None, "u": "u-5", "role": "user", "at": "2026-11-18T10:50:41Z"})
    )
    _, out, _ = tried("--conversations", "FOLDER/bad.ndjson")
    assert "bad.ndjson:1: support_chat / id: missing" in out
    line = json.dumps({"c": True, "u": "u-5", "role": "user", "at": "2026-11-18T10:50:41Z"})
    (tmp_path / "bad.ndjson").write_text("\n".join([line] * 3))
    _, out, _ = tried("--conversations", "FOLDER/bad.ndjson")
    assert out.count("type-mismatch") == 1
    assert "(and 2 more)" in out
    (tmp_path / "bad.ndjson").write_text("{")
    code, _, err = tried("--conversations", "FOLDER/bad.ndjson")
    assert code == 2
    assert "bad.ndjson:1 is no JSON" in err
    code, _, err = tried("--conversations", "FOLDER/none.ndjson")
    assert code == 2
    assert "can't be read" in err
    code, _, err = tried("--conversations", "FOLDER/plain.ndjson", rules="rules/paid.yaml")
    assert code == 2
    assert "no mapping file of --rules describes conversations" in err


@pytest.mark.parametrize(
    ("body", "topic", "why"),
    [
        (
            {"c": "c-7", "u": "u-5", "role": "GUEST", "at": "2026-11-18T10:50:41Z"},
            "chat.messages",
            "`role` failed",
        ),
        ({"c": "c-7", "role": "user", "at": "2026-11-18T10:50:41Z"}, "chat.messages", "none of its `keys` has a value"),
        ({}, "chat.message", "no entry of `conversations` reads the topic chat.message"),
    ],
)
def test_why_no_given_record_gives_a_conversation_is_said(
    tried: Try, tmp_path: Path, body: object, topic: str, why: str
) -> None:
    (tmp_path / "idle.ndjson").write_text(f"{json.dumps(body)}\n" * 2)
    _, out, _ = tried("--conversations", f"{topic}=FOLDER/idle.ndjson")
    assert f"no record of {topic}=" in out
    assert "idle.ndjson:1: " in out
    assert why in out
    assert "(and 1 more)" in out


EARLY, LATE = "2026-11-18T10:50:41Z", "2026-11-19T09:00:00Z"


@pytest.mark.parametrize(
    ("places", "conversation"),
    [
        (({}, {}), "c-7"),
        (({"partition": 3}, {"partition": 4}), "c-7"),
        (({"partition": 0, "offset": 8}, {"partition": 0, "offset": 7}), "c-7"),
        # As in the log: the earlier stamp was written behind the later one.
        (({"partition": 0, "offset": 7}, {"partition": 0, "offset": 8}), None),
    ],
)
def test_lines_in_any_order_count_from_their_own_time_unless_a_partition_says_otherwise(
    tried: Try, tmp_path: Path, places: tuple[object, object], conversation: str | None
) -> None:
    lines = [
        {"timestamp": at, "payload": payload(name, at), **place}  # type: ignore[dict-item]
        for name, at, place in (("c-8", LATE, places[0]), ("c-7", EARLY, places[1]))
    ]
    (tmp_path / "unsorted.ndjson").write_text("\n".join(map(json.dumps, lines)))
    found = json.loads(tried("--conversations", "FOLDER/unsorted.ndjson", "--json")[1])
    assert found["links"][0].get("conversation") == conversation
    logged = {each["conversation"]: each["logged"] for each in found["searches"][0]["candidates"]}
    assert logged["c-7"] == (EARLY if conversation else LATE)


def test_a_recording_has_conversations_as_kafka_has_them(tried: Try, tmp_path: Path) -> None:
    body = json.dumps(payload("c-7", EARLY)).encode()
    at = 1_794_999_041_000
    of_chat, other = Message("chat.messages", 2, 5, at, None, body), Message("shop.orders", 0, 1, at, None, b"{}")
    ranges = (OffsetRange("chat.messages", 2, 5, 6), OffsetRange("shop.orders", 0, 1, 2))
    writer = RecordingWriter(tmp_path / "chat.rec", RecordingHeader(1, ranges=ranges))
    writer.write([other, of_chat])
    writer.close()
    code, out, _ = tried("--conversations", "FOLDER/chat.rec")
    assert code == 0
    assert "linked to c-7" in out
    assert "errors in the conversations given" not in out
    lines = (tmp_path / "chat.rec").read_text().splitlines(keepends=True)
    (tmp_path / "cut.rec").write_text("".join(lines[:-1]))
    code, _, err = tried("--conversations", "FOLDER/cut.rec")
    assert code == 2
    assert "the recording is cut here" in err
