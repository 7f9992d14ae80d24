"""Functions that read values out of text: JSON, query strings, Base64, numbers of bytes."""

from __future__ import annotations

import base64
import decimal
import re
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import msgspec

from greenflash_kafka.expressions.functions.argument_types import (
    Anything,
    Number,
    Object,
    Text,
    mismatch,
    one_of,
    whole_number,
)
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope, spend_text
from greenflash_kafka.model.payload import MAX_DEPTH, MAX_DIGITS, exact, too_deep

MAX_FIELDS: Final = 1_000
"""Most fields of a query string."""

_decode: Final = msgspec.json.Decoder(float_hook=exact).decode


@function(
    example="""parse_json('{"total": 29.99}').total""",
    gives="29.99",
    fails={"parse_json('{')": "bad-json"},
    steps=lambda x: len(x) >> 6,
)
def parse_json(x: Text) -> Anything | None:
    """The value that a JSON text writes.

    JSON's null is missing. Text that isn't one JSON value is the problem `bad-json`.
    """
    try:
        value = _decode(x)
    except (msgspec.DecodeError, UnicodeError, decimal.DecimalException, RecursionError):
        raise EvaluationError("bad-json", "parse_json takes text that is one JSON value") from None
    if x.count("{") + x.count("[") > MAX_DEPTH and too_deep(value):
        raise EvaluationError("bad-json", f"JSON nested more than {MAX_DEPTH} levels deep")
    return value


@function(example='parse_query("?plan=pro&page=2").plan', gives='"pro"', steps=lambda x: len(x.strip()) >> 6)
def parse_query(scope: Scope, x: Text) -> Object:
    """The fields of a query string, or of a URL's; of two equal names the last one holds.

    More than 1,000 fields are the problem `limit`.
    """
    text = x.strip()
    query = text.partition("?")[2] if "?" in text else text
    try:
        fields = parse_qsl(query.partition("#")[0], keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise EvaluationError("limit", f"a query string of more than {MAX_FIELDS:,} fields") from None
    # The fields are text that was made, as much as they have of it.
    spend_text(scope, text)
    return dict(fields)


_BLANKS: Final = re.compile(r"\s+")


def _bytes_of(text: str) -> bytes:
    """What is written in Base64. Raises ValueError (binascii.Error is one)."""
    packed = _BLANKS.sub("", text).replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)


@function(
    example='decode_base64("aGk=")',
    gives='"hi"',
    fails={'decode_base64("a")': "bad-payload"},
    steps=lambda x: len(x) >> 6,
)
def decode_base64(scope: Scope, x: Text) -> Text:
    """The text behind Base64 (either alphabet, padded or not).

    What isn't Base64 of UTF-8 text is the problem `bad-payload`.
    """
    if len(x) // 4 * 3 > scope.budget[1] and len(_BLANKS.sub("", x).rstrip("=")) // 4 * 3 > scope.budget[1]:
        raise EvaluationError("limit", "decode_base64 would make too much text for one message")
    try:
        return _bytes_of(x).decode()
    except ValueError:
        raise EvaluationError("bad-payload", "decode_base64 takes Base64 of UTF-8 text") from None


_MOST_BYTES: Final = 166
"""Bytes of a number of 400 digits."""

_EXACT: Final = decimal.Context(prec=2 * MAX_DIGITS, Emax=4 * MAX_DIGITS, Emin=-4 * MAX_DIGITS)


@function(
    example='decode_decimal("dMw=", 2)',
    gives="299",
    fails={'decode_decimal("29.90", 2)': "bad-number", 'decode_decimal("dMw=")': "bad-number"},
    usage="decode_decimal(text, 2), decode_decimal(object)",
)
def decode_decimal(
    x: Annotated[Any, one_of("text", "number", "object")],
    scale: Annotated[int, whole_number("scale", -MAX_DIGITS, "a whole number, also negative")] | None = None,
) -> Number:
    """The number that Kafka Connect and Debezium write as bytes where a message has no schema.

    A text is the Base64 of a whole number (big-endian two's complement), whose last `scale` digits stand after the
    point. An object has a `scale` and such a `value` itself. A number stays as it is: with a schema it is one already.
    Everything else is the problem `bad-number`.
    """
    if x.__class__ is int or isinstance(x, Decimal):
        return x
    written, digits = (x.get("value"), x.get("scale")) if isinstance(x, dict) else (x, scale)
    if not isinstance(x, dict | str):
        raise mismatch("decode_decimal", "a text, or an object with scale and value", x)
    if not isinstance(written, str) or digits.__class__ is not int or not -MAX_DIGITS <= digits <= MAX_DIGITS:
        said = "a text needs its scale, and an object has a scale and a value"
        raise EvaluationError("bad-number", f"decode_decimal: {said}", said)
    try:
        packed = _bytes_of(written) if len(written) <= 2 * _MOST_BYTES else b""
    except ValueError:
        packed = b""
    if not 0 < len(packed) <= _MOST_BYTES:
        said = f"this text is no number of 1 to {_MOST_BYTES} bytes in Base64"
        raise EvaluationError("bad-number", f"decode_decimal: {said}", said)
    return Decimal(int.from_bytes(packed, "big", signed=True)).scaleb(-digits, _EXACT)
