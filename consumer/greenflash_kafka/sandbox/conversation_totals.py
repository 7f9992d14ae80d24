"""Conversations of the stored events, and the money that followed each, exact and by currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Literal

import msgspec

from greenflash_kafka.model.event_money import EXACT, amount_of, currency_of

SHOWN: Final = 20
"""Conversations that are listed for a side and a currency: those with most money."""

KEPT: Final = 100_000
"""Conversations whose money is added up; events of further ones count, but aren't listed."""

_FOUND: Final = frozenset(("last_touch", "first_touch", "single"))
"""Values of `properties.attribution` of an event whose conversation was searched for."""

_ZERO: Final = Decimal(0)

Side = Literal["made", "lost"]
"""Money of events that are good news (an upgrade), and of those that are bad news (a refund)."""


class ConversationMoney(msgspec.Struct):
    """The money that followed a conversation.

    `event_type` is that of the latest event, `minutes` how long after the chat it happened (None where the event
    doesn't say), `events` how many there were.
    """

    conversation: str
    user: str
    event_type: str
    amount: Decimal
    minutes: int | None
    events: int = 1


class ByChance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A share that coincidence alone would link, as whoever made the traffic has worked it out."""

    linked: int
    of: int


class MoneyTotal(msgspec.Struct):
    """The amounts of one side in one currency, of all events and of those in a conversation."""

    total: Decimal = _ZERO
    linked: Decimal = _ZERO


class ConversationTotals:
    """Outcomes (events whose influence isn't neutral) by how their conversation was found, and the money of all."""

    def __init__(self) -> None:
        self.outcomes = 0
        self.found = 0
        """Outcomes whose conversation was searched for and found."""
        self.told = 0
        """Outcomes whose own message told the conversation."""
        self.no_user = 0
        """Outcomes without a conversation that don't say whose they are."""
        self.no_chat = 0
        """The other outcomes without a conversation."""
        self.by_chance: ByChance | None = None
        self._money: dict[tuple[Side, str], MoneyTotal] = {}
        self._lines: dict[tuple[Side, str, str], ConversationMoney] = {}
        self._top: dict[tuple[Side, str], dict[str, ConversationMoney]] = {}

    def add(self, event: dict[str, Any]) -> None:
        """Count an event that has just been stored."""
        influence = event.get("influence")
        if influence != "positive" and influence != "negative":
            return
        conversation = event.get("externalConversationId") or event.get("conversationId") or ""
        properties = event.get("properties") or {}
        self._count(event, conversation, properties)
        amount = amount_of(event.get("valueType"), event.get("value", ""))
        if amount is None:
            return
        side: Side = "made" if influence == "positive" else "lost"
        currency = currency_of(event.get("properties"))
        money = self._money.setdefault((side, currency), MoneyTotal())
        money.total = EXACT.add(money.total, amount)
        if conversation:
            money.linked = EXACT.add(money.linked, amount)
            self._add_line(side, currency, conversation, event, amount, properties)

    def _count(self, event: dict[str, Any], conversation: str, properties: dict[str, Any]) -> None:
        self.outcomes += 1
        if conversation:
            if properties.get("attribution") in _FOUND:
                self.found += 1
            else:
                self.told += 1
        elif event.get("externalUserId") or event.get("userId"):
            self.no_chat += 1
        else:
            self.no_user += 1

    def _add_line(
        self, side: Side, currency: str, conversation: str, event: dict[str, Any], amount: Decimal, properties: Any
    ) -> None:
        key = side, currency, conversation
        line = self._lines.get(key)
        minutes = properties.get("minutes_after_chat")
        if line is None:
            if len(self._lines) >= KEPT:
                return
            user = event.get("externalUserId") or event.get("userId") or ""
            line = self._lines[key] = ConversationMoney(conversation, user, event["eventType"], amount, None)
        else:
            line.amount = EXACT.add(line.amount, amount)
            line.event_type = event["eventType"]
            line.events += 1
        line.minutes = int(minutes) if type(minutes) in (int, Decimal) and 0 <= minutes < 1 << 31 else None
        top = self._top.setdefault((side, currency), {})
        top[conversation] = line
        if len(top) > SHOWN:
            del top[min(top, key=lambda name: top[name].amount)]

    def summary(self) -> dict[str, Any]:
        """All of it as JSON: amounts as text, lines by currency and then by amount, the largest first."""
        return {
            "outcomes": self.outcomes,
            "found": self.found,
            "told": self.told,
            "no_user": self.no_user,
            "no_chat": self.no_chat,
            "by_chance": self.by_chance,
            "money": [
                {"side": side, "currency": currency, "total": _text(money.total), "linked": _text(money.linked)}
                for (side, currency), money in sorted(self._money.items())
            ],
            "made": self._listed("made"),
            "lost": self._listed("lost"),
        }

    def _listed(self, side: Side) -> list[dict[str, Any]]:
        lists = {currency: list(top.values()) for (of, currency), top in self._top.items() if of == side}
        # The currency with most money in conversations can't be told, but that with most conversations can.
        order = sorted(lists, key=lambda currency: (-len(lists[currency]), currency))
        return [
            msgspec.structs.asdict(line) | {"currency": currency, "amount": _text(line.amount)}
            for currency in order
            for line in sorted(lists[currency], key=lambda line: -line.amount)
        ]


def _text(amount: Decimal) -> str:
    # As text: JavaScript has no exact numbers.
    return format(amount, "f")
