"""Masks keep shapes and what rules need, and leave no personal text."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.peek.masks import Masks, repeated_texts

KEY = b"a key"
TEXTS = st.text(string.printable + "éßÇжΩ日", min_size=1, max_size=30)
PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, places=3) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["email", "total", "x"]), inner),
    max_leaves=12,
)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value]
    return (type(value), len(str(value)))


@given(PAYLOADS)
def test_types_lengths_and_names_stay(payload: object) -> None:
    assert _shape(Masks(KEY).mask(payload)) == _shape(payload)


@given(st.text(string.ascii_letters + " .@'-éß", min_size=2, max_size=30))
def test_of_a_personal_text_no_letter_stays_at_its_place(text: str) -> None:
    assume(text not in EXPONENTS and text.lower() not in ("true", "false", "yes", "no", "null", "none"))
    masked = Masks(KEY).mask({"email": text})
    assert isinstance(masked, dict)
    assert not any(one == other for one, other in zip(text, masked["email"], strict=True) if one.isalpha())


@given(st.integers(10_000, 10**15))
def test_a_number_that_tells_people_apart_is_another_of_the_same_length(number: int) -> None:
    masked = Masks(KEY).mask({"phone": number, "text": str(number)})
    assert isinstance(masked, dict)
    assert len(str(masked["phone"])) == len(str(number))
    assert masked["phone"] != number
    assert all(one != other for one, other in zip(masked["text"], str(number), strict=True))


@given(TEXTS)
def test_the_same_value_has_the_same_mask(text: str) -> None:
    masks = Masks(KEY)
    masked = masks.mask({"a": text, "b": [text]})
    assert isinstance(masked, dict)
    assert masked["b"] == [masked["a"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total", "149.00"),
        ("unit_amount", 1_495_000),
        ("nanos", 990_000_000),
        ("price", Decimal("14.95")),
        ("currency", "eur"),
        ("x", "EUR"),
        ("created", 1_795_000_002),
        ("created_at", "2026-11-18T11:06:41Z"),
        ("seats", 12),
        ("paid", True),
        ("x", None),
        ("x", ""),
        ("type", "order.paid"),
        ("at", datetime(2026, 11, 18, tzinfo=UTC)),
    ],
)
def test_what_rules_work_with_is_kept(name: str, value: object) -> None:
    assert Masks(KEY, {"order.paid"}).mask({name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "ada@example.com"),
        ("date_of_birth", "1985-12-10"),
        ("born", datetime(1985, 12, 10, tzinfo=UTC)),
        ("latitude", Decimal("52.5200")),
        ("zip", "75001"),
        ("account", 1234567890),
        ("plan", "Enterprise"),
    ],
)
def test_what_may_be_personal_is_not(name: str, value: object) -> None:
    masked = Masks(KEY).mask({name: value})
    assert isinstance(masked, dict)
    assert masked[name] != value
    assert type(masked[name]) is type(value)


def test_a_date_of_birth_stays_a_date() -> None:
    masked = Masks(KEY).mask({"birthday": "1985-12-10"})
    assert isinstance(masked, dict)
    datetime.fromisoformat(masked["birthday"])


def test_forms_of_ids_stay() -> None:
    payloads = [{"id": f"cus_{number}9", "uuid": "0a1b2c3d-0a1b-4c3d-8a1b-0a1b2c3d4e5f"} for number in range(4)]
    masks = Masks(KEY, (), repeated_texts(payloads))
    masked = masks.mask(payloads[0])
    assert isinstance(masked, dict)
    assert masked["id"].startswith("cus_")
    assert masked["id"] != payloads[0]["id"]
    assert set(masked["uuid"]) <= set(string.hexdigits + "-")
    assert masked["uuid"] != payloads[0]["uuid"]
    alone = masks.mask({"login": "john_1985"})
    assert isinstance(alone, dict)
    assert not alone["login"].startswith("john")


def test_names_of_fields_that_are_data_are_masked() -> None:
    assert "ada@example.com" not in str(Masks(KEY).mask({"ada@example.com": {"seen": True}}))


def test_texts_that_repeat_are_kept_but_for_people() -> None:
    payloads = [
        {"state": "open" if number % 2 else "closed", "user": "ada", "note": "call Ada", "token": f"t{number}"}
        for number in range(8)
    ]
    assert repeated_texts(payloads) == {("state",): {"open", "closed"}}
