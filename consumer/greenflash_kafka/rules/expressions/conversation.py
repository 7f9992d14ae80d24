"""`conversation.*`: what the properties of a linked event may say of its conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from greenflash_kafka.model.conversations import Link
from greenflash_kafka.rules.expressions.values import Type, Value

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _id(link: Link) -> Value:
    return link.conversation or None


def _at(link: Link) -> Value:
    if link.result != "linked":
        return None
    try:
        return _EPOCH + timedelta(milliseconds=link.at)
    except OverflowError:
        # Up to 5 s after an event of the last second of the year 9999.
        return None


def _source(link: Link) -> Value:
    return link.source or None


def _seconds_before(link: Link) -> Value:
    if link.result != "linked":
        return None
    seconds, rest = divmod(link.before_ms, 1000)
    return Decimal(link.before_ms) / 1000 if rest else seconds


def _method(link: Link) -> Value:
    return link.method


CONVERSATION_FIELDS: Final[Mapping[str, tuple[Type, Callable[[Link], Value]]]] = {
    "id": ("text", _id),
    "at": ("time", _at),
    "source": ("text", _source),
    "seconds_before": ("number", _seconds_before),
    "method": ("text", _method),
}
"""Each name after `conversation.`, with its type and how it is read from the link. All are missing without a link; a
conversation that the rule itself gave (method own) has an id and a method, and nothing else."""
