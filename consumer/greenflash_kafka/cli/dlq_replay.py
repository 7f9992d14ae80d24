"""`greenflash-kafka dlq replay`: dead letters tried again under today's rules."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import click
import msgspec

from greenflash_kafka.app.schema_sources import schemas_of_run
from greenflash_kafka.app.settings import (
    load_rules,
    longest_delay,
    required_key,
    sending,
    service_settings,
    snapshot,
)
from greenflash_kafka.app.stop import Stop
from greenflash_kafka.cli.dead_letter_topic import REQUIRED, REQUIRED_TO_SEND, opened, options, progress
from greenflash_kafka.cli.dlq_report import as_text
from greenflash_kafka.cli.past_links import linked_past
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.instrumentation.listener import Listeners
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.redaction import visible_lines
from greenflash_kafka.replay import WAITING_SECONDS, Replay


@click.command("replay")
@options
@click.option("--send", is_flag=True, help="Really send; without it nothing is sent or committed.")
@click.option("--group", default="", metavar="NAME", help="Where progress is kept [default: <kafka.group>.dlq-replay].")
@click.option("--again", is_flag=True, help="From the oldest dead letter, also those that a replay has sent before.")
@click.option(
    "--unlinked", is_flag=True, help="Send events without a conversation where none can be looked up any more."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    file: Path | None,
    dead_letter_topic: str | None,
    send: bool,
    group: str,
    again: bool,
    unlinked: bool,
    as_json: bool,
) -> int:
    """Evaluate the dead letters by today's rules, and send the events that failed, under their first insert_ids.

    What Greenflash has accepted isn't sent again. A dead letter that fails again stays where it is, and the next replay
    tries it again. Events are linked to conversations as of their message's own timestamp: the conversation topics are
    read again that far back, into a temporary table; a dead letter stays (link-history) if they no longer have it.
    Nothing is ever written to the topics. Two replays with --send in one group don't run at once: the second ends.
    Exits with 1 when it was stopped before the end, or didn't begin.
    """
    with opened(file, dead_letter_topic, group, REQUIRED_TO_SEND if send else REQUIRED) as dead_letters:
        config = dead_letters.config
        clock = SystemClock()
        deadlines = Deadlines(clock)
        listener = Listeners(dead_letters.logs)
        schemas = schemas_of_run(config, os.environ, clock, listener)
        today = snapshot(config.rules, load_rules(config.mappings, os.environ), schemas=schemas)
        dispatcher = transport = None
        if send:
            # The SDK takes half a second to import, and a dry run does without.
            from greenflash_kafka.delivery.service import Service

            service = Service(service_settings(config.greenflash, config.delivery), required_key(config.greenflash))
            service.check_key(listener)
            dead_letters.take_place()
            transport = service.transport()
            dispatcher = Dispatcher(transport, deadlines, clock, Random(), listener, sending(config.delivery))
        today, conversations = linked_past(today, dead_letters.client, dead_letters.cluster, clock, listener)
        # Read once no other replay can move it any more.
        starts = progress(dead_letters, again)
        dead_letters.reader.begin({each: was.start for each, was in starts.items()}, dead_letters.ends)
        # Where there is nothing to search in, nothing can be known better later.
        judge = Judge(today, dead_letters.reader.original, unlinked=unlinked or not today.ruleset.sources)
        replay = Replay(
            dead_letters.reader,
            judge,
            starts,
            clock,
            deadlines,
            dispatcher,
            config.delivery.in_flight,
            conversations,
            WAITING_SECONDS + longest_delay(today.ruleset),
            dead_letters.starts,
        )
        stop = Stop()
        stop.install()
        try:
            report = replay.run(lambda: stop.asked)
        finally:
            stop.uninstall()
            if conversations is not None:
                conversations.close()
            if transport is not None:
                transport.close()
            if schemas is not None:
                schemas.close()
    if as_json:
        whole = msgspec.to_builtins(report, str_keys=False)
        whole["staying"] = [
            {"code": code, "rule": rule, **msgspec.to_builtins(each)} for (code, rule), each in report.staying.items()
        ]
        click.echo(visible_lines(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()))
    else:
        click.echo(as_text(report, sent=send))
    return 1 if report.stopped_by else 0
