"""`greenflash-kafka demo`: the whole pipeline at work, with nothing installed or configured."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import click

from greenflash_kafka.cli.shipped_mappings import shipped_mappings

MESSAGES: Final = 3000
"""How many messages the generator writes, unless another number is asked for."""

RATE: Final = 500.0
"""Messages a second."""

KILL_RATE: Final = 250.0
"""Messages a second of a run that is killed: so there is a middle with linked events before it."""

API_KEY: Final = "demo-key"

PORT: Final = 8787
"""Where the page is, when it stays and nothing else is there."""


@click.command(name="demo")
@click.option("--events", "messages", type=click.IntRange(min=1), metavar="N",
              help=f"End after N messages [default: {MESSAGES:,}; at a terminal the traffic then goes on, slowly, "
              "until Ctrl-C].")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As fast as it goes; print one JSON object at the end.")
@click.option("--rate", type=click.FloatRange(min=0.1),
              help=f"Messages a second [default: {RATE:.0f}, with --json no limit].")  # fmt: skip
@click.option("--bootstrap-servers", envvar="KAFKA_BOOTSTRAP_SERVERS", metavar="HOST:PORT",
              help="A broker to use in place of the embedded one; the demo creates its topics there.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535),
              help=f"The page's port [default: a free one; at a terminal {PORT}, if it is free].")  # fmt: skip
@click.option("--kill", is_flag=True,
              help="End the pipeline midway as kill -9 does, and start it again: the same figures.")  # fmt: skip
@click.option("--mappings", type=click.Path(exists=True, path_type=Path), help="Other mappings than the shipped ones.")
def command(
    messages: int | None,
    as_json: bool,
    rate: float | None,
    bootstrap_servers: str | None,
    port: int | None,
    kill: bool,
    mappings: Path | None,
) -> int:
    """A broker, a schema registry, traffic of chats, billing, CRM, workflows and a shop's database, the shipped
    mappings, the real pipeline, a local Greenflash.

    Shows a message that became an event, with the rule that made it, one that became a dead letter, with the reason,
    counts along, and says at the end which conversations made money. Everything is on this machine; nothing is sent
    elsewhere.

    \b
    Examples:
      greenflash-kafka demo
      greenflash-kafka demo --events 20000 --json
      greenflash-kafka demo --kill
      KAFKA_BOOTSTRAP_SERVERS=localhost:9092 greenflash-kafka demo
    """
    from greenflash_kafka.demo.avro_topics import SCHEMAS
    from greenflash_kafka.demo.demo_registry import running_registry
    from greenflash_kafka.sandbox.running import starting_sandbox

    # Only who sits at a terminal can press Ctrl-C: a script, which can't, gets an end.
    stays = messages is None and not as_json and not kill and sys.stdin.isatty() and sys.stdout.isatty()
    shown = (mappings or shipped_mappings()).absolute()
    if not as_json:
        click.echo("Starting a broker, a local Greenflash and the pipeline, all on this machine ...\n")
    with (
        starting_sandbox(API_KEY, port if port is not None else _port(stays)) as sandbox,
        tempfile.TemporaryDirectory(prefix="greenflash-demo-") as folder,
        running_registry(SCHEMAS) as registry,
    ):
        # These take a second to import, as does what the sandbox's process imports meanwhile.
        from greenflash_kafka.demo import company, feeder, killed, made, runner, screen

        if kill and (messages or MESSAGES) > killed.MOST_MESSAGES:
            raise click.UsageError(f"with --kill at most {killed.MOST_MESSAGES:,} messages are written")

        usual = KILL_RATE if kill else RATE
        # On a broker of one's own earlier demos have left chats: each demo has customers of its own.
        first = int(time.time()) % 100_000 * made.SPAN if bootstrap_servers else 0
        pace = rate if rate is not None or as_json else usual
        settings = runner.Settings(
            plan=feeder.FeedPlan(messages or MESSAGES, pace, stays, first),
            broker=bootstrap_servers,
            registry=registry,
            sandbox=sandbox,
            api_key=API_KEY,
            mappings=shown if mappings else company.copy_mappings(shown, Path(folder), first),
            shown=shown,
            folder=Path(folder),
            environ=dict(os.environ),
            quiet=as_json,
        )
        if kill:
            ended = killed.run_killed(settings, sys.stdout)
            click.echo(ended.to_json() if as_json else ended.to_text())
            return 0 if ended.is_exact else 1
        summary, links = runner.run_demo(settings, sys.stdout)
    if as_json:
        click.echo(json.dumps(json.loads(summary.to_json()) | {"links": links.to_plain()}))
    else:
        click.echo(screen.ending(summary))
    return 0


def _port(stays: bool) -> int:
    """An address that can be kept open in a browser, where somebody is there to look and nothing else has it."""
    if stays:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", PORT))
            except OSError:
                return 0
            return PORT
    return 0
