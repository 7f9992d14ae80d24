"""What the API takes in each field of an event."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from greenflash_kafka.model.event import FIELD, Event, refusal, refusals

UUID = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_type", "x"),
        ("product_id", UUID),
        ("influence", "neutral"),
        ("quality_impact_score", Decimal("-1.0")),
        ("sample_rate", 1),
        ("event_at", datetime(2026, 1, 1, tzinfo=UTC)),
        ("properties", {}),
        ("force_sample", False),
    ],
)
def test_what_the_api_takes(field: str, value: object) -> None:
    assert refusal(FIELD[field], value) is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("event_type", "", "is empty"),
        ("event_type", 5, "is not text"),
        ("value", "\ud800", "half of a UTF-16 pair"),
        ("product_id", "abc", "is not a UUID"),
        ("user_id", "u-1", "did you mean external_user_id?"),
        ("influence", "good", "positive, negative, neutral"),
        ("quality_impact_score", Decimal("1.01"), "between -1 and 1"),
        ("quality_impact_score", True, "is not a number"),
        ("event_at", datetime(2026, 1, 1), "without a zone"),  # noqa: DTZ001 - the point
        ("properties", [], "map of names"),
        ("force_sample", 1, "neither true nor false"),
    ],
)
def test_what_the_api_refuses_and_why(field: str, value: object, said: str) -> None:
    assert said in (refusal(FIELD[field], value) or "")


def test_everything_wrong_with_an_event_is_said() -> None:
    assert dict(refusals({"event_type": "x", "colour": 1, "influence": "good", "user_id": None})) == {
        "product_id": "is required",
        "value": "is required",
        "colour": "is not a field of a Greenflash event",
        "influence": "is none of positive, negative, neutral",
    }


def test_fields_are_read_back_from_the_body_exactly() -> None:
    body = b'{"eventType":"x","qualityImpactScore":0.10,"eventAt":"2026-01-01T00:00:00Z","properties":{"a":1}}'
    fields = Event("r", None, "i", body).fields
    assert fields == {
        "event_type": "x",
        "quality_impact_score": Decimal("0.10"),
        "event_at": datetime(2026, 1, 1, tzinfo=UTC),
        "properties": {"a": 1},
    }
