from __future__ import annotations

import pytest

from greenflash_kafka.cli.seen_schemas import keys_of
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.schema import SchemaKey


@pytest.mark.parametrize(
    ("key", "value", "headers", "keys"),
    [
        (None, b"\x00\x00\x00\x00\x07\x02", (), [7]),
        (b"\x00\x00\x00\x00\x08a", b"\x00\x00\x00\x00\x07\x02", (), [7, 8]),
        (b"text", b'{"a": 1}', (), []),
        (None, None, (), []),
        (None, b"\x00\x00", (), []),
        (None, b"body", (("__value_schema_id", b"\x01" + bytes(range(16))),), [bytes(range(16))]),
    ],
)
def test_keys_are_found_in_value_and_key(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes | None], ...], keys: list[SchemaKey]
) -> None:
    assert list(keys_of(Message("orders", 0, 1, 0, key, value, headers))) == keys
