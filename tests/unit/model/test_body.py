from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from greenflash_kafka.model.body import NotRenderable, render, without_link


class Money(str):
    """Stands for the rules' text with a currency."""


def rendered(**fields: object) -> bytes:
    return render(fields)


def properties(value: object) -> bytes:
    body = rendered(properties={"p": value})
    assert body.startswith(b'{"properties":{"p":')
    return body[len(b'{"properties":{"p":') : -2]


def test_every_field_goes_out_under_its_wire_name() -> None:
    body = json.loads(
        rendered(
            event_type="upgrade_purchased",
            product_id="b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e",
            value="149.00",
            external_user_id="u-1",
            force_sample=True,
        )
    )
    assert body == {
        "eventType": "upgrade_purchased",
        "productId": "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e",
        "value": "149.00",
        "externalUserId": "u-1",
        "forceSample": True,
    }


@pytest.mark.parametrize(
    ("number", "written"),
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
def test_numbers_are_written_exactly(number: object, written: bytes) -> None:
    assert properties(number) == written
    assert properties([{"deep": number}]) == b'[{"deep":' + written + b"}]"


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
    with pytest.raises(NotRenderable) as refused:
        properties([value])
    assert "half a" not in str(refused.value)
    assert "0.1" not in str(refused.value)


def test_too_many_levels_are_refused() -> None:
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(NotRenderable, match="levels"):
        properties(deep)


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (datetime(2026, 11, 18, 15, 33, 20, tzinfo=UTC), b'"2026-11-18T15:33:20Z"'),
        (datetime(2026, 11, 18, 15, 33, 20, 1, tzinfo=UTC), b'"2026-11-18T15:33:20.000001Z"'),
        (datetime(2026, 11, 18, 15, 33, 20, tzinfo=timezone(timedelta(hours=2))), b'"2026-11-18T13:33:20Z"'),
    ],
)
def test_times_end_in_z(time: datetime, written: bytes) -> None:
    assert rendered(event_at=time) == b'{"eventAt":' + written + b"}"
    assert properties(time) == written


def test_text_that_knows_its_currency_is_text() -> None:
    assert rendered(value=Money("149.00")) == b'{"value":"149.00"}'
    assert properties(Money("149.00")) == b'"149.00"'


def test_null_true_and_unicode_survive_in_properties() -> None:
    assert json.loads(properties([None, True, "\N{SNOWMAN}\n\x00"])) == [None, True, "\N{SNOWMAN}\n\x00"]


def test_the_event_is_left_as_it_was() -> None:
    given = {"p": [Decimal("1E+5")]}
    rendered(properties=given)
    assert str(given["p"][0]) == "1E+5"


def test_without_its_link_an_event_is_the_same_in_all_else() -> None:
    rest = b'"value":"x","properties":{"externalConversationId": "kept","n":1.50e-3,"big":%d}' % 10**30
    body = b'{"externalConversationId":"c-7",%b,"conversationId":"u","insertId":"e:\\u00e9"}' % rest
    assert without_link(body) == b'{%b,"insertId":"e:\\u00e9"}' % rest
    assert without_link(b'{"value":"1"}') == b'{"value":"1"}'
