"""Partial decoding reads the parts that rules need, and changes nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.json_format import decoder
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape

names = st.sampled_from(["a", "b", "type", "user id", "é", "", '"', "\\", "\n", "\x7f", "a\0", "class"])
shapes: st.SearchStrategy[Shape | None] = st.recursive(
    st.none(), lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=8
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.sampled_from(["", "x", "é", '"{', 1.5, 1e-300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


def seen(payload: Any, shape: Shape | None) -> object:
    """What somebody sees who looks at nothing but this shape."""
    if shape is None or not isinstance(payload, dict):
        return payload
    return {name: seen(payload[name], inner) for name, inner in shape.items() if name in payload}


def of(shape: Shape | None) -> Callable[[bytes], Any]:
    """The reader of a shape, over bytes alone."""
    read = decoder(shape)
    return lambda value: read(Message("t", 0, 0, value=value))


@settings(max_examples=300, deadline=None)
@given(shapes, st.lists(st.tuples(values, st.booleans()), max_size=8))
def test_what_a_shape_names_is_read_as_if_all_were(shape: Shape | None, contents: list[tuple[object, bool]]) -> None:
    read = of(shape)
    for content, escaped in contents:
        value = json.dumps(content, ensure_ascii=escaped).encode()
        assert seen(read(value), shape) == seen(decode(value), shape)


@pytest.mark.parametrize(
    "unread",
    [
        b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b'{"\xff": 1}', b'"\\ud800"', b'"\\x"', b'"a\nb"', b'"\x00"',
        b"01", b"1.", b".5", b"-", b"+1", b"1e", b"NaN", b"Infinity", b"nul", b"[1,]", b'{"b": 1,}', b'{"b" 1}',
        b"[" * 201 + b"]" * 201, b"1} {", b"", b'"', b"\xc2\xa01",
    ],
)  # fmt: skip
def test_what_is_not_read_is_still_checked_to_be_json(unread: bytes) -> None:
    value = b'{"type": "x", "unread": %s}' % unread
    with pytest.raises(DecodeError) as whole:
        decode(value)
    with pytest.raises(DecodeError) as partly:
        of({"type": None})(value)
    assert str(partly.value) == str(whole.value)


@pytest.mark.parametrize("number", ["1e999", "1e-99999999", "1." + "9" * 401, "9" * 5000])
def test_a_number_is_too_large_only_where_it_is_read(number: str) -> None:
    value = b'{"type": "x", "n": %s}' % number.encode()
    assert of({"type": None})(value) == {"type": "x"}
    with pytest.raises(DecodeError):
        of({"type": None, "n": None})(value)


def test_messages_of_other_shapes_are_read_whole_and_change_nothing_for_those_that_follow() -> None:
    read = of({"type": None, "data": {"n": None}})
    large = b'{"type": "x", "data": {}, "unread": 1e999}'
    for _ in range(20):
        assert read(b'{"type": "x", "data": [1.10], "unread": 1}') == {
            "type": "x",
            "data": [Decimal("1.10")],
            "unread": 1,
        }
        assert read(b"[1]") == [1]
        assert read(b"null") is None
        assert read(large) == {"type": "x", "data": {}}, "whatever came before"
    assert read(b'{"type": "x", "data": null, "unread": 1}') in (
        {"type": "x", "data": None},
        {"type": "x", "data": None, "unread": 1},
    )
