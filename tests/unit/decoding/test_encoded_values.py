"""What cases write as rules see it becomes what the format holds, and what doesn't fit says what was expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding import encoded_values as values
from greenflash_kafka.decoding import exact


@given(st.integers(-(10**60), 10**60), st.integers(-20, 60))
def test_a_decimal_has_the_digits_that_it_is_read_from(unscaled: int, scale: int) -> None:
    number = exact.decimal_of(unscaled, scale)
    assert values.unscaled_of(number, scale) == unscaled


@given(st.integers(-62 * 10**15, 25 * 10**16))
def test_times_have_the_numbers_that_they_are_read_from(micros: int) -> None:
    millis, days = micros // 1_000, micros // 86_400_000_000
    assert values.time_number(exact.time_of_micros(micros), "micros") == micros
    assert values.time_number(exact.time_of_nanos(micros * 1_000), "nanos") == micros * 1_000
    assert values.local_number(exact.local_of_millis(millis), "millis") == millis
    assert values.date_number(exact.date_of_days(days)) == days
    clock = micros % 86_400_000_000
    assert values.clock_number(exact.clock_of_micros(clock), "micros") == clock


@pytest.mark.parametrize(
    ("convert", "value", "number"),
    [
        (lambda value: values.time_number(value, "millis"), datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 1_000),
        (lambda value: values.date_number(value), date(1970, 1, 2), 1),
        (lambda value: values.clock_number(value, "nanos"), time(0, 0, 1), 10**9),
        (lambda value: values.clock_number(value, "nanos"), 7, 7),
        (values.integer_of, Decimal("7.0"), 7),
        (values.bytes_of, "", b""),
        (values.bytes_of, "+/8=", b"\xfb\xff"),
        (values.number_of, 0.1, Decimal("0.1")),
        (values.integer_of, Decimal("1E+28"), 10**28),
    ],
)
def test_other_forms_of_a_value_are_taken_too(
    convert: Callable[[object], object], value: object, number: object
) -> None:
    assert convert(value) == number


@pytest.mark.parametrize(
    ("convert", "value", "text"),
    [
        (values.integer_of, Decimal("7.5"), "expected a whole number, found a number"),
        (values.integer_of, True, "found true or false"),
        (values.integer_of, Decimal("1E+99999999"), "expected a whole number"),
        (values.integer_of, Decimal("NaN"), "expected a whole number"),
        (values.number_of, float("inf"), "expected a number"),
        (values.number_of, None, "found nothing"),
        (values.bytes_of, "a", "found other text"),
        (values.bytes_of, b"a", "expected bytes as base64 text"),
        (values.date_number, "2026-13-01", "expected a date, like 2026-11-20, found other text"),
        (values.date_number, [], "found a list"),
        (lambda value: values.time_number(value, "millis"), True, "found true or false"),
        (lambda value: values.time_number(value, "millis"), "2026-11-20T10:00:00", "has no zone"),
        (lambda value: values.local_number(value, "millis"), "2026-11-20T10:00:00Z", "have no zone"),
        (lambda value: values.clock_number(value, "millis"), "14:30:00.0001", "have milliseconds"),
    ],
)
def test_what_does_not_fit_says_what_was_expected(
    convert: Callable[[object], object], value: object, text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        convert(value)
