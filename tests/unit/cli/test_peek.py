"""`peek` on a recording: what is shown, found, masked and saved."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cases.sample_files import sample_files
from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

RULES = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    when: {type: order.paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      value: = payload.total
      external_user_id: = payload.email
"""
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command line in a folder with rules and a recording."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "shop.yaml").write_text(RULES)
    writer = RecordingWriter(
        tmp_path / "r.ndjson", RecordingHeader(1, "c", {}, (OffsetRange("shop.orders", 0, 0, 24),))
    )
    for offset in range(20):
        value = {
            "type": "order.paid" if offset % 3 else "order.sent",
            "email": "zwq@canary.example",
            "total": 10 + offset,
        }
        headers = (("trace", b"t1"), ("bin", b"\xff"), ("none", None))
        body = json.dumps(value).encode()
        writer.write([Message("shop.orders", 0, offset, 1000 * offset, b"k%d" % offset, body, headers)])
    writer.write(
        [Message("shop.orders", 0, 20, 20_000, b"gone", None), Message("shop.orders", 0, 21, 21_000, None, b"{")]
    )
    writer.write(
        [Message("shop.orders", 0, 22, 22_000, b"\xfe", b'{"type": "order.paid", "total": 12345678901234567890.50}')]
    )
    writer.close()

    def invoke(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["peek", "shop.orders", "--from", "r.ndjson", *arguments])
        return code, *capfd.readouterr()

    return invoke


def _json(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer[2]
    return json.loads(answer[1])


def test_the_newest_first_and_each_as_what_it_is(command: Command) -> None:
    found = _json(command("--json", "--last", "4"))
    shown = found["messages"]
    assert [each["message"] for each in shown] == [f"shop.orders/0/{offset}" for offset in (22, 21, 20, 19)]
    assert shown[0]["key_base64"] == "/g=="
    assert '"total": 12345678901234567890.50' in command("--json", "--last", "1")[1], "numbers as they are"
    assert shown[1]["unreadable"]["code"] == "bad-payload"
    assert shown[2]["tombstone"] is True
    assert shown[3]["payload"] == {"type": "order.paid", "email": "zwq@canary.example", "total": 29}
    assert (shown[3]["time"], shown[3]["key"], shown[3]["rules"]) == ("1970-01-01T00:00:19Z", "k19", "mapped: paid")
    assert shown[3]["headers"][1:] == [{"name": "bin", "value_base64": "/w=="}, {"name": "none", "value": None}]
    assert (found["complete"], found["looked_at"]) == (True, 23)


def test_for_people(command: Command) -> None:
    code, said, _ = command("--last", "3")
    assert code == 0
    assert 'shop.orders/0/20  1970-01-01T00:00:20Z  key "gone"  tombstone' in said
    assert "can't be read: bad-payload: not JSON" in said
    assert said.rstrip().endswith("looked at all 23 messages")


def test_conditions_filter(command: Command) -> None:
    found = _json(command("--json", "--where", "{type: order.paid, total: {above: 20}}", "--last", "3"))
    assert [each["payload"]["total"] for each in found["messages"]][1:] == [29, 27]
    assert sum(found["not_tried"].values()) == 1
    assert command("--where", "total: 99")[0] == 1
    code, _, said = command("--where", "total: {abov: 9}")
    assert code == 2
    assert "--where:1:9" in said


def test_a_canary_is_not_in_what_is_masked(command: Command) -> None:
    for arguments in (("--mask",), ("--mask", "--json")):
        code, said, noted = command("--last", "20", *arguments)
        assert code == 0
        assert "zwq" not in said + noted
        assert "canary" not in said + noted
        assert "order.paid" in said, "rules compare with it"


def test_samples_are_found_by_their_topic(command: Command, tmp_path: Path) -> None:
    code, _, noted = command("--last", "5", "--save", "mappings")
    assert code == 0
    files = sample_files(tmp_path / "mappings" / "samples", {"shop": ["shop.orders"]})
    assert {(each.path.name, each.topic) for each in files} == {
        (f"0-{offset}.json", "shop.orders") for offset in (18, 19, 22)
    }
    masked = json.loads(files[1].path.read_text())
    assert masked["type"] == "order.paid"
    assert masked["total"] == 29
    assert masked["email"] != "zwq@canary.example"
    assert "2 messages have no payload" in noted
    assert "no protection" in noted
    _, _, noted = command("--last", "5", "--save", "mappings", "--values")
    assert "3 were there already" in noted
    command("--last", "5", "--save", "other", "--values")
    kept = json.loads((tmp_path / "other" / "samples" / "shop.orders" / "0-19.json").read_text())
    assert kept["email"] == "zwq@canary.example"


def test_rules_with_mistakes_are_said_and_not_needed(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mappings" / "shop.yaml").write_text("version: 1\nrulez: []\n")
    code, said, noted = command("--last", "5")
    assert code == 0
    assert "zwq@canary.example" in said
    assert "aren't used" in noted


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ("totl: 10", "totl: no such field, expected 10: did you mean total?"),
        ("order.email: zwq@canary.example", "the message has email"),
    ],
)
def test_conditions_that_hold_for_nothing_are_answered_with_paths_that_are_there(
    command: Command, conditions: str, said: str
) -> None:
    code, _, err = command("--where", conditions)
    assert code == 1
    assert said in err
    assert "hint, of 2" in err
    assert "hint" not in command("--where", "total: 10")[2]


def test_messages_without_a_payload_are_counted_as_left_out(command: Command) -> None:
    code, said, _ = command("--where", "type: null")
    assert code == 1
    assert "1 message left out: no payload (a tombstone), so no field to test" in said
    assert "left out" not in command()[1]


def test_an_empty_folder_of_rules_is_nothing_to_say(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mappings" / "shop.yaml").unlink()
    code, said, err = command()
    assert (code, err) == (0, "")
    assert "order.paid" in said


@pytest.mark.usefixtures("command")
def test_a_registry_that_is_silent_is_waited_for_as_long_as_is_said(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a.ndjson", RecordingHeader(1, "c", {}, (OffsetRange("avro", 0, 0, 9),)))
    writer.write([Message("avro", 0, each, each, None, b"\0\0\0\0" + bytes([each, 2])) for each in range(9)])
    writer.close()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (tmp_path / "greenflash-kafka.yaml").write_text(
            f"mappings: mappings\nkafka: {{bootstrap_servers: x}}\nschema_registry: {{url: '{url}'}}\n"
        )
        (tmp_path / "mappings" / "shop.yaml").write_text(RULES.replace("shop.orders]", "avro], format: avro"))
        begin = time.monotonic()
        code = run(["peek", "avro", "--from", "a.ndjson", "--max-seconds", "0.2", "--json"])
        # 9 schemas at 10 s each, twice, were 180 s.
        assert time.monotonic() - begin < 60
    assert code == 0


@pytest.mark.usefixtures("command")
def test_conditions_on_messages_that_are_lists_are_told_how(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    header = RecordingHeader(1, "c", {}, (OffsetRange("crm", 0, 0, 1),))
    writer = RecordingWriter(tmp_path / "lists.ndjson", header)
    writer.write([Message("crm", 0, 0, 1000, None, b'[{"propertyValue": "closedwon"}]')])
    writer.close()
    assert run(["peek", "crm", "--where", "propertyValue: closedwon", "--from", "lists.ndjson"]) == 1
    assert "messages are lists: write payload: {any: {FIELD: VALUE}}" in capfd.readouterr().err
    where = "payload: {any: {propertyValue: closedwon}}"
    assert run(["peek", "crm", "--where", where, "--from", "lists.ndjson"]) == 0
