"""Conversations of mapping files compile; each mistake has a finding at its place that says what to write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.conversations import ConversationSource
from tests.unit.rules.conftest import PRODUCT
from tests.unit.rules.one_chat import CHAT, chat

Load = Callable[..., Loaded]

ID = "id: = payload.conversation_id"
AT = "at: = time(payload.created_at)"
KEYS = "keys: {external_user_id: = payload.user_id}"
DELAY = "max_delay: 1m"


def said(loaded: Loaded) -> list[tuple[int, int, str, str]]:
    return [(finding.line, finding.column, finding.code, finding.hint) for finding in loaded.findings]


def sources(loaded: Loaded) -> tuple[ConversationSource, ...]:
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    return loaded.ruleset.sources


def test_a_file_of_conversations_needs_no_rules_and_gives_sources(load_text: Load) -> None:
    loaded = load_text(chat(DELAY, "product_id: ${PRODUCT_ID}"))
    assert loaded.findings == ()
    assert sources(loaded) == (ConversationSource("support_chat", ("external_user_id",), 60_000, PRODUCT),)
    ruleset = loaded.ruleset
    assert ruleset is not None
    assert (ruleset.topics, ruleset.conversation_topics, ruleset.rules) == ((), ("chat",), ())


def test_greenflashs_own_id_is_written_by_another_key(load_text: Load) -> None:
    assert [source.greenflash_id for source in sources(load_text(chat("id:", "greenflash_id:")))] == [True]
    assert [source.greenflash_id for source in sources(load_text(CHAT))] == [False]


def test_a_product_that_is_not_known_here_is_nobodys(load_text: Load) -> None:
    loaded = load_text(chat(DELAY, "product_id: ${ELSEWHERE}"), strict_env=False)
    assert [finding.code for finding in loaded.findings] == ["unset-env"]
    assert [source.product_id for source in sources(loaded)] == [None]


def test_no_condition_is_needed(load_text: Load) -> None:
    assert load_text(chat("    when: {role: user}\n", "")).findings == ()


BEFORE = "before its first line, and indent the others:"


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code", "hint"),
    [
        (ID, "id: payload.conversation_id", 6, 9, "no-expression", "= payload.conversation_id"),
        (ID, "id:", 7, 5, "no-expression", "e.g. id: = payload...."),
        (ID, "id: ${CHAT}", 6, 9, "no-expression", ""),
        (ID, 'id: = "c"', 6, 9, "constant-id", "e.g. = payload.conversation_id"),
        (ID, "id: = payload.a == 1", 6, 9, "wrong-type", "use the text or number that tells one from the other"),
        (ID, "id: {a: b}", 6, 9, "wrong-type", "put the whole expression in quotes"),
        (ID, "idd: = payload.a", 6, 5, "unknown-key", "did you mean id?"),
        (ID, "external_conversation_id: = payload.c", 6, 5, "unknown-key", "write id"),
        (
            ID,
            "conversation_id: = payload.c",
            6,
            5,
            "unknown-key",
            "write id, or greenflash_id if it is Greenflash's own",
        ),
        (ID, "description: x", 4, 5, "missing-key", "e.g. id: = payload.conversation_id"),
        (ID, "id: = payload.a\n    greenflash_id: = payload.b", 7, 5, "wrong-type", "keep one of them"),
        (AT, "at: created_at", 7, 9, "no-expression", "= created_at"),
        (AT, "at: = payload.created_at * 1", 7, 9, "wrong-type", 'write time(..., "s")'),
        (KEYS, "description: x", 4, 5, "missing-key", "e.g. keys: {external_user_id: = payload.user_id}"),
        (KEYS, "keys: external_user_id", 8, 11, "wrong-type", "e.g. {external_user_id: = payload.user_id}"),
        (KEYS, "keys: [external_user_id]", 8, 11, "wrong-type", "e.g. {external_user_id: = payload.user_id}"),
        (KEYS, "keys: {}", 8, 11, "wrong-type", "e.g. {external_user_id: = payload.user_id}"),
        (KEYS, "keys: {external_user_id: payload.user_id}", 8, 30, "no-expression", "= payload.user_id"),
        (KEYS, "keys: {external-user-id: = payload.user_id}", 8, 12, "bad-name", "write external_user_id"),
        (KEYS, 'keys: {user: = "all"}', 8, 18, "constant-key", "use whose the conversation is, or leave it out"),
        (KEYS, "key: {external_user_id: = payload.u}", 8, 5, "unknown-key", "did you mean keys?"),
        (
            KEYS,
            "external_user_id: = payload.u",
            8,
            5,
            "unknown-key",
            "it belongs under `keys`: external_user_id: = payload....",
        ),
        (KEYS, "keys: {user: = item.x}", 8, 20, "unknown-name", "payload.item, if it is a field"),
        (DELAY, "max_delay: 60", 9, 16, "bad-duration", "say the unit: 60s, 60m, 60h, 60d"),
        (DELAY, "max_delay: 2h", 9, 16, "bad-duration", "write 1h"),
        (DELAY, "max_delay: 2s", 9, 16, "short-max-delay", ""),
        (DELAY, "max_delay: 0s", 9, 16, "short-max-delay", ""),
        (DELAY, "delay: 1m", 9, 5, "unknown-key", "write max_delay"),
        (DELAY, "product_id: abc", 9, 17, "not-allowed", ""),
        (DELAY, "product_id: = payload.p", 9, 17, "wrong-type", "leave it out if it depends on the message"),
        (DELAY, "product_id: ${NOPE}", 9, 17, "missing-env", "set NOPE"),
        (
            DELAY,
            "event: {event_type: x}",
            9,
            5,
            "unknown-key",
            "a conversation gives no event; an event belongs to a rule, under `rules`",
        ),
        (DELAY, "lookback: 24h", 9, 5, "unknown-key", "it belongs under `link`, of the rules that are linked"),
        (DELAY, "link: {lookback: 24h}", 9, 5, "unknown-key", "`link` belongs to the file, beside `conversations`"),
        (DELAY, "valid: {from: 2026-01-01}", 9, 5, "unknown-key", None),
        (DELAY, "where: payload.n", 9, 0, "", None),
        ("name: support_chat", "description: x", 4, 5, "missing-key", "e.g. name: support_chat"),
        ("name: support_chat", "name: support chat", 4, 11, "bad-name", ""),
        ("conversations:\n", "conversation:\n", 3, 1, "unknown-key", "write conversations, a list"),
        (
            "  - name",
            "    name",
            4,
            5,
            "wrong-type",
            "write a dash before its first line, and indent the others: - name: support_chat",
        ),
        ("conversations:\n", "link: {lookback: 1h}\nconversations:\n", 3, 1, "link-without-rules", ""),
        (
            "conversations:\n",
            "ignored: [{when: {a: 1}, because: b}]\nconversations:\n",
            3,
            1,
            "ignored-without-rules",
            "",
        ),
        ("conversations:\n", "defaults: {value: 1}\nconversations:\n", 3, 1, "defaults-without-rules", ""),
    ],
)
def test_a_mistake_is_one_finding_that_says_what_to_write(
    load_text: Load, old: str, new: str, line: int, column: int, code: str, hint: str | None
) -> None:
    found = said(load_text(chat(old, new)))
    expected = [(line, column, code)] if code else []
    assert [each[:3] for each in found] == expected
    assert hint is None or found[0][3] == hint


@pytest.mark.parametrize(
    ("new", "codes"),
    [
        ("description: x", ["no-activity-time"]),
        ("at: = kafka.timestamp", []),
        ("event_at: = payload.x", ["no-activity-time", "unknown-key"]),
    ],
)
def test_the_time_of_the_interaction_is_asked_for(load_text: Load, new: str, codes: list[str]) -> None:
    assert [finding.code for finding in load_text(chat(AT, new)).findings] == codes


def test_a_file_needs_rules_or_conversations(load_text: Load) -> None:
    (finding,) = load_text("version: 1\nsource: {topics: [t]}\n").findings
    assert finding.message == "a mapping file needs `rules` or `conversations`"


def test_names_are_unique_over_all_files(load_text: Load) -> None:
    other = chat("topics: [chat]", "topics: [other]")
    assert [each[:3] for each in said(load_text(CHAT, other))] == [(4, 11, "duplicate-name")]
    assert load_text(CHAT, other.replace("support_chat", "voice")).findings == ()
