"""`greenflash-kafka run`: production."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from greenflash_kafka import system_limits
from greenflash_kafka.app.stop import Stop
from greenflash_kafka.cli.console import say, write
from greenflash_kafka.config.location import config_file


@click.command(
    name="run",
    epilog="Every flag is also a config key and an environment variable: see docs/configuration.md.",
)
@click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE",
              help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here].")  # fmt: skip
@click.option("--mappings", multiple=True, type=click.Path(path_type=Path), help="Mapping files, or folders of them.")
@click.option("--group", help="The consumer group.")
@click.option("--from", "start", metavar="latest|earliest|TIME", help="Where a group without offsets starts.")
@click.option("--dead-letter-topic", metavar="NAME", help="Where messages go that can't become events.")
@click.option("--until-idle", metavar="SECONDS", type=float, help="End once all is settled and committed for so long.")
@click.option("--dry-run", is_flag=True, default=None, help="Show events; send, write and commit nothing.")
@click.option("--to", metavar="TIME|now", help="Where a dry run ends.")
@click.option("--limit", metavar="N", type=int, help="A dry run ends after so many messages.")
@click.option("--json", "as_json", is_flag=True, default=None, help="Print a summary as JSON at the end.")
def command(
    file: Path | None,
    mappings: tuple[Path, ...],
    group: str | None,
    start: str | None,
    dead_letter_topic: str | None,
    until_idle: float | None,
    dry_run: bool | None,
    to: str | None,
    limit: int | None,
    as_json: bool | None,
) -> int:
    """Read the topics that the mapping files name and deliver their events to Greenflash.

    Offsets are committed only after the events are accepted. SIGTERM and Ctrl-C end it in order,
    a second one at once. A rotated key file is read again by itself.

    \b
    Examples:
      greenflash-kafka run
      greenflash-kafka run --config prod.yaml
      greenflash-kafka run --mappings mappings --dead-letter-topic greenflash.dead-letters
      greenflash-kafka run --from earliest --until-idle 5 --json
      greenflash-kafka run --dry-run --from 2026-11-18T00:00:00Z --to now
      greenflash-kafka run --dry-run --from earliest --limit 1000
    """
    # A platform may stop what it has just started; imports and the brokers' answers take a second or more.
    asked = Stop()
    asked.starting = True
    asked.install(service=True)
    flags = {
        "mappings": [str(each) for each in mappings] or None,
        "kafka.group": group,
        "kafka.start": start,
        "dead_letter.topic": dead_letter_topic,
        "run.until_idle": until_idle,
        "run.dry_run": dry_run,
        "run.to": to,
        "run.limit": limit,
        "run.summary": "json" if as_json else None,
    }
    try:
        return _run(file, flags, asked)
    finally:
        asked.uninstall()


def _run(file: Path | None, flags: Mapping[str, object], asked: Stop) -> int:
    from greenflash_kafka.config.load import load_config

    environ = dict(os.environ)
    config = load_config(config_file(file, environ), environ, flags)
    if (config.run.to is not None or config.run.limit is not None) and not config.run.dry_run:
        raise click.UsageError("--to and --limit (run.to, run.limit) end a dry run: add --dry-run")

    system_limits.check()
    # The Kafka client: not for a wrong configuration, and not where it would die of a limit.
    from greenflash_kafka.app import build, lifecycle

    made = build.build(config, environ, sys.stdout, sys.stderr)
    asked.starting = False
    ended = lifecycle.run(made, asked)
    written = True
    if config.run.summary == "json":
        written = write(ended.summary.to_json())
    else:
        say(ended.summary.to_text())
    if ended.error is not None:
        if ended.hangs:
            say(str(ended.error))
        ended.leave(ended.error.exit_code)
        raise ended.error
    code = 0 if written else 1
    ended.leave(code)
    return code
