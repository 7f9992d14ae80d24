"""Schemas that are known, wanted and refused, and when to ask for one: decisions without a clock or a network.

A key that nobody has looked up for a while isn't asked for any more: its messages went with their partition.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused, key_text
from greenflash_kafka.schemas.registry_answers import AnswerVerdict

MOST_KNOWN: Final = 10_000
"""Schemas that are kept; the least recently used go first."""

REFUSED_SECONDS: Final = 60.0
"""So long an id that the registry doesn't know is refused at once; then the registry is asked anew."""

FORGET_SECONDS: Final = 120.0
"""A key that is wanted and wasn't looked up for so long isn't asked for any more."""

UNKNOWN_DELAYS: Final = (0.2, 1.0, 5.0, 15.0)
"""Seconds between two questions for an id that the registry doesn't know; the last holds for all further ones."""

FIRST_DELAY, LONGEST_DELAY = 0.1, 10.0
"""Bounds of the delay after a failure, in seconds; it doubles, with jitter."""

LONGEST_WISH: Final = 300.0
"""The longest `Retry-After` that is kept to, in seconds: a wrong header must not stop a partition for a day."""

WITHOUT_REGISTRY: Final = "`source: {format: json}` reads them without it"
"""What to do where a registry is asked for what is no schema's id."""

AT_ONCE: Final = 4
"""Keys that are asked for at the same time; one while the registry fails."""


class WantedKey(msgspec.Struct):
    """A key that is asked for. Times are monotonic seconds. `failing`, `unknown`: since when all answers are so.
    `doubted`: messages beside those that name it are read without a schema."""

    key: SchemaKey
    since: float
    due: float
    used: float
    asked: bool = False
    tries: int = 0
    unknown_tries: int = 0
    failing: float | None = None
    unknown: float | None = None
    verdict: AnswerVerdict | None = None
    doubted: bool = False


class _Refusal(msgspec.Struct):
    refused: SchemaRefused
    until: float | None
    unknown: float | None = None


class _Known(msgspec.Struct, frozen=True):
    schema: Schema
    text: Schema


class WantedSchemas:
    """The state of all keys. `unknown_seconds`: how long an id may be unknown, before its messages are given up; before
    any schema has become known they never are, since a wrong registry must not empty a topic: unless the messages
    beside them need no registry (`doubt`)."""

    def __init__(self, unknown_seconds: float = 60.0, most: int = MOST_KNOWN) -> None:
        self._unknown_seconds = unknown_seconds
        self._most = most
        self._known: OrderedDict[SchemaKey, _Known] = OrderedDict()
        self._refused: OrderedDict[SchemaKey, _Refusal] = OrderedDict()
        self.wanted: dict[SchemaKey, WantedKey] = {}
        """What is asked for."""
        self.knew_any = False
        """A schema has become known, at any time."""
        self._not_before = 0.0

    def __len__(self) -> int:
        """How many schemas are known."""
        return len(self._known)

    def known(self, key: SchemaKey) -> Schema | None:
        """A schema that is known; asked for each message."""
        known = self._known.get(key)
        if known is None:
            return None
        self._known.move_to_end(key)
        return known.schema

    def find(self, key: SchemaKey, now: float) -> Schema | SchemaRefused | None:
        """What is known of a key; from now on it is asked for, if that is nothing."""
        schema = self.known(key)
        if schema is not None:
            return schema
        wanted = self.wanted.get(key)
        if wanted is not None:
            wanted.used = now
            return None
        refusal = self._refused.get(key)
        if refusal is not None:
            if refusal.until is None or now < refusal.until:
                return refusal.refused
            del self._refused[key]
        self.wanted[key] = WantedKey(key, now, now, now, unknown=None if refusal is None else refusal.unknown)
        return None

    def doubt(self, key: SchemaKey) -> None:
        """See `ports.Schemas`."""
        wanted = self.wanted.get(key)
        if wanted is not None:
            wanted.doubted = True

    def text_of(self, key: SchemaKey) -> Schema | None:
        """A known schema as the text that people read."""
        known = self._known.get(key)
        return None if known is None else known.text

    # --- what is asked -----------------------------------------------------------------------------------------------

    def due(self, now: float) -> Iterator[WantedKey]:
        """The keys to ask for now, the one that waits longest first."""
        under_way = sum(each.asked for each in self.wanted.values())
        failing = any(each.failing is not None for each in self.wanted.values())
        room = (1 if failing else AT_ONCE) - under_way
        if room <= 0 or now < self._not_before:
            return
        for each in sorted(self.wanted.values(), key=lambda wanted: wanted.due):
            if each.due > now or not room:
                return
            if not each.asked:
                if now - each.used > FORGET_SECONDS:
                    del self.wanted[each.key]
                    continue
                each.asked = True
                room -= 1
                yield each

    # --- what is answered --------------------------------------------------------------------------------------------

    def answered(self, key: SchemaKey, schema: Schema, text: Schema | None = None) -> None:
        """The registry has it; `text`: as the text that people read, if that is another."""
        self.wanted.pop(key, None)
        self.knew_any = True
        self._not_before = 0.0
        self._known[key] = _Known(schema, text or schema)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def cannot_be_used(self, key: SchemaKey, refused: SchemaRefused) -> None:
        """The registry has it, and nobody can decode with it: for good, as schemas never change."""
        self.wanted.pop(key, None)
        self.knew_any = True
        self._refuse(key, _Refusal(refused, None))

    def cannot_be_read(self, key: SchemaKey, refused: SchemaRefused, now: float) -> None:
        """What the registry has under this key isn't read; it is asked again later, as it may not have been the
        registry that answered."""
        self.wanted.pop(key, None)
        self._refuse(key, _Refusal(refused, now + REFUSED_SECONDS))

    def not_answered(
        self, key: SchemaKey, verdict: AnswerVerdict, now: float, random: Callable[[], float]
    ) -> SchemaRefused | None:
        """The registry doesn't know it, or didn't say; the refusal if the messages are given up. `random` gives a
        number from 0 to 1."""
        wanted = self.wanted.get(key)
        if wanted is None:
            return None
        wanted.asked, wanted.verdict = False, verdict
        if verdict.meaning == "unknown":
            return self._unknown(wanted, now)
        wanted.tries = wanted.tries + 1 if wanted.failing is not None else 1
        wanted.failing = now if wanted.failing is None else wanted.failing
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(wanted.tries - 1, 16)) * (0.5 + random() / 2)
        wish = min(verdict.retry_after or 0.0, LONGEST_WISH)
        wanted.due = now + max(delay, wish)
        # One key's answer stands for the registry: the others don't ask in its place.
        self._not_before = now + max(wish, min(delay, 1.0))
        return None

    def _unknown(self, wanted: WantedKey, now: float) -> SchemaRefused | None:
        self._not_before = 0.0
        wanted.unknown_tries += 1
        wanted.failing = None
        if wanted.unknown is None:
            wanted.unknown = now
        until = wanted.unknown + self._unknown_seconds
        if now >= until:
            if self.knew_any or wanted.doubted:
                refused = SchemaRefused("unknown-schema", _unknown_text(wanted, now - wanted.unknown))
                self._refuse(wanted.key, _Refusal(refused, now + REFUSED_SECONDS, wanted.unknown))
                del self.wanted[wanted.key]
                return refused
            # It may be another registry than the producers'.
            wanted.failing = until
        delay = UNKNOWN_DELAYS[min(wanted.unknown_tries, len(UNKNOWN_DELAYS)) - 1]
        wanted.due = now + delay if now >= until else min(now + delay, until)
        return None

    def _refuse(self, key: SchemaKey, refusal: _Refusal) -> None:
        self._refused[key] = refusal
        while len(self._refused) > self._most:
            self._refused.popitem(last=False)

    # --- what is told ------------------------------------------------------------------------------------------------

    def waits(self) -> Mapping[SchemaKey, str]:
        """The keys that are asked for, and why each isn't known yet."""
        return {each.key: "it is asked for" if each.verdict is None else each.verdict.text for each in self._all()}

    def failing(self, now: float, seconds: float = 0.0) -> WantedKey | None:
        """The key that has failed for longest, and for so many seconds at least; None if there is none."""
        found = [each for each in self._all() if each.failing is not None and now - each.failing >= seconds]
        return min(found, key=lambda each: each.failing or 0.0, default=None)

    def _all(self) -> list[WantedKey]:
        return list(self.wanted.values())


def _unknown_text(wanted: WantedKey, seconds: float) -> str:
    said = f"the registry hasn't known the schema {key_text(wanted.key)} for {seconds:.0f} s; "
    if wanted.doubted:
        said += f"other messages of the topic need no registry: if all are JSON, {WITHOUT_REGISTRY}"
        return said
    return f"{said}is it the registry of this topic's producers?"
