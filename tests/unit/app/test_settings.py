"""A run needs rules that can be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.app.settings import load_rules
from greenflash_kafka.errors import MappingsInvalid
from tests.unit.rules.conftest import PRODUCT
from tests.unit.rules.one_chat import CHAT, LINKED


def test_files_of_conversations_alone_are_no_rules(tmp_path: Path) -> None:
    (tmp_path / "chat.yaml").write_text(CHAT)
    with pytest.raises(MappingsInvalid, match="have no rules"):
        load_rules([tmp_path], {})
    (tmp_path / "paid.yaml").write_text(LINKED)
    assert load_rules([tmp_path], {"PRODUCT_ID": PRODUCT}).rules == ("paid",)
