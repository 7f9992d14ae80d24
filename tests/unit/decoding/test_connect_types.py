"""Semantic types of Kafka Connect and Debezium: the values are those of real records (tests/debezium)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding import connect_types
from greenflash_kafka.decoding.connect_types import converter

CONNECT = "org.apache.kafka.connect.data."
TIME = "io.debezium.time."
VARIABLE = "io.debezium.data.VariableScaleDecimal"


def converted(name: str, value: object, **parameters: str) -> object:
    """A value by the conversion of its type, which must have one."""
    convert = converter(name, parameters)
    assert convert is not None, name
    return convert(value)


@pytest.mark.parametrize("sent", ["OmY=", b"\x3a\x66"])
def test_a_decimal_is_exact_in_the_form_of_json_and_of_avro(sent: object) -> None:
    found = converted(f"{CONNECT}Decimal", sent, scale="2")

    assert found == Decimal("149.50")
    assert str(found) == "149.50"


def test_a_negative_decimal_whose_base64_looks_like_a_number_is_the_decimal() -> None:
    assert converted(f"{CONNECT}Decimal", "1234", scale="2") == Decimal("-26588.24")


@pytest.mark.parametrize("sent", [Decimal("149.5"), 150, None, "not base64", "OmY", True, [1], "ü"])
def test_what_is_no_unscaled_number_stays_as_it_is(sent: object) -> None:
    assert converted(f"{CONNECT}Decimal", sent, scale="2") is sent


@pytest.mark.parametrize("parameters", [{}, {"scale": "two"}])
def test_a_decimal_whose_scale_is_not_known_stays_as_it_is(parameters: dict[str, str]) -> None:
    assert converter(f"{CONNECT}Decimal", parameters) is None


@pytest.mark.parametrize("value", ["AQ==", b"\x01"])
def test_a_decimal_with_a_scale_of_its_own_is_a_number(value: object) -> None:
    assert converted(VARIABLE, {"scale": 1, "value": value}) == Decimal("0.1")


@pytest.mark.parametrize(
    "sent", [{"scale": "1", "value": "AQ=="}, {"scale": 1}, {"scale": 1, "value": "?"}, "0.1", None, {"scale": True}]
)
def test_a_struct_that_is_no_decimal_stays_as_it_is(sent: object) -> None:
    assert converted(VARIABLE, sent) is sent


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Timestamp", 1795000000123),
        ("MicroTimestamp", 1795000000123000),
        ("NanoTimestamp", 1795000000123000000),
        ("IsoTimestamp", "2026-11-18T11:06:40.123Z"),
    ],
)
def test_a_zoneless_time_is_the_same_text_in_each_mode_of_the_connector(name: str, sent: object) -> None:
    assert converted(TIME + name, sent) == "2026-11-18T11:06:40.123"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (f"{TIME}Time", 40000000),
        (f"{TIME}MicroTime", 40000000000),
        (f"{TIME}NanoTime", 40000000000000),
        (f"{TIME}IsoTime", "11:06:40Z"),
        (f"{CONNECT}Time", 40000000),
    ],
)
def test_a_time_of_day_is_the_same_text_in_each_mode_of_the_connector(name: str, sent: object) -> None:
    assert converted(name, sent) == "11:06:40"


@pytest.mark.parametrize(
    ("name", "sent"), [(f"{TIME}Date", 20775), (f"{TIME}IsoDate", "2026-11-18Z"), (f"{CONNECT}Date", 20775)]
)
def test_a_date_is_the_same_text_in_each_mode_of_the_connector(name: str, sent: object) -> None:
    assert converted(name, sent) == "2026-11-18"


def test_a_timestamp_of_connect_is_a_time() -> None:
    found = converted(f"{CONNECT}Timestamp", 1795000000123)

    assert found == datetime(2026, 11, 18, 11, 6, 40, 123000, UTC)


@pytest.mark.parametrize(
    ("name", "infinity"),
    [
        (f"{TIME}MicroTimestamp", 9223372036825200000),
        (f"{CONNECT}Timestamp", 9223372036825200),
        (f"{TIME}Date", -622191234),
        (f"{TIME}MicroTime", 86_400_000_000),
        (f"{TIME}MicroTime", -1),
    ],
)
def test_what_is_outside_of_the_calendar_stays_a_number(name: str, infinity: int) -> None:
    assert converted(name, infinity) is infinity


@pytest.mark.parametrize(
    "name", ["io.debezium.data.Enum", "io.debezium.data.Json", "io.debezium.data.Uuid", f"{TIME}ZonedTimestamp", "acme"]
)
def test_other_types_are_what_is_sent(name: str) -> None:
    assert converter(name, {}) is None


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["scale", "value", "x"]), inner),
    max_leaves=5,
)


@given(st.sampled_from([*connect_types._CONVERTERS, f"{CONNECT}Decimal"]), st.text(max_size=4), _anything)
def test_no_value_raises(name: str, scale: str, value: object) -> None:
    convert = converter(name, {"scale": scale}) or converter(name, {"scale": "2"})
    assert convert is not None

    convert(value)
