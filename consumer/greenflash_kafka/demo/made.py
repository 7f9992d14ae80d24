"""Input and output types of the makers of demo messages."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

BILLING = "billing.stripe.events"
CRM = "crm.hubspot.webhooks"
WORKFLOW = "workflow.events"
CREDITS = "billing.public.credit_orders"
CHATS = "chat.messages"

CUSTOMERS: Final = 1601
"""How many customers the made-up company has at a time: `u-0` to `u-1600`, who are `cus_0` to `cus_1600` for Stripe."""

TIMES: Final = 3
"""How often a customer's turn comes before others take their place, so that nobody has done everything in the end."""

_COMPANY: Final = 10 * CUSTOMERS

SPAN: Final = 1_000_000_000
"""Numbers of messages from this one on, and from each multiple of it, are another company's, with other customers."""

DAY_MS: Final = 86_400_000

to_json = msgspec.json.Encoder().encode


class Fact(NamedTuple):
    """One business fact that a message tells: the event it must become, what makes it unique, and the value sent.

    `user` is whose it is, empty where the message and the tables don't say; `at` when it happened, in milliseconds.
    `lookback`: milliseconds within which a conversation counts, 0 where the rule doesn't link. `cause` is the
    conversation that led to it; empty for what happened by itself.
    """

    event_type: str
    key: str
    value: str
    user: str = ""
    at: int = 0
    lookback: int = 0
    cause: str = ""

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

    @property
    def customer(self) -> int:
        """Whose message it is: the number of a customer, one of `customers(n)`."""
        company, number = divmod(self.n, SPAN)
        return company * _COMPANY + number // (CUSTOMERS * TIMES) * CUSTOMERS % _COMPANY + number % CUSTOMERS

    @property
    def user(self) -> str:
        """The same customer, as our own systems call them."""
        return f"u-{self.customer}"

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1; several times faster than `randrange`."""
        return int(self.chance.random() * limit)

    def one_of(self, options: tuple[str, ...]) -> str:
        """One of the options, each as likely as the next."""
        return options[int(self.chance.random() * len(options))]


class Chat(NamedTuple):
    """A message of a chat: `at` is when it was written, in milliseconds; `role` is user or assistant."""

    conversation: str
    user: str
    role: str
    at: int


def customers(n: int) -> range:
    """All customers of the company whose message has this number: those of its tables."""
    first = n // SPAN * _COMPANY
    return range(first, first + _COMPANY)


class Made(NamedTuple):
    """A message and what it means.

    `facts` are the events that it must become; `broken` says that something in it must send it to the
    dead-letter topic (its other facts are sent all the same). `again` makes another message that tells the same
    facts, where the world has one; without it the message itself is told again. `chats` are written to the chat
    topic just before it, or `late` messages after it.
    """

    topic: str
    key: str
    value: bytes | None
    facts: tuple[Fact, ...] = ()
    broken: bool = False
    again: Callable[[], Made] | None = None
    chats: tuple[Chat, ...] = ()
    late: int = 0


Maker = Callable[[Moment], Made]
"""Makes one message of one kind."""

Payload = dict[str, Any]
"""A JSON object on its way out."""
