"""Records of conversation topics that name an id of an event and give no activity, and why they give none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from greenflash_kafka.cases.link_reasons import moment
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message

MOST: Final = 5
"""So many reasons are shown, those of the latest records first."""

_LONG: Final = 16
"""Characters of an id from which on what stands before it doesn't matter: binary formats have its length there."""


class RecordsOfKeys:
    """Records whose key or value has one of these ids as a word, whatever else can be read of them. Capitals don't
    matter."""

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        ids = dict.fromkeys(value for _, value in keys if value)
        self._found = re.compile(b"|".join(map(_as_word, ids)), re.IGNORECASE) if ids else None
        self._why: dict[str, list[Message]] = {}

    def names(self, message: Message) -> bool:
        """Whether the record has one of the ids."""
        found = self._found
        return found is not None and any(found.search(part) for part in (message.key, message.value) if part)

    def add(self, message: Message, reasons: Sequence[str]) -> None:
        """Keep a record that gives no activity, with the reasons."""
        for each in reasons:
            self._why.setdefault(each, []).append(message)

    def lines(self) -> tuple[str, ...]:
        """One line for each reason, with the latest of its records, and how many others there are."""
        latest = sorted(self._why.items(), key=lambda each: max(_time(one) for one in each[1]), reverse=True)
        lines = [_line(why, max(records, key=_time), len(records) - 1) for why, records in latest[:MOST]]
        left = len(latest) - MOST
        return (*lines, f"and {counted(left, 'other reason')}") if left > 0 else tuple(lines)


def _as_word(value: str) -> bytes:
    begin = b"" if len(value) >= _LONG else b"(?<![A-Za-z0-9])"
    return begin + re.escape(value.encode()) + b"(?![A-Za-z0-9])"


def _time(message: Message) -> int:
    return message.record_ms or 0


def _line(why: str, latest: Message, others: int) -> str:
    time = "" if latest.record_ms is None else f", {moment(latest.record_ms)}"
    return f"{latest.coordinates}{time}: {why}" + (f" (and {counted(others, 'earlier record')})" if others else "")
