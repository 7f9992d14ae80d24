"""Decimals that are bytes in Base64: texts that are, texts that may be, and what lint says of them."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.cases.sample_advice.sampled_rules import SampledRule
from greenflash_kafka.documents.yaml_nodes import Place

_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4}){0,6}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)")


def may_be_base64(value: object) -> bool:
    """Whether a value may be a decimal's bytes: `1234` and `free` may, `12.34` may not."""
    return isinstance(value, str) and _BASE64.fullmatch(value) is not None


def is_base64(value: object) -> bool:
    """Whether a value can't be anything else: it has signs that neither numbers nor words have."""
    return isinstance(value, str) and may_be_base64(value) and not value.isalnum()


def say_packed(sampled: SampledRule, shown: str, at: Place, *, with_scale: bool = False) -> None:
    """Warn of a path that is read as a number and holds bytes. `with_scale`: the scale stands beside them."""
    said = f"{shown} is a number of bytes in Base64, as Kafka Connect writes a decimal without a schema"
    call = f"decode_decimal({shown})" if with_scale else f"decode_decimal({shown}, 2), where 2 is the column's scale"
    sampled.facts.report.add(at, "base64-decimal", said, f"{call}; or decimal.handling.mode: string")
