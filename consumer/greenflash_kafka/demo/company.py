"""The made-up company's mappings: the shipped rules, with its own tables, and as fast a chat service as it has."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from greenflash_kafka.demo import billing, crm

MAX_DELAY_MS: Final = 1000
"""So late a message of the company's chats may be, in milliseconds."""

_SHIPPED_DELAY: Final = "max_delay: 10s"
_CHAT: Final = Path("chat/support.yaml")
_NOT_USED: Final = ("intercom.yaml", "intercom_test.yaml")
"""The company has no Intercom, and whoever links waits for every source that there is."""

_TABLES: Final = {Path("billing/charges.csv"): billing.charges, Path("crm/deals.csv"): crm.deals}


def copy_mappings(shipped: Path, folder: Path, first: int = 0) -> Path:
    """A copy of the shipped mappings, made in this folder, for the company whose first message has this number."""
    copy = folder / "mappings"
    shutil.copytree(shipped, copy, ignore=shutil.ignore_patterns(*_NOT_USED))
    for table, rows in _TABLES.items():
        (copy / table).write_text(rows(first), encoding="utf-8")
    chat = copy / _CHAT
    rules = chat.read_text(encoding="utf-8")
    chat.write_text(rules.replace(_SHIPPED_DELAY, f"max_delay: {MAX_DELAY_MS // 1000}s"), encoding="utf-8")
    return copy
