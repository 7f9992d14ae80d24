"""`diff` compares a rule that has another name with itself: its settings, ids and problems, wherever its file is."""

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
source:
  topics: [orders]
tables:
  plans: {file: plans.csv}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  external_user_id: = payload.user
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      insert_id: = payload.id
      event_at: = time(payload.at)
      properties: {currency: = payload.currency}
  - name: left
    when: {type: left}
    event:
      event_type: left
      value: = tables.plans[payload.plan].price
      insert_id: = payload.id
"""
CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - {name: chat, id: = payload.chat, keys: {external_user_id: = payload.user}}
"""
Diff = Callable[..., Any]


@pytest.fixture(params=["the file stays", "the file moves"])
def diff(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Diff:
    monkeypatch.chdir(tmp_path)
    writer = RecordingWriter(tmp_path / "week.ndjson", RecordingHeader(1, "-", {}, (OffsetRange("orders", 0, 0, 10),)))
    writer.write([_message(number) for number in range(10)])
    writer.close()

    def compare(*changes: tuple[str, str], old: str = RULES, form: str = "--json") -> Any:
        text = old.replace("name: paid", "name: bought")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        moved = "new/a/sales.yaml" if request.param == "the file moves" else "new/orders.yaml"
        for path, content in (("old/orders.yaml", old), (moved, text)):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
            (tmp_path / path).with_name("plans.csv").write_text("plan,price\npro,10\nteam,20\n")
        for name in ("old", "new"):
            (tmp_path / name / "chats.yaml").write_text(CHATS)
        capfd.readouterr()
        assert run(["diff", "old", "new", "--from", "week.ndjson", form]) == 0
        out = capfd.readouterr().out
        return json.loads(out) if form == "--json" else out

    return compare


def _message(offset: int) -> Message:
    payload: dict[str, Any] = {
        "type": "paid" if offset < 6 else "left",
        "id": f"i-{offset}",
        "user": "u",
        "plan": "pro",
        "cents": 100,
    }
    payload |= {"currency": "EUR", "currency2": "eur?", "at": "2026-09-01T00:00:00Z", "items": [1, 2, 3]}
    return Message("orders", 0, offset, 1_790_000_000_000 + offset, value=json.dumps(payload).encode())


def test_a_new_name_alone_is_safe(diff: Diff) -> None:
    found = diff()
    assert found["verdict"]["safe"] is True
    assert found["settings"] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: bought", "name: bought\n    valid: {until: 2030-01-01}"), ("valid.until", "none", "2030-01-01")),
        (("name: bought", "name: bought\n    sample: {by: payload.user, rate: 1}"), ("sample.rate", "none", "1")),
        (("name: bought", "name: bought\n    link: {lookback: 1h}"), ("link.lookback", "none", "1h")),
        (("rules:", "link: {lookback: 1h}\nrules:"), ("link.lookback", "none", "1h")),
        (("[orders]", "[orders]\n  max_age: 7d"), ("source.max_age", "none", "7d")),
    ],
)
@pytest.mark.parametrize("influence", ["positive", "neutral"])
def test_its_settings_are_compared_whatever_else_changes(
    diff: Diff, change: tuple[str, str], said: tuple[str, str, str], influence: str
) -> None:
    found = diff(change, ("influence: positive", f"influence: {influence}"))
    assert found["verdict"]["safe"] is False
    assert said in [(each["name"], each["old"], each["new"]) for each in found["settings"]]
    if change[0] == "name: bought":
        setting = next(each for each in found["settings"] if each["name"] == said[0])
        assert (setting["owner"], setting["was"]) == ("rule bought", "paid")
        text = diff(change, form="--markdown").replace("\\", "")
        assert f"{said[0]} of rule bought (rule paid before), none -" in text


def test_a_condition_of_which_no_message_shows_what_it_does_is_named(diff: Diff) -> None:
    (found,) = diff(("type: paid", "type: [paid, charged]"))["settings"]
    assert (found["owner"], found["parts"], found["shown"]) == ("rule bought", ["when.type"], False)


def test_an_id_that_changes_with_the_name_is_another_id(diff: Diff) -> None:
    listed = ("when: {type: paid}", "when: {payload.type: paid}\n    each: = payload.items")
    with_index = ("insert_id: = payload.id\n      event", 'insert_id: = join([payload.id, index], "-")\n      event')
    each = RULES.replace(*listed).replace(*with_index)
    found = diff(('index], "-"', 'index], "/"'), old=each)
    assert found["ids"]["changed"] == 18
    assert found["event_types"]["upgrade_purchased"]["changed"] == 18
    assert "stored twice" in found["verdict"]["words"]


def test_events_that_become_invalid_under_the_new_name_are_invalid_and_not_gone(diff: Diff) -> None:
    broken = RULES.replace("payload.cents, payload.currency", "payload.cents, payload.currency2")
    counts = diff(("payload.cents, payload.currency", "payload.cents, payload.currency2"))["event_types"]
    assert (counts["upgrade_purchased"]["newly_invalid"], counts["upgrade_purchased"]["gone"]) == (6, 0)
    counts = diff(("payload.currency2", "payload.currency"), old=broken)["event_types"]
    assert (counts["upgrade_purchased"]["mended"], counts["upgrade_purchased"]["new_events"]) == (6, 0)


def test_a_draft_of_another_name_is_a_draft(diff: Diff) -> None:
    found = diff(("name: bought", "name: bought\n    draft: true"))
    assert {each["what"]: each["count"] for each in found["changes"]} == {"draft": 6}


def test_a_field_that_can_not_be_read_under_the_new_name_is_named(diff: Diff) -> None:
    found = diff(("time(payload.at)", "time(payload.currency)"))
    (unreadable,) = [each for each in found["changes"] if each["what"] == "unreadable"]
    assert (unreadable["rule"], unreadable["field"], unreadable["count"]) == ("bought", "event_at: bad-time", 6)


def test_why_events_are_gone_is_asked_of_the_rule_that_has_another_name(diff: Diff) -> None:
    (reason,) = diff(("type: paid", "type: refunded"))["gone_because"]
    assert (reason["rule"], reason["condition"]) == ("bought", "when type")


def test_a_rule_that_takes_the_name_of_another(diff: Diff) -> None:
    found = diff(("name: left", "name: paid"))
    assert (found["verdict"]["safe"], found["settings"]) == (True, [])
    (setting,) = diff(("name: left", "name: paid\n    valid: {until: 2030-01-01}"))["settings"]
    assert (setting["name"], setting["owner"], setting["was"]) == ("valid.until", "rule paid", "left")


def test_a_rule_whose_events_all_come_from_another_now_is_not_compared(diff: Diff) -> None:
    again = RULES.partition("rules:\n")[2].partition("  - name: left")[0]
    found = diff(("rules:\n", f"rules:\n{again.replace('type: paid', 'type: never')}"))
    assert found["verdict"]["safe"] is False
    (setting,) = found["settings"]
    assert (setting["owner"], setting["parts"]) == ("rule paid", ["when.type"])


def test_a_table_is_that_of_the_rules_that_use_it(diff: Diff, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for folder in ("new", "new/a"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "others.csv").write_text("plan,price\npro,10\nteam,99\n")
    found = diff(("plans: {file: plans.csv}", "plans: {file: others.csv}"))
    assert {each["name"] for each in found["settings"]} == {"file", "content of its file"}
    assert {each["owner"] for each in found["settings"]} == {"table plans"}
    assert diff(("plans:", "others: {file: others.csv}\n  plans:"))["verdict"]["safe"] is True
