"""`diff` says what production does otherwise though no event of these messages changes: topics that are new, settings
that act on when and where `run` reads, and rules that give no event of these messages."""

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
BEGAN = 1_790_000_000_000
RULES = """\
version: 1
source:
  topics: [orders]
  initial_offset: latest
link: {lookback: 1h}
rules:
  - name: paid
    when: {type: paid}
    valid: {from: 2020-01-01}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_major(payload.amount, payload.currency)
      external_user_id: = payload.user
      event_at: = time(payload.at)
      insert_id: = payload.id
      properties: {currency: = payload.currency}
conversations:
  - name: chat
    id: = payload.chat
    keys: {external_user_id: = payload.user}
"""
SHOP = RULES.partition("link:")[0].replace("orders", "shop") + "rules:" + RULES.partition("rules:")[2]
SHOP = SHOP.partition("conversations:")[0].replace("paid\n", "bought\n", 1)


IDLE = """\
rules:
  - name: idle
    when: {type: x}
    event: {event_type: y, value: "1", product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.yaml").write_text(RULES)
    header = RecordingHeader(1, "-", {}, (OffsetRange("orders", 0, 0, 10), OffsetRange("shop", 0, 0, 10)))
    writer = RecordingWriter(tmp_path / "week.ndjson", header)
    for topic in ("orders", "shop"):
        writer.write([_message(topic, number) for number in range(10)])
    writer.close()
    return tmp_path


def _message(topic: str, offset: int) -> Message:
    payload = {"type": "paid", "id": f"{topic}-{offset // 2}", "amount": "5.00", "currency": "EUR", "user": "u"}
    payload["at"] = f"2026-09-0{offset // 2 + 1}T00:00:00Z"
    return Message(topic, 0, offset, BEGAN + offset * HOUR, value=json.dumps(payload).encode())


def _text(capfd: pytest.CaptureFixture[str], *flags: str) -> str:
    capfd.readouterr()
    assert run(["diff", "old", "new", "--from", "week.ndjson", *flags]) == 0
    return capfd.readouterr().out


def _edit(folder: Path, *changes: tuple[str, str]) -> None:
    text = RULES
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / "new/orders.yaml").write_text(text)


@pytest.mark.parametrize(
    ("source", "verdict", "said"),
    [
        ("", "Not safe to merge", "shop is new: `run` sends ALL of its history, 10 events of the messages here"),
        ("initial_offset: earliest", "Not safe to merge", "write `initial_offset: latest` under `source` in new/shop"),
        ("initial_offset: 2026-01-01", "Not safe to merge", "sends its history from 2026-01-01T00:00:00+00:00 on"),
        ("max_age: 7d", "Not safe to merge", "(none older than 7d, by max_age)"),
        (
            "initial_offset: latest",
            "Check before you merge: 10 new events",
            "10 events of the messages here aren't sent",
        ),
    ],
)
def test_a_topic_that_is_new(
    folder: Path, capfd: pytest.CaptureFixture[str], source: str, verdict: str, said: str
) -> None:
    (folder / "new/shop.yaml").write_text(SHOP.replace("initial_offset: latest", source))
    found = _text(capfd)
    assert found.startswith(verdict)
    assert said in found
    assert ("of the past are sent" in found) is verdict.startswith("Not safe")
    topic = json.loads(_text(capfd, "--json"))["new_topics"][0]
    assert (topic["topic"], topic["events"], topic["file"]) == ("shop", 10, "new/shop.yaml")


def test_max_age_is_counted_back_from_the_newest_message(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _edit(folder, ("  initial_offset: latest", "  initial_offset: latest\n  max_age: 4h"))
    report = json.loads(_text(capfd, "--json"))
    aged = [{"topic": "orders", "newest_ms": BEGAN + 9 * HOUR, "old": 0, "new": 5}]
    assert report["too_old"] == aged
    assert report["changed_messages"] == 0
    found = _text(capfd)
    assert found.startswith("Check before you merge: nothing changes for these messages; not compared")
    assert "0 events before and 5 now would have been too old to be sent" in found
    assert "not counted here: source.max_age of topic orders, none -> 4h (new/orders.yaml:5)" in found
    assert json.loads(_text(capfd, "--json", "--no-ids"))["too_old"] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("offset: latest", "offset: earliest"), "source.initial_offset of topic orders, latest -> earliest (new/or"),
        (("  initial_offset: latest\n", ""), "latest -> none (old/orders.yaml:4 before)"),
        (("offset: latest", "offset: latest\n  format: json"), "source.format of topic orders, none -> json (new"),
        (("{from: 2020-01-01}", "{from: 2020-01-01, until: 2030-01-01}"), "valid.until of rule paid, none -> 2030"),
        (("{lookback: 1h}", "{lookback: 2h}"), "link.lookback of topic orders, 1h -> 2h (new/orders.yaml:5)"),
        (("id: = payload.chat", "id: = payload.chat\n    max_delay: 5m"), "max_delay of conversation chat, 1m -> 5m"),
        (
            ("rules:\n", IDLE),
            "rule idle, which only the new rules have, gives no event of these messages (new/orders.yaml:7)",
        ),
    ],
)
def test_a_setting_that_these_messages_do_not_show(
    folder: Path, capfd: pytest.CaptureFixture[str], change: tuple[str, str], said: str
) -> None:
    _edit(folder, change)
    for flags in ([], ["--markdown"]):
        found = _text(capfd, *flags).replace("\\", "")
        assert said in found
        assert "Nothing changes for these messages." not in found
        assert "Check before you merge: nothing changes for these messages; not compared, or only in part: " in found


def test_a_default_that_is_written_out_changes_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _edit(folder, ("id: = payload.chat", "id: = payload.chat\n    max_delay: 1m"))
    assert _text(capfd).startswith("Safe to merge")


def test_what_only_moved_or_is_for_people_changes_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _edit(folder, ("  - name: paid", "  - name: paid\n    description: For people."))
    (folder / "new/orders.yaml").rename(folder / "new/sales.yaml")
    found = _text(capfd)
    assert found.startswith("Safe to merge: nothing changes for these 10 messages.")
    assert found.rstrip().endswith("Nothing changes for these messages.")


def test_sent_and_stored_stand_beside_each_other_where_they_differ(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _edit(folder, ("insert_id: = payload.id", "insert_id: = payload.user"))
    for flags in ([], ["--markdown"]):
        found = _text(capfd, *flags).replace("\\", "")
        assert "EUR 50.00 the same (25.00 -> 5.00  -20.00 as stored)" in found
        assert "as stored: the service stores each insert" in found
        assert "5 -> 1" in found
    assert "4 events more are dropped by the service: a different event has their insert_id" in _text(capfd)


def test_no_value_of_a_message_is_in_it(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _edit(
        folder, ("= payload.user\n", '= concat(payload.user, "-x")\n'), ("payload.amount", "number(payload.amount) * 2")
    )
    for flags in ([], ["--markdown"], ["--json"]):
        found: Any = _text(capfd, *flags)
        assert "u-x" not in found
        assert "2 times what it was" in found


def test_a_currency_that_is_no_code_is_named_by_its_hash_with_a_message(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _edit(folder, ("= payload.currency}", "'= concat(\" \", payload.currency)'}"))
    (name,) = json.loads(_text(capfd, "--json"))["unshown_currencies"]
    for flags in ([], ["--markdown"]):
        found = _text(capfd, *flags).replace("\\", "")
        assert f"{name}: a currency that isn't a code of 3 or 4 letters; the name is its hash" in found
        assert "for example orders/0/0" in found
