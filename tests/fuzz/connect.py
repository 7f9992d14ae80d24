"""The target `connect`: messages of Kafka Connect with their schemas, and what envelopes make of them."""

# ruff: noqa: PT017 - a target isn't a test: what it catches is what it looks at
from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from greenflash_kafka.decoding import cloudevents, debezium, json_format
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape, too_deep
from greenflash_kafka.model.problem import UNREADABLE

SEPARATOR: Final = b"\x1e"
_MOST: Final = 8
_SHAPE: Final[Shape] = {"after": {"a": None, "b": {"value": None}}, "a": None, "data": {"a": None}}
_ATTRIBUTES: Final = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("content-type", b"application/json"))

Decode = Callable[[Message], object]


class Refused(NamedTuple):
    """A DecodeError, which is equal to another of the same text."""

    text: str
    code: str


def connect(data: bytes) -> None:
    """Of messages that follow each other each is read as if it were alone, whatever beginnings are known by then: as a
    payload, a change event, a CloudEvent, or one short error; read in part the same as whole."""
    kept = _decoders(None), _decoders(_SHAPE)
    for value in data.split(SEPARATOR)[:_MOST]:
        for headers in ((), _ATTRIBUTES):
            message = Message("t", 0, 0, value=value, headers=headers)
            whole, part = ([_read(decode, message) for decode in _decoders(shape)] for shape in (None, _SHAPE))
            assert whole == [_read(decode, message) for decode in kept[0]]
            seen = [_seen(each, _SHAPE) for each in part]
            assert seen == [_seen(_read(decode, message), _SHAPE) for decode in kept[1]]
            for one, other in zip(whole, seen, strict=True):
                # A number that nobody reads may be of any size.
                assert isinstance(one, Refused) or _seen(one, _SHAPE) == other


def _decoders(shape: Shape | None) -> list[Decode]:
    return [
        json_format.decoder(shape),
        debezium.decoder(json_format.decoder, shape, snapshots=True),
        cloudevents.decoder(json_format.decoder, shape),
    ]


def _read(decode: Decode, message: Message) -> object:
    try:
        payload = decode(message)
    except DecodeError as error:
        assert 0 < len(str(error)) < 200
        assert error.code in UNREADABLE
        return Refused(str(error), error.code)
    # An envelope is a level more than what is in it.
    assert not any(map(too_deep, payload.values() if isinstance(payload, dict) else [payload]))
    return payload


def _seen(payload: object, shape: Shape | None) -> object:
    """What somebody sees who looks at nothing but the shape."""
    if shape is None or not isinstance(payload, dict):
        return payload
    return {name: _seen(payload[name], inner) for name, inner in shape.items() if name in payload}
