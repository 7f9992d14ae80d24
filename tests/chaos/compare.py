"""Comparison of the final state with the expected one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from greenflash_kafka.dlq import reader
from tests.chaos.ground import Ground
from tests.chaos.traffic import identity

_PAGE = 5_000


class Verdict(msgspec.Struct):
    """Facts are events by identity. `examples` names the first few that are wrong.

    `dead_letters` counts the distinct messages in the dead-letter topic, `dead_letters_again` those that stand
    there once more because a process died between writing and committing, which is allowed.
    """

    stored: int = 0
    facts: int = 0
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    unknown: int = 0
    broken: int = 0
    dead_letters: int = 0
    dead_letters_again: int = 0
    dead_letters_missing: int = 0
    dead_letters_unmeant: int = 0
    uncommitted: int = 0
    requests: int = 0
    refused: int = 0
    again: int = 0
    """Requests under an id that was stored already, beyond those that the traffic itself tells again."""
    examples: list[str] = []

    @property
    def exact(self) -> bool:
        """Nothing lost, nothing twice, nothing wrong, every bad message kept, everything committed."""
        return not (
            self.lost
            or self.twice
            or self.wrong
            or self.unknown
            or self.refused
            or self.dead_letters_missing
            or self.dead_letters_unmeant
            or self.uncommitted
        )


def compare(ground: Ground, values: Mapping[str, str], told: int, broken: Collection[tuple[str, int, int]]) -> Verdict:
    """`values` is what must be stored by identity, `told` counts events as often as the traffic tells them."""
    verdict = Verdict(facts=len(values), broken=len(broken))
    _events(ground, values, verdict)
    _dead_letters(ground, broken, verdict)
    verdict.uncommitted = ground.behind()
    stats = ground.sandbox.stats()
    verdict.requests = stats["received"]
    verdict.refused = stats["rejected"]
    verdict.again = stats["duplicates"] - (told - len(values))
    return verdict


def _events(ground: Ground, values: Mapping[str, str], verdict: Verdict) -> None:
    seen: set[str] = set()
    while True:
        page = ground.sandbox.events(verdict.stored, _PAGE)
        if not page:
            break
        verdict.stored += len(page)
        for event in page:
            fact = identity(event)
            wanted = values.get(fact)
            if fact in seen:
                verdict.twice += 1
                _example(verdict, f"stored twice: {fact}, again as {event['insertId']}")
            elif wanted is None:
                verdict.unknown += 1
                _example(verdict, f"stored, but never meant: {fact}")
            elif event.get("value") != wanted:
                verdict.wrong += 1
                _example(verdict, f"wrong: {fact} is {event.get('value')!r}, not {wanted!r}")
            seen.add(fact)
    for fact in values:
        if fact not in seen:
            verdict.lost += 1
            _example(verdict, f"lost: {fact}")


def _dead_letters(ground: Ground, broken: Collection[tuple[str, int, int]], verdict: Verdict) -> None:
    seen: set[tuple[str, int, int]] = set()
    for record in ground.kafka.read(ground.dead_letters):
        origin = reader.read(record.key, record.value, record.headers).dead_letter.message
        where = (origin.topic, origin.partition, origin.offset)
        if where in seen:
            verdict.dead_letters_again += 1
            continue
        seen.add(where)
        if where not in broken:
            verdict.dead_letters_unmeant += 1
            _example(verdict, f"a dead letter that shouldn't be one: {origin.coordinates}")
    verdict.dead_letters = len(seen)
    for where in broken:
        if where not in seen:
            verdict.dead_letters_missing += 1
            _example(verdict, f"no dead letter for {where}")


def _example(verdict: Verdict, text: str) -> None:
    if len(verdict.examples) < 20:
        verdict.examples.append(text)
