"""Values of binary formats are exact, and no argument makes a conversion raise."""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding import exact

LONG = st.integers(-(2**63), 2**63 - 1)
SINGLES = st.floats(width=32)


@pytest.mark.parametrize(
    ("unscaled", "scale", "text"),
    [
        (123456, 2, "1234.56"),
        (b"\x01\xe2\x40", 2, "1234.56"),
        (b"\xff", 0, "-1"),
        (b"", 2, "0.00"),
        (1200, 2, "12.00"),
        (-5, 3, "-0.005"),
        (12, -3, "12000"),
        (10**399, 400, "0.1"),
    ],
)
def test_a_decimal_has_all_its_digits(unscaled: int | bytes, scale: int, text: str) -> None:
    with localcontext() as context:
        # Whatever a library made of the thread's context.
        context.prec = 2
        value = exact.decimal_of(unscaled, scale)
    assert str(value) in (text, text + "0" * (399 if scale == 400 else 0))


@pytest.mark.parametrize(
    ("unscaled", "scale"),
    [(10**401, 0), (-(10**401), 2), (1, 401), (1, -401), (10**300, -200), (b"\x7f" * 100_000, 2), (1, 10**9)],
)
def test_a_decimal_too_large_for_the_language_is_the_base64_of_its_bytes(unscaled: int | bytes, scale: int) -> None:
    value = exact.decimal_of(unscaled, scale)
    assert isinstance(value, str)
    number = int.from_bytes(b64decode(value), "big", signed=True)
    assert number == (unscaled if isinstance(unscaled, int) else int.from_bytes(unscaled, "big", signed=True))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.1"), (3.0, "3.0"), (12.99, "12.99"), (16777216.0, "16777216.0"), (3.4028235e38, "3.4028235E+38"),
        (1e-45, "1E-45"), (-0.5, "-0.5"), (0.0, "0.0"), (8.5e9, "8500000000.0"), (1.17549435e-38, "1.1754944E-38"),
    ],
)  # fmt: skip
def test_a_single_has_its_own_shortest_text(number: float, text: str) -> None:
    single = struct.unpack("<f", struct.pack("<f", number))[0]
    assert str(exact.single_of(single)) == text


@given(SINGLES)
def test_a_single_is_the_number_that_it_is_read_from_again(value: float) -> None:
    number = exact.single_of(value)
    if isinstance(number, str):
        assert number in ("NaN", "Infinity", "-Infinity")
    else:
        assert struct.unpack("<f", struct.pack("<f", float(number)))[0] == value
        assert len(number.normalize().as_tuple().digits) <= 9


@given(st.floats())
def test_a_double_is_the_number_that_it_is_read_from_again(value: float) -> None:
    number = exact.double_of(value)
    if isinstance(number, str):
        assert number in ("NaN", "Infinity", "-Infinity")
    else:
        assert float(number) == value


@pytest.mark.parametrize(("value", "text"), [(float("nan"), "NaN"), (float("inf"), "Infinity"), (-1e999, "-Infinity")])
def test_what_is_no_finite_number_is_text(value: float, text: str) -> None:
    assert exact.double_of(value) == exact.single_of(value) == text


@pytest.mark.parametrize(
    ("convert", "number", "value"),
    [
        (exact.time_of_millis, 1_795_000_000_123, datetime(2026, 11, 18, 11, 6, 40, 123_000, tzinfo=UTC)),
        (exact.time_of_micros, -1, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        (exact.time_of_nanos, 1_999, datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        (exact.time_of_nanos, -1, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        # PostgreSQL's `infinity`, as Debezium sends it.
        (exact.time_of_micros, 9_223_372_036_825_200_000, 9_223_372_036_825_200_000),
        (exact.time_of_millis, 253_402_300_800_000, 253_402_300_800_000),
        (exact.time_of_millis, -62_135_596_800_001, -62_135_596_800_001),
        (exact.local_of_micros, 1_795_000_000_500_000, "2026-11-18T11:06:40.5"),
        (exact.local_of_millis, 0, "1970-01-01T00:00:00"),
        (exact.local_of_nanos, 1_999, "1970-01-01T00:00:00.000001"),
        (exact.local_of_micros, 2**62, 2**62),
        (exact.date_of_days, 20_775, "2026-11-18"),
        (exact.date_of_days, -719_162, "0001-01-01"),
        (exact.date_of_days, -719_163, -719_163),
        (exact.date_of_days, 2_932_896, "9999-12-31"),
        (exact.date_of_days, 2_932_897, 2_932_897),
        (exact.clock_of_millis, 52_200_000, "14:30:00"),
        (exact.clock_of_micros, 1_500_000, "00:00:01.5"),
        (exact.clock_of_nanos, 1_001, "00:00:00.000001"),
        (exact.clock_of_micros, 86_400_000_000, 86_400_000_000),
        (exact.clock_of_micros, -1, -1),
        (exact.uuid_of, bytes(range(16)), "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        (exact.uuid_of, b"\xfb\xff", "+/8="),
        (exact.base64_of, b"", ""),
    ],
)
def test_a_value_or_what_the_message_holds(convert: Callable[[object], object], number: object, value: object) -> None:
    assert convert(number) == value


@given(st.integers(), st.integers(-500, 500))
def test_no_number_makes_a_conversion_raise(number: int, scale: int) -> None:
    kinds = ("millis", "micros", "nanos")
    for name in ("time_of", "local_of", "clock_of"):
        for kind in kinds:
            value = getattr(exact, f"{name}_{kind}")(number)
            assert value == number or isinstance(value, str | datetime)
    assert exact.date_of_days(number) == number or isinstance(exact.date_of_days(number), str)
    assert isinstance(exact.decimal_of(number, scale), Decimal | str)


@given(LONG)
def test_milliseconds_and_microseconds_mean_the_same_time(number: int) -> None:
    time = exact.time_of_millis(number)
    assert time == number or time == exact.time_of_micros(number * 1_000)
