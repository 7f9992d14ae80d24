"""Advice about properties that hold personal data of the samples: email addresses, telephone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from greenflash_kafka.cases.sample_advice.sampled_rules import SampledRule
from greenflash_kafka.explanations.missing_paths import visited
from greenflash_kafka.expressions.names import Path

_EMAIL: Final = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[A-Za-z]{2,}")
_PHONE: Final = re.compile(r"\+\d[\d ()./-]{6,18}\d")
_DIALLED: Final = re.compile(r"[\d ()./-]{7,20}")
_PHONE_NAME: Final = re.compile(r"phone|mobile|msisdn|\btel\b|whatsapp", re.IGNORECASE)
_CARD: Final = re.compile(r"(?:\d[ -]?){12,18}\d")
_CARD_NAME: Final = re.compile(r"card|\bpan\b|iban", re.IGNORECASE)


def check_personal_data(sampled: SampledRule) -> None:
    """Warn of properties that hold personal data in a sample."""
    for sample in sampled.matched:
        for event in sampled.events(sample):
            properties = msgspec.json.decode(event.body).get("properties") or {}
            for way, kind in _found(properties):
                _say(sampled, way, kind)


def _found(properties: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for way, value in visited(properties):
        kind = personal_kind(".".join(map(str, way)), value) if isinstance(value, str) else ""
        if kind:
            yield way, kind


def personal_kind(name: str, text: str) -> str:
    """What personal data a text is, in words, by its form and the name of its field; "" if none."""
    if len(text) > 200:
        return ""
    if _EMAIL.search(text):
        return "an email address"
    if _PHONE.fullmatch(text.strip()) or (_PHONE_NAME.search(name) and _DIALLED.fullmatch(text.strip())):
        return "a telephone number"
    grouped = " " in text or "-" in text or _CARD_NAME.search(name) is not None
    return "a card number" if grouped and _CARD.fullmatch(text.strip()) and _luhn(text) else ""


def _luhn(text: str) -> bool:
    """Whether the last digit is the check digit of card numbers."""
    digits = [int(each) for each in text if each.isdigit()]
    doubled = [sum(divmod(2 * each, 10)) if place % 2 else each for place, each in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


def _say(sampled: SampledRule, way: tuple[str | int, ...], kind: str) -> None:
    merged = sampled.facts.merged
    written = merged.properties.get(str(way[0])) or (merged.whole[-1] if merged.whole else None)
    if written is None or written.expression is None:
        return
    said = f"properties.{Path('payload', way, bare=True)} holds {kind} in a sample"
    paths = [path for path in written.expression.paths if path.steps]
    hint = (
        f"leave it out, or hash({sampled.shown(paths[0])})"
        if len(paths) == 1 and len(way) == 1
        else "leave it out, or hash it"
    )
    sampled.facts.report.add(written.value_at, "personal-data", said, hint)
