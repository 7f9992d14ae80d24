"""Functions that read values out of text: JSON, query strings, Base64."""

from __future__ import annotations

import base64
import binascii
import decimal
import re
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from greenflash_kafka.model.payload import MAX_DEPTH, exact, too_deep
from greenflash_kafka.rules.expressions.functions.definition import Function, Parameter, text_of
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope, spend_steps, spend_text

MAX_FIELDS: Final = 1_000
"""Most fields of a query string."""

_decode: Final = msgspec.json.Decoder(float_hook=exact).decode


def parse_json(scope: Scope, x: object) -> Any:
    """The value that a JSON text writes."""
    text = text_of("parse_json", x)
    spend_steps(scope, len(text) >> 6)
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeError, decimal.DecimalException, RecursionError):
        raise EvaluationError("bad-json", "parse_json takes text that is one JSON value") from None
    if text.count("{") + text.count("[") > MAX_DEPTH and too_deep(value):
        raise EvaluationError("bad-json", f"JSON nested more than {MAX_DEPTH} levels deep")
    return value


def parse_query(scope: Scope, x: object) -> dict[str, str]:
    """A query string's, or a URL's, fields; of two equal names the last one holds."""
    text = text_of("parse_query", x).strip()
    spend_steps(scope, len(text) >> 6)
    query = text.partition("?")[2] if "?" in text else text
    try:
        fields = parse_qsl(query.partition("#")[0], keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise EvaluationError("limit", f"a query string of more than {MAX_FIELDS:,} fields") from None
    spend_text(scope, text)
    return dict(fields)


_BLANKS: Final = re.compile(r"\s+")


def decode_base64(scope: Scope, x: object) -> str:
    """The UTF-8 text behind Base64, of either alphabet, padded or not."""
    text = text_of("decode_base64", x)
    spend_steps(scope, len(text) >> 6)
    packed = _BLANKS.sub("", text).replace("-", "+").replace("_", "/").rstrip("=")
    if len(packed) // 4 * 3 > scope.budget[1]:
        raise EvaluationError("limit", "decode_base64 would make too much text for one message")
    try:
        plain = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("bad-payload", "decode_base64 takes Base64 of UTF-8 text") from None
    return spend_text(scope, plain)


_X: Final = Parameter("x", ("text",))

FUNCTIONS: Final = (
    Function(
        "parse_json",
        "parsing",
        (_X,),
        "any",
        "The value that a JSON text writes.",
        """parse_json('{"total": 29.99}').total""",
        "29.99",
        parse_json,
        scoped=True,
    ),
    Function(
        "parse_query",
        "parsing",
        (_X,),
        "object",
        "The fields of a query string, or of a URL's; of two equal names the last one holds.",
        'parse_query("?plan=pro&page=2").plan',
        '"pro"',
        parse_query,
        scoped=True,
    ),
    Function(
        "decode_base64",
        "parsing",
        (_X,),
        "text",
        "The text behind Base64 (either alphabet, padded or not).",
        'decode_base64("aGk=")',
        '"hi"',
        decode_base64,
        scoped=True,
    ),
)
