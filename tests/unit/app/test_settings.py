"""A run needs rules that can be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from greenflash_kafka.app.settings import load_rules, snapshot
from greenflash_kafka.config.model import Rules
from greenflash_kafka.errors import ConfigInvalid, MappingsInvalid
from tests.unit.rules.conftest import PRODUCT
from tests.unit.rules.one_chat import CHAT, LINKED


def test_files_of_conversations_alone_are_no_rules(tmp_path: Path) -> None:
    (tmp_path / "chat.yaml").write_text(CHAT)
    with pytest.raises(MappingsInvalid, match="have no rules"):
        load_rules([tmp_path], {})
    (tmp_path / "paid.yaml").write_text(LINKED)
    assert load_rules([tmp_path], {"PRODUCT_ID": PRODUCT}).rules == ("paid",)


@pytest.mark.parametrize("text", [LINKED + "      properties: {who: = hash(payload.user)}\n", "CHAT"])
def test_rules_that_hash_need_a_key(tmp_path: Path, text: str) -> None:
    chat = CHAT.replace("= payload.user_id", "= hash(payload.user_id)") if text == "CHAT" else CHAT
    (tmp_path / "chat.yaml").write_text(chat)
    (tmp_path / "paid.yaml").write_text(LINKED if text == "CHAT" else text)
    ruleset = load_rules([tmp_path], {"PRODUCT_ID": PRODUCT})
    with pytest.raises(ConfigInvalid, match=r"which .*\.yaml:\d+:\d+ calls: set GREENFLASH_KAFKA_HASH_KEY"):
        snapshot(Rules(), ruleset)
    assert snapshot(Rules(hash_key=SecretStr("k")), ruleset).context.hash_key == b"k"
