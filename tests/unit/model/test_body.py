from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from greenflash_kafka.model.body import UNWRITABLE, encode, why_unwritable, without_link, written


class Money(str):
    """Stands for the rules' text with a currency."""


def rendered(value: object) -> bytes:
    return encode(written(value))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Decimal("149.00"), b"149.00"),
        (Decimal("0.1"), b"0.1"),
        (Decimal("1E+5"), b"100000"),
        (Decimal("-1.5E+3"), b"-1500"),
        (Decimal("1E-7"), b"0.0000001"),
        (Decimal("0E-12"), b"0.000000000000"),
        (Decimal("1234567890123456789012345678901234"), b"1234567890123456789012345678901234"),
        (Decimal("1E+100"), b"1E+100"),
        (Decimal("1E-100"), b"1E-100"),
        (2**64, b"18446744073709551616"),
        (-0, b"0"),
    ],
)
def test_numbers_are_written_exactly(number: object, expected: bytes) -> None:
    assert rendered(number) == expected
    assert rendered([{"deep": number}]) == b'[{"deep":' + expected + b"}]"
    assert rendered(written([number])) == b"[" + expected + b"]"


@pytest.mark.parametrize(
    "value",
    [
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1E+400"),
        10**400,
        10**5000,
        0.1,
        "half \ud800 a pair",
        {"\ud800": 1},
        b"bytes",
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_reader_understands_is_refused_without_its_value(value: object) -> None:
    with pytest.raises(UNWRITABLE) as refused:
        rendered([value])
    assert "half a" not in why_unwritable(refused.value)
    assert "0.1" not in why_unwritable(refused.value)


def test_too_many_levels_are_refused() -> None:
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(UNWRITABLE) as refused:
        rendered(deep)
    assert "levels" in why_unwritable(refused.value)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (datetime(2026, 11, 18, 15, 33, 20, tzinfo=UTC), b'"2026-11-18T15:33:20Z"'),
        (datetime(2026, 11, 18, 15, 33, 20, 1, tzinfo=UTC), b'"2026-11-18T15:33:20.000001Z"'),
        (datetime(2026, 11, 18, 15, 33, 20, tzinfo=timezone(timedelta(hours=2))), b'"2026-11-18T13:33:20Z"'),
    ],
)
def test_times_end_in_z(time: datetime, expected: bytes) -> None:
    assert rendered(time) == expected


def test_text_that_knows_its_currency_is_text() -> None:
    assert rendered(Money("149.00")) == b'"149.00"'


def test_null_true_and_unicode_survive_in_properties() -> None:
    assert json.loads(rendered([None, True, "\N{SNOWMAN}\n\x00"])) == [None, True, "\N{SNOWMAN}\n\x00"]


def test_the_event_is_left_as_it_was() -> None:
    given = {"p": [Decimal("1E+5")]}
    rendered(given)
    assert str(given["p"][0]) == "1E+5"


def test_without_its_link_an_event_is_the_same_in_all_else() -> None:
    rest = b'"value":"x","properties":{"externalConversationId": "kept","n":1.50e-3,"big":%d}' % 10**30
    body = b'{"externalConversationId":"c-7",%b,"conversationId":"u","insertId":"e:\\u00e9"}' % rest
    assert without_link(body) == b'{%b,"insertId":"e:\\u00e9"}' % rest
    assert without_link(b'{"value":"1"}') == b'{"value":"1"}'
