"""Texts of ISO 8601 as times: literals beside times that a schema gives, and dates with a zone.

XML Schema and Debezium's `IsoDate` write those (`2026-11-18Z`); Python's own reader refuses them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_LONGEST: Final = 64
_BEGINNING: Final = re.compile(r"\d{4}-?(?:\d\d|W)", re.ASCII)
_ZONED_LENGTHS: Final = (len("2026-11-18Z"), len("2026-11-18+02:00"))
_ZONED_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)", re.ASCII)


def zoned_date(text: str) -> datetime | None:
    """The first moment of a date that has a zone, `2026-11-18Z`; None for any other text.

    It comes before Python's reader, which takes the zone of `2026-11-18+02:00` for a time of day.
    """
    if len(text) not in _ZONED_LENGTHS:
        return None
    found = _ZONED_DATE.fullmatch(text)
    try:
        return None if found is None else datetime.fromisoformat(f"{found[1]}T00:00{found[2]}")
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def iso_time(text: str) -> datetime | None:
    """The time that a text of ISO 8601 says, in UTC if it names no zone: of a date the beginning. None for others."""
    text = text.strip()
    if len(text) > _LONGEST or _BEGINNING.match(text) is None:
        return None
    try:
        read = zoned_date(text) or datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except OverflowError:
        return None


def same_moment(time: datetime, text: object) -> bool:
    """Whether a text says this time."""
    return isinstance(text, str) and len(text) <= _LONGEST and iso_time(text) == time
