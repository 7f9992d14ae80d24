"""`diff` says that a change is safe only if nothing that these messages don't show can be another one in production."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

RULES = """\
version: 1
source: {topics: [shop.v2]}
tables:
  plans: {file: plans.csv}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  external_user_id: = payload.user
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: bought
      influence: positive
      value: = tables.plans[payload.plan].price
      insert_id: = payload.id
      properties:
        plan: = payload.plan
        shop: = payload.shop
  - name: never
    description: None of these messages is one.
    when: {type: never}
    event:
      event_type: bought
      influence: neutral
      value: "1"
      properties: {a: "1", b: "2"}
  - name: left
    when: {type: left}
    event:
      event_type: left
      value: "1"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.yaml").write_text(RULES)
        (tmp_path / name / "plans.csv").write_text("plan,price\npro,10\nteam,20\n")
    writer = RecordingWriter(tmp_path / "week.ndjson", RecordingHeader(1, "-", {}, (OffsetRange("shop.v2", 0, 0, 10),)))
    writer.write([_message(number) for number in range(10)])
    writer.close()
    return tmp_path


def _message(offset: int) -> Message:
    payload = {"type": "paid" if offset < 6 else "left", "id": f"i-{offset}", "user": "u", "plan": "pro", "shop": "s"}
    return Message("shop.v2", 0, offset, 1_790_000_000_000 + offset, value=json.dumps(payload).encode())


def _diff(capfd: pytest.CaptureFixture[str], *flags: str, code: int = 0) -> str:
    capfd.readouterr()
    assert run(["diff", "old", "new", "--from", "week.ndjson", *flags]) == code
    return capfd.readouterr().out


def _edit(folder: Path, *changes: tuple[str, str]) -> None:
    text = RULES
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    (folder / "new/shop.yaml").write_text(text)


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        (
            ("[shop.v2]", "['/shop[.]v[0-9]+/']"),
            "Not known whether it is safe",
            "/shop[.]v[0-9]+/ is read now (new/shop.yaml:2); a recording doesn't tell which topics of the cluster fit",
        ),
        (("[shop.v2]", "[shop.v2, shop.v1]"), "Not known", "NOT COMPARED: shop.v1 has other rules"),
        (
            ("{type: never}", "{type: [never, no]}"),
            "Check",
            "rule never differs (new/shop.yaml:21: when.type), and gives",
        ),
        (
            ("plan: = payload.plan", "plan: pro"),
            "Check",
            "event.properties.plan of rule paid (new/shop.yaml:17)",
        ),
        (("rules:", "first_match: true\nrules:"), "Check", "first_match of rules paid, left (new/shop.yaml:8)"),
        (("neutral", "negative"), "Check", "rule never differs (new/shop.yaml:24: event.influence), and gives no"),
        (("name: never", "name: other"), "Check", "rule other, which only the new rules have, gives no event of these"),
        (("when: {type: never}", "draft: true\n    when: {type: never}"), "Check", "draft of rule never, none -> true"),
        (
            ("{type: paid}", "{type: [paid, charged]}"),
            "Check",
            "changed, and no message here shows what it does: when.type of rule paid (new/shop.yaml:10)",
        ),
        (
            ("plan: = payload.plan", 'plan: = payload.plan if payload.shop != "gift" else "none"'),
            "Check",
            "changed, and no message here shows what it does: event.properties.plan of rule paid (new/shop.yaml:17)",
        ),
        (("= payload.id", "= trim(payload.id)"), "Check", "event.insert_id of rule paid (new/shop.yaml:15)"),
        (("= payload.id", "= coalesce(payload.plan_id, payload.id)"), "Check", "event.insert_id of rule paid"),
        (("payload.user", "lower(payload.user)"), "Check", "event.external_user_id of rules paid, left (new/shop.y"),
        (
            ("\n  external_user_id: = payload.user", ""),
            "Not safe",
            "event.external_user_id), and gives no event of these",
        ),
        (
            ('\n      value: "1"\n      prop', '\n      value: "1"\n      conversation_id: ${CHAT}\n      prop'),
            "Check",
            "the new rules need the variable CHAT, which the old ones don't name (new/shop.yaml:26)",
        ),
    ],
)
def test_what_these_messages_do_not_show(
    folder: Path, capfd: pytest.CaptureFixture[str], change: tuple[str, str], verdict: str, said: str
) -> None:
    _edit(folder, change)
    found = _diff(capfd)
    assert found.startswith(verdict)
    assert said in found
    assert "Nothing changes for these messages." not in found
    assert ":white_check_mark:" not in _diff(capfd, "--markdown")
    _diff(capfd, "--fail-on", "any", code=1)


def test_rows_of_a_table_that_no_message_asks_for(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "new/plans.csv").write_text("plan,price\npro,10\nteam,25\n")
    found = _diff(capfd)
    assert found.startswith("Check before you merge: nothing changes for these messages; not compared, or only in part")
    assert "content of its file of table plans" in found


def test_topics_that_are_left_out_are_not_compared(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = RULES.replace("shop.v2", "other.v1").replace("paid\n", "paid_other\n").replace("never\n", "never_other\n")
    for name, text in (("old", other), ("new", other.replace('"1"', '"2"'))):
        (folder / name / "other.yaml").write_text(text.replace("name: left", "name: left_other"))
    (folder / "new/shop.yaml").write_text("# for people\n" + RULES)
    found = _diff(capfd, "--topic", "shop.v2")
    assert found.startswith("Not known whether it is safe to merge")
    assert "NOT COMPARED, though the rules differ: other.v1" in found


def test_a_pattern_that_no_topic_here_fits_is_not_compared(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, text in (("old", RULES), ("new", RULES.replace("= payload.id", "= payload.user"))):
        (folder / name / "shop.yaml").write_text(text.replace("[shop.v2]", "['/else.*/']"))
    found = _diff(capfd)
    assert not found.startswith("Safe")
    assert "NOT COMPARED, though the rules differ: /else.*/" in found


@pytest.mark.parametrize(
    "change",
    [
        ("version: 1", "# a comment\nversion: 1"),
        ("None of these messages is one.", "Something else for people."),
        (
            "        plan: = payload.plan\n        shop: = payload.shop\n",
            "        shop: = payload.shop\n        plan: = payload.plan\n",
        ),
        ('{a: "1", b: "2"}', '{b: "2", a: "1"}'),
        ("name: left", "name: gone_away"),
        ("when: {type: paid}", 'where: payload.type == "paid"'),
        ("when: {type: paid}", "when: {payload.type: [paid]}"),
        ("= payload.plan\n", "=  ( payload .plan )\n"),
        (
            "    when: {type: paid}\n    event:",
            "    when: {type: paid}\n    let: {p: = payload}\n    event:\n      external_user_id: = p.user",
        ),
    ],
)
def test_comments_descriptions_names_and_order_are_safe(
    folder: Path, capfd: pytest.CaptureFixture[str], change: tuple[str, str]
) -> None:
    _edit(folder, change)
    if change[0] == "name: left":
        # An id without insert_id has the rule's name.
        _edit(folder, change, ("event_type: left", "event_type: left\n      insert_id: = payload.id"))
        text = RULES.replace("event_type: left", "event_type: left\n      insert_id: = payload.id")
        (folder / "old/shop.yaml").write_text(text)
    assert _diff(capfd, "--fail-on", "any").startswith("Safe to merge")


def test_a_draft_is_not_sent_and_may_be_any(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    draft = RULES.replace("when: {type: left}", "draft: true\n    when: {type: left}")
    (folder / "old/shop.yaml").write_text(draft)
    (folder / "new/shop.yaml").write_text(draft.replace("event_type: left", "event_type: went"))
    assert _diff(capfd).startswith("Safe to merge")


def test_influence_may_move_to_the_defaults_of_a_rule_that_takes_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    moved = RULES.replace("      influence: neutral\n", "").replace("defaults:\n", "defaults:\n  influence: neutral\n")
    (folder / "new/shop.yaml").write_text(
        moved.replace("event_type: left", "event_type: left\n      influence: neutral")
    )
    (folder / "old/shop.yaml").write_text(
        RULES.replace("event_type: left", "event_type: left\n      influence: neutral")
    )
    assert _diff(capfd).startswith("Safe to merge")


def test_the_condition_for_which_events_are_gone_is_named(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _edit(folder, ("defaults:", "when: {invoice.deleted: false}\ndefaults:"))
    found = _diff(capfd)
    assert "are gone: no rule matches any longer, and no dead letter tells it" in found
    said = "paid: when invoice.deleted (new/shop.yaml:5), a field that these messages lack: 6 of 6 that were looked at"
    assert said in found
    reasons: Any = json.loads(_diff(capfd, "--json"))["gone_because"]
    assert {(each["rule"], each["missing"]) for each in reasons} == {("paid", True), ("left", True)}


def test_the_rule_whose_name_makes_the_id_is_named(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _edit(folder, ("name: left", "name: gone_away"))
    verdict = _diff(capfd).splitlines()[0]
    assert "the rule's name makes the id: a rule without insert_id whose name changed; give it an insert_id" in verdict


def test_a_rule_that_moved_to_a_file_of_another_topic(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    head, rules = RULES.split("rules:\n")
    never = "  - name: never" + rules.split("  - name: never")[1].split("  - name: left")[0]
    other = "  - name: other\n    when: {type: other}\n    event: {event_type: other, value: '1'}\n"
    for name in ("old", "new"):
        moved = never if name == "new" else ""
        (folder / name / "shop.yaml").write_text(RULES if name == "old" else RULES.replace(never, ""))
        (folder / name / "z.yaml").write_text(f"{head.replace('shop.v2', 'other.v1')}rules:\n{other}{moved}")
    found = _diff(capfd, "--topic", "shop.v2")
    assert "source.topics of rule never, shop.v2 -> other.v1 (new/z.yaml:2)" in found


def test_a_rule_whose_messages_are_all_invalid_is_not_compared(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = RULES.replace(
        'event_type: left\n      value: "1"', "event_type: left\n      value: = number(payload.shop)"
    )
    (folder / "old/shop.yaml").write_text(broken)
    (folder / "new/shop.yaml").write_text(broken.replace("number(payload.shop)", "number(payload.user)"))
    found = _diff(capfd)
    assert found.startswith("Check before you merge: nothing changes for these messages; not compared")
    assert "rule left differs (new/shop.yaml:31: event.value), and gives no event of these messages" in found
