"""Realistic messages of four sources and of the chats behind them, made from a seed, and their expected results.

The same seed gives the same messages, byte for byte. The makers (`billing`, `crm`, `shop_database`, `workflow`) know
what each message means because they made it so; nothing here knows the rules engine or a mapping file. So what the
pipeline stored with the shipped mappings can be held against `expected`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count as numbers
from itertools import islice
from random import Random
from typing import Final, NamedTuple

import msgspec

from greenflash_kafka.demo import billing, chats, crm, shop_database, workflow
from greenflash_kafka.demo.made import BILLING, CREDITS, CRM, WORKFLOW, Chat, Made, Maker, Moment

TOPICS: Final = (BILLING, CRM, WORKFLOW, CREDITS)
"""The topics that the traffic goes to, all of which the shipped rules read."""

START_MS: Final = 1_795_000_000_000
"""The first message's time unless another is asked for: 2026-11-18T11:06:40Z, in milliseconds."""

STEP_MS: Final = 1
"""Milliseconds from one message's time to the next one's; small, since brokers refuse times an hour in the future."""

_REMEMBERED: Final = 64
_HEADERS: Final = (("content-type", b"application/json"),)


class ProducedMessage(NamedTuple):
    """A message as a producer writes it; `value` None is a tombstone, `timestamp_ms` is the record's own time."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


class ExpectedTraffic(msgspec.Struct, frozen=True):
    """What must become of the traffic.

    `mapped`, `filtered` and `dead_lettered` count messages and add up to `messages`. `accepted` counts events as
    often as they are told, `stored` only the distinct ones; `events` counts those by type. `values` is the text
    to be stored for each insert id.
    """

    messages: int
    mapped: int
    filtered: int
    dead_lettered: int
    accepted: int
    stored: int
    events: Mapping[str, int]
    values: Mapping[str, str]

    @property
    def duplicates(self) -> int:
        """How often an event is told again that was told before."""
        return self.accepted - self.stored


def traffic(seed: int, count: int, start_ms: int = START_MS, *, repeats: float = 0.0) -> Iterator[ProducedMessage]:
    """`count` messages; about two thirds of them match no rule, about one in a hundred is broken.

    `repeats` is the share of messages that tell an earlier fact again, as producers do that try again, or as
    another system does that knows of it too.
    """
    for made, ms in _made(seed, count, start_ms, repeats):
        yield _produced(made, ms)


def endless_with_meaning(
    seed: int,
    start_ms: int = START_MS,
    *,
    repeats: float = 0.0,
    first: int = 0,
    step_ms: float = STEP_MS,
    now: Callable[[], int] | None = None,
) -> Iterator[tuple[ProducedMessage, Made]]:
    """Traffic without an end, each message with what it means: for those who count along while it is written.

    `first` is the number of the first message, from which all ids follow: another start needs another one, or it
    tells the old facts again. `step_ms` is the time from one message to the next.
    `now` gives the times of messages, in milliseconds, in place of `start_ms` and `step_ms`.
    """
    for made, ms in _endlessly(seed, start_ms, repeats, first, step_ms, now):
        yield _produced(made, ms), made


def with_chats(messages: Iterable[tuple[ProducedMessage, Made]]) -> Iterator[tuple[ProducedMessage, Made | Chat]]:
    """The same messages, and among them those of the chats that have to do with them.

    A chat is written just before its message, or some messages after it, as by a chat service that is slow.
    """
    waiting: list[tuple[int, int, Chat]] = []  # before which message it is written; its own number
    last_ms = order = 0
    for number, (message, made) in enumerate(messages):
        last_ms = message.timestamp_ms
        for chat in made.chats:
            heappush(waiting, (number + made.late, order, chat))
            order += 1
        while waiting and waiting[0][0] <= number:
            yield _chat(heappop(waiting), last_ms)
        yield message, made
    while waiting:
        yield _chat(heappop(waiting), last_ms)


def expected(count: int, seed: int, start_ms: int = START_MS, *, repeats: float = 0.0) -> ExpectedTraffic:
    """What must become of `traffic(seed, count, start_ms, repeats=repeats)`."""
    return tally(made for made, _ in _made(seed, count, start_ms, repeats))


def tally(messages: Iterable[Made]) -> ExpectedTraffic:
    """Count what messages mean."""
    mapped = filtered = broken = accepted = 0
    values: dict[str, str] = {}
    types: dict[str, int] = {}
    for made in messages:
        if made.broken:
            broken += 1
        elif made.facts:
            mapped += 1
        else:
            filtered += 1
        for fact in made.facts:
            accepted += 1
            if fact.insert_id not in values:
                values[fact.insert_id] = fact.value
                types[fact.event_type] = types.get(fact.event_type, 0) + 1
    return ExpectedTraffic(
        messages=mapped + filtered + broken,
        mapped=mapped,
        filtered=filtered,
        dead_lettered=broken,
        accepted=accepted,
        stored=len(values),
        events=dict(sorted(types.items())),
        values=values,
    )


def _wheel() -> tuple[Maker, ...]:
    """Every maker as often as its weight, so that one random number picks one."""
    weighted = (*billing.KINDS, *crm.KINDS, *workflow.KINDS, *shop_database.KINDS, *chats.KINDS)
    return tuple(maker for weight, maker in weighted for _ in range(weight))


def _made(seed: int, count: int, start_ms: int, repeats: float) -> Iterator[tuple[Made, int]]:
    return islice(_endlessly(seed, start_ms, repeats, 0, STEP_MS), count)


def _endlessly(
    seed: int, start_ms: int, repeats: float, first: int, step_ms: float, now: Callable[[], int] | None = None
) -> Iterator[tuple[Made, int]]:
    chance = Random(seed)
    wheel = _wheel()
    told: list[Made] = []  # the last messages with facts, from which some are told again
    for n in numbers(first):
        ms = start_ms + int((n - first) * step_ms) if now is None else now()
        if repeats and told and chance.random() < repeats:
            made = told[int(chance.random() * len(told))]
            made = made.again() if made.again is not None and chance.random() < 0.5 else made._replace(chats=())
        else:
            made = wheel[int(chance.random() * len(wheel))](Moment(n, ms, chance))
            if repeats and made.facts and not made.broken:
                if len(told) < _REMEMBERED:
                    told.append(made)
                else:
                    told[n % _REMEMBERED] = made
        yield made, ms


def _produced(made: Made, ms: int) -> ProducedMessage:
    headers = _HEADERS if made.value is not None else ()
    return ProducedMessage(made.topic, made.key.encode(), made.value, headers, ms)


def _chat(due: tuple[int, int, Chat], ms: int) -> tuple[ProducedMessage, Chat]:
    _, order, chat = due
    return _produced(chats.to_message(chat, order), ms), chat
