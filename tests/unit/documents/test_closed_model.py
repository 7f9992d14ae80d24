"""Models of files refuse what they don't know, in words without any value."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError, field_validator

from greenflash_kafka.documents.closed_model import ClosedModel, ModelError, model_errors


class Small(ClosedModel):
    name: str = ""
    count: int = Field(default=0, ge=1)

    @field_validator("name")
    @classmethod
    def _short(cls, value: str) -> str:
        if len(value) > 3:
            raise ValueError("is longer than three letters")
        return value


def refused(**values: object) -> list[ModelError]:
    with pytest.raises(ValidationError) as caught:
        Small.model_validate(values)
    return list(model_errors(caught.value))


def test_everything_that_is_wrong_is_told_at_once_after_its_key_and_without_its_value() -> None:
    found = refused(name="canary", count=0, nmae="canary")
    assert [(each.path, each.said) for each in found] == [
        (("name",), "is longer than three letters"),
        (("count",), "should be greater than or equal to 1"),
        (("nmae",), "Extra inputs are not permitted"),
    ]
    assert found[2].kind == "extra_forbidden"
    assert "canary" not in str(found[:2])


def test_a_text_is_called_so() -> None:
    assert [each.said for each in refused(name=5)] == ["should be a text"]
