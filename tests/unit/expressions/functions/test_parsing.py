"""Functions that read values out of text."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest

from greenflash_kafka.expressions.functions.parsing import (
    MAX_FIELDS,
    decode_base64,
    decode_decimal,
    parse_json,
    parse_query,
)
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.payload import MAX_DEPTH


def test_json_has_exact_numbers() -> None:
    assert parse_json.call(Scope(None), '{"a": [0.10, 1, null]}') == {"a": [Decimal("0.10"), 1, None]}


@pytest.mark.parametrize("text", ["{", "", "1 2", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "1e999999999"])
def test_what_is_no_json_or_too_deep_is_bad_json(text: str) -> None:
    with pytest.raises(EvaluationError, match="bad-json"):
        parse_json.call(Scope(None), text)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a=1&b=x+y&a=2", {"a": "2", "b": "x y"}),
        ("https://x.test/p?plan=pro&empty=#part", {"plan": "pro", "empty": ""}),
        ("", {}),
    ],
)
def test_a_query_string_or_a_url_s(text: str, fields: dict[str, str]) -> None:
    assert parse_query.call(Scope(None), text) == fields


def test_a_query_string_has_a_bound() -> None:
    with pytest.raises(EvaluationError, match="limit"):
        parse_query.call(Scope(None), "&".join(f"f{n}=1" for n in range(MAX_FIELDS + 1)))


@pytest.mark.parametrize("text", ["w6nDvw==", "w6nDvw", " w6nD\nvw== "])
def test_base64_is_padded_or_not_and_may_have_blanks(text: str) -> None:
    assert decode_base64.call(Scope(None), text) == "éÿ"


def test_base64_of_either_alphabet() -> None:
    assert decode_base64.call(Scope(None), "Pz8_") == decode_base64.call(Scope(None), "Pz8/") == "???"


@pytest.mark.parametrize("text", ["a", "%%%", "/w=="])
def test_what_is_no_base64_of_text_is_a_bad_payload(text: str) -> None:
    with pytest.raises(EvaluationError, match="bad-payload"):
        decode_base64.call(Scope(None), text)


@pytest.mark.parametrize(
    ("value", "scale", "number"),
    [
        ("dMw=", 2, "299.00"),
        # Debezium's -26588.24 is Base64 of four digits, and looks like a number.
        ("1234", 2, "-26588.24"),
        ("AA==", 0, "0"),
        ("_w", 3, "-0.001"),
        ("dMw=", -2, "2990000"),
        ({"scale": 2, "value": "dMw="}, None, "299.00"),
        (Decimal("299.00"), 2, "299.00"),
        (299, None, "299"),
    ],
)
def test_a_decimal_of_bytes(value: object, scale: int | None, number: str) -> None:
    assert decode_decimal.call(value, scale) == Decimal(number)


def test_a_decimal_of_bytes_loses_no_digit() -> None:
    unscaled = b"\x7f" + bytes(range(165))
    found = decode_decimal.call(base64.b64encode(unscaled).decode(), 200)
    assert found == Decimal((0, tuple(map(int, str(int.from_bytes(unscaled, "big")))), -200))


@pytest.mark.parametrize(
    ("value", "scale"),
    [
        ("dMw=", None),
        ("299.00", 2),
        ("", 2),
        ("A", 2),
        ("A" * 400, 2),
        ("dMw=", 401),
        ({"value": "dMw="}, 2),
        ({"scale": "2", "value": "dMw="}, None),
        ({"scale": True, "value": "dMw="}, None),
        ({"scale": 2, "value": 299}, None),
    ],
    ids=range(10),
)
def test_what_is_no_decimal_of_bytes_is_a_bad_number(value: object, scale: int | None) -> None:
    with pytest.raises(EvaluationError, match="bad-number"):
        decode_decimal.call(value, scale)


def test_a_list_is_no_decimal_of_bytes() -> None:
    with pytest.raises(EvaluationError, match="type-mismatch"):
        decode_decimal.call([1], 2)
