"""Traffic with planted causes: which outcome was led to by which conversation is known, since it was made so.

A support chat or a sales chat may cause an outcome some time later; other outcomes come at random; a copilot is used
all day and causes nothing. Records reach Kafka late, by a pipeline's delay. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

SUPPORT, SALES, COPILOT = (
    "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a01",
    "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a02",
    "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a03",
)
"""The products that a conversation, or an outcome, belongs to."""


class Parameters(NamedTuple):
    """What traffic is made of."""

    seed: int = 1
    people: int = 2_000
    days: int = 14
    support_a_week: float = 2.0
    """Support chats of a person, and so on."""
    sales_a_week: float = 1.0
    copilot_a_day: float = 5.0
    causes: float = 0.4
    """The share of support and sales chats that lead to an outcome of their product."""
    at_once: float = 0.3
    """The share of these outcomes that happen within 10 s of the chat's first message."""
    after_minutes: float = 45.0
    """How long after the chat the others happen, on average (exponential)."""
    asks_again: float = 0.4
    """The share of caused outcomes after which the person begins another chat about the product, within 30 minutes."""
    random_a_week: float = 0.2
    """Outcomes of a person and product that nothing caused."""
    late_share: float = 0.1
    """The share of chat records that reach Kafka late, after `late_seconds` on average."""
    late_seconds: float = 20.0
    held_share: float = 0.2
    """The share of outcomes whose message comes late: a webhook that is tried again, `held_minutes` on average."""
    held_minutes: float = 60.0

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:g}" for name, value in self._asdict().items())


class Touch(NamedTuple):
    """A message of a chat: said at `at`, in Kafka at `arrived`."""

    arrived: int
    at: int
    product: str
    person: str
    conversation: str


class Fact(NamedTuple):
    """An outcome: it happened at `at`, its message came at `arrived`; `cause` is the conversation that led to it."""

    arrived: int
    at: int
    product: str
    person: str
    cause: str | None


class Traffic(NamedTuple):
    """All of it, in order of arrival."""

    touches: list[Touch]
    facts: list[Fact]


def make(given: Parameters, start: int = 1_790_000_000_000) -> Traffic:
    """The traffic of these parameters, always the same."""
    random = Random(f"caused {given}")
    traffic = Traffic([], [])
    for person in (f"user-{each}" for each in range(given.people)):
        for product, rate, causes in (
            (SUPPORT, given.support_a_week / 7, given.causes),
            (SALES, given.sales_a_week / 7, given.causes),
            (COPILOT, given.copilot_a_day, 0.0),
        ):
            for at in _moments(random, rate, given.days):
                conversation, end = _chat(random, given, traffic, start + at, product, person)
                if random.random() >= causes:
                    continue
                if random.random() < given.at_once:
                    happened = start + at + random.randrange(10_000)
                else:
                    happened = end + int(random.expovariate(1 / (given.after_minutes * MINUTE)))
                traffic.facts.append(_fact(random, given, happened, product, person, conversation))
                if random.random() < given.asks_again:
                    later = happened + int(random.random() * 30 * MINUTE) + 10_000
                    _chat(random, given, traffic, later, product, person)
        for product in (SUPPORT, SALES):
            for at in _moments(random, given.random_a_week / 7, given.days):
                traffic.facts.append(_fact(random, given, start + at, product, person, None))
    return Traffic(sorted(traffic.touches), sorted(traffic.facts, key=lambda each: each[:4]))


def _chat(
    random: Random, given: Parameters, traffic: Traffic, begin: int, product: str, person: str
) -> tuple[str, int]:
    """One conversation, begun at a time: its id, and when its last message was said."""
    conversation, said = f"chat-{person}-{len(traffic.touches)}", begin
    for number in range(random.randint(1, 6)):
        said += int(random.expovariate(2 / MINUTE)) if number else 0
        late = random.random() < given.late_share
        delay = random.expovariate(1 / given.late_seconds) if late else random.random()
        traffic.touches.append(Touch(said + int(delay * 1000), said, product, person, conversation))
    return conversation, said


def _moments(random: Random, a_day: float, days: int) -> Iterator[int]:
    at = 0.0
    while a_day > 0:
        at += random.expovariate(a_day)
        if at >= days:
            return
        yield int(at * DAY)


def _fact(random: Random, given: Parameters, at: int, product: str, person: str, cause: str | None) -> Fact:
    held = random.random() < given.held_share
    delay = random.expovariate(1 / (given.held_minutes * MINUTE)) if held else random.random() * 2_000
    return Fact(at + int(delay), at, product, person, cause)


class Score(NamedTuple):
    """`links` are events that got a conversation, `right` those that got the one that caused them."""

    links: int
    right: int
    caused: int

    @property
    def precision(self) -> float:
        """Of the links, the share that is right."""
        return self.right / max(1, self.links)

    @property
    def recall(self) -> float:
        """Of the outcomes that a conversation caused, the share that is linked to it."""
        return self.right / max(1, self.caused)


def score(facts: list[Fact], links: list[str | None]) -> Score:
    """How right these links are."""
    return Score(
        sum(each is not None for each in links),
        sum(link is not None and link == fact.cause for fact, link in zip(facts, links, strict=True)),
        sum(each.cause is not None for each in facts),
    )


def last_touch(traffic: Traffic, lookback: int, by_product: bool) -> list[str | None]:
    """What is usually built: the conversation of the person that was heard of last when the outcome comes, unless that
    is longer ago than the lookback; of the outcome's product only, or of any."""
    known: dict[tuple[str, str], tuple[int, str]] = {}
    links: list[str | None] = []
    touches = iter(traffic.touches)
    touch = next(touches, None)
    for fact in traffic.facts:
        while touch is not None and touch.arrived <= fact.arrived:
            known[touch.person, touch.product if by_product else ""] = touch.arrived, touch.conversation
            touch = next(touches, None)
        heard, conversation = known.get((fact.person, fact.product if by_product else ""), (0, ""))
        links.append(conversation if heard and fact.arrived - heard <= lookback else None)
    return links
