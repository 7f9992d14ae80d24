"""The `link` of a rule, compiled: by which keys, over which time, and to which sources its events are linked."""

from __future__ import annotations

import msgspec

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.model.conversations import ConversationSource, Touch


class LinkTry(msgspec.Struct, frozen=True):
    """One way of finding the conversation.

    `by`: names of keys with the expression of this event's value; None for the event's own field of that name.
    `lookback` is in milliseconds. `to`: names of sources; empty for all whose product is the event's.
    """

    by: tuple[tuple[str, Expression | None], ...]
    lookback: int
    touch: Touch = "last"
    to: tuple[str, ...] = ()


class RuleLink(msgspec.Struct, frozen=True):
    """The ways of a rule, tried in turn: the next one if there is no conversation, or nobody can tell which one.

    `product`: the one that all events of the rule have; None if it is computed.
    """

    tries: tuple[LinkTry, ...]
    product: str | None = None

    def may_find(self, source: ConversationSource) -> bool:
        """True if an event of the rule could be linked to this source: then its topic waits for it."""
        if self.product is not None and source.product_id not in (None, self.product):
            return False
        return any(
            (not each.to or source.name in each.to) and any(name in source.keys for name, _ in each.by)
            for each in self.tries
        )
