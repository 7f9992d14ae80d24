"""Bound on the memory that a Protobuf message takes, from its bytes and its descriptor alone.

Two bytes can be a message of 5,000 fields, for which Protobuf's library takes 80 KB, and 1 MB has 500,000 of those.
JSON's bytes have no such effect. So the messages within a large one are counted before it is parsed.
"""

from __future__ import annotations

from typing import Any, Final

from greenflash_kafka.decoding.json import DecodeError

FREE: Final = 64 * 1024 * 1024
"""Bytes of memory that any message may take, and as many as A_BYTE for each of its own."""

A_BYTE: Final = 32

_MESSAGE: Final = 224
_FIELD: Final = 16
_VALUE: Final = 112
"""Bytes that a message and its object take, each of its fields, and each value that is there without being on the wire.
Rounded up from protobuf 7 (upb) on CPython 3.11: 26 + 8 to 16 a field; an object 190 + 25 to 32 a key, and 0 (whole
number) to 104 (`Decimal`) a value."""


class ProtoBounds:
    """Costs of a descriptor's messages and of all that stand in them; of several descriptors together."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}

    def node(self, descriptor: Any) -> _Node:
        """The descriptor's costs."""
        first = self._known(descriptor)
        wanted = [descriptor]
        while wanted:
            outer = wanted.pop()
            node = self._nodes[outer.full_name]
            for field in outer.fields:
                kind = field.message_type
                if kind is not None and field.number not in node.inner:
                    new = kind.full_name not in self._nodes
                    node.inner[field.number] = self._known(kind)
                    if new:
                        wanted.append(kind)
        return first

    def unchecked(self, descriptor: Any) -> int:
        """Length in bytes up to which no body can take more than FREE: its messages need not be counted."""
        seen, wanted = set[int](), [self.node(descriptor)]
        most = 0
        while wanted:
            node = wanted.pop()
            if id(node) not in seen:
                seen.add(id(node))
                most = max(most, node.cost)
                wanted += node.inner.values()
        return 2 * FREE // max(most, 1)

    def _known(self, descriptor: Any) -> _Node:
        node = self._nodes.get(descriptor.full_name)
        if node is None:
            there = sum(1 for field in descriptor.fields if not field.has_presence)
            cost = _MESSAGE + _FIELD * len(descriptor.fields) + _VALUE * there
            node = self._nodes[descriptor.full_name] = _Node(cost)
        return node


class _Node:
    __slots__ = ("cost", "inner")

    def __init__(self, cost: int) -> None:
        self.cost = cost
        self.inner: dict[int, _Node] = {}


_NONE: Final = _Node(0)


def memory_of(body: bytes, node: _Node, most: int, *, all_of_it: bool = False) -> int:
    """Bytes of memory, about, that the body's messages take. Messages in which there are no others are stepped over,
    unless `all_of_it` is to be looked at.

    Raises DecodeError if they are more than `most`, and for bytes that are no message at all.
    """
    spent = node.cost
    wanted = [(0, len(body), node)]
    while wanted:
        at, end, node = wanted.pop()
        groups: list[_Node] = []
        while at < end:
            tag, at = _varint(body, at, end)
            inner = node.inner.get(tag >> 3, _NONE)
            match tag & 7:
                case 2:
                    length, at = _varint(body, at, end)
                    spent += inner.cost
                    if inner.inner or (all_of_it and inner is not _NONE):
                        wanted.append((at, at + length, inner))
                    at += length
                case 3:
                    spent += inner.cost
                    groups.append(node)
                    node = inner
                case 4 if groups:
                    node = groups.pop()
                case _:
                    at = _after(body, at, end, tag)
            if spent > most:
                raise DecodeError(f"its messages take more than {most >> 20} MB of memory")
        _check_end(at, end, len(body), groups)
    return spent


_BROKEN: Final = "no message of this schema: is this the right registry?"


def _after(body: bytes, at: int, end: int, tag: int) -> int:
    match tag & 7:
        case 0 if tag:
            return _varint(body, at, end)[1]
        case 1:
            return at + 8
        case 5:
            return at + 4
        case _:
            raise DecodeError(_BROKEN)


def _check_end(at: int, end: int, length: int, groups: list[_Node]) -> None:
    if at > end == length:
        raise DecodeError(f"ends {at - end:,} {'byte' if at - end == 1 else 'bytes'} early")
    if at != end or groups:
        raise DecodeError(_BROKEN)


def _varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise DecodeError("ends early" if at == len(body) and shift < 70 else _BROKEN)
