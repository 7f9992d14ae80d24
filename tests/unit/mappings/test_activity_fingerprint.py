"""The version of conversations changes with all that decides their activities, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_chat import CHAT, LINKED, chat, linked

Load = Callable[..., Loaded]

BOTH = LINKED + CHAT.partition("source: {topics: [chat]}\n")[2]


def version(loaded: Loaded) -> str:
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    return loaded.ruleset.conversations_version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[chat]", "[chat, more]"),
        ("[chat]", "[chat], key: json"),
        ("conversations:", "when: {a: b}\nconversations:"),
        ("conversations:", "where: payload.a\nconversations:"),
        ("conversations:", "let: {a: = payload.a}\nconversations:"),
        ("support_chat", "chat"),
        ("role: user", "role: customer"),
        ("role: user", "role: [user]"),
        ("when:", "where: payload.a\n    when:"),
        ("payload.conversation_id", "payload.id"),
        ("payload.created_at", "payload.at"),
        ("payload.user_id", "payload.user"),
        ("external_user_id:", "user:"),
        ("keys: {", "keys: {email: = payload.email, "),
    ],
)
def test_what_decides_activities_changes_it(load_text: Load, old: str, new: str) -> None:
    assert version(load_text(chat(old, new))) != version(load_text(CHAT))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_delay: 1m", "max_delay: 2m"),
        ("max_delay: 1m", "product_id: ${PRODUCT_ID}"),
        ("name: support_chat", "name: support_chat\n    description: what people ask"),
        ("{role: user}", "\n      role: user  # not the bot"),
        ("version: 1", "# chats\nversion: 1"),
    ],
)
def test_what_decides_none_does_not(load_text: Load, old: str, new: str) -> None:
    assert version(load_text(chat(old, new))) == version(load_text(CHAT))


def test_rules_do_not_change_it_in_whatever_file_they_are(load_text: Load) -> None:
    assert version(load_text(CHAT, LINKED)) == version(load_text(LINKED, CHAT)) == version(load_text(CHAT))
    other = BOTH.replace("{type: x}", "{type: y}").replace("24h", "48h")
    assert version(load_text(BOTH)) == version(load_text(other)) != ""
    assert version(load_text(LINKED)) == version(load_text(linked("    link: {lookback: 24h}\n", ""))) == ""


def test_tables_that_conversations_read_change_it(tmp_path: Path) -> None:
    path, table = tmp_path / "chat.yaml", tmp_path / "users.csv"

    def of(text: str, rows: str) -> str:
        path.write_text(text)
        table.write_text(rows)
        return version(load([path], {}))

    used = chat(
        "conversations:", "tables: {users: {file: users.csv}}\nlet: {u: '= tables.users[payload.u].id'}\nconversations:"
    )
    used = used.replace("payload.user_id", "u")
    assert of(used, "key,id\na,1\n") == of(used, "key,id\na,1\n") != of(used, "key,id\na,2\n")
    unused = chat("conversations:", "tables: {users: {file: users.csv}}\nconversations:")
    assert of(unused, "key,id\na,1\n") == of(unused, "key,id\na,2\n")
