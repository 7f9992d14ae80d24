"""Readers of bodies are remembered by the schema's key; the least recently used go."""

from __future__ import annotations

from weakref import WeakSet

import pytest

from greenflash_kafka.decoding import body_readers
from greenflash_kafka.decoding.body_readers import BodyReaders, schema_text
from greenflash_kafka.model.schema import Schema

TEXT = Schema("avro", '"string"')


def test_all_topics_together_keep_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_readers, "MOST", 4)
    siblings: WeakSet[BodyReaders] = WeakSet()
    first, second = BodyReaders(None, siblings), BodyReaders(None, siblings)
    for key in (1, 2, 3):
        assert first.read(key, TEXT, b"\x02a", None) == ("a", "string")
    first.read(1, TEXT, b"\x02a", None)
    for key in (1, 2):
        second.read(key, TEXT, b"\x02a", None)
    assert (len(first), len(second)) == (2, 2)
    # The one that was used again is kept.
    made: list[int | bytes] = []
    third = BodyReaders({"x": None}, siblings, lambda key, _: made.append(key))
    del second
    assert sum(map(len, siblings)) == 2
    third.read(1, TEXT, b"\x02a", None)
    third.read(1, TEXT, b"\x02a", None)
    assert made == [1]


@pytest.mark.parametrize(
    ("key", "schema", "text"),
    [
        (7, TEXT, "schema 7"),
        (7, Schema("avro", "", subject="orders-value", version=3), "schema 7 (orders-value v3)"),
        (bytes(16), Schema("avro", "", subject="o"), "schema 00000000-0000-0000-0000-000000000000 (o)"),
        (None, Schema("avro", "", subject="orders.avsc"), "schema orders.avsc"),
    ],
)
def test_a_schema_has_a_name_for_people(key: int | bytes | None, schema: Schema, text: str) -> None:
    assert schema_text(key, schema) == text
