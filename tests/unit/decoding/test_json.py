"""Bytes that are JSON give exact payloads; everything else gives a DecodeError and nothing else."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding.json import MAX_BYTES, DecodeError, decode
from greenflash_kafka.model.payload import MAX_DEPTH


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        (b"null", None),
        (b'{"a": 9007199254740993}', {"a": 9007199254740993}),
        (b"18446744073709551617", 18446744073709551617),
        (b"0.1", Decimal("0.1")),
        (b"123456789012345678.99", Decimal("123456789012345678.99")),
        (b"1e3", Decimal(1000)),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"\\u0000"', "\0"),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)),
    ],
)
def test_json_gives_an_exact_payload(text: bytes, payload: object) -> None:
    assert decode(text) == payload
    assert type(decode(text)) is type(payload)


POISON = {
    "empty": b"",
    "blank": b" \n",
    "cut off": b'{"id": ',
    "two values": b"1 2",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "not UTF-8": b'{"a": "\xff"}',
    "a key that isn't UTF-8": b'{"\xff": 1}',
    "an encoded surrogate": b'"\xed\xa0\x80"',
    "half a pair": b'"\\ud800"',
    "half a pair, then text": b'"\\ud800x"',
    "the other half": b'"\\udc00"',
    "NaN": b'{"a": NaN}',
    "Infinity": b"-Infinity",
    "a huge exponent": b"1e999999999999999",
    "an exponent beyond Decimal": b"1e99999999999999999999999",
    "a tiny number": b"1e-999999999999999",
    "endless digits": b"0." + b"1" * 100_000,
    "an endless integer": b"1" * 100_000,
    "open lists": b"[" * 100_000,
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a level too many": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "10 MB of unclosed text": b'["' + b"x" * 10_000_000,
    "a control character": b'"\x00"',
    "single quotes": b"{'a': 1}",
    "too long": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("value", POISON.values(), ids=POISON.keys())
def test_what_is_not_json_is_one_short_error(value: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(value)
    assert 0 < len(str(caught.value)) < 200


@given(st.binary(max_size=200))
def test_random_bytes_never_raise_anything_else(value: bytes) -> None:
    with contextlib.suppress(DecodeError):
        decode(value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(_JSON)
def test_json_is_read_as_it_was_written(payload: object) -> None:
    assert decode(json.dumps(payload).encode()) == payload
