"""A run needs rules that can be loaded."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("format: avro", "paid.yaml: source: format avro needs schema_registry.url, or the schema of bare bytes"),
        ("format: avro, schema: o.avsc", "paid.yaml: source: o.avsc: "),
    ],
)
def test_a_format_that_no_message_could_be_read_by_ends_the_start(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "o.avsc").write_text('{"type": "recrod"}')
    (tmp_path / "chat.yaml").write_text(CHAT)
    (tmp_path / "paid.yaml").write_text(re.sub(r"topics: \[[^\]]*\]", lambda topics: f"{topics[0]}, {source}", LINKED))
    ruleset = load_rules([tmp_path], {"PRODUCT_ID": PRODUCT})
    with pytest.raises(MappingsInvalid, match=said):
        snapshot(Rules(), ruleset)


def test_mappings_that_are_not_there_are_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"mapings\. Correct `mappings`"):
        load_rules([tmp_path / "mapings"], {})
