"""`greenflash-kafka dlq show`: everything about one dead letter."""

from __future__ import annotations

import os
from pathlib import Path

import click

from greenflash_kafka.app.schema_sources import schemas_of_run
from greenflash_kafka.app.settings import load_rules, snapshot
from greenflash_kafka.cli.dead_letter_topic import opened, options
from greenflash_kafka.cli.dlq_dead_letter import as_text
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.dlq.reader import NotADeadLetter, read
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.resolve import resolve


@click.command("show")
@click.argument("coordinate", metavar="TOPIC/PARTITION/OFFSET")
@options
@click.option("--values", is_flag=True, help="Show the payload and the events with their values.")
def command(coordinate: str, file: Path | None, dead_letter_topic: str | None, values: bool) -> int:
    """Show why a message is a dead letter, and what today's rules would make of it.

    The coordinate is that of the record in the dead-letter topic, as `list` shows it, or that of the original message:
    the topic's name decides which. Values of the payload are masked unless --values is given. Exits with 1 when there
    is no such dead letter.
    """
    topic, partition, offset = _parsed(coordinate)
    with opened(file, dead_letter_topic) as dead_letters:
        starts, ends = dead_letters.starts, dead_letters.ends
        direct = topic == dead_letters.topic
        if direct:
            starts, ends = {partition: max(offset, starts.get(partition, 0))}, {partition: ends.get(partition, 0)}
            ends = {partition: min(ends[partition], offset + 1)}
        dead_letters.reader.begin(starts, ends)
        found = None
        for record in dead_letters.reader.all():
            try:
                kept = read(record.key, record.value, record.headers)
            except NotADeadLetter as error:
                if direct:
                    click.echo(f"{coordinate} is no dead letter of greenflash-kafka: {error}", err=True)
                    return 1
                continue
            if direct or kept.dead_letter.message.coordinates == coordinate:
                found = record, kept
        if found is None:
            click.echo(f"there is no dead letter {coordinate} in {dead_letters.topic} (any more)", err=True)
            return 1
        config = dead_letters.config
        schemas = schemas_of_run(config, os.environ, SystemClock(), Quiet())
        today = snapshot(config.rules, load_rules(config.mappings, os.environ), schemas=schemas)
        # Only a replay reads conversations: what is shown has no link.
        judge = Judge(today, dead_letters.reader.original, resolve, unlinked=True)
        click.echo(as_text(*found, judge, values=values))
    return 0


def _parsed(text: str) -> tuple[str, int, int]:
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if not (topic and partition.isdecimal() and offset.isdecimal()):
        raise click.UsageError(f"{text!r} is not TOPIC/PARTITION/OFFSET, such as orders/3/1187")
    return topic, int(partition), int(offset)
