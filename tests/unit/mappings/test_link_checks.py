"""Links and conversations of all files are checked together: names and keys that only one side has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.conftest import PRODUCT
from tests.unit.rules.one_chat import CHAT, LINK, LINKED, chat, linked

Load = Callable[..., Loaded]

VOICE = chat("support_chat", "voice").replace("[chat]", "[calls]").replace("external_user_id", "phone")
OTHER_PRODUCT = "product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a12"


def said(loaded: Loaded) -> list[tuple[int, int, str, str, str]]:
    return [(one.line, one.column, one.code, one.message, one.hint) for one in loaded.findings]


@pytest.mark.parametrize(
    ("link", "column", "message", "hint"),
    [
        ("{lookback: 1h, to: suport_chat}", 30, "there is no conversation suport_chat", "did you mean support_chat?"),
        ("{lookback: 1h, to: [voice, x]}", 38, "there is no conversation x", "there is support_chat, voice"),
        (
            "{lookback: 1h, by: {external_userid: = payload.u}}",
            31,
            "no conversation has the key external_userid",
            "did you mean external_user_id?",
        ),
        (
            "{lookback: 1h, by: {email: = payload.e}}",
            31,
            "no conversation has the key email",
            "there is external_user_id, phone",
        ),
        (
            "{lookback: 1h, to: voice}",
            11,
            "voice doesn't have the key external_user_id, by which a link goes that has no `by`",
            "there is phone",
        ),
        ("{lookback: 1h, to: [support_chat, voice]}", 45, "voice has none of the keys of this link", "it has phone"),
    ],
)
def test_a_name_that_only_the_link_has(load_text: Load, link: str, column: int, message: str, hint: str) -> None:
    loaded = load_text(CHAT, VOICE, linked(LINK, f"link: {link}"))
    assert said(loaded) == [(6, column, "unknown-name", message, hint)]


def test_a_link_without_any_conversation_is_a_warning(load_text: Load) -> None:
    loaded = load_text(LINKED)
    assert [(one.line, one.column, one.code, one.severity) for one in loaded.findings] == [
        (6, 11, "no-conversations", "warning")
    ]
    assert loaded.ruleset is not None
    assert loaded.ruleset.waits_for("t") == ()


def test_one_file_alone_may_link_to_conversations_of_another(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    for text in (LINKED, linked(LINK, "link: {lookback: 1h, to: support_chat}")):
        path.write_text(text)
        assert load([path], {"PRODUCT_ID": PRODUCT}, whole=False).findings == ()


def test_a_conversation_with_mistakes_makes_no_mistakes_elsewhere(load_text: Load) -> None:
    broken = chat("id: = payload.conversation_id", "id: c-7")
    loaded = load_text(broken, linked(LINK, "link: {lookback: 1h, to: support_chat}"))
    assert [(one.line, one.code) for one in loaded.findings] == [(6, "no-expression")]


@pytest.mark.parametrize("to", ["", ", to: support_chat"])
def test_a_conversation_of_another_product_is_never_found(load_text: Load, to: str) -> None:
    loaded = load_text(chat("max_delay: 1m", OTHER_PRODUCT), linked(LINK, f"link: {{lookback: 1h{to}}}"))
    assert [(one.code, one.column) for one in loaded.findings] == [("link-to-other-product", 30 if to else 11)]
    assert loaded.ruleset is not None
    assert loaded.ruleset.waits_for("t") == ()


def test_one_of_the_right_product_is_enough(load_text: Load) -> None:
    second = chat("support_chat", "other").replace("[chat]", "[more]").replace("max_delay: 1m", OTHER_PRODUCT)
    loaded = load_text(CHAT, second, LINKED)
    assert loaded.findings == ()
    assert loaded.ruleset is not None
    assert loaded.ruleset.waits_for("t") == ("support_chat",)
