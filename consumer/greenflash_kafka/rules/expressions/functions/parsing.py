"""Functions that read values out of text: JSON, query strings, Base64."""

from __future__ import annotations

import base64
import binascii
import decimal
import re
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from greenflash_kafka.model.payload import MAX_DEPTH, exact, too_deep
from greenflash_kafka.rules.expressions.functions.argument_types import Anything, Object, Text
from greenflash_kafka.rules.expressions.functions.definition import function
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope, spend_text

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
    packed = _BLANKS.sub("", x).replace("-", "+").replace("_", "/").rstrip("=")
    if len(packed) // 4 * 3 > scope.budget[1]:
        raise EvaluationError("limit", "decode_base64 would make too much text for one message")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("bad-payload", "decode_base64 takes Base64 of UTF-8 text") from None
