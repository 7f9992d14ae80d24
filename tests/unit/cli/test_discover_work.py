"""`discover` on a recording: report, files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter
from tests.unit.discovery.varied_messages import BEGAN, samples, varied

ORDER = {"id": "o-1", "type": "order.paid", "customer_id": "u-1", "total": 149.5, "currency": "EUR", "canary": "KANARI"}
CHAT = {"conversation_id": "c-1", "user_id": "u-1", "created_at": "2026-11-18T11:06:40Z", "text": "How?"}


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording of three topics, in an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "all.ndjson"
    writer = RecordingWriter(path, RecordingHeader(1))
    writer.write(varied("shop.orders", [ORDER], 30))
    writer.write(varied("chat.messages", [CHAT], 30))
    writer.write(varied("hooks", samples("presets/stripe/samples/*/*.json"), 2))
    writer.close()
    return path


def test_files_are_written_that_lint_and_test_take(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["discover", "shop.orders", "--from", str(recording)]) == 0
    said = capfd.readouterr().out
    assert "event names are in payload.type" in said
    assert "lint: ok" in said
    assert "KANARI" not in said, "values are shown only if asked for"
    assert run(["test"]) == 0
    assert run(["lint"]) == 0
    capfd.readouterr()
    assert run(["discover", "shop.orders", "--from", str(recording)]) == 2
    assert "exists and isn't overwritten" in capfd.readouterr().err


def test_ids_that_topics_share_are_told_and_json_is_one_object(
    recording: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    topics = ["shop.orders", "chat.messages", "hooks"]
    assert run(["discover", *topics, "--from", str(recording), "--no-write", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    shared = [(each["path"], each["other_topic"], each["other_path"]) for each in found["shared_ids"]]
    assert ("payload.customer_id", "chat.messages", "payload.user_id") in shared
    assert [each["preset"] for each in found["topics"]] == ["", "", "stripe"]
    assert found["topics"][0]["proposal"] is None
    assert "KANARI" not in json.dumps(found)
    assert not (tmp_path / "mappings").exists()
    assert run(["discover", "shop.orders", "--from", str(recording), "--no-write", "--values"]) == 0
    assert "KANARI" in capfd.readouterr().out


def test_a_topic_without_readable_messages_is_said(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["discover", "nothing.here", "--from", str(recording)]) == 1
    assert "Nothing is proposed" in capfd.readouterr().out
    assert run(["discover", "a", "b", "--out", "x.yaml", "--from", str(recording)]) == 2


def test_out_is_a_folder_for_several_topics(tmp_path: Path, recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "proposed"
    assert run(["discover", "shop.orders", "chat.messages", "--out", str(folder), "--from", str(recording)]) == 0
    assert {"shop_orders.yaml", "chat_messages.yaml"} <= {each.name for each in folder.iterdir()}
    assert run(["discover", "shop.orders", "--out", str(folder), "--from", str(recording)]) == 2
    assert "shop_orders.yaml exists and isn't overwritten" in capfd.readouterr().err


def test_without_writing_the_report_names_the_same_events(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["discover", "shop.orders", "--from", str(recording), "--no-write"]) == 0
    said = capfd.readouterr().out
    assert "upgrade_purchased ?" in said
    assert "no rule proposed" not in said


def test_a_proposal_says_what_is_left_to_do_and_lint_says_it_too(
    recording: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["discover", "shop.orders", "--from", str(recording)]) == 0
    said = capfd.readouterr().out
    assert "The rules are drafts, which send nothing" in said
    assert "test --update" in said
    assert run(["lint"]) == 0
    assert "advice open-questions" in capfd.readouterr().out
    assert run(["discover", "chat.messages", "--from", str(recording)]) == 0
    assert "(no rule, conversations). lint: ok" in capfd.readouterr().out
    assert run(["lint"]) == 0


def test_what_cannot_be_read_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    writer = RecordingWriter(tmp_path / "bare.ndjson", RecordingHeader(1))
    writer.write([Message("bare", 0, at, BEGAN, None, b"\n\x02e1\x10\x04\x1a\x04KANA") for at in range(9)])
    writer.write([Message("framed", 0, at, BEGAN, None, b"\0\0\0\0\x07\0KANARI") for at in range(9)])
    writer.close()
    assert run(["discover", "bare", "framed", "--from", "bare.ndjson"]) == 1
    said = capfd.readouterr().out
    assert "bad-payload: not JSON, and no text: bare bytes of Protobuf or Avro are read by a file: source: {" in said
    assert "set schema_registry.url" in said
    assert "KANA" not in said


def test_new_cases_say_the_variables_that_the_cases_beside_have(
    recording: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Else the snapshots of the folder's samples would change with it."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "a.yaml").write_text("version: 1\nsource: {topics: [t]}\nrules: []\n")
    known = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
    (tmp_path / "mappings" / "a_test.yaml").write_text(
        f"version: 1\nenv: {{GREENFLASH_PRODUCT_ID: {known}}}\nmessage: {{payload: {{}}}}\n"
        "cases: [{name: n, expect: nothing}]\n"
    )
    assert run(["discover", "shop.orders", "--from", str(recording)]) == 0
    capfd.readouterr()
    assert f'GREENFLASH_PRODUCT_ID: "{known}"' in (tmp_path / "mappings" / "shop_orders_test.yaml").read_text()
