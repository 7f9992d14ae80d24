"""Questions of links: each is told to be the one of the event that asks it, whoever else asks the same."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka import asked_questions
from greenflash_kafka.asked_questions import AskedQuestions, questions_of
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.conversations import Question
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot
from tests.unit.link_study.linked_shop import CHATS, T0

RULES = """\
version: 1
source: {topics: [orders]}
link: {lookback: 7d}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  external_user_id: = item.user
  influence: positive
  value: = text(number(item.value))
rules:
  - name: bought
    each: = payload.items
    link:
      - {by: {email: = item.mail}, lookback: 7d}
      - {lookback: 7d}
    event: {event_type: upgrade_purchased, insert_id: '= concat(item.id, "b")'}
  - name: thought
    draft: true
    each: = payload.items
    event: {event_type: trial_started, insert_id: '= concat(item.id, "t")'}
  - name: seen
    each: = payload.items
    event: {event_type: trial_cancelled, insert_id: '= concat(item.id, "s")'}
"""
ITEM = st.fixed_dictionaries(
    {
        "user": st.sampled_from(["u", "v", None]),
        "mail": st.sampled_from(["a@b.c", None]),
        "value": st.sampled_from("1-"),
    }
)
Item = dict[str, str | None]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "chats.yaml").write_text(CHATS)
    (folder / "orders.yaml").write_text(RULES)
    loaded = load([folder], {})
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset.with_drafts_muted())


def asked_by(snapshot: Snapshot, items: list[Item]) -> tuple[dict[str, tuple[Question, ...]], Outcome, int]:
    """The questions by insert_id, the outcome, and how often it was evaluated."""
    for number, each in enumerate(items):
        each["id"] = f"{number}"
    message = Message("orders", 0, 0, T0, value=json.dumps({"items": items}).encode())
    asked = AskedQuestions()
    asking = snapshot.with_context(msgspec.structs.replace(snapshot.context, conversations=asked))
    times = 0

    def outcome() -> Outcome:
        nonlocal times
        times += 1
        found = evaluate(message, asking)
        assert isinstance(found, Outcome)
        return found

    first = outcome()
    return questions_of(first, asked, outcome), first, times


def keys_of(item: Item, rule: str) -> list[tuple[str, str]]:
    """The keys of the questions that the rules above ask of an item."""
    ways = [("email", item["mail"])] if rule == "b" else []
    return [(name, value) for name, value in (*ways, ("external_user_id", item["user"])) if value]


@given(items=st.lists(ITEM, max_size=6))
@settings(max_examples=60, deadline=None)
def test_each_question_is_that_of_the_event_that_asks_it(snapshot: Snapshot, items: list[Item]) -> None:
    found, outcome, _ = asked_by(snapshot, items)
    expected = {
        each.insert_id: keys
        for each in outcome.events
        if (keys := keys_of(items[int(each.insert_id.split(":")[1][:-1])], each.insert_id[-1]))
    }
    assert {name: [key for each in asked for key in each.keys] for name, asked in found.items()} == expected
    assert len(outcome.events) == 2 * sum(each["value"] == "1" for each in items)


def test_what_would_take_too_long_to_tell_apart_is_left_out(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    items: list[Item] = [{"user": "u", "mail": "a@b.c", "value": "1"} for _ in range(3)]
    assert len(asked_by(snapshot, items)[0]) == 6
    monkeypatch.setattr(asked_questions, "MOST", 4)
    found, _, times = asked_by(snapshot, items)
    assert times == 5
    assert all(
        [key for each in asked for key in each.keys] == keys_of(items[0], name[-1]) for name, asked in found.items()
    )
    assert len(found) < 6


def test_one_event_alone_is_evaluated_once(tmp_path: Path) -> None:
    (tmp_path / "chats.yaml").write_text(CHATS)
    (tmp_path / "orders.yaml").write_text(RULES[: RULES.index("  - name: thought")])
    loaded = load([tmp_path], {})
    assert loaded.ruleset is not None, loaded.findings
    found, _, times = asked_by(Snapshot(loaded.ruleset), [{"user": "u", "mail": "a@b.c", "value": "1"}])
    assert (times, [len(each) for each in found.values()]) == (1, [2])
