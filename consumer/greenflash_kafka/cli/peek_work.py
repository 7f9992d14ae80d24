"""The work of `peek`: the newest messages that are wanted, shown and saved."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from greenflash_kafka.cli.finding_reports import as_text
from greenflash_kafka.cli.history_snapshot import history_snapshot, rule_files
from greenflash_kafka.cli.look_back import FIRST, LookedBack, look_back
from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.cli.saved_samples import save
from greenflash_kafka.cli.shown_message import ShownMessage, shown
from greenflash_kafka.cli.where_hints import TRIED, where_hints
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.loading import load
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.decoded import ReadMessage
from greenflash_kafka.model.message import Message
from greenflash_kafka.peek.condition_filter import ConditionsInvalid, condition_rules
from greenflash_kafka.peek.masks import Masks, repeated_texts
from greenflash_kafka.peek.rule_literals import literals
from greenflash_kafka.ports import Clock
from greenflash_kafka.redaction import visible, visible_lines
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

T = TypeVar("T")

LAST: Final = 10
"""Messages that are shown if no number is given."""

SHOWING_SECONDS: Final = 1.0
"""At least so long schemas of the messages that are shown are waited for, all together."""


class PeekSettings(msgspec.Struct, frozen=True):
    """What the flags say beside the history. `where`: conditions, as YAML; `save`: the folder of samples, whose values
    are masked unless `values`; `seconds` 0: no bound."""

    where: str | None = None
    save: Path | None = None
    mask: bool = False
    values: bool = False
    mappings: Sequence[Path] = ()
    seconds: float = 10.0
    as_json: bool = False


def peek(topic: str, settings: PeekSettings, flags: Mapping[str, Any]) -> int:
    """Show and save the messages; the exit code is 1 if there is none. `flags` are those of `HistoryFlags`. Raises what
    `opened` does, and click's usage error for conditions that can't be read."""
    given = HistoryFlags(**flags)
    count = given.last or LAST
    ruleset = rules_or_none(rule_files(settings.mappings, given))
    conditions = None if settings.where is None else _conditions(settings.where, topic, ruleset)
    with opened(msgspec.structs.replace(given, last=None), [topic], begin=False) as source:
        snapshot = history_snapshot(ruleset, source, os.environ)
        clock = SystemClock()
        until = clock.monotonic() + settings.seconds if settings.seconds else None
        filter = _Filter(conditions, snapshot, clock, until)
        first = FIRST if conditions is not None else count * max(1, len(source.ranges))
        looked = look_back(source, count, filter.wants, clock, first=first, seconds=settings.seconds)
        if until is not None:
            until = max(until, clock.monotonic() + SHOWING_SECONDS)
        resolver = Resolver(snapshot, clock, until=until)
        read = _interruptible(resolver, clock, resolver.whole, looked.found)
        masks = None
        if settings.mask or (settings.save is not None and not settings.values):
            masks = _masks(snapshot, topic, read)
        messages = [shown(each, snapshot, masks if settings.mask else None) for each in read]
        verdicts = _interruptible(resolver, clock, partial(_verdict, snapshot, resolver), looked.found)
        hints = [] if messages else filter.hints
    if settings.as_json:
        click.echo(_as_json(topic, messages, verdicts, looked, filter))
    else:
        click.echo(_as_text(topic, messages, verdicts, looked, filter))
    for hint in hints:
        click.echo(visible(hint), err=True)
    if settings.save is not None:
        kept = [ShownMessage(each.read, each.read_as, None if settings.values else masks) for each in messages]
        for line in save(settings.save, kept).lines:
            click.echo(line, err=True)
        if not settings.values:
            click.echo(
                "The values are masked, which is a help and no protection: read them before you pass them on.", err=True
            )
    return 0 if messages else 1


def rules_or_none(paths: Sequence[Path]) -> Ruleset:
    """The rules of these files; none, after a word on standard error, when they have errors."""
    loaded = load(paths, os.environ, strict_env=False) if paths else None
    if loaded is None:
        return Ruleset((), "-")
    if loaded.ruleset is None:
        errors = [each for each in loaded.findings if each.severity == "error"]
        if all(each.code == "no-mappings" for each in errors):
            return Ruleset((), "-")
        click.echo(f"{as_text(errors)}\nThe mapping files aren't used: messages are read as what they are.", err=True)
        return Ruleset((), "-")
    return loaded.ruleset


def _conditions(text: str, topic: str, ruleset: Ruleset) -> Ruleset:
    try:
        return condition_rules(text, topic, ruleset.format_of(topic))
    except ConditionsInvalid as error:
        raise click.UsageError(as_text(error.findings)) from None


class _Filter:
    """The conditions of --where, evaluated as rules are; counts messages for which that can't be told."""

    def __init__(self, conditions: Ruleset | None, snapshot: Snapshot, clock: Clock, until: float | None) -> None:
        self._outcome: Callable[..., Any] | None = None
        self._passed_over: list[Message] = []
        if conditions is not None:
            self._conditions = Snapshot(conditions, snapshot.context, snapshot.decoders, snapshot.schemas)
            self._outcome = Resolver(self._conditions, clock, until=until).outcome
        self.unclear: Counter[str] = Counter()
        self.empty = 0

    def wants(self, message: Message) -> bool:
        """Whether the conditions hold; True without any."""
        if self._outcome is None:
            return True
        outcome = self._outcome(message)
        for problem in outcome.problems:
            self.unclear[f"{problem.code}: {problem.message}"] += 1
        if not outcome.events and message.value is None:
            self.empty += 1
        elif not outcome.events and len(self._passed_over) < TRIED:
            self._passed_over.append(message)
        return bool(outcome.events)

    @property
    def hints(self) -> list[str]:
        """What to write in place of conditions that hold for nothing."""
        return where_hints(self._conditions, self._passed_over) if self._passed_over else []

    @property
    def lines(self) -> list[str]:
        """What kept the conditions from being tried, the most frequent first."""
        lines = [
            f"{counted(times, 'message')} couldn't be tried: {said}" for said, times in self.unclear.most_common(5)
        ]
        if self.empty:
            lines.append(f"{counted(self.empty, 'message')} left out: no payload (a tombstone), so no field to test")
        return lines


def _masks(snapshot: Snapshot, topic: str, read: Sequence[ReadMessage]) -> Masks:
    rules = snapshot.ruleset.rules_for(topic)
    kept = literals(() if rules is None else rules.rules)
    headers = [KafkaFacts(each.message).headers for each in read]
    return Masks(secrets.token_bytes(32), kept, repeated_texts([*(each.payload for each in read), *headers]))


def _interruptible(
    resolver: Resolver, clock: Clock, shows: Callable[[Message], T], messages: Sequence[Message]
) -> list[T]:
    """What `shows` has of each message; after Ctrl-C no schema is waited for."""
    found: list[T] = []
    for each in messages:
        try:
            found.append(shows(each))
        except KeyboardInterrupt:
            resolver.wait_until(clock.monotonic())
            found.append(shows(each))
    return found


def _verdict(snapshot: Snapshot, resolver: Resolver, message: Message) -> str | None:
    """What the rules make of the message, in words without values; None if no rule reads its topic."""
    if snapshot.by_topic[message.topic] is None:
        return None
    outcome = resolver.outcome(message)
    if outcome.skipped is not None:
        return "skipped"
    rules = ", ".join(dict.fromkeys(each.rule for each in outcome.events))
    wrong = "; ".join(each.describe() for each in outcome.problems)
    return outcome.status + (f": {', '.join(part for part in (rules, wrong) if part)}" if rules or wrong else "")


def _as_text(
    topic: str, messages: Sequence[ShownMessage], verdicts: Sequence[str | None], looked: LookedBack, filter: _Filter
) -> str:
    lines: list[str] = []
    for each, verdict in zip(messages, verdicts, strict=True):
        lines += each.lines()
        if verdict is not None:
            lines.append(f"  rules: {verdict}")
        lines.append("")
    if not messages:
        empty = not looked.of and not looked.looked_at
        lines += [f"{topic} has no messages here" if empty else f"no message of {topic} was found", ""]
    return visible_lines("\n".join([*lines, *filter.lines, looked.words]))


def _as_json(
    topic: str, messages: Sequence[ShownMessage], verdicts: Sequence[str | None], looked: LookedBack, filter: _Filter
) -> str:
    whole = {
        "topic": topic,
        "messages": [
            {**each.as_object(), **({} if verdict is None else {"rules": verdict})}
            for each, verdict in zip(messages, verdicts, strict=True)
        ],
        "looked_at": looked.looked_at,
        "of": looked.of,
        "complete": looked.complete,
        "back_to_ms": looked.back_to_ms,
        "stopped": looked.stopped,
        "not_tried": dict(filter.unclear.most_common()),
        "without_payload": filter.empty,
    }
    return visible_lines(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())
