"""The bound on a Protobuf message's memory: short bytes that are many messages."""

from __future__ import annotations

import tracemalloc

import pytest

from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.model.schema import Schema

FIELDS = " ".join(f"int64 f{number} = {number};" for number in range(2, 1_000))
WIDE = Schema(
    "protobuf",
    'syntax = "proto3"; import "google/protobuf/any.proto";'
    f"message M {{ repeated W wide = 1; repeated W.E end = 2; google.protobuf.Any any = 3; string text = 4; }}"
    f"message W {{ M inner = 1; {FIELDS} message E {{ int32 n = 1; }} }}",
)


@pytest.mark.parametrize("shape", [None, {"text": None}], ids=["whole", "part"])
@pytest.mark.parametrize("body", [b"\x0a\x00" * 50_000, b"\x0a\x02\x0a\x00" * 50_000], ids=["empty", "nested"])
def test_many_messages_in_few_bytes_are_refused_before_they_are_made(body: bytes, shape: None) -> None:
    reader = body_reader(WIDE, shape, "M")
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match=r"more than \d+ MB of memory"):
            reader.read(body)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_large_message_of_few_messages_is_read() -> None:
    body = b"\x0a\x00" * 500 + b"\x22\x80\x80\x40" + b"x" * 2**20
    payload = body_reader(WIDE, {"text": None}, "M").read(body)
    assert payload == {"text": "x" * 2**20}


def test_a_message_of_small_messages_may_have_a_million_bytes() -> None:
    payload = body_reader(WIDE, {"end": None}, "M").read(b"\x12\x02\x08\x01" * 250_000)
    assert payload == {"end": [{"n": 1}] * 250_000}


def test_anys_share_the_bound() -> None:
    """Each of them is small enough alone."""
    inner = b"\x0a\x00" * 400
    any_of = b"\x0a\x03x/M\x12" + bytes([len(inner) & 127 | 128, len(inner) >> 7]) + inner
    text = 'syntax = "proto3"; import "google/protobuf/any.proto"; message N { repeated google.protobuf.Any any = 1; }'
    schema = Schema("protobuf", WIDE.text + text.removeprefix('syntax = "proto3"; import "google/protobuf/any.proto";'))
    field = b"\x0a" + bytes([len(any_of) & 127 | 128, len(any_of) >> 7]) + any_of
    reader = body_reader(schema, None, "N")
    assert reader.read(field)
    with pytest.raises(DecodeError, match="more than"):
        reader.read(field * 10)
    assert reader.read(field)
