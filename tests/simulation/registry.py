"""A schema registry in virtual time: it answers late, fails, doesn't know schemas yet; in the end it has them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused
from greenflash_kafka.schemas.registry_answers import AnswerVerdict
from greenflash_kafka.schemas.wanted import WantedSchemas
from tests.simulation.scheduler import Scheduler

SCHEMA: Final = Schema("avro", '"string"')
UNKNOWN: Final = AnswerVerdict("unknown", "status-404", "not known yet")
FAILING: Final = (
    AnswerVerdict("failing", "timeout", "silent"),
    AnswerVerdict("failing", "status-503", "fails"),
    AnswerVerdict("failing", "status-429", "slowly", retry_after=0.5),
    AnswerVerdict("refused", "status-401", "refused"),
)
MOST_UNKNOWN: Final = 2
"""So often at most an id isn't known yet: it is asked for again after 0.2 and 1 s."""


class SimulatedRegistry:
    """`ports.Schemas` whose decisions are the real ones (`schemas.wanted`). It fails for at most `seconds` from the
    first question on."""

    def __init__(self, scheduler: Scheduler, random: Random, seconds: float) -> None:
        self._scheduler = scheduler
        self._random = random
        self._seconds = seconds
        self._wanted = WantedSchemas()
        self._under_way: list[tuple[float, SchemaKey]] = []
        self._works_from: float | None = None
        self._unknown: dict[SchemaKey, int] = {}

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        return self._wanted.find(key, self._scheduler.now)

    def doubt(self, key: SchemaKey) -> None:
        self._wanted.doubt(key)

    def poll(self) -> Sequence[SchemaKey]:
        now, random = self._scheduler.now, self._random
        if self._works_from is None and self._wanted.wanted:
            self._works_from = now + random.random() * self._seconds
        answered = [key for at, key in self._under_way if at <= now]
        self._under_way = [each for each in self._under_way if each[0] > now]
        self._under_way += [(now + random.random() * self._seconds / 4, each.key) for each in self._wanted.due(now)]
        return [key for key in answered if self._answer(key, now)]

    def _answer(self, key: SchemaKey, now: float) -> bool:
        random = self._random
        if self._works_from is None or now < self._works_from:
            self._wanted.not_answered(key, random.choice(FAILING), now, random.random)
            return False
        left = self._unknown.setdefault(key, random.randrange(MOST_UNKNOWN + 1))
        if left:
            self._unknown[key] = left - 1
            return self._wanted.not_answered(key, UNKNOWN, now, random.random) is not None
        self._wanted.answered(key, SCHEMA)
        return True

    def waits(self) -> Mapping[SchemaKey, str]:
        return self._wanted.waits()

    def lacks(self, topic: str, key: SchemaKey, fields: Sequence[str]) -> None:
        """Nobody is told."""

    @property
    def stalled(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing is open."""
