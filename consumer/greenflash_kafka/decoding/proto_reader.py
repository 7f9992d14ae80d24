"""Reader of the bodies of one Protobuf message."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from google.protobuf.message import DecodeError as BrokenMessage
from google.protobuf.message_factory import GetMessageClass

from greenflash_kafka.decoding.exact import base64_of
from greenflash_kafka.decoding.json import MAX_BYTES, DecodeError
from greenflash_kafka.decoding.proto_bounds import A_BYTE, FREE, ProtoBounds, memory_of
from greenflash_kafka.decoding.proto_code import ProtoCode, Read
from greenflash_kafka.decoding.proto_pool import Descriptor, ProtoPool
from greenflash_kafka.decoding.proto_values import is_well_known
from greenflash_kafka.model.payload import MAX_DEPTH, Shape, too_deep

MAX_LEVELS: Final = 100
"""Levels of messages that Protobuf's library reads."""


class _Packed(NamedTuple):
    """A message that stands in an Any."""

    parse: Callable[[bytes], Any]
    read: Read
    node: Any
    is_value: bool


class ProtoReader:
    """See `protobuf_format.ProtobufBodyReader`."""

    __slots__ = ("_anys", "_bounds", "_code", "_node", "_parse", "_pool", "_spent", "_unchecked", "_value", "name")

    def __init__(self, pool: ProtoPool, descriptor: Descriptor, shape: Shape | None) -> None:
        self.name: str = descriptor.full_name
        self._pool = pool.pool
        self._bounds = ProtoBounds()
        self._node = self._bounds.node(descriptor)
        self._unchecked = min(self._bounds.unchecked(descriptor), MAX_BYTES)
        self._spent = 0
        self._anys: dict[str, _Packed] = {}
        self._code = ProtoCode(self._any)
        self._parse: Callable[[bytes], Any] = GetMessageClass(descriptor).FromString
        self._value = self._code.reader(descriptor, shape)

    def read(self, body: bytes) -> object:
        """See `ProtobufBodyReader`."""
        if len(body) > self._unchecked:
            self._check(body)
        try:
            payload = self._value(self._parse(body))
        except BrokenMessage:
            raise DecodeError(self._why(body)) from None
        except RecursionError:
            raise DecodeError(f"nested more than {MAX_DEPTH} levels deep") from None
        finally:
            self._spent = 0
        if self._code.recursive and too_deep(payload):
            raise DecodeError(f"nested more than {MAX_DEPTH} levels deep")
        return payload

    def _check(self, body: bytes) -> None:
        if len(body) > MAX_BYTES:
            raise DecodeError(f"{len(body):,} bytes are more than the {MAX_BYTES:,} that are decoded")
        memory_of(body, self._node, FREE + A_BYTE * len(body))

    def _why(self, body: bytes) -> str:
        """The reason why Protobuf's library refuses a body; it tells none."""
        try:
            memory_of(body, self._node, sys.maxsize, all_of_it=True)
        except DecodeError as error:
            return str(error)
        return f"a text isn't UTF-8, or its messages nest more than {MAX_LEVELS} levels deep"

    def _any(self, message: Any) -> dict[str, object]:
        """google.protobuf.Any: the object of the message that is in it, and "@type", its full name.

        A message that is no object to rules is its "value"; for a type that the schema doesn't have, so are the bytes.
        """
        name, body = message.type_url.rpartition("/")[2], message.value
        if not name and not body:
            return {}
        known = self._anys.get(name) or self._any_of(name)
        if known is None:
            return {"@type": name, "value": base64_of(body)}
        try:
            self._spent += memory_of(body, known.node, FREE - self._spent, all_of_it=True)
        except DecodeError as error:
            raise DecodeError(f"an Any's {name}: {error}") from None
        value = known.read(known.parse(body))
        if known.is_value:
            return {"@type": name, "value": value}
        assert isinstance(value, dict)
        return {"@type": name, **value}

    def _any_of(self, name: str) -> _Packed | None:
        try:
            descriptor = self._pool.FindMessageTypeByName(name)
        except KeyError:
            return None
        self._anys[name] = known = _Packed(
            GetMessageClass(descriptor).FromString,
            self._code.reader(descriptor, None),
            self._bounds.node(descriptor),
            is_well_known(descriptor),
        )
        return known
