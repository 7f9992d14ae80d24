"""A message of a conversation topic gives activities: ids and keys as text, times in milliseconds, nothing guessed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from greenflash_kafka.evaluate import activities
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot
from tests.unit.rules.one_chat import CHAT, chat

Load = Callable[..., Loaded]

AT = 1_794_999_000_123
STAMP = 1_795_000_000_000
MESSAGE = {"role": "user", "conversation_id": "c-7", "user_id": "u-5", "created_at": "2026-11-18T10:50:00.1239Z"}


def found(loaded: Loaded, value: object, stamp: int | None = STAMP) -> Activities:
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    data = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    result = activities(
        Message("chat", 0, 0, value=data, timestamp_ms=-1 if stamp is None else stamp), Snapshot(loaded.ruleset)
    )
    assert isinstance(result, Activities)
    return result


def test_an_interaction_is_whose_and_when_the_file_says(load_text: Load) -> None:
    activity = Activity("support_chat", None, "c-7", AT, (("external_user_id", "u-5"),))
    assert found(load_text(CHAT), MESSAGE) == Activities((activity,))


@pytest.mark.parametrize("value", [{**MESSAGE, "role": "bot"}, None, b"null"])
def test_other_messages_and_tombstones_give_nothing(load_text: Load, value: object) -> None:
    assert found(load_text(CHAT), value) is NO_ACTIVITIES


def test_a_tombstone_gives_nothing_even_if_a_condition_asks_for_it(load_text: Load) -> None:
    text = chat("when: {role: user}", "where: not exists(payload.role)").replace("payload.conversation_id", "kafka.key")
    assert found(load_text(text), None) is NO_ACTIVITIES


def test_numbers_are_ids_by_their_text(load_text: Load) -> None:
    data = json.dumps({**MESSAGE, "conversation_id": 12, "user_id": 0}).replace('"user_id": 0', '"user_id": 5.50')
    activity = Activity("support_chat", None, "12", AT, (("external_user_id", "5.5"),))
    assert found(load_text(CHAT), data.encode()).found == (activity,)


@pytest.mark.parametrize("empty", [None, ""])
def test_a_key_without_a_value_is_left_out(load_text: Load, empty: object) -> None:
    text = chat("keys: {", "keys: {email: = lower(payload.email), ")
    result = found(load_text(text), {**MESSAGE, "email": empty})
    assert [activity.keys for activity in result.found] == [(("external_user_id", "u-5"),)]
    assert result.problems == ()


def test_what_nobody_could_find_is_no_activity_and_no_problem(load_text: Load) -> None:
    assert found(load_text(CHAT), {**MESSAGE, "user_id": None}) is NO_ACTIVITIES


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"conversation_id": None}, "missing", "id"),
        ({"conversation_id": ""}, "missing", "id"),
        ({"conversation_id": ["c"]}, "type-mismatch", "id"),
        ({"conversation_id": True}, "type-mismatch", "id"),
        ({"conversation_id": "c" * 1_025}, "limit", "id"),
        ({"created_at": None}, "missing", "at"),
        ({"created_at": "yesterday"}, "bad-time", "at"),
        ({"created_at": 1_794_999_000}, "bad-time", "at"),
        ({"created_at": "1969-12-31T23:59:59Z"}, "bad-time", "at"),
    ],
)
def test_what_has_no_id_or_no_time_is_a_problem(
    load_text: Load, change: dict[str, object], code: str, field: str
) -> None:
    result = found(load_text(CHAT), {**MESSAGE, **change})
    assert result.found == ()
    assert [(one.code, one.field, one.rule) for one in result.problems] == [(code, field, "support_chat")]


@pytest.mark.parametrize(
    ("email", "code"), [({"a": 1}, "type-mismatch"), (["a@b"], "type-mismatch"), (False, "type-mismatch")]
)
def test_a_key_in_error_is_a_problem_and_the_others_count(load_text: Load, email: object, code: str) -> None:
    text = chat("keys: {", "keys: {email: = payload.email, ")
    result = found(load_text(text), {**MESSAGE, "email": email})
    assert [activity.keys for activity in result.found] == [(("external_user_id", "u-5"),)]
    assert [(one.code, one.field) for one in result.problems] == [(code, "keys.email")]


def test_the_records_timestamp_is_the_time_if_the_file_says_none(load_text: Load) -> None:
    text = chat("    at: = time(payload.created_at)\n", "")
    assert [activity.at for activity in found(load_text(text), MESSAGE).found] == [STAMP]
    for stamp, code in ((None, "missing"), (-5, "bad-time"), (1 << 62, "bad-time")):
        assert [one.code for one in found(load_text(text), MESSAGE, stamp).problems] == [code]


def test_a_time_may_be_given_as_its_text(load_text: Load) -> None:
    text = chat("at: = time(payload.created_at)", "at: = payload.created_at")
    assert [activity.at for activity in found(load_text(text), MESSAGE).found] == [AT]


def test_greenflashs_own_ids_are_uuids(load_text: Load) -> None:
    text = chat("    id:", "    greenflash_id:")
    problems = found(load_text(text), MESSAGE).problems
    assert [(one.code, one.field) for one in problems] == [("not-allowed", "greenflash_id")]
    uuid = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
    assert [one.conversation for one in found(load_text(text), {**MESSAGE, "conversation_id": uuid}).found] == [uuid]


def test_each_item_of_a_list_is_an_interaction(load_text: Load) -> None:
    text = """\
    version: 1
    source: {topics: [chat]}
    let: {call: = payload.call}
    conversations:
      - name: voice
        each: = call.messages
        when: {item.role: user}
        id: = call.id
        at: = item.at
        keys:
          phone: = tables.phones[call.phone].user
    tables: {phones: {"+49": {user: u-1}}}
    """
    said = [{"role": "user", "at": "2026-11-18T10:50:00Z"}, {"role": "bot", "at": 1}, {"role": "user"}]
    result = found(load_text(text), {"call": {"id": 9, "phone": "+49", "messages": said}})
    assert result.found == (Activity("voice", 0, "9", 1_794_999_000_000, (("phone", "u-1"),)),)
    assert [(one.code, one.item, one.field) for one in result.problems] == [("missing", 2, "at")]


def test_the_files_conditions_hold_for_its_conversations_and_all_of_them_are_tried(load_text: Load) -> None:
    text = chat("conversations:\n", "when: {kind: text}\nfirst_match: true\nconversations:\n")
    second = text.partition("conversations:\n")[2].replace("support_chat", "other")
    loaded = load_text(text + second)
    assert [one.rule for one in found(loaded, {**MESSAGE, "kind": "text"}).found] == ["support_chat", "other"]
    assert found(loaded, MESSAGE) is NO_ACTIVITIES


def test_only_what_conversations_read_is_decoded(load_text: Load) -> None:
    loaded = load_text(CHAT)
    assert loaded.ruleset is not None
    rules = loaded.ruleset.conversations_for("chat")
    assert rules is not None
    assert rules.shape == {"conversation_id": None, "created_at": None, "role": None, "user_id": None}
