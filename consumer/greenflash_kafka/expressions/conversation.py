"""`conversation.*`: what the properties of a linked event may say of its conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.expressions.values import Type, Value
from greenflash_kafka.model.conversations import Link

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


class ConversationField(msgspec.Struct, frozen=True):
    """A name after `conversation.`: the type of its value, how that is read from the event's link, and what it says."""

    type: Type
    read: Callable[[Link], Value]
    help: str


CONVERSATION_FIELDS: Final[Mapping[str, ConversationField]] = {
    "id": ConversationField("text", _id, "The conversation's id."),
    "at": ConversationField("time", _at, "The time of the activity by which it was chosen."),
    "source": ConversationField("text", _source, "The name of its entry in `conversations`."),
    "seconds_before": ConversationField(
        "number", _seconds_before, "Seconds from that activity to the event, at least 0."
    ),
    "method": ConversationField(
        "text", _method, "`last_touch`, `first_touch`, `single`, or `own` if the rule gave the id itself."
    ),
}
"""All are missing without a link; a conversation that the rule itself gave (method own) has an id and a method, and
nothing else."""
