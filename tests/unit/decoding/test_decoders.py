"""Decoders by topic."""

from __future__ import annotations

from decimal import Decimal

import pytest

from greenflash_kafka.decoding.decoders import DECODERS
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.message import Message


def test_every_topic_holds_json_with_exact_numbers() -> None:
    decode = DECODERS.decoder("t", None)
    assert decode(Message("t", 0, 0, value=b'{"a": 0.1, "b": [null]}')) == {"a": Decimal("0.1"), "b": [None]}


def test_of_a_shape_at_least_what_it_names_is_decoded() -> None:
    decode = DECODERS.decoder("t", {"a": {"b": None}})
    payload = decode(Message("t", 0, 0, value=b'{"a": {"b": [1, {"c": 2}]}, "z": {"y": 1}}'))
    assert isinstance(payload, dict)
    assert payload["a"]["b"] == [1, {"c": 2}]


@pytest.mark.parametrize("shape", [None, {"a": None}])
def test_what_is_no_json_is_refused(shape: None) -> None:
    with pytest.raises(DecodeError):
        DECODERS.decoder("t", shape)(Message("t", 0, 0, value=b'{"a": '))
