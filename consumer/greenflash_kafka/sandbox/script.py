"""A running fault script: it selects the fault, if any, for each request."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from greenflash_kafka.sandbox.faults import DelayFault, Fault, Faults, Patterns, UnknownConversationFault, matches


class Met(msgspec.Struct):
    """What a request meets: seconds to wait first, and the fault that answers in the API's place, if any."""

    seconds: float = 0.0
    fault: Fault | None = None
    kinds: tuple[str, ...] = ()


NOTHING = Met()


class Script:
    """The state of one script: its clock, its numbers, its dice. `now` is in seconds on any steady clock."""

    def __init__(self, faults: Faults, now: float) -> None:
        self._began = now
        self._rules = [
            _FaultRule(fault, random.Random(f"{faults.seed}/{at}")) for at, fault in enumerate(faults.faults)
        ]
        self._number = 0
        self._attempts: Counter[str] | None = Counter() if any(each.attempts for each in faults.faults) else None
        self.reads_event = bool(self._attempts is not None or any(_matches_content(each) for each in faults.faults))

    def post(self, now: float, event: Mapping[str, Any]) -> Met:
        """What the next `POST /events` meets; `event` is its body as far as it could be read."""
        if not self._rules:
            return NOTHING
        self._number += 1
        attempt = 0
        if self._attempts is not None:
            insert_id = event.get("insertId")
            if isinstance(insert_id, str):
                self._attempts[insert_id] += 1
                attempt = self._attempts[insert_id]
        return self._meet("events", _Seen(now - self._began, self._number, attempt, event))

    def read(self, now: float) -> Met:
        """What a GET meets."""
        return self._meet("reads", _Seen(now - self._began, None, 0, {})) if self._rules else NOTHING

    def _meet(self, on: str, seen: _Seen) -> Met:
        met = Met()
        for rule in self._rules:
            if rule.fault.on in (on, "all") and rule.holds(seen):
                rule.happened += 1
                met.kinds += (rule.fault.kind,)
                if isinstance(rule.fault, DelayFault):
                    met.seconds += rule.fault.seconds
                else:
                    met.fault = rule.fault
                    break
        return met


class _Seen(msgspec.Struct):
    """A request, as conditions see it; `number` is None for reads, `attempt` 0 when there is no `insertId`."""

    seconds: float
    number: int | None
    attempt: int
    event: Mapping[str, Any]


class _FaultRule:
    """One fault with its dice and its count."""

    def __init__(self, fault: Fault, dice: random.Random) -> None:
        self.fault = fault
        self.happened = 0
        self._dice = dice
        self._requests = None if fault.requests is None else frozenset(fault.requests)

    def holds(self, seen: _Seen) -> bool:
        """Whether every condition holds. The dice come last, so that a rate is of what the others leave."""
        fault = self.fault
        return (
            (fault.times is None or self.happened < fault.times)
            and (fault.between is None or _within(fault, seen.seconds))
            and (self._requests is None or seen.number in self._requests)
            and (fault.every is None or (seen.number is not None and seen.number % fault.every == 0))
            and (fault.attempts is None or 0 < seen.attempt <= fault.attempts)
            and _like(fault.event_type, seen.event.get("eventType"))
            and _like(fault.insert_id, seen.event.get("insertId"))
            and fault.hits(seen.event)
            and (fault.rate is None or self._dice.random() < fault.rate)
        )


def _matches_content(fault: Fault) -> bool:
    named = fault.event_type is not None or fault.insert_id is not None
    return named or isinstance(fault, UnknownConversationFault)


def _within(fault: Fault, seconds: float) -> bool:
    assert fault.between is not None
    if fault.cycle is not None:
        seconds %= fault.cycle
    return fault.between[0] <= seconds < fault.between[1]


def _like(patterns: Patterns | None, text: object) -> bool:
    return patterns is None or matches(patterns, text)
