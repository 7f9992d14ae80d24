"""Evaluation of one message by hand: the parts of `try`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from greenflash_kafka.cases.case_runner import CONTEXT
from greenflash_kafka.cases.reasons import reasons
from greenflash_kafka.cases.write import as_case
from greenflash_kafka.cli.finding_reports import as_text
from greenflash_kafka.evaluate import explain
from greenflash_kafka.model.message import Message
from greenflash_kafka.redaction import visible, visible_lines
from greenflash_kafka.resolve import resolve
from greenflash_kafka.rules.files import load
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

HASH_KEY = "GREENFLASH_KAFKA_HASH_KEY"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def load_rules(paths: Sequence[Path], environ: Mapping[str, str]) -> Ruleset | None:
    """The rules, or None when they have errors, which are then on standard error (warnings, too)."""
    loaded = load(paths, environ, strict_env=False)
    shown = [each for each in loaded.findings if each.severity == "error" or each.code == "unset-env"]
    if shown:
        click.echo(as_text(shown), err=True)
    return loaded.ruleset


def topic_for(given: str | None, ruleset: Ruleset) -> str:
    """The topic given, else one that the rules read, if the same rules read them all; a usage error names them."""
    read = [*ruleset.topics, *(f"/{pattern}/" for pattern in ruleset.patterns)]
    if given is None:
        some = [*ruleset.topics, *map(_matched_by, ruleset.patterns)]
        asked = {None if rules is None else rules.names for rules in map(ruleset.rules_for, some)}
        if len(asked) == 1 and None not in asked:
            return some[0]
        raise click.UsageError(f"the rules read {', '.join(read)}: say which one this message is from by --topic")
    if ruleset.rules_for(given) is None:
        click.echo(f"no rule reads the topic {given}; the rules read {', '.join(read)}", err=True)
    return given


def _matched_by(pattern: str) -> str:
    """A topic that a plain pattern matches, as patterns of topics usually are: words, dots, and a `.*` or two."""
    plain = re.sub(r"\[(.)[^\]]*\][*+]?", r"\1", re.split(r"\|", pattern)[0])
    return re.sub(r"(?<!\\)\.[*+]", "x", plain).replace("\\", "").strip("^$()")


def record(
    content: bytes | None, topic: str, key: str | None, headers: Sequence[str], timestamp: str | None
) -> Message:
    """The Kafka record; raises click's usage errors for what can't be one."""
    return Message(
        topic=topic,
        partition=0,
        offset=0,
        timestamp_ms=0 if timestamp is None else _milliseconds(timestamp),
        key=None if key is None else key.encode(),
        value=content,
        headers=tuple(_header(each) for each in headers),
        timestamp_type="none" if timestamp is None else "create",
    )


def _milliseconds(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--timestamp {text!r} is no time; write it like 2026-11-18T11:06:41Z") from None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return (time - _EPOCH) // timedelta(milliseconds=1)


def _header(text: str) -> tuple[str, bytes]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--header {text!r} is not NAME=VALUE")
    return name, value.encode()


def snapshot(ruleset: Ruleset, environ: Mapping[str, str], *, for_case: bool) -> Snapshot:
    """The rules in the context of cases; with the deployment's own hash key where one is set and no case is to be
    written."""
    key = environ.get(HASH_KEY, "").strip()
    context = CONTEXT if for_case or not key else msgspec.structs.replace(CONTEXT, hash_key=key.encode())
    return Snapshot(ruleset, context)


class Trial:
    """One message's outcome, shown in three ways."""

    def __init__(self, message: Message, snapshot: Snapshot) -> None:
        self._message = message
        self._context = snapshot.context
        self._outcome = resolve(message, snapshot)
        self._reasons = reasons(explain(message, snapshot))

    def as_case(self) -> str:
        """A case for a cases file."""
        name = {"mapped": "gives an event", "filtered": "gives nothing", "invalid": "is invalid"}[self._outcome.status]
        return as_case(self._message, self._outcome, self._context, f"a message from {self._message.topic} {name}")

    def as_json(self) -> str:
        """`outcome`, `events` in wire names; `reasons` when invalid; `counted` when something was."""
        whole: dict[str, object] = {
            "outcome": self._outcome.status,
            "events": [msgspec.Raw(each.body) for each in self._outcome.events],
        }
        if self._outcome.problems:
            whole["reasons"] = [
                {
                    "code": each.code,
                    "message": each.full_text,
                    "rule": each.rule,
                    "item": each.item,
                    "field": each.field,
                }
                for each in self._outcome.problems
            ]
        if self._outcome.counts:
            whole["counted"] = [
                {"code": each.code, "rule": each.rule, "field": each.field} for each in self._outcome.counts
            ]
        return visible_lines(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())

    def as_text(self, *, color: bool) -> str:
        """The outcome, the events as they would be sent, what was wrong, and rule by rule why."""
        lines = [click.style(self._outcome.status, bold=True) if color else self._outcome.status]
        for event in self._outcome.events:
            lines += [
                "",
                f"event of {event.rule}:",
                _indented(visible_lines(msgspec.json.format(event.body, indent=2).decode())),
            ]
        if self._outcome.problems:
            lines += ["", "wrong:", *(f"  {visible(each.describe(values=True))}" for each in self._outcome.problems)]
        lines += ["", "rules:", *(f"  {visible(each)}" for each in self._reasons or ["none was asked"])]
        if self._outcome.counts:
            counted = (f"  {each.rule or 'message'}: {each.field or ''}: {each.code}" for each in self._outcome.counts)
            lines += ["", "counted, not refused:", *counted]
        if self._message.timestamp_type == "none":
            lines += ["", "The record has no timestamp here; give one by --timestamp."]
        return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
