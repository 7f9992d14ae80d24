"""Input and output types of the makers of demo messages."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import msgspec

BILLING = "billing.stripe.events"
CRM = "crm.hubspot.webhooks"
WORKFLOW = "workflow.events"

to_json = msgspec.json.Encoder().encode


class Fact(NamedTuple):
    """One business fact that a message tells: the event it must become, what makes it unique, and the value sent."""

    event_type: str
    key: str
    value: str

    @property
    def insert_id(self) -> str:
        """The id under which Greenflash must hold it, once."""
        return f"{self.event_type}:{self.key}"


class Moment(NamedTuple):
    """When and with which chance a message is made; `n` is its number and makes every id in it unique."""

    n: int
    ms: int
    chance: Random

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970."""
        return self.ms // 1000

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1; several times faster than `randrange`."""
        return int(self.chance.random() * limit)

    def one_of(self, options: tuple[str, ...]) -> str:
        """One of the options, each as likely as the next."""
        return options[int(self.chance.random() * len(options))]


class Made(NamedTuple):
    """A message and what it means.

    `facts` are the events that it must become; `broken` says that something in it must send it to the
    dead-letter topic (its other facts are sent all the same). `again` makes another message that tells the same
    facts, where the world has one; without it the message itself is told again.
    """

    topic: str
    key: str
    value: bytes | None
    facts: tuple[Fact, ...] = ()
    broken: bool = False
    again: Callable[[], Made] | None = None


Maker = Callable[[Moment], Made]
"""Makes one message of one kind."""

Payload = dict[str, Any]
"""A JSON object on its way out."""
