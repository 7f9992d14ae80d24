"""JSON bytes to a payload, with every number exact; whatever isn't JSON is one short error, never another exception.

Decided here, because JSON parsers differ: a byte order mark, `NaN`, `Infinity`, text that isn't UTF-8 and half a
UTF-16 pair are refused; of two equal keys in an object the last one holds, as in JavaScript, Python and Jackson;
`null` is None, exactly like a missing field later on; empty bytes are not a tombstone (that is no bytes at all)
and are refused.
"""

from __future__ import annotations

import decimal
import re
from typing import Final

import msgspec

from greenflash_kafka.decoding.depth import too_deep
from greenflash_kafka.model.payload import MAX_DEPTH, MAX_DIGITS, exact
from greenflash_kafka.model.problem import Code

MAX_BYTES: Final = 32 * 1024 * 1024
"""Longest message that is decoded; Kafka's own limit is 1 MB unless somebody raised it."""

_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LOOKED_AT: Final = 64
"""So many bytes are looked at for such as no text has."""

_decode: Final = msgspec.json.Decoder(float_hook=exact).decode


class DecodeError(ValueError):
    """The bytes are no payload. The text is short, says why, and holds nothing of the message. `code` is the problem's:
    the bytes aren't at fault alone."""

    def __init__(self, text: str, code: Code = "bad-payload") -> None:
        super().__init__(text)
        self.code: Code = code


def decode(value: bytes) -> object:
    """The payload: dict, list, str, bool, int, `Decimal` (for every number with a fraction or exponent) or None.

    Raises DecodeError for everything that isn't one JSON value of reasonable size.
    """
    if len(value) > MAX_BYTES:
        raise DecodeError(f"{len(value):,} bytes are more than the {MAX_BYTES:,} that are decoded")
    try:
        payload: object = _decode(value)
    except msgspec.DecodeError as error:
        raise DecodeError(_why(value, error)) from None
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8 text ({error.reason})") from None
    except decimal.DecimalException:
        raise DecodeError(f"a number is too large or has more than {MAX_DIGITS} digits") from None
    except RecursionError:
        raise DecodeError(f"nested more than {MAX_DEPTH} levels deep") from None
    if too_deep(value, payload):
        raise DecodeError(f"nested more than {MAX_DEPTH} levels deep")
    return payload


def _why(value: bytes, error: msgspec.DecodeError) -> str:
    if not value.strip():
        return "empty: not JSON (a delete marker has no value at all)"
    if value[0] <= 1:
        said = "set schema_registry.url, or say the format of bare bytes: source: {format: avro, schema: FILE}"
        return f"not JSON: begins with {value[:1].hex()}, like messages whose schema is in a registry: {said}"
    if value.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "starts with a byte order mark, which JSON doesn't have: the producer must leave it out"
    if value.lstrip()[:1] not in (b"{", b"[", b'"') and _NO_TEXT.search(value[:_LOOKED_AT]):
        said = "source: {format: protobuf, schema: FILE, message: NAME}, or format: avro"
        return f"not JSON, and no text: bare bytes of Protobuf or Avro are read by a file: {said}"
    said = str(error).removeprefix("JSON is malformed: ")
    if said == "Input data was truncated":
        return "not JSON: ends before it is complete"
    return f"not JSON: {said[:120]}"
