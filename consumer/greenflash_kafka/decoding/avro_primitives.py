"""Readers of Avro's primitive types.

A reader takes a body and a place in it, and gives a value with the place after it. Nobody compares places with the
body's end: past the end an index raises IndexError, a place never gets smaller, and who reads the root compares the
last place. So what is read of a slice that was cut never gets out.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final

from greenflash_kafka.decoding import exact
from greenflash_kafka.decoding.json import DecodeError

Read = Callable[[bytes, int], tuple[object, int]]

_FLOAT: Final = Struct("<f").unpack_from
_DOUBLE: Final = Struct("<d").unpack_from
_INT_BITS: Final = 32


def varint(body: bytes, at: int, value: int) -> tuple[int, int]:
    """The rest of a number of which `value` is the first byte, above 127, and `at` the place of the second: still
    zig-zag coded, less than 2^64."""
    value &= 127
    for shift in (7, 14, 21, 28, 35, 42, 49, 56):
        byte = body[at]
        at += 1
        if byte < 128:
            return value | byte << shift, at
        value |= (byte & 127) << shift
    if body[at] > 1:
        raise DecodeError("a number has more than 64 bits")
    return value | body[at] << 63, at + 1


def zigzag(value: int) -> int:
    """The number that is coded so: 0, -1, 1, -2 ..."""
    return (value >> 1) ^ -(value & 1)


def read_null(_body: bytes, at: int) -> tuple[None, int]:
    """See the module, as for all that follow."""
    return None, at


def read_boolean(body: bytes, at: int) -> tuple[bool, int]:
    value = body[at]
    if value > 1:
        # Java takes it for false, Python's libraries for true.
        raise DecodeError("a boolean is neither 0 nor 1")
    return value == 1, at + 1


def read_long(body: bytes, at: int) -> tuple[int, int]:
    value = body[at]
    at += 1
    if value > 127:
        value, at = varint(body, at, value)
    return (value >> 1) ^ -(value & 1), at


def read_int(body: bytes, at: int) -> tuple[int, int]:
    value = body[at]
    at += 1
    if value > 127:
        value, at = varint(body, at, value)
        if value >> _INT_BITS:
            raise DecodeError("an int has more than 32 bits")
    return (value >> 1) ^ -(value & 1), at


def read_float(body: bytes, at: int) -> tuple[object, int]:
    return exact.single_of(_FLOAT(body, at)[0]), at + 4


def read_double(body: bytes, at: int) -> tuple[object, int]:
    return exact.double_of(_DOUBLE(body, at)[0]), at + 8


def read_bytes(body: bytes, at: int) -> tuple[bytes, int]:
    size = body[at]
    at += 1
    if size > 127:
        size, at = varint(body, at, size)
    if size & 1:
        raise DecodeError("bytes have a negative length")
    end = at + (size >> 1)
    return body[at:end], end


def read_string(body: bytes, at: int) -> tuple[str, int]:
    size = body[at]
    at += 1
    if size > 127:
        size, at = varint(body, at, size)
    if size & 1:
        raise DecodeError("a text has a negative length")
    end = at + (size >> 1)
    return body[at:end].decode(), end


def fixed_reader(size: int) -> Read:
    """Reader of so many bytes."""

    def read_fixed(body: bytes, at: int) -> tuple[bytes, int]:
        end = at + size
        if end > len(body):
            raise IndexError
        return body[at:end], end

    return read_fixed


def block(body: bytes, at: int) -> tuple[int, int]:
    """How many items follow, and where; before a negative count's items stands their length in bytes."""
    count = body[at]
    at += 1
    if count > 127:
        count, at = varint(body, at, count)
    if count & 1:
        _, at = read_long(body, at)
        return (count >> 1) + 1, at
    return count >> 1, at
