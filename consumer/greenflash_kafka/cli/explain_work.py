"""The work of `explain`: a message is found, and everything is said about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import msgspec

from greenflash_kafka.cli.conversations_around import conversations_around
from greenflash_kafka.cli.history_snapshot import history_snapshot, rule_files
from greenflash_kafka.cli.letters_about import LettersAbout, letters_about
from greenflash_kafka.cli.located_message import Located, at, by_insert_id
from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.cli.past_tables import with_past_tables, without_tables
from greenflash_kafka.cli.rule_sets import RuleFiles, ruleset
from greenflash_kafka.cli.shown_message import shown
from greenflash_kafka.cli.try_message import Trial, as_json
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.model.message import Message
from greenflash_kafka.redaction import visible, visible_lines
from greenflash_kafka.resolve import resolve_whole
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot


class ExplainSettings(msgspec.Struct, frozen=True):
    """What the flags say beside the history; `seconds` 0: no bound."""

    mappings: Sequence[Path] = ()
    seconds: float = 10.0
    as_json: bool = False


def explain(coordinates: str | None, insert_id: str | None, settings: ExplainSettings, flags: Mapping[str, Any]) -> int:
    """Explain the message, and give the exit code: 1 if it isn't there, or is invalid. `flags` are those of
    `HistoryFlags`. Raises what `opened` does, MappingsInvalid, and click's usage error."""
    if (coordinates is None) == (insert_id is None):
        raise click.UsageError("name one message: TOPIC/PARTITION/OFFSET, or --insert-id ID")
    given = HistoryFlags(**flags)
    paths = rule_files(settings.mappings, given)
    if not paths:
        raise click.UsageError("there are no mapping files: name them by --mappings, or in the config file")
    rules = ruleset(RuleFiles(", ".join(map(str, paths)), tuple(paths)), os.environ)
    located, snapshot, config = _located(coordinates, insert_id, rules, settings, given)
    message = located.message
    if message is None:
        click.echo(visible_lines(located.said), err=True)
        return 1
    if located.said:
        click.echo(visible_lines(located.said), err=True)
    with ExitStack() as stack:
        said: Sequence[str]
        try:
            snapshot, said = stack.enter_context(with_past_tables(snapshot, given, [message.topic], settings.seconds))
        except GreenflashKafkaError as error:
            said = [without_tables(error)]
        heard = conversations_around(message, snapshot, given, settings.seconds)
        trial = Trial(message, snapshot, heard, "record", said)
    letters = letters_about(message, config, given, settings.seconds)
    if settings.as_json:
        same = {"same_insert_id": located.same} if located.same else {}
        click.echo(as_json(_object(message, snapshot, trial, letters) | same))
    else:
        click.echo(_text(message, snapshot, trial, letters))
    return 1 if trial.status == "invalid" else 0


def _located(
    coordinates: str | None, insert_id: str | None, rules: Ruleset, settings: ExplainSettings, given: HistoryFlags
) -> tuple[Located, Snapshot, Config | None]:
    if coordinates is not None:
        topic, partition, offset = _parsed(coordinates)
        whole = HistoryFlags(file=given.file, recording=given.recording)
        with opened(whole, [topic], begin=False) as source:
            return at(source, topic, partition, offset), history_snapshot(rules, source, os.environ), source.config
    assert insert_id is not None
    with opened(given, rules.topics, rules.patterns, all_there=False, begin=False) as source:
        snapshot = history_snapshot(rules, source, os.environ)
        return by_insert_id(source, insert_id, snapshot, settings.seconds), snapshot, source.config


def _parsed(text: str) -> tuple[str, int, int]:
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if not (topic and partition.isdecimal() and offset.isdecimal()):
        raise click.UsageError(f"{text!r} is not TOPIC/PARTITION/OFFSET, such as orders/3/1187")
    return topic, int(partition), int(offset)


def _object(message: Message, snapshot: Snapshot, trial: Trial, letters: LettersAbout) -> dict[str, object]:
    return {
        "message": shown(resolve_whole(message, snapshot), snapshot).as_object(),
        **trial.as_object(),
        "dead_letters": letters.as_objects(),
        "dead_letters_said": letters.said,
    }


def _text(message: Message, snapshot: Snapshot, trial: Trial, letters: LettersAbout) -> str:
    return "\n".join(
        [
            *trial.answer(),
            "",
            *shown(resolve_whole(message, snapshot), snapshot).lines(),
            "",
            trial.as_text(color=sys.stdout.isatty(), whole=True),
            "",
            "dead letters:",
            *(f"  {visible(line)}" for line in letters.lines()),
        ]
    )
