"""Depth told from the bytes is the depth that walking the payload finds, whatever the texts hold."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding.depth import too_deep
from greenflash_kafka.model import payload as values
from greenflash_kafka.model.payload import MAX_DEPTH

_TEXTS = st.text(alphabet='[]{}"\\é\n a', max_size=6)
_PIECES = st.recursive(
    _TEXTS | st.just(1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _payloads(draw: st.DrawFn) -> object:
    """Something small, many times, at some depth; often near the limit."""
    payload: object = [draw(_PIECES)] * draw(st.sampled_from([0, 1, 120, 300]))
    key = draw(st.sampled_from(["\\", '"', "]", '\\"[']) | _TEXTS)
    kinds = draw(st.lists(st.booleans(), min_size=1, max_size=3))
    for in_object in (kinds * MAX_DEPTH)[: draw(st.sampled_from([2, 60, 190, 199, 200, 201, 210]))]:
        payload = {key: payload} if in_object else [payload]
    return payload


@given(_payloads(), st.booleans(), st.sampled_from([None, (",", ":")]))
def test_the_bytes_tell_how_deep_a_payload_is(
    payload: object, escaped: bool, separators: tuple[str, str] | None
) -> None:
    value = json.dumps(payload, ensure_ascii=escaped, separators=separators).encode()
    assert too_deep(value, payload) == values.too_deep(payload)


def test_the_limit_is_exact_for_the_shortest_levels_there_are() -> None:
    for levels in (MAX_DEPTH, MAX_DEPTH + 1):
        for value in (b"[" * levels + b"]" * levels, b'{"":' * (levels - 1) + b"{}" + b"}" * (levels - 1)):
            assert too_deep(value, json.loads(value)) == (levels > MAX_DEPTH)


def test_the_limit_is_exact_for_objects_of_few_bytes_in_lists_and_around_them() -> None:
    for lists in (0, 1, 2, 50, MAX_DEPTH):
        for objects in (MAX_DEPTH - lists, MAX_DEPTH + 1 - lists):
            inside = b'{"":' * (objects - 1) + b"{}" + b"}" * (objects - 1) if objects else b""
            around = b"[" * lists + inside + b"]" * lists
            assert too_deep(around, json.loads(around)) == (lists + objects > MAX_DEPTH)
            inner = b"[" * lists + b"]" * lists or b"1"
            around = b'{"":' * objects + inner + b"}" * objects
            assert too_deep(around, json.loads(around)) == (lists + objects > MAX_DEPTH)
