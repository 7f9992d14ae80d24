"""Facts of an event that a diff counts: its type, influence and money, read from its body."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from greenflash_kafka.model.event import Event
from greenflash_kafka.model.event_money import amount_of, currency_name, number_of

NO_MONEY: Final = ""
"""The currency of an event whose value is no money."""


class EventFacts(msgspec.Struct, frozen=True, gc=False):
    """`influence` is `neutral` where an event says none, as the service has it; `amount` is a number without unit where
    `currency` is "", None if the value is neither money nor a number."""

    event_type: str
    influence: str
    currency: str
    amount: Decimal | None

    @property
    def is_money(self) -> bool:
        """Whether the amount is one of a currency."""
        return self.currency != NO_MONEY


class _Properties(msgspec.Struct, gc=False):
    currency: object = None


class _Body(msgspec.Struct, gc=False):
    eventType: str  # noqa: N815 - the names of the request's JSON
    value: str
    valueType: str = ""  # noqa: N815
    influence: str = "neutral"
    properties: _Properties | None = None


_decode: Final = msgspec.json.Decoder(_Body).decode


def facts_of(event: Event) -> EventFacts:
    """The facts of a valid event; those of an event before it may be the very same object."""
    body = _decode(event.body)
    currency = None if body.properties is None else body.properties.currency
    # What isn't text names no currency.
    said = currency if isinstance(currency, str) else None
    return _facts(body.eventType, body.influence, body.valueType, body.value, said)


@lru_cache(maxsize=2)  # a changed event has mostly the same facts on both sides
def _facts(event_type: str, influence: str, value_type: str, value: str, currency: str | None) -> EventFacts:
    amount = amount_of(value_type, value)
    if amount is None:
        return EventFacts(event_type, influence, NO_MONEY, number_of(value_type, value))
    return EventFacts(event_type, influence, currency_name(currency), amount)
